"""The one strict number parser, for forms, files and API, and its counterpart.

Numbers are whole units of 10^-decimals, never floats. What can be read in two ways is
asked, never guessed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

MAX_UNITS = 10**15

NARROW_SPACE = "\u202f"
MINUS = "\u2212"

#: Separators of groups and of decimals, by language.
_MARKS = {"fr": (NARROW_SPACE, ","), "nl": (".", ","), "de": (".", ","), "en": (",", ".")}

_ALIKE = str.maketrans({"\u00a0": " ", NARROW_SPACE: " ", "\u2019": "'", MINUS: "-"})

_PLAIN = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<decimals>[0-9]+))?")
_GROUPED = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<mark>[ '.,])[0-9]{3}(?:(?P=mark)[0-9]{3})*)"
    r"(?:(?!(?P=mark))[.,](?P<decimals>[0-9]+))?"
)


class NumberProblemCode(StrEnum):
    """Why a text is not taken as a number."""

    EMPTY = "empty"
    NOT_A_NUMBER = "not_a_number"
    MIXED_DIGITS = "mixed_digits"
    AMBIGUOUS = "ambiguous"
    TOO_MANY_DECIMALS = "too_many_decimals"
    NEGATIVE = "negative"
    TOO_LARGE = "too_large"


class NumberProblem(ValueError):
    """A text refused, with its code; for an ambiguous one, the two readings."""

    def __init__(
        self, code: NumberProblemCode, text: str, candidates: tuple[Decimal, ...] = ()
    ) -> None:
        super().__init__(f"{code}: {text!r}")
        self.code = code
        self.text = text
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A number as whole units of 10^-decimals."""

    units: int
    decimals: int


def parse_number(text: str, *, decimals: int, allow_negative: bool = False) -> ParsedNumber:
    """Read a number typed or pasted by a person, in any of our languages' notations.

    Decimals follow a comma or a point; groups of three stand behind spaces (also
    no-break), apostrophes, points or commas. A single point or comma before exactly
    three digits (1.234) is ambiguous, whatever `decimals` allows. Digits beyond
    `decimals` are accepted where they are zeros. Raises NumberProblem; beyond 10^15
    units a number is too large.
    """
    trimmed = text.strip()
    if not trimmed:
        raise NumberProblem(NumberProblemCode.EMPTY, trimmed)
    if any(mark.isnumeric() and not mark.isascii() for mark in trimmed):
        raise NumberProblem(NumberProblemCode.MIXED_DIGITS, trimmed)
    signed = trimmed.translate(_ALIKE)
    sign, digits = ("-", signed[1:]) if signed.startswith("-") else ("", signed)
    plain, grouped = _PLAIN.fullmatch(digits), _GROUPED.fullmatch(digits)
    number = plain or grouped
    if number is None:
        raise NumberProblem(NumberProblemCode.NOT_A_NUMBER, trimmed)
    if sign and not allow_negative:
        raise NumberProblem(NumberProblemCode.NEGATIVE, trimmed)
    if plain and grouped:
        readings = (Decimal(sign + _digits(digits)), Decimal(sign + digits.replace(",", ".")))
        raise NumberProblem(NumberProblemCode.AMBIGUOUS, trimmed, readings)
    whole, fraction = _digits(number["whole"]), (number["decimals"] or "").rstrip("0")
    if len(fraction) > decimals:
        raise NumberProblem(NumberProblemCode.TOO_MANY_DECIMALS, trimmed)
    units = (whole + fraction.ljust(decimals, "0")).lstrip("0") or "0"
    if len(units) > len(str(MAX_UNITS)) or int(units) > MAX_UNITS:
        raise NumberProblem(NumberProblemCode.TOO_LARGE, trimmed)
    return ParsedNumber(int(sign + units), decimals)


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def format_units(units: int, decimals: int, language: str) -> str:
    """Write units of 10^-decimals as that language does, ready to be pasted back.

    French 1 234,5 (narrow no-break space), Dutch and German 1.234,5, English 1,234.5;
    the sign is U+2212. A point or comma that could be read as decimals (1.234 for
    1234) gives way to the narrow no-break space, so that what is printed can be parsed
    again; only three decimals after one to three digits (1,234) are still asked.
    `language` is a code as "fr" or "nl-be"; others raise KeyError.
    """
    group_mark, decimal_mark = _MARKS[language.split("-")[0].lower()]
    digits = str(abs(units)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    if not fraction and len(whole) <= 6:
        group_mark = NARROW_SPACE
    grouped = f"{int(whole):,}".replace(",", group_mark)
    sign = MINUS if units < 0 else ""
    return f"{sign}{grouped}{decimal_mark}{fraction}" if fraction else f"{sign}{grouped}"


def is_counted(text: str) -> bool:
    """Whether it is a version or row count as we write them."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def counted(text: str) -> int:
    """The version or row count that a form of ours sends back; 0 for anything else."""
    return int(text) if is_counted(text) else 0
