"""The figures of a submission in blocks, one per definition, and what hinders sending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from indicators.models import BreakdownOption, IndicatorVersion
from organisations.models import Unit

from . import wording
from .content import BreakdownFault, Content, breakdown_fault, is_outside_bounds
from .models import Cell


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

    def by_subject(self) -> Iterator[tuple[Figure, list[Figure]]]:
        """Each subject's total and its options."""
        for _subject, group in groupby(self.figures, key=lambda figure: figure.subject.pk):
            total, *options = group
            yield total, options


class Obstacle(StrEnum):
    """What keeps a submission from being attested."""

    MISSING = "missing"
    BREAKDOWN = "breakdown"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Fault:
    """An obstacle at one figure."""

    figure: Figure
    obstacle: Obstacle
    breakdown: BreakdownFault | None = None

    @property
    def message(self) -> str:
        if self.breakdown is not None:
            return wording.breakdown_text(self.figure.version, self.breakdown)
        missing = self.obstacle == Obstacle.MISSING
        return wording.blank_text() if missing else wording.bounds_text()


def faults_of(blocks: Iterable[Block]) -> list[Fault]:
    """Every missing cell, sum that does not add up, and figure out of bounds without a comment."""
    return [
        fault
        for block in blocks
        for total, options in block.by_subject()
        for fault in _subject_faults(block.version, total, options)
    ]


def _subject_faults(
    version: IndicatorVersion, total: Figure, options: list[Figure]
) -> Iterator[Fault]:
    breakdown = breakdown_fault(version, total.content, [option.content for option in options])
    if breakdown:
        yield Fault(total, Obstacle.BREAKDOWN, breakdown)
    for figure in (total, *options):
        if figure.content.is_missing:
            yield Fault(figure, Obstacle.MISSING)
        elif is_outside_bounds(version, figure.content) and not figure.content.comment.strip():
            yield Fault(figure, Obstacle.UNEXPLAINED)
