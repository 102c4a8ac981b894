"""Results in words, to the letter and on the right side of every threshold."""

import datetime as dt
from fractions import Fraction

import pytest
from django.utils import translation

from indicators.calculation.sentences import Code, Sentence
from indicators.enums import Direction, Kind, Status, Trend
from indicators.labels import Addressed
from indicators.models import IndicatorVersion, Period, TargetPath
from progress import wording
from progress.models import Result


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def version(**fields):
    defaults = {
        "kind": Kind.RATIO,
        "direction": Direction.INCREASE,
        "unit": "% of victims",
        "scale": 100,
        "display_decimals": 1,
        "frequency": "quarter",
        "temporal": "flow",
        "addressed": Addressed.ALL_ZONES,
    }
    return IndicatorVersion(**{**defaults, **fields})


def result(**fields):
    defaults = {
        "period": Period(code="2026-Q3", last_day=dt.date(2026, 9, 30)),
        "expected": 176,
        "reported": 169,
        "not_applicable": 0,
        "not_available": 2,
        "missing": 5,
        "in_review": 0,
        "judged_reported": 169,
        "judged_value": Fraction(769, 10),
        "value": Fraction(769, 10),
        "window_periods": 4,
        "status": Status.AT_RISK,
    }
    return Result(**{**defaults, **fields})


def judged(**fields):
    path = TargetPath(
        baseline=Fraction(66), baseline_end=dt.date(2025, 12, 31), target=Fraction(95)
    )
    return result(
        **{
            "path": path,
            "baseline": Fraction(66),
            "required": Fraction(81),
            "target": Fraction(95),
            "ratio": Fraction(109, 150),
            **fields,
        }
    )


def plain(text):
    return text.replace("\u00a0", " ")


def test_a_judged_status_names_all_its_numbers():
    (sentence,) = wording.sentences(judged(), version())
    assert plain(sentence) == (
        "R = 0.73: 76.9 % where the path asks for 81.0 % (baseline 66.0 % on Dec. 31, 2025, "
        "target 95.0 % in 2029), 169 of 176 zones."
    )


def test_moving_away_by_less_than_the_materiality_is_explained():
    fields = {"judged_value": Fraction(63), "ratio": Fraction(-1, 5), "materiality": Fraction(7, 2)}
    (sentence,) = wording.sentences(judged(status=Status.OFF_TRACK, **fields), version())
    assert plain(sentence) == (
        "R = \u22120.20: 63.0 % where the path asks for 81.0 % (baseline 66.0 % on Dec. 31, 2025, "
        "target 95.0 % in 2029), 169 of 176 zones; the gap to the baseline (3.0) stays within "
        "the materiality (3.5)."
    )


def test_off_track_past_the_baseline_says_nothing_of_the_materiality():
    fields = {"judged_value": Fraction(67), "ratio": Fraction(1, 15), "materiality": Fraction(7, 2)}
    (sentence,) = wording.sentences(judged(status=Status.OFF_TRACK, **fields), version())
    assert "materiality" not in sentence


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"kind": Kind.AMOUNT, "unit": "euros", "display_decimals": 0}, "1 235 €"),
        ({"kind": Kind.AMOUNT, "unit": "euros", "display_decimals": 2}, "1,234.50 €"),
        ({"kind": Kind.COUNT, "unit": "messages", "display_decimals": 0}, "1 235"),
    ],
)
def test_amounts_are_in_euros_with_the_decimals_of_their_definition(fields, shown):
    text = wording.value_text(Fraction(2469, 2), version(**fields))
    assert plain(text).replace("\u202f", " ") == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (Fraction(9_496, 10_000), "R = 0.949"),
        (Fraction(95, 100), "R = 0.95"),
        (Fraction(5_999, 10_000), "R = 0.599"),
        (Fraction(-1, 1_000), "R = \u22120.001"),
    ],
)
def test_r_never_shows_on_the_other_side_of_a_limit(ratio, shown):
    assert plain(wording.ratio_text(judged(ratio=ratio))) == shown


