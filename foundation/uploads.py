"""Tables that people upload, CSV or XLSX, read as text behind limits.

A workbook is looked at before it is opened: how many parts, how much they unpack to, what its
sheet claims to hold. What is odd is refused with what to do about it, never repaired.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from .numbers import format_units

MOST_PARTS = 500
HIGHEST_RATIO = 250

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CELL = re.compile(rb"<(?:\w+:)?(?:c|dimension)\b[^>]*?\sr(?:ef)?=[\"']([^\"']{1,60})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr=[\"'](\d{1,12})[\"']")
_REFERENCE = re.compile(rb"\$?([A-Z]{1,4})\$?(\d{1,10})")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
#: Letters of CP850 or Mac Roman read as Windows-1252: signs of ours beside or between letters. What
#: they share with honest text (an à that stands alone, ß) shows in the preview.
_MISREAD = re.compile(
    r"[^\W\d_][‚ƒˆ‰Š‡†‹ŽšžŸ]|[‚ƒˆ‰Š‡†‹ŽšžŸ][^\W\d_]"
    r"|[a-z][„Œ—]|[^\W\d_][“”‘•™›§][^\W\d_]|[a-z][…–][a-z]|[A-Z][ß-ÿ][A-Z]"
)
_DIRECTORY_ENTRY = b"PK\x01\x02"


class Unreadable(ValueError):
    """A file that is refused; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may hold; sizes in bytes, ``unpacked`` that of a workbook's parts in all."""

    rows: int
    columns: int = 50
    size: int = 2_000_000
    unpacked: int = 30_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """A row with any value: its number in the file, its cells as text."""

    number: int
    cells: list[str]


def read_table(content: bytes, name: str, *, most_rows: int) -> list[Line]:
    """The rows of a CSV file or of a workbook's first sheet, empty ones left out.

    The file's ``name`` must agree with what it is. Raises Unreadable.
    """
    limits = Limits(most_rows)
    zipped = is_workbook(content, name, limits)
    lines = list(_of_workbook(content, limits) if zipped else _of_csv(content, limits))
    if len(lines) > most_rows:
        raise Unreadable(too_many(most_rows))
    return lines


