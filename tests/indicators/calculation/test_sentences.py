"""METHOD.md 5: every status names its numbers, exactly."""

from datetime import date
from fractions import Fraction

import pytest

from indicators.calculation.judging import Judgement, judge
from indicators.calculation.paths import PLAN_END, Path
from indicators.calculation.sentences import Code, Facts, Sentence, sentences
from indicators.calculation.values import Coverage, Definition
from indicators.enums import Direction, Frequency, Kind, Status, Temporal, Trend

EVE, MIDWAY = date(2025, 12, 31), date(2027, 12, 31)
FULL = Coverage(176, 0, 176)
SOME = Coverage(176, 4, 169, 1, 2, 1000, 970)
OF_SOME = {"reported": 169, "applicable": 172}
REACHED = {"period": "2027-Q2"}


def define(direction=Direction.INCREASE, kind=Kind.RATIO, **fields):
    return Definition(kind, direction, Temporal.FLOW, Frequency.QUARTER, scale=100, **fields)


def judged(value, *, definition=None, path=None, coverage=SOME, **fields):
    """The judgement of a value by the kernel, and what is said of it."""
    definition = definition or define()
    value = None if value is None else Fraction(value)
    facts = {"period_end": MIDWAY, "window_starts": date(2027, 1, 1), "period": "2027-Q4"}
    judgement = judge(definition, value=value, coverage=coverage, path=path, **{**facts, **fields})
    end = path.baseline_end if path else None
    return sentences(definition, judgement, Facts(coverage, value, coverage.reported, 4, end))


def rising(**fields):
    return Path(Direction.INCREASE, Fraction(100), EVE, target=Fraction(300), **fields)


ASKED = {
    "required": Fraction(200),
    "baseline": Fraction(100),
    "baseline_end": EVE,
    "target": Fraction(300),
}


@pytest.mark.parametrize("value", [300, 200, 170, 150])
def test_what_is_held_against_a_path_names_its_ratio_and_all_it_rests_on(value):
    ratio = Fraction(value - 100, 100)

    assert judged(value, path=rising()) == (
        Sentence(Code.ON_PATH, {"value": Fraction(value), **OF_SOME, "ratio": ratio, **ASKED}),
    )


def test_the_numbers_of_the_methods_example():
    path = Path(Direction.INCREASE, Fraction("9.5"), EVE, target=Fraction(17))

    (said,) = judged(Fraction("12.6"), path=path)

    assert (said.numbers["value"], said.numbers["required"]) == (
        Fraction("12.6"),
        Fraction("13.25"),
    )


def test_where_the_path_asks_for_the_baseline_there_is_no_ratio():
    flat = rising(points=((MIDWAY, Fraction(100)),))

    assert judged(100, path=flat) == (
        Sentence(
            Code.AT_BASELINE,
            {
                "value": Fraction(100),
                **OF_SOME,
                **ASKED,
                "required": Fraction(100),
                "materiality": Fraction(2),
            },
        ),
    )


@pytest.mark.parametrize(
    ("required", "value", "status", "code"),
    [
        (102, 101, Status.ON_TRACK, Code.AT_BASELINE),
        (102, 98, Status.ON_TRACK, Code.AT_BASELINE),
        (102, 97, Status.MOVING_AWAY, Code.AT_BASELINE),
        (102, 300, Status.ACHIEVED, Code.AT_BASELINE),
        (103, 101, Status.OFF_TRACK, Code.ON_PATH),
    ],
)
def test_no_ratio_is_named_where_the_path_is_within_materiality_of_the_baseline(
    required, value, status, code
):
    path = rising(points=((MIDWAY, Fraction(required)),))
    judgement = judge(
        define(),
        value=Fraction(value),
        coverage=SOME,
        path=path,
        period_end=MIDWAY,
        window_starts=date(2027, 1, 1),
    )
    (said,) = sentences(define(), judgement, Facts(SOME, Fraction(value), 169, 4, EVE))

    assert (judgement.status, said.code) == (status, code)
    assert judgement.ratio == Fraction(value - 100, required - 100)
    assert (said.numbers.get("ratio"), said.numbers.get("materiality")) == (
        (judgement.ratio, None) if code == Code.ON_PATH else (None, Fraction(2))
    )


