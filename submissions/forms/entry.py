"""The whole entry form: its rows in the plan's order, what is wrong, and how far it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from indicators.models import Heading, Indicator, Promise
from indicators.periods import a_year_earlier, shifted
from submissions.checking import Finding
from submissions.figures import Block, Series
from submissions.selectors import Beside, Inherited, series_of
from submissions.services import Conflict, Entry

from .rows import Row, ends_of


@dataclass(frozen=True, slots=True)
class BlockRows:
    """A definition's rows: per subject the total, with its options under it."""

    block: Block
    rows: list[Row]
    periods: list[str]
    year_before: str

    @property
    def version(self) -> Any:
        return self.block.version

    @property
    def is_table(self) -> bool:
        return self.block.is_table

    @property
    def compared(self) -> list[str]:
        """The period before and the same one a year earlier."""
        return ends_of(self.periods)

    @property
    def option_labels(self) -> list[str]:
        return [option.label for option in self.version.options.all()]

    @property
    def part_labels(self) -> str:
        """What the two fields of a quotient are."""
        if self.rows[0].layout != "quotient":
            return ""
        return f"{self.version.numerator_label} / {self.version.denominator_label}"

    @property
    def totals(self) -> list[Row]:
        """A row per subject; its options are with it."""
        return [row for row in self.rows if row.total is None]

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def done(self) -> int:
        return sum(not row.content.is_missing for row in self.rows)


@dataclass(slots=True)
class Section:
    """A theme (or other part of the plan) of the form, what it promises, and how far it is."""

    heading: Heading
    promises: list[tuple[Promise, list[BlockRows]]] = field(default_factory=list)

    @property
    def blocks(self) -> Iterator[BlockRows]:
        for _promise, blocks in self.promises:
            yield from blocks

    @property
    def rows(self) -> Iterator[Row]:
        for block in self.blocks:
            yield from block.rows

    @property
    def total(self) -> int:
        return sum(1 for _row in self.rows)

    @property
    def done(self) -> int:
        return sum(not row.content.is_missing for row in self.rows)


class EntryForm:
    """All figures of a submission as fields; ``posted`` fills those of ``filled``, or all.

    ``versions``: of the cells of which something was saved beside what is wrong.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        *,
        last_day: dt.date,
        posted: Mapping[str, Any] | None = None,
        filled: Iterable[int] | None = None,
        conflicts: Iterable[Conflict] = (),
        versions: Mapping[int, int] | None = None,
        findings: Iterable[Finding] = (),
        past: Mapping[Series, Mapping[str, str]] | None = None,
        periods: Sequence[str] = (),
        inherited: Mapping[Series, Inherited] | None = None,
        peers: Mapping[Series, Sequence[Beside]] | None = None,
    ) -> None:
        by_cell = {conflict.entry.cell_id: conflict for conflict in conflicts}
        at_cell: dict[int, list[Finding]] = {}
        for finding in findings:
            at_cell.setdefault(finding.figure.cell.pk, []).append(finding)
        bound = None if filled is None else set(filled)
        self.blocks = blocks
        self.periods = list(periods)
        self.year_before = _a_year_before(self.periods)
        self.rows = {
            figure.cell.pk: Row(
                figure,
                last_day=last_day,
                posted=posted if bound is None or figure.cell.pk in bound else None,
                conflict=by_cell.get(figure.cell.pk),
                version=(versions or {}).get(figure.cell.pk),
                past=(past or {}).get(series_of(figure)),
                periods=self.periods,
                findings=at_cell.get(figure.cell.pk, ()),
                inherited=(inherited or {}).get(series_of(figure)),
                peers=(peers or {}).get(series_of(figure), ()),
                year_before=self.year_before,
            )
            for block in blocks
            for figure in block.figures
        }
        self._join_totals()

    def _join_totals(self) -> None:
        for block in self.blocks:
            for total, options in block.by_subject():
                row = self.rows[total.cell.pk]
                row.options = [self.rows[option.cell.pk] for option in options]
                for option in row.options:
                    option.total = row

    @property
    def entries(self) -> list[Entry]:
        return [row.entry for row in self.rows.values() if row.entry is not None]

    @property
    def wrong(self) -> list[Row]:
        return [row for row in self.rows.values() if row.errors]

    @property
    def conflicting(self) -> list[Row]:
        return [row for row in self.rows.values() if row.conflict is not None]

    @cached_property
    def errors(self) -> list[dict[str, str]]:
        """For the summary: one link per figure, in the words that stand at the field."""
        found = [
            {"label": row.figure.label, "message": message, "target": row.target}
            for row in self.rows.values()
            for message in row.messages
        ]
        conflict = str(_("Changed in the meantime. Compare and choose."))
        return found + [
            {"label": row.figure.label, "message": conflict, "target": row.target}
            for row in self.conflicting
        ]

    @property
    def to_explain(self) -> list[dict[str, str]]:
        """For a summary of its own: what wants a comment, with the field to go to."""
        return [
            {"label": row.figure.label, "message": message, "target": row.target}
            for row in self.rows.values()
            for message in row.to_explain
        ]

    @property
    def to_review(self) -> int:
        """How many figures have something wrong, whatever the number of messages."""
        return sum(bool(row.messages or row.conflict) for row in self.rows.values())

    @property
    def total(self) -> int:
        return len(self.rows)

    @cached_property
    def done(self) -> int:
        return sum(not row.content.is_missing for row in self.rows.values())

    @property
    def left(self) -> int:
        return self.total - self.done

    @cached_property
    def sections(self) -> list[Section]:
        sections = []
        for heading, under in groupby(self.blocks, key=lambda each: _indicator(each).heading):
            section = Section(heading)
            for promise, blocks in groupby(under, key=lambda each: _indicator(each).promise):
                section.promises.append((promise, [self._rows_of(each) for each in blocks]))
            sections.append(section)
        return sections

    def _rows_of(self, block: Block) -> BlockRows:
        rows = [self.rows[figure.cell.pk] for figure in block.figures]
        return BlockRows(block, rows, self.periods, self.year_before)


def _a_year_before(compared: Sequence[str]) -> str:
    """Of the periods compared, the latest first, the one a year before the form's own."""
    return a_year_earlier(shifted(compared[0], 1)) if compared else ""


def _indicator(block: Block) -> Indicator:
    return block.version.indicator
