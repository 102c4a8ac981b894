"""From a validated figure to its result with real workers, a real broker, and real kills."""

import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.utils import timezone

from foundation import outbox
from foundation.models import OutboxEntry
from indicators.enums import Kind, Temporal
from organisations.enums import AreaKind, Role
from progress import services
from progress.models import Result
from progress.services import recompute_all
from submissions.enums import State
from submissions.models import Submission
from submissions.services import validate
from tests.conftest import kill, wait_until
from tests.factories import (
    attested,
    figure,
    make_area,
    make_indicator,
    make_period,
    make_round,
    make_user,
    make_zone,
    make_zones,
    submission_of,
)

from .figures import given

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
QUARTER = "2026-Q3"

VALIDATE = """
import django
django.setup()
from organisations.models import User
from submissions.models import Submission
from submissions.services import validate
submission = Submission.objects.get()
actor = User.objects.get(memberships__role="coordinator")
validate(actor=actor, submission=submission, version=submission.version)
"""


def an_attested_figure():
    """An attested 3 of 4, and the coordinator who may validate it."""
    make_area("belgium", AreaKind.NATION)
    zone = make_zone()
    make_indicator("share", kind=Kind.RATIO, temporal=Temporal.STOCK)
    make_round(QUARTER)
    coordinator = make_user(Role.COORDINATOR, zone.controlled_by)
    submission = attested(make_user(Role.APPROVER, zone), submission_of(zone), figure(3, 4))
    return coordinator, submission


def national():
    return Result.objects.filter(area__code="belgium", value="75").first()


def nothing_is_owed():
    return not OutboxEntry.objects.pending().exists()


def test_a_validated_figure_is_in_the_result_within_five_seconds(worker):
    worker()
    coordinator, submission = an_attested_figure()
    wait_until(nothing_is_owed)
    validate(actor=coordinator, submission=submission, version=submission.version)
    started = time.monotonic()
    wait_until(national, seconds=5)
    assert (national().reported, national().in_review) == (1, 0)
    assert time.monotonic() - started < 5


def test_with_the_store_down_a_figure_is_saved_and_its_result_follows(worker, child_environment):
    an_attested_figure()
    nowhere = settings.RUN_DIR / "nowhere.sock"
    subprocess.run(
        [sys.executable, "-c", VALIDATE],
        env={**child_environment, "REDIS_URL": f"unix://{nowhere}?db=0"},
        cwd=settings.BASE_DIR,
        check=True,
        timeout=30,
    )
    assert Submission.objects.get().state == State.VALIDATED
    assert OutboxEntry.objects.pending().filter(topic=services.TOPIC).count() == 1
    assert national() is None
    worker()
    outbox.relay()
    wait_until(national, seconds=5)
    wait_until(nothing_is_owed)


def test_workers_killed_while_200_submissions_are_aggregated_lose_none(worker):
    make_area("belgium", AreaKind.NATION)
    zones = make_zones(200)
    versions = [
        make_indicator(f"share-{number}", kind=Kind.RATIO, temporal=Temporal.STOCK)
        for number in range(3)
    ]
    for number, version in enumerate(versions):
        said = {zone: (place % 7, 7 + number) for place, zone in enumerate(zones)}
        given(QUARTER, version, said, state=State.SUBMITTED)
    coordinator = make_user(Role.COORDINATOR, zones[0].controlled_by)
    running = worker()
    for place, submission in enumerate(Submission.objects.order_by("pk")):
        if place in (60, 130):
            kill(running)
            running = worker()
        validate(actor=coordinator, submission=submission, version=submission.version)
    kill(running)
    worker()
    assert Submission.objects.filter(state=State.VALIDATED).count() == 200
    outbox.reconcile(timezone.now() + outbox.LOST_AFTER)
    outbox.relay()
    wait_until(nothing_is_owed, seconds=20)
    by_workers = _figures()
    assert {each[1] for each in by_workers} == {200}
    recompute_all()
    assert _figures() == by_workers
    assert Result.objects.filter(period=make_period(QUARTER), area__code="belgium").count() == 3


def _figures():
    return list(
        Result.objects.order_by("indicator", "area").values_list(
            "value", "reported", "fingerprint", "indicator", "area"
        )
    )