def test_where_the_path_has_hardly_left_the_baseline_no_r_is_named():
    near = judged(
        status=Status.ON_TRACK,
        judged_value=Fraction(65),
        required=Fraction(661, 10),
        ratio=Fraction(-10),
        materiality=Fraction(3, 2),
    )
    (sentence,) = wording.sentences(near, version())

    assert wording.note(near) == ""
    assert plain(sentence) == (
        "65.0 % where the path asks for 66.1 % (baseline 66.0 % on Dec. 31, 2025, target 95.0 % in "
        "2029), 169 of 176 zones. The path is still within the materiality (1.5) of the baseline: "
        "on track is what is no worse than the baseline by more than that."
    )


def test_a_value_beside_its_status_is_shown_like_the_judged_one():
    value = Fraction(80_999, 1_000)
    near = judged(value=value, judged_value=value)

    assert plain(wording.value_text(value, version(), near)) == "80.9 %"
    assert plain(wording.value_text(value, version())) == "81.0 %"


def test_a_value_just_short_of_the_path_never_shows_as_there():
    shown = wording.judged_text(judged(judged_value=Fraction(80_999, 1_000)), version())
    assert plain(shown) == "80.9 %"
    assert wording.judged_text(judged(judged_value=None), version()) == ""


@pytest.mark.parametrize(
    ("direction", "value", "asked", "shown"),
    [
        (Direction.INCREASE, 11, Fraction(45, 4), "11.3"),
        (Direction.INCREASE, 11, Fraction(11003, 1000), "11.003"),
        (Direction.INCREASE, 11, Fraction(43, 4), "11"),
        (Direction.INCREASE, 11, Fraction(11), "11"),
        (Direction.INCREASE, Fraction(249, 20), Fraction(249, 20), "12"),
        (Direction.DECREASE, 11, Fraction(43, 4), "10.8"),
        (Direction.DECREASE, 11, Fraction(45, 4), "11"),
        (Direction.MONITOR, 11, Fraction(45, 4), "11"),
    ],
)
def test_what_is_asked_never_shows_as_reached_by_a_value_short_of_it(
    direction, value, asked, shown
):
    outcome = judged(judged_value=Fraction(value), required=asked, target=None)
    definition = version(direction=direction, display_decimals=0, unit="checks")
    assert wording.asked_text(asked, outcome, definition) == shown


def test_a_limit_of_a_band_never_shows_as_kept_by_a_value_beyond_it():
    definition = version(direction=Direction.MAINTAIN, display_decimals=0, unit="checks")
    low, high = Fraction(101, 10), Fraction(199, 10)
    below, above, inside = (
        judged(
            path=TargetPath(band_low=low, band_high=high),
            judged_value=Fraction(value),
            **dict.fromkeys(("baseline", "required", "target", "ratio")),
        )
        for value in (10, 20, 15)
    )
    assert wording.asked_text(low, below, definition, limit="low") == "10.1"
    assert wording.asked_text(high, above, definition, limit="high") == "19.9"
    assert wording.asked_text(low, inside, definition, limit="low") == "10"
    assert wording.asked_text(high, inside, definition, limit="high") == "20"


def test_a_sentence_tells_the_path_from_a_value_that_is_just_short_of_it():
    path = TargetPath(
        baseline=Fraction(10), baseline_end=dt.date(2025, 12, 31), target=Fraction(15)
    )
    short = judged(
        path=path,
        judged_value=Fraction(11),
        baseline=path.baseline,
        required=Fraction(45, 4),
        target=path.target,
        ratio=Fraction(4, 5),
    )
    (sentence,) = wording.sentences(short, version(display_decimals=0, unit="checks"))
    assert plain(sentence).startswith("R = 0.80: 11 where the path asks for 11.3 (baseline 10 ")


