"""What a reported cell may hold: METHOD.md 1 and 2, before anything is added."""

from enum import StrEnum

from indicators.calculation.values import HIGHEST_LEVEL, Definition
from indicators.enums import Kind

#: Kinds whose subjects give a second part.
TWO_PARTS = frozenset({Kind.RATIO, Kind.MEAN, Kind.MILESTONES})


class PartProblem(StrEnum):
    """Why the parts of a reported cell are refused."""

    UNEXPECTED_PART = "unexpected_part"
    NUMERATOR_MISSING = "numerator_missing"
    DENOMINATOR_MISSING = "denominator_missing"
    NEGATIVE = "negative"
    ABOVE_DENOMINATOR = "above_denominator"
    NOT_YES_OR_NO = "not_yes_or_no"
    NOT_A_LEVEL = "not_a_level"


def part_problem(
    definition: Definition, numerator: int | None, denominator: int | None
) -> PartProblem | None:
    """The first reason to refuse these parts; None where they hold.

    A denominator of zero holds: nothing to count is an answer. Only a sum or the total
    of a mean may be negative.
    """
    return _shape_problem(definition.kind, numerator, denominator) or _size_problem(
        definition, numerator or 0, denominator
    )


def _shape_problem(
    kind: Kind, numerator: int | None, denominator: int | None
) -> PartProblem | None:
    if numerator is None and kind != Kind.NARRATIVE:
        return PartProblem.NUMERATOR_MISSING
    if denominator is None and kind in TWO_PARTS:
        return PartProblem.DENOMINATOR_MISSING
    has_too_much = denominator is not None and kind not in TWO_PARTS
    if has_too_much or (numerator is not None and kind == Kind.NARRATIVE):
        return PartProblem.UNEXPECTED_PART
    return None


def _size_problem(
    definition: Definition, numerator: int, denominator: int | None
) -> PartProblem | None:
    may_be_negative = definition.kind in (Kind.COUNT, Kind.AMOUNT, Kind.MEAN)
    if (denominator or 0) < 0 or (numerator < 0 and not may_be_negative):
        return PartProblem.NEGATIVE
    is_part = definition.kind == Kind.MILESTONES or (
        definition.kind == Kind.RATIO and definition.is_part
    )
    if is_part and denominator is not None and numerator > denominator:
        return PartProblem.ABOVE_DENOMINATOR
    if definition.kind == Kind.YES_NO and numerator > 1:
        return PartProblem.NOT_YES_OR_NO
    if definition.kind == Kind.SCALE and numerator > HIGHEST_LEVEL:
        return PartProblem.NOT_A_LEVEL
    return None
