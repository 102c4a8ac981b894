"""Target paths: METHOD.md 4. A path in display units, and what it asks for on a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from indicators.calculation.values import Definition
from indicators.enums import Direction

PLAN_START = date(2026, 1, 1)
PLAN_EVE = date(2025, 12, 31)
PLAN_END = date(2029, 12, 31)

#: +1 where more is better, -1 where less is; the other directions have no better.
SIGN = {Direction.INCREASE: 1, Direction.DECREASE: -1}


@dataclass(frozen=True, slots=True)
class Path:
    """What is asked of an indicator over the plan, in display units.

    `points` are (31 December, value) in order; `target` stands at `target_date`.
    A direction of maintain has a band, limits included. Milestones have the due
    dates of their steps instead of points: see `milestones`.
    """

    direction: Direction
    baseline: Fraction | None = None
    baseline_end: date | None = None
    points: tuple[tuple[date, Fraction], ...] = ()
    target: Fraction | None = None
    target_date: date = PLAN_END
    band_low: Fraction | None = None
    band_high: Fraction | None = None
    due_dates: tuple[date, ...] = ()

    @classmethod
    def milestones(cls, due_dates: Sequence[date], scale: Fraction | int) -> "Path":
        """The path of dated steps: from none of them done to all of them (= scale)."""
        return cls(
            Direction.INCREASE,
            baseline=Fraction(0),
            baseline_end=PLAN_EVE,
            target=Fraction(scale),
            target_date=max(due_dates),
            due_dates=tuple(due_dates),
        )

    @property
    def start(self) -> date:
        """Where the path leaves the baseline."""
        return max(self.baseline_end or PLAN_EVE, PLAN_EVE)

    def scaled(self, share: Fraction) -> "Path":
        """The same path asked of a share of the subjects (METHOD 3, sums)."""
        return replace(
            self,
            baseline=_times(self.baseline, share),
            points=tuple((day, value * share) for day, value in self.points),
            target=_times(self.target, share),
            band_low=_times(self.band_low, share),
            band_high=_times(self.band_high, share),
        )


def path_for(definition: Definition, own: Path | None, nation: Path | None) -> Path | None:
    """The path that an area or a single unit is held against (METHOD 4).

    Its own; without one the nation's, where that is declared valid for every unit; or none, and
    then it has no target. A path of its own counts even where it asks for nothing.
    """
    if own is None and definition.for_every_unit:
        return nation
    return own


class PathProblemCode(StrEnum):
    """Why a path is refused."""

    BASELINE_WITHOUT_END = "baseline_without_end"
    TARGET_MISSING = "target_missing"
    TARGET_NOT_AFTER_START = "target_not_after_start"
    TARGET_AGAINST_DIRECTION = "target_against_direction"
    POINT_NOT_YEAR_END = "point_not_year_end"
    POINT_OUTSIDE = "point_outside"
    POINTS_NOT_IN_ORDER = "points_not_in_order"
    POINT_AGAINST_DIRECTION = "point_against_direction"
    POINT_PASSES_TARGET = "point_passes_target"
    POINT_DIFFERS_FROM_TARGET = "point_differs_from_target"
    BAND_MISSING = "band_missing"
    BAND_INVERTED = "band_inverted"


@dataclass(frozen=True, slots=True)
class PathProblem:
    """A refusal: the day and value it is about, and the value or day it broke."""

    code: PathProblemCode
    day: date | None = None
    value: Fraction | None = None
    limit: Fraction | None = None
    limit_day: date | None = None


def problems(path: Path) -> list[PathProblem]:
    """Everything for which the path is refused; empty where it holds."""
    if path.direction == Direction.MAINTAIN:
        return list(_band_problems(path))
    if path.direction == Direction.MONITOR:
        return []
    return [*_target_problems(path), *_point_problems(path), *_order_problems(path)]


def required(path: Path, on: date) -> Fraction | None:
    """The value p asked for on a day; None without both a baseline and a target.

    Linear in whole months between the baseline, the points and the target; the
    baseline before the path starts, the target after its date. With due dates, a
    staircase: b + (T - b) x steps due / steps planned.
    """
    if path.baseline is None or path.target is None:
        return None
    if path.due_dates:
        share = staircase(path.due_dates, len(path.due_dates), on)
        return path.baseline + (path.target - path.baseline) * share
    nodes = [(path.start, path.baseline), *_given(path, path.target)]
    for (left, low), (right, high) in pairwise(nodes):
        if on < right:
            return low + (high - low) * _share_of_months(left, right, on)
    return path.target


def staircase(due_dates: Sequence[date], planned: int, on: date) -> Fraction:
    """Share of planned steps due on a day, 0 to 1; a step is due on its own date.

    Raises ValueError where no step is planned.
    """
    if planned < 1:
        raise ValueError("no step is planned")
    return Fraction(sum(due <= on for due in due_dates), planned)


def _given(path: Path, target: Fraction) -> list[tuple[date, Fraction]]:
    """Points before the target, then the target."""
    return [
        *((day, value) for day, value in path.points if day < path.target_date),
        (path.target_date, target),
    ]


def _share_of_months(left: date, right: date, on: date) -> Fraction:
    span = _months(right) - _months(left)
    elapsed = max(_months(on) - _months(left), 0)
    return Fraction(min(elapsed, span), span) if span else Fraction(0)


def _months(day: date) -> int:
    """Whole months completed at the end of a day."""
    is_last_of_month = (day + timedelta(days=1)).month != day.month
    return day.year * 12 + day.month - (not is_last_of_month)


def _band_problems(path: Path) -> Iterator[PathProblem]:
    if path.band_low is None or path.band_high is None:
        yield PathProblem(PathProblemCode.BAND_MISSING)
    elif path.band_low > path.band_high:
        yield PathProblem(PathProblemCode.BAND_INVERTED, value=path.band_low, limit=path.band_high)


def _target_problems(path: Path) -> Iterator[PathProblem]:
    if path.baseline is not None and path.baseline_end is None:
        yield PathProblem(PathProblemCode.BASELINE_WITHOUT_END, value=path.baseline)
    if path.target is None:
        if path.points:
            yield PathProblem(PathProblemCode.TARGET_MISSING)
        return
    if path.target_date <= path.start:
        yield PathProblem(
            PathProblemCode.TARGET_NOT_AFTER_START, day=path.target_date, limit_day=path.start
        )
    if path.baseline is not None and _worse(path, path.target, path.baseline):
        yield PathProblem(
            PathProblemCode.TARGET_AGAINST_DIRECTION,
            path.target_date,
            path.target,
            path.baseline,
        )


def _point_problems(path: Path) -> Iterator[PathProblem]:
    for day, value in path.points:
        if (day.month, day.day) != (12, 31):
            yield PathProblem(PathProblemCode.POINT_NOT_YEAR_END, day, value)
        if not path.start < day <= path.target_date:
            limit_day = path.start if day <= path.start else path.target_date
            yield PathProblem(PathProblemCode.POINT_OUTSIDE, day, value, limit_day=limit_day)
        if path.target is None:
            continue
        if day == path.target_date and value != path.target:
            yield PathProblem(PathProblemCode.POINT_DIFFERS_FROM_TARGET, day, value, path.target)
        elif _worse(path, path.target, value):
            yield PathProblem(PathProblemCode.POINT_PASSES_TARGET, day, value, path.target)


def _order_problems(path: Path) -> Iterator[PathProblem]:
    for (former_day, _), (day, value) in pairwise(path.points):
        if day <= former_day:
            yield PathProblem(PathProblemCode.POINTS_NOT_IN_ORDER, day, value, limit_day=former_day)
    values = [(day, value) for day, value in path.points]
    if path.baseline is not None:
        values.insert(0, (path.start, path.baseline))
    for (_, former), (day, value) in pairwise(values):
        if _worse(path, value, former):
            yield PathProblem(PathProblemCode.POINT_AGAINST_DIRECTION, day, value, former)


def _worse(path: Path, one: Fraction, other: Fraction) -> bool:
    return (one - other) * SIGN[path.direction] < 0


def _times(value: Fraction | None, share: Fraction) -> Fraction | None:
    return None if value is None else value * share
