"""The file given back with what to correct: every sheet, row and column that was sent, marked.

It is written anew from the values that were read, never an edited copy of a foreign package:
nothing in it is a formula, and it holds no more than what the limits let in.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from foundation.grids import Grid, GridCell, GridRow, Holds, kept_inert
from foundation.spreadsheets import BOM, CONTROL, HOSTILE
from foundation.uploads import column_number, delimiter_of
from foundation.words import plain
from submissions import wording

from .columns import Column, fixed_words, heading
from .reading import Reading
from .table import Fault
from .workbook import ENTRY, OPTIONS, WIDTHS, WRONG, clean, takes

#: How many faults the first sheet lists; a marked file must stay within the limits of a file.
_MOST_LISTED = 1_000
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
_NEGATIVE = re.compile(r"-\d+(?:[.,]\d+)?")
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "plain": {}, "bold": {"bold": True}, "entry": ENTRY, "wrong": WRONG,
}  # fmt: skip
_FORMS = {Holds.DATE: "dd/mm/yyyy", Holds.PERCENT: "0.00%"}


def marked_workbook(reading: Reading) -> bytes:
    """The sheets that were sent, and a first one that lists what to correct."""
    target = io.BytesIO()
    # Row by row to disk: a file within the limits may hold millions of short cells.
    with xlsxwriter.Workbook(target, {**OPTIONS, "constant_memory": True}) as book:
        _Writer(book, reading).write()
    return target.getvalue()


def marked_csv(reading: Reading, content: bytes) -> bytes:
    """The lines that were sent, with their own separator, and one more column."""
    [grid] = reading.grids
    marks = _Marks(reading, grid)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter_of(content), lineterminator="\r\n")
    last = 0
    for row in grid.rows:
        writer.writerows([[]] * (row.number - last - 1))
        last = row.number
        texts = {place: _csv_text(cell) for place, cell in row.cells.items()}
        texts[marks.column] = kept_inert(marks.beside(row))
        writer.writerow([texts.get(place, "") for place in range(marks.width)])
    return (BOM + buffer.getvalue()).encode()


def sheet_name() -> str:
    return pgettext("sheet", "What to correct")


def title() -> str:
    return _("What to correct in this file")


class _Marks:
    """What is wrong on one sheet, by row and by cell, and the column that says it."""

    def __init__(self, reading: Reading, grid: Grid) -> None:
        of_table = reading.table.sheet if reading.table else ""
        table = reading.table if of_table == grid.name else None
        first = grid.rows[0].number if grid.rows else 1
        self.table = table
        self.header = table.header if table else first
        used = max((place for row in grid.rows for place in row.cells), default=-1) + 1
        self.column = table.places.get(Column.ERRORS, used) if table else used
        self.width = max(used, self.column + 1)
        after = [row.number for row in grid.rows if row.number > self.header]
        self.rows: dict[int, list[str]] = {}
        self.cells: dict[int, dict[int, list[str]]] = {}
        for fault in reading.faults:
            if (fault.sheet or of_table) != grid.name:
                continue
            # What is about the whole file stands in the first row under the header.
            row = fault.row if fault.row > self.header or not after else after[0]
            place = _place(fault)
            text = fault.message if place is not None else _about(fault)
            self.rows.setdefault(row, []).append(text)
            if place is not None:
                at_row = self.cells.setdefault(fault.row, {})
                at_row.setdefault(place, []).append(fault.message)

    def beside(self, row: GridRow) -> str:
        if row.number == self.header:
            return heading(Column.ERRORS)
        return " ".join(self.rows.get(row.number, ()))


def _place(fault: Fault) -> int | None:
    letters = fault.place.rstrip("0123456789")
    return column_number(letters.encode()) - 1 if letters else None


def _about(fault: Fault) -> str:
    return f"{fault.column}: {fault.message}" if fault.column else fault.message


class _Writer:
    """Writes the sheets that were read, with their faults."""

    def __init__(self, book: Any, reading: Reading) -> None:
        self.book, self.reading = book, reading
        self.rows = {each.line.number: each.row for each in reading.matched}
        self.taken: set[str] = set()
        self.looks: dict[tuple[str, str], Any] = {}

    def write(self) -> None:
        grids = [grid for grid in self.reading.grids if not _is_ours(grid)]
        first = self._add(sheet_name())
        sheets = [(grid, self._add(grid.name)) for grid in grids]
        self._list(first)
        for grid, sheet in sheets:
            self._copy(sheet, grid)
        of_table = self.reading.table.sheet if self.reading.table else ""
        shown = (sheet for grid, sheet in sheets if grid.name == of_table)
        next(shown, first).activate()

    def _add(self, wanted: str) -> Any:
        """A sheet under its own name, as far as spreadsheets take it."""
        base = _NOT_IN_A_NAME.sub("-", CONTROL.sub("", wanted))[:31].strip("'") or "-"
        name, number = base, 1
        while name.lower() in self.taken:
            number += 1
            name = f"{base[:25]} ({number})"
        self.taken.add(name.lower())
        return self.book.add_worksheet(name)

    def _list(self, sheet: Any) -> None:
        headings = [
            (pgettext("column", "Sheet"), 24),
            (pgettext("column", "Row"), 8),
            (pgettext("column", "Cell"), 10),
            (pgettext("column", "Column"), 30),
            (pgettext("column", "What it holds"), 30),
            (heading(Column.ERRORS), 80),
        ]
        faults = self.reading.faults
        sheet.write_string(0, 0, title(), self.look("bold"))
        sheet.write_string(1, 0, _above(len(faults)))
        for at, (text, width) in enumerate(headings):
            sheet.set_column(at, at, width)
            sheet.write_string(2, at, text, self.look("bold"))
        for number, fault in enumerate(faults[:_MOST_LISTED], start=3):
            said = (fault.sheet, str(fault.row or ""), fault.place, fault.column, fault.value)
            for at, text in enumerate((*said, fault.message)):
                sheet.write_string(number, at, clean(text), self.look("plain", _form(text)))
        sheet.freeze_panes(3, 0)

    def _copy(self, sheet: Any, grid: Grid) -> None:
        marks = _Marks(self.reading, grid)
        is_marked = marks.table is not None or bool(marks.rows)
        places = {at: column for column, at in marks.table.places.items()} if marks.table else {}
        for at in range(marks.width):
            column = places.get(at)
            sheet.set_column(at, at, WIDTHS[column] if column else 20)
        if marks.table is not None:
            sheet.freeze_panes(marks.header, 0)
        for row in sorted(grid.rows, key=lambda each: each.number):
            told = marks.beside(row) if is_marked else ""
            wrong = marks.cells.get(row.number, {})
            for at in sorted({*row.cells, *wrong, *([marks.column] if told else ())}):
                self._cell(sheet, row, at, marks, places, told)

    def _cell(
        self,
        sheet: Any,
        row: GridRow,
        at: int,
        marks: _Marks,
        places: Mapping[int, Column],
        told: str,
    ) -> None:
        number = row.number - 1
        if told and at == marks.column:
            state = "bold" if row.number == marks.header else "plain"
            sheet.write_string(number, at, clean(told), self.look(state))
            return
        faults = marks.cells.get(row.number, {}).get(at, ())
        state = "wrong" if faults else self._state(row, places.get(at), marks)
        self._put(sheet, number, at, row.cells.get(at), state)
        if faults:
            options = {"x_scale": 2, "y_scale": 1.2, "author": "Jalon"}
            sheet.write_comment(number, at, clean(" ".join(faults))[:2000], options)

    def _state(self, row: GridRow, column: Column | None, marks: _Marks) -> str:
        if marks.table is None:
            return "plain"
        if row.number == marks.header:
            return "bold"
        entry = self.rows.get(row.number)
        is_entry = entry is not None and column is not None and takes(entry, column)
        return "entry" if is_entry else "plain"

    def _put(self, sheet: Any, row: int, at: int, cell: GridCell | None, state: str) -> None:
        """As it was sent, never as a formula."""
        if cell is None:
            sheet.write_blank(row, at, None, self.look(state))
            return
        number = cell.number if cell.holds in (Holds.NUMBER, Holds.PERCENT) else None
        if cell.formula:
            sheet.write_string(row, at, clean(_formula(cell)), self.look(state))
        elif number is not None and len(number.as_tuple().digits) <= 15:
            look = self.look(state, _FORMS.get(cell.holds, "General"))
            sheet.write_number(row, at, float(number), look)
        elif cell.holds == Holds.DATE and (day := _day(cell.text)) is not None:
            sheet.write_datetime(row, at, day, self.look(state, _FORMS[Holds.DATE]))
        elif cell.holds == Holds.BOOLEAN:
            sheet.write_boolean(row, at, cell.text == "1", self.look(state))
        else:
            sheet.write_string(row, at, clean(cell.text), self.look(state, _form(cell.text)))

    def look(self, state: str, form: str = "General") -> Any:
        """A format: plain, bold, entry or wrong."""
        if (state, form) not in self.looks:
            wanted = {"text_wrap": True, "valign": "top", **_LOOKS[state], "num_format": form}
            self.looks[state, form] = self.book.add_format(wanted)
        return self.looks[state, form]


def _is_ours(grid: Grid) -> bool:
    """Whether it is the list of faults of an earlier marked file: a new one takes its place."""
    first = [plain(cell.text) for row in grid.rows[:1] for cell in row.cells.values()]
    return bool(fixed_words(title) & set(first)) and plain(grid.name) in fixed_words(sheet_name)


def _above(count: int) -> str:
    text = ngettext(
        "%(count)s place to correct. It is marked on its sheet, with a note at the cell and the"
        " words at the end of the row.",
        "%(count)s places to correct. Each is marked on its sheet, with a note at the cell and the"
        " words at the end of the row.",
        count,
    ) % {"count": wording.units_text(count, 0)}
    if count <= _MOST_LISTED:
        return text
    most = wording.units_text(_MOST_LISTED, 0)
    more = _("The first %(most)s are listed here.") % {"most": most}
    return f"{text} {more}"


def _formula(cell: GridCell) -> str:
    return _("Formula: %(formula)s") % {"formula": cell.formula}


def _form(text: str) -> str:
    """A text that begins like a formula stays one when its cell is edited."""
    return "@" if text.startswith(HOSTILE) else "General"


def _day(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007
    except ValueError:
        return None


def _csv_text(cell: GridCell) -> str:
    if cell.formula:
        return _formula(cell)
    return cell.text if _NEGATIVE.fullmatch(cell.text) else kept_inert(cell.text)
