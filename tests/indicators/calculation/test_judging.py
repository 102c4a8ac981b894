"""METHOD.md 5 row by row, both sides of every threshold, and 3's rule for sums."""

from datetime import date
from fractions import Fraction

import pytest

from indicators.calculation.judging import judge
from indicators.calculation.paths import Path
from indicators.calculation.values import Coverage, Definition
from indicators.enums import Direction, Frequency, Kind, Status, Temporal, Trend

EVE, MIDWAY, END = date(2025, 12, 31), date(2027, 12, 31), date(2029, 12, 31)
FULL = Coverage(10, 0, 10)
UP, DOWN = Direction.INCREASE, Direction.DECREASE
MAINTAIN, MONITOR = Direction.MAINTAIN, Direction.MONITOR


def define(direction=UP, kind=Kind.RATIO, **fields):
    return Definition(kind, direction, Temporal.FLOW, Frequency.QUARTER, scale=100, **fields)


def path(direction=UP, baseline=100, target=300, **fields):
    return Path(
        direction,
        None if baseline is None else Fraction(baseline),
        EVE,
        target=None if target is None else Fraction(target),
        **fields,
    )


def judged(value, *, definition=None, asked=None, **facts):
    facts = {
        "coverage": FULL,
        "period_end": MIDWAY,
        "window_starts": date(2027, 1, 1),
        "period": "2027-Q4",
    } | facts
    asked = path() if asked is None else asked
    definition = definition or define(asked.direction)
    return judge(definition, value=None if value is None else Fraction(value), path=asked, **facts)


# Baseline 100, target 300, so 200 is asked midway; delta is 2. The same path downwards
# goes from -100 to -300.
@pytest.mark.parametrize("sign", [1, -1], ids=["increase", "decrease"])
@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("300.01", Status.ACHIEVED),
        ("300", Status.ACHIEVED),
        ("299.99", Status.ON_TRACK),
        ("200", Status.ON_TRACK),
        ("199.99", Status.ON_TRACK),
        ("195", Status.ON_TRACK),
        ("194.99", Status.AT_RISK),
        ("160", Status.AT_RISK),
        ("159.99", Status.OFF_TRACK),
        ("100", Status.OFF_TRACK),
        ("98", Status.OFF_TRACK),
        ("97.99", Status.MOVING_AWAY),
        ("0", Status.MOVING_AWAY),
        ("-500", Status.MOVING_AWAY),
    ],
)
def test_a_value_against_its_path(sign, value, status):
    direction = UP if sign == 1 else DOWN
    asked = path(direction, 100 * sign, 300 * sign)

    assert judged(Fraction(value) * sign, asked=asked).status == status


@pytest.mark.parametrize(
    ("value", "status"),
    [(100, Status.OFF_TRACK), (50, Status.ON_TRACK), (60, Status.AT_RISK), (0, Status.ACHIEVED)],
)
def test_a_decrease_from_100_to_zero(value, status):
    assert judged(value, asked=path(DOWN, 100, 0)).status == status


@pytest.mark.parametrize(
    ("value", "status"),
    [("-53", Status.AT_RISK), ("-50", Status.ON_TRACK), ("0", Status.ACHIEVED)],
)
def test_negative_baseline_and_a_target_of_zero(value, status):
    assert judged(value, asked=path(UP, -100, 0)).status == status


def test_a_baseline_of_zero_is_ordinary():
    result = judged(1, asked=path(UP, 0, 4))

    assert (result.status, result.ratio, result.delta) == (
        Status.OFF_TRACK,
        Fraction(1, 2),
        Fraction("0.04"),
    )


def test_the_numbers_of_the_methods_example():
    result = judged("12.6", asked=path(UP, "9.5", 17))

    assert result.status == Status.AT_RISK
    assert (result.value, result.required) == (Fraction("12.6"), Fraction("13.25"))
    assert (result.baseline, result.target) == (Fraction("9.5"), Fraction(17))
    assert result.ratio == Fraction("3.1") / Fraction("3.75")


# p is within delta of b: only achieved, on track and moving away apply.
@pytest.mark.parametrize("sign", [1, -1], ids=["increase", "decrease"])
@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("300", Status.ACHIEVED),
        ("101", Status.ON_TRACK),
        ("98", Status.ON_TRACK),
        ("97.99", Status.MOVING_AWAY),
    ],
)
def test_while_the_path_has_hardly_left_the_baseline(sign, value, status):
    points = ((MIDWAY, Fraction(102 * sign)),)
    asked = path(UP if sign == 1 else DOWN, 100 * sign, 300 * sign, points=points)

    assert judged(Fraction(value) * sign, asked=asked).status == status