def is_workbook(content: bytes, name: str, limits: Limits) -> bool:
    """Whether a file is a workbook rather than CSV, as far as its first bytes and its name say.

    Raises Unreadable where it is empty, too large, neither, or not what its name says.
    """
    if len(content) > limits.size:
        text = _("The file is larger than %(most)s MB: split it.")
        raise Unreadable(text % {"most": limits.size // 1_000_000})
    if not content.strip():
        raise Unreadable(_("The file is empty."))
    return _zipped(content, name)


def too_many(most_rows: int) -> str:
    return _("The file holds more than %(most)s rows: split it.") % {"most": _number(most_rows)}


def too_wide(most_columns: int) -> str:
    text = _("The file has more than %(most)s columns: remove some.")
    return text % {"most": _number(most_columns)}


def too_big(most_bytes: int) -> str:
    """Of a workbook that unpacks to more than it may."""
    return _(
        "The workbook is too large, more than %(most)s MB unpacked: keep one sheet with the figures"
        " alone."
    ) % {"most": most_bytes // 1_000_000}


def _number(count: int) -> str:
    return format_units(count, 0, get_language() or "fr")


def _zipped(content: bytes, name: str) -> bool:
    """Whether it is a workbook; raises Unreadable where content and name disagree."""
    suffix = name.lower().rpartition(".")[2]
    if suffix in ("xlsm", "xltm", "xlam", "xlsb"):
        raise Unreadable(_("A workbook with macros is not taken: save it as .xlsx."))
    if content.startswith(_OLE):
        raise Unreadable(
            _("The workbook is protected by a password or in an old format: save it as .xlsx.")
        )
    zipped = content.startswith(_ZIP)
    if suffix not in ("csv", "xlsx"):
        raise Unreadable(_("Send a .csv or an .xlsx file."))
    if suffix == "csv" and not zipped and b"\0" in content and _is_utf_16(content):
        raise Unreadable(
            _("The file is written in UTF-16: save it as “CSV UTF-8”, or as an .xlsx workbook.")
        )
    if zipped != (suffix == "xlsx") or (not zipped and b"\0" in content):
        raise Unreadable(
            _("The file is not what its name says (.%(suffix)s): save it again from a spreadsheet.")
            % {"suffix": suffix}
        )
    return zipped


def _is_utf_16(content: bytes) -> bool:
    """By its mark, or by the half of each letter that is empty."""
    start = content[:40]
    return content.startswith(_UTF_16) or any(start[::2]) != any(start[1::2])


# --- CSV ----------------------------------------------------------------------------------------


def _of_csv(content: bytes, limits: Limits) -> Iterator[Line]:
    for _place, line, cells in records(content, limits):
        yield Line(line, cells)


def records(content: bytes, limits: Limits) -> Iterator[tuple[int, int, list[str]]]:
    """The records of a CSV file with any value, cells without the spaces around them.

    Each with its place among the records, which is its row once a spreadsheet has opened it, and
    with its last line in the file. The separator is the most frequent of the first line's.
    """
    text, place = _decoded(content), 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    try:
        for place, cells in enumerate(reader, start=1):
            texts = [cell.strip() for cell in cells]
            if any(texts[limits.columns :]):
                raise Unreadable(too_wide(limits.columns))
            if any(texts):
                yield place, reader.line_num, texts[: limits.columns]
    except csv.Error as error:
        if str(error).startswith("field larger"):
            text = _("Row %(row)s cannot be read: a cell holds more than %(most)s characters.")
            values = {"row": place + 1, "most": _number(csv.field_size_limit())}
            raise Unreadable(text % values) from error
        text = _(
            "Row %(row)s cannot be read: a quotation mark is not closed, or text follows the one"
            " that closes."
        )
        raise Unreadable(text % {"row": place + 1}) from error


def delimiter_of(content: bytes) -> str:
    """What separates the cells of a CSV file."""
    return _separator(_decoded(content))


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(";,\t", key=first.count)


def _decoded(content: bytes) -> str:
    """As UTF-8, or as Windows writes it. Raises Unreadable where it is in neither.

    Bytes of DOS and of old Macs are characters of Windows, too, but not where letters were.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\ufffd" in text or _MISREAD.search(text):
        raise Unreadable(
            _(
                "The file is written in an old character set: save it as “CSV UTF-8”, or as an"
                " .xlsx workbook."
            )
        )
    return text


# --- Workbooks ----------------------------------------------------------------------------------


def _of_workbook(content: bytes, limits: Limits) -> Iterator[Line]:
    guard(content, limits)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError, ValueError) as error:
        raise Unreadable(_("The workbook is damaged: open and save it again.")) from error
    for number, cells in enumerate(rows, start=1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield Line(number, texts)


def _text(cell: object) -> str:
    """A cell as somebody would type it: whole numbers without a fraction, dates as 2026-01-01."""
    if isinstance(cell, bool) or cell is None:
        return "" if cell is None else str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def guard(content: bytes, limits: Limits) -> None:
    """Refuse a package that unpacks to too much, or that a spreadsheet would not have made."""
    odd = Unreadable(_("The workbook is damaged: open and save it again."))
    if content.count(_DIRECTORY_ENTRY) > MOST_PARTS:  # Before a directory is made of them.
        raise Unreadable(_("The workbook is too large: keep one sheet with the figures alone."))
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise odd from error
    entries = package.infolist()
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(_("The workbook is protected by a password: save it without one."))
    if any("vbaproject" in name.lower() for name in names):
        raise Unreadable(_("A workbook with macros is not taken: save it as .xlsx."))
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise odd
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise Unreadable(too_big(limits.unpacked))
    _guard_parts(package, entries, limits)


def _guard_parts(
    package: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], limits: Limits
) -> None:
    left = limits.unpacked
    for entry in entries:
        data = unpacked(package, entry, left, limits)
        left -= len(data)
        if len(data) > 100_000 and len(data) > HIGHEST_RATIO * max(entry.compress_size, 1):
            raise Unreadable(_("The workbook is too large: keep one sheet with the figures alone."))
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        if b"\0" in data[:200] or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise Unreadable(_("The workbook is damaged: open and save it again."))
        if b"macroEnabled" in data and entry.filename == "[Content_Types].xml":
            raise Unreadable(_("A workbook with macros is not taken: save it as .xlsx."))
        if _SHEET.fullmatch(entry.filename):
            _guard_sheet(data, limits)


def unpacked(package: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, limits: Limits) -> bytes:
    """A part, however much its header claims; never more than ``most`` bytes of it."""
    try:
        with package.open(entry) as part:
            data = part.read(most + 1)
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, RuntimeError, ValueError
    ) as error:  # fmt: skip
        raise Unreadable(_("The workbook is damaged: open and save it again.")) from error
    if len(data) > most:
        raise Unreadable(too_big(limits.unpacked))
    return data


def _guard_sheet(data: bytes, limits: Limits) -> None:
    """No cell, row or dimension beyond what is read: a reader would fill all the space between."""
    last = max((int(found) for found in _ROW.findall(data)), default=0)
    for area in _CELL.findall(data):
        for letters, row in _REFERENCE.findall(area):
            last = max(last, int(row))
            if column_number(letters) > limits.columns:
                raise Unreadable(too_wide(limits.columns))
    if last > limits.rows + 50:
        raise Unreadable(too_many(limits.rows))


def column_number(letters: bytes) -> int:
    """The number of the column with these letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
