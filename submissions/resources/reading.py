"""From a file to what it would change, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.grids import Grid, read_grids
from foundation.numbers import counted, is_counted
from foundation.uploads import Unreadable, too_many
from submissions import selectors, wording
from submissions.checking import MISSING, Finding
from submissions.content import Content, ContentProblem, problems_with
from submissions.figures import Block, Figure
from submissions.models import Measurement, Submission, Upload
from submissions.models.uploads import LIMITS
from submissions.services import UploadChange

from .columns import (
    Column,
    in_each_language,
    rows_of,
)
from .contents import SILENT, ContentReader
from .lines import FileOfFigures
from .table import Fault, Matched, Matcher, Table, extra_columns, formulas, table_of

Progress = Callable[[int, int], None]

#: How many remarks on figures that do not change are told one by one.
_MOST_BESIDE = 50

#: At which column a refused content is told.
_PLACES = {
    "denominator_missing": Column.SECOND,
    ContentProblem.REASON_NEEDED: Column.REASON,
    ContentProblem.REASON_TOO_LONG: Column.REASON,
    ContentProblem.UNKNOWN_REASON: Column.ABSENCE,
    ContentProblem.COMMENT_TOO_LONG: Column.COMMENT,
}
_WORDS = (Column.REASON, Column.COMMENT)


@dataclass(slots=True)
class Reading:
    """What a file says. With any of ``faults`` nothing of it can be applied.

    ``unchanged``: how many figures it repeats; ``left_out``: how many it does not name; ``notes``:
    what was not read. ``grids``, ``table`` and ``matched`` are what was found on the way, for the
    marked file.
    """

    changes: list[UploadChange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unchanged: int = 0
    left_out: int = 0
    grids: Sequence[Grid] = ()
    table: Table | None = None
    matched: list[Matched] = field(default_factory=list)


def blocks_for(upload: Upload, blocks: Sequence[Block]) -> list[Block]:
    """Of the figures of a form, those that a file may speak of."""
    asked = upload.version_id
    return [block for block in blocks if asked is None or block.version.pk == asked]


def read_file(
    upload: Upload, content: bytes, blocks: Sequence[Block], progress: Progress
) -> Reading:
    """Read a file of figures; a constant number of queries, ``progress`` apart.

    ``progress`` is told how many rows are done and how many there are.
    """
    reading = Reading()
    try:
        reading.grids = read_grids(content, upload.name, LIMITS)
        reading.table = table_of(reading.grids)
        if len(reading.table.rows) > LIMITS.rows:
            raise Unreadable(too_many(LIMITS.rows))
    except Unreadable as refusal:
        reading.faults.append(Fault(str(refusal)))
        return reading
    reading.faults += formulas(reading.grids, reading.table)
    _Reader(upload.submission, blocks, reading.table, reading, progress).read()
    return reading


class _Reader:
    """Reads the rows of a table into a Reading."""

    def __init__(
        self,
        submission: Submission,
        blocks: Sequence[Block],
        table: Table,
        reading: Reading,
        progress: Progress,
    ) -> None:
        self.submission, self.blocks, self.table = submission, blocks, table
        self.reading, self.progress = reading, progress
        self.last_day = submission.round.period.last_day
        self.contents = ContentReader(table, reading.faults)

    def read(self) -> None:
        rows = list(rows_of(self.blocks))
        for found in Matcher(self.table, rows, self.submission).matched():
            if isinstance(found, Fault):
                self.reading.faults.append(found)
            else:
                self.reading.matched.append(found)
        if not self.reading.matched and not self.reading.faults:
            self.reading.faults.append(Fault(_("The file holds no row of figures.")))
        groups = self._by_figure()
        bases = self._bases(groups)
        for done, group in enumerate(groups):
            self.progress(done, len(groups))
            self._figure(group, bases)
        self._notes(len(groups))

    def _by_figure(self) -> list[list[Matched]]:
        """The rows of each figure: one, or its own and those of its steps, in the file's order."""
        groups: dict[int, list[Matched]] = {}
        for each in self.reading.matched:
            groups.setdefault(each.row.figure.cell.pk, []).append(each)
        return list(groups.values())

    # What each row was made from

    def _bases(self, groups: Sequence[Sequence[Matched]]) -> dict[tuple[int, int], Measurement]:
        """The revisions that the file was made from, where others have been saved since."""
        old = {}
        for group in groups:
            figure = group[0].row.figure
            seen = self._seen(group)
            if isinstance(seen, int) and seen < figure.cell.version:
                old[figure.cell.pk] = seen
        return selectors.revisions_at(old)

    def _seen(self, group: Sequence[Matched]) -> int | Fault | None:
        """The saved version that the rows were made from; None where they do not say.

        A row whose cell is no version, or another one than those above it, is a fault.
        """
        seen = None
        for each in group:
            text = self.table.text(each.line, Column.SAVED).strip()
            if not text:
                continue
            if not is_counted(text):
                message = _("No saved version. Put back what stood here, or start anew.")
                return self.table.fault(each.line, Column.SAVED, message)
            if seen is not None and seen != counted(text):
                message = _(
                    "Rows of one figure name two saved versions. Start from a new workbook."
                )
                return self.table.fault(each.line, Column.SAVED, message)
            seen = counted(text)
        return seen

    # A figure

    def _figure(
        self, group: Sequence[Matched], bases: Mapping[tuple[int, int], Measurement]
    ) -> None:
        figure, line = group[0].row.figure, group[0].line
        seen = self._seen(group)
        if isinstance(seen, Fault):
            self.reading.faults.append(seen)
            return
        if seen is not None and seen > figure.cell.version:
            text = _("No such version has been saved. Start from a new workbook.")
            self.reading.faults.append(self.table.fault(line, Column.SAVED, text))
            return
        base = figure.content
        if seen is not None and seen < figure.cell.version:
            base = Content.of(bases.get((figure.cell.pk, seen)))
        before = len(self.reading.faults)
        content, read_as = self.contents.read(group, base)
        is_read = len(self.reading.faults) == before
        if is_read and content in (base, figure.content):
            self.reading.unchanged += 1
            return
        self._tell_refused(group, content, is_read)
        if len(self.reading.faults) > before:
            return
        is_stale = base != figure.content
        self.reading.changes.append(_change(figure, content, line.number, read_as, is_stale))

    def _tell_refused(self, group: Sequence[Matched], content: Content, is_read: bool) -> None:
        """Tell what the definition refuses, each at the cell to blame.

        Of a row of which a part could not be read, only what does not hang on that part: who
        corrects the file is told everything at once.
        """
        version = group[0].row.figure.version
        main = next((each for each in group if each.row.is_main), group[0])
        for problem in problems_with(version, content, self.last_day):
            column = _PLACES.get(problem, Column.FIRST)
            cell = self.table.cell(main.line, column)
            if not is_read and (column not in _WORDS or (cell is not None and cell.formula)):
                continue
            blamed = [main]
            if problem == ContentProblem.STEP_AFTER_PERIOD:
                blamed = [each for each in group if self._is_late(each, content)] or blamed
            message = wording.content_problem_text(problem)
            for each in blamed:
                self.reading.faults.append(self.table.fault(each.line, column, message))

    def _is_late(self, each: Matched, content: Content) -> bool:
        step = each.row.step
        day = content.steps_done.get(str(step.number), "") if step is not None else ""
        return day > self.last_day.isoformat()

    # Around the rows

    def _notes(self, named: int) -> None:
        figures = sum(len(block.figures) for block in self.blocks)
        self.reading.left_out = figures - named
        told = [fault for fault in self.reading.faults if fault is not SILENT]
        self.reading.faults[:] = sorted(told, key=lambda fault: (fault.row, fault.place))
        columns = extra_columns(self.table, self._past_headings())
        if columns:
            text = _("Columns that were not read: %(names)s.")
            self.reading.notes.append(text % {"names": wording.quoted(columns)})

    def _past_headings(self) -> list[str]:
        codes = selectors.compared_codes(self.submission.round.period.code)
        file = FileOfFigures(self.submission, self.blocks, codes, [])
        return [
            words
            for code in codes
            for words in in_each_language(lambda: file.heading(code))  # noqa: B023
        ]


