"""Entering figures: compare-and-set per cell, immutable revisions, nothing overwritten silently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from foundation.services import record
from indicators.calculation.checking import PartProblem
from organisations.models import User
from submissions import rules
from submissions.content import Content, ContentProblem, problem_with
from submissions.enums import Entrance, State
from submissions.figures import Block, Figure
from submissions.models import Cell, Measurement, Submission
from submissions.selectors import blocks_of

from .standing import (
    StateChanged,
    hold,
    raise_version,
    require,
    require_open,
    require_standing,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody says about a cell, and the version of the cell that they had before them."""

    cell_id: int
    version: int
    content: Content


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry that was not saved: somebody else had said something else in the meantime."""

    entry: Entry
    saved: Measurement


@dataclass(frozen=True, slots=True)
class Held:
    """A submission that the running transaction holds, and figures of it read under that lock."""

    submission: Submission
    blocks: Sequence[Block]

    @classmethod
    def of(cls, submission: Submission, within: Q | None = None) -> Held:
        """Read the figures of a submission that the transaction has locked, or those ``within``."""
        return cls(submission, blocks_of(submission, within))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a save did. ``version_before`` and ``version`` are the submission's.

    ``blocks``: the held figures as they are after the save, without reading them again.
    """

    saved: frozenset[int]
    conflicts: Sequence[Conflict]
    version_before: int
    version: int
    blocks: Sequence[Block]

    @property
    def versions(self) -> dict[int, int]:
        """The version of each cell that was saved."""
        cells = (figure.cell for block in self.blocks for figure in block.figures)
        return {cell.pk: cell.version for cell in cells if cell.pk in self.saved}

    def version_for(self, seen: int) -> int:
        """The version for who saw ``seen``: raised by their own save, never by another's."""
        return self.version if seen == self.version_before else seen


class RefusedContent(ValueError):
    """An entry that the definition does not allow."""

    def __init__(self, cell_id: int, problem: PartProblem | ContentProblem | str) -> None:
        super().__init__(f"cell {cell_id}: {problem}")
        self.cell_id = cell_id
        self.problem = problem


@transaction.atomic
def save_entries(
    *, actor: User, submission: Submission, entries: Iterable[Entry], entrance: Entrance
) -> Outcome:
    """``save_held`` for who has not read the figures yet."""
    held = Held.of(hold(submission))
    return save_held(actor=actor, held=held, entries=entries, entrance=entrance)


@transaction.atomic
def save_held(*, actor: User, held: Held, entries: Iterable[Entry], entrance: Entrance) -> Outcome:
    """Save what differs from what the cells hold; returns what was saved and what conflicts.

    Call inside the transaction that made ``held``. An entry conflicts where the cell has changed
    since the version it names, to another content, and the entry says something new. Raises
    PermissionDenied, StateChanged where the submission is not the reporter's turn, RoundClosed,
    and RefusedContent. At most five queries after the lock, whatever the number of cells.
    """
    submission = held.submission
    require(rules.may_enter(actor, submission))
    require_standing(submission, State.editable())
    require_open(submission)
    due, conflicts = _sorted_out(_changed(held, entries))
    write_revisions(due, actor=actor, entrance=entrance)
    saved = {figure.cell.pk: entry.content for figure, entry in due}
    version = _mark_edited(submission, actor, list(saved))
    blocks = [block.as_if(saved) for block in held.blocks]
    return Outcome(frozenset(saved), conflicts, submission.version, version, blocks)


def say_something_new(held: Held, entries: Iterable[Entry]) -> bool:
    """Whether ``save_held`` would write or refuse any of these entries, whosever turn it is."""
    return any(_sorted_out(_changed(held, entries)))


Change = tuple[Figure, Entry]


def _changed(held: Held, entries: Iterable[Entry]) -> list[Change]:
    """The entries that differ from what the cells hold."""
    figures = {each.cell.pk: each for block in held.blocks for each in block.figures}
    return [
        (figures[entry.cell_id], entry)
        for entry in _checked(entries, figures, held.submission)
        if entry.content != figures[entry.cell_id].content
    ]


def _checked(
    entries: Iterable[Entry], figures: dict[int, Figure], held: Submission
) -> Iterable[Entry]:
    for entry in entries:
        figure = figures.get(entry.cell_id)
        if figure is None:
            raise RefusedContent(entry.cell_id, "not of this submission")
        problem = problem_with(figure.version, entry.content, held.round.period.last_day)
        if problem:
            raise RefusedContent(entry.cell_id, problem)
        yield entry


def _sorted_out(changed: Sequence[Change]) -> tuple[list[Change], list[Conflict]]:
    """What is to be written, and what conflicts; who left a field as it was says nothing."""
    fresh = [pair for pair in changed if pair[1].version == pair[0].cell.version]
    stale = [pair for pair in changed if pair[1].version != pair[0].cell.version]
    seen = _seen(stale)
    conflicts = [
        Conflict(entry, figure.cell.current)
        for figure, entry in stale
        if figure.cell.current is not None
        and entry.content != seen.get((entry.cell_id, entry.version), Content())
    ]
    return fresh, conflicts


def _seen(stale: Sequence[Change]) -> dict[tuple[int, int], Content]:
    """The contents that stale entries had before them, by cell and version."""
    if not stale:
        return {}
    rows = Measurement.objects.filter(
        cell__in=[entry.cell_id for _figure, entry in stale],
        revision__in={entry.version for _figure, entry in stale},
    )
    return {(row.cell_id, row.revision): Content.of(row) for row in rows}


def write_revisions(due: Sequence[Change], *, actor: User, entrance: Entrance) -> None:
    """Insert the revisions, then point each cell to the one that follows its version."""
    now = timezone.now()
    revisions = Measurement.objects.bulk_create(
        Measurement(
            cell=figure.cell,
            revision=figure.cell.version + 1,
            previous=figure.cell.current,
            entered_at=now,
            entered_by=actor,
            entrance=entrance,
            **entry.content.as_dict(),
        )
        for figure, entry in due
    )
    following = Measurement.objects.filter(
        cell=OuterRef("pk"), revision=OuterRef("version") + 1
    ).values("pk")
    pointed = Cell.objects.filter(
        pk__in=[figure.cell.pk for figure, _entry in due],
        measurements__revision=F("version") + 1,
    ).update(current=Subquery(following), version=F("version") + 1)
    if pointed != len(due):
        raise StateChanged(due[0][0].cell.expectation.submission)
    for (figure, _entry), revision in zip(due, revisions, strict=True):
        figure.cell.current, figure.cell.version = revision, revision.revision


def _mark_edited(held: Submission, actor: User, cells: list[int]) -> int:
    """Raise the version where any cell was saved; returns it."""
    if not cells:
        return held.version
    version = raise_version(held, actor=actor)
    record(actor=actor, verb="submission.entered", subject=held, details={"cells": cells})
    return version
