"""Mails that the calendar asks for: a round opens, is due soon, was due. All days in Brussels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from foundation.notices import notify_each
from foundation.registries import NoticeKind
from submissions.enums import State
from submissions.models import Round, Submission
from submissions.selectors import Acting, people_of, with_progress

from . import words
from .kinds import BEFORE_DUE, OPENING, OVERDUE
from .readers import Concerns, everybody, tellings

#: No mail of the schedule is written before this hour.
FROM_HOUR = 7
#: Days before a round is due on which its units are told, each with the day from which it is too
#: late to say so: after a halt of the schedule, what is still true is told, and nothing else.
BEFORE = ((14, 12), (3, 0))
#: A round that has opened this many days ago or less was told of just now.
JUST_OPENED = 3
#: Days after the due date on which its units are told that they are late, once.
LATE_DAYS = range(1, 4)


def tell_opening(round: Round, now: dt.datetime) -> int:
    """Tell who enters and attests what is asked; nothing of a round that is due already."""
    if now > round.due_at:
        return 0
    return _tell(OPENING, round, f"{round.pk}", words.opening)


def tell_what_is_due(now: dt.datetime | None = None) -> int:
    """Write what a day's calendar asks for, each once; returns how many mails were written."""
    now = now or timezone.now()
    if timezone.localtime(now).hour < FROM_HOUR:
        return 0
    rounds = Round.objects.filter(
        frozen_at__isnull=False, opens_at__lte=now, locks_at__gte=now
    ).select_related("period")
    return sum(_tell_round(each, now) for each in rounds)


@transaction.atomic
def _tell_round(round: Round, now: dt.datetime) -> int:
    today, due_on = timezone.localdate(now), timezone.localdate(round.due_at)
    opened = (today - timezone.localdate(round.opens_at)).days
    left = (due_on - today).days
    written = tell_opening(round, now) if opened < JUST_OPENED else 0
    for days, until in BEFORE:
        if until <= left <= days and opened > JUST_OPENED:
            key = f"{round.pk}:{due_on}:{days}"
            written += _tell_unsent(BEFORE_DUE, round, key, partial(words.before_due, left), now)
    if -left in LATE_DAYS:
        written += _tell_unsent(OVERDUE, round, f"{round.pk}:{due_on}", words.overdue, now)
    return written


def _tell_unsent(
    kind: NoticeKind, round: Round, key: str, message: words.Worded, now: dt.datetime
) -> int:
    """Of what is not attested: to all who act for it, or to who attests where it is complete."""
    return _tell(
        kind,
        round,
        key,
        message,
        concerns=_is_for,
        keep=lambda each: each.state in State.editable() and each.extended_until(now) is None,
    )


def _is_for(acting: Acting, submission: Submission) -> bool:
    return acting.attests or not words.awaits_attestation(submission)


def _tell(
    kind: NoticeKind,
    round: Round,
    key: str,
    message: words.Worded,
    *,
    concerns: Concerns = everybody,
    keep: Callable[[Submission], bool] = lambda _submission: True,
) -> int:
    submissions = [each for each in _expected(round) if keep(each)]
    people = people_of(each.reporter for each in submissions)
    told = tellings(submissions, people, key=key, message=message, concerns=concerns)
    return len(notify_each(kind=kind.name, tellings=told))


def _expected(round: Round) -> Iterable[Submission]:
    """What a round's units owe or sent, with how far they are."""
    submissions = Submission.objects.filter(round=round).exclude(state=State.REPLACED)
    rows = submissions.select_related("round__period", "reporter__controlled_by")
    return with_progress(rows).prefetch_related("extensions").order_by("reporter__slug")