def test_just_beyond_delta_the_thresholds_apply_again():
    points = ((MIDWAY, Fraction("102.01")),)

    assert judged(101, asked=path(points=points)).status == Status.OFF_TRACK


@pytest.mark.parametrize(
    ("value", "status"),
    [(7, Status.ACHIEVED), ("6.93", Status.ON_TRACK), ("6.92", Status.MOVING_AWAY)],
)
def test_baseline_equal_to_target(value, status):
    assert judged(value, asked=path(UP, 7, 7)).status == status


def test_baseline_and_target_of_zero_leave_no_margin():
    assert judged(0, asked=path(DOWN, 0, 0)).status == Status.ACHIEVED
    assert judged("0.01", asked=path(DOWN, 0, 0)).status == Status.MOVING_AWAY


@pytest.mark.parametrize(("value", "status"), [(90, Status.OFF_TRACK), (89, Status.MOVING_AWAY)])
def test_an_indicators_own_materiality(value, status):
    result = judged(value, definition=define(materiality=Fraction(10)))

    assert (result.status, result.delta) == (status, Fraction(10))


def test_within_delta_of_the_baseline_a_good_ratio_still_comes_first():
    points = ((MIDWAY, Fraction(103)),)

    assert judged("101.9", asked=path(points=points)).status == Status.AT_RISK


@pytest.mark.parametrize(
    ("starts", "status"),
    [
        (date(2026, 1, 1), Status.ACHIEVED),
        (date(2025, 12, 31), Status.ON_TRACK),
        (date(2025, 10, 1), Status.ON_TRACK),
    ],
)
def test_a_window_that_reaches_back_before_the_plan_cannot_be_achieved(starts, status):
    assert judged(300, window_starts=starts).status == status


@pytest.mark.parametrize(
    ("value", "end", "status"),
    [
        ("90", MIDWAY, Status.ON_TRACK),
        ("110", MIDWAY, Status.ON_TRACK),
        ("89.99", MIDWAY, Status.OFF_TRACK),
        ("110.01", MIDWAY, Status.OFF_TRACK),
        ("110", END, Status.ACHIEVED),
        ("110", date(2029, 9, 30), Status.ON_TRACK),
        ("110.01", END, Status.OFF_TRACK),
    ],
)
def test_maintain_inside_a_band_limits_included(value, end, status):
    asked = Path(MAINTAIN, band_low=Fraction(90), band_high=Fraction(110))

    assert judged(value, asked=asked, period_end=end).status == status


def test_monitor_judges_nothing_even_with_a_target():
    result = judged(500, definition=define(MONITOR))

    assert (result.status, result.trend) == (Status.MONITORING, None)


# Delta is 1 % of the value a year earlier.
@pytest.mark.parametrize(
    ("direction", "now", "trend"),
    [
        (UP, "101", Trend.STABLE),
        (UP, "99", Trend.STABLE),
        (UP, "101.01", Trend.IMPROVING),
        (UP, "98.99", Trend.WORSENING),
        (DOWN, "101", Trend.STABLE),
        (DOWN, "101.01", Trend.WORSENING),
        (DOWN, "98.99", Trend.IMPROVING),
        (MAINTAIN, "101", Trend.STABLE),
        (MAINTAIN, "102", None),
    ],
)
def test_without_target_the_change_in_a_year_is_shown(direction, now, trend):
    result = judged(
        50,
        definition=define(direction),
        asked=path(target=None),
        a_year_earlier=(Fraction(100), Fraction(now)),
    )

    assert (result.status, result.trend) == (Status.NO_TARGET, trend)


def test_a_change_from_zero_or_below_is_ordinary():
    def trend(then, now):
        return judged(1, asked=Path(UP), a_year_earlier=(Fraction(then), Fraction(now))).trend

    assert [trend(0, 0), trend(0, 1), trend(-100, -99), trend(-100, -98)] == [
        Trend.STABLE,
        Trend.IMPROVING,
        Trend.STABLE,
        Trend.IMPROVING,
    ]


@pytest.mark.parametrize("materiality", [None, Fraction(5)])
def test_without_a_year_earlier_there_are_too_few_points(materiality):
    result = judged(50, definition=define(materiality=materiality), asked=Path(UP))

    assert (result.status, result.trend) == (Status.NO_TARGET, Trend.TOO_FEW_POINTS)


