"""METHOD.md 2: the options of a breakdown beside their total."""

import pytest

from indicators.calculation.adding import aggregate
from indicators.calculation.breakdowns import (
    BreakdownFault,
    BreakdownProblem,
    adds_up,
    breakdown_fault,
)
from indicators.calculation.values import ADDABLE, Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Temporal

REPORTED, NOT_APPLICABLE = CellStatus.REPORTED, CellStatus.NOT_APPLICABLE
NOT_AVAILABLE, MISSING = CellStatus.NOT_AVAILABLE, CellStatus.MISSING
DIFFERS, ABOVE = BreakdownProblem.SUM_DIFFERS, BreakdownProblem.OPTION_ABOVE_TOTAL


def define(kind=Kind.COUNT, **fields):
    return Definition(kind, Direction.MONITOR, Temporal.FLOW, Frequency.QUARTER, **fields)


def said(numerator, denominator=None, subject=1, population=100):
    return Observation(subject, REPORTED, numerator, denominator, population)


def silent(status=MISSING, subject=1):
    return Observation(subject, status, population=100)


def fault(total, *options, kind=Kind.COUNT, is_exhaustive=True):
    return breakdown_fault(kind, total, options, is_exhaustive=is_exhaustive)


@pytest.mark.parametrize(
    ("options", "added"),
    [([3, 4], None), ([7, 0], None), ([3, 3], 6), ([3, 5], 8), ([0, 0], 0), ([7], None)],
)
def test_exhaustive_options_add_up_to_the_total(options, added):
    found = fault(said(7), *map(said, options))

    assert found == (None if added is None else BreakdownFault(DIFFERS, added, 7))


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.MEAN])
@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ((1, 4), (2, 6), None),
        ((1, 4), (3, 6), (4, 3, 0)),
        ((1, 4), (2, 5), (9, 10, 1)),
        ((1, 5), (3, 6), (4, 3, 0)),
    ],
)
def test_both_parts_add_up_and_the_first_that_does_not_is_told(kind, one, other, wrong):
    found = fault(said(3, 10), said(*one), said(*other), kind=kind)

    assert found == (wrong and BreakdownFault(DIFFERS, *wrong))


@pytest.mark.parametrize("status", [MISSING, NOT_AVAILABLE])
@pytest.mark.parametrize(("known", "wrong"), [(6, False), (7, False), (0, False), (8, True)])
def test_while_an_option_is_open_the_others_may_be_less_and_never_more(status, known, wrong):
    found = fault(said(7), said(known), silent(status))

    assert found == (BreakdownFault(DIFFERS, 8, 7) if wrong else None)


def test_an_option_that_is_not_applicable_counts_for_nothing():
    assert fault(said(7), said(7), silent(NOT_APPLICABLE)) is None
    assert fault(said(7), said(6), silent(NOT_APPLICABLE)) == BreakdownFault(DIFFERS, 6, 7)
    assert fault(said(0), silent(NOT_APPLICABLE)) is None
    assert fault(said(7), silent(NOT_APPLICABLE)) == BreakdownFault(DIFFERS, 0, 7)


@pytest.mark.parametrize(
    ("options", "most"),
    [([7, 7], None), ([8, 1], 8), ([1, 8], 8), ([1, 2], None), ([], None)],
)
def test_options_that_may_overlap_are_each_at_most_the_total(options, most):
    found = fault(said(7), silent(), *map(said, options), is_exhaustive=False)

    assert found == (most and BreakdownFault(ABOVE, most, 7))


def test_an_option_that_may_overlap_is_looked_at_in_each_part():
    found = fault(said(3, 10), said(3, 11), kind=Kind.RATIO, is_exhaustive=False)

    assert found == BreakdownFault(ABOVE, 11, 10, part=1)


def test_options_of_nothing_are_nothing():
    assert fault(said(0), said(0), said(0), is_exhaustive=False) is None
    assert fault(said(0), said(0), said(0)) is None
    none = group(Kind.COUNT, said(0))
    assert adds_up(Kind.COUNT, none, [none, none])


def test_with_nothing_to_compare_there_is_no_fault():
    assert fault(said(7)) is None
    assert fault(silent(), said(5)) is None
    assert fault(silent(NOT_APPLICABLE), said(5)) is None
    assert fault(Observation(1, MISSING, 7), said(5)) is None
    assert fault(said(7), silent(), silent(), is_exhaustive=False) is None


@pytest.mark.parametrize("kind", sorted(set(Kind) - ADDABLE))
def test_kinds_that_are_not_added_are_not_compared(kind):
    assert (
        breakdown_fault(
            kind,
            said(1, 1),
            [said(0, 0)],
            is_exhaustive=True,
        )
        is None
    )


def group(kind, *cells):
    return aggregate(define(kind), cells)


def test_the_options_of_a_group_are_its_total_where_all_reported_them():
    total = group(Kind.COUNT, said(5), said(4, subject=2))
    one = group(Kind.COUNT, said(2), said(4, subject=2))
    other = group(Kind.COUNT, said(3), said(0, subject=2))

    assert adds_up(Kind.COUNT, total, [one, other])
    assert not adds_up(Kind.COUNT, total, [one])
    assert not adds_up(Kind.COUNT, total, [])


def test_a_missing_option_leaves_the_groups_total_and_lowers_its_own_coverage():
    total = group(Kind.COUNT, said(5), said(4, subject=2))
    one = group(Kind.COUNT, said(2), said(3, subject=2))
    other = group(Kind.COUNT, said(3), silent(subject=2))

    assert (total.value, total.coverage.reported) == (9, 2)
    assert (other.value, other.coverage.reported, other.coverage.missing) == (3, 1, 1)
    assert not adds_up(Kind.COUNT, total, [one, other])


def test_an_option_that_is_not_applicable_to_anybody_has_no_value_and_does_not_add():
    total = group(Kind.COUNT, said(5))
    absent = group(Kind.COUNT, silent(NOT_APPLICABLE))

    assert (absent.value, absent.coverage.all_not_applicable) == (None, True)
    assert not adds_up(Kind.COUNT, total, [total, absent])
    assert not adds_up(Kind.COUNT, absent, [absent])


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.MEAN])
def test_numerators_and_denominators_of_a_group_are_compared(kind):
    total = group(kind, said(3, 10))

    assert adds_up(kind, total, [group(kind, said(1, 4)), group(kind, said(2, 6))])
    assert not adds_up(kind, total, [group(kind, said(1, 4)), group(kind, said(2, 5))])
    assert not adds_up(kind, total, [group(kind, said(1, 4)), group(kind, said(1, 6))])


def test_the_inhabitants_of_a_rate_are_the_same_in_every_option():
    rate = Kind.POPULATION_RATE

    assert adds_up(rate, group(rate, said(3)), [group(rate, said(1)), group(rate, said(2))])


def test_levels_do_not_add_up():
    definition = define(Kind.SCALE, threshold_level=0)
    shown = aggregate(definition, [said(1)])

    assert not adds_up(Kind.SCALE, shown, [shown])
