"""What is odd, empty or impossible: each has its answer, from the figures to the sentence."""

from datetime import date
from fractions import Fraction

import pytest

from indicators.calculation.adding import Duplicate, aggregate, common_set, subject_value, window
from indicators.calculation.breakdowns import adds_up, breakdown_fault
from indicators.calculation.checking import PartProblem, part_problem
from indicators.calculation.judging import judge
from indicators.calculation.paths import Path, problems, required
from indicators.calculation.sentences import Code, Facts, sentences
from indicators.calculation.signals import limits
from indicators.calculation.values import Definition, Observation
from indicators.enums import CellStatus, Direction, Frequency, Kind, Status, Temporal, Trend

REPORTED, NOT_APPLICABLE = CellStatus.REPORTED, CellStatus.NOT_APPLICABLE
EVE, MIDWAY = date(2025, 12, 31), date(2027, 12, 31)
UP, DOWN = Direction.INCREASE, Direction.DECREASE


def define(kind=Kind.RATIO, direction=UP, **fields):
    return Definition(kind, direction, Temporal.STOCK, Frequency.YEAR, **fields)


def said(subject, numerator, denominator=None):
    return Observation(subject, REPORTED, numerator, denominator, 1000)


def silent(subject, status=CellStatus.MISSING):
    return Observation(subject, status, population=1000)


def path(direction, baseline, target, **fields):
    return Path(direction, Fraction(baseline), EVE, target=Fraction(target), **fields)


def told(definition, observations, asked=None, **facts):
    """The status of these figures and the first thing said of it."""
    shown = aggregate(definition, observations)
    judgement = judge(
        definition,
        value=shown.value,
        coverage=shown.coverage,
        path=asked,
        period_end=MIDWAY,
        window_starts=date(2027, 1, 1),
        **facts,
    )
    first, *_others = sentences(
        definition, judgement, Facts(shown.coverage, shown.value, shown.coverage.reported)
    )
    return judgement.status, first.code


@pytest.mark.parametrize("kind", [Kind.RATIO, Kind.MEAN, Kind.MILESTONES])
def test_a_denominator_of_zero_is_reported_and_has_no_value(kind):
    definition = define(kind)

    shown = aggregate(definition, [said(1, 0, 0), said(2, 0, 0)])

    assert (shown.value, shown.coverage.by_number) == (None, 1)
    assert subject_value(definition, said(1, 0, 0)) is None
    assert told(definition, [said(1, 0, 0)], path(UP, 0, 1)) == (
        Status.NO_DATA,
        Code.DENOMINATOR_ZERO,
    )


def test_inhabitants_of_zero_are_a_denominator_of_zero():
    nobody_lives_there = Observation(1, REPORTED, 3, None, 0)

    assert told(define(Kind.POPULATION_RATE), [nobody_lives_there]) == (
        Status.NO_DATA,
        Code.DENOMINATOR_ZERO,
    )


def test_a_year_whose_denominators_are_zero_has_no_value():
    definition = Definition(Kind.MEAN, UP, Temporal.FLOW, Frequency.HALF_YEAR)

    year = window(definition, [[said(1, 0, 0)], [said(1, 0, 0)]])

    assert (year.value, year.denominator, year.coverage.reported) == (None, 0, 1)


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "there", "short"),
    [
        (UP, 0, 100, 100, 40),
        (DOWN, 100, 0, 0, 60),
        (DOWN, 0, -100, -100, -40),
        (UP, -100, 0, 0, -60),
        (UP, -300, -100, -100, -220),
        (DOWN, -100, -300, -300, -180),
        (UP, -100, 100, 100, -20),
    ],
)
@pytest.mark.parametrize("materiality", [None, Fraction(0)])
def test_baselines_and_targets_of_zero_and_below_are_ordinary(
    direction, baseline, target, there, short, materiality
):
    definition = define(Kind.COUNT, direction, materiality=materiality)
    asked = path(direction, baseline, target)

    assert problems(asked) == []
    assert told(definition, [said(1, there)], asked)[0] == Status.ACHIEVED
    assert told(definition, [said(1, short)], asked)[0] == Status.AT_RISK