def test_an_own_materiality_also_holds_for_the_trend():
    result = judged(
        1,
        definition=define(materiality=Fraction(5)),
        asked=Path(UP),
        a_year_earlier=(Fraction(100), Fraction(105)),
    )

    assert result.trend == Trend.STABLE


def test_no_path_at_all_is_no_target():
    result = judge(
        define(),
        value=Fraction(1),
        coverage=FULL,
        path=None,
        period_end=MIDWAY,
        window_starts=date(2027, 1, 1),
    )

    assert (result.status, result.target, result.required) == (Status.NO_TARGET, None, None)


@pytest.mark.parametrize(
    ("direction", "value", "starts", "status"),
    [
        (UP, 300, date(2027, 1, 1), Status.ACHIEVED),
        (UP, 299, date(2027, 1, 1), Status.NO_BASELINE),
        (UP, 300, date(2025, 7, 1), Status.NO_BASELINE),
        (DOWN, 300, date(2027, 1, 1), Status.ACHIEVED),
        (DOWN, 301, date(2027, 1, 1), Status.NO_BASELINE),
    ],
)
def test_a_target_without_baseline(direction, value, starts, status):
    asked = path(direction, baseline=None)

    assert judged(value, asked=asked, window_starts=starts).status == status


def test_a_target_without_baseline_needs_no_materiality():
    result = judged(299, definition=define(materiality=Fraction(5)), asked=path(baseline=None))

    assert (result.status, result.ratio) == (Status.NO_BASELINE, None)


def test_no_value_is_no_data():
    assert judged(None).status == Status.NO_DATA


def test_all_not_applicable_comes_before_no_data():
    assert judged(None, coverage=Coverage(3, 3)).status == Status.NOT_APPLICABLE


def test_nobody_expected_is_no_data():
    assert judged(None, coverage=Coverage()).status == Status.NO_DATA


def test_a_narrative_is_never_measurable():
    definition = define(kind=Kind.NARRATIVE)

    assert judged(None, definition=definition, coverage=Coverage(3, 3)).status == (
        Status.NOT_MEASURABLE
    )


@pytest.mark.parametrize(
    ("coverage", "status"),
    [
        (Coverage(5, 0, 4, 0, 1), Status.ON_TRACK),
        (Coverage(5, 1, 4), Status.ON_TRACK),
        (Coverage(5, 0, 3, 1, 1), Status.INSUFFICIENT_COVERAGE),
        (Coverage(5, 0, 4, 0, 1, 1000, 800), Status.ON_TRACK),
        (Coverage(5, 0, 4, 0, 1, 1000, 799), Status.INSUFFICIENT_COVERAGE),
    ],
)
def test_under_the_minimum_in_either_share_there_is_a_value_but_no_status(coverage, status):
    result = judged(200, coverage=coverage)

    assert (result.status, result.value) == (status, Fraction(200))


def test_an_indicators_own_minimum_coverage():
    definition = define(minimum_coverage=Fraction(1, 2))

    assert judged(200, definition=definition, coverage=Coverage(2, 0, 1, 0, 1)).status == (
        Status.ON_TRACK
    )


def test_insufficient_coverage_comes_before_monitoring():
    result = judged(1, definition=define(MONITOR), coverage=Coverage(5, 0, 1, 0, 4))

    assert result.status == Status.INSUFFICIENT_COVERAGE


NINE_OF_TEN = Coverage(10, 0, 9, 0, 1)


@pytest.mark.parametrize("kind", [Kind.COUNT, Kind.AMOUNT])
@pytest.mark.parametrize(
    ("direction", "status", "understated"),
    [
        (UP, Status.ON_TRACK, True),
        (DOWN, Status.INSUFFICIENT_COVERAGE, False),
        (MAINTAIN, Status.INSUFFICIENT_COVERAGE, False),
        (MONITOR, Status.MONITORING, False),
    ],
)
def test_a_sum_under_full_coverage_without_baselines_per_subject(
    kind, direction, status, understated
):
    asked = path(direction, band_low=Fraction(0), band_high=Fraction(999))

    result = judged(200, definition=define(direction, kind), asked=asked, coverage=NINE_OF_TEN)

    assert (result.status, result.understated, result.scaled_by) == (status, understated, None)


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "value", "status"),
    [
        (UP, 100, 300, 180, Status.ON_TRACK),
        (UP, 100, 300, 270, Status.ACHIEVED),
        (UP, 100, 300, 175, Status.AT_RISK),
        (DOWN, 300, 100, 180, Status.ON_TRACK),
        (DOWN, 300, 100, 190, Status.AT_RISK),
    ],
)
def test_a_sum_is_held_against_the_reporting_subjects_share_of_the_path(
    direction, baseline, target, value, status
):
    result = judged(
        value,
        definition=define(direction, Kind.COUNT),
        asked=path(direction, baseline, target),
        coverage=NINE_OF_TEN,
        baseline_share=Fraction(9, 10),
    )

    assert (result.status, result.required, result.scaled_by) == (
        status,
        Fraction(180),
        Fraction(9, 10),
    )
    assert (result.baseline, result.target) == (
        Fraction(baseline) * 9 / 10,
        Fraction(target) * 9 / 10,
    )
    assert not result.understated