def _change(
    figure: Figure, content: Content, row: int, read_as: str, is_stale: bool
) -> UploadChange:
    return UploadChange(
        cell=figure.cell.pk,
        version=figure.cell.version,
        row=row,
        label=figure.label,
        before=described(figure, figure.content),
        after=described(figure, content),
        read_as=read_as,
        is_new=figure.content.is_missing,
        is_cleared=content.is_missing,
        since=_since(figure) if is_stale else "",
        content=content,
    )


def described(figure: Figure, content: Content) -> str:
    """A content in one line with its reason, comment and flag; "nothing" where it is blank."""
    text = _("nothing") if content.is_missing else wording.figure_text(figure.version, content)
    return " · ".join([text, *wording.beside_texts(figure.version, content)])


def _since(figure: Figure) -> str:
    """Who saved something else after the file was made."""
    current = figure.cell.current
    if current is None:
        return ""
    return _("Since this file was made, %(name)s saved the other value.") % {
        "name": str(current.entered_by)
    }


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the checks say of figures as they would be.

    ``by_cell``: of those that change. ``beside``: of others, what they do not say now.
    """

    by_cell: Mapping[int, Sequence[str]]
    beside: Sequence[str]


def remarks(blocks: Sequence[Block], changes: Iterable[UploadChange], code: str) -> Remarks:
    """Hold all figures of a form, in a period, against the checks; what is missing is no remark.

    The one place where the reading of files meets the checks. A change may put another figure in
    the wrong: an option its total, a total what is at most as much.
    """
    said = {change.cell: change.content for change in changes}
    by_cell: dict[int, list[str]] = {}
    others = []
    for finding in _odd([block.as_if(said) for block in blocks], code):
        if finding.figure.cell.pk in said:
            by_cell.setdefault(finding.figure.cell.pk, []).append(finding.message)
        else:
            others.append((finding.figure.label, finding.message))
    if others:
        now = {(each.figure.label, each.message) for each in _odd(blocks, code)}
        others = [pair for pair in others if pair not in now]
    return Remarks(by_cell, _told(others))


def _odd(blocks: Sequence[Block], code: str) -> list[Finding]:
    return [each for each in selectors.findings_of(blocks, code) if each.kind != MISSING]


def _told(others: Sequence[tuple[str, str]]) -> list[str]:
    told = [f"{label}: {message}" for label, message in others[:_MOST_BESIDE]]
    left = len(others) - len(told)
    if left:
        text = ngettext(
            "%(count)s more remark on another figure.",
            "%(count)s more remarks on other figures.",
            left,
        )
        told.append(text % {"count": left})
    return told
