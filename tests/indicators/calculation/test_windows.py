"""METHOD.md 2: the year made of its periods."""

from fractions import Fraction

import pytest

from indicators.calculation.adding import Duplicate, coverage_of, over_year, window, year_of
from indicators.calculation.values import Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Temporal


def define(kind, temporal, frequency=Frequency.HALF_YEAR, **fields):
    return Definition(kind, Direction.INCREASE, temporal, frequency, **fields)


def said(subject, numerator, denominator=None, population=1000):
    return Observation(subject, CellStatus.REPORTED, numerator, denominator, population)


def silent(subject, status=CellStatus.MISSING):
    return Observation(subject, status, population=1000)


FLOW, STOCK, MEAN = Temporal.FLOW, Temporal.STOCK, Temporal.MEAN


@pytest.mark.parametrize(
    ("definition", "first", "second", "value"),
    [
        (define(Kind.COUNT, FLOW), said(1, 3), said(1, 4), Fraction(7)),
        (define(Kind.COUNT, STOCK), said(1, 3), said(1, 4), Fraction(4)),
        (define(Kind.COUNT, MEAN), said(1, 3), said(1, 4), Fraction("3.5")),
        (define(Kind.AMOUNT, MEAN, decimals=1), said(1, 30), said(1, 41), Fraction("3.55")),
        (define(Kind.RATIO, FLOW, scale=100), said(1, 1, 1), said(1, 0, 3), Fraction(25)),
        (define(Kind.RATIO, STOCK, scale=100), said(1, 1, 1), said(1, 0, 3), Fraction(0)),
        (define(Kind.RATIO, MEAN, scale=100), said(1, 1, 1), said(1, 0, 3), Fraction(25)),
        (define(Kind.MEAN, MEAN), said(1, 10, 2), said(1, 2, 2), Fraction(3)),
        (
            define(Kind.POPULATION_RATE, FLOW, scale=1000),
            said(1, 1, population=500),
            said(1, 3, population=1000),
            Fraction(4),
        ),
        (
            define(Kind.POPULATION_RATE, MEAN, scale=1000),
            said(1, 1, population=600),
            said(1, 3, population=1000),
            Fraction(5, 2),
        ),
        (define(Kind.MILESTONES, FLOW, scale=100), said(1, 1, 4), said(1, 2, 4), Fraction(50)),
        (define(Kind.YES_NO, FLOW, scale=100), said(1, 0), said(1, 1), Fraction(100)),
    ],
)
def test_how_two_half_years_make_the_year(definition, first, second, value):
    assert window(definition, [[first], [second]]).value == value


def test_levels_of_a_year_are_the_last_ones():
    definition = define(Kind.SCALE, STOCK, threshold_level=3)

    result = window(definition, [[said(1, 0), said(2, 4)], [said(1, 3), said(2, 4)]])

    assert (result.distribution, result.median, result.value) == ((0, 0, 0, 1, 1), 3, Fraction(1))


def test_only_subjects_that_reported_every_period_count_and_coverage_is_theirs():
    first = [said(1, 1), silent(2), silent(3, CellStatus.NOT_AVAILABLE)]
    second = [said(1, 2), said(2, 50), said(3, 50)]

    result = window(define(Kind.COUNT, FLOW), [first, second])

    assert result.value == Fraction(3)
    coverage = result.coverage
    assert (coverage.reported, coverage.missing, coverage.not_available) == (1, 1, 1)
    assert coverage.by_population == Fraction(1, 3)


def test_a_stock_too_needs_every_period():
    assert window(define(Kind.COUNT, STOCK), [[silent(1)], [said(1, 4)]]).value is None


@pytest.mark.parametrize("given", [0, 1, 2, 3])
def test_a_year_with_a_missing_quarter_has_no_value(given):
    periods = [[said(1, 1)] for _ in range(given)]

    result = window(define(Kind.COUNT, FLOW, Frequency.QUARTER), periods)

    assert result.value is None
    assert result.coverage.reported == 0
    assert result.coverage.missing == bool(given)


def test_a_period_that_nobody_reported_leaves_no_value():
    year = window(define(Kind.COUNT, FLOW), [[], [said(1, 1)]])

    assert (year.value, year.coverage.missing) == (None, 1)


def test_more_periods_than_a_year_has_is_an_error():
    with pytest.raises(ValueError, match="3 periods are more than a year of half_year"):
        window(define(Kind.COUNT, FLOW), [[], [], []])


@pytest.mark.parametrize(("frequency", "number"), [("month", 12), ("quarter", 4), ("year", 1)])
def test_a_year_has_the_periods_of_its_frequency(frequency, number):
    definition = define(Kind.COUNT, FLOW, Frequency(frequency))

    assert window(definition, [[said(1, 2)]] * number).value == 2 * number


def test_not_applicable_all_year_is_not_expected_to_report():
    absent = silent(2, CellStatus.NOT_APPLICABLE)

    result = window(define(Kind.COUNT, FLOW), [[said(1, 1), absent], [said(1, 1), absent]])

    assert result.coverage.by_number == Fraction(1)
    assert result.coverage.not_applicable == 1


