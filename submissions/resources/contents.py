"""From the cells of a figure's rows to its content; what is wrong is noted at its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from foundation.grids import GridCell, Holds
from foundation.words import plain
from indicators.enums import CellStatus, Kind
from submissions import wording
from submissions.content import Content

from .cells import Words, Wrong, date_of, flag_of, is_kept, number_of, text_of
from .columns import NOT_APPLICABLE, UNAVAILABLE, Column
from .table import Fault, Matched, Table

Get = Callable[[Column, Callable[[GridCell], Any]], Any]
#: Stands for a fault that is told elsewhere already.
SILENT = Fault("")


class ContentReader:
    """Reads figures of one table; adds to ``faults``."""

    def __init__(self, table: Table, faults: list[Fault]) -> None:
        self.table, self.faults, self.words = table, faults, Words()

    def read(self, group: Sequence[Matched], base: Content) -> tuple[Content, str]:
        """What the rows say, and how a text was read as a number; faults are noted on the way."""
        main = next((each for each in group if each.row.is_main), None)
        if group[0].row.kind == Kind.MILESTONES:
            return self._milestones(group, main, base), ""
        if main is None:
            raise TypeError("a figure without steps has a row of its own")
        get = self._reader(main)
        content, read_as = self._said(main, base, get)
        return self._beside(content, base, get), read_as

    def _reader(self, matched: Matched) -> Get:
        """Reads a column of a row; what is wrong is noted, and read as nothing."""

        def get(column: Column, read: Callable[[GridCell], Any]) -> Any:
            cell = self.table.cell(matched.line, column)
            if cell is None:
                return None
            try:
                return read(cell)
            except Wrong as wrong:
                if not cell.formula:  # Formulas are named already.
                    self.faults.append(self.table.fault(matched.line, column, str(wrong)))
                else:
                    self.faults.append(SILENT)
                return None

        return get

    def _beside(self, content: Content, base: Content, get: Get) -> Content:
        """Comment and flag: of a file without these columns they stay as they are."""
        comment, flag = base.comment, base.is_flagged
        if Column.COMMENT in self.table.places:
            kept = get(Column.COMMENT, is_kept)
            comment = base.comment if kept else get(Column.COMMENT, text_of) or ""
        if Column.FLAG in self.table.places:
            flag = bool(get(Column.FLAG, flag_of))
        return replace(content, comment=comment, is_flagged=flag)

    def _said(self, main: Matched, base: Content, get: Get) -> tuple[Content, str]:
        row, line = main.row, main.line
        absence = get(Column.ABSENCE, lambda cell: self.words.absence(row, cell))
        reason = get(Column.REASON, text_of) or ""
        first = self.table.cell(line, Column.FIRST)
        second = self.table.cell(line, Column.SECOND)
        if absence:
            return self._absent(main, absence, reason, [first, second]), ""
        if reason:
            text = _(
                "A reason stands alone: choose “Not available” under “No figure”, or remove it."
            )
            self.faults.append(self.table.fault(line, Column.REASON, text))
        if row.kind == Kind.NARRATIVE:
            text_ = base.text if is_kept(first) else get(Column.FIRST, text_of) or ""
            return Content(_reported(text_), text=text_), ""
        if row.is_chosen:
            answer = get(Column.FIRST, lambda cell: self.words.answer(row, cell))
            return Content(_reported(answer is not None), answer), ""
        return self._numbers(main, get)

    def _absent(
        self, main: Matched, absence: str, reason: str, figures: Iterable[GridCell | None]
    ) -> Content:
        if any(figures):
            text = wording.figure_and_absence_text()
            self.faults.append(self.table.fault(main.line, Column.ABSENCE, text))
        if absence == UNAVAILABLE:
            return Content(CellStatus.NOT_AVAILABLE, reason=reason)
        if reason:
            text = _(
                "A reason in words goes with “Not available” alone: remove it, or choose that."
            )
            self.faults.append(self.table.fault(main.line, Column.REASON, text))
        code = absence.removeprefix(NOT_APPLICABLE)
        return Content(CellStatus.NOT_APPLICABLE, reason=code)

    def _numbers(self, main: Matched, get: Get) -> tuple[Content, str]:
        row, version = main.row, main.row.figure.version
        low = version.lower_bound
        below_zero = low is not None and low < 0
        first_decimals, second_decimals = wording.parts_decimals(version)
        first = get(
            Column.FIRST, lambda cell: number_of(cell, first_decimals, below_zero=below_zero)
        )
        second = None
        if row.has_second:
            second = get(
                Column.SECOND, lambda cell: number_of(cell, second_decimals, below_zero=False)
            )
        elif (extra := self.table.cell(main.line, Column.SECOND)) is not None:
            text = _("This figure has one answer: “%(v)s” is one too many.") % {"v": extra.shown}
            self.faults.append(self.table.fault(main.line, Column.SECOND, text))
        read_as = [
            _read_as(self.table.cell(main.line, column), units, decimals)
            for column, units, decimals in (
                (Column.FIRST, first, first_decimals),
                (Column.SECOND, second, second_decimals),
            )
        ]
        says = first is not None or second is not None
        return Content(_reported(says), first, second), " · ".join(filter(None, read_as))

    def _milestones(self, group: Sequence[Matched], main: Matched | None, base: Content) -> Content:
        """Steps that the file leaves out stay as they are."""
        days = dict(base.steps_done)
        for each in group:
            if each.row.step is not None:
                number = str(each.row.step.number)
                day = self._reader(each)(Column.FIRST, date_of)
                days.pop(number, None)
                if day:
                    days[number] = day
        days = {number: days[number] for number in sorted(days, key=int)}
        planned = len(group[0].row.figure.version.steps.all())
        content = Content(_reported(days), steps_done=days)
        if days:
            content = replace(content, numerator=len(days), denominator=planned)
        if main is None:
            said = content if days or base.steps_done else base
            return replace(said, comment=base.comment, is_flagged=base.is_flagged)
        return self._milestones_with_main(main, base, content, planned)

    def _milestones_with_main(
        self, main: Matched, base: Content, content: Content, planned: int
    ) -> Content:
        get = self._reader(main)
        absence = get(Column.ABSENCE, lambda cell: self.words.absence(main.row, cell))
        reason = get(Column.REASON, text_of) or ""
        none = get(Column.FIRST, lambda cell: self.words.answer(main.row, cell)) is not None
        if none and content.is_reported:
            text = _("A step has a date: remove it, or this answer.")
            self.faults.append(self.table.fault(main.line, Column.FIRST, text))
        if absence:
            dates = self.table.cell(main.line, Column.FIRST) if none else None
            any_date = GridCell("1") if content.is_reported else None
            content = self._absent(main, absence, reason, [dates, any_date])
        elif none and not content.is_reported:
            content = Content(CellStatus.REPORTED, 0, planned)
        return self._beside(content, base, get)


def _reported(says: object) -> CellStatus:
    return CellStatus.REPORTED if says else CellStatus.MISSING


def _read_as(cell: GridCell | None, units: int | None, decimals: int) -> str:
    """How a text was read, where that is not plain to see."""
    if cell is None or units is None or cell.holds != Holds.TEXT:
        return ""
    shown = wording.units_text(units, decimals)
    if plain(cell.text) == plain(shown):
        return ""
    return _("“%(v)s” read as %(number)s") % {"v": cell.text, "number": shown}
