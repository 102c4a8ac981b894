"""Reading a file of invitations: CSV with a header row, in the encodings that Excel writes."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from .enums import Role
from .models import Unit
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
        raise _refuse(_("The file holds more than %(most)s rows: split it.") % {"most": MOST_ROWS})
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
        self._known = {unit.code: unit for unit in units if unit.code and not unit.valid_to}
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
