"""Files of figures in tests: a downloaded one with other values in it, as XLSX or CSV."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from foundation.grids import Holds, kept_inert, read_grids
from foundation.models import OutboxEntry
from foundation.words import plain
from organisations.enums import Role
from organisations.models import Unit
from submissions.models import Submission, Upload
from submissions.models.uploads import LIMITS
from submissions.resources.columns import Column, known_headings
from submissions.tasks import read_upload
from tests import factories as make


@dataclass(frozen=True)
class Odd:
    """A value that a workbook holds in a special way."""

    kind: str
    value: Any


@dataclass
class Sheet:
    """A header and its rows, by key; ``set`` fills a cell."""

    header: list[str]
    rows: dict[str, dict[Column, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, content: bytes, name: str = "w.xlsx") -> Sheet:
        known = known_headings()
        for grid in read_grids(content, name, LIMITS):
            for at, line in enumerate(grid.rows):
                heads = {place: cell.text for place, cell in line.cells.items()}
                columns = {place: known.get(plain(text)) for place, text in heads.items()}
                if {Column.KEY, Column.FIRST} <= set(columns.values()):
                    return cls(list(heads.values()), _rows(grid.rows[at + 1 :], columns))
        raise AssertionError("no table of figures")

    def set(self, key: str, column: Column, value: Any) -> Sheet:
        self.rows[key][column] = value
        return self

    def fill(self, **first: Any) -> Sheet:
        """First answers by the indicator's code, of the unit's own figure."""
        for code, value in first.items():
            (key,) = (key for key in self.rows if key.split("/")[0] == code and key.count("/") == 2)
            self.set(key, Column.FIRST, value)
        return self

    @property
    def table(self) -> list[list[Any]]:
        known = known_headings()
        columns = [known.get(plain(text)) for text in self.header]
        return [self.header, *([row.get(each) for each in columns] for row in self.rows.values())]

    def xlsx(self, *, sheet: str = "Entries") -> bytes:
        return workbook({sheet: self.table})

    def csv(self, delimiter: str = ";", encoding: str = "utf-8-sig") -> bytes:
        buffer = io.StringIO()
        rows = [[_text(value) for value in row] for row in self.table]
        csv.writer(buffer, delimiter=delimiter).writerows(rows)
        return buffer.getvalue().encode(encoding)


def _rows(lines: Any, columns: dict[int, Column | None]) -> dict[str, dict[Column, Any]]:
    rows = {}
    for line in lines:
        cells = {columns[place]: cell for place, cell in line.cells.items() if columns.get(place)}
        row = {column: _value(cell) for column, cell in cells.items()}
        rows[row[Column.KEY]] = row
    return rows


def _value(cell: Any) -> Any:
    return cell.number if cell.holds == Holds.NUMBER else cell.text


def _text(value: Any) -> str:
    if isinstance(value, str):
        return kept_inert(value)
    return "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)


def workbook(sheets: dict[str, list[list[Any]]], **options: Any) -> bytes:
    """A workbook as others write it: numbers as numbers, texts as texts, no tables."""
    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, **options}
    with xlsxwriter.Workbook(target, options) as book:
        formats = {
            "percent": book.add_format({"num_format": "0%"}),
            "date": book.add_format({"num_format": "dd/mm/yyyy"}),
            "time": book.add_format({"num_format": "[h]:mm"}),
        }
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    _put(sheet, row, column, value, formats)
    return target.getvalue()


def _put(sheet: Any, row: int, column: int, value: Any, formats: dict[str, Any]) -> None:
    if isinstance(value, Odd) and value.kind == "formula":
        sheet.write_formula(row, column, value.value, None, 5)
    elif isinstance(value, Odd) and value.kind == "error":
        sheet.write_formula(row, column, "=0", None, value.value)
    elif isinstance(value, Odd):
        sheet.write_number(row, column, value.value, formats[value.kind])
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day)  # noqa: DTZ001
        sheet.write_datetime(row, column, moment, formats["date"])
    elif value:
        sheet.write_string(row, column, str(value))


def changed(content: bytes, parts: dict[str, bytes]) -> bytes:
    """A package with some parts put in the place of its own, or beside them."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for name in source.namelist():
            if name not in parts:
                package.writestr(name, source.read(name))
        for name, data in parts.items():
            package.writestr(name, data)
    return target.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def sheet_part(content: bytes, name: str = "Entries") -> str:
    """The part in which a sheet stands, as xlsxwriter numbers them."""
    names = re.findall(rb'<sheet name="([^"]+)"', part(content, "xl/workbook.xml"))
    return f"xl/worksheets/sheet{names.index(name.encode()) + 1}.xml"


