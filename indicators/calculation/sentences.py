"""Why a status is what it is: METHOD.md 5, "a status names its numbers".

Codes with exact numbers in display units; an interface only puts them into words, page, export
and JSON alike. Rounding on the right side of a threshold is `display`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from indicators.calculation.judging import Judgement
from indicators.calculation.values import PERIODS_PER_YEAR, Coverage, Definition
from indicators.enums import Direction, Status, Trend

Number = Fraction | int | date | str


class Code(StrEnum):
    """What a sentence says; beside it the names of its numbers.

    Where a value was judged, `value` stands with `reported` and `applicable` (subjects).
    """

    NOT_MEASURABLE = "not_measurable"
    NOT_APPLICABLE = "not_applicable"  # expected
    YEAR_INCOMPLETE = "year_incomplete"  # known, needed (periods)
    YEAR_BY_NOBODY = "year_by_nobody"  # needed
    DENOMINATOR_ZERO = "denominator_zero"
    NO_FIGURE = "no_figure"
    SUM_LOOKS_LIKE_A_FALL = "sum_looks_like_a_fall"
    COVERAGE_TOO_LOW = "coverage_too_low"  # share (the lower of the two), minimum
    MONITORING = "monitoring"
    INSIDE_BAND = "inside_band"  # low, high
    OUTSIDE_BAND = "outside_band"  # low, high
    NO_TARGET = "no_target"
    IMPROVING = "improving"
    STABLE = "stable"
    WORSENING = "worsening"
    TOO_FEW_POINTS = "too_few_points"
    NO_BASELINE = "no_baseline"  # target
    PAST_TARGET = "past_target"  # target; there is no baseline
    ON_PATH = "on_path"  # ratio, required, baseline, baseline_end, target
    AT_BASELINE = "at_baseline"  # the same with materiality, no ratio: p is within it of b
    WITHIN_MATERIALITY = "within_materiality"  # the same, and gap, materiality
    LOST = "lost"  # period
    NOT_ACHIEVED = "not_achieved"  # ratio where there is one
    UNDERSTATED = "understated"
    SCALED = "scaled"  # share of the baseline


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing said, with the numbers it names."""

    code: Code
    numbers: Mapping[str, Number] = field(default_factory=dict)


_TRENDS = {
    Trend.IMPROVING: Code.IMPROVING,
    Trend.STABLE: Code.STABLE,
    Trend.WORSENING: Code.WORSENING,
    Trend.TOO_FEW_POINTS: Code.TOO_FEW_POINTS,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a status was judged on beside its judgement.

    `coverage` is that of the judged value. `own_value` and `reported` are the period's own, which
    there may be although its rolling year of `periods` has no value.
    """

    coverage: Coverage
    own_value: Fraction | None
    reported: int
    periods: int = 1
    baseline_end: date | None = None


def sentences(definition: Definition, judgement: Judgement, facts: Facts) -> tuple[Sentence, ...]:
    """Why the status is what it is, then what is to be known with it."""
    subjects = {"reported": facts.coverage.reported, "applicable": facts.coverage.applicable}
    said = [_reason(definition, judgement, facts)]
    if judgement.reached is not None and judgement.status != Status.ACHIEVED:
        said.append(Sentence(Code.LOST, {"period": judgement.reached}))
    if judgement.fell_short:
        said.append(Sentence(Code.NOT_ACHIEVED, _known(ratio=judgement.read_ratio)))
    if judgement.understated:
        said.append(Sentence(Code.UNDERSTATED, subjects))
    if judgement.scaled_by is not None:
        said.append(Sentence(Code.SCALED, {"share": judgement.scaled_by, **subjects}))
    return tuple(said)


def _reason(definition: Definition, judgement: Judgement, facts: Facts) -> Sentence:
    """Rows 1 to 4 name no value; the others name it with who reported it."""
    coverage = facts.coverage
    match judgement.status:
        case Status.NOT_MEASURABLE:
            return Sentence(Code.NOT_MEASURABLE)
        case Status.NOT_APPLICABLE:
            return Sentence(Code.NOT_APPLICABLE, {"expected": coverage.expected})
        case Status.NO_DATA:
            return _no_data(definition, facts)
        case Status.INSUFFICIENT_COVERAGE:
            return _insufficient(definition, coverage)
    code, numbers = _judged(definition, judgement, facts)
    value = _known(value=judgement.value)
    subjects = {"reported": coverage.reported, "applicable": coverage.applicable}
    return Sentence(code, {**value, **subjects, **numbers})


def _judged(
    definition: Definition, judgement: Judgement, facts: Facts
) -> tuple[Code, Mapping[str, Number]]:
    """Rows 5 to 13: what is said of a value, and what stands beside it."""
    match judgement.status:
        case Status.MONITORING:
            return Code.MONITORING, {}
        case Status.NO_TARGET:
            return _TRENDS[judgement.trend] if judgement.trend else Code.NO_TARGET, {}
        case Status.NO_BASELINE:
            return Code.NO_BASELINE, _known(target=judgement.target)
    if definition.direction == Direction.MAINTAIN:
        is_outside = judgement.status == Status.OFF_TRACK
        band = _known(low=judgement.band_low, high=judgement.band_high)
        return Code.OUTSIDE_BAND if is_outside else Code.INSIDE_BAND, band
    return _on_path(judgement, facts.baseline_end)


def _no_data(definition: Definition, facts: Facts) -> Sentence:
    """The period may have a value although the year held against the path has none."""
    needed = PERIODS_PER_YEAR[definition.frequency]
    if facts.own_value is None:
        return Sentence(Code.DENOMINATOR_ZERO if facts.reported else Code.NO_FIGURE)
    if facts.periods < needed:
        return Sentence(Code.YEAR_INCOMPLETE, {"known": facts.periods, "needed": needed})
    return Sentence(Code.YEAR_BY_NOBODY, {"needed": needed})


def _insufficient(definition: Definition, coverage: Coverage) -> Sentence:
    if coverage.meets(definition.minimum_coverage):
        return Sentence(
            Code.SUM_LOOKS_LIKE_A_FALL,
            {"reported": coverage.reported, "applicable": coverage.applicable},
        )
    shares = [one for one in (coverage.by_number, coverage.by_population) if one is not None]
    return Sentence(
        Code.COVERAGE_TOO_LOW,
        {"share": min(shares, default=Fraction(0)), "minimum": definition.minimum_coverage},
    )


def _on_path(judgement: Judgement, baseline_end: date | None) -> tuple[Code, Mapping[str, Number]]:
    if judgement.baseline is None:
        return Code.PAST_TARGET, _known(target=judgement.target)
    numbers = _known(
        ratio=judgement.read_ratio,
        required=judgement.required,
        baseline=judgement.baseline,
        baseline_end=baseline_end,
        target=judgement.target,
    )
    if judgement.read_ratio is None:
        return Code.AT_BASELINE, {**numbers, **_known(materiality=judgement.delta)}
    # Off track although R < 0: |v - b| is within the materiality (row 12).
    if (
        judgement.status == Status.OFF_TRACK
        and judgement.read_ratio < 0
        and judgement.value is not None
    ):
        gap = abs(judgement.value - judgement.baseline)
        return Code.WITHIN_MATERIALITY, {**numbers, **_known(gap=gap, materiality=judgement.delta)}
    return Code.ON_PATH, numbers


def _known(**numbers: Number | None) -> dict[str, Number]:
    return {name: number for name, number in numbers.items() if number is not None}