def test_not_applicable_for_part_of_the_year_did_not_report_them_all():
    periods = [[silent(1, CellStatus.NOT_APPLICABLE)], [said(1, 1)]]

    result = window(define(Kind.COUNT, FLOW), periods)

    assert (result.value, result.coverage.not_available) == (None, 1)


def test_a_subject_that_is_no_longer_expected_is_left_out():
    result = window(define(Kind.COUNT, FLOW), [[said(1, 1), said(2, 9)], [said(1, 1)]])

    assert (result.value, result.coverage.expected) == (Fraction(2), 1)


ABSENT = CellStatus.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("kind", "periods", "statuses"),
    [
        (
            Kind.COUNT,
            [[said(1, 1), silent(2)], [said(2, 5), said(1, 2)]],
            {1: "reported", 2: "missing"},
        ),
        (Kind.COUNT, [[silent(1, ABSENT)], [silent(1, ABSENT)]], {1: "not_applicable"}),
        (Kind.COUNT, [[silent(1, ABSENT)], [said(1, 2)]], {1: "not_available"}),
        (Kind.COUNT, [[said(1, 2)]], {1: "missing"}),
        (Kind.COUNT, [[said(1, 1), said(2, 9)], [said(1, 1)]], {1: "reported"}),
        (
            Kind.POPULATION_RATE,
            [[said(1, 1), said(2, 1)], [said(1, 1), said(2, 1, population=None)]],
            {1: "reported", 2: "not_available"},
        ),
    ],
)
def test_who_was_in_the_year_is_who_its_coverage_counts(kind, periods, statuses):
    """Each subject of the latest period, in its order; parts only where it was in the year."""
    definition = define(kind, FLOW)

    found = over_year(definition, periods)

    latest = {one.subject: one.population for one in periods[-1]}
    assert [one.subject for one in found] == list(latest)
    assert {one.subject: str(one.status) for one in found} == statuses
    for one in found:
        assert (one.numerator is not None) == (one.status == CellStatus.REPORTED)
        assert one.revision is None
    assert coverage_of(definition, found) == window(definition, periods).coverage
    if kind == Kind.COUNT:
        assert {one.subject: one.population for one in found} == latest


def test_a_year_too_long_has_nobody_in_it_either():
    with pytest.raises(ValueError, match="3 periods are more than a year of half_year"):
        over_year(define(Kind.COUNT, FLOW), [[], [], []])


@pytest.mark.parametrize(
    ("definition", "parts"),
    [
        (define(Kind.COUNT, FLOW), (7, None)),
        (define(Kind.AMOUNT, MEAN), (7, None)),
        (define(Kind.COUNT, STOCK), (4, None)),
        (define(Kind.RATIO, FLOW), (7, 11)),
        (define(Kind.RATIO, STOCK), (4, 6)),
        (define(Kind.MEAN, MEAN), (7, 11)),
        (define(Kind.POPULATION_RATE, FLOW), (7, 1300)),
        (define(Kind.POPULATION_RATE, MEAN), (7, 1300)),
        (define(Kind.MILESTONES, FLOW), (4, 6)),
        (define(Kind.SCALE, STOCK, threshold_level=3), (4, None)),
    ],
)
def test_a_subjects_year_has_its_parts(definition, parts):
    has_both = parts[1] is not None and definition.kind != Kind.POPULATION_RATE
    first = said(1, 3, 5 if has_both else None, population=500)
    second = said(1, 4, 6 if has_both else None, population=800)

    (one,) = over_year(definition, [[first], [second]])

    assert (one.numerator, one.denominator) == parts
    assert (one.subject, one.status, one.population) == (1, CellStatus.REPORTED, 800)


def test_a_group_of_some_of_the_year_is_their_window():
    """What subjects' years add up to is what their figures do, whichever are in the group."""
    definition = define(Kind.COUNT, MEAN)
    periods = [
        [said(1, 3), said(2, 8), silent(3), said(4, 1)],
        [said(1, 4), said(2, 1), said(3, 5), silent(4, ABSENT)],
    ]
    years = {one.subject: one for one in over_year(definition, periods)}

    for members in ([], [1], [3], [2, 3], [1, 2, 3, 4]):
        among = [[one for one in period if one.subject in members] for period in periods]
        assert year_of(definition, [years[one] for one in members]) == window(definition, among)


def test_a_year_of_a_rate_without_its_inhabitants_is_refused():
    with pytest.raises(ValueError, match="subject 1 reported without its denominator"):
        year_of(define(Kind.POPULATION_RATE, MEAN), [said(1, 3)])


def test_a_subject_twice_in_the_year_of_a_group_is_refused():
    years = over_year(define(Kind.COUNT, FLOW), [[said(1, 1)], [said(1, 1)]])

    with pytest.raises(Duplicate, match="subject 1 is given twice"):
        year_of(define(Kind.COUNT, FLOW), years * 2)