@pytest.mark.parametrize("level", [0, 7, -7])
@pytest.mark.parametrize("direction", [UP, DOWN])
def test_a_baseline_equal_to_its_target_is_held_not_reached(level, direction):
    definition, asked = define(Kind.COUNT, direction), path(direction, level, level)
    worse = level - 1 if direction == UP else level + 1

    assert problems(asked) == []
    assert told(definition, [said(1, level)], asked) == (Status.ACHIEVED, Code.AT_BASELINE)
    assert told(definition, [said(1, worse)], asked) == (Status.MOVING_AWAY, Code.AT_BASELINE)


def test_a_flat_path_asks_for_no_more_than_its_baseline_until_it_rises():
    asked = path(UP, 100, 300, points=((MIDWAY, Fraction(100)),))

    assert required(asked, date(2027, 6, 30)) == 100
    assert told(define(Kind.COUNT), [said(1, 100)], asked) == (Status.ON_TRACK, Code.AT_BASELINE)


def test_before_its_first_step_a_staircase_asks_for_nothing():
    steps = Path.milestones([date(2028, 6, 30), date(2028, 6, 30)], 1)

    assert required(steps, MIDWAY) == 0
    assert told(define(Kind.MILESTONES), [said(1, 0, 2)], steps)[0] == Status.ON_TRACK
    assert required(steps, date(2028, 6, 30)) == 1


@pytest.mark.parametrize("points", [[], [5], [5] * 11])
def test_too_few_points_have_no_limits(points):
    assert limits([Fraction(one) for one in points]) is None


@pytest.mark.parametrize(("points", "p"), [((), 200), (((MIDWAY, Fraction(120)),), 120)])
def test_a_path_with_no_point_is_a_straight_line_and_with_one_is_two(points, p):
    assert required(path(UP, 100, 300, points=points), MIDWAY) == p


def test_no_figure_a_year_earlier_is_too_few_points():
    assert told(define(Kind.COUNT), [said(1, 5)]) == (Status.NO_TARGET, Code.TOO_FEW_POINTS)
    then, now, number = common_set(define(Kind.COUNT), [], [said(1, 5)])
    assert (then.value, now.value, number) == (None, None, 0)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.NARRATIVE])
def test_all_subjects_not_applicable(kind):
    nobody = [silent(1, NOT_APPLICABLE), silent(2, NOT_APPLICABLE)]

    assert told(define(kind, threshold_level=2), nobody) == (
        Status.NOT_APPLICABLE,
        Code.NOT_APPLICABLE,
    )


def test_no_subject_at_all_is_no_data_not_not_applicable():
    assert told(define(), []) == (Status.NO_DATA, Code.NO_FIGURE)


def test_a_numerator_above_its_denominator_is_refused_where_it_is_a_part():
    assert part_problem(define(is_part=True), 11, 10) == PartProblem.ABOVE_DENOMINATOR
    assert part_problem(define(is_part=True), 10, 10) is None
    assert part_problem(define(Kind.MILESTONES), 3, 2) == PartProblem.ABOVE_DENOMINATOR


def test_a_numerator_above_its_denominator_is_more_than_the_whole_where_it_is_none():
    definition = define(scale=100)

    assert part_problem(definition, 11, 10) is None
    assert aggregate(definition, [said(1, 11, 10)]).value == 110


def test_a_breakdown_with_a_missing_option_keeps_its_total():
    total, one, other = said(1, 9), said(1, 4), silent(1)

    assert breakdown_fault(Kind.COUNT, total, [one, other], is_exhaustive=True) is None
    shown = [aggregate(define(Kind.COUNT), [each]) for each in (total, one, other)]
    assert [each.value for each in shown] == [9, 4, None]
    assert [each.coverage.missing for each in shown] == [0, 0, 1]
    assert not adds_up(Kind.COUNT, shown[0], shown[1:])


def test_a_subject_that_reports_twice_is_refused():
    with pytest.raises(Duplicate, match="subject 1 is given twice"):
        told(define(Kind.COUNT), [said(1, 2), said(1, 8)])


def test_a_change_from_nothing_has_a_trend_and_no_share():
    trend = judge(
        define(Kind.COUNT),
        value=Fraction(1),
        coverage=aggregate(define(Kind.COUNT), [said(1, 1)]).coverage,
        path=None,
        period_end=MIDWAY,
        window_starts=date(2027, 1, 1),
        a_year_earlier=(Fraction(0), Fraction(1)),
    ).trend

    assert trend == Trend.IMPROVING
