"""The period under review, and how each indicator and objective stands at its end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from django.db.models import Exists, OuterRef, QuerySet

from indicators.calculation.headlines import Summary, headline
from indicators.enums import Kind, Nature, Status
from indicators.models import Indicator, IndicatorVersion, Period
from organisations.enums import AreaKind
from organisations.models import User
from progress.models import Closing, Shown
from progress.permissions import VIEW_PROVISIONAL
from themes.models import Objective

from .revisions import shown


@dataclass(frozen=True)
class Calendar:
    """Periods whose round was opened, the latest end first, the shortest first among equals.

    ``closed`` are the codes of those that are closed.
    """

    periods: Sequence[Period]
    closed: frozenset[str] = frozenset()

    @classmethod
    def seen_by(cls, user: User) -> Self:
        """The Council reads closed periods only."""
        found = cls.read()
        if user.access.may(VIEW_PROVISIONAL.name):
            return found
        return replace(found, periods=[each for each in found.periods if each.code in found.closed])

    @classmethod
    def read(cls) -> Self:
        in_force = Closing.objects.in_force().filter(period=OuterRef("pk"))
        opened = Period.objects.filter(round__frozen_at__isnull=False).annotate(
            is_closed=Exists(in_force)
        )
        periods = list(opened.order_by("-last_day", "-first_day"))
        return cls(periods, frozenset(each.code for each in periods if each.is_closed))

    @cached_property
    def choices(self) -> list[Period]:
        """The periods that may be under review: one for each end, the shortest."""
        by_end: dict[dt.date, Period] = {}
        for period in self.periods:
            by_end.setdefault(period.last_day, period)
        return list(by_end.values())

    def chosen(self, code: str = "") -> Period | None:
        """The choice with this code, the latest for none; None for any other code."""
        if not code:
            return next(iter(self.choices), None)
        return next((period for period in self.choices if period.code == code), None)

    def is_closed(self, day: dt.date) -> bool:
        """Whether every period that is looked at on ``day`` is closed."""
        return all(each.code in self.closed for each in self.latest(day).values())

    def before(self, period: Period) -> Period | None:
        return next((each for each in self.choices if each.last_day < period.last_day), None)

    def latest(self, day: dt.date) -> dict[str, Period]:
        """By frequency, the period whose figures were due last by ``day``."""
        due: dict[str, Period] = {}
        for period in self.periods:
            if period.last_day <= day:
                due.setdefault(period.frequency, period)
        return due


@dataclass(frozen=True)
class EveryRound(Calendar):
    """All periods with a round may be chosen, also a half-year beside the quarter it ends with."""

    @cached_property
    def choices(self) -> list[Period]:
        return list(self.periods)


@dataclass(frozen=True)
class Standing:
    """An indicator at the end of the period under review: its latest period due by then.

    ``result`` is the nation's, None where nothing was computed yet.
    """

    indicator: Indicator
    version: IndicatorVersion
    period: Period | None
    result: Shown | None

    @property
    def status(self) -> Status:
        if self.result is not None:
            return Status(self.result.status)
        narrative = self.version.kind == Kind.NARRATIVE
        return Status.NOT_MEASURABLE if narrative else Status.NO_DATA


@dataclass(frozen=True)
class ObjectiveStanding:
    """An objective with its indicators and the two headlines of METHOD.md 7."""

    objective: Objective
    indicators: Sequence[Standing]

    @cached_property
    def results(self) -> Summary:
        return self._headline(Nature.RESULT)

    @cached_property
    def efforts(self) -> Summary:
        return self._headline(Nature.EFFORT)

    def summary(self, nature: str) -> Summary:
        return self.results if nature == Nature.RESULT else self.efforts

    def _headline(self, nature: Nature) -> Summary:
        return headline(
            [
                each.status
                for each in self.indicators
                if each.indicator.is_key and each.indicator.nature == nature
            ]
        )


def standings(
    calendar: Calendar, days: Collection[dt.date], indicators: QuerySet[Indicator] | None = None
) -> dict[dt.date, list[Standing]]:
    """How indicators (all) stand at the end of each of ``days``: four queries."""
    found = Indicator.objects.all() if indicators is None else indicators
    known = list(
        found.select_related(*Indicator.RELATED).prefetch_related("versions").order_by("position")
    )
    due = {day: calendar.latest(day) for day in days}
    results = _national(known, {period.pk for each in due.values() for period in each.values()})
    return {
        day: [
            standing
            for indicator in known
            if (standing := _standing(indicator, day, due[day], results))
        ]
        for day in days
    }


def _national(
    indicators: Collection[Indicator], periods: Collection[int]
) -> dict[tuple[int, int], Shown]:
    results = shown(
        area__kind=AreaKind.NATION, option="", period__in=periods, indicator__in=indicators
    )
    return {(each.indicator_id, each.period_id): each for each in results}


def _standing(
    indicator: Indicator,
    day: dt.date,
    due: Mapping[str, Period],
    results: Mapping[tuple[int, int], Shown],
) -> Standing | None:
    """None where the indicator was not defined yet, or no longer, on ``day``."""
    version = next((each for each in indicator.versions.all() if _in_force(each, day)), None)
    if version is None:
        return None
    period = due.get(version.frequency)
    result = results.get((indicator.pk, period.pk)) if period else None
    return Standing(indicator, version, period, result)


def _in_force(version: IndicatorVersion, day: dt.date) -> bool:
    return version.valid_from <= day and (version.valid_to is None or version.valid_to > day)


def objective_standings(
    objectives: QuerySet[Objective], standing: Sequence[Standing]
) -> list[ObjectiveStanding]:
    """Every objective, those without indicators too, with how its indicators stand."""
    by_objective: dict[int, list[Standing]] = {}
    for each in standing:
        if each.indicator.objective_id:
            by_objective.setdefault(each.indicator.objective_id, []).append(each)
    return [
        ObjectiveStanding(objective, by_objective.get(objective.pk, ()))
        for objective in objectives.select_related("theme__parent")
    ]
