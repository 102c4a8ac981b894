"""METHOD.md 6: XmR limits and signals, worked out by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calculation.adding import aggregate
from indicators.calculation.signals import Limits, Rule, Signal, is_unstable, limits, signals
from indicators.calculation.values import Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Temporal

WITHIN = Limits(Fraction(10), Fraction(4), Fraction(16), Fraction(2), 20)
STEADY = [9, 11] * 10


def exact(values):
    return [None if value is None else Fraction(value) for value in values]


def found(*values, rule=None):
    shown = signals(exact(values), WITHIN)
    return [(one.first, one.last, one.is_high) for one in shown if rule is None or one.rule == rule]


# --- Limits ---------------------------------------------------------------------------------------


def test_centre_and_limits_of_twenty_points():
    # Every moving range is 2: 10 +- 2.66 x 2.
    assert limits(exact(STEADY)) == Limits(
        Fraction(10), Fraction("4.68"), Fraction("15.32"), Fraction(2), 20
    )


@pytest.mark.parametrize("number", [0, 1, 2, 11])
def test_with_fewer_than_12_points_there_are_no_limits(number):
    assert limits(exact(STEADY[:number])) is None
    assert limits(exact([*STEADY[:number], *[None] * 9])) is None


@pytest.mark.parametrize(("number", "are_trial"), [(12, True), (19, True), (20, False)])
def test_limits_of_fewer_than_20_points_are_trial_limits(number, are_trial):
    shown = limits(exact(STEADY[:number]))

    assert (shown.points, shown.are_trial) == (number, are_trial)


def test_a_gap_is_no_point_and_has_no_moving_range():
    gapped = exact([9, 11, 9, 11, 9, 11, None, 109, 111, 109, 111, 109, 111])

    # Across the gap the range would be 98.
    assert limits(gapped) == Limits(
        Fraction(60), Fraction("54.68"), Fraction("65.32"), Fraction(2), 12
    )


def test_points_that_have_no_neighbours_have_no_limits():
    assert limits(exact([5, None] * 12)) is None


def test_all_equal_points_have_their_mean_for_limits_and_no_signal():
    same = exact([7] * 12)

    assert limits(same) == Limits(Fraction(7), Fraction(7), Fraction(7), Fraction(0), 12)
    assert signals(same, limits(same)) == ()


def test_wild_moving_ranges_are_left_out_once():
    # 19 ranges of 2 and one of 20: their mean is 2.9, and 20 is beyond 3.267 times it.
    values = [*STEADY, 31]
    shown = limits(exact(values))
    assert (shown.mean_range, shown.centre) == (Fraction(2), Fraction(231, 21))


def test_a_range_on_the_threshold_is_kept_and_one_beyond_it_is_not():
    def mean_range(last):
        # 10 ranges of 1 and a last one of r: kept up to r = 3.267 x (10 + r) / 11.
        return limits(exact([0, 1] * 5 + [0, Fraction(last)])).mean_range

    threshold = Fraction(32670, 7733)
    assert mean_range(threshold) == (10 + threshold) / 11
    assert mean_range(threshold + Fraction(1, 1000)) == 1


def test_the_mean_range_is_not_tried_again():
    # Mean of the ranges 1 (x 20), 4 and 30 is 54/22; 30 goes, 4 stays although it is beyond
    # 3.267 times the mean of what is left.
    values = [0, 1] * 10 + [0, 4, 34]
    assert limits(exact(values)).mean_range == Fraction(24, 21)


def test_the_low_limit_is_not_cut_off_at_zero():
    assert limits(exact([0, 4] * 6)).low == Fraction(2) - Fraction("10.64")


# --- Signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [("16", []), ("16.01", [(1, 1, True)]), ("4", []), ("3.99", [(1, 1, False)])],
)
def test_a_point_outside_the_limits_is_beyond_them(value, shown):
    assert found("10", value, "10", rule=Rule.OUTSIDE) == shown


def test_points_outside_in_a_row_are_one_signal_and_on_two_sides_two():
    assert found(17, 17, 3, 10, 17, rule=Rule.OUTSIDE) == [
        (0, 1, True),
        (2, 2, False),
        (4, 4, True),
    ]


@pytest.mark.parametrize(("value", "is_high"), [(11, True), (9, False)])
def test_seven_in_a_row_on_one_side_of_the_mean(value, is_high):
    assert found(*[value] * 6, rule=Rule.ONE_SIDE) == []
    assert found(*[value] * 7, rule=Rule.ONE_SIDE) == [(0, 6, is_high)]
    assert found(10, *[value] * 9, 10, rule=Rule.ONE_SIDE) == [(1, 9, is_high)]


@pytest.mark.parametrize("breaker", [10, None, 9])
def test_a_run_on_one_side_is_broken_by_the_mean_a_gap_and_the_other_side(breaker):
    assert found(*[11] * 6, breaker, *[11] * 6, rule=Rule.ONE_SIDE) == []


def test_seven_in_a_row_rising_or_falling_are_seven_points():
    assert found(*range(7, 13), rule=Rule.TREND) == []
    assert found(*range(7, 14), rule=Rule.TREND) == [(0, 6, True)]
    assert found(13, *range(13, 5, -1), 6, 7, rule=Rule.TREND) == [(1, 8, False)]


@pytest.mark.parametrize("middle", [(10,), (None,), (9,)])
def test_a_trend_is_broken_by_a_standstill_a_gap_and_a_step_back(middle):
    assert found(7, 8, 9, 10, *middle, 11, 12, 13, rule=Rule.TREND) == []


# Two thirds of the way from 10 to 16 is 14, to 4 it is 6.
@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (("14.01", "14.01", "10"), [(0, 1, True)]),
        (("14.01", "10", "14.01"), [(0, 2, True)]),
        (("10", "5.99", "5.99"), [(1, 2, False)]),
        (("14", "14.01", "10"), []),
        (("14.01", "10", "10"), []),
        (("14.01", "5.99", "10"), []),
        (("14.01", "14.01"), []),
        (("14.01", None, "14.01"), []),
        (("14.01", "14.01", None), []),
        (("14.01", "14.01", "10", None), [(0, 1, True)]),
        (("14.01", "14.01", "14.01"), [(0, 2, True)]),
        (("14.01", "10", "10", "14.01"), []),
        (("17", "15", "10"), [(0, 1, True)]),
    ],
)
def test_two_of_three_near_the_same_limit(values, shown):
    assert found(*values, rule=Rule.NEAR_LIMIT) == shown


def test_threes_that_share_a_point_near_the_limit_are_one_signal():
    assert found(15, 15, 10, 15, 10, 10, 15, 15, rule=Rule.NEAR_LIMIT) == [
        (0, 3, True),
        (6, 7, True),
    ]
    assert found(15, 15, 5, 5, 15, 15, rule=Rule.NEAR_LIMIT) == [
        (0, 1, True),
        (4, 5, True),
        (2, 3, False),
    ]


def test_signals_come_rule_by_rule():
    shown = signals(exact([11, 12, 13, 14, 15, 16, 17]), WITHIN)

    assert shown == (
        Signal(Rule.OUTSIDE, 6, 6, True),
        Signal(Rule.ONE_SIDE, 0, 6, True),
        Signal(Rule.TREND, 0, 6, True),
        Signal(Rule.NEAR_LIMIT, 4, 6, True),
    )


def test_an_empty_series_has_no_signals():
    assert signals([], WITHIN) == ()


values = st.lists(st.none() | st.fractions(-50, 50, max_denominator=4), min_size=12, max_size=30)


@given(values)
def test_a_series_upside_down_has_its_signals_on_the_other_side(series):
    shown = limits(series)
    turned = [None if value is None else -value for value in series]
    mirrored = limits(turned)

    if shown is None:
        assert mirrored is None
        return
    assert (mirrored.low, mirrored.centre, mirrored.high) == (
        -shown.high,
        -shown.centre,
        -shown.low,
    )
    assert {
        (one.rule, one.first, one.last, not one.is_high) for one in signals(turned, mirrored)
    } == {(one.rule, one.first, one.last, one.is_high) for one in signals(series, shown)}


@given(values, st.fractions(Fraction(1, 9), 9), st.fractions(-9, 9))
def test_the_unit_and_the_zero_of_a_series_are_irrelevant(series, factor, shift):
    other = [None if value is None else value * factor + shift for value in series]
    one, two = limits(series), limits(other)

    if one is None:
        assert two is None
        return
    assert (two.low, two.high) == (one.low * factor + shift, one.high * factor + shift)
    assert signals(other, two) == signals(series, one)


# --- Unstable -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "numerator", "decimals", "unstable"),
    [
        (Kind.COUNT, 19, 0, True),
        (Kind.COUNT, 20, 0, False),
        (Kind.COUNT, 0, 0, True),
        (Kind.COUNT, -19, 0, True),
        (Kind.COUNT, -20, 0, False),
        (Kind.COUNT, 199, 1, True),
        (Kind.COUNT, 200, 1, False),
        (Kind.POPULATION_RATE, 19, 0, True),
        (Kind.POPULATION_RATE, 20, 0, False),
        (Kind.AMOUNT, 1, 0, False),
        (Kind.RATIO, 1, 0, False),
    ],
)
def test_counts_under_20_are_unstable(kind, numerator, decimals, unstable):
    definition = Definition(
        kind, Direction.MONITOR, Temporal.FLOW, Frequency.QUARTER, decimals=decimals
    )
    shown = aggregate(definition, [Observation(1, CellStatus.REPORTED, numerator, 100, 100)])

    assert is_unstable(definition, shown) is unstable


def test_no_count_at_all_is_not_unstable():
    definition = Definition(Kind.COUNT, Direction.MONITOR, Temporal.FLOW, Frequency.QUARTER)

    assert not is_unstable(definition, aggregate(definition, []))
