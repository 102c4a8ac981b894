"""Workbooks and CSV: numbers stay numbers, text is inert, tables are marked up, cuts are told."""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from foundation.spreadsheets import (
    Heading,
    Sheet,
    column_letters,
    csv_pieces,
    inert,
    write_workbook,
)

HEADINGS = [
    Heading("Unit"),
    Heading("Value", number_format="0.00"),
    Heading("Day", number_format="yyyy-mm-dd"),
]
HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "==1", '=HYPERLINK("x")']


def written(*sheets: Sheet) -> io.BytesIO:
    target = io.BytesIO()
    write_workbook(target, sheets, {"title": "Jalon <&>", "creator": "Jalon"})
    target.seek(0)
    return target


def sheet(rows, name="Data", table="data") -> Sheet:
    return Sheet(name, "A title & more", table, HEADINGS, rows)


def read(target: io.BytesIO, name: str = "Data") -> list[list[object]]:
    return CalamineWorkbook.from_filelike(target).get_sheet_by_name(name).to_python()


def test_a_sheet_has_its_title_in_a1_and_one_header_row():
    rows = read(written(sheet([("Namur", Decimal("1.5"), dt.date(2026, 9, 30))])))
    assert rows == [
        ["A title & more", "", ""],
        ["", "", ""],
        ["Unit", "Value", "Day"],
        ["Namur", 1.5, dt.date(2026, 9, 30)],
    ]


def test_the_table_part_covers_header_and_rows():
    package = zipfile.ZipFile(written(sheet([("a", 1, None), ("b", 2, None)])))
    table = package.read("xl/tables/table1.xml").decode()
    assert 'ref="A3:C5"' in table
    assert 'displayName="data"' in table
    assert [f'name="{each.text}"' in table for each in HEADINGS] == [True, True, True]
    assert b'<tablePart r:id="rId1"/>' in package.read("xl/worksheets/sheet1.xml")
    assert b"/xl/tables/table1.xml" in package.read("[Content_Types].xml")
    assert b"Jalon &lt;&amp;&gt;" in package.read("docProps/core.xml")


def test_an_empty_sheet_keeps_its_headings_and_a_table_of_one_row():
    target = written(sheet([]))
    assert read(target)[2] == ["Unit", "Value", "Day"]
    assert b'ref="A3:C4"' in zipfile.ZipFile(target).read("xl/tables/table1.xml")


def test_a_later_sheet_may_speak_of_an_earlier_one():
    count = [0]

    def counted():
        for number in range(3):
            count[0] += 1
            yield ("x", number, None)

    def told():
        yield ("rows", count[0], None)

    target = written(sheet(counted()), sheet(told(), "Control", "control"))
    assert read(target, "Control")[3] == ["rows", 3.0, ""]


def test_a_sheet_of_many_pieces_is_whole():
    """More than one piece of a megabyte, so that the end is put on the last one."""
    rows = ((f"unit {number} " + "x" * 80, number, dt.date(2026, 1, 1)) for number in range(12_000))
    found = read(written(sheet(rows)))
    assert len(found) == 12_003
    assert found[-1][1] == 11_999.0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_in_a_workbook(text):
    target = written(sheet([(text, 1, None)]))
    body = zipfile.ZipFile(target).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in body
    assert re.search(rb'<c r="A4"[^>]* t="inlineStr">', body)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_csv(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("value", [-5, Decimal("-1.5"), 0, "Namur", "1+1"])
def test_numbers_and_plain_text_stay_as_they_are(value):
    assert list(csv_pieces(["Value"], [(value,)], "CUT"))[1] == f"{value}\r\n"


def test_many_rows_are_written_in_pieces_and_none_is_lost():
    pieces = list(csv_pieces(["Value"], ((number,) for number in range(1201)), "CUT"))
    assert len(pieces) == 4
    assert "".join(pieces).splitlines()[1:] == [str(number) for number in range(1201)]


def test_nul_cannot_hide_a_formula():
    assert inert("\x00=1+1") == "'=1+1"


def test_csv_has_a_bom_and_plain_numbers():
    lines = list(csv_pieces(["Unit", "Value"], [("Namur, ville", Decimal("-1.50"))], "CUT"))
    assert lines == ["\ufeffUnit,Value\r\n", '"Namur, ville",-1.50\r\n']


def test_a_csv_that_was_cut_says_so_in_its_last_line():
    def failing():
        yield ("Namur", 1)
        raise ConnectionError

    seen = []
    with pytest.raises(ConnectionError):
        seen.extend(csv_pieces(["Unit", "Value"], failing(), "CUT"))
    assert seen[-1] == "Namur,1\r\nCUT\r\n"


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_columns_are_lettered(number, letters):
    assert column_letters(number) == letters
