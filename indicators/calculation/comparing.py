"""A subject beside its peers: METHOD.md 10. Exact values, never a peer's name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    return _at(ordered.__getitem__, len(ordered), share, levels)


def _at(value: Callable[[int], Fraction], count: int, share: Fraction, levels: bool) -> Fraction:
    """The quantile of ``count`` ordered values, read by their place."""
    if not count:
        raise ValueError("no value has no quantile")
    if levels:
        return value(max(0, -(-count * share.numerator // share.denominator) - 1))
    place = (count - 1) * share
    below = place.numerator // place.denominator
    low, high = value(below), value(min(below + 1, count - 1))
    return low + (place - below) * (high - low)


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


@dataclass(frozen=True, slots=True)
class Group:
    """The values of a group in order, of which each subject's own is left out in turn.

    Ordered and added once for all of them. ``places`` says where a subject's value stands.
    """

    values: Sequence[Fraction]
    places: Mapping[int, int]
    total: Fraction
    levels: bool

    @classmethod
    def of(cls, values: Iterable[tuple[int, Fraction]], *, levels: bool) -> "Group":
        """``values`` are (subject, exact value) pairs, a subject once at most."""
        ordered = sorted(values, key=lambda pair: pair[1])
        exact = [value for _subject, value in ordered]
        places = {subject: place for place, (subject, _value) in enumerate(ordered)}
        return cls(exact, places, sum(exact, Fraction(0)), levels)

    def beside(self, own: int) -> Peers:
        """What subject ``own`` may know about the others, itself in the group or not."""
        left_out = self.places.get(own, len(self.values))
        count = len(self.values) - (own in self.places)
        mine = self.values[left_out] if own in self.places else 0

        def value(place: int) -> Fraction:
            return self.values[place + (place >= left_out)]

        def quantile_of(share: Fraction) -> Fraction:
            return _at(value, count, share, self.levels)

        return Peers(
            count,
            self.total - mine if count >= FEWEST_FOR_TOTAL and not self.levels else None,
            quantile_of(_HALF) if count >= FEWEST_FOR_MEDIAN else None,
            (quantile_of(_FIRST), quantile_of(_THIRD)) if count >= FEWEST_FOR_QUARTILES else None,
        )


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
    return Group.of(values, levels=levels).beside(own)
