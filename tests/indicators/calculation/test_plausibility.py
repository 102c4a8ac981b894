"""Figures beside their own past: scores, changes and mistakes of unit, exact at the boundary."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.calculation import plausibility as rules

numbers = st.fractions(-10_000, 10_000, max_denominator=100)
positive = st.fractions(Fraction(1, 100), 10_000, max_denominator=100)
histories = st.lists(numbers, min_size=rules.FEWEST_FOR_HISTORY, max_size=14)
THRESHOLD = Fraction(7, 2)


def series(*values):
    return [Fraction(value) for value in values]


@pytest.mark.parametrize(
    ("history", "found"),
    [
        # Median 12, deviations 2 1 1 1 1 2: the MAD is 1.
        (series(10, 11, 11, 13, 13, 14), Fraction(1)),
        # A MAD of 0: 5 % of the median of 100 stands for it.
        (series(100, 100, 100, 100, 100, 180), Fraction(5)),
        # A MAD below 5 % of the median as well.
        (series(100, 101, 99, 100, 101, 100), Fraction(5)),
        (series(-100, -100, -100), Fraction(5)),
        (series(0, 0, 0, 0, 0, 9), Fraction(0)),
        (series(7), Fraction(7, 20)),
    ],
)
def test_the_spread_never_vanishes_beside_the_median(history, found):
    assert rules.spread(history) == found


@pytest.mark.parametrize(
    ("value", "history", "score"),
    [
        (12, series(10, 11, 11, 13, 13, 14), Fraction(0)),
        (15, series(10, 11, 11, 13, 13, 14), Fraction(6745, 10_000) * 3),
        (0, series(10, 11, 11, 13, 13, 14), -Fraction(6745, 10_000) * 12),
        (5, series(0, 0, 0, 0, 0, 9), None),
        (5, series(1, 2, 3, 4, 5), None),
    ],
)
def test_the_modified_z_score(value, history, score):
    assert rules.modified_z(Fraction(value), history) == score


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("value", "before", "threshold", "beyond"),
    [
        ("20", "10", "1", False),
        ("20.001", "10", "1", True),
        ("5", "10", "1", False),
        ("4.999", "10", "1", True),
        ("0", "10", "1", True),
        ("15", "10", "1/2", False),
        ("10", "15", "1/2", False),
        ("6.6", "10", "1/2", True),
        ("-10", "10", "100", True),
        ("5", "0", "1", False),
        ("0", "0", "1", False),
    ],
)
def test_a_fall_weighs_as_the_rise_that_undoes_it(value, before, threshold, beyond, sign):
    """Below zero as above it: -20 is the double of -10, -5 its half."""
    value, before = sign * Fraction(value), sign * Fraction(before)
    assert rules.is_beyond(value, before, Fraction(threshold)) is beyond


@pytest.mark.parametrize(
    ("value", "power"),
    [
        ("120", 10),
        ("72", 10),
        ("71.99", None),
        ("168", 10),
        ("168.01", None),
        ("1200", 100),
        ("12000", 1000),
        ("1.2", Fraction(1, 10)),
        ("0.72", Fraction(1, 10)),
        ("0.7", None),
        ("0.12", Fraction(1, 100)),
        ("0.012", Fraction(1, 1000)),
        ("12", None),
        ("0", None),
        ("-120", None),
    ],
)
def test_about_ten_a_hundred_or_a_thousand_times_the_usual_value(value, power):
    history = series(11, 12, 14)
    assert rules.mistaken_power(Fraction(value), history, Fraction(2, 5)) == power


def test_no_mistake_of_unit_without_a_usual_value():
    threshold = Fraction(2, 5)
    assert rules.mistaken_power(Fraction(120), series(12, 12), threshold) is None
    assert rules.mistaken_power(Fraction(120), series(0, 0, 12), threshold) is None


@given(histories, numbers, numbers)
def test_a_score_does_not_depend_on_where_or_how_large_zero_is(history, value, other):
    """Turned over, the score turns over; in another unit, it is the same."""
    score = rules.modified_z(value, history)
    mirrored = rules.modified_z(-value, [-each for each in history])
    assert mirrored == (None if score is None else -score)
    scaled = rules.modified_z(value * 7, [each * 7 for each in history])
    assert scaled == score


@given(histories, numbers)
def test_what_is_expected_is_what_passes(history, value):
    score = rules.modified_z(value, history)
    low, high = rules.expected_by_history(history, THRESHOLD)
    if score is not None:
        assert (abs(score) <= THRESHOLD) == (low <= value <= high)


@given(numbers, numbers)
def test_a_change_and_its_undoing_weigh_the_same(value, before):
    assume(value and before)
    for threshold in (Fraction(1, 4), Fraction(1), Fraction(3)):
        there, back = (value, before), (before, value)
        assert rules.is_beyond(*there, threshold) == rules.is_beyond(*back, threshold)


@given(numbers, numbers, positive)
def test_turned_over_a_change_is_beyond_as_before(value, before, threshold):
    found = rules.is_beyond(value, before, threshold)
    assert rules.is_beyond(-value, -before, threshold) == found


@given(st.lists(positive, min_size=3, max_size=12), st.sampled_from([10, 100, 1000]))
def test_exactly_a_power_of_ten_is_always_found(history, power):
    usual = rules.median(history)
    assert rules.mistaken_power(usual * power, history, Fraction(0)) == power
    assert rules.mistaken_power(usual / power, history, Fraction(0)) == Fraction(1, power)


@pytest.mark.parametrize(
    ("before", "threshold", "low", "high"),
    [(100, 1, 50, 200), (100, Fraction(1, 4), 80, 125), (-100, 1, -200, -50), (0, 1, 0, 0)],
)
def test_a_change_up_to_the_threshold_is_expected_both_ways(before, threshold, low, high):
    expected = rules.expected_by_change(Fraction(before), Fraction(threshold))

    assert expected == (low, high)
    for limit in expected:
        assert not rules.is_beyond(limit, Fraction(before), Fraction(threshold))
