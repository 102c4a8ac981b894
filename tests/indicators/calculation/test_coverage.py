"""METHOD.md 3: coverage, by number and by population."""

from fractions import Fraction

import pytest

from indicators.calculation.adding import Duplicate, baseline_share, coverage_of
from indicators.calculation.values import Coverage, Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Temporal

ZONES = Definition(Kind.COUNT, Direction.INCREASE, Temporal.FLOW, Frequency.QUARTER)
FEDERAL = Definition(
    Kind.COUNT, Direction.INCREASE, Temporal.FLOW, Frequency.QUARTER, by_population=False
)


def subject(number, status, population=100):
    return Observation(number, status, 1, population=population)


EVERY_STATUS = [
    subject(1, CellStatus.REPORTED, 300),
    subject(2, CellStatus.NOT_APPLICABLE, 5000),
    subject(3, CellStatus.NOT_AVAILABLE, 500),
    subject(4, CellStatus.MISSING, 200),
]


def test_coverage_counts_who_is_expected_and_what_they_said():
    assert coverage_of(ZONES, EVERY_STATUS) == Coverage(4, 1, 1, 1, 1, 1000, 300)


def test_not_available_counts_as_not_reported_and_not_applicable_is_not_expected():
    coverage = coverage_of(ZONES, EVERY_STATUS)

    assert (coverage.by_number, coverage.by_population) == (Fraction(1, 3), Fraction(3, 10))
    assert not coverage.is_full


def test_federal_units_are_covered_by_number_only():
    coverage = coverage_of(FEDERAL, EVERY_STATUS)

    assert (coverage.population_expected, coverage.by_population) == (None, None)
    assert coverage.by_number == Fraction(1, 3)


def test_subjects_without_population_are_covered_by_number_only():
    assert coverage_of(ZONES, [subject(1, CellStatus.REPORTED, None)]).by_population is None


def test_one_unknown_population_leaves_coverage_by_number_only():
    coverage = coverage_of(
        ZONES, [subject(1, CellStatus.REPORTED), subject(2, CellStatus.MISSING, None)]
    )
    assert (coverage.by_number, coverage.by_population) == (Fraction(1, 2), None)


def test_nobody_reported_covers_nothing_of_the_population():
    assert coverage_of(ZONES, [subject(1, CellStatus.MISSING)]).by_population == Fraction(0)


def test_no_inhabitants_at_all_are_no_share_of_anything():
    assert coverage_of(ZONES, [subject(1, CellStatus.REPORTED, 0)]).by_population is None


def test_all_not_applicable_has_no_coverage_and_says_so():
    coverage = coverage_of(ZONES, [subject(1, CellStatus.NOT_APPLICABLE)])

    assert coverage.all_not_applicable
    assert (coverage.by_number, coverage.by_population) == (None, None)
    assert not coverage.meets(Fraction(0))


def test_nobody_expected_is_not_all_not_applicable():
    assert not Coverage().all_not_applicable


@pytest.mark.parametrize(
    ("reported", "population", "enough"),
    [(4, 80, True), (3, 80, False), (4, 79, False), (5, 100, True)],
)
def test_the_minimum_holds_for_both_shares_unrounded(reported, population, enough):
    coverage = Coverage(5, 0, reported, 0, 5 - reported, 100, population)

    assert coverage.meets(Fraction(4, 5)) is enough


def test_just_under_the_minimum_is_under_it():
    assert not Coverage(100_000, 0, 79_999, 0, 20_001).meets(Fraction(4, 5))


def test_coverages_add_up():
    one = Coverage(2, 0, 1, 1, 0, 300, 100)
    other = Coverage(3, 1, 1, 0, 1, 400, 50)

    assert one + other == Coverage(5, 1, 2, 1, 1, 700, 150)
    assert sum([one, other], Coverage()) == one + other


def test_a_coverage_by_number_only_adds_no_population():
    assert Coverage(1, 0, 1) + Coverage(1, 0, 1, 0, 0, 9, 9) == Coverage(2, 0, 2, 0, 0, 9, 9)


# --- Shares of a baseline -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("baselines", "share"),
    [
        ({1: 30, 3: 50, 4: 20}, Fraction(3, 10)),
        ({1: 30, 2: 900, 3: 50, 4: 20, 9: 7}, Fraction(3, 10)),
        ({1: Fraction(1, 2), 3: Fraction(1, 4), 4: Fraction(1, 4)}, Fraction(1, 2)),
        ({1: 0, 3: 1, 4: 0}, Fraction(0)),
        ({1: 1, 3: 0, 4: 0}, Fraction(1)),
        ({1: 0, 3: 0, 4: 0}, None),
        ({1: 30, 3: 50}, None),
        ({3: 50, 4: 20}, None),
        ({1: 30, 3: -1, 4: 20}, None),
        ({1: -30, 3: 50, 4: 20}, None),
        ({}, None),
    ],
)
def test_the_reporting_subjects_share_of_the_baseline(baselines, share):
    assert baseline_share(baselines, EVERY_STATUS) == share


def test_everybody_reported_is_the_whole_baseline_and_nobody_is_none_of_it():
    reported = [subject(1, CellStatus.REPORTED), subject(2, CellStatus.REPORTED)]

    assert baseline_share({1: 3, 2: 4}, reported) == 1
    assert baseline_share({1: 3}, [subject(1, CellStatus.MISSING)]) == 0
    assert baseline_share({1: 3}, []) is None
    assert baseline_share({1: 3}, [subject(1, CellStatus.NOT_APPLICABLE)]) is None


def test_a_share_of_the_baseline_is_of_subjects_given_once():
    with pytest.raises(Duplicate):
        baseline_share({1: 3}, [subject(1, CellStatus.REPORTED), subject(1, CellStatus.MISSING)])
