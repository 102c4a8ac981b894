"""Who is expected to say what in a round (METHOD 3): read when it opens, and when it is planned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F, Min

from indicators.calculation.comparing import population_class
from indicators.calculation.paths import PLAN_START
from indicators.labels import Addressed
from indicators.models import IndicatorVersion, Period
from organisations.enums import UnitKind
from organisations.models import Population, Unit, UnitSuccession
from submissions.models import RoundSubject

Addressing = Sequence[tuple[IndicatorVersion, Sequence[Unit]]]


def addressed(frequency: str, day: dt.date) -> Addressing:
    """Each definition of a frequency in force on a period's last day, with the valid units that it
    addresses. What is true on that day alone counts, whenever this is asked. Four queries."""
    versions = IndicatorVersion.objects.in_force(day).filter(frequency=frequency)
    units = list(Unit.objects.valid_on(day))
    zones = [unit for unit in units if unit.kind == UnitKind.ZONE]
    entries = [unit for unit in zones if unit.has_point_of_entry]
    listed = _listed(versions)
    by_rule = {Addressed.ALL_ZONES: zones, Addressed.POINT_OF_ENTRY: entries}
    return [
        (
            version,
            by_rule.get(
                Addressed(version.addressed),
                [unit for unit in units if unit.pk in listed[version.pk]],
            ),
        )
        for version in versions
    ]


def _listed(versions: Iterable[IndicatorVersion]) -> Mapping[int, set[int]]:
    """The units that each definition names, and those that came after them."""
    through = IndicatorVersion.subjects.through.objects.filter(indicatorversion__in=versions)
    listed: dict[int, set[int]] = defaultdict(set)
    for version, unit in through.values_list("indicatorversion_id", "unit_id"):
        listed[version].add(unit)
    recorded = UnitSuccession.objects.filter(predecessor__isnull=False).order_by("effective_on")
    for old, new in recorded.values_list("predecessor_id", "successor_id"):
        for units in listed.values():
            if old in units:
                units.add(new)
    return listed


def populations(units: Iterable[Unit], last_day: dt.date) -> dict[int, Population]:
    """Those that count for a period with this last day, by unit: one query."""
    counts: dict[int, list[Population]] = defaultdict(list)
    for row in Population.objects.filter(unit__in=[unit.pk for unit in units]).order_by("on"):
        counts[row.unit_id].append(row)
    found = {unit: counted_for(rows, last_day) for unit, rows in counts.items()}
    return {unit: count for unit, count in found.items() if count is not None}


def counted_for(counts: Sequence[Population], last_day: dt.date) -> Population | None:
    """Of a unit's counts, oldest first, that of 1 January of the year of ``last_day`` (METHOD 8).

    Until it is published the latest before it; for a time before the first count, that first.
    """
    day = last_day.replace(month=1, day=1)
    return next((each for each in reversed(counts) if each.on <= day), next(iter(counts), None))


def provisional_populations(periods: Iterable[Period]) -> dict[int, dt.date]:
    """By id, those of ``periods`` in which a subject has a population of an earlier year.

    That of 1 January of the period's last year is not published yet. The day is that of the oldest
    population. One query.
    """
    standing = RoundSubject.objects.filter(withdrawn_at__isnull=True)
    earlier = standing.filter(
        round__period__in=[each.pk for each in periods],
        population_on__year__lt=F("round__period__last_day__year"),
    )
    return dict(earlier.values_list("round__period_id").annotate(day=Min("population_on")))


def population_classes(units: Iterable[Unit]) -> dict[int, int]:
    """The number of each unit's population class, fixed for the plan (METHOD.md 10).

    As in the rounds before; else it follows from the population known when the plan began, or, for
    a successor, from its first. Two queries.
    """
    units = list(units)
    first = {
        unit: number
        for unit, known in populations(units, PLAN_START).items()
        if (number := population_class(known.inhabitants)) is not None
    }
    fixed = RoundSubject.objects.filter(
        unit__in=[unit.pk for unit in units], population_class__isnull=False
    )
    kept = fixed.values_list("unit_id", "population_class").distinct()
    return {**first, **{unit: number for unit, number in kept if number is not None}}
