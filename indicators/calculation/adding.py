"""From subjects' figures to a group's figure: METHOD.md 2 and 3.

Observations hold one entry per expected subject, missing ones included; a subject
given twice is refused with `Duplicate`, since either figure could be the wrong one. Sums
are made on whole numbers and divided once, at the end:

    count, amount     v = sum of values / 10^decimals
    ratio             v = sum of numerators / sum of denominators x scale
    population rate   v = sum of counts / sum of populations of who reported x scale
    mean              v = sum of totals / 10^decimals / sum of cases x scale
    yes/no, scale     v = answers of yes (levels >= k) / answers x scale
    milestones        v = steps done / steps planned x scale

Parts are in units of 10^-decimals (cases, answers, steps and inhabitants are whole), values in
display units.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from indicators.calculation.values import (
    ADDABLE,
    HIGHEST,
    HIGHEST_LEVEL,
    PERIODS_PER_YEAR,
    SUMS,
    Aggregate,
    Coverage,
    Definition,
    Observation,
)
from indicators.enums import CellStatus, Kind, Temporal

Parts = tuple[int | None, int | None]


class Duplicate(ValueError):
    """A subject was given twice in one period: there is no telling which figure counts."""

    def __init__(self, subject: int) -> None:
        super().__init__(f"subject {subject} is given twice in one period")
        self.subject = subject


def aggregate(definition: Definition, observations: Iterable[Observation]) -> Aggregate:
    """Add one period's observations up: sums, sum over sum, shares or levels.

    Raises Duplicate for a subject given twice, and ValueError where a reported
    observation lacks a part of its kind or has a level or an answer that does not exist.
    """
    everybody = _all_placed(definition, observations)
    reported = [one for one in everybody if one.status == CellStatus.REPORTED]
    return _shown(
        definition, _added(definition, reported), reported, coverage_of(definition, everybody)
    )


def subject_value(definition: Definition, observation: Observation) -> Fraction | None:
    """One subject's own value in display units; a level as it is, yes as 1, no as 0.

    None where not reported, where the denominator is zero, and for a narrative.
    """
    observation = _placed(definition, observation)
    if observation.status != CellStatus.REPORTED:
        return None
    if definition.kind in HIGHEST:
        return Fraction(_answer(definition, observation))
    return _quotient(definition, *_added(definition, [observation]))


def window(definition: Definition, periods: Sequence[Sequence[Observation]]) -> Aggregate:
    """The year (or rolling year) made by `periods`, oldest first (METHOD 2).

    Only subjects of the latest period that reported every one of the year's periods
    count, and the coverage is theirs. A flow is summed, a stock is its last value, a
    mean adds its parts and divides. With fewer periods than the year has, nobody
    reported them all: there is no value. Raises ValueError with more, and Duplicate for a
    subject given twice in one of them.
    """
    return year_of(definition, over_year(definition, periods))


def over_year(
    definition: Definition, periods: Sequence[Sequence[Observation]]
) -> list[Observation]:
    """One observation of the year per subject of the latest period, in its order.

    Reported where all periods of the year were, and only then with parts: those of its
    periods added, or the latest's where nothing adds over time. The denominator of a
    population rate is the inhabitants of all periods together. Raises as `window`.
    """
    missing_periods = PERIODS_PER_YEAR[definition.frequency] - len(periods)
    if missing_periods < 0:
        raise ValueError(f"{len(periods)} periods are more than a year of {definition.frequency}")
    histories = _histories([_all_placed(definition, observations) for observations in periods])
    return [
        _over(definition, subject, history, _status_over(history, missing_periods))
        for subject, history in histories.items()
    ]


def _over(
    definition: Definition, subject: int, history: Sequence[Observation], status: CellStatus
) -> Observation:
    latest = history[-1]
    numerator = denominator = None
    if status == CellStatus.REPORTED:
        numerator, denominator = latest.numerator, latest.denominator
        if definition.adds_over_time:
            numerator, denominator = _added(definition, history)
    return Observation(subject, status, numerator, denominator, latest.population)


def year_of(definition: Definition, subjects: Sequence[Observation]) -> Aggregate:
    """What a group shows of a year, from the observations that `over_year` makes of it.

    Raises Duplicate for a subject given twice, and ValueError where one that was in the year
    lacks a part.
    """
    reported = [one for one in subjects if one.status == CellStatus.REPORTED]
    numerator, denominator = _added(definition, reported)
    if reported and definition.temporal == Temporal.MEAN:
        if definition.kind in SUMS:
            denominator = PERIODS_PER_YEAR[definition.frequency]
        if definition.kind == Kind.POPULATION_RATE:
            denominator = sum(_part(one.denominator, "denominator", one) for one in reported)
    parts = (numerator, denominator)
    return _shown(definition, parts, reported, coverage_of(definition, subjects))


def common_set(
    definition: Definition, before: Iterable[Observation], after: Iterable[Observation]
) -> tuple[Aggregate, Aggregate, int]:
    """Both periods over the subjects that reported both, and how many they are.

    Bring `before` to today's units with `carried` first. Raises Duplicate for a subject
    given twice in either period.
    """
    earlier, later = _in_common(definition, before, after)
    return aggregate(definition, earlier), aggregate(definition, later), len(later)


def common_values(
    definition: Definition, before: Iterable[Observation], after: Iterable[Observation]
) -> tuple[Fraction | None, Fraction | None]:
    """The two values of `common_set` alone. Raises as it."""
    earlier, later = _in_common(definition, before, after)
    return (
        _quotient(definition, *_added(definition, earlier)),
        _quotient(definition, *_added(definition, later)),
    )


def _in_common(
    definition: Definition, before: Iterable[Observation], after: Iterable[Observation]
) -> tuple[list[Observation], list[Observation]]:
    """The observations of those that reported both times, in the order of the latter."""
    earlier = {
        subject: one
        for subject, one in _by_subject(_all_placed(definition, before)).items()
        if one.status == CellStatus.REPORTED
    }
    later = [
        one
        for subject, one in _by_subject(_all_placed(definition, after)).items()
        if one.status == CellStatus.REPORTED and subject in earlier
    ]
    return [earlier[one.subject] for one in later], later


def carried(
    definition: Definition, observations: Iterable[Observation], successors: Mapping[int, int]
) -> list[Observation]:
    """Observations on the perimeters of today's units (METHOD 9).

    `successors` leads from a predecessor to today's unit. Parts of predecessors are
    added where the kind adds up and all of them to whom it applies reported;
    otherwise today's unit has no figure for that period. Levels, answers and texts are
    shown apart: of them a unit keeps its own only, even where one predecessor was asked
    alone. A unit that changes its name stays the same subject. Raises Duplicate for a
    subject given twice.
    """
    by_unit: dict[int, list[Observation]] = defaultdict(list)
    for subject, one in _by_subject(observations).items():
        by_unit[successors.get(subject, subject)].append(_placed(definition, one))
    return [_as_unit(definition, unit, former) for unit, former in by_unit.items()]


def _placed(definition: Definition, observation: Observation) -> Observation:
    """A count whose subject has no known population has no place in a rate: not available."""
    if definition.kind != Kind.POPULATION_RATE or observation.population is not None:
        return observation
    if observation.status != CellStatus.REPORTED:
        return observation
    return Observation(observation.subject, CellStatus.NOT_AVAILABLE, revision=observation.revision)


def _all_placed(
    definition: Definition, observations: Iterable[Observation]
) -> Sequence[Observation]:
    if definition.kind != Kind.POPULATION_RATE:
        return list(observations)
    return [_placed(definition, one) for one in observations]


def coverage_of(definition: Definition, observations: Iterable[Observation]) -> Coverage:
    """Coverage of one observation per expected subject (METHOD 3); Duplicate for two."""
    everybody = list(_by_subject(observations).values())
    number = Counter([one.status for one in everybody])
    expected = reported = None
    if definition.by_population:
        applicable = [
            one.population for one in everybody if one.status != CellStatus.NOT_APPLICABLE
        ]
        known = [population for population in applicable if population is not None]
        # A share of a population that is known in part would say more than is known.
        if known and len(known) == len(applicable):
            expected = sum(known)
            reported = _population([one for one in everybody if one.status == CellStatus.REPORTED])
    return Coverage(
        expected=len(everybody),
        not_applicable=number[CellStatus.NOT_APPLICABLE],
        reported=number[CellStatus.REPORTED],
        not_available=number[CellStatus.NOT_AVAILABLE],
        missing=number[CellStatus.MISSING],
        population_expected=expected,
        population_reported=None if expected is None else reported or 0,
    )


def baseline_share(
    baselines: Mapping[int, Fraction | int], observations: Iterable[Observation]
) -> Fraction | None:
    """The reporting subjects' share of the baseline of all to whom it applies (METHOD 3).

    `baselines` are the subjects' own, in one unit. None, and then the path cannot be scaled,
    where one of them is unknown or below zero (shares of mixed signs are no shares), and where
    together they are zero. Raises Duplicate for a subject given twice.
    """
    whole = reported = Fraction(0)
    for subject, one in _by_subject(observations).items():
        if one.status == CellStatus.NOT_APPLICABLE:
            continue
        baseline = baselines.get(subject)
        if baseline is None or baseline < 0:
            return None
        whole += baseline
        if one.status == CellStatus.REPORTED:
            reported += baseline
    return reported / whole if whole else None


def _shown(
    definition: Definition, parts: Parts, reported: Sequence[Observation], coverage: Coverage
) -> Aggregate:
    levels = _levels(reported) if definition.kind == Kind.SCALE and reported else None
    return Aggregate(
        value=_quotient(definition, *parts),
        numerator=parts[0],
        denominator=parts[1],
        distribution=levels,
        median=_lower_middle(levels) if levels else None,
        coverage=coverage,
    )


def _added(definition: Definition, reported: Sequence[Observation]) -> Parts:
    """Numerator and denominator of a group; nothing from nobody, which is not zero."""
    if not reported or definition.kind == Kind.NARRATIVE:
        return None, None
    if definition.kind in HIGHEST:
        answers = [_answer(definition, one) for one in reported]
        enough = 1 if definition.kind == Kind.YES_NO else definition.threshold_level or 0
        return sum(answer >= enough for answer in answers), len(reported)
    numerators = [_part(one.numerator, "numerator", one) for one in reported]
    match definition.kind:
        case Kind.COUNT | Kind.AMOUNT:
            return sum(numerators), None
        case Kind.POPULATION_RATE:
            return sum(numerators), sum(
                _part(one.population, "population", one) for one in reported
            )
        case _:
            return sum(numerators), sum(
                _part(one.denominator, "denominator", one) for one in reported
            )


def _quotient(
    definition: Definition, numerator: int | None, denominator: int | None
) -> Fraction | None:
    """numerator / denominator x scale; a sum is divided by its unit only."""
    if numerator is None or denominator == 0:
        return None
    # The unit of a ratio's parts cancels out.
    unit = 10 ** (definition.numerator_decimals - definition.denominator_decimals)
    scale = 1 if definition.kind in SUMS else definition.scale
    return Fraction(numerator, unit * (denominator or 1)) * scale


def _histories(periods: Sequence[Sequence[Observation]]) -> dict[int, list[Observation]]:
    """Each subject of the latest period with its observations, oldest first."""
    histories: dict[int, list[Observation]] = (
        {one.subject: [] for one in periods[-1]} if periods else {}
    )
    for period in periods:
        given = _by_subject(period)
        for subject, history in histories.items():
            history.append(given.get(subject) or Observation(subject, CellStatus.MISSING))
    return histories


def _status_over(history: Sequence[Observation], missing_periods: int) -> CellStatus:
    """One status for several periods: reported only where all of them were."""
    statuses = {one.status for one in history}
    if statuses == {CellStatus.NOT_APPLICABLE}:
        return CellStatus.NOT_APPLICABLE
    if missing_periods or CellStatus.MISSING in statuses:
        return CellStatus.MISSING
    return CellStatus.REPORTED if statuses == {CellStatus.REPORTED} else CellStatus.NOT_AVAILABLE


def _as_unit(definition: Definition, unit: int, former: Sequence[Observation]) -> Observation:
    (first, *others) = former
    if not others and first.subject == unit:
        return first
    adds_up = definition.kind in ADDABLE | {Kind.MILESTONES}
    if not others and adds_up:
        return replace(first, subject=unit)
    applicable = [one for one in former if one.status != CellStatus.NOT_APPLICABLE]
    status = _status_over(applicable or former, 0)
    if status == CellStatus.REPORTED and not adds_up:
        status = CellStatus.NOT_AVAILABLE
    numerator = denominator = None
    if status == CellStatus.REPORTED:
        numerator, denominator = _added(definition, applicable)
    if definition.kind == Kind.POPULATION_RATE:
        denominator = None
    return Observation(unit, status, numerator, denominator, _population(applicable or former))


def _levels(reported: Iterable[Observation]) -> tuple[int, ...]:
    number = Counter(one.numerator for one in reported)
    return tuple(number[level] for level in range(HIGHEST_LEVEL + 1))


def _lower_middle(levels: Sequence[int]) -> int:
    middle = (sum(levels) + 1) // 2
    return next(level for level in range(len(levels)) if sum(levels[: level + 1]) >= middle)


def _population(observations: Iterable[Observation]) -> int | None:
    known = [one.population for one in observations if one.population is not None]
    return sum(known) if known else None


def _part(value: int | None, name: str, observation: Observation) -> int:
    if value is None:
        raise ValueError(f"subject {observation.subject} reported without its {name}")
    return value


def _answer(definition: Definition, observation: Observation) -> int:
    """A level or an answer, none of which is added; ValueError for one that does not exist."""
    answer = _part(observation.numerator, "numerator", observation)
    if not 0 <= answer <= HIGHEST[definition.kind]:
        raise ValueError(
            f"subject {observation.subject} reported {answer}, which is no {definition.kind}"
        )
    return answer


def _by_subject(observations: Iterable[Observation]) -> dict[int, Observation]:
    """One period's observations by subject, in their order; Duplicate for a subject given twice."""
    everybody = list(observations)
    found = {one.subject: one for one in everybody}
    if len(found) < len(everybody):
        number = Counter(one.subject for one in everybody)
        raise Duplicate(next(subject for subject in number if number[subject] > 1))
    return found