def test_short_of_a_target_within_materiality_names_no_ratio():
    near = Path(Direction.INCREASE, Fraction(100), EVE, target=Fraction(101))

    assert judged(100, path=near, period_end=PLAN_END)[1:] == (Sentence(Code.NOT_ACHIEVED),)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (100, Code.ON_PATH),
        (99, Code.WITHIN_MATERIALITY),
        (98, Code.WITHIN_MATERIALITY),
        (97, Code.ON_PATH),
    ],
)
def test_off_track_below_the_baseline_names_the_gap_and_the_materiality(value, code):
    (said,) = judged(value, path=rising())

    assert said.code == code
    within = {"gap": Fraction(100 - value), "materiality": Fraction(2)}
    named = {name: said.numbers[name] for name in within if name in said.numbers}
    assert named == (within if code == Code.WITHIN_MATERIALITY else {})
    assert said.numbers["ratio"] == Fraction(value - 100, 100)


def test_milestones_have_no_day_of_a_baseline():
    steps = Path.milestones([date(2026, 6, 30)], 100)
    judgement = judge(
        define(kind=Kind.MILESTONES),
        value=Fraction(0),
        coverage=FULL,
        path=steps,
        period_end=MIDWAY,
        window_starts=date(2027, 1, 1),
    )

    (said,) = sentences(define(kind=Kind.MILESTONES), judgement, Facts(FULL, Fraction(0), 176))

    assert "baseline_end" not in said.numbers


def test_a_target_without_baseline():
    bare = Path(Direction.INCREASE, target=Fraction(300))
    numbers = {**OF_SOME, "target": Fraction(300)}

    assert judged(300, path=bare) == (
        Sentence(Code.PAST_TARGET, {"value": Fraction(300), **numbers}),
    )
    assert judged(299, path=bare) == (
        Sentence(Code.NO_BASELINE, {"value": Fraction(299), **numbers}),
    )


@pytest.mark.parametrize(
    ("value", "end", "code"),
    [
        (90, MIDWAY, Code.INSIDE_BAND),
        (110, PLAN_END, Code.INSIDE_BAND),
        (89, MIDWAY, Code.OUTSIDE_BAND),
    ],
)
def test_a_band_is_named(value, end, code):
    limits = {"low": Fraction(90), "high": Fraction(110)}
    band = Path(Direction.MAINTAIN, band_low=limits["low"], band_high=limits["high"])

    assert judged(value, definition=define(Direction.MAINTAIN), path=band, period_end=end) == (
        Sentence(code, {"value": Fraction(value), **OF_SOME, **limits}),
    )


@pytest.mark.parametrize(
    ("now", "code"),
    [(102, Code.IMPROVING), (101, Code.STABLE), (98, Code.WORSENING), (None, Code.TOO_FEW_POINTS)],
)
def test_without_target_the_trend_is_said(now, code):
    pair = None if now is None else (Fraction(100), Fraction(now))

    assert judged(7, a_year_earlier=pair) == (Sentence(code, {"value": Fraction(7), **OF_SOME}),)


def test_a_change_that_is_neither_better_nor_worse_is_not_said():
    pair = (Fraction(100), Fraction(150))

    assert judged(7, definition=define(Direction.MAINTAIN), a_year_earlier=pair) == (
        Sentence(Code.NO_TARGET, {"value": Fraction(7), **OF_SOME}),
    )


def test_what_is_monitored_has_its_value_and_who_reported_it():
    assert judged(7, definition=define(Direction.MONITOR)) == (
        Sentence(Code.MONITORING, {"value": Fraction(7), **OF_SOME}),
    )


@pytest.mark.parametrize(
    ("coverage", "share"),
    [
        (Coverage(10, 0, 7, 3), Fraction(7, 10)),
        (Coverage(10, 0, 9, 1, 0, 100, 79), Fraction(79, 100)),
        (Coverage(10, 0, 6, 4, 0, 100, 79), Fraction(6, 10)),
    ],
)
def test_too_low_a_coverage_names_the_lower_share_and_the_minimum(coverage, share):
    assert judged(7, coverage=coverage) == (
        Sentence(Code.COVERAGE_TOO_LOW, {"share": share, "minimum": Fraction(4, 5)}),
    )


