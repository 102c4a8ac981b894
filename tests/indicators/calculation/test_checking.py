"""METHOD.md 1 and 2: which parts a reported cell may hold."""

import pytest

from indicators.calculation.checking import PartProblem, part_problem
from indicators.calculation.values import Definition
from indicators.enums import Direction, Frequency, Kind, Temporal


def define(kind, *, is_part=False):
    return Definition(
        kind,
        Direction.INCREASE,
        Temporal.STOCK,
        Frequency.YEAR,
        is_part=is_part,
        threshold_level=3,
    )


@pytest.mark.parametrize(
    ("definition", "numerator", "denominator", "problem"),
    [
        (define(Kind.COUNT), 0, None, None),
        (define(Kind.COUNT), -3, None, None),
        (define(Kind.COUNT), None, None, PartProblem.NUMERATOR_MISSING),
        (define(Kind.COUNT), 1, 1, PartProblem.UNEXPECTED_PART),
        (define(Kind.POPULATION_RATE), -1, None, PartProblem.NEGATIVE),
        (define(Kind.RATIO), 1, None, PartProblem.DENOMINATOR_MISSING),
        (define(Kind.RATIO), None, 1, PartProblem.NUMERATOR_MISSING),
        (define(Kind.RATIO), 0, 0, None),
        (define(Kind.RATIO), 11, 10, None),
        (define(Kind.RATIO), 1, -1, PartProblem.NEGATIVE),
        (define(Kind.RATIO, is_part=True), 10, 10, None),
        (define(Kind.RATIO, is_part=True), 11, 10, PartProblem.ABOVE_DENOMINATOR),
        (define(Kind.RATIO, is_part=True), 1, 0, PartProblem.ABOVE_DENOMINATOR),
        (define(Kind.MEAN), -4, 3, None),
        (define(Kind.MEAN), 4, -3, PartProblem.NEGATIVE),
        (define(Kind.MILESTONES), 4, 4, None),
        (define(Kind.MILESTONES), 5, 4, PartProblem.ABOVE_DENOMINATOR),
        (define(Kind.YES_NO), 1, None, None),
        (define(Kind.YES_NO), 2, None, PartProblem.NOT_YES_OR_NO),
        (define(Kind.SCALE), 0, None, None),
        (define(Kind.SCALE), 4, None, None),
        (define(Kind.SCALE), 5, None, PartProblem.NOT_A_LEVEL),
        (define(Kind.SCALE), -1, None, PartProblem.NEGATIVE),
        (define(Kind.NARRATIVE), None, None, None),
        (define(Kind.NARRATIVE), 1, None, PartProblem.UNEXPECTED_PART),
    ],
)
def test_what_a_reported_cell_may_hold(definition, numerator, denominator, problem):
    assert part_problem(definition, numerator, denominator) == problem
