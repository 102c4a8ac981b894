"""Uploaded tables cell by cell, each with the kind of value that its file says it holds.

``uploads.read_table`` gives texts. Here nothing is turned into a text first, so that a date, a
percentage, a formula or a number with more digits than a spreadsheet keeps can be told apart.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from xml.parsers import expat

from django.utils.translation import gettext as _

from .spreadsheets import CONTROL, HOSTILE, column_letters
from .uploads import (
    Limits,
    Unreadable,
    column_number,
    guard,
    is_workbook,
    records,
    too_many,
    too_wide,
)
from .uploads import unpacked as unpacked_part

_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
_SHIFT_1904 = 1462
_LARGEST_WHOLE = 25
#: Of a sheet, by its format.
_MOST_COLUMNS = 16_384
_PERCENTS = {9, 10}
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MADE_INERT = re.compile(r"'+[=+\-@\t\r\n]")


class Holds(StrEnum):
    """What kind of value a cell holds, by its type and by the way it is shown."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell with a value. ``text``: as stored, a date in ISO form, a boolean as 1 or 0.

    ``formula``: with its equals sign; empty where there is none.
    """

    text: str
    holds: Holds = Holds.TEXT
    formula: str = ""

    @property
    def shown(self) -> str:
        """As its author sees it, more or less; of a formula, the formula."""
        if self.formula:
            return self.formula
        if self.holds == Holds.PERCENT and (number := self.number) is not None:
            return f"{(number * 100).normalize():f} %"
        if self.holds == Holds.BOOLEAN:
            return "TRUE" if self.text == "1" else "FALSE"
        number = self.number if self.holds == Holds.NUMBER else None
        return self.text if number is None else f"{number:f}"

    @property
    def number(self) -> Decimal | None:
        """The number that the cell holds, as its author sees it; None where it is not finite.

        Spreadsheets keep binary numbers and write them with up to 17 digits, noise included: 0.1
        is the shortest text of that binary number. A text with more digits is not theirs and is
        taken as it stands.
        """
        try:
            stored = Decimal(self.text)
        except InvalidOperation:
            return None
        if not stored.is_finite() or abs(stored.adjusted()) > 300:
            return None
        if len(stored.as_tuple().digits) > 17:
            return stored
        number = Decimal(repr(float(stored)))
        return number.quantize(Decimal(1)) if _is_whole(number) else number


def _is_whole(number: Decimal) -> bool:
    """Whether it can be written without a fraction; of what is beyond all figures, no."""
    return number.adjusted() < _LARGEST_WHOLE and number == number.to_integral_value()


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row with any value: its number in the sheet, its cells by column from 0."""

    number: int
    cells: Mapping[int, GridCell]


@dataclass(slots=True)
class Grid:
    """A sheet of a workbook with its name, or a CSV file, which has none."""

    name: str
    rows: list[GridRow] = field(default_factory=list)


def reference(column: int, row: int) -> str:
    """The name of a cell: column 0 of row 5 is A5."""
    return f"{column_letters(column + 1)}{row}"


