"""METHOD.md 1: a displayed value never crosses a threshold that the exact one does not."""

from fractions import Fraction

import pytest

from indicators.calculation.display import displayed, shown_beside, shown_ratio
from indicators.calculation.judging import Judgement
from indicators.enums import Direction, Status


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (Fraction(0), 2, "0.00"),
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(2, 3), 0, "1"),
        (Fraction("0.125"), 2, "0.13"),
        (Fraction("-0.125"), 2, "-0.13"),
        (Fraction("2.5"), 0, "3"),
        (Fraction("-2.5"), 0, "-3"),
        (Fraction(-1, 3), 1, "-0.3"),
        (Fraction(10**20) + Fraction(1, 4), 1, "100000000000000000000.3"),
    ],
)
def test_half_is_rounded_away_from_zero(value, decimals, shown):
    assert str(displayed(value, decimals)) == shown


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        ("0.9496", 3, "0.949"),
        ("0.9496", 2, "0.94"),
        ("0.95", 2, "0.95"),
        ("0.9504", 2, "0.95"),
        ("0.9499999", 0, "0"),
        ("0.96", 0, "1"),
    ],
)
def test_a_threshold_not_reached_is_not_shown_as_reached(value, decimals, shown):
    assert str(displayed(Fraction(value), decimals, thresholds=[Fraction("0.95")])) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("12.04", "12.1"), ("12", "12.0"), ("11.96", "12.0"), ("12.06", "12.1")]
)
def test_a_ceiling_not_kept_is_not_shown_as_kept(value, shown):
    assert str(displayed(Fraction(value), 1, ceilings=[Fraction(12)])) == shown


def test_a_limit_reached_exactly_is_shown_as_reached():
    at_threshold, at_ceiling = Fraction("0.942"), Fraction("12.06")

    assert str(displayed(at_threshold, 2, thresholds=[at_threshold])) == "0.95"
    assert str(displayed(at_ceiling, 1, ceilings=[at_ceiling])) == "12.0"


def test_a_value_below_zero_is_not_shown_as_zero_where_zero_is_a_threshold():
    assert str(displayed(Fraction("-0.004"), 2, thresholds=[Fraction(0)])) == "-0.01"


def test_between_two_close_thresholds_more_decimals_are_shown():
    thresholds = [Fraction("0.945"), Fraction("0.95")]

    assert str(displayed(Fraction("0.9496"), 2, thresholds)) == "0.949"


def test_a_band_of_one_value_that_no_decimal_writes_is_just_rounded():
    third = Fraction(1, 3)

    assert str(displayed(third, 2, thresholds=[third], ceilings=[third])) == "0.33"


@pytest.mark.parametrize(
    ("direction", "value", "shown"),
    [
        (Direction.INCREASE, "12.96", "12.9"),
        (Direction.INCREASE, "19.96", "19.9"),
        (Direction.INCREASE, "20.04", "20.0"),
        (Direction.DECREASE, "20.04", "20.1"),
        (Direction.DECREASE, "13.04", "13.1"),
        (Direction.DECREASE, "12.96", "13.0"),
        (Direction.MAINTAIN, "9.96", "9.9"),
        (Direction.MAINTAIN, "11.04", "11.1"),
        (Direction.MAINTAIN, "12.96", "13.0"),
        (Direction.MONITOR, "12.96", "13.0"),
    ],
)
def test_a_judged_value_stays_on_its_side_of_path_target_and_band(direction, value, shown):
    judgement = Judgement(
        Status.ON_TRACK,
        Fraction(value),
        required=Fraction(13),
        target=Fraction(20),
        band_low=Fraction(10),
        band_high=Fraction(11),
    )

    assert str(shown_beside(judgement, direction, Fraction(value), 1)) == shown


def test_another_value_beside_a_status_stays_on_its_side_too():
    judgement = Judgement(Status.ON_TRACK, Fraction(14), required=Fraction(13))

    assert str(shown_beside(judgement, Direction.INCREASE, Fraction("12.96"), 1)) == "12.9"


def test_a_value_without_path_is_rounded():
    judgement = Judgement(Status.NO_TARGET, Fraction(1, 3))

    assert str(shown_beside(judgement, Direction.INCREASE, Fraction(1, 3), 1)) == "0.3"


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        ("0.9496", "0.949"),
        ("0.95", "0.95"),
        ("0.9449", "0.94"),
        ("0.5999", "0.599"),
        ("-0.001", "-0.001"),
        ("-0.0001", "-0.001"),
        ("0.999", "0.999"),
        ("0.828", "0.83"),
    ],
)
def test_a_ratio_stays_on_its_side_of_every_threshold(ratio, shown):
    judgement = Judgement(Status.AT_RISK, Fraction(1), ratio=Fraction(ratio))

    assert str(shown_ratio(judgement)) == shown


@pytest.mark.parametrize(("delta", "shown"), [("0.9", "0.83"), ("1", "None"), ("1.1", "None")])
def test_a_ratio_that_is_not_read_is_not_shown(delta, shown):
    judgement = Judgement(
        Status.ON_TRACK,
        Fraction(1),
        baseline=Fraction(7),
        required=Fraction(6),
        delta=Fraction(delta),
        ratio=Fraction("0.828"),
    )

    assert str(shown_ratio(judgement)) == shown


def test_no_ratio_is_not_zero():
    assert shown_ratio(Judgement(Status.NO_TARGET, Fraction(1))) is None


# Between a threshold that is passed and another that is not: 12 decimals more are tried, no more.
@pytest.mark.parametrize(
    ("value", "passed", "missed", "shown"),
    [
        ("5e-12", "1e-12", "1e-11", Fraction("5e-12")),
        ("5e-13", "1e-13", "1e-12", 0),
    ],
)
def test_decimals_are_added_until_there_are_twelve_more(value, passed, missed, shown):
    thresholds = [Fraction(passed), Fraction(missed)]

    assert Fraction(displayed(Fraction(value), 0, thresholds)) == shown
