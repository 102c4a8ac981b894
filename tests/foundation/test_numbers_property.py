"""Whatever is typed: the number is the one that was typed, or it is asked; never another one."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
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


def canonical(text: str) -> tuple[bool, str]:
    """Sign and digits of a text; the zeros around a number say nothing of it."""
    digits = "".join(re.findall("[0-9]", text))
    return ("-" in text or "\u2212" in text), digits.strip("0")


def same(one: tuple[bool, str], other: tuple[bool, str]) -> bool:
    """Alike but for the sign of zero."""
    return one[1] == other[1] and (one[0] == other[0] or not one[1])


@settings(deadline=None, max_examples=600)
@given(ANY_TEXT, st.integers(0, 6), st.booleans())
@example("1.234", 3, False)
@example("1,234", 0, False)
@example("1\u202f234,5", 1, False)
@example("\u2212 5", 0, True)
@example("-0", 2, True)
@example("٤١٠", 0, False)
@example("1_000", 0, False)
@example("NaN", 0, False)
@example("1e3", 0, False)
def test_a_number_that_is_taken_is_the_one_that_was_typed(text, decimals, negative):
    number = attempt(text, decimals, negative)
    if isinstance(number, NumberProblem):
        assert number.text == text.strip()
        assert bool(number.candidates) == (number.code == NumberProblemCode.AMBIGUOUS)
        assert all(same(canonical(f"{each:f}"), canonical(text)) for each in number.candidates)
        return
    assert number.decimals == decimals
    assert abs(number.units) <= MAX_UNITS
    assert negative or number.units >= 0
    for language in LANGUAGES:
        shown = format_units(number.units, decimals, language)
        assert same(canonical(shown), canonical(text)), (shown, text)
        assert number.units in readings(shown, decimals)
    assert same(canonical(f"{Decimal(number.units).scaleb(-decimals):f}"), canonical(text))


def attempt(text: str, decimals: int, negative: bool) -> ParsedNumber | NumberProblem:
    try:
        return parse_number(text, decimals=decimals, allow_negative=negative)
    except NumberProblem as problem:
        return problem


def readings(text: str, decimals: int) -> set[int]:
    """The units that a text says, or the ones between which it asks."""
    number = attempt(text, decimals, negative=True)
    if isinstance(number, ParsedNumber):
        return {number.units}
    assert number.code == NumberProblemCode.AMBIGUOUS, text
    scaled = [each.scaleb(decimals) for each in number.candidates]
    return {int(each) for each in scaled if each == each.to_integral_value()}


@settings(deadline=None, max_examples=300)
@given(ANY_TEXT, st.integers(0, 6), st.booleans())
def test_the_place_of_the_decimals_is_the_one_that_was_typed(text, decimals, negative):
    """Where one mark alone stands before other than three digits, it is the decimal mark."""
    number = attempt(text, decimals, negative)
    if isinstance(number, NumberProblem):
        return
    plain = re.sub(r"[ '\u00a0\u202f\u2019]", "", text.strip()).replace("\u2212", "-")
    marks = re.findall("[.,]", plain)
    if not marks:
        expected = Decimal(plain)
    elif len(marks) == 1:
        expected = Decimal(plain.replace(",", "."))
    else:
        last = marks[-1] if marks.count(marks[-1]) == 1 else ""
        kept = plain if not last else plain.replace(last, "d")
        expected = Decimal(re.sub("[.,]", "", kept).replace("d", "."))
    assert Decimal(number.units).scaleb(-decimals) == expected


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