class Desk:
    """A zone in an open round, its reporter and the way of a file."""

    def __init__(self, language: str = "en", code: str = make.QUARTER, **zone: Any) -> None:
        self.zone = make.make_zone("namur", **zone)
        self.code, self.language = code, language
        self.reporter = make.make_user(Role.REPORTER, self.zone)
        make.make_round(code)
        self.client = self.client_of(self.reporter)

    def client_of(self, user: Any) -> Client:
        client = Client(HTTP_ACCEPT_LANGUAGE=self.language)
        client.force_login(user)
        return client

    def speak(self, language: str) -> None:
        """The unit and its reporter, from now on."""
        Unit.objects.filter(pk=self.zone.pk).update(language=language)
        self.language = language
        self.client = self.client_of(self.reporter)

    @property
    def submission(self) -> Submission:
        return make.submission_of(self.zone, self.code)

    def url(self, name: str) -> str:
        return reverse(name, args=[self.code, self.zone.slug])

    def template(self, **query: str) -> bytes:
        query = {"language": self.language, **query}
        answer = self.client.get(self.url("report-workbook"), query)
        assert answer.status_code == 200
        return answer.content

    def sheet(self) -> Sheet:
        return Sheet.of(self.template())

    def post(self, content: bytes, name: str = "figures.xlsx", **data: str) -> Any:
        file = SimpleUploadedFile(name, content)
        return self.client.post(self.url("report-upload"), {"file": file, **data})

    def send(self, content: bytes, name: str = "figures.xlsx") -> Upload:
        """Send a file and have a worker read it."""
        answer = self.post(content, name)
        assert answer.status_code == 302, answer.content.decode()
        read_everything()
        return Upload.objects.latest("pk")

    def page(self, upload: Upload, client: Client | None = None) -> Any:
        return (client or self.client).get(reverse("upload", args=[upload.key]))

    def act(self, upload: Upload, action: str, client: Client | None = None) -> Any:
        url = reverse("upload", args=[upload.key])
        return (client or self.client).post(url, {"action": action})

    def apply(self, content: bytes, name: str = "figures.xlsx") -> Upload:
        """Send a file, see that nothing is wrong, and apply it."""
        upload = self.send(content, name)
        assert upload.faults == []
        assert self.act(upload, "apply").status_code == 302
        upload.refresh_from_db()
        return upload

    def parts(self) -> dict[str, tuple[Any, ...]]:
        """Per key what is saved: status, numerator, denominator."""
        found = {}
        for cell in make.cells_of(self.submission):
            code = cell.expectation.version.indicator.code
            key = f"{code}/{cell.option}" if cell.option else code
            said = cell.current
            found[key] = (said.status, said.numerator, said.denominator) if said else ()
        return found


def read_everything() -> None:
    """What the relay and a worker do with the files that wait."""
    for entry in OutboxEntry.objects.pending().filter(topic="uploads"):
        with override("de"):  # A worker has no language of its own.
            read_upload(entry.pk)


def messages(upload: Upload) -> list[str]:
    return [fault["message"] for fault in upload.faults]


def told(upload: Upload) -> list[tuple[str, str]]:
    """Cell and sentence of each fault."""
    return [(fault["place"], fault["message"]) for fault in upload.faults]