def test_a_band_is_scaled_like_the_path():
    asked = Path(MAINTAIN, band_low=Fraction(90), band_high=Fraction(110))

    result = judged(
        81,
        definition=define(MAINTAIN, Kind.COUNT),
        asked=asked,
        coverage=NINE_OF_TEN,
        baseline_share=Fraction(9, 10),
    )

    assert (result.status, result.band_low, result.band_high) == (Status.ON_TRACK, 81, 99)


@pytest.mark.parametrize(
    ("kind", "coverage"), [(Kind.COUNT, FULL), (Kind.COUNT, Coverage(11, 1, 10))]
)
def test_a_sum_under_complete_coverage_is_not_scaled(kind, coverage):
    result = judged(
        200, definition=define(UP, kind), coverage=coverage, baseline_share=Fraction(9, 10)
    )

    assert (result.required, result.scaled_by, result.understated) == (Fraction(200), None, False)


def test_a_quotient_is_never_scaled():
    result = judged(200, coverage=NINE_OF_TEN, baseline_share=Fraction(9, 10))

    assert (result.required, result.scaled_by, result.understated) == (Fraction(200), None, False)


@pytest.mark.parametrize("share", [Fraction(0), Fraction(-1, 2)])
def test_a_share_that_would_empty_the_target_is_not_used(share):
    result = judged(
        0, definition=define(UP, Kind.COUNT), coverage=NINE_OF_TEN, baseline_share=share
    )

    assert (result.status, result.target, result.understated) == (
        Status.MOVING_AWAY,
        Fraction(300),
        True,
    )


def test_what_was_reached_is_kept_with_its_first_period():
    assert judged(300).reached == "2027-Q4"
    assert judged(300, reached_before="2027-Q2").reached == "2027-Q2"
    assert judged(200).reached is None


def test_what_is_lost_again_was_reached():
    result = judged(200, reached_before="2027-Q2")

    assert (result.status, result.reached) == (Status.ON_TRACK, "2027-Q2")


def test_a_period_without_data_keeps_what_was_reached():
    assert judged(None, reached_before="2027-Q2").reached == "2027-Q2"


@pytest.mark.parametrize(
    ("value", "end", "short"),
    [
        (299, END, True),
        (50, END, True),
        (300, END, False),
        (199, MIDWAY, False),
        (None, END, False),
    ],
)
def test_the_plans_last_period_short_of_the_target_is_not_achieved(value, end, short):
    assert judged(value, period_end=end).fell_short is short


def test_the_last_period_names_its_ratio():
    result = judged(250, period_end=END)

    assert (result.status, result.ratio, result.fell_short) == (
        Status.AT_RISK,
        Fraction(3, 4),
        True,
    )


def test_a_missed_target_without_baseline_is_not_achieved_either():
    assert judged(299, asked=path(baseline=None), period_end=END).fell_short
    assert not judged(299, asked=Path(UP), period_end=END).fell_short


STEPS = tuple(date(year, 6, 30) for year in (2026, 2027, 2028, 2029))


@pytest.mark.parametrize(
    ("value", "on", "status"),
    [
        (0, date(2026, 3, 31), Status.ON_TRACK),
        (0, date(2026, 6, 30), Status.OFF_TRACK),
        (25, date(2026, 6, 30), Status.ON_TRACK),
        (25, date(2027, 6, 30), Status.OFF_TRACK),
        (50, date(2028, 6, 30), Status.AT_RISK),
        (100, date(2028, 6, 30), Status.ACHIEVED),
    ],
)
def test_milestones_against_their_staircase(value, on, status):
    definition = define(kind=Kind.MILESTONES)

    result = judged(value, definition=definition, asked=Path.milestones(STEPS, 100), period_end=on)

    assert result.status == status


@pytest.mark.parametrize("direction", [DOWN, MAINTAIN, MONITOR])
def test_milestones_only_increase(direction):
    with pytest.raises(ValueError, match=r"^milestones only increase$"):
        define(direction, Kind.MILESTONES)
