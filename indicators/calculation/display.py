"""From an exact value to the digits shown: METHOD.md 1. No formatting, no language."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from indicators.calculation.judging import AT_RISK_FROM, ON_TRACK_FROM, Judgement
from indicators.enums import Direction

#: Further decimals tried where `decimals` cannot tell a value from its threshold.
MORE_DECIMALS = 12


def displayed(
    value: Fraction,
    decimals: int,
    thresholds: Sequence[Fraction] = (),
    ceilings: Sequence[Fraction] = (),
) -> Decimal:
    """Round half away from zero to `decimals`, without crossing a threshold.

    A threshold is passed at or above it, a ceiling (the target of a decrease, the upper
    limit of a band) at or below it. Where the nearest rounding would stand on the other
    side than the exact value, the other neighbour is taken (0.9496 with threshold 0.95
    is 0.949), then more decimals.
    """
    for shown in _candidates(value, decimals):
        number = Fraction(shown)
        if all((number >= one) == (value >= one) for one in thresholds) and all(
            (number <= one) == (value <= one) for one in ceilings
        ):
            return shown
    return next(_candidates(value, decimals))


def shown_beside(
    judgement: Judgement, direction: Direction, value: Fraction, decimals: int
) -> Decimal:
    """A value that stands beside a status, on its own side of what was asked, target and band."""
    floors = {
        Direction.INCREASE: (judgement.required, judgement.target),
        Direction.MAINTAIN: (judgement.band_low,),
    }
    ceilings = {
        Direction.DECREASE: (judgement.required, judgement.target),
        Direction.MAINTAIN: (judgement.band_high,),
    }
    return displayed(
        value,
        decimals,
        [one for one in floors.get(direction, ()) if one is not None],
        [one for one in ceilings.get(direction, ()) if one is not None],
    )


def shown_ratio(judgement: Judgement, decimals: int = 2) -> Decimal | None:
    """R on its own side of 0, 0.60, 0.95 and 1; None where the status does not rest on it.

    Where the nearest rounding would cross one of them, one decimal more: 0.9496 is 0.949.
    """
    ratio = judgement.read_ratio
    if ratio is None:
        return None
    thresholds = (Fraction(0), AT_RISK_FROM, ON_TRACK_FROM, Fraction(1))
    nearest = displayed(ratio, decimals)
    if displayed(ratio, decimals, thresholds) == nearest:
        return nearest
    return displayed(ratio, decimals + 1, thresholds)


def _candidates(value: Fraction, decimals: int) -> Iterator[Decimal]:
    for places in range(decimals, decimals + MORE_DECIMALS + 1):
        scaled = value * 10**places
        below = floor(scaled)
        rest = scaled - below
        up = rest > Fraction(1, 2) or (rest == Fraction(1, 2) and value > 0)
        for units in (below + up, below + (not up)) if rest else (below,):
            yield Decimal(f"{units}e-{places}")
