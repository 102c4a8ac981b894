"""Mails that the calendar asks for: a round opens, is due soon, was due, locked; more time ends.

All days in Brussels.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from foundation.notices import Telling, notify_each
from foundation.registries import NoticeKind
from submissions.enums import State
from submissions.models import Extension, Round, Submission, SubmissionQuerySet
from submissions.selectors import Acting, people_of, with_progress

from . import words
from .kinds import BEFORE_DUE, EXTENSION, OPENING, OVERDUE
from .readers import Concerns, everybody, tellings

#: No mail of the schedule is written before this hour.
FROM_HOUR = 7
#: Days before a round is due on which its units are told, each with the day from which it is too
#: late to say so: after a halt of the schedule, what is still true is told, and nothing else.
BEFORE = ((14, 12), (3, 0))
#: A round that has opened this many days ago or less was told of just now.
JUST_OPENED = 3
#: Days after the due date, and after the lock, on which its units are told so, once.
LATE_DAYS = range(1, 4)
#: Days before more time ends on which its unit is told: of a longer one, and of a short one.
BEFORE_END = (3, 1)


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
        frozen_at__isnull=False,
        opens_at__lte=now,
        locks_at__gte=now - dt.timedelta(days=LATE_DAYS.stop),
    ).select_related("period")
    written = sum(
        _tell_locked(each, now) if now > each.locks_at else _tell_round(each, now)
        for each in rounds
    )
    return written + _tell_ends_of_extensions(now)


@transaction.atomic
def _tell_round(round: Round, now: dt.datetime) -> int:
    today, due_on = timezone.localdate(now), timezone.localdate(round.due_at)
    opened = (today - timezone.localdate(max(round.opens_at, round.frozen_at or now))).days
    left = (due_on - today).days
    written = tell_opening(round, now) if opened < JUST_OPENED else 0
    for days, until in BEFORE:
        if until <= left <= days and opened > JUST_OPENED:
            key = f"{round.pk}:{due_on}:{days}"
            written += _tell_unsent(BEFORE_DUE, round, key, partial(words.before_due, left), now)
    if -left in LATE_DAYS:
        written += _tell_unsent(OVERDUE, round, f"{round.pk}:{due_on}", words.overdue, now)
    return written


@transaction.atomic
def _tell_locked(round: Round, now: dt.datetime) -> int:
    """Of what was not sent and can be no more: whose unit has more time is not told."""
    locked_on = timezone.localdate(round.locks_at)
    if (timezone.localdate(now) - locked_on).days not in LATE_DAYS:
        return 0
    return _tell_unsent(OVERDUE, round, f"{round.pk}:{locked_on}:locked", words.locked, now)


@transaction.atomic
def _tell_ends_of_extensions(now: dt.datetime) -> int:
    """A mail per extension: its time is one unit's."""
    ending = Extension.objects.in_force(now).filter(
        until__lt=now + dt.timedelta(days=max(BEFORE_END) + 1),
        submission__state__in=State.editable(),
    )
    submissions = list(_told_of(Submission.objects.filter(pk__in=ending.values("submission"))))
    people = people_of(each.reporter for each in submissions)
    told: list[Telling] = []
    for each in submissions:
        given = each.extension(now)
        left = _days_left(given, now) if given else None
        if given and left is not None:
            message = partial(words.extension_ends, left, given)
            key = f"{given.pk}:ends"
            told += tellings([each], people, key=key, message=message, concerns=_is_for)
    return len(notify_each(kind=EXTENSION.name, tellings=told))


def _days_left(given: Extension, now: dt.datetime) -> int | None:
    """How many days an extension still gives where its unit is to be told; never on the day on
    which it was given, which told it already."""
    given_on, today = timezone.localdate(given.granted_at), timezone.localdate(now)
    ends_on = timezone.localdate(given.until)
    longer, short = BEFORE_END
    before = longer if (ends_on - given_on).days > longer else short
    left = (ends_on - today).days
    return left if left <= before and today > given_on else None


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
    return _told_of(Submission.objects.filter(round=round).exclude(state=State.REPLACED))


def _told_of(submissions: SubmissionQuerySet) -> SubmissionQuerySet:
    """With all that a mail says of them."""
    rows = submissions.select_related("round__period", "reporter__controlled_by")
    return with_progress(rows).prefetch_related("extensions").order_by("reporter__slug")
