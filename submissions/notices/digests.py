"""The weekly digest of who controls: what the pages would show them, if there is anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.models import Notice
from foundation.notices import Item, Message, Telling, notify_each
from foundation.templatetags import jalon
from indicators.models import Question
from indicators.permissions import ANSWER
from organisations.models import User
from submissions import rules, selectors
from submissions.enums import State
from submissions.models import Submission, SubmissionQuerySet
from submissions.permissions import CONTROL, CONTROL_ALL

from . import words
from .kinds import DIGEST

#: Monday morning; after a halt of the schedule, Tuesday morning.
DAYS = (0, 1)
HOURS = range(7, 12)
#: How long after a lock what is missing is told.
LOCKED_SINCE = dt.timedelta(days=7)
#: Late units named one by one.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Digest:
    """What there is to say to one person. Counts are of submissions, and of what is asked.

    ``waiting`` has ``passed`` among it: what its coordinator left to the secretariat. ``late`` is
    among ``expected``; ``missing`` was locked without in the last week. ``requests`` ask for more
    time, of whom gives it.
    """

    waiting: int
    oldest_at: dt.datetime | None
    passed: int
    corrections: int
    requests: int
    questions: int
    expected: int
    late: Sequence[Submission]
    missing: int

    @property
    def is_empty(self) -> bool:
        asked = (self.corrections, self.requests, self.questions)
        return not any((self.waiting, *asked, self.expected, self.missing))


def tell_digests(now: dt.datetime | None = None) -> int:
    """Write this week's digest to whoever controls and has something waiting, once a week."""
    now = now or timezone.now()
    local = timezone.localtime(now)
    if local.weekday() not in DAYS or local.hour not in HOURS:
        return 0
    year, week, _day = local.isocalendar()
    return _tell_week(f"{year}-W{week:02}", now)


@transaction.atomic
def _tell_week(key: str, now: dt.datetime) -> int:
    had = set(Notice.objects.filter(kind=DIGEST.name, key=key).values_list("user_id", flat=True))
    told = [
        Telling([user], key, partial(message, found, now), sorted(_units(user)))
        for user in selectors.controllers()
        if user.pk not in had
        for found in [digest_of(user, now)]
        if not found.is_empty
    ]
    return len(notify_each(kind=DIGEST.name, tellings=told))


def _units(user: User) -> frozenset[int]:
    """The units in which somebody controls; none where they do so for all."""
    return frozenset() if _is_secretariat(user) else user.access.units(CONTROL.name)


def _is_secretariat(user: User) -> bool:
    return user.access.everywhere(CONTROL_ALL.name)


def digest_of(user: User, now: dt.datetime) -> Digest:
    """What waits for somebody at ``now``, as their queue counts it."""
    queue = selectors.queue_of(user)
    waiting = queue.filter(state=State.SUBMITTED)
    unsent = queue.filter(state__in=State.editable())
    expected = unsent.taking_figures(now)
    late = expected.filter(round__due_at__lt=now, round__locks_at__gte=now)
    locked = unsent.filter(round__locks_at__lt=now, round__locks_at__gte=now - LOCKED_SINCE)
    return Digest(
        waiting=waiting.count(),
        oldest_at=waiting.aggregate(oldest=Min("submitted_at"))["oldest"],
        passed=_passed(user, waiting),
        corrections=selectors.requests_to_control(user).count(),
        requests=selectors.open_requests().count() if rules.may_manage_rounds(user) else 0,
        questions=_questions(user),
        expected=expected.count(),
        late=list(
            late.select_related("round__period", "reporter").order_by(
                "round__due_at", "reporter__slug"
            )
        ),
        missing=locked.exclude(pk__in=expected.values("pk")).count(),
    )


def _passed(user: User, waiting: SubmissionQuerySet) -> int:
    """What a coordinator left to the secretariat."""
    if not _is_secretariat(user):
        return 0
    own = user.access.units(CONTROL.name)
    others = waiting.filter(reporter__controlled_by__isnull=False)
    return others.exclude(reporter__controlled_by__in=own).count()


def _questions(user: User) -> int:
    if not user.access.everywhere(ANSWER.name):
        return 0
    return Question.objects.filter(answered_at__isnull=True).count()


# --- Its words --------------------------------------------------------------------------------


def message(digest: Digest, now: dt.datetime) -> Message:
    return Message(
        _subject(digest),
        [_("What stands in your queue this week.")],
        [*_counts(digest, now), *_late(digest, now)],
        _("Open the queue"),
        reverse("review-queue"),
    )


def _subject(digest: Digest) -> str:
    if digest.waiting:
        return ngettext(
            "This week: %(count)s submission to control",
            "This week: %(count)s submissions to control",
            digest.waiting,
        ) % {"count": digest.waiting}
    if digest.late:
        return ngettext(
            "This week: %(count)s unit is late",
            "This week: %(count)s units are late",
            len(digest.late),
        ) % {"count": len(digest.late)}
    return _("This week in your queue")


def _counts(digest: Digest, now: dt.datetime) -> Iterator[Item]:
    queue = reverse("review-queue")
    if digest.waiting:
        yield Item(
            _counted(_("To control"), digest.waiting),
            _age(digest, now),
            f"{queue}?state=to-control",
        )
    if digest.passed:
        yield Item(_counted(_("Left by their coordinator, now also yours"), digest.passed))
    if digest.corrections:
        yield Item(_counted(_("Corrections to decide"), digest.corrections))
    if digest.requests:
        yield Item(
            _counted(_("Requests for more time"), digest.requests),
            path=f"{reverse('work')}#requests",
        )
    if digest.questions:
        yield Item(
            _counted(_("Questions to answer"), digest.questions), path=reverse("question-list")
        )
    if digest.expected:
        yield Item(
            _counted(_("Expected, not attested yet"), digest.expected),
            path=f"{queue}?state=expected",
        )
    if digest.missing:
        yield Item(_counted(_("Missing in a round that locked last week"), digest.missing))


def _counted(label: str, count: int) -> str:
    return _("%(label)s: %(count)s") % {"label": label, "count": jalon.figure(count)}


def _age(digest: Digest, now: dt.datetime) -> str:
    """Calendar days since the oldest was sent."""
    if digest.oldest_at is None:
        return ""
    days = (timezone.localdate(now) - timezone.localdate(digest.oldest_at)).days
    if days < 1:
        return _("all sent today")
    return ngettext("the oldest since %(count)s day", "the oldest since %(count)s days", days) % {
        "count": days
    }


def _late(digest: Digest, now: dt.datetime) -> Iterator[Item]:
    """The late units by name, with how to reach them."""
    for each in digest.late[:NAMED]:
        period = jalon.period(each.round.period.code)
        note = _("late since %(due)s") % {"due": words.day(each.round.due_at)}
        reach = ", ".join(filter(None, [each.reporter.telephone, each.reporter.mailbox]))
        yield Item(
            f"{each.reporter.label}, {period}",
            f"{note} – {reach}" if reach else note,
            reverse("review", args=[each.pk]),
        )
    if len(digest.late) > NAMED:
        more = len(digest.late) - NAMED
        yield Item(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
