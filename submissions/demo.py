"""Filling a demonstration round at once. The figures are fictitious and marked as seeded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from indicators.enums import CellStatus, Frequency
from organisations.models import User

from . import notices
from .enums import Entrance, State
from .models import (
    Cell,
    Correction,
    Evidence,
    Expectation,
    Extension,
    ExtensionRequest,
    Measurement,
    PeerValues,
    Remark,
    Round,
    RoundSubject,
    Submission,
    Transition,
    Upload,
)
from .services.peers import compare_all
from .services.uploads import delete_files_of


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
        begun = fate.state != State.TODO
        sent = fate.state in (State.SUBMITTED, State.RETURNED, State.VALIDATED)
        decided = fate.state in (State.RETURNED, State.VALIDATED)
        Submission.objects.filter(pk__in=pks).update(
            state=fate.state,
            version=len(_STEPS[fate.state]),
            return_reason=fate.return_reason,
            maintain_reason=fate.maintain_reason,
            begun_at=at if begun else None,
            begun_by=hands.reporter if begun else None,
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
    return hands.approver if after == State.SUBMITTED else hands.controller


def _steps(state: str) -> list[tuple[State, State]]:
    return list(pairwise(_STEPS[state]))


REMARK = (
    "Démonstration (remarque fictive) : notre registre donne un autre chiffre pour cette période. "
    "Pouvez-vous le comparer au vôtre ?"
)


def remark(*, round: Round, zone: str, by: User) -> Remark | None:
    """A fictitious remark of a zone on the first figure that a central source attested about it."""
    about = Expectation.objects.standing().filter(
        subject__round=round,
        subject__unit__slug=zone,
        submission__state__in=[State.SUBMITTED, State.VALIDATED],
    )
    by_others = about.exclude(submission__reporter=F("subject__unit"))
    first = by_others.order_by("version__indicator__position", "pk").first()
    if first is None:
        return None
    return Remark.objects.create(expectation=first, text=REMARK, made_by=by)


def ask_for_time(submission: Submission, *, by: User, reason: str, at: dt.datetime) -> None:
    """A request that waits for the secretariat."""
    ExtensionRequest.objects.create(submission=submission, reason=reason, asked_by=by, asked_at=at)


def give_time(
    submission: Submission, *, by: User, reason: str, at: dt.datetime, until: dt.datetime
) -> None:
    Extension.objects.create(
        submission=submission, reason=reason, granted_by=by, granted_at=at, until=until
    )


def prolong(*, until: dt.datetime) -> None:
    """Keep in force the time that the demonstration gave when it was made."""
    seeded = Extension.objects.filter(
        submission__round__is_demo=True, ended_at__isnull=True, request__isnull=True
    )
    seeded.filter(until__lt=until).update(until=until)


@transaction.atomic
def write_mails(*, now: dt.datetime) -> int:
    """The mails that the accounts of the demonstration would have got of what was filled in.

    Of the last quarter's round its opening and what was returned in it; of the round before, what
    was validated; and this week's digest. Returns how many.
    """
    opened = Round.objects.filter(is_demo=True, frozen_at__isnull=False).select_related("period")
    quarters = opened.filter(period__frequency=Frequency.QUARTER)
    last, before = quarters.order_by("-period__last_day")[:2]
    theirs = Submission.objects.select_related("round__period", "reporter__controlled_by").filter(
        reporter__memberships__user__is_demo=True
    )
    written = notices.tell_opening(last, min(now, last.due_at))
    for returned in theirs.filter(round=last, state=State.RETURNED).distinct():
        written += notices.tell_returned(returned)
    for validated in theirs.filter(round=before, state=State.VALIDATED).distinct():
        written += notices.tell_validated(validated)
    return written + notices.tell_digests(_monday_morning(now))


def _monday_morning(now: dt.datetime) -> dt.datetime:
    """Of the week of ``now``."""
    local = timezone.localtime(now)
    monday = local.date() - dt.timedelta(days=local.weekday())
    return timezone.make_aware(dt.datetime.combine(monday, dt.time(8)))


@transaction.atomic
def lock_past(*, now: dt.datetime) -> int:
    """Mark the rounds whose lock has passed, and compare what zones said in them; returns how many.

    Mails and all else that follows from a real lock are left out.
    """
    past = Round.objects.filter(is_demo=True, locks_at__lt=now)
    past.update(locked_at=F("locks_at"))
    rounds = list(past)
    compare_all(rounds)
    return len(rounds)


@transaction.atomic
def clear() -> dict[str, int]:
    """Remove every demonstration round with all that hangs on it; returns counts by model."""
    rounds = Round.objects.filter(is_demo=True)
    submissions = Submission.objects.filter(round__in=rounds)
    expectations = Expectation.objects.filter(submission__in=submissions)
    cells = Cell.objects.filter(expectation__in=expectations)
    evidence = Evidence.objects.filter(cell__in=cells)
    uploads = Upload.objects.filter(submission__in=submissions)
    _delete_files_of(evidence)
    delete_files_of(uploads)
    cells.update(validated=None, current=None)
    doomed: list[QuerySet[Any]] = [
        Correction.objects.filter(cell__in=cells),
        evidence,
        Measurement.objects.filter(cell__in=cells),
        cells,
        Remark.objects.filter(expectation__in=expectations),
        expectations,
        uploads,
        Transition.objects.filter(submission__in=submissions),
        ExtensionRequest.objects.filter(submission__in=submissions),
        Extension.objects.filter(submission__in=submissions),
        submissions,
        RoundSubject.objects.filter(round__in=rounds),
        PeerValues.objects.filter(period__round__in=rounds),
        rounds,
    ]
    return {each.model._meta.model_name or "": _delete_at_once(each) for each in doomed}


def _delete_files_of(evidence: QuerySet[Evidence]) -> None:
    """Once the rows are gone for good, so are their files."""
    for each in evidence:
        transaction.on_commit(partial(each.file.storage.delete, str(each.file)), robust=True)


def _delete_at_once(rows: QuerySet[Any]) -> int:
    """Delete in one statement. Revisions refer to each other, so row by row would be refused."""
    count = rows.count()
    rows.order_by()._raw_delete(rows.db)
    return count
