"""The file given back with what to correct: our own layout, holding the values that were sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from foundation.grids import GridCell, GridRow, Holds
from foundation.uploads import column_number
from foundation.words import plain
from submissions.figures import Block
from submissions.models import Submission

from .columns import ENTRIES, Column, EntryRow, Explainer, Value, known_headings
from .lines import FileOfFigures, Line
from .reading import Reading
from .table import Fault, Table


def marked_file(
    submission: Submission, blocks: Sequence[Block], reading: Reading
) -> FileOfFigures | None:
    """The rows of the file in their order, each with its faults; None where it had no table."""
    table = reading.table
    if table is None:
        return None
    faults: dict[int, list[Fault]] = {}
    for fault in reading.faults:
        if fault.sheet == table.sheet:
            faults.setdefault(fault.row, []).append(fault)
    rows = {each.line.number: each.row for each in reading.matched}
    explained = Explainer(submission)
    lines = [
        _line(table, line, rows.get(line.number), faults.get(line.number, ()), explained)
        for line in table.rows
    ]
    return FileOfFigures(submission, blocks, (), lines, is_marked=True)


def _line(
    table: Table,
    line: GridRow,
    row: EntryRow | None,
    faults: Sequence[Fault],
    explained: Explainer,
) -> Line:
    sent: dict[Column, Value] = {
        column: _value(line.cells.get(place))
        for column, place in table.places.items()
        if column != Column.ERRORS
    }
    values: dict[Column, Value] = dict(sent)
    if row is not None:
        ours = explained(row)
        kept = {column: sent.get(column) for column in (*ENTRIES, *_SENT)}
        values = {**ours, **{column: value for column, value in kept.items() if column in sent}}
    return Line(row, values, errors=_errors(table, faults))


#: What says which row of which form it is stays as it was sent: it may be what is wrong.
_SENT = (Column.KEY, Column.SUBJECT_CODE, Column.FORM, Column.SAVED)


def _errors(table: Table, faults: Sequence[Fault]) -> Mapping[Column, list[str]]:
    """Messages by column; at the key where the column is none of ours, with the cell named."""
    known = known_headings()
    places = {place: column for column, place in table.places.items()}
    found: dict[Column, list[str]] = {}
    for fault in faults:
        column = known.get(plain(fault.column)) or _column_at(fault.place, places)
        text = fault.message if column else f"{fault.place}: {fault.message}"
        found.setdefault(column or Column.KEY, []).append(text)
    return found


def _column_at(place: str, places: Mapping[int, Column]) -> Column | None:
    letters = place.rstrip("0123456789")
    return places.get(column_number(letters.encode()) - 1) if letters else None


def _value(cell: GridCell | None) -> Value:
    """As it was sent, never as a formula; a percentage as it was shown."""
    if cell is None:
        return None
    if cell.formula:
        return _("Formula: %(formula)s") % {"formula": cell.formula}
    if cell.holds == Holds.DATE:
        try:
            return dt.date.fromisoformat(cell.text)
        except ValueError:
            return cell.text
    if cell.holds == Holds.NUMBER and cell.number is not None:
        exact = len(cell.number.as_tuple().digits) <= 15
        return cell.number if exact else cell.text
    return cell.shown