@pytest.mark.parametrize(
    ("fields", "definition", "sentence"),
    [
        (
            {"status": Status.INSUFFICIENT_COVERAGE, "judged_reported": 125},
            {},
            "No status: coverage 71%, minimum 80%.",
        ),
        (
            {"status": Status.INSUFFICIENT_COVERAGE, "judged_reported": 170},
            {"kind": Kind.COUNT, "direction": Direction.DECREASE},
            "No status: a sum over 170 of 176 zones looks like a fall.",
        ),
        (
            {"status": Status.MONITORING},
            {"direction": Direction.MONITOR},
            "76.9 %, 169 of 176 zones. This indicator is followed without judgement.",
        ),
        (
            {"status": Status.NO_TARGET, "trend": Trend.WORSENING},
            {},
            "76.9 %, 169 of 176 zones. No target; worse than a year earlier.",
        ),
        (
            {"status": Status.NO_TARGET, "trend": ""},
            {"direction": Direction.MAINTAIN},
            "76.9 %, 169 of 176 zones. No target.",
        ),
        (
            {"status": Status.NO_BASELINE, "target": Fraction(95)},
            {},
            "76.9 %, 169 of 176 zones; the target is 95.0 %. No baseline says where it should be.",
        ),
        (
            {"status": Status.ACHIEVED, "target": Fraction(70), "reached": "2026-Q3"},
            {},
            "76.9 % is past the target of 70.0 % (no baseline), 169 of 176 zones.",
        ),
        (
            {"status": Status.NOT_APPLICABLE, "expected": 12},
            {},
            "Not applicable to any of the 12 zones expected.",
        ),
        (
            {"status": Status.NO_DATA, "judged_value": None, "window_periods": 3},
            {},
            "No annual value: 3 of 4 periods are known.",
        ),
        (
            {"status": Status.NO_DATA, "judged_value": None},
            {},
            "No annual value: no unit reported each of the 4 periods.",
        ),
        (
            {"status": Status.NO_DATA, "judged_value": None, "value": None},
            {},
            "No value: the denominator is zero.",
        ),
        (
            {"status": Status.NO_DATA, "judged_value": None, "value": None, "reported": 0},
            {},
            "No validated figure for this period yet.",
        ),
        (
            {"status": Status.NOT_MEASURABLE, "value": None},
            {"kind": Kind.NARRATIVE},
            "Qualitative: what is reported is read, never added.",
        ),
    ],
)
def test_every_other_status_says_why(fields, definition, sentence):
    assert [plain(one) for one in wording.sentences(result(**fields), version(**definition))] == [
        sentence
    ]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.ON_TRACK, "76.9 % is inside the band from 70.0 % to 80.0 %, 169 of 176 zones."),
        (Status.OFF_TRACK, "76.9 % is outside the band from 70.0 % to 80.0 %, 169 of 176 zones."),
    ],
)
def test_a_band_is_named(status, sentence):
    band = TargetPath(band_low=Fraction(70), band_high=Fraction(80))
    shown = wording.sentences(
        result(status=status, path=band), version(direction=Direction.MAINTAIN)
    )
    assert [plain(one) for one in shown] == [sentence]


def test_what_was_lost_fell_short_or_is_understated_is_added():
    period = Period(code="2029-Q4", last_day=dt.date(2029, 12, 31))
    shown = wording.sentences(
        judged(period=period, reached="2027-Q2", is_understated=True), version()
    )
    assert [plain(one) for one in shown[1:]] == [
        "Reached in Q2 2027, no longer.",
        "Not achieved at the end of the plan.",
        "Understated: a sum over 169 of 176 zones.",
    ]


@pytest.mark.parametrize(
    ("definition", "parts", "formula"),
    [
        ({}, (60, 200), "60 ÷ 200 × 100 = V"),
        ({"kind": Kind.RATIO, "decimals": 1}, (605, 2_000), "60.5 ÷ 200.0 × 100 = V"),
        ({"kind": Kind.MEAN, "decimals": 1, "scale": 1}, (605, 20), "60.5 ÷ 20 = V"),
        ({"kind": Kind.COUNT, "scale": 1}, (1_234, None), "Sum of the values reported: V"),
        ({"kind": Kind.COUNT, "scale": 1, "temporal": "mean"}, (1_200, 4), "1 200 ÷ 4 = V"),
        ({"kind": Kind.YES_NO}, (3, 4), "3 ÷ 4 × 100 = V"),
        ({}, (None, None), ""),
    ],
)
def test_the_formula_has_its_numbers(definition, parts, formula):
    found = wording.formula(version(**definition), *parts, "V")
    assert found.replace("\u202f", " ") == formula


def test_every_sentence_of_the_calculation_has_its_words():
    assert set(wording._TEXTS) == set(Code)


def test_a_path_scaled_to_those_that_reported_says_so():
    shown = Sentence(Code.SCALED, {"share": Fraction(899, 1000), "reported": 1, "applicable": 2})
    assert plain(wording._text(shown, judged(), version())) == (
        "The path is scaled to the 89% of the baseline that 169 of 176 zones had."
    )
