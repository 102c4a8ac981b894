"""What planning the rounds of a day would ask, and what is odd about it."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count

from indicators import periods
from indicators.enums import Frequency, Kind
from indicators.models import BreakdownOption, IndicatorVersion, MilestoneStep
from organisations.enums import Role, UnitKind
from organisations.models import Membership, Unit
from submissions.dates import Dates
from submissions.models import Round, RoundTiming

from .expected import Addressing, addressed, populations


@dataclass(frozen=True, slots=True)
class RoundPreview:
    """A round that a period's end asks for. ``answers`` is what the busiest reporter types: a
    number each, two for a ratio or mean, a date for each step."""

    code: str
    timing: RoundTiming
    dates: Dates
    definitions: int
    subjects: int
    reporters: int
    busiest: Unit | None
    answers: int
    existing: Round | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The rounds of a day, and what is odd: none of it keeps them from being planned."""

    last_day: dt.date
    rounds: Sequence[RoundPreview]
    without_subjects: Sequence[IndicatorVersion]
    without_approver: Sequence[Unit]
    without_reporter: Sequence[Unit]
    without_population: Sequence[Unit]

    @property
    def to_plan(self) -> list[RoundPreview]:
        return [each for each in self.rounds if each.existing is None]


def preview(last_day: dt.date) -> Preview:
    """One round per frequency whose period ends on that day and that has definitions.

    A number of queries that does not depend on how much they ask.
    """
    asked = {
        period: found
        for period in codes_ending_on(last_day)
        if (found := addressed(periods.frequency_of(period), last_day))
    }
    existing = Round.objects.filter(period__code__in=asked).select_related("period")
    there = {each.period.code: each for each in existing}
    units = {unit.pk: unit for found in asked.values() for _version, of in found for unit in of}
    reporters = _reporters(asked.values(), units)
    weights = _weights(asked.values())
    return Preview(
        last_day,
        [
            _round(code, last_day, found, reporters, weights, there.get(code))
            for code, found in asked.items()
        ],
        [version for found in asked.values() for version, of in found if not of],
        _without(reporters.values(), Role.APPROVER),
        _without(reporters.values(), Role.REPORTER),
        _unpopulated(units.values(), last_day),
    )


def codes_ending_on(day: dt.date) -> list[str]:
    """The periods that end on a day, the shortest first."""
    codes = [periods.period_of(frequency, day) for frequency in Frequency]
    return [code for code in codes if periods.last_day(code) == day]


def ends_to_plan(today: dt.date, count: int = 6) -> list[str]:
    """The quarters to choose from, the last ended one first; by month where any is asked by month.

    The code of the shortest period that ends on the day stands for the day.
    """
    monthly = IndicatorVersion.objects.filter(frequency=Frequency.MONTH).exists()
    shortest, each = (Frequency.MONTH, 3 * count) if monthly else (Frequency.QUARTER, count)
    first = periods.last_ended(shortest, today)
    return [periods.shifted(first, step) for step in range(each)]


def next_end(today: dt.date) -> str:
    """The quarter whose rounds are to be planned next: the first from the last ended one on that
    lacks one."""
    quarter = periods.last_ended(Frequency.QUARTER, today)
    latest = (
        Round.objects.filter(period__frequency=Frequency.QUARTER)
        .order_by("-period__last_day")
        .values_list("period__code", flat=True)
        .first()
    )
    return quarter if latest is None or latest < quarter else periods.shifted(latest, 1)


def _round(
    code: str,
    last_day: dt.date,
    asked: Addressing,
    reporters: Mapping[int, Unit],
    weights: Mapping[int, int],
    existing: Round | None,
) -> RoundPreview:
    typed: Counter[int] = Counter()
    for version, units in asked:
        for unit in units:
            typed[version.reporter_id or unit.pk] += weights[version.pk]
    busiest, answers = max(typed.items(), key=lambda pair: (pair[1], -pair[0]), default=(0, 0))
    timing = RoundTiming.of(periods.frequency_of(code))
    return RoundPreview(
        code=code,
        timing=timing,
        dates=timing.dates(last_day),
        definitions=len(asked),
        subjects=len({unit.pk for _version, units in asked for unit in units}),
        reporters=len(typed),
        busiest=reporters.get(busiest),
        answers=answers,
        existing=existing,
    )


def _reporters(asked: Iterable[Addressing], units: Mapping[int, Unit]) -> dict[int, Unit]:
    """Who hands something in, by id."""
    ids = {
        version.reporter_id or unit.pk for found in asked for version, of in found for unit in of
    }
    return {
        **{pk: units[pk] for pk in ids & units.keys()},
        **Unit.objects.in_bulk(ids - units.keys()),
    }


def _weights(asked: Iterable[Addressing]) -> dict[int, int]:
    """How many fields each definition asks about one subject."""
    versions = [version for found in asked for version, _units in found]
    options = _counted(BreakdownOption.objects.filter(version__in=versions))
    steps = _counted(MilestoneStep.objects.filter(version__in=versions))
    return {
        version.pk: _fields(version, steps[version.pk]) * (1 + options[version.pk])
        for version in versions
    }


def _counted(rows: models.QuerySet[Any]) -> Mapping[int, int]:
    return defaultdict(int, rows.order_by().values_list("version").annotate(Count("pk")))


def _fields(version: IndicatorVersion, steps: int) -> int:
    if version.kind in (Kind.RATIO, Kind.MEAN):
        return 2
    return steps if version.kind == Kind.MILESTONES else 1


def _without(units: Collection[Unit], role: Role) -> list[Unit]:
    """Those in which nobody holds the role today."""
    held = Membership.objects.in_force().filter(
        unit__in=[unit.pk for unit in units], role=role, user__is_active=True
    )
    there = set(held.values_list("unit_id", flat=True))
    return sorted((unit for unit in units if unit.pk not in there), key=lambda unit: unit.slug)


def _unpopulated(units: Collection[Unit], day: dt.date) -> list[Unit]:
    zones = [unit for unit in units if unit.kind == UnitKind.ZONE]
    known = populations(zones, day)
    return sorted((zone for zone in zones if zone.pk not in known), key=lambda zone: zone.slug)
