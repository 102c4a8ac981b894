"""Finding the table of figures in a file, and the figure that each of its rows is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from foundation.grids import Grid, GridCell, GridRow, reference
from foundation.uploads import Unreadable
from foundation.words import plain
from submissions import wording
from submissions.models import Submission

from .columns import (
    ENTRIES,
    NAMING,
    Column,
    EntryRow,
    form_code,
    heading,
    known_headings,
    names_of,
    naming,
)

#: The header stands in one of the first rows.
_HEADER_WITHIN = 30
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, and where; ``row`` 0 is about the file as a whole.

    ``place``: the cell as spreadsheets name it; ``column``: its heading; ``value``: what it holds.
    """

    message: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    place: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of figures of a file: ``places`` says at which position each column stands.

    ``header``: the number of the row that names the columns.
    """

    sheet: str
    header: int
    places: Mapping[Column, int]
    rows: Sequence[GridRow]
    unread: Sequence[str] = field(default_factory=list)

    @property
    def needs_form(self) -> bool:
        """Whether its rows must say their form: all that come from a file of ours.

        A source's own list names units alone, and is for the round and the figure of its page.
        """
        return bool(self.places.keys() & {Column.KEY, Column.SAVED})

    def cell(self, row: GridRow, column: Column) -> GridCell | None:
        place = self.places.get(column)
        return None if place is None else row.cells.get(place)

    def text(self, row: GridRow, column: Column) -> str:
        cell = self.cell(row, column)
        return "" if cell is None else cell.shown

    def fault(self, row: GridRow, column: Column, message: str) -> Fault:
        place = self.places.get(column)
        return Fault(
            message,
            sheet=self.sheet,
            row=row.number,
            column=heading(column),
            place="" if place is None else reference(place, row.number),
            value=self.text(row, column)[:200],
        )


def table_of(grids: Sequence[Grid]) -> Table:
    """The one table whose header names the key and the first answer. Raises Unreadable.

    A second one is refused: nobody can tell which of two sheets of figures is meant.
    """
    found = [table for table in map(_table_in, grids) if table is not None]
    if len(found) > 1:
        names = wording.quoted(table.sheet for table in found[:_MOST_NAMED])
        text = _("Figures stand on more than one sheet: %(names)s. Keep one of them in the file.")
        raise Unreadable(text % {"names": names})
    if not found:
        raise Unreadable(
            _("No sheet has the columns “%(key)s” and “%(first)s”. Start from the workbook.")
            % {"key": heading(Column.KEY), "first": heading(Column.FIRST)}
        )
    return found[0]


def _table_in(grid: Grid) -> Table | None:
    tables = (_table(grid, at, row) for at, row in enumerate(grid.rows[:_HEADER_WITHIN]))
    return next((table for table in tables if table is not None), None)


def _table(grid: Grid, at: int, header: GridRow) -> Table | None:
    known = known_headings()
    places: dict[Column, int] = {}
    unread, twice = [], ""
    for place, cell in header.cells.items():
        column = known.get(plain(cell.text))
        if column is None:
            unread.append(cell.text)
        elif column in places:
            twice = twice or cell.text[:80]
        else:
            places[column] = place
    if not places.keys() & {Column.KEY, Column.SUBJECT_CODE} or Column.FIRST not in places:
        return None
    if twice:
        text = _("The column “%(column)s” stands in the file twice: remove one of the two.")
        raise Unreadable(text % {"column": twice})
    return Table(grid.name, header.number, places, grid.rows[at + 1 :], unread)


def formulas(grids: Sequence[Grid], table: Table) -> list[Fault]:
    """Every cell with a formula, on whatever sheet it stands."""
    message = _("A formula. Copy the cell and paste its value in its place.")
    headings = {place: heading(column) for column, place in table.places.items()}
    return [
        Fault(
            message,
            grid.name,
            row.number,
            headings.get(place, "") if grid.name == table.sheet else "",
            reference(place, row.number),
            cell.formula[:200],
        )
        for grid in grids
        for row in grid.rows
        for place, cell in row.cells.items()
        if cell.formula
    ]


@dataclass(frozen=True, slots=True)
class Matched:
    """A row of the file and the figure, or step of one, that it is about."""

    line: GridRow
    row: EntryRow


class Matcher:
    """Says for each row what it is about, or why that cannot be."""

    def __init__(self, table: Table, rows: Sequence[EntryRow], submission: Submission) -> None:
        self.table = table
        self.form = form_code(submission)
        self.by_key = {row.key: row for row in rows}
        self.by_code = {
            _with_subject(row.key, row.figure.subject.code): row
            for row in rows
            if row.figure.subject.code
        }
        self.numbers = {
            row.figure.version.indicator.code: row.figure.version.number for row in rows
        }
        self.subjects = {row.figure.subject.slug for row in rows}
        self.naming = [column for column in NAMING if column in table.places]
        self.names = names_of(rows) if self.naming else {}
        self.taken: dict[str, int] = {}

    def matched(self) -> Iterator[Matched | Fault]:
        columns = (*ENTRIES, *_IDENTIFYING)
        lines = [
            line
            for line in self.table.rows
            if any(self.table.text(line, column) for column in columns)
        ]
        if lines and self.table.needs_form and Column.FORM not in self.table.places:
            yield self._no_form()
        yield from map(self._match, lines)

    def _match(self, line: GridRow) -> Matched | Fault:
        form = self.table.text(line, Column.FORM)
        if form and form != self.form:
            return self.table.fault(line, Column.FORM, self._other_form(form))
        key = self.table.text(line, Column.KEY) or self._key_of_subject(line)
        at = Column.KEY if Column.KEY in self.table.places else Column.SUBJECT_CODE
        row = self.by_key.get(key) or self.by_code.get(key)
        if row is None:
            return self.table.fault(line, at, self._unknown(key))
        code = self.table.text(line, Column.SUBJECT_CODE)
        if code and code not in (row.figure.subject.slug, row.figure.subject.code):
            text = _("The row’s key is about %(one)s, this code about another unit.")
            message = text % {"one": row.figure.subject.label}
            return self.table.fault(line, Column.SUBJECT_CODE, message)
        if not form and Column.FORM in self.table.places and self.table.needs_form:
            text = _(
                "The row does not say which form it is for. If its figures are of this round,"
                " write %(form)s here."
            )
            return self.table.fault(line, Column.FORM, text % {"form": self.form})
        if row.key in self.taken:
            text = _("This stands in row %(row)s already.") % {"row": self.taken[row.key]}
            return self.table.fault(line, at, text)
        other = self._other_name(line, row)
        if other is not None:
            return self.table.fault(line, other, self._contradiction(line, row))
        self.taken[row.key] = line.number
        return Matched(line, row)

    def _other_name(self, line: GridRow, row: EntryRow) -> Column | None:
        """The first readable column that names another figure than the key does.

        After a sort of some columns only, the figures of one unit stand beside the key of another.
        """
        for column in self.naming:
            cell = self.table.cell(line, column)
            if cell is None or cell.formula:  # Formulas are named already.
                continue
            if plain(cell.shown) not in self.names[row.key][column] | {""}:
                return column
        return None

    def _contradiction(self, line: GridRow, row: EntryRow) -> str:
        at = Column.KEY if self.table.text(line, Column.KEY) else Column.SUBJECT_CODE
        meant = naming(row)
        text = _(
            "The row says “%(said)s”, its column “%(column)s” stands for “%(meant)s”. Put back what"
            " stood here; if only some of the columns were sorted, start from the workbook again."
        )
        return text % {
            "said": _joined(self.table.text(line, column)[:200] for column in self.naming),
            "meant": _joined(meant[column] for column in self.naming) or row.label,
            "column": heading(at),
        }

    def _no_form(self) -> Fault:
        """Without that column an old file would pass for one of this round."""
        text = _(
            "The file does not say which form it is for. Start from the workbook of this round; or,"
            " if the figures are of this round, add the column “%(column)s” with %(form)s in every"
            " row."
        )
        values = {"column": heading(Column.FORM), "form": self.form}
        return Fault(text % values, self.table.sheet, self.table.header, heading(Column.FORM))

    def _key_of_subject(self, line: GridRow) -> str:
        """A file about one definition may name its units alone."""
        code = self.table.text(line, Column.SUBJECT_CODE)
        if len(self.numbers) != 1 or not code:
            return ""
        ((indicator, number),) = self.numbers.items()
        return f"{indicator}/{number}/{code}"

    def _other_form(self, form: str) -> str:
        code, _slash, unit = form.partition("/")
        own_code, _slash, own_unit = self.form.partition("/")
        values = {"code": code, "unit": unit, "own_code": own_code, "own_unit": own_unit}
        if code != own_code:
            text = _("The row is for the round %(code)s; this form is for %(own_code)s.")
        else:
            text = _("The row is for the unit %(unit)s; this form is of %(own_unit)s.")
        return text % values

    def _unknown(self, key: str) -> str:
        indicator, _slash, rest = key.partition("/")
        number, _slash, rest = rest.partition("/")
        subject = rest.partition("/")[0].partition(":")[0]
        own = self.numbers.get(indicator)
        values = {"key": key[:100], "number": number[:10], "own": own, "unit": subject[:80]}
        if not key:
            return _("The row does not say what it is about: its key is empty.")
        if own is None or not number:
            return _("“%(key)s” is no figure of this form.") % values
        if number != str(own):
            text = _(
                "Version %(number)s of the definition; the round uses version %(own)s. Start from"
                " a new workbook."
            )
            return text % values
        if subject not in self.subjects:
            return _("The unit “%(unit)s” is not asked about in this form.") % values
        return _("“%(key)s” is no figure of this form.") % values


_IDENTIFYING = (Column.KEY, Column.SUBJECT_CODE)


def _joined(texts: Iterable[str]) -> str:
    return " – ".join(filter(None, texts))


def _with_subject(key: str, code: str) -> str:
    indicator, number, rest = key.split("/", 2)
    subject = rest.partition("/")[0].partition(":")[0]
    return f"{indicator}/{number}/{code}{rest[len(subject) :]}"


def extra_columns(table: Table, periods: Sequence[str]) -> list[str]:
    """Columns that are not ours, earlier figures left out: they were not read."""
    return [text[:60] for text in table.unread if plain(text) not in periods][:_MOST_NAMED]
