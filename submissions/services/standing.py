"""What every write stands on: the held row, its state, its transition, the results it owes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import product
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.utils import timezone

from foundation.services import enqueue, record
from indicators.models import Period
from indicators.periods import MONTHS, frequency_of, last_day, shifted
from organisations.models import User
from submissions.enums import State
from submissions.models import Expectation, Submission, Transition

RESULTS = "results"


class StateChanged(Exception):
    """Somebody changed the submission in the meantime; nothing of this call was done."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"submission {submission.pk} is {submission.state}")
        self.submission = submission


class RoundClosed(Exception):
    """The round takes no figures now: it is planned, or locked and nothing extends it."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"round of submission {submission.pk} takes no figures")
        self.submission = submission


def hold(submission: Submission) -> Submission:
    """The submission as it is now, locked until the end of the transaction.

    All writers of a submission and of its cells take this lock first. On SQLite every
    transaction has the write lock from its beginning.
    """
    return to_hold(Submission.objects.all()).get(pk=submission.pk)


def to_hold(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """What ``hold`` reads and locks, of a queryset evaluated inside a transaction."""
    return submissions.select_for_update(of=("self",)).select_related(
        "round__period", "reporter__controlled_by"
    )


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def require_standing(held: Submission, states: Sequence[str], version: int | None = None) -> None:
    """Raises StateChanged in another state, or at another version than the caller has seen."""
    if held.state not in states or (version is not None and held.version != version):
        raise StateChanged(held)


def require_open(held: Submission) -> None:
    if not held.accepts_figures():
        raise RoundClosed(held)


def raise_version(held: Submission, *, actor: User) -> int:
    """Compare-and-set that what it holds is another now, so that nobody attests what they have not
    seen; the first who does so begins the draft. Returns its version."""
    begins = held.state == State.TODO
    begun = {"state": State.DRAFT, "begun_at": timezone.now(), "begun_by": actor} if begins else {}
    edited = Submission.objects.filter(pk=held.pk, state=held.state, version=held.version)
    if not edited.update(version=F("version") + 1, **begun):
        raise StateChanged(held)
    return held.version + 1


def move(
    held: Submission, *, actor: User, after: State, verb: str, reason: str = "", **changes: Any
) -> Submission:
    """Compare-and-set to a new state, with its transition and its audit entry."""
    before = held.state
    moved = Submission.objects.filter(pk=held.pk, state=before, version=held.version).update(
        state=after, version=F("version") + 1, **changes
    )
    if not moved:
        held.refresh_from_db()
        raise StateChanged(held)
    Transition.objects.create(
        submission=held, actor=actor, before=before, after=after, reason=reason
    )
    held.refresh_from_db(fields=["state", "version", *changes])
    record(
        actor=actor,
        verb=verb,
        subject=held,
        details={"before": before, "after": after, "version": held.version, "reason": reason},
    )
    return held


def owe_results(held: Submission) -> None:
    """Have the results of its indicators recomputed, in its period and in those that look back.

    Rolling years and changes against the year before read it from later periods.
    """
    asked = Expectation.objects.filter(submission=held).values_list(
        "version__indicator_id", "subject__unit_id"
    )
    indicators, units = ({pair[place] for pair in asked} for place in (0, 1))
    owe(indicators, held.round.period, about=units)


def owe(
    indicator_ids: Iterable[int], period: Period, *, about: Collection[int] | None = None
) -> None:
    """Results of a period, and of each later one within a year that has a round.

    ``about`` are the units whose figures changed; None where who is asked may have, too.
    """
    a_year_on = last_day(shifted(period.code, 12 // MONTHS[frequency_of(period.code)]))
    later = Period.objects.filter(
        frequency=period.frequency,
        last_day__gt=period.last_day,
        last_day__lte=a_year_on,
        round__frozen_at__isnull=False,
    ).values_list("pk", flat=True)
    pairs = product(set(indicator_ids), [period.pk, *later])
    enqueue(topic=RESULTS, keys=[f"{indicator}:{each}" for indicator, each in pairs], about=about)