def read_grids(content: bytes, name: str, limits: Limits) -> list[Grid]:
    """The sheets of a workbook, or the one table of a CSV file, behind the guard of uploads.

    Raises Unreadable.
    """
    if not is_workbook(content, name, limits):
        return [_of_csv(content, limits)]
    # Nothing is filled between cells here: a column that is only formatted is none.
    guard(content, replace(limits, columns=_MOST_COLUMNS))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return list(_of_package(_Package(package, limits)))
    except (expat.ExpatError, KeyError, ValueError, IndexError, OverflowError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(_("The workbook is damaged: open and save it again.")) from error


def _of_csv(content: bytes, limits: Limits) -> Grid:
    grid = Grid("")
    for place, _line, texts in records(content, limits):
        cells = {at: _csv_cell(text) for at, text in enumerate(texts) if text}
        grid.rows.append(GridRow(place, cells))
        if len(grid.rows) > limits.rows + 50:
            raise Unreadable(too_many(limits.rows))
    return grid


def _csv_cell(text: str) -> GridCell:
    """A leading apostrophe that only kept a text from being a formula is not part of it."""
    if _MADE_INERT.match(text):
        return GridCell(text[1:])
    return GridCell(text, formula=text if text.startswith("=") else "")


def kept_inert(text: str) -> str:
    """``text`` for CSV, no formula to a spreadsheet; ``read_grids`` gives it back as it was."""
    clean = CONTROL.sub("", text)
    return f"'{clean}" if clean.startswith(HOSTILE) or _MADE_INERT.match(clean) else clean


# --- Workbooks ----------------------------------------------------------------------------------


class _Package:
    """The parts of a workbook, and what its cells refer to."""

    def __init__(self, package: zipfile.ZipFile, limits: Limits) -> None:
        self.limits = limits
        self._package = package
        self._entries = {entry.filename: entry for entry in package.infolist()}

    def part(self, name: str) -> bytes:
        return unpacked_part(self._package, self._entries[name], self.limits.unpacked, self.limits)

    def has(self, name: str) -> bool:
        return name in self._entries


def _of_package(package: _Package) -> Iterator[Grid]:
    sheets, shift = _sheets(package)
    strings = _strings(package)
    formats = _formats(package)
    for name, part in sheets:
        yield _Sheet(name, strings, formats, shift, package.limits).read(package.part(part))


Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def _parse(data: bytes, start: Start, end: End | None = None, text: End | None = None) -> None:
    """Read XML that may declare nothing: no document type, so no entities either."""
    parser = expat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(
        name.rpartition(" ")[2],
        {key.rpartition(" ")[2]: value for key, value in attributes.items()},
    )
    if end is not None:
        finish = end
        parser.EndElementHandler = lambda name: finish(name.rpartition(" ")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.Parse(data, True)


def _refuse_declaration(*_declared: object) -> None:
    raise Unreadable(_("The workbook is damaged: open and save it again."))


def _sheets(package: _Package) -> tuple[list[tuple[str, str]], int]:
    """Name and part of each worksheet, and by how many days its dates are shifted."""
    targets: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    shift = 0

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            path = posixpath.join("/xl", attributes["Target"])
            targets[attributes["Id"]] = posixpath.normpath(path).lstrip("/")

    def sheet(name: str, attributes: dict[str, str]) -> None:
        nonlocal shift
        if name == "sheet" and attributes.get("id") in targets:
            found.append((attributes["name"], targets[attributes["id"]]))
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            shift = _SHIFT_1904

    _parse(package.part("xl/_rels/workbook.xml.rels"), relation)
    _parse(package.part("xl/workbook.xml"), sheet)
    return found, shift


class _Strings:
    """Reads the shared texts, without what tells how they are pronounced."""

    def __init__(self, most: int) -> None:
        self.found: list[str] = []
        self.most = most
        self.pieces: list[str] = []
        self.inside: list[str] = []

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.inside.append(name)
        if name == "si":
            self.pieces.clear()

    def end(self, name: str) -> None:
        self.inside.pop()
        if name != "si":
            return
        self.found.append(_unescaped("".join(self.pieces)))
        if len(self.found) > self.most:
            raise Unreadable(_("The workbook is too large: keep one sheet with the figures alone."))

    def text(self, piece: str) -> None:
        if self.inside[-1] == "t" and "rPh" not in self.inside:
            self.pieces.append(piece)


def _strings(package: _Package) -> list[str]:
    if not package.has("xl/sharedStrings.xml"):
        return []
    reader = _Strings(package.limits.rows * package.limits.columns)
    _parse(package.part("xl/sharedStrings.xml"), reader.start, reader.end, reader.text)
    return reader.found


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _formats(package: _Package) -> list[Holds]:
    """For each style of a cell, what a number shown in it is."""
    if not package.has("xl/styles.xml"):
        return []
    codes: dict[int, str] = {}
    found: list[Holds] = []
    inside = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name in ("cellStyleXfs", "cellXfs", "dxfs"):
            inside = name
        elif name == "numFmt" and inside != "dxfs":
            codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "xf" and inside == "cellXfs":
            number = int(attributes.get("numFmtId", "0"))
            found.append(_shown_as(number, codes.get(number)))

    _parse(package.part("xl/styles.xml"), start)
    return found


def _shown_as(number: int, code: str | None) -> Holds:
    if code is None:
        if number in _PERCENTS:
            return Holds.PERCENT
        return Holds.DATE if number in _DATES else Holds.NUMBER
    signs = _NOT_A_CODE.sub("", code).lower().replace("general", "").replace("standard", "")
    if "%" in signs:
        return Holds.PERCENT
    return Holds.DATE if any(sign in signs for sign in "dmyhs") else Holds.NUMBER


class _Sheet:
    """Reads one worksheet; what a cell says comes in pieces."""

    def __init__(
        self, name: str, strings: list[str], formats: list[Holds], shift: int, limits: Limits
    ) -> None:
        self.grid = Grid(name)
        self.strings, self.formats, self.shift, self.limits = strings, formats, shift, limits
        self.row = self.column = 0
        self.cells: dict[int, GridCell] = {}
        self.type = self.element = ""
        self.style = 0
        self.is_pronunciation = False
        self.pieces: dict[str, list[str]] = {}

    def read(self, data: bytes) -> Grid:
        _parse(data, self.start, self.end, self.text)
        return self.grid

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column, self.cells = 0, {}
            if self.row > self.limits.rows + 50:
                raise Unreadable(too_many(self.limits.rows))
        elif name == "c":
            self.type, self.style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            letters = attributes.get("r", "").rstrip("0123456789")
            self.column = column_number(letters.encode()) if letters else self.column + 1
            self.pieces = {}
        elif name == "f":
            self.pieces["f"] = []
        elif name == "rPh":
            self.is_pronunciation = True
        if name in ("v", "f", "t"):
            self.element = name

    def text(self, piece: str) -> None:
        if self.element and not self.is_pronunciation:
            self.pieces.setdefault(self.element, []).append(piece)

    def end(self, name: str) -> None:
        if name in ("v", "f", "t"):
            self.element = ""
        elif name == "rPh":
            self.is_pronunciation = False
        elif name == "c":
            cell = self.cell()
            if cell is not None and self.column > self.limits.columns:
                raise Unreadable(too_wide(self.limits.columns))
            if cell is not None:
                self.cells[self.column - 1] = cell
        elif name == "row" and self.cells:
            self.grid.rows.append(GridRow(self.row, self.cells))
            if len(self.grid.rows) > self.limits.rows + 50:
                raise Unreadable(too_many(self.limits.rows))

    def cell(self) -> GridCell | None:
        value, inline = self._said("v"), self._said("t")
        formula = "=" + self._said("f") if "f" in self.pieces else ""
        if self.type == "s":
            value = self.strings[int(value)] if value else ""
        elif self.type in ("inlineStr", "str"):
            value = _unescaped(inline or value)
        if self.type in ("s", "inlineStr", "str"):
            text = value.replace("\r\n", "\n").strip()
            return GridCell(text, Holds.TEXT, formula) if text or formula else None
        if not value:
            return GridCell("", Holds.TEXT, formula) if formula else None
        return self._not_text(value, formula)

    def _not_text(self, value: str, formula: str) -> GridCell:
        if self.type == "b":
            return GridCell(value, Holds.BOOLEAN, formula)
        if self.type == "e":
            return GridCell(value, Holds.ERROR, formula)
        if self.type == "d":
            return GridCell(value, Holds.DATE, formula)
        holds = self.formats[self.style] if self.style < len(self.formats) else Holds.NUMBER
        if holds == Holds.DATE:
            return GridCell(self._date(value), Holds.DATE, formula)
        return GridCell(value, holds, formula)

    def _date(self, value: str) -> str:
        """The day in ISO form, with the time where there is one; else the number as it stands."""
        days = float(value) + self.shift
        if not 1 <= days < 2_958_466:
            return value
        moment = _DAY_ZERO + dt.timedelta(days=days)
        midnight = moment.time() == dt.time()
        return moment.date().isoformat() if midnight else moment.isoformat(" ", "minutes")

    def _said(self, element: str) -> str:
        return "".join(self.pieces.get(element, ()))
