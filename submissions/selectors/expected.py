"""Who is expected to say what in a round (METHOD 3): read when it opens, and when it is planned."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from indicators.calculation.comparing import population_class
from indicators.calculation.paths import PLAN_START
from indicators.labels import Addressed
from indicators.models import IndicatorVersion
from organisations.enums import UnitKind
from organisations.models import Population, Unit, UnitSuccession

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


def populations(units: Iterable[Unit], day: dt.date) -> dict[int, Population]:
    """The latest known on ``day``; for a time before the first count, that first count."""
    known: dict[int, Population] = {}
    for row in Population.objects.filter(unit__in=[unit.pk for unit in units]).order_by("on"):
        if row.unit_id not in known or row.on <= day:
            known[row.unit_id] = row
    return known


def population_classes(units: Iterable[Unit]) -> dict[int, int]:
    """The number of each unit's population class, fixed for the plan (METHOD.md 10).

    It follows from the population known when the plan began, or, for a successor, from its first.
    """
    return {
        unit: number
        for unit, known in populations(units, PLAN_START).items()
        if (number := population_class(known.inhabitants)) is not None
    }
