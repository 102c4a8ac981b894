"""The verification of each night: one run, in pieces, with its answer on the technical state."""

import datetime as dt
from fractions import Fraction

import pytest
from django.urls import reverse
from django.utils import timezone

from config.celery import app
from foundation.models import OutboxEntry
from foundation.services import enqueue
from organisations.enums import Role
from progress import nightly, tasks
from progress.models import Result, SnapshotContent, VerificationRun
from progress.services import key_of, recompute_all
from progress.snapshots import take_snapshot
from tests.factories import make_indicator, make_period, make_user, make_zones

from .figures import given, unlock

pytestmark = pytest.mark.django_db
QUARTER = "2026-Q3"
NIGHT = dt.date(2026, 11, 26)


@pytest.fixture
def versions(nation):
    zones = make_zones(2)
    versions = [make_indicator(code) for code in ("first", "second")]
    for version in versions:
        given(QUARTER, version, dict.fromkeys(zones, 3))
    recompute_all()
    return versions


def work():
    for entry in OutboxEntry.objects.pending().filter(topic="verification"):
        tasks.verify_indicator(entry.pk)


def test_a_night_compares_everything_and_says_when_it_ended(versions):
    run = nightly.start(NIGHT)
    assert (run.total, run.ended_at) == (3, None)
    work()
    run.refresh_from_db()
    assert (run.done, run.differences, run.waiting, run.lines, run.error) == (3, 0, 0, [], "")
    assert run.compared == Result.objects.count() + 2
    assert run.ended_at is not None


def test_a_second_beat_starts_nothing(versions):
    assert tasks.verify_tonight()
    assert not tasks.verify_tonight()
    assert OutboxEntry.objects.filter(topic="verification").count() == 3
    work()
    work()
    assert VerificationRun.objects.get().done == 3


def test_what_differs_is_named_without_values(versions):
    Result.objects.filter(indicator__code="first").update(value=Fraction(987, 2))
    nightly.start(NIGHT)
    work()
    run = VerificationRun.objects.get()
    assert (
        run.differences == len(run.lines) == Result.objects.filter(value=Fraction(987, 2)).count()
    )
    assert f"first {QUARTER} Belgium value" in run.lines
    assert "987" not in "".join(run.lines)


def test_snapshots_are_a_piece_of_their_own(versions):
    period = make_period(QUARTER)
    kept = take_snapshot(actor=make_user(Role.SECRETARIAT), period=period, reason="Meeting")
    unlock(SnapshotContent)
    SnapshotContent.objects.filter(pk=kept.contents["overview"]).update(body=b"")
    run = nightly.start(NIGHT)
    entry = OutboxEntry.objects.get(key=f"{run.pk}:{nightly.SNAPSHOTS}")
    tasks.verify_indicator(entry.pk)
    run.refresh_from_db()
    assert (run.done, run.compared, run.differences) == (1, len({*kept.contents.values()}), 1)
    assert run.lines == [f"snapshot {kept.token} overview digest"]


def test_names_are_bounded_and_the_count_is_not(versions, monkeypatch):
    monkeypatch.setattr(nightly, "MOST_LINES", 3)
    Result.objects.update(value=Fraction(1), numerator=1)
    nightly.start(NIGHT)
    work()
    run = VerificationRun.objects.get()
    assert (len(run.lines), run.differences) == (3, 2 * Result.objects.count())


def test_what_is_owed_waits(versions):
    Result.objects.update(value=Fraction(1))
    period = make_period(QUARTER)
    enqueue(topic="results", keys=[key_of(versions[0].indicator_id, period.pk)])
    nightly.start(NIGHT)
    work()
    run = VerificationRun.objects.get()
    each = Result.objects.count() // 2
    assert (run.differences, run.waiting) == (each, each)


def test_what_was_set_aside_waits_no_more(versions):
    Result.objects.update(value=Fraction(1))
    period = make_period(QUARTER)
    enqueue(topic="results", keys=[key_of(versions[0].indicator_id, period.pk)])
    OutboxEntry.objects.filter(topic="results").update(set_aside_at=timezone.now())
    nightly.start(NIGHT)
    work()
    run = VerificationRun.objects.get()
    assert (run.differences, run.waiting) == (Result.objects.count(), 0)


def test_a_night_that_was_not_done_is_given_up_by_the_next(versions):
    old = nightly.start(NIGHT)
    entry = OutboxEntry.objects.filter(topic="verification").first()
    nightly.start(NIGHT + dt.timedelta(days=1))
    tasks.verify_indicator(entry.pk)
    old.refresh_from_db()
    assert (old.done, old.error) == (0, "not done by the next night")
    assert old.ended_at is not None
    work()
    assert VerificationRun.objects.first().done == 3


def test_a_piece_that_fails_is_told(versions, monkeypatch):
    run = nightly.start(NIGHT)
    Result.objects.filter(indicator__code="first").update(fingerprint="0" * 64)
    monkeypatch.setattr(nightly, "verified", None)
    entry = OutboxEntry.objects.get(key=f"{run.pk}:{versions[0].indicator_id}")
    with pytest.raises(TypeError):
        tasks.verify_indicator(entry.pk)
    run.refresh_from_db()
    assert run.error.startswith("TypeError")
    monkeypatch.undo()
    work()
    run.refresh_from_db()
    assert (run.done, run.error) == (3, "")


def test_beat_runs_it_in_the_night_of_brussels():
    entry = app.conf.beat_schedule["verify results"]
    assert entry["task"] in app.tasks
    assert (entry["schedule"].hour, entry["schedule"].minute) == ({3}, {15})
    assert app.conf.timezone == "Europe/Brussels"


def page(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(make_user(Role.ADMINISTRATOR))
    return client.get(reverse("state")).content.decode()


def test_the_administrator_reads_the_last_answer(client, versions):
    Result.objects.filter(indicator__code="first", area__code="belgium").update(value=Fraction(7))
    nightly.start(NIGHT)
    work()
    nightly.start(NIGHT + dt.timedelta(days=1))
    shown = page(client)
    assert f"<li>first {QUARTER} Belgium value</li>" in shown
    assert "<dt>Differences</dt><dd>1</dd>" in shown
    assert "0 of 3" in shown


def test_before_the_first_night_there_is_no_answer(client, db):
    assert "No night has given an answer yet." in page(client)
