"""How the plan stands: counts by status, groups, what changed, and who has not reported."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indicators.calculation.headlines import counts
from indicators.enums import Headline, Status
from indicators.models import Indicator, Period
from organisations.enums import UnitKind
from organisations.models import User
from progress.enums import DataState
from submissions.enums import State
from submissions.models import Cell, RoundSubject, Submission, SubmissionQuerySet
from submissions.selectors import provisional_populations
from themes.enums import Basis, Level
from themes.models import NcsiDimension, Objective, Theme, ThemeDimension

from .reviews import Calendar, ObjectiveStanding, Standing, objective_standings, standings
from .revisions import state_of

IN_GOOD_ORDER = (Headline.ACHIEVED, Headline.ON_TRACK)


@dataclass(frozen=True)
class Reporting:
    """Who has reported for a period: zones with a validated figure, of those that must report.

    ``populations_of`` is the day of the oldest population where those of the period's last year
    are not published yet.
    """

    expected: int
    reported: int
    in_review: int
    population_expected: int
    population_reported: int
    populations_of: dt.date | None

    @property
    def missing(self) -> int:
        return self.expected - self.reported

    @property
    def by_population(self) -> Fraction | None:
        if not self.population_expected:
            return None
        return Fraction(self.population_reported, self.population_expected)


@dataclass(frozen=True)
class Group:
    """Objectives that belong together, with the counts of their two headlines.

    ``key`` is what a list is narrowed by; empty where no list can be.
    """

    key: str
    label: str | Promise
    objectives: Sequence[ObjectiveStanding]

    @cached_property
    def results(self) -> Counter[Headline]:
        return Counter(each.results.headline for each in self.objectives)

    @cached_property
    def efforts(self) -> Counter[Headline]:
        return Counter(each.efforts.headline for each in self.objectives)

    def count(self, nature: str, column: str) -> int:
        """``nature`` is "results" or "efforts"; ``column`` is "total" or a headline."""
        if column == "total":
            return len(self.objectives)
        return (self.results if nature == "results" else self.efforts)[Headline(column)]


@dataclass(frozen=True)
class Change:
    """An indicator whose status is not what it was at the end of the previous period."""

    before: Standing
    now: Standing


@dataclass(frozen=True)
class Overview:
    """The whole plan at the end of the period under review."""

    calendar: Calendar
    period: Period
    previous: Period | None
    indicators: Sequence[Standing]
    objectives: Sequence[ObjectiveStanding]
    changes: Sequence[Change]
    reporting: Reporting
    dimensions: Mapping[NcsiDimension, frozenset[int]]

    @cached_property
    def state(self) -> DataState:
        """Provisional until everything that it shows of its day is closed."""
        return _state(self.calendar, self.period, self.indicators)

    @cached_property
    def whole(self) -> Group:
        return Group("", "", self.objectives)

    @cached_property
    def themes(self) -> list[Theme]:
        """Those that have objectives, themselves or by a sub-theme, in the plan's order."""
        own = [each.objective.theme for each in self.objectives]
        found = {each for each in (*own, *(theme.parent for theme in own)) if each}
        return sorted(found, key=lambda theme: theme.position)

    @property
    def results_in_good_order(self) -> int:
        return sum(self.whole.results[each] for each in IN_GOOD_ORDER)

    @property
    def efforts_in_good_order(self) -> int:
        return sum(self.whole.efforts[each] for each in IN_GOOD_ORDER)

    @cached_property
    def statuses(self) -> dict[Status, int]:
        return counts(each.status for each in self.indicators)

    def by_theme(self) -> list[Group]:
        """One group per theme or sub-theme that has objectives of its own."""
        found: dict[Theme, list[ObjectiveStanding]] = defaultdict(list)
        for each in self.objectives:
            found[each.objective.theme].append(each)
        return [Group(theme.code, str(theme), members) for theme, members in found.items()]

    def by_level(self) -> list[Group]:
        return [
            Group(
                level, level.label, [one for one in self.objectives if one.objective.level == level]
            )
            for level in Level
        ]

    def by_dimension(self) -> list[Group]:
        """By the links that the plan states; objectives without one come last."""
        linked = {pk for themes in self.dimensions.values() for pk in themes}
        groups = [
            Group(dimension.code, str(dimension), self._of_themes(themes))
            for dimension, themes in self.dimensions.items()
        ]
        rest = [one for one in self.objectives if one.objective.theme_id not in linked]
        return [*groups, *([Group("", _("No link stated by the plan"), rest)] if rest else [])]

    def _of_themes(self, themes: Collection[int]) -> list[ObjectiveStanding]:
        return [one for one in self.objectives if one.objective.theme_id in themes]


