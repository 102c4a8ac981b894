"""The one strict number parser: the right value or an explicit question."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.numbers import (
    MAX_UNITS,
    NumberProblem,
    ParsedNumber,
    format_units,
    parse_number,
)

NBSP, NARROW, MINUS = "\u00a0", "\u202f", "\u2212"


@pytest.mark.parametrize(
    ("text", "decimals", "units"),
    [
        ("0", 0, 0),
        ("007", 0, 7),
        ("42", 0, 42),
        ("42", 2, 4200),
        (f" {NBSP}42{NARROW}\n", 0, 42),
        ("1234", 0, 1234),
        ("1234567", 0, 1234567),
        # comma or point
        ("12,5", 1, 125),
        ("12.5", 1, 125),
        ("12,5", 2, 1250),
        ("0,05", 2, 5),
        ("12,50", 1, 125),
        ("12.0", 0, 12),
        # groups
        ("1 234", 0, 1234),
        (f"1{NBSP}234", 0, 1234),
        (f"1{NARROW}234{NARROW}567", 0, 1234567),
        (f"1 234{NBSP}567", 0, 1234567),
        ("1'234", 0, 1234),
        ("1\u2019234\u2019567,5", 1, 12345675),
        ("1 234,5", 1, 12345),
        ("1 234.5", 1, 12345),
        ("1 234,567", 3, 1234567),
        ("1.234.567", 0, 1234567),
        ("1,234,567", 0, 1234567),
        ("1.234,5", 1, 12345),
        ("1,234.5", 1, 12345),
        ("1.234,567", 3, 1234567),
        ("1.234.567,89", 2, 123456789),
        # three digits that cannot be a group
        ("0,500", 3, 500),
        ("0.250", 2, 25),
        ("1234,567", 3, 1234567),
        ("012,345", 3, 12345),
        ("1000000000000000", 0, MAX_UNITS),
    ],
)
def test_what_is_read(text, decimals, units):
    assert parse_number(text, decimals=decimals) == ParsedNumber(units, decimals)


@pytest.mark.parametrize(
    ("text", "decimals", "code"),
    [
        ("", 0, "empty"),
        (f" {NBSP}{NARROW}\t", 0, "empty"),
        *[
            (text, 2, "not_a_number")
            for text in (
                *("abc", "NaN", "nan", "inf", "-Infinity", "1e3", "1E3", "1_000", "0x1F"),
                *("12%", "50 %", "€12", "12 EUR", "+5", "5-", "--5", "(5)", "- 5", "1-2"),
                *(",5", "5,", ".5", "5.", ",", ".", "-", "1,,2", "1..2", "1 ,5", "1, 5"),
                *("1 23", "12 34", "1234 567", "1  234", "0 123", "1 2345", "1.23.456"),
                *("1.234.56", "1,234,5", "1.234,567.8", "1,234.567,8", "1 234.567.8"),
                *("1.234 567", "1'234 567", "1\t234", "1\n234", "1/2", "=1", "2026-03-31"),
                *("1\u200b2", "\ufeff12", "1\x002", "1;2", "oui"),
            )
        ],
        ("١٢", 0, "mixed_digits"),
        ("1٢", 0, "mixed_digits"),
        ("１２", 0, "mixed_digits"),
        ("5²", 0, "mixed_digits"),
        ("½", 1, "mixed_digits"),
        ("12,5", 0, "too_many_decimals"),
        ("12,55", 1, "too_many_decimals"),
        ("0,001", 2, "too_many_decimals"),
        ("1.234,5", 0, "too_many_decimals"),
        ("-5", 0, "negative"),
        (f"{MINUS}5", 0, "negative"),
        ("-1.234", 0, "negative"),
        ("-x", 0, "not_a_number"),
        ("1000000000000001", 0, "too_large"),
        ("10000000000000,01", 2, "too_large"),
        ("9" * 5000, 0, "too_large"),
    ],
)
def test_what_is_refused(text, decimals, code):
    with pytest.raises(NumberProblem) as refusal:
        parse_number(text, decimals=decimals)

    assert (refusal.value.code, refusal.value.text) == (code, text.strip())
    assert refusal.value.candidates == ()


@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1.234", ("1234", "1.234")),
        ("2,500", ("2500", "2.500")),
        ("12.000", ("12000", "12.000")),
        ("123,456", ("123456", "123.456")),
        (f" 1.234{NBSP}", ("1234", "1.234")),
    ],
)
def test_what_has_two_readings_is_asked_whatever_the_decimals(text, decimals, readings):
    with pytest.raises(NumberProblem) as question:
        parse_number(text, decimals=decimals)

    assert question.value.code == "ambiguous"
    assert question.value.candidates == tuple(Decimal(one) for one in readings)


@pytest.mark.parametrize(
    ("text", "units"), [("-5", -50), (f"{MINUS}1 234,5", -12345), ("-0", 0), ("5", 50)]
)
def test_negative_numbers_where_they_are_allowed(text, units):
    assert parse_number(text, decimals=1, allow_negative=True).units == units


def test_a_negative_number_with_two_readings():
    with pytest.raises(NumberProblem) as question:
        parse_number(f"{MINUS}1,234", decimals=0, allow_negative=True)

    assert question.value.candidates == (Decimal(-1234), Decimal("-1.234"))


@pytest.mark.parametrize(
    ("units", "decimals", "language", "text"),
    [
        (0, 0, "fr", "0"),
        (5, 2, "fr", "0,05"),
        (12345, 1, "fr", f"1{NARROW}234,5"),
        (12345, 1, "fr-be", f"1{NARROW}234,5"),
        (12345, 1, "nl", "1.234,5"),
        (12345, 1, "de", "1.234,5"),
        (12345, 1, "en-GB", "1,234.5"),
        (-12345, 1, "nl", f"{MINUS}1.234,5"),
        (999, 0, "nl", "999"),
        (1234, 0, "fr", f"1{NARROW}234"),
        (1234, 0, "nl", f"1{NARROW}234"),
        (123456, 0, "en", f"123{NARROW}456"),
        (1234567, 0, "nl", "1.234.567"),
        (1234567, 0, "en", "1,234,567"),
        (-1, 0, "en", f"{MINUS}1"),
    ],
)
def test_what_is_written(units, decimals, language, text):
    assert format_units(units, decimals, language) == text


def test_a_language_without_notation_is_an_error():
    with pytest.raises(KeyError):
        format_units(1, 0, "xx")


def readings(text, decimals):
    try:
        units = parse_number(text, decimals=decimals, allow_negative=True).units
    except NumberProblem as question:
        return list(question.candidates)
    return [Decimal(units).scaleb(-decimals)]


@settings(deadline=None)
@given(
    st.integers(-MAX_UNITS, MAX_UNITS),
    st.integers(0, 6),
    st.sampled_from(["fr", "nl", "de", "en"]),
)
def test_what_is_written_can_be_pasted_back(units, decimals, language):
    read = readings(format_units(units, decimals, language), decimals)

    assert Decimal(units).scaleb(-decimals) in read
    assert len(read) == 1 or decimals == 3


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,' -\u00a0\u202f\u2212eE+%_", max_size=14))
def test_no_digit_is_ever_dropped_or_invented(text):
    typed = [digit for digit in text if digit in "123456789"]

    for number in readings(text, 2):
        assert [digit for digit in str(number) if digit in "123456789"] == typed
