"""Filling a demonstration round at once. The figures are fictitious and marked as seeded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from indicators.enums import CellStatus
from organisations.models import User

from .enums import Entrance, State
from .models import (
    Cell,
    Correction,
    Expectation,
    Extension,
    Measurement,
    Round,
    RoundSubject,
    Submission,
    Transition,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cell gets; parts in units of 10^-decimals of the definition."""

    status: CellStatus = CellStatus.REPORTED
    numerator: int | None = None
    denominator: int | None = None
    steps_done: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    reason: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """How far a submission got, and the reasons given on the way."""

    state: State = State.VALIDATED
    return_reason: str = ""
    maintain_reason: str = ""


_STEPS: dict[str, Sequence[State]] = {
    State.TODO: [],
    State.DRAFT: [State.DRAFT],
    State.SUBMITTED: [State.DRAFT, State.SUBMITTED],
    State.RETURNED: [State.DRAFT, State.SUBMITTED, State.RETURNED],
    State.VALIDATED: [State.DRAFT, State.SUBMITTED, State.VALIDATED],
}


@dataclass(frozen=True, slots=True)
class Hands:
    """Who enters, attests and controls the seeded figures."""

    reporter: User
    approver: User
    controller: User


@transaction.atomic
def fill(
    *,
    round: Round,
    answers: Mapping[int, Answer],
    fates: Mapping[int, Fate],
    hands: Hands,
    at: dt.datetime,
) -> None:
    """Write answers (by cell id) and fates (by submission id) of a round that was just opened."""
    Measurement.objects.bulk_create(
        [
            Measurement(
                cell_id=cell_id,
                revision=1,
                status=answer.status,
                numerator=answer.numerator,
                denominator=answer.denominator,
                steps_done=dict(answer.steps_done),
                text=answer.text,
                reason=answer.reason,
                comment=answer.comment,
                entered_by=hands.reporter,
                entered_at=at,
                entrance=Entrance.SEED,
            )
            for cell_id, answer in answers.items()
        ],
        batch_size=2_000,
    )
    _set_cells(round, fates)
    _set_submissions(fates, hands, at)


def _set_cells(round: Round, fates: Mapping[int, Fate]) -> None:
    first = Measurement.objects.filter(cell=OuterRef("pk"), revision=1).values("pk")
    cells = Cell.objects.filter(expectation__submission__round=round, measurements__isnull=False)
    said = Cell.objects.filter(pk__in=cells.values("pk"))
    said.update(current=Subquery(first), version=1)
    validated = [pk for pk, fate in fates.items() if fate.state == State.VALIDATED]
    said.filter(expectation__submission__in=validated).update(validated=Subquery(first))


def _set_submissions(fates: Mapping[int, Fate], hands: Hands, at: dt.datetime) -> None:
    by_fate: dict[Fate, list[int]] = {}
    for pk, fate in fates.items():
        by_fate.setdefault(fate, []).append(pk)
    for fate, pks in by_fate.items():
        sent = fate.state in (State.SUBMITTED, State.RETURNED, State.VALIDATED)
        decided = fate.state in (State.RETURNED, State.VALIDATED)
        Submission.objects.filter(pk__in=pks).update(
            state=fate.state,
            version=len(_STEPS[fate.state]),
            return_reason=fate.return_reason,
            maintain_reason=fate.maintain_reason,
            submitted_at=at if sent else None,
            submitted_by=hands.approver if sent else None,
            decided_at=at if decided else None,
            decided_by=hands.controller if decided else None,
        )
    Transition.objects.bulk_create(
        Transition(
            submission_id=pk,
            at=at,
            actor=_hand(hands, after),
            before=before,
            after=after,
            reason=fate.return_reason if after == State.RETURNED else "",
        )
        for pk, fate in fates.items()
        for before, after in _steps(fate.state)
    )


def _hand(hands: Hands, after: State) -> User:
    if after == State.DRAFT:
        return hands.reporter
    return hands.approver if after == State.SUBMITTED else hands.controller


def _steps(state: str) -> list[tuple[State, State]]:
    steps = [State.TODO, *_STEPS[state]]
    return list(pairwise(steps))


@transaction.atomic
def clear() -> dict[str, int]:
    """Remove every demonstration round with all that hangs on it; returns counts by model."""
    rounds = Round.objects.filter(is_demo=True)
    submissions = Submission.objects.filter(round__in=rounds)
    expectations = Expectation.objects.filter(submission__in=submissions)
    cells = Cell.objects.filter(expectation__in=expectations)
    cells.update(validated=None, current=None)
    doomed: list[QuerySet[Any]] = [
        Correction.objects.filter(cell__in=cells),
        Extension.objects.filter(submission__in=submissions),
        Measurement.objects.filter(cell__in=cells),
        cells,
        expectations,
        Transition.objects.filter(submission__in=submissions),
        submissions,
        RoundSubject.objects.filter(round__in=rounds),
        rounds,
    ]
    return {each.model._meta.model_name or "": _delete_at_once(each) for each in doomed}


def _delete_at_once(rows: QuerySet[Any]) -> int:
    """Delete in one statement. Revisions refer to each other, so row by row would be refused."""
    count = rows.count()
    rows.order_by()._raw_delete(rows.db)
    return count
