"""A subject beside its peers: METHOD.md 10. Exact values, never a peer's name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: The least number of other subjects for each thing said about them (METHOD 10).
FEWEST_FOR_TOTAL = 3
FEWEST_FOR_MEDIAN = 5
FEWEST_FOR_QUARTILES = 10

#: Where each population class but the first begins, in inhabitants (METHOD 10).
CLASSES_FROM = (35_000, 60_000, 100_000)

_HALF, _FIRST, _THIRD = Fraction(1, 2), Fraction(1, 4), Fraction(3, 4)


@dataclass(frozen=True, slots=True)
class Peers:
    """What may be said about the others of a group, in display units; None where too few.

    ``others`` is how many they are, the subject itself left out.
    """

    others: int
    total: Fraction | None = None
    median: Fraction | None = None
    quartiles: tuple[Fraction, Fraction] | None = None


def quantile(values: Iterable[Fraction], share: Fraction, *, levels: bool = False) -> Fraction:
    """The value below which ``share`` (0 to 1) of the values lie.

    Hyndman and Fan (Sample Quantiles in Statistical Packages, The American Statistician, 1996),
    definition 7: at place 1 + (n − 1) × share of the ordered values, in a straight line between two
    of them; what spreadsheets call QUARTILE.INC. ``levels`` have nothing between them: the smallest
    one that at least ``share`` of the values do not exceed (definition 1). Raises ValueError for no
    value at all.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no value has no quantile")
    if levels:
        return ordered[max(0, -(-len(ordered) * share.numerator // share.denominator) - 1)]
    place = (len(ordered) - 1) * share
    below = place.numerator // place.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(values: Iterable[Fraction], *, levels: bool = False) -> Fraction:
    """The middle value; of an even number the mean of the middle two, of levels the lower one.

    Raises ValueError for no value at all.
    """
    return quantile(values, _HALF, levels=levels)


def quartiles(values: Iterable[Fraction], *, levels: bool = False) -> tuple[Fraction, Fraction]:
    """The first and the third quartile, as ``quantile`` defines them. ValueError for no value."""
    ordered = sorted(values)
    return quantile(ordered, _FIRST, levels=levels), quantile(ordered, _THIRD, levels=levels)


def population_class(inhabitants: int | None) -> int | None:
    """1 under 35,000 inhabitants, 2 under 60,000, 3 under 100,000, 4 from there on.

    A boundary belongs to the higher class. None where the population is not known.
    """
    if inhabitants is None:
        return None
    return 1 + sum(inhabitants >= beginning for beginning in CLASSES_FROM)


def peers(
    own: int,
    values: Iterable[tuple[int, Fraction]],
    *,
    levels: bool = False,
    is_restricted: bool = False,
) -> Peers | None:
    """What subject ``own`` may know about the others of its group (METHOD 10).

    ``values`` are (subject, exact value) pairs, its own among them or not. A total from 3 others
    on, a median from 5, quartiles from 10; levels have no total. None for a restricted indicator,
    which stays outside comparisons.
    """
    if is_restricted:
        return None
    others: Sequence[Fraction] = [value for subject, value in values if subject != own]
    count = len(others)
    return Peers(
        count,
        sum(others, Fraction(0)) if count >= FEWEST_FOR_TOTAL and not levels else None,
        median(others, levels=levels) if count >= FEWEST_FOR_MEDIAN else None,
        quartiles(others, levels=levels) if count >= FEWEST_FOR_QUARTILES else None,
    )
