"""The rows of a file of figures with what stands in each cell, before any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from foundation.templatetags.jalon import period
from submissions import selectors
from submissions.figures import Block
from submissions.models import Submission

from .columns import Column, EntryRow, Explainer, Value, heading, rows_of, typed


@dataclass(frozen=True, slots=True)
class Line:
    """A row to write: ``values`` by column, ``past`` by period code."""

    row: EntryRow
    values: Mapping[Column, Value]
    past: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileOfFigures:
    """All that a file of figures says: what for, its rows, its columns."""

    submission: Submission
    blocks: Sequence[Block]
    periods: Sequence[str]
    lines: Sequence[Line]

    @property
    def columns(self) -> list[Column | str]:
        """In their order, periods by their codes; those that no row needs are left out."""
        rows = [line.row for line in self.lines]
        unneeded = {Column.ERRORS}
        if all(row.figure.is_of_reporter for row in rows):
            unneeded.add(Column.SUBJECT)
        if not any(row.has_second for row in rows):
            unneeded |= {Column.SECOND_LABEL, Column.SECOND}
        before = [Column.FIGURE, Column.OPTION, Column.SUBJECT, Column.UNIT, Column.ANSWER]
        after = [column for column in Column if column not in (*before, *_BEHIND)]
        ordered: list[Column | str] = [*before, *self.periods, *after, *_BEHIND]
        return [column for column in ordered if column not in unneeded]

    def heading(self, column: Column | str) -> str:
        if isinstance(column, Column):
            return heading(column)
        return _("%(period)s, before") % {"period": period(column)}

    def value(self, line: Line, column: Column | str) -> Value:
        if isinstance(column, Column):
            return line.values.get(column)
        return line.past.get(column, "")


#: What a person looks at last, and what the way back needs.
_BEHIND = (Column.THEME, Column.KEY, Column.SUBJECT_CODE, Column.FORM, Column.SAVED)


def filled(submission: Submission, blocks: Sequence[Block]) -> FileOfFigures:
    """The file that is downloaded: each figure with what is saved now and what was said before."""
    codes = selectors.compared_codes(submission.round.period.code)
    past = selectors.past_texts(blocks, codes)
    explained = Explainer(submission)
    lines = [
        Line(
            row,
            explained(row) | typed(row, row.figure.content),
            past.get(selectors.series_of(row.figure), {}) if row.is_main else {},
        )
        for row in rows_of(blocks)
    ]
    return FileOfFigures(submission, blocks, codes, lines)
