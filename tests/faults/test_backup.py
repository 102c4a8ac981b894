"""A backup while others save, then the machine lost, then everything back from the backup."""

from __future__ import annotations

import shutil

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Max

from foundation import seals
from foundation.models import AuditEntry, AuditSeal
from indicators.enums import Kind, Temporal
from organisations.enums import AreaKind, Role
from progress.models import Result
from progress.verification import differences
from submissions.models import Cell, Evidence, Measurement, Submission
from submissions.services import validate
from tests.conftest import kill, remove_seals, wait_until
from tests.factories import (
    attested,
    figure,
    make_area,
    make_indicator,
    make_round,
    make_user,
    make_zones,
    submission_of,
)

from .conftest import Machine

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.faults,
]


def test_under_load_wiped_and_restored_everything_matches(machine: Machine) -> None:
    make_area("belgium", AreaKind.NATION)
    zones = make_zones(8)
    for number in range(3):
        make_indicator(f"count-{number}", kind=Kind.COUNT, temporal=Temporal.FLOW)
    make_round()
    approvers = {zone: make_user(Role.APPROVER, zone) for zone in zones}
    coordinator = make_user(Role.COORDINATOR, zones[0].controlled_by)
    sent = [attested(approvers[zone], submission_of(zone), figure(5)) for zone in zones[4:]]
    validate(actor=coordinator, submission=sent[0], version=sent[0].version)
    machine.store()
    machine.beat()
    machine.worker()
    crowd = [
        machine.run("savers", *(each.slug for each in pair)) for pair in (zones[:2], zones[2:4])
    ]
    wait_until(AuditSeal.objects.exists)
    validate(actor=coordinator, submission=sent[1], version=sent[1].version)

    path = machine.folder / "backups" / "jalon.tar"
    before = Measurement.objects.count()
    done = machine.manage("backup", str(path))
    assert done.returncode == 0, done.stderr
    wait_until(lambda: Measurement.objects.count() > before + 12)
    assert all(each.poll() is None for each in crowd)
    for each in machine.started:
        kill(each)
    later = Measurement.objects.count()

    wipe(machine)
    connection.close()
    part = machine.folder / "part.tar"
    part.write_bytes(path.read_bytes()[:-20_000])
    refused = machine.manage("restore", str(part))
    assert (refused.returncode, str(part) in refused.stderr) == (1, True), refused.stderr
    assert not Measurement.objects.exists()
    connection.close()
    done = machine.manage("restore", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "0 differences"

    assert before <= Measurement.objects.count() < later
    assert_whole(machine)
    # What was validated and not yet computed when it was saved is computed.
    assert list(differences()) == []
    assert Result.objects.filter(area__code="belgium", reported=2).count() == 3
    assert list(seals.differences()) == []


def wipe(machine: Machine) -> None:
    remove_seals()
    call_command("flush", interactive=False, verbosity=0)
    for name in ("media", "store"):
        shutil.rmtree(machine.folder / name)


def assert_whole(machine: Machine) -> None:
    """Every save is there whole, with its entry in the audit trail; every file is what was sent."""
    revisions = Cell.objects.aggregate(most=Max("current__revision"), cells=Count("pk"))
    assert revisions["most"] > 1
    for submission in Submission.objects.all():
        cells = Cell.objects.filter(expectation__submission=submission)
        saves = AuditEntry.objects.filter(verb="submission.entered", subject_id=submission.pk)
        assert set(cells.values_list("current__revision", flat=True)) == {saves.count()}
    assert not Cell.objects.exclude(current__revision=F("version")).exists()
    kept = Evidence.objects.filter(removed_at__isnull=True)
    assert kept.exists()
    for each in kept:
        assert (machine.folder / "media" / each.file.name).stat().st_size == each.size