def test_nobody_that_could_report_is_a_share_of_nothing():
    judgement = Judgement(Status.INSUFFICIENT_COVERAGE, Fraction(1))

    assert sentences(define(), judgement, Facts(Coverage(), Fraction(1), 0)) == (
        Sentence(Code.COVERAGE_TOO_LOW, {"share": Fraction(0), "minimum": Fraction(4, 5)}),
    )


def test_a_sum_over_fewer_looks_like_a_fall():
    falling = define(Direction.DECREASE, Kind.COUNT)

    assert judged(7, definition=falling, path=Path(Direction.DECREASE)) == (
        Sentence(Code.SUM_LOOKS_LIKE_A_FALL, OF_SOME),
    )


@pytest.mark.parametrize(
    ("own", "reported", "periods", "said"),
    [
        (None, 0, 4, Sentence(Code.NO_FIGURE)),
        (None, 3, 4, Sentence(Code.DENOMINATOR_ZERO)),
        (None, 3, 3, Sentence(Code.DENOMINATOR_ZERO)),
        (Fraction(5), 3, 4, Sentence(Code.YEAR_BY_NOBODY, {"needed": 4})),
        (Fraction(5), 3, 3, Sentence(Code.YEAR_INCOMPLETE, {"known": 3, "needed": 4})),
        (Fraction(0), 3, 1, Sentence(Code.YEAR_INCOMPLETE, {"known": 1, "needed": 4})),
    ],
)
def test_no_data_says_what_is_lacking(own, reported, periods, said):
    judgement = Judgement(Status.NO_DATA, None)

    assert sentences(define(), judgement, Facts(SOME, own, reported, periods)) == (said,)


def test_not_applicable_names_who_was_expected_and_a_narrative_nothing():
    assert judged(None, coverage=Coverage(12, 12)) == (
        Sentence(Code.NOT_APPLICABLE, {"expected": 12}),
    )
    assert judged(None, definition=define(kind=Kind.NARRATIVE)) == (Sentence(Code.NOT_MEASURABLE),)


def test_what_was_reached_and_is_lost_again_is_said():
    shown = judged(200, path=rising(), reached_before="2027-Q2")

    assert shown[1:] == (Sentence(Code.LOST, REACHED),)
    assert judged(None, coverage=Coverage(1, 0, 0, 1), reached_before="2027-Q2") == (
        Sentence(Code.NO_FIGURE),
        Sentence(Code.LOST, REACHED),
    )


def test_what_is_reached_is_not_lost():
    assert [one.code for one in judged(300, path=rising(), reached_before="2027-Q2")] == [
        Code.ON_PATH
    ]


def test_the_end_of_the_plan_short_of_the_target_names_its_ratio():
    assert judged(250, path=rising(), period_end=PLAN_END)[1:] == (
        Sentence(Code.NOT_ACHIEVED, {"ratio": Fraction(3, 4)}),
    )
    bare = Path(Direction.INCREASE, target=Fraction(300))
    assert judged(250, path=bare, period_end=PLAN_END)[1:] == (Sentence(Code.NOT_ACHIEVED),)


def test_an_understated_sum_and_a_scaled_path_are_said():
    count = define(kind=Kind.COUNT)

    assert judged(200, definition=count, path=rising())[1:] == (
        Sentence(Code.UNDERSTATED, OF_SOME),
    )
    share = Fraction(9, 10)
    assert judged(200, definition=count, path=rising(), baseline_share=share)[1:] == (
        Sentence(Code.SCALED, {"share": share, **OF_SOME}),
    )


def test_all_there_is_to_say_is_said_in_order():
    shown = judged(
        250,
        definition=define(kind=Kind.COUNT),
        path=rising(),
        period_end=PLAN_END,
        reached_before="2027-Q2",
    )

    assert [one.code for one in shown] == [
        Code.ON_PATH,
        Code.LOST,
        Code.NOT_ACHIEVED,
        Code.UNDERSTATED,
    ]


@pytest.mark.parametrize("trend", Trend)
def test_every_trend_has_its_sentence(trend):
    judgement = Judgement(Status.NO_TARGET, Fraction(1), trend=trend)

    assert [one.code for one in sentences(define(), judgement, Facts(FULL, Fraction(1), 176))] == [
        Code(trend.value)
    ]
