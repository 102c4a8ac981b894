"""Opening, extending and advancing rounds: who is frozen as expected to say what."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from foundation.models import AuditEntry, OutboxEntry
from indicators.enums import Frequency
from indicators.labels import Addressed
from organisations.enums import Role
from organisations.models import Population
from submissions.enums import RoundState, State
from submissions.models import Cell, Expectation, Round, RoundSubject, Submission
from submissions.services import extend_round, freeze_due_rounds, freeze_round, open_round
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
    with django_assert_num_queries(25):
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


def test_only_the_secretariat_opens_and_extends():
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
    made = make.make_round()
    with pytest.raises(PermissionDenied):
        extend_round(
            actor=coordinator, round=made, due_at=made.due_at, locks_at=made.locks_at, reason="x"
        )


def test_an_extension_is_on_the_record_and_only_gives_more_time():
    secretariat = make.make_user(Role.SECRETARIAT)
    made = make.make_round(locked=True)
    assert made.state() == RoundState.LOCKED
    later = timezone.now() + dt.timedelta(days=7)
    extended = extend_round(
        actor=secretariat, round=made, due_at=later, locks_at=later, reason="Floods"
    )
    assert extended.state() == RoundState.OPEN
    entry = AuditEntry.objects.filter(verb="round.extended").get()
    assert entry.details["reason"] == "Floods"
    assert entry.details["before"]["due"] == made.due_at.isoformat()
    with pytest.raises(ValidationError):
        extend_round(
            actor=secretariat, round=made, due_at=made.due_at, locks_at=later, reason="less"
        )
    with pytest.raises(ValidationError):
        extend_round(actor=secretariat, round=made, due_at=later, locks_at=later, reason=" ")
