"""Whatever is typed: the number is the one that was typed, or it is asked; never another one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from foundation.numbers import (
    MAX_UNITS,
    NumberProblem,
    NumberProblemCode,
    ParsedNumber,
    format_units,
    parse_number,
)

LANGUAGES = ("fr", "nl", "de", "en")
TARGETED = "0123456789.,' -+\u2212\u00a0\u202f\u2009\u2019\u00b7_eE%/=()٤१５²½NaInf\t\n\r\x00\ufeff"

#: A number as people write it, now and then with something wrong in it.
WRITTEN = st.builds(
    lambda sign, groups, mark, point, decimals, tail: (
        sign + mark.join(groups) + (point + decimals if decimals else "") + tail
    ),
    st.sampled_from(["", "-", "\u2212", "+"]),
    st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=1, max_size=6),
    st.sampled_from(["", " ", ".", ",", "'", "\u2019", "\u00a0", "\u202f", "_"]),
    st.sampled_from([".", ",", "."]),
    st.text("0123456789", max_size=4),
    st.sampled_from(["", " ", "%", "e3", " €"]),
)
ANY_TEXT = st.one_of(st.text(max_size=40), st.text(TARGETED, max_size=20), WRITTEN)


DIGITS, POINTS, SPACES = "0123456789", ".,", " \u00a0\u202f"
GROUP_MARKS = POINTS + SPACES + "'\u2019"


def independent_readings(text: str) -> set[Decimal]:
    """All numbers that a text can mean, read character by character and without the parser.

    A sign, digits, at most one decimal mark; group marks, all alike, before three digits each.
    """
    typed = text.strip()
    sign, typed = (-1, typed[1:]) if typed[:1] in ("-", "\u2212") else (1, typed)
    found = set()
    places = [place for place, mark in enumerate(typed) if mark in POINTS]
    for place in (*places, None):
        before, after = (typed, None) if place is None else (typed[:place], typed[place + 1 :])
        whole = digits_of(before, "" if place is None else typed[place])
        if whole is not None and (after is None or is_digits(after)):
            found.add(sign * Decimal(f"{whole}.{after or 0}"))
    return found


def is_digits(text: str) -> bool:
    return text != "" and all(character in DIGITS for character in text)


def digits_of(text: str, decimal_mark: str) -> str | None:
    """The digits of a whole number, None where it is none or has one mark for two purposes."""
    if is_digits(text):
        return text
    marks = {alike(character) for character in text if character not in DIGITS}
    if len(marks) != 1 or not marks <= set(GROUP_MARKS) or decimal_mark in marks:
        return None
    first, *groups = "".join(c if c in DIGITS else "|" for c in text).split("|")
    is_grouped = 1 <= len(first) <= 3 and first[0] != "0" and {*map(len, groups)} == {3}
    return first + "".join(groups) if is_grouped else None


def alike(mark: str) -> str:
    return " " if mark in SPACES else "'" if mark == "\u2019" else mark


def read(text: str, decimals: int, negative: bool) -> ParsedNumber | NumberProblem:
    try:
        return parse_number(text, decimals=decimals, allow_negative=negative)
    except NumberProblem as problem:
        return problem


def value(number: ParsedNumber) -> Decimal:
    return Decimal(number.units).scaleb(-number.decimals)


@settings(deadline=None, max_examples=1000)
@given(ANY_TEXT, st.integers(0, 6), st.booleans())
@example("1.5", 1, False)
@example("1,5", 1, False)
@example("1.5", 0, False)
@example("1.234", 3, False)
@example("1,234", 0, False)
@example("1\u202f234,5", 1, False)
@example("1.234.567,89", 2, False)
@example("\u2212 5", 0, True)
@example("-1.234", 0, True)
@example("-0", 2, True)
@example("٤١٠", 0, False)
@example("1٢", 0, False)
@example("1_000", 0, False)
@example("NaN", 0, False)
@example("1e3", 0, False)
def test_a_number_that_is_taken_is_the_one_that_was_typed(text, decimals, negative):
    """Taken where it can mean one number, asked where two, refused where none: never another."""
    number, meant = read(text, decimals, negative), independent_readings(text)
    if isinstance(number, ParsedNumber):
        assert meant == {value(number)}, (text, meant, number)
        assert (number.decimals, abs(number.units) <= MAX_UNITS) == (decimals, True)
        assert negative or number.units >= 0
    elif number.code == NumberProblemCode.AMBIGUOUS:
        assert (set(number.candidates), len(meant)) == (meant, 2)
    else:
        assert number.candidates == ()
        assert len(meant) != 2 or number.code == NumberProblemCode.NEGATIVE
        if not meant:
            assert number.code in WITHOUT_READING, (text, number.code)
    if isinstance(number, NumberProblem):
        assert number.text == text.strip()


WITHOUT_READING = {
    NumberProblemCode.EMPTY,
    NumberProblemCode.NOT_A_NUMBER,
    NumberProblemCode.MIXED_DIGITS,
}


@settings(deadline=None, max_examples=600)
@given(ANY_TEXT, st.integers(0, 6), st.booleans())
@example("1.5", 1, False)
@example("1\u202f234,5", 1, False)
def test_what_is_echoed_is_read_as_the_same_number(text, decimals, negative):
    """In each language; three decimals after one group are asked again, with it among the two."""
    number = read(text, decimals, negative)
    if isinstance(number, NumberProblem):
        return
    for language in LANGUAGES:
        shown = format_units(number.units, decimals, language)
        assert value(number) in independent_readings(shown), (text, shown)
        again = read(shown, decimals, negative)
        if isinstance(again, ParsedNumber):
            assert again == number
        else:
            assert again.code == NumberProblemCode.AMBIGUOUS
            assert (decimals, value(number) in again.candidates) == (3, True)


@settings(deadline=None, max_examples=600)
@given(
    st.integers(0, MAX_UNITS),
    st.integers(0, 6),
    st.sampled_from(["", " ", ".", ",", "'", "\u2019", "\u00a0", "\u202f"]),
    st.sampled_from(".,"),
    st.booleans(),
)
@example(15, 1, "", ".", False)
@example(15, 1, "", ",", False)
@example(1234, 3, "", ".", False)
def test_each_way_to_write_a_number_is_read_or_asked(units, decimals, group, point, below):
    """A number written by hand, its marks told apart, is read or asked about, never refused."""
    assume(group != point or not decimals)
    whole, fraction = divmod(units, 10**decimals)
    written = f"{whole:,}".replace(",", group)
    if decimals:
        written += f"{point}{fraction:0{decimals}d}"
    units = -units if below else units
    written = f"-{written}" if below else written
    number = read(written, decimals, negative=True)
    if isinstance(number, ParsedNumber):
        assert number.units == units, written
    else:
        assert number.code == NumberProblemCode.AMBIGUOUS, written
        assert Decimal(units).scaleb(-decimals) in number.candidates, written


#: The formats of the quality references: the value in tenths, or the two readings, or a refusal.
TABLE = [
    ("1234", 12_340),
    ("1234,5", 12_345),
    ("1234.5", 12_345),
    ("1\u00a0234,5", 12_345),
    ("1\u202f234,5", 12_345),
    ("1 234,5", 12_345),
    ("1.234,5", 12_345),
    ("1,234.5", 12_345),
    ("1'234.5", 12_345),
    ("1.234.567", 12_345_670),
    ("1,234,567", 12_345_670),
    ("0", 0),
    ("0,0", 0),
    ("1.234", ("1234", "1.234")),
    ("1,234", ("1234", "1.234")),
    ("12.500", ("12500", "12.500")),
    ("NaN", "not_a_number"),
    ("Infinity", "not_a_number"),
    ("1e3", "not_a_number"),
    ("1E3", "not_a_number"),
    ("1_000", "not_a_number"),
    ("12 %", "not_a_number"),
    ("+5", "not_a_number"),
    ("=1+1", "not_a_number"),
    ("@5", "not_a_number"),
    ("\t5", 50),
    ("5\r", 50),
    ("5\x00", "not_a_number"),
    ("\ufeff5", "not_a_number"),
    ("٤١٠", "mixed_digits"),
    ("４１０", "mixed_digits"),
    ("४१०", "mixed_digits"),
    ("2026-04-01", "not_a_number"),
    ("01/04/2026", "not_a_number"),
    ("46113.5", 461_135),
    ("12,55", "too_many_decimals"),
    ("-5", "negative"),
    ("\u22125", "negative"),
    ("", "empty"),
    ("\u00a0", "empty"),
]


@pytest.mark.parametrize(("text", "answer"), TABLE)
def test_each_format_has_one_answer(text, answer):
    try:
        found: object = parse_number(text, decimals=1).units
    except NumberProblem as problem:
        found = problem.code.value
        if problem.candidates:
            found = tuple(str(each) for each in problem.candidates)
    assert found == answer