def overview(calendar: Calendar, period: Period) -> Overview:
    """Everything about the plan at the end of ``period``."""
    previous = calendar.before(period)
    days = {period.last_day, *([previous.last_day] if previous else [])}
    standing = standings(calendar, days)
    now = standing[period.last_day]
    return Overview(
        calendar=calendar,
        period=period,
        previous=previous,
        indicators=now,
        objectives=objective_standings(Objective.objects.all(), now),
        changes=_changes(standing[previous.last_day], now) if previous else [],
        reporting=reporting(period),
        dimensions=_stated_links(),
    )


def _changes(before: Iterable[Standing], now: Iterable[Standing]) -> list[Change]:
    former = {each.indicator.pk: each for each in before}
    return [
        Change(former[each.indicator.pk], each)
        for each in now
        if each.indicator.pk in former and former[each.indicator.pk].status != each.status
    ]


def _stated_links() -> dict[NcsiDimension, frozenset[int]]:
    """Each dimension with the themes that the plan links to it."""
    themes: dict[int, set[int]] = {}
    for dimension_id, theme_id in ThemeDimension.objects.filter(basis=Basis.STATED).values_list(
        "dimension_id", "theme_id"
    ):
        themes.setdefault(dimension_id, set()).add(theme_id)
    return {
        dimension: frozenset(themes.get(dimension.pk, ()))
        for dimension in NcsiDimension.objects.all()
    }


# --- Who has reported -----------------------------------------------------------------------------


def submissions_of(period: Period) -> SubmissionQuerySet:
    """What is expected for a period, with ``has_reported``: a figure of it was validated."""
    validated = Cell.objects.filter(expectation__submission=OuterRef("pk"), validated__isnull=False)
    expected = Submission.objects.filter(round__period=period).exclude(state=State.REPLACED)
    return expected.annotate(has_reported=Exists(validated))


def reporting(period: Period) -> Reporting:
    population = RoundSubject.objects.filter(
        round=OuterRef("round"), unit=OuterRef("reporter")
    ).values("population")[:1]
    found = (
        submissions_of(period)
        .filter(reporter__kind=UnitKind.ZONE)
        .annotate(inhabitants=Subquery(population))
        .aggregate(
            expected=Count("pk"),
            reported=Count("pk", filter=Q(has_reported=True)),
            in_review=Count("pk", filter=Q(state=State.SUBMITTED)),
            population_expected=Sum("inhabitants", default=0),
            population_reported=Sum("inhabitants", filter=Q(has_reported=True), default=0),
        )
    )
    return Reporting(**found, populations_of=provisional_populations([period]).get(period.pk))


# --- Blocks on the pages of lower apps ----------------------------------------------------------


def home_section(user: User) -> dict[str, Any] | None:
    """The two headlines for those who review the whole plan."""
    if not user.access.everywhere("progress.view_results"):
        return None
    calendar = Calendar.seen_by(user)
    period = calendar.chosen()
    return {"overview": overview(calendar, period) if period else None}


def objective_panels(ids: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """How the indicators of some objectives stand at the end of the latest period."""
    calendar = Calendar.seen_by(user)
    period = calendar.chosen()
    if period is None:
        return {each: {} for each in ids}
    standing = standings(calendar, [period.last_day], Indicator.objects.filter(objective__in=ids))[
        period.last_day
    ]
    return {
        each.objective.pk: {
            "standing": each,
            "period": period,
            "settled": _state(calendar, period, each.indicators),
        }
        for each in objective_standings(Objective.objects.filter(pk__in=ids), standing)
    }


def promise_panels(kind: str, ids: Sequence[int], user: User) -> dict[int, dict[str, Any]]:
    """How the indicators of some conditions, commitments or general points stand.

    ``kind`` is the reference of ``Indicator`` to what it measures.
    """
    calendar = Calendar.seen_by(user)
    period = calendar.chosen()
    found: dict[int, list[Standing]] = {pk: [] for pk in ids}
    if period is not None:
        measuring = Indicator.objects.filter(**{f"{kind}__in": ids})
        for each in standings(calendar, [period.last_day], measuring)[period.last_day]:
            found[getattr(each.indicator, f"{kind}_id")].append(each)
    return {
        pk: {
            "indicators": of_one,
            "period": period,
            "settled": _state(calendar, period, of_one) if period else None,
        }
        for pk, of_one in found.items()
    }


def _state(calendar: Calendar, period: Period, standing: Iterable[Standing]) -> DataState:
    results = [each.result for each in standing]
    return state_of(results, is_closed=calendar.is_closed(period.last_day))


def weakest_first(standing: Iterable[Standing]) -> list[Standing]:
    """Those moving away, then those off track."""
    wanted = [Status.MOVING_AWAY, Status.OFF_TRACK]
    found = [each for each in standing if each.status in wanted]
    return sorted(found, key=lambda each: wanted.index(each.status))
