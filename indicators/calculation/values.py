"""What goes into the kernel and what comes out of it."""

from dataclasses import dataclass
from fractions import Fraction

from indicators.enums import CellStatus, Direction, Frequency, Kind, Temporal

#: Kinds that a group shows as a sum; the others are quotients of sums or shares.
SUMS = frozenset({Kind.COUNT, Kind.AMOUNT})

#: Kinds of which one path may hold for every unit: their size does not matter (METHOD 4).
COMPARABLE = frozenset({Kind.RATIO, Kind.POPULATION_RATE, Kind.MEAN})

#: Kinds whose parts add up, over subjects and over time (METHOD 2 and 9).
ADDABLE = SUMS | {Kind.RATIO, Kind.POPULATION_RATE, Kind.MEAN}

HIGHEST_LEVEL = 4

#: Kinds whose subjects give one of the whole numbers from 0 on: the last of them.
HIGHEST = {Kind.SCALE: HIGHEST_LEVEL, Kind.YES_NO: 1}

PERIODS_PER_YEAR = {
    Frequency.MONTH: 12,
    Frequency.QUARTER: 4,
    Frequency.HALF_YEAR: 2,
    Frequency.YEAR: 1,
}


@dataclass(frozen=True, slots=True)
class Definition:
    """The fields of an indicator version that its calculation depends on.

    `decimals` is the precision of the parts as stored (units of 10^-decimals),
    not of what is displayed. `scale` multiplies a quotient: 100 for %, 1000 for
    per mille, 100000 for a rate. `materiality` is the indicator's own delta, in
    display units. `threshold_level` is the k of a scale: the share of subjects at
    level k or above carries the target. `by_population` says whether coverage is
    also held against the population (zones: yes; federal units and sources: no).
    `for_every_unit` declares the nation's path valid for every area and unit.
    Raises ValueError for a scale without a level k from 0 to 4, and for milestones that
    should not increase: steps done only grow, and their staircase rises; and for a path
    valid for every unit of what grows with the unit.
    """

    kind: Kind
    direction: Direction
    temporal: Temporal
    frequency: Frequency
    decimals: int = 0
    scale: Fraction | int = 1
    is_part: bool = False
    minimum_coverage: Fraction = Fraction(4, 5)
    materiality: Fraction | None = None
    threshold_level: int | None = None
    by_population: bool = True
    for_every_unit: bool = False

    def __post_init__(self) -> None:
        if self.kind == Kind.SCALE and self.threshold_level not in range(HIGHEST_LEVEL + 1):
            raise ValueError("a scale needs a threshold level from 0 to 4")
        if self.kind == Kind.MILESTONES and self.direction != Direction.INCREASE:
            raise ValueError("milestones only increase")
        if self.for_every_unit and self.kind not in COMPARABLE:
            raise ValueError("only a ratio, a rate or a mean has a path valid for every unit")

    @property
    def numerator_decimals(self) -> int:
        """Decimals of the first part as typed and stored."""
        return self.decimals if self.kind in ADDABLE else 0

    @property
    def denominator_decimals(self) -> int:
        """Decimals of the second part: a ratio's parts are alike, cases are whole."""
        return self.decimals if self.kind == Kind.RATIO else 0

    @property
    def adds_over_time(self) -> bool:
        """Whether a year adds its periods; a stock, level or answer is its last one."""
        return self.kind in ADDABLE and self.temporal != Temporal.STOCK


@dataclass(frozen=True, slots=True)
class Observation:
    """One subject's cell in one period (and breakdown option).

    Parts by kind: count, amount: value in `numerator`; ratio: both parts, all three
    in units of 10^-decimals. population_rate: count in `numerator`, inhabitants in
    `population`. mean: total (units of 10^-decimals) and whole cases. yes_no: 1 or 0
    in `numerator`. scale: level in `numerator`. milestones: steps done, steps
    planned. narrative: none. Only a reported observation has parts.
    """

    subject: int
    status: CellStatus
    numerator: int | None = None
    denominator: int | None = None
    population: int | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who was expected and who reported (METHOD 3). Addable; `Coverage()` is zero.

    Subjects: expected = not_applicable + reported + not_available + missing.
    Populations are those of the expected and applicable subjects, and of the ones
    that reported; None where no subject has a population (by number only).
    """

    expected: int = 0
    not_applicable: int = 0
    reported: int = 0
    not_available: int = 0
    missing: int = 0
    population_expected: int | None = None
    population_reported: int | None = None

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(
            self.expected + other.expected,
            self.not_applicable + other.not_applicable,
            self.reported + other.reported,
            self.not_available + other.not_available,
            self.missing + other.missing,
            _known_sum(self.population_expected, other.population_expected),
            _known_sum(self.population_reported, other.population_reported),
        )

    @property
    def applicable(self) -> int:
        """Subjects that could report: expected less not applicable."""
        return self.expected - self.not_applicable

    @property
    def all_not_applicable(self) -> bool:
        """Whether there were subjects, and none to whom it applies."""
        return self.expected > 0 and self.applicable == 0

    @property
    def is_full(self) -> bool:
        """Whether every applicable subject reported."""
        return self.reported == self.applicable

    @property
    def by_number(self) -> Fraction | None:
        """Reported / applicable, 0 to 1; None where nobody could report."""
        return Fraction(self.reported, self.applicable) if self.applicable else None

    @property
    def by_population(self) -> Fraction | None:
        """Population reported / applicable, 0 to 1; None where by number only."""
        if not self.population_expected or self.population_reported is None:
            return None
        return Fraction(self.population_reported, self.population_expected)

    def meets(self, minimum: Fraction) -> bool:
        """Whether neither share is under `minimum`, compared unrounded."""
        by_number, by_population = self.by_number, self.by_population
        if by_number is None or by_number < minimum:
            return False
        return by_population is None or by_population >= minimum


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What a group shows (METHOD 2), in display units, with its exact parts.

    `value` is None where nobody reported, where the denominator is zero, and for a
    narrative. yes_no and scale: `numerator` of `denominator` answers carry the
    share. A count averaged over a year has the number of periods as denominator.
    `distribution` counts levels 0 to 4 and `median` is the lower middle level, both
    of a scale only.
    """

    value: Fraction | None
    numerator: int | None
    denominator: int | None
    distribution: tuple[int, ...] | None
    median: int | None
    coverage: Coverage


def _known_sum(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
