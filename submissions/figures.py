"""The figures of a submission in blocks, one per definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from indicators.models import BreakdownOption, IndicatorVersion
from organisations.models import Unit

from .content import Content
from .models import Cell

Series = tuple[int, int, str]
"""Indicator, subject and option: what is followed from period to period."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A cell with what it belongs to and what it holds now. ``option`` is None for the total."""

    cell: Cell
    version: IndicatorVersion
    subject: Unit
    option: BreakdownOption | None
    content: Content
    is_of_reporter: bool

    @property
    def series(self) -> Series:
        return (self.version.indicator_id, self.subject.pk, self.cell.option)

    @property
    def label(self) -> str:
        """Definition, option, and the subject where a source reports on many."""
        parts = [self.version.name]
        if self.option is not None:
            parts.append(self.option.label)
        if not self.is_of_reporter:
            parts.append(self.subject.label)
        return " – ".join(parts)


@dataclass(frozen=True, slots=True)
class Block:
    """All figures of one definition in a submission, by subject, each total before its options."""

    version: IndicatorVersion
    figures: Sequence[Figure]

    @property
    def is_table(self) -> bool:
        """A central source reports about subjects that are not itself."""
        return not self.figures[0].is_of_reporter

    def as_if(self, contents: Mapping[int, Content]) -> Block:
        """The block as it would be with other contents, by cell id."""
        figures = [
            replace(each, content=contents.get(each.cell.pk, each.content)) for each in self.figures
        ]
        return replace(self, figures=figures)

    def by_subject(self) -> Iterator[tuple[Figure, list[Figure]]]:
        """Each subject's total and its options."""
        for _subject, group in groupby(self.figures, key=lambda figure: figure.subject.pk):
            total, *options = group
            yield total, options
