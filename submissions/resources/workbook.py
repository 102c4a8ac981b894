"""The workbook of a unit and a round: cover, contents, entries, definitions, lists.

Accessible by QUALITY D: a title in A1, one marked-up table a sheet, no merged or hidden cells.
Every text is written as text: nothing in it is ever a formula.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter.utility import xl_range_abs

from foundation.spreadsheets import CONTROL
from foundation.templatetags.jalon import period

from . import cover
from .columns import ENTRIES, Column, EntryRow, Value, absences_of, answers_of, yes
from .lines import FileOfFigures, Line

HEADER = 2
WIDTHS = {
    Column.FIGURE: 38, Column.OPTION: 20, Column.ERRORS: 60, Column.SUBJECT: 26, Column.UNIT: 12,
    Column.ANSWER: 22, Column.FIRST_LABEL: 30, Column.FIRST: 18, Column.SECOND_LABEL: 30,
    Column.SECOND: 18, Column.ABSENCE: 30, Column.REASON: 30, Column.COMMENT: 40, Column.FLAG: 14,
    Column.THEME: 30, Column.KEY: 34, Column.SUBJECT_CODE: 22, Column.FORM: 22, Column.SAVED: 10,
}  # fmt: skip
#: How a cell to fill looks, and one to correct.
ENTRY = {"locked": False, "border": 2, "border_color": "#0F4C5C", "bg_color": "#FFFBEB"}
WRONG = {
    "locked": False, "border": 5, "border_color": "#A3262A", "bg_color": "#F9DEDC", "bold": True,
}  # fmt: skip
#: Texts stay texts, whatever they begin with.
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: What stays possible on a locked sheet.
_ALLOWED = (
    "format_columns", "format_rows", "sort", "autofilter", "select_locked_cells",
    "select_unlocked_cells",
)  # fmt: skip


def workbook_bytes(file: FileOfFigures) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {**OPTIONS, "in_memory": True}) as book:
        _Writer(book, file).write()
    return target.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, file: FileOfFigures) -> None:
        self.book, self.file = book, file
        self.columns = file.columns
        self.names = {
            "cover": pgettext("sheet", "Read me"),
            "contents": pgettext("sheet", "Contents"),
            "entries": pgettext("sheet", "Entries"),
            "definitions": pgettext("sheet", "Definitions"),
            "lists": pgettext("sheet", "Lists"),
        }
        self.sheets = {code: book.add_worksheet(name) for code, name in self.names.items()}
        self.definition_rows: dict[int, int] = {}
        self.lists: dict[tuple[str, ...], str] = {}
        self.list_rows: list[tuple[str, str]] = []

    def write(self) -> None:
        submission = self.file.submission
        reporter, code = submission.reporter.label, period(submission.round.period.code)
        title = _("Figures of %(unit)s, %(period)s") % {"unit": reporter, "period": code}
        self.book.set_properties(
            {"title": title, "subject": cover.subject(), "author": "Jalon", "company": "Jalon"}
        )
        self._formats()
        self._definitions()
        self._entries(title)
        self._lists()
        notes = cover.notes(self.file)
        headings = [(pgettext("cover", "About"), 26), (pgettext("cover", "In words"), 100)]
        self._table("cover", title, headings, notes)
        self._table(
            "contents",
            _("What this workbook holds"),
            [(_("Sheet"), 20), (_("What it holds"), 80), (_("Rows"), 10)],
            cover.contents(
                self.names,
                {
                    "cover": len(notes),
                    "contents": len(self.names),
                    "entries": len(self.file.lines),
                    "definitions": len(self.definition_rows),
                    "lists": len(self.list_rows),
                },
            ),
        )
        self.sheets["cover"].activate()

    def _formats(self) -> None:
        add = self.book.add_format
        wrapped = {"text_wrap": True, "valign": "top"}
        self.title = add({"bold": True, "font_size": 14})
        self.text = add(wrapped)
        self.link = add({**wrapped, "underline": 1, "font_color": "#0B5A70"})
        self.header = add({**wrapped, "bold": True, "bottom": 2})
        self.entry = {
            form: add({**wrapped, **ENTRY, "num_format": form})
            for form in ("General", "@", "dd/mm/yyyy")
        }

    # Sheets

    def _table(
        self,
        code: str,
        title: str,
        headings: Sequence[tuple[str, int]],
        rows: Sequence[Sequence[Value]],
        *,
        above: str = "",
    ) -> Any:
        """A sheet with its title, one line above the table, and the table's header and cells."""
        sheet = self.sheets[code]
        sheet.write_string(0, 0, title, self.title)
        if above:
            sheet.write_string(1, 0, above)
        for at, (_text, width) in enumerate(headings):
            sheet.set_column(at, at, width)
        last = HEADER + max(len(rows), 1)
        sheet.add_table(
            HEADER, 0, last, len(headings) - 1,
            {
                "name": f"jalon_{code}",
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [
                    {"header": text, "header_format": self.header} for text, _width in headings
                ],
            },
        )  # fmt: skip
        for number, row in enumerate(rows, start=HEADER + 1):
            for at, value in enumerate(row):
                self._put(sheet, number, at, value, self.text)
        sheet.freeze_panes(HEADER + 1, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADER)
        sheet.protect("", dict.fromkeys(_ALLOWED, True))
        return sheet

    def _definitions(self) -> None:
        rows: list[list[Value]] = []
        for block in self.file.blocks:
            self.definition_rows[block.version.pk] = HEADER + 1 + len(rows)
            rows.append(cover.definition(block.version))
        self._table("definitions", _("What each figure counts"), cover.definition_columns(), rows)

    def _lists(self) -> None:
        headings = [(_("List"), 40), (_("Answers"), 60)]
        self._table("lists", _("Answers that are chosen from lists"), headings, self.list_rows)

    def _entries(self, title: str) -> None:
        headings = [
            (self.file.heading(column), WIDTHS[column] if isinstance(column, Column) else 14)
            for column in self.columns
        ]
        blank: list[list[Value]] = [[] for _line in self.file.lines]
        sheet = self._table("entries", title, headings, blank, above=cover.above_entries())
        for number, line in enumerate(self.file.lines, start=HEADER + 1):
            for at, column in enumerate(self.columns):
                self._cell(sheet, number, at, column, line)
        self._validations(sheet)
        sheet.freeze_panes(HEADER + 1, 2)

    def _cell(self, sheet: Any, number: int, at: int, column: Column | str, line: Line) -> None:
        value = self.file.value(line, column)
        if column == Column.FIGURE and line.row.is_main:
            row = self.definition_rows[line.row.figure.version.pk] + 1
            name = self.names["definitions"].replace("'", "''")
            sheet.write_url(number, at, f"internal:'{name}'!A{row}", self.link, str(value))
            return
        look = self.text
        if takes(line.row, column):
            look = self.entry[_form(line.row, column, value)]
        self._put(sheet, number, at, value, look)

    def _put(self, sheet: Any, row: int, at: int, value: Value, look: Any) -> None:
        if isinstance(value, (int, Decimal)):
            sheet.write_number(row, at, float(value), look)
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, at, dt.datetime(value.year, value.month, value.day), look)  # noqa: DTZ001
        elif value:
            sheet.write_string(row, at, clean(value), look)
        else:
            sheet.write_blank(row, at, None, look)

    # What may be chosen or typed

    def _validations(self, sheet: Any) -> None:
        """One rule for each run of rows that share it."""
        for at, column in enumerate(self.columns):
            if column not in ENTRIES:
                continue
            start, current = HEADER + 1, None
            for number, line in enumerate([*self.file.lines, None], start=HEADER + 1):
                rule = self._rule(line.row, column) if line is not None else None
                if rule != current:
                    if current:
                        sheet.data_validation(start, at, number - 1, at, dict(current))
                    start, current = number, rule

    def _rule(self, row: EntryRow, column: Column | str) -> dict[str, Any] | None:
        """What is expected; another answer is warned of, not refused: the upload decides."""
        if not takes(row, column):
            return None
        version = row.figure.version
        if column == Column.ABSENCE:
            return self._choice(version.name, [words for _code, words in absences_of(version)])
        if column == Column.FLAG:
            return self._choice(self.file.heading(Column.FLAG), [yes()])
        if column == Column.FIRST and row.is_chosen:
            answers = [words for _number, words in answers_of(version, row.step)]
            return self._choice(version.name, answers)
        if column == Column.FIRST and row.step is not None:
            day = dt.date(2000, 1, 1)
            return _warning("date", day, _("Type a date, for example 31/03/2026."))
        if column in (Column.FIRST, Column.SECOND) and row.is_typed_number:
            low = version.lower_bound
            if low is None or low >= 0:
                return _warning("decimal", 0, _("This figure is a number, zero or more."))
        return None

    def _choice(self, name: str, answers: Sequence[str]) -> dict[str, Any]:
        known = tuple(answers)
        if known not in self.lists:
            first = HEADER + 1 + len(self.list_rows)
            self.list_rows += [(name, answer) for answer in known]
            area = xl_range_abs(first, 1, first + len(known) - 1, 1)
            sheet = self.names["lists"].replace("'", "''")
            self.lists[known] = f"='{sheet}'!{area}"
        return {
            "validate": "list",
            "source": self.lists[known],
            "error_type": "warning",
            "error_title": _("Another answer"),
            "error_message": _("Choose one of the answers of the list."),
        }


def _warning(kind: str, least: dt.date | int, message: str) -> dict[str, Any]:
    return {
        "validate": kind,
        "criteria": ">=",
        "value": least,
        "error_type": "warning",
        "error_title": _("Is this right?"),
        "error_message": message,
    }


def takes(row: EntryRow, column: Column | str) -> bool:
    """Whether a row's cell in a column is to be filled."""
    if column not in ENTRIES:
        return False
    if column == Column.SECOND:
        return row.has_second
    return row.is_main or column == Column.FIRST


def _form(row: EntryRow, column: Column | str, value: Value) -> str:
    """Numbers as they are typed; texts stay texts, whatever they begin with."""
    if isinstance(value, dt.date) or row.step is not None:
        return "dd/mm/yyyy"
    is_number = column in (Column.FIRST, Column.SECOND) and row.is_typed_number
    return "General" if is_number else "@"


def clean(text: str) -> str:
    """Without what XML cannot hold, and never more than a cell holds."""
    return CONTROL.sub("", text)[:32_767]
