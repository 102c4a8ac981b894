"""Workbooks and CSV written as streams: rows come from an iterator and are never all in memory.

A workbook sheet has its title in A1 and one marked-up table with one header row, which makes it
accessible. The bulk writer knows no tables, so titles and table parts are added while the package
is copied, entry by entry.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from rustpy_xlsxwriter import FastExcel, Format

HEADER_ROW = 3
BOM = "\ufeff"
HOSTILE = ("=", "+", "-", "@", "\t", "\r", "\n")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CHUNK = 1 << 20
_ROWS = 500
_END = 64
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TABLE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
_TABLE_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/table"

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its unique heading, the width in characters, and Excel's number format."""

    text: str
    width: int = 16
    number_format: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: ``name`` unique and at most 31 characters, ``table`` a name without spaces.

    Rows hold str, int, Decimal, date or None; Decimal becomes the nearest number that a spreadsheet
    can hold.
    """

    name: str
    title: str
    table: str
    headings: Sequence[Heading]
    rows: Iterable[Row]


def write_workbook(
    target: IO[bytes], sheets: Sequence[Sheet], properties: Mapping[str, str]
) -> list[int]:
    """Write ``sheets`` to ``target`` and return the number of rows of each.

    Sheets are read in order, so that the rows of a later one may speak of an earlier one.
    ``properties``: title and creator of the document.
    """
    counts = [0] * len(sheets)
    with tempfile.TemporaryFile() as bare:
        workbook = FastExcel(bare).freeze(row=HEADER_ROW)
        for index, sheet in enumerate(sheets):
            workbook.sheet(
                sheet.name,
                _records(sheet, counts, index),
                header_row=HEADER_ROW - 1,
                header_format=Format().set_bold().set_text_wrap().set_align("top"),
                column_widths=[heading.width for heading in sheet.headings],
                column_formats={heading.text: _format(heading) for heading in sheet.headings},
            )
        workbook.save()
        bare.seek(0)
        _copy_with_tables(bare, target, sheets, counts, properties)
    return counts


def _records(sheet: Sheet, counts: list[int], index: int) -> Iterator[dict[str, Any]]:
    names = [heading.text for heading in sheet.headings]
    empty = True
    for row in sheet.rows:
        empty = False
        counts[index] += 1
        yield dict(zip(names, map(_plain, row), strict=True))
    if empty:
        # A table needs a row, and the writer takes its headings from the first.
        yield dict.fromkeys(names, "")


def _plain(value: Any) -> Any:
    """The value as the workbook writer takes it; text loses what XML cannot hold."""
    if isinstance(value, str):
        return CONTROL.sub("", value)
    return float(value) if isinstance(value, Decimal) else value


def _format(heading: Heading) -> Format:
    if heading.number_format:
        return Format().set_num_format(heading.number_format)
    return Format().set_text_wrap().set_align("top")


def _copy_with_tables(
    bare: IO[bytes],
    target: IO[bytes],
    sheets: Sequence[Sheet],
    counts: Sequence[int],
    properties: Mapping[str, str],
) -> None:
    changed = {
        "[Content_Types].xml": lambda text: _with_table_types(text, len(sheets)),
        "docProps/core.xml": lambda text: _with_properties(text, properties),
    }
    with (
        zipfile.ZipFile(bare) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package,
    ):
        for entry in source.namelist():
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", entry)
            if number:
                sheet = sheets[int(number[1]) - 1]
                _copy_sheet(source, package, entry, sheet.title)
            elif entry in changed:
                package.writestr(entry, changed[entry](source.read(entry).decode()))
            else:
                package.writestr(entry, source.read(entry))
        for index, (sheet, count) in enumerate(zip(sheets, counts, strict=True), start=1):
            package.writestr(f"xl/tables/table{index}.xml", _table(index, sheet, count))
            package.writestr(
                f"xl/worksheets/_rels/sheet{index}.xml.rels",
                f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
                f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" '
                f'Type="{_TABLE_RELATION}" Target="../tables/table{index}.xml"/></Relationships>',
            )


def _copy_sheet(source: zipfile.ZipFile, package: zipfile.ZipFile, entry: str, title: str) -> None:
    """Copy a sheet by pieces, with the title row before the rows and the table part at the end."""
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{escape(title)}</t></is></c></row>'
    parts = b'<tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'
    with source.open(entry) as read, package.open(entry, "w") as write:
        piece = read.read(_CHUNK)
        piece = piece.replace(b'<dimension ref="A3', b'<dimension ref="A1', 1)
        piece = piece.replace(b"<sheetData>", b"<sheetData>" + row.encode(), 1)
        while following := read.read(_CHUNK):
            # The closing tag may stand across two pieces.
            piece += following
            write.write(piece[:-_END])
            piece = piece[-_END:]
        write.write(piece.replace(b"</worksheet>", parts))


def _table(index: int, sheet: Sheet, count: int) -> str:
    last = f"{column_letters(len(sheet.headings))}{HEADER_ROW + max(count, 1)}"
    area = f"A{HEADER_ROW}:{last}"
    columns = "".join(
        f"<tableColumn id={quoteattr(str(number))} name={quoteattr(heading.text)}/>"
        for number, heading in enumerate(sheet.headings, start=1)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<table xmlns="{_MAIN}" id="{index}" name="{sheet.table}" displayName="{sheet.table}" '
        f'ref="{area}" totalsRowShown="0"><autoFilter ref="{area}"/>'
        f'<tableColumns count="{len(sheet.headings)}">{columns}</tableColumns>'
        f'<tableStyleInfo name="TableStyleLight1" showFirstColumn="0" showLastColumn="0" '
        f'showRowStripes="0" showColumnStripes="0"/></table>'
    )


def column_letters(number: int) -> str:
    """The letters of the column with this number: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _with_table_types(text: str, tables: int) -> str:
    overrides = "".join(
        f'<Override PartName="/xl/tables/table{index}.xml" ContentType="{_TABLE_TYPE}"/>'
        for index in range(1, tables + 1)
    )
    return text.replace("</Types>", f"{overrides}</Types>")


def _with_properties(text: str, properties: Mapping[str, str]) -> str:
    creator = escape(properties["creator"])
    title = f"<dc:title>{escape(properties['title'])}</dc:title>"
    return text.replace("<dc:creator></dc:creator>", f"{title}<dc:creator>{creator}</dc:creator>")


def csv_pieces(headings: Sequence[str], rows: Iterable[Row], incomplete: str) -> Iterator[str]:
    """A CSV file piece by piece: BOM, comma, decimal point, ISO dates; text is no formula.

    Where reading the rows fails half-way, the last line is ``incomplete``: a file that was cut
    never looks whole.
    """
    yield BOM + _lines([headings])
    batch: list[Row] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == _ROWS:
                yield _lines(batch)
                batch = []
    except Exception:
        yield _lines([*batch, [incomplete]])
        raise
    if batch:
        yield _lines(batch)


def _lines(rows: Iterable[Row]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(
        [inert(value) if isinstance(value, str) else value for value in row] for row in rows
    )
    return buffer.getvalue()


def inert(text: str) -> str:
    """``text`` such that no spreadsheet program reads it as a formula."""
    clean = CONTROL.sub("", text)
    return f"'{clean}" if clean.startswith(HOSTILE) else clean
