"""Reading files of invitations (CSV) and of populations (CSV or XLSX)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from foundation.numbers import NumberProblem, NumberProblemCode, parse_number
from foundation.uploads import Line, Unreadable, read_table, too_many

from .enums import Role
from .models import Municipality, Unit
from .populations import Counted
from .services import InvitationRow, RowError, RowErrors

COLUMNS = ("email", "name", "role", "unit", "start", "end")
REQUIRED = ("email", "name", "role")
LARGEST = 200_000
MOST_ROWS = 500


def read_invitations(content: bytes) -> tuple[list[InvitationRow], list[RowError]]:
    """The rows of the file, and every error of those that cannot be read.

    Raises RowErrors where the file itself cannot be read.

    ``role`` is a code (reporter) or its word in the language of the page; ``unit`` a code or a
    slug; dates read 2026-03-01 or 01/03/2026.
    """
    header, lines = _lines(_decoded(content))
    units = _Units()
    rows: list[InvitationRow] = []
    errors: list[RowError] = []
    for number, cells in lines:
        try:
            rows.append(_row(number, _values(header, cells), units))
        except ValidationError as error:
            errors.extend(
                RowError(number, column, message)
                for column, messages in error.message_dict.items()
                for message in messages
            )
    return rows, errors


def _refuse(message: str) -> RowErrors:
    return RowErrors([RowError(1, "", message)])


def _decoded(content: bytes) -> str:
    if len(content) > LARGEST:
        raise _refuse(_("The file is too large: split it."))
    if b"\0" in content or content.startswith(b"PK"):
        raise _refuse(_("This is not a CSV file. In a spreadsheet, choose “Save as… CSV”."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _lines(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and line number in the file and cells, lines without any value left out."""
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        _check_header(header)
        found = [(reader.line_num, cells) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise _refuse(_("The file cannot be read: a quotation mark is not closed.")) from error
    if not found:
        raise _refuse(_("The file holds no row under its header."))
    if len(found) > MOST_ROWS:
        raise _refuse(too_many(MOST_ROWS))
    return header, found


def _check_header(header: list[str]) -> None:
    missing = [column for column in REQUIRED if column not in header]
    unknown = [column for column in header if column not in COLUMNS]
    if missing or unknown or len(set(header)) < len(header):
        raise _refuse(
            _("The first row names the columns: %(columns)s.") % {"columns": ", ".join(COLUMNS)}
        )


def _values(header: list[str], cells: list[str]) -> Mapping[str, str]:
    """A row's values by column."""
    if len(cells) > len(header):
        raise ValidationError({"": _("This row has more cells than the header.")})
    return dict(zip(header, map(str.strip, cells), strict=False))


class _Units:
    """Units by slug and by code, read once for a whole file."""

    def __init__(self) -> None:
        units = list(Unit.objects.all())
        today = timezone.localdate()
        self._known = {
            unit.code: unit
            for unit in units
            if unit.code and (unit.valid_to is None or unit.valid_to > today)
        }
        self._known |= {unit.slug: unit for unit in units}

    def get(self, text: str) -> Unit | None:
        if text and text.lower() not in self._known:
            raise ValidationError(_("No unit has this code."))
        return self._known.get(text.lower())


def _row(number: int, values: Mapping[str, str], units: _Units) -> InvitationRow:
    errors: dict[str, ValidationError] = {}

    def read(column: str, how: object) -> object:
        try:
            return how(values.get(column, ""))  # type: ignore[operator]
        except ValidationError as error:
            errors[column] = error
            return None

    found = {
        "role": read("role", _role),
        "unit": read("unit", units.get),
        "start": read("start", _date),
        "end": read("end", _date),
    }
    if errors:
        raise ValidationError(errors)
    return InvitationRow(number, values["email"], values["name"], **found)  # type: ignore[arg-type]


def _role(text: str) -> str:
    for value, label in Role.choices:
        if text.casefold() in (value, str(label).casefold()):
            return value
    raise ValidationError(_("There is no such role."))


def _date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        found = parse_date(text) or dt.datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007
    except ValueError as error:
        raise ValidationError(_("Write the date as 2026-03-01.")) from error
    return found


# --- Populations --------------------------------------------------------------------------------

#: What the first row may call a column, in lower case.
POPULATION_COLUMNS = {
    "nis": ("nis", "ins", "code nis", "code ins", "nis-code"),
    "zone": ("zone", "zp", "pz", "zone de police", "politiezone", "polizeizone"),
    "year": ("year", "année", "annee", "jaar", "jahr"),
    "date": ("date", "datum"),
    "inhabitants": ("inhabitants", "population", "habitants", "inwoners", "einwohner", "bevolking"),
}
MOST_COUNTS = 5_000
MOST_INHABITANTS = 20_000_000
EARLIEST = dt.date(2000, 1, 1)


def read_populations(content: bytes, name: str) -> list[Counted]:
    """The counts of a CSV file or a workbook, all of them or RowErrors with every one refused.

    A row names a municipality (``nis``) or a zone (its code or slug), a ``year`` (1 January) or a
    ``date``, and ``inhabitants``.
    """
    try:
        lines = read_table(content, name, most_rows=MOST_COUNTS)
    except Unreadable as refused:
        raise _refuse(str(refused)) from refused
    header = _population_header(lines[0])
    if len(lines) == 1:
        raise _refuse(_("The file holds no row under its header."))
    reader = _Counts(header)
    for line in lines[1:]:
        reader.read(line)
    if reader.errors:
        raise RowErrors(reader.errors)
    return reader.counted


def _population_header(line: Line) -> list[str]:
    known = {word: column for column, words in POPULATION_COLUMNS.items() for word in words}
    header = [known.get(cell.casefold(), "") for cell in line.cells]
    named = {column for column in header if column}
    who, when = named & {"nis", "zone"}, named & {"year", "date"}
    repeated = len([column for column in header if column]) > len(named)
    if repeated or len(who) != 1 or len(when) != 1 or "inhabitants" not in named:
        raise RowErrors(
            [
                RowError(
                    line.number,
                    "",
                    _(
                        "The first row names three columns: nis or zone, year or date, and "
                        "inhabitants."
                    ),
                )
            ]
        )
    return header


class _Counts:
    """Reads rows one by one, and keeps what is right and every error."""

    def __init__(self, header: list[str]) -> None:
        self._header = header
        self._zones = _Zones()
        self._towns = dict(Municipality.objects.values_list("nis", "pk"))
        self._seen: dict[tuple[object, dt.date], int] = {}
        self.counted: list[Counted] = []
        self.errors: list[RowError] = []

    def read(self, line: Line) -> None:
        cells = dict(zip(self._header, line.cells, strict=False))
        found: dict[str, object] = {}
        readers = {
            "nis": self._town, "zone": self._zones.get, "year": _year, "date": _counted_on,
            "inhabitants": _inhabitants,
        }  # fmt: skip
        for column, how in readers.items():
            if column not in self._header:
                continue
            try:
                found[column] = how(cells.get(column, ""))
            except ValidationError as error:
                self.errors += [
                    RowError(line.number, column, message) for message in error.messages
                ]
        if len(found) == 3:
            self._add(line.number, found)

    def _add(self, number: int, found: dict[str, object]) -> None:
        unit, town = found.get("zone"), found.get("nis")
        on: Any = found.get("year") or found.get("date")
        first = self._seen.setdefault(((unit, town), on), number)
        if first != number:
            column = "nis" if unit is None else "zone"
            message = _("This stands in row %(first)s already.") % {"first": first}
            self.errors.append(RowError(number, column, message))
            return
        self.counted.append(Counted(number, unit, town, on, found["inhabitants"]))  # type: ignore[arg-type]

    def _town(self, text: str) -> int:
        if text not in self._towns:
            raise ValidationError(
                _("No municipality has the NIS code “%(text)s”.") % {"text": text[:40]}
            )
        return self._towns[text]


class _Zones:
    """Zones by slug, and by the code of a zone in existence."""

    def __init__(self) -> None:
        units = [unit for unit in Unit.objects.zones() if not unit.never_existed]
        today = timezone.localdate()
        current = [unit for unit in units if unit.valid_to is None or unit.valid_to > today]
        self._known = {unit.code: unit.pk for unit in current if unit.code}
        self._known |= {unit.slug: unit.pk for unit in units}

    def get(self, text: str) -> int:
        if text.lower() not in self._known:
            raise ValidationError(
                _("No zone has the code or name “%(text)s”.") % {"text": text[:40]}
            )
        return self._known[text.lower()]


def _year(text: str) -> dt.date:
    if not re.fullmatch("[0-9]{4}", text):
        raise ValidationError(_("Write the year in four digits."))
    return _in_time(dt.date(max(int(text), 1), 1, 1))


def _counted_on(text: str) -> dt.date:
    found = _date(text)
    if found is None:
        raise ValidationError(_("Write the date as 2026-03-01."))
    return _in_time(found)


def _in_time(day: dt.date) -> dt.date:
    if not EARLIEST <= day <= timezone.localdate():
        raise ValidationError(_("This day lies before the year 2000 or in the future."))
    return day


def _inhabitants(text: str) -> int:
    try:
        number = parse_number(text, decimals=0).units
    except NumberProblem as problem:
        if problem.code == NumberProblemCode.EMPTY:
            raise ValidationError(_("Write the number of inhabitants.")) from problem
        if problem.code == NumberProblemCode.AMBIGUOUS:
            raise ValidationError(
                _("“%(text)s” can be read in two ways: write it without point or comma.")
                % {"text": text}
            ) from problem
        raise ValidationError(
            _("“%(text)s” is not a whole number of inhabitants.") % {"text": text[:40]}
        ) from problem
    if not 0 < number <= MOST_INHABITANTS:
        raise ValidationError(_("A zone or municipality has between 1 and 20 million inhabitants."))
    return number
