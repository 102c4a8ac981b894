"""Signal or noise: METHOD.md 6. XmR charts as NHS "Making Data Count" draws them, in exact numbers.

Values are single periods in display units, oldest first; None is a period without a value. Rolling
sums are not for these charts: neighbours share most of their figures. A gap has no moving range on
either side, and no run goes across it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import groupby, pairwise

from indicators.calculation.values import Aggregate, Definition
from indicators.enums import Kind

#: 3 / d2 with d2 = 1.128, the mean range of two values in standard deviations.
LIMIT_FACTOR = Fraction(266, 100)
#: D4 of ranges of two values: a moving range beyond it times the mean range says nothing of noise.
RANGE_FACTOR = Fraction(3267, 1000)

FEWEST_POINTS = 12
#: With fewer points than these the limits are trial limits.
FEWEST_FOR_LIMITS = 20
LONG_RUN = 7
NEAR_LIMIT = Fraction(2, 3)

#: Counts below this one are marked "unstable".
STABLE_FROM = 20


class Rule(StrEnum):
    """What makes a signal."""

    OUTSIDE = "outside"
    ONE_SIDE = "one_side"
    TREND = "trend"
    NEAR_LIMIT = "near_limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """Centre and limits of a series, in its own unit.

    `mean_range` is that of the moving ranges that were kept. The low limit of a count is not cut
    off at zero: a limit below zero says that no value is too low to be noise.
    """

    centre: Fraction
    low: Fraction
    high: Fraction
    mean_range: Fraction
    points: int

    @property
    def are_trial(self) -> bool:
        """Whether there are too few points for lasting limits."""
        return self.points < FEWEST_FOR_LIMITS


@dataclass(frozen=True, slots=True)
class Signal:
    """A rule, the places in the series from the first to the last value concerned, and the side."""

    rule: Rule
    first: int
    last: int
    is_high: bool


def limits(values: Sequence[Fraction | None]) -> Limits | None:
    """Centre = mean; limits = centre ± 2.66 × mean moving range.

    Moving ranges above 3.267 × their mean are left out, once: the mean of the others is not tried
    again. None with fewer than 12 values, and where no two of them are neighbours.
    """
    known = [value for value in values if value is not None]
    ranges = [
        abs(later - former)
        for former, later in pairwise(values)
        if former is not None and later is not None
    ]
    if len(known) < FEWEST_POINTS or not ranges:
        return None
    most = RANGE_FACTOR * _mean(ranges)
    mean_range = _mean([one for one in ranges if one <= most])
    centre, reach = _mean(known), LIMIT_FACTOR * mean_range
    return Limits(centre, centre - reach, centre + reach, mean_range, len(known))


def signals(values: Sequence[Fraction | None], within: Limits) -> tuple[Signal, ...]:
    """Every signal of a series, rule by rule, each as long as it lasts.

    - a value outside the limits: beyond, not on them;
    - 7 values in a row on one side of the centre; one on the centre ends the row;
    - 7 values in a row of which each is above (or each below) the one before;
    - 2 of 3 values in a row beyond two thirds of the way from the centre to the same limit, those
      outside it included; threes that share such a value are one signal.
    """
    near = NEAR_LIMIT * (within.high - within.centre)
    return (
        *_runs(values, lambda value: _side(value, within.high, within.low), Rule.OUTSIDE, 1),
        *_runs(values, lambda value: _side(value, within.centre), Rule.ONE_SIDE, LONG_RUN),
        *_trends(values),
        *_near(values, lambda value: _side(value, within.centre + near, within.centre - near)),
    )


def is_unstable(definition: Definition, aggregate: Aggregate) -> bool:
    """Whether a figure rests on a count under 20: the value of a count, the cases of a rate."""
    if definition.kind not in (Kind.COUNT, Kind.POPULATION_RATE) or aggregate.numerator is None:
        return False
    return abs(Fraction(aggregate.numerator, 10**definition.numerator_decimals)) < STABLE_FROM


def _mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def _side(value: Fraction | None, high: Fraction, low: Fraction | None = None) -> int:
    """1 above `high`, -1 below `low` (or `high`), 0 between or on them and for a gap."""
    if value is None:
        return 0
    return (value > high) - (value < (high if low is None else low))


def _runs(
    values: Sequence[Fraction | None],
    side: Callable[[Fraction | None], int],
    rule: Rule,
    least: int,
) -> Iterator[Signal]:
    for way, run in groupby(enumerate(values), key=lambda pair: side(pair[1])):
        places = [place for place, _value in run]
        if way and len(places) >= least:
            yield Signal(rule, places[0], places[-1], way > 0)


def _trends(values: Sequence[Fraction | None]) -> Iterator[Signal]:
    steps = [
        0 if former is None or later is None else _side(later, former)
        for former, later in pairwise(values)
    ]
    for way, run in groupby(enumerate(steps), key=lambda pair: pair[1]):
        places = [place for place, _step in run]
        # So many steps join one value more.
        if way and len(places) + 1 >= LONG_RUN:
            yield Signal(Rule.TREND, places[0], places[-1] + 1, way > 0)


def _near(
    values: Sequence[Fraction | None], side: Callable[[Fraction | None], int]
) -> Iterator[Signal]:
    sides = [side(value) for value in values]
    for way in (1, -1):
        found: list[tuple[int, int]] = []
        for start in range(len(values) - 2):
            places = [place for place in range(start, start + 3) if sides[place] == way]
            if len(places) < 2 or None in values[start : start + 3]:
                continue
            if found and places[0] <= found[-1][1]:
                found[-1] = (found[-1][0], places[-1])
            else:
                found.append((places[0], places[-1]))
        yield from (Signal(Rule.NEAR_LIMIT, first, last, way > 0) for first, last in found)
