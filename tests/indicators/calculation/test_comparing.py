"""METHOD.md 10: who may know what about the others, with exact medians and quartiles."""

import statistics
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calculation import comparing
from indicators.calculation.comparing import (
    Group,
    Peers,
    median,
    peers,
    population_class,
    quantile,
    quartiles,
)

numbers = st.fractions(-1000, 1000, max_denominator=50)


def series(*values):
    return [Fraction(value) for value in values]


@pytest.mark.parametrize(
    ("values", "between", "lower"),
    [
        ((3,), Fraction(3), Fraction(3)),
        ((1, 2), Fraction(3, 2), Fraction(1)),
        ((3, 1, 2), Fraction(2), Fraction(2)),
        ((4, 1, 2, 3), Fraction(5, 2), Fraction(2)),
        ((0, 0, 4, 4), Fraction(2), Fraction(0)),
    ],
)
def test_the_median_of_values_and_of_levels(values, between, lower):
    assert median(series(*values)) == between
    assert median(series(*values), levels=True) == lower


@pytest.mark.parametrize(
    ("values", "between", "levels"),
    [
        ((5,), (5, 5), (5, 5)),
        ((1, 2, 3, 4, 5), (2, 4), (2, 4)),
        ((1, 2, 3, 4), (Fraction(7, 4), Fraction(13, 4)), (1, 3)),
        ((0, 1, 1, 2, 3, 4, 4, 4), (1, 4), (1, 4)),
    ],
)
def test_the_quartiles_of_values_and_of_levels(values, between, levels):
    assert quartiles(series(*values)) == between
    assert quartiles(series(*values), levels=True) == levels


def test_no_value_has_no_median():
    with pytest.raises(ValueError, match="no value"):
        median([])


@pytest.mark.parametrize(
    ("inhabitants", "number"),
    [
        (0, 1),
        (34_999, 1),
        (35_000, 2),
        (59_999, 2),
        (60_000, 3),
        (99_999, 3),
        (100_000, 4),
        (230_000, 4),
        (None, None),
    ],
)
def test_population_classes_begin_at_their_boundary(inhabitants, number):
    assert population_class(inhabitants) == number


@pytest.mark.parametrize(
    ("count", "has_total", "has_median", "has_quartiles"),
    [
        (0, False, False, False),
        (2, False, False, False),
        (3, True, False, False),
        (4, True, False, False),
        (5, True, True, False),
        (9, True, True, False),
        (10, True, True, True),
    ],
)
def test_how_many_others_each_thing_takes(count, has_total, has_median, has_quartiles):
    values = [(subject, Fraction(subject)) for subject in range(1, count + 1)]
    found = peers(0, [*values, (0, Fraction(10**6))])
    assert found.others == count
    known = (found.total, found.median, found.quartiles)
    assert [each is not None for each in known] == [has_total, has_median, has_quartiles]
    if has_total:
        assert found.total == count * (count + 1) // 2


def test_levels_have_no_total_and_restricted_indicators_no_peers():
    values = [(subject, Fraction(subject % 5)) for subject in range(12)]
    assert peers(99, values, levels=True) == Peers(12, None, Fraction(1), (0, 3))
    assert peers(99, values, is_restricted=True) is None


@given(st.lists(numbers, min_size=2, max_size=30))
def test_quartiles_and_median_are_those_of_another_program(values):
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    assert (*quartiles(values), median(values)) == (low, high, middle)


@given(st.lists(numbers, min_size=1, max_size=30), st.fractions(0, 1))
def test_a_level_is_one_that_occurs_and_holds_its_share(values, share):
    found = quantile(values, share, levels=True)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


@given(st.lists(st.tuples(st.integers(0, 20), numbers), max_size=30), numbers)
def test_ones_own_figure_never_moves_what_is_said_about_others(values, mine):
    others = [(subject, value) for subject, value in values if subject != 0]
    assert peers(0, [*others, (0, mine)]) == peers(0, others)


@given(st.dictionaries(st.integers(0, 30), numbers, max_size=25), st.integers(0, 30), st.booleans())
def test_a_group_says_of_its_others_what_they_say_alone(values, own, levels):
    others = [value for subject, value in values.items() if subject != own]
    found = Group.of(values.items(), levels=levels).beside(own)
    assert found == Peers(
        len(others),
        sum(others, Fraction(0)) if len(others) >= 3 and not levels else None,
        median(others, levels=levels) if len(others) >= 5 else None,
        quartiles(others, levels=levels) if len(others) >= 10 else None,
    )


def test_between_two_values_lies_the_straight_line_unless_they_are_levels():
    values = [Fraction(0), Fraction(1)]

    assert comparing.quantile(values, Fraction(1, 4)) == Fraction(1, 4)
    assert comparing.quantile(values, Fraction(1, 4), levels=True) == 0
    with pytest.raises(ValueError, match=r"^no value has no quantile$"):
        comparing.quantile([], Fraction(1, 4))
