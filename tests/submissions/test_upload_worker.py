"""A real worker reads a file, and is killed in the middle of it."""

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from organisations.enums import Role
from submissions.models import Measurement, Upload
from submissions.resources.columns import Column
from tests import factories as make
from tests.conftest import kill, wait_until
from tests.submissions.sheets import Desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def media():
    """The worker reads where this process writes: in the data folder of the run."""
    return settings.MEDIA_ROOT


@pytest.fixture
def source():
    """A central source with enough subjects for a reading to take a while."""
    unit = make.make_source()
    make.make_zones(400)
    for code in ("a", "b", "c", "d"):
        make.make_indicator(f"deaths-{code}", reporter=unit)
    desk = Desk.__new__(Desk)
    desk.zone, desk.code, desk.language = unit, make.QUARTER, "en"
    make.make_round()
    desk.client = desk.client_of(make.make_user(Role.REPORTER, unit))
    yield desk
    for upload in Upload.objects.all():
        default_storage.delete(upload.file.name)


def test_a_reading_whose_worker_is_killed_is_done_by_the_next(source, worker):
    sheet = source.sheet()
    for number, key in enumerate(sheet.rows):
        sheet.set(key, Column.FIRST, number)
    running = worker()
    assert source.post(sheet.xlsx()).status_code == 302
    outbox.relay()
    wait_until(lambda: Upload.objects.get().state == "reading", seconds=30)
    kill(running)
    upload = Upload.objects.get()
    assert (upload.state, upload.changes) == ("reading", [])
    assert source.page(upload).context["is_waiting"]
    worker("--hostname=next@%h")
    outbox.reconcile(timezone.now() + outbox.LOST_AFTER * 2)
    outbox.relay()
    wait_until(lambda: Upload.objects.get().state == "ready", seconds=60)
    assert not OutboxEntry.objects.pending().filter(topic="uploads").exists()
    upload = Upload.objects.get()
    assert len(upload.changes["changes"]) == len(sheet.rows) == 1_600
    assert source.act(upload, "apply").status_code == 302
    assert Measurement.objects.count() == 1_600
