"""Rounds follow the populations that become known, until their period is closed (METHOD.md 8)."""

import datetime as dt

import pytest

from foundation.models import AuditEntry, OutboxEntry
from indicators.enums import Kind
from organisations.enums import Role
from organisations.models import Population
from organisations.populations import Counted, import_populations
from progress.models import Closing
from submissions.models import RoundSubject
from submissions.selectors import provisional_populations
from submissions.services import take_populations
from tests import factories as make

pytestmark = pytest.mark.django_db

ON_2027 = dt.date(2027, 1, 1)


def populations() -> dict[str, tuple[int | None, dt.date | None]]:
    rows = RoundSubject.objects.values_list("round__period__code", "population", "population_on")
    return {code: (count, on) for code, count, on in rows}


def import_count(unit, on: dt.date, inhabitants: int) -> None:
    actor = make.make_user(Role.SECRETARIAT, name=f"on-{on}-{inhabitants}")
    rows = [Counted(2, unit.pk, None, on, inhabitants)]
    import_populations(actor=actor, counted=rows, source="Statbel")


def owed() -> set[str]:
    return set(OutboxEntry.objects.filter(topic="results").values_list("key", flat=True))


def test_the_population_is_that_of_1_january_of_the_last_year():
    zone = make.make_zone("namur", population=110_000)
    Population.objects.create(unit=zone, on=dt.date(2026, 7, 1), inhabitants=1, source="T")
    make.make_indicator()
    make.make_round("2026-Q3")
    assert populations() == {"2026-Q3": (110_000, dt.date(2026, 1, 1))}


def test_it_is_provisional_until_that_of_the_year_is_there():
    zone = make.make_zone("namur", population=110_000)
    make.make_indicator()
    of_2026, of_2027 = make.make_round("2026-Q3").period, make.make_round("2027-Q1").period
    periods = [of_2026, of_2027]
    assert provisional_populations(periods) == {of_2027.pk: dt.date(2026, 1, 1)}
    import_count(zone, ON_2027, 112_000)
    assert provisional_populations(periods) == {}


def test_units_without_inhabitants_make_nothing_provisional():
    make.make_unit("djsoc")
    make.make_indicator(subjects=[make.make_unit("djsoc")], addressed="listed")
    assert provisional_populations([make.make_round("2027-Q1").period]) == {}


def test_rounds_of_that_year_take_an_imported_population_on_the_record():
    zone = make.make_zone("namur", population=110_000)
    other = make.make_zone("gembloux", population=30_000)
    version = make.make_indicator(kind=Kind.POPULATION_RATE)
    make.make_indicator("federal", subjects=[other], addressed="listed")
    rounds = [make.make_round(code, locked=code < "2027") for code in ("2026-Q4", "2027-Q1")]
    OutboxEntry.objects.all().delete()
    import_count(zone, ON_2027, 112_000)
    taken = dict(
        RoundSubject.objects.filter(unit=zone).values_list("round__period__code", "population")
    )
    assert taken == {"2026-Q4": 110_000, "2027-Q1": 112_000}
    assert owed() == {f"{version.indicator_id}:{rounds[1].period_id}"}
    entry = AuditEntry.objects.get(verb="round.populations_taken")
    assert entry.details == {
        "period": "2027-Q1",
        "units": {"namur": [[110_000, "2026-01-01"], [112_000, "2027-01-01"]]},
    }
    assert entry.actor is not None


def test_a_locked_round_takes_it_and_is_compared_again():
    zone = make.make_zone("namur")
    make.make_indicator(kind=Kind.POPULATION_RATE)
    made = make.make_round("2026-Q3", locked=True)
    make.make_round("2026-Q2")
    type(made).objects.update(locked_at=made.locks_at)
    OutboxEntry.objects.all().delete()
    import_count(zone, dt.date(2026, 1, 1), 90_000)
    assert set(populations().values()) == {(90_000, dt.date(2026, 1, 1))}
    assert OutboxEntry.objects.filter(topic="peers").count() == 2


def test_a_closed_period_keeps_its_populations():
    zone = make.make_zone("namur", population=110_000)
    make.make_indicator()
    closed, _open = make.make_round("2026-Q3"), make.make_round("2026-Q4")
    closing = Closing.objects.create(
        period=closed.period, closed_by=make.make_user(Role.SECRETARIAT)
    )
    import_count(zone, dt.date(2026, 1, 1), 90_000)
    day = dt.date(2026, 1, 1)
    assert populations() == {"2026-Q3": (110_000, day), "2026-Q4": (90_000, day)}
    closing.delete()
    assert take_populations(actor=None) == 1
    assert take_populations(actor=None) == 0
    assert populations()["2026-Q3"] == (90_000, day)


def test_a_population_class_stays_what_the_first_round_gave():
    zone = make.make_zone("namur", population=34_000)
    make.make_indicator()
    make.make_round("2026-Q3")
    import_count(zone, dt.date(2026, 1, 1), 36_000)
    make.make_round("2026-Q4")
    rows = RoundSubject.objects.order_by("pk").values_list("population", "population_class")
    assert list(rows) == [(36_000, 1), (36_000, 1)]


@pytest.mark.parametrize("zones", [1, 20])
def test_taking_is_a_fixed_number_of_queries(zones, django_assert_num_queries):
    make.make_zones(zones)
    make.make_indicator()
    make.make_round("2026-Q3")
    Population.objects.update(inhabitants=5)
    with django_assert_num_queries(12):
        assert take_populations(actor=None) == zones
