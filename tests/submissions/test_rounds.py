"""Opening, extending and advancing rounds: who is frozen as expected to say what."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.models import AuditEntry, OutboxEntry
from indicators.enums import Frequency
from indicators.labels import Addressed
from organisations.enums import Role
from organisations.models import Population, UnitSuccession
from submissions.enums import RoundState, State
from submissions.models import Cell, Expectation, Round, RoundSubject, Submission
from submissions.services import (
    RoundClosed,
    extend_round,
    freeze_due_rounds,
    freeze_round,
    lock_due_rounds,
    open_round,
)
from submissions.tasks import advance_rounds
from tests import factories as make

pytestmark = pytest.mark.django_db


def reporters() -> list[str]:
    return list(
        Submission.objects.order_by("reporter__slug").values_list("reporter__slug", flat=True)
    )


def test_all_zones_valid_on_the_last_day_are_expected():
    make.make_zone("namur")
    make.make_zone("ended", valid_to=dt.date(2026, 9, 30))
    make.make_zone("ends-after", valid_to=dt.date(2026, 10, 1))
    make.make_zone("begins-after", valid_from=dt.date(2026, 10, 1))
    make.make_unit("djsoc")
    make.make_indicator()
    make.make_round("2026-Q3")
    assert reporters() == ["ends-after", "namur"]


def test_points_of_entry_and_listed_units():
    make.make_zone("namur")
    make.make_zone("antwerp", has_point_of_entry=True)
    djsoc = make.make_unit("djsoc")
    make.make_indicator("entries", addressed=Addressed.POINT_OF_ENTRY)
    make.make_indicator("federal", addressed=Addressed.LISTED, subjects=[djsoc])
    make.make_round()
    assert reporters() == ["antwerp", "djsoc"]


def test_a_central_source_reports_about_zones_in_one_submission():
    make.make_zones(3)
    source = make.make_source()
    make.make_indicator(reporter=source)
    make.make_round()
    submission = Submission.objects.get()
    assert submission.reporter == source
    assert submission.state == State.TODO
    assert Expectation.objects.filter(submission=submission).count() == 3


def test_other_frequencies_and_definitions_not_in_force_are_left_out():
    make.make_zone()
    make.make_indicator("yearly", frequency=Frequency.YEAR)
    make.make_indicator("ended", valid_to=dt.date(2026, 9, 30))
    make.make_indicator("future", valid_from=dt.date(2026, 10, 1))
    kept = make.make_indicator("kept", valid_to=dt.date(2026, 10, 1))
    make.make_round("2026-Q3")
    assert [each.version for each in Expectation.objects.all()] == [kept]


def test_a_cell_for_the_total_and_one_per_option():
    make.make_zone()
    make.make_indicator(options=["women", "men"])
    make.make_round()
    cells = Cell.objects.order_by("pk")
    assert [cell.option for cell in cells] == ["", "women", "men"]
    assert {cell.current for cell in cells} == {None}


def test_areas_and_the_latest_known_population_are_frozen():
    zone = make.make_zone("namur", population=110_000)
    Population.objects.create(unit=zone, on=dt.date(2025, 1, 1), inhabitants=100_000, source="T")
    Population.objects.create(unit=zone, on=dt.date(2027, 1, 1), inhabitants=120_000, source="T")
    make.make_indicator()
    make.make_round("2026-Q3")
    subject = RoundSubject.objects.get()
    assert (subject.population, subject.population_on) == (110_000, dt.date(2026, 1, 1))
    assert subject.arrondissement == zone.arrondissement
    assert subject.province == zone.province
    assert subject.region == zone.region


def test_before_the_first_count_the_first_count_is_taken():
    make.make_zone("namur", population=110_000)
    make.make_indicator()
    make.make_round("2023-Q3")
    subject = RoundSubject.objects.get()
    assert (subject.population, subject.population_on) == (110_000, dt.date(2026, 1, 1))


@pytest.mark.parametrize("zones", [1, 176])
def test_opening_takes_the_same_number_of_queries(zones, django_assert_num_queries):
    make.make_zones(zones)
    make.make_indicator("checks", options=["a", "b"])
    make.make_indicator("visits")
    now = timezone.now()
    period = make.make_period()
    with django_assert_num_queries(26):
        open_round(
            actor=None,
            period=period,
            opens_at=now,
            due_at=now + dt.timedelta(days=1),
            locks_at=now + dt.timedelta(days=2),
        )
    assert Cell.objects.count() == zones * 4


def test_opening_owes_the_results_and_is_on_the_record():
    make.make_zone()
    version = make.make_indicator()
    made = make.make_round()
    assert OutboxEntry.objects.get().key == f"{version.indicator_id}:{made.period_id}"
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["round.planned", "round.opened"]


def test_a_planned_round_is_opened_by_the_beat_once():
    make.make_zone()
    make.make_indicator()
    now = timezone.now()
    planned = open_round(
        actor=None,
        period=make.make_period(),
        opens_at=now + dt.timedelta(hours=1),
        due_at=now + dt.timedelta(days=1),
        locks_at=now + dt.timedelta(days=2),
    )
    assert advance_rounds() == 0
    assert planned.state() == RoundState.PLANNED
    assert Submission.objects.count() == 0
    later = now + dt.timedelta(hours=1)
    assert freeze_due_rounds(now=later) == 1
    assert freeze_due_rounds(now=later) == 0
    assert freeze_round(actor=None, round=Round.objects.get()) is False
    assert Submission.objects.count() == 1


def test_only_the_secretariat_opens():
    coordinator = make.make_user(Role.COORDINATOR, make.make_dca())
    now = timezone.now()
    with pytest.raises(PermissionDenied):
        open_round(
            actor=coordinator,
            period=make.make_period(),
            opens_at=now,
            due_at=now + dt.timedelta(days=1),
            locks_at=now + dt.timedelta(days=2),
        )


def demo_round(**fields) -> Round:
    made = make.make_round(locked=True)
    Round.objects.filter(pk=made.pk).update(is_demo=True, **fields)
    return Round.objects.get(pk=made.pk)


def test_nobody_extends_a_round_and_no_real_one_is_extended():
    made = demo_round()
    later = timezone.now() + dt.timedelta(days=7)
    more = {"due_at": later, "locks_at": later, "reason": "Floods"}
    with pytest.raises(PermissionDenied):
        extend_round(actor=make.make_user(Role.SECRETARIAT), round=made, **more)
    made.is_demo = False
    with pytest.raises(PermissionDenied):
        extend_round(actor=None, round=made, **more)


def test_the_demonstration_is_kept_open_on_the_record_and_locks_again():
    made = demo_round(locked_at=timezone.now())
    assert made.state() == RoundState.LOCKED
    later = timezone.now() + dt.timedelta(days=7)
    extended = extend_round(actor=None, round=made, due_at=later, locks_at=later, reason="Floods")
    assert extended.state() == RoundState.OPEN
    assert Round.objects.get().locked_at is None
    entry = AuditEntry.objects.filter(verb="round.extended").get()
    assert entry.details["reason"] == "Floods"
    assert entry.details["before"]["due"] == made.due_at.isoformat()
    with pytest.raises(ValidationError):
        extend_round(actor=None, round=made, due_at=made.due_at, locks_at=later, reason="less")
    with pytest.raises(ValidationError):
        extend_round(actor=None, round=made, due_at=later, locks_at=later, reason=" ")


# --- By its dates ------------------------------------------------------------------------------


def planned_round(*, opens_in: dt.timedelta = dt.timedelta(hours=1)) -> Round:
    now = timezone.now()
    return open_round(
        actor=None,
        period=make.make_period("2026-Q3"),
        opens_at=now + opens_in,
        due_at=now + dt.timedelta(days=1),
        locks_at=now + dt.timedelta(days=2),
    )


def test_a_round_opens_after_its_period_is_due_later_and_locks_not_before():
    period = make.make_period("2026-Q3")
    end = dt.datetime(2026, 9, 30, 21, 59, 59, tzinfo=dt.UTC)  # 23:59:59 in Brussels
    day = dt.timedelta(days=1)
    possible = {
        "opens_at": end + dt.timedelta(seconds=1),
        "due_at": end + day,
        "locks_at": end + day,
    }
    for wrong in ({"opens_at": end}, {"due_at": end}, {"locks_at": end + day / 2}):
        with pytest.raises(ValidationError) as refusal:
            open_round(actor=None, period=period, **{**possible, **wrong})
        [field] = refusal.value.message_dict
        assert f"{field}_at" in wrong
    assert Round.objects.count() == 0
    open_round(actor=None, period=period, **possible)


def test_the_database_keeps_dates_in_order_too():
    made = make.make_round()
    for wrong in ({"due_at": made.opens_at}, {"locks_at": made.due_at - dt.timedelta(seconds=1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Round.objects.filter(pk=made.pk).update(**wrong)


def test_an_opening_missed_by_an_hour_expects_the_same():
    """Who ends, begins, is counted or is defined anew after the last day changes nothing."""
    zone = make.make_zone("namur", population=110_000)
    make.make_zone("ends", valid_to=dt.date(2026, 10, 1))
    version = make.make_indicator("checks", options=["a"])
    on_time = planned_round()
    assert freeze_due_rounds(now=on_time.opens_at) == 1
    expected = expected_set()
    Cell.objects.all().delete()
    Expectation.objects.all().delete()
    Submission.objects.all().delete()
    Round.objects.all().delete()
    late = planned_round()
    Population.objects.create(unit=zone, on=dt.date(2026, 10, 1), inhabitants=9, source="T")
    make.make_zone("begins", valid_from=dt.date(2026, 10, 1))
    version.valid_to = dt.date(2026, 10, 1)
    version.save()
    make.make_version(version.indicator, number=2, valid_from=dt.date(2026, 10, 1))
    assert freeze_due_rounds(now=late.opens_at + dt.timedelta(hours=1)) == 1
    assert expected_set() == expected
    assert len(expected) == 4


def expected_set() -> list[tuple]:
    names = (
        "option",
        "expectation__version",
        "expectation__subject__unit__slug",
        "expectation__subject__population",
        "expectation__subject__province",
        "expectation__submission__reporter__slug",
    )
    return sorted(Cell.objects.values_list(*names))


def test_the_successor_on_the_last_day_is_expected_in_a_listed_units_place():
    day = dt.date(2026, 9, 1)
    old = make.make_unit("old", valid_to=day)
    new = make.make_unit("new", valid_from=day)
    UnitSuccession.objects.create(
        predecessor=old, predecessor_label="Old", successor=new, effective_on=day
    )
    make.make_indicator("federal", addressed=Addressed.LISTED, subjects=[old])
    make.make_round("2026-Q3")
    assert reporters() == ["new"]


def test_points_of_entry_are_never_replaced_by_listed_units():
    make.make_zone("namur")
    listed = make.make_unit("djsoc")
    make.make_indicator("entries", addressed=Addressed.POINT_OF_ENTRY, subjects=[listed])
    make.make_round()
    assert reporters() == []


def test_a_round_put_off_or_removed_meanwhile_is_not_opened():
    make.make_zone()
    make.make_indicator()
    seen = planned_round()
    Round.objects.update(opens_at=seen.opens_at + dt.timedelta(hours=2))
    assert freeze_round(actor=None, round=seen) is False
    Round.objects.all().delete()
    assert freeze_round(actor=None, round=seen) is False
    assert Submission.objects.count() == 0


def test_a_lock_is_on_the_record_once(monkeypatch):
    followed = []
    monkeypatch.setattr("submissions.services.rounds._after_lock", followed.append)
    make.make_zones(2)
    make.make_indicator()
    made = make.make_round("2026-Q2", locked=True)
    make.make_round("2026-Q3", late=True)
    assert advance_rounds() == 1
    assert advance_rounds() == 0
    assert followed == [made]
    assert Round.objects.get(locked_at__isnull=False) == made
    entry = AuditEntry.objects.get(verb="round.locked")
    assert (entry.actor, entry.subject_id) == (None, made.pk)
    assert entry.details == {"period": "2026-Q2", "submissions": {"todo": 2}}


@pytest.mark.parametrize("count", [1, 4])
def test_rounds_locked_before_cost_the_schedule_nothing(count, django_assert_num_queries):
    for quarter in range(1, count + 1):
        make.make_round(f"2025-Q{quarter}", locked=True)
    assert lock_due_rounds() == count
    with django_assert_num_queries(1):
        assert lock_due_rounds() == 0


def test_what_follows_from_a_lock_is_undone_with_it(monkeypatch):
    def fail(round: Round) -> None:
        raise RuntimeError

    monkeypatch.setattr("submissions.services.rounds._after_lock", fail)
    make.make_round(locked=True)
    with pytest.raises(RuntimeError), transaction.atomic():
        lock_due_rounds()
    assert Round.objects.get().locked_at is None
    assert not AuditEntry.objects.filter(verb="round.locked").exists()


def test_a_round_whose_opening_and_lock_were_both_missed_opens_then_locks():
    make.make_zone()
    make.make_indicator()
    planned_round()
    Round.objects.update(
        opens_at=timezone.now() - dt.timedelta(days=9),
        due_at=timezone.now() - dt.timedelta(days=8),
        locks_at=timezone.now() - dt.timedelta(days=7),
    )
    assert advance_rounds() == 2
    verbs = AuditEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-2:] == ["round.opened", "round.locked"]


def test_without_any_beat_dates_alone_say_whether_figures_are_taken():
    make.make_indicator()
    zone = make.make_zone()
    reporter = make.make_user(Role.REPORTER, zone)
    made = make.make_round()
    submission = make.submission_of(zone)
    assert submission.accepts_figures(made.locks_at)
    assert not submission.accepts_figures(made.locks_at + dt.timedelta(seconds=1))
    Round.objects.update(
        opens_at=timezone.now() - dt.timedelta(days=9),
        due_at=timezone.now() - dt.timedelta(days=8),
        locks_at=timezone.now() - dt.timedelta(minutes=1),
    )
    assert Round.objects.get().locked_at is None
    with pytest.raises(RoundClosed):
        make.enter(reporter, submission, make.figure(5))
