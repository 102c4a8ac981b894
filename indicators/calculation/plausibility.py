"""Is a figure plausible beside its own past? Exact: no float, no rounding before display.

A score or a distance only says that somebody should look; an honest figure may be odd.
"""

from collections.abc import Sequence
from fractions import Fraction

from indicators.calculation.comparing import median

#: Makes the score of a normal series comparable with a standard score (Iglewicz and Hoaglin).
CONSISTENCY = Fraction(6745, 10_000)
#: The least spread taken, as a share of the median: A of Hidiroglou and Berthelot.
LEAST_SPREAD = Fraction(5, 100)
#: So many past values make a history, and so many a usual value.
FEWEST_FOR_HISTORY = 6
FEWEST_FOR_USUAL = 3
#: A change up to this one against the same period last year is the season, not a jump.
SAME_SEASON = Fraction(1, 4)

_POWERS = (10, 100, 1000)


def spread(history: Sequence[Fraction]) -> Fraction:
    """The median absolute deviation from the median, but 5 % of the median at least.

    In the history's own unit. A series that hardly moves (MAD 0, or nearly) would otherwise make
    any step look wild: Hidiroglou and Berthelot (Statistical Editing and Imputation for Periodic
    Business Surveys, Survey Methodology, 1986) keep the spread from vanishing in the same way. It
    is 0 only where the median and the MAD are. Raises ValueError for no value at all.
    """
    middle = median(history)
    deviation = median([abs(value - middle) for value in history])
    return max(deviation, abs(middle) * LEAST_SPREAD)


def modified_z(value: Fraction, history: Sequence[Fraction]) -> Fraction | None:
    """The modified z-score 0.6745 × (value − median) / spread, without a unit.

    Iglewicz and Hoaglin (How to Detect and Handle Outliers, 1993), who look at scores beyond 3.5;
    ``spread`` says what stands for a MAD of 0. None with fewer than FEWEST_FOR_HISTORY past values
    and where the spread is 0: mostly zeros tell nothing about a figure that is not.
    """
    if len(history) < FEWEST_FOR_HISTORY:
        return None
    around = spread(history)
    return CONSISTENCY * (value - median(history)) / around if around else None


def expected_by_history(
    history: Sequence[Fraction], threshold: Fraction
) -> tuple[Fraction, Fraction]:
    """The values whose score is ``threshold`` at most: (lowest, highest), both included."""
    middle, reach = median(history), threshold * spread(history) / CONSISTENCY
    return middle - reach, middle + reach


def expected_by_change(before: Fraction, threshold: Fraction) -> tuple[Fraction, Fraction]:
    """The values that are not beyond ``threshold`` from ``before``: (lowest, highest).

    A fall is measured as the rise that undoes it: with threshold 1, half and double of ``before``
    are the limits, both included. A value on the other side of zero is beyond every threshold.
    """
    near, far = before / (1 + threshold), before * (1 + threshold)
    return min(near, far), max(near, far)


def is_beyond(value: Fraction, before: Fraction, threshold: Fraction) -> bool:
    """Whether ``value`` is none of those that ``expected_by_change`` gives.

    False where ``before`` is 0: no change is a share of nothing.
    """
    low, high = expected_by_change(before, threshold)
    return before != 0 and not low <= value <= high


def mistaken_power(
    value: Fraction, history: Sequence[Fraction], threshold: Fraction
) -> Fraction | None:
    """10, 100, 1000 or a tenth, a hundredth, a thousandth, where ``value`` is about so many times
    the usual value, which is the median of the past: a mistake of unit.

    About: the quotient differs from the power by ``threshold`` of the power at most. None with
    fewer than FEWEST_FOR_USUAL past values, and where the usual value is 0.
    """
    usual = median(history) if len(history) >= FEWEST_FOR_USUAL else Fraction(0)
    if not usual:
        return None
    quotient = value / usual
    powers = [Fraction(power) for power in _POWERS]
    for power in (*powers, *(1 / each for each in powers)):
        if abs(quotient - power) <= threshold * power:
            return power
    return None
