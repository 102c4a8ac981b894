"""What a filled cell says, strictly: the value, or a sentence about what to type instead."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _

from foundation.grids import GridCell, Holds
from foundation.numbers import (
    NumberProblem,
    NumberProblemCode,
    is_counted,
    parse_number,
)
from foundation.spreadsheets import CONTROL
from foundation.words import plain
from submissions import wording

from .columns import (
    EntryRow,
    absences_of,
    answers_of,
    fixed_words,
    in_each_language,
    no,
    too_long,
    yes,
)

_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")


class Wrong(ValueError):
    """A cell that is not taken; the message says what was read and what to type."""


def refuse_odd(cell: GridCell) -> None:
    """Refuse what is no value: a formula, or the trace of a failed one."""
    if cell.formula:
        text = _("“%(v)s” is a formula. Copy the cell and paste its value in its place.")
        raise Wrong(text % {"v": cell.formula[:60]})
    if cell.holds == Holds.ERROR:
        raise Wrong(_("“%(v)s” is an error of the spreadsheet. Type a value.") % {"v": cell.text})


def number_of(cell: GridCell, decimals: int, *, below_zero: bool) -> int:
    """The number of a cell in units of 10^-decimals. Raises Wrong."""
    refuse_odd(cell)
    if cell.holds == Holds.DATE:
        text = _("“%(v)s” is read as a date. Type the figure, and format the cell as a number.")
        raise Wrong(text % {"v": cell.text})
    if cell.holds == Holds.BOOLEAN:
        raise Wrong(_("“%(v)s” is not a number. Type digits, for example 410.") % {"v": cell.shown})
    if cell.holds == Holds.PERCENT:
        raise Wrong(_percent_question(cell))
    text = cell.text
    if cell.holds == Holds.NUMBER:
        if cell.number is None:
            raise Wrong(_("“%(v)s” is not a number. Type digits, for example 410.") % {"v": text})
        text = _unmistakable(cell.number, decimals)
    try:
        return parse_number(text, decimals=decimals, allow_negative=below_zero).units
    except NumberProblem as problem:
        raise Wrong(_number_problem(problem, cell, decimals)) from problem


def _unmistakable(number: Decimal, decimals: int) -> str:
    """A stored number as a text that the parser can read in one way only."""
    text = f"{number:f}"
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(4, '0')}" if point else text


def _percent_question(cell: GridCell) -> str:
    held, shown = cell.number, cell.shown
    return _(
        "The cell shows %(shown)s and holds %(held)s. Which of the two is meant? Type the figure"
        " alone, and format the cell as a number."
    ) % {"shown": shown, "held": wording.reading_text(held) if held is not None else cell.text}


def _number_problem(problem: NumberProblem, cell: GridCell, decimals: int) -> str:
    readings = wording.readings(problem, decimals)
    if len(readings) > 1:
        first, second = map(wording.reading_text, readings)
        # Only three decimals are ambiguous: a fourth makes them plain.
        zero = f"{second}0" if wording.places(readings[1]) == 3 else second
        values = {"v": cell.text, "first": first, "second": second, "zero": zero}
        text = _("Does “%(v)s” mean %(first)s or %(second)s? Type %(first)s as it is, or %(zero)s.")
        return text % values
    shown = NumberProblem(problem.code, cell.shown, problem.candidates)
    if problem.code == NumberProblemCode.EMPTY:
        return _("This cell holds only spaces. Type a figure or leave it empty.")
    return wording.number_problem_text(shown, decimals)


def text_of(cell: GridCell) -> str:
    """A cell as text: what is typed as a number reads as it was typed. Raises Wrong."""
    refuse_odd(cell)
    text = cell.shown if cell.holds != Holds.BOOLEAN else (yes() if cell.text == "1" else no())
    return CONTROL.sub("", text).replace("\r\n", "\n").strip()


def is_kept(cell: GridCell | None) -> bool:
    """Whether the cell stands for a text that is too long for a spreadsheet."""
    return cell is not None and plain(cell.text) in fixed_words(too_long)


def date_of(cell: GridCell) -> str:
    """A day in ISO form. Raises Wrong."""
    refuse_odd(cell)
    if cell.holds in (Holds.TEXT, Holds.DATE):
        for form in _DATES:
            try:
                return dt.datetime.strptime(cell.text, form).date().isoformat()  # noqa: DTZ007
            except ValueError:
                continue
    text = _("“%(v)s” is not a date. Type a date, for example 31/03/2026.")
    raise Wrong(text % {"v": cell.shown})


def flag_of(cell: GridCell) -> bool:
    refuse_odd(cell)
    said = plain(text_of(cell))
    if said in fixed_words(yes) | {"x", "1"}:
        return True
    if said in fixed_words(no) | {"0"}:
        return False
    raise Wrong(_("“%(v)s” is neither yes nor no.") % {"v": cell.shown})


class Words:
    """The answers of lists by their words in any language; each definition's are made once."""

    def __init__(self) -> None:
        self._answers: dict[tuple[int, int | None], dict[str, int]] = {}
        self._absences: dict[int, dict[str, str]] = {}

    def answer(self, row: EntryRow, cell: GridCell) -> int:
        """The number of a chosen answer. Raises Wrong."""
        refuse_odd(cell)
        version, step = row.figure.version, row.step
        place = (version.pk, step.pk if step else None)
        if place not in self._answers:
            self._answers[place] = {
                words: number
                for number, _words in answers_of(version, step)
                for words in in_each_language(lambda: dict(answers_of(version, step))[number])  # noqa: B023
            }
        allowed = set(self._answers[place].values())
        said = text_of(cell)
        number = self._answers[place].get(plain(said))
        if number is None and is_counted(said) and int(said) in allowed:
            number = int(said)
        if number is None:
            choices = wording.quoted(words for _number, words in answers_of(version, step))
            text = _("“%(v)s” is not one of the answers: %(choices)s.")
            raise Wrong(text % {"v": cell.shown, "choices": choices})
        return number

    def absence(self, row: EntryRow, cell: GridCell) -> str:
        """The code of a way to have no figure. Raises Wrong."""
        refuse_odd(cell)
        version = row.figure.version
        if version.pk not in self._absences:
            codes = [code for code, _words in absences_of(version)]
            self._absences[version.pk] = {plain(code): code for code in codes} | {
                words: code
                for code in codes
                for words in in_each_language(lambda: dict(absences_of(version))[code])  # noqa: B023
            }
        code = self._absences[version.pk].get(plain(text_of(cell)))
        if code is None:
            choices = wording.quoted(words for _code, words in absences_of(version))
            text = _("“%(v)s” is not one of the answers: %(choices)s.")
            raise Wrong(text % {"v": cell.shown, "choices": choices})
        return code
