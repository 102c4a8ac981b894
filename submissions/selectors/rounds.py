"""Rounds as the secretariat sees them, what each still expects, and who asked for more time."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Prefetch, Q, QuerySet

from organisations.models import User
from submissions.enums import State
from submissions.models import (
    Extension,
    ExtensionRequest,
    Round,
    Submission,
    SubmissionQuerySet,
)

from .lists import queue_of, with_progress


def rounds() -> QuerySet[Round]:
    """Every round, last period first, with how many ``units`` it asks, how many have ``begun``,
    ``attested`` and were ``validated``, and how many are ``extended`` now."""
    asked = ~Q(submissions__state=State.REPLACED)
    return (
        Round.objects.select_related("period")
        .annotate(
            units=Count("submissions", filter=asked),
            begun=Count("submissions", filter=asked & ~Q(submissions__state=State.TODO)),
            attested=Count(
                "submissions", filter=Q(submissions__state__in=[State.SUBMITTED, State.VALIDATED])
            ),
            validated=Count("submissions", filter=Q(submissions__state=State.VALIDATED)),
        )
        .order_by("-period__last_day", "period__frequency")
    )


def submissions_of(round: Round) -> SubmissionQuerySet:
    """What each unit hands in for a round, with progress, extensions and open requests."""
    found = Submission.objects.filter(round=round).exclude(state=State.REPLACED)
    rows = found.select_related("round__period", "reporter").prefetch_related(
        "extensions", _waiting()
    )
    return with_progress(rows).order_by("reporter__slug")


def _waiting() -> Prefetch[str]:
    """Fills ``waiting``: the open request of a submission, in a list."""
    return Prefetch("extension_requests", _unanswered(), to_attr="waiting")


def _unanswered() -> QuerySet[ExtensionRequest]:
    """Who still waits for time: not a unit that sent its figures meanwhile."""
    return ExtensionRequest.objects.filter(
        answered_at__isnull=True, submission__state__in=State.editable()
    )


def extensions_in_force(now: dt.datetime) -> QuerySet[Extension]:
    """All of them, the first to end first."""
    return (
        Extension.objects.in_force(now)
        .select_related("submission__round__period", "submission__reporter", "granted_by")
        .order_by("until", "submission__reporter__slug")
    )


def extensions_of(submission: Submission) -> list[Extension]:
    """All that a submission was ever given, last first."""
    given = submission.extensions.select_related("granted_by", "ended_by")
    return list(given.order_by("-granted_at", "-pk"))


def extension_requests_of(submission: Submission) -> list[ExtensionRequest]:
    """All that its unit ever asked for, last first."""
    asked = submission.extension_requests.select_related("asked_by", "answered_by", "extension")
    return list(asked)


def open_requests() -> QuerySet[ExtensionRequest]:
    """Who waits for an answer, the longest first."""
    return (
        _unanswered()
        .select_related("submission__round__period", "submission__reporter", "asked_by")
        .order_by("asked_at")
    )


def still_expected(user: User, now: dt.datetime, *, everything: bool) -> SubmissionQuerySet:
    """What can still be sent by the units that ``user`` controls (or sees), the first due first."""
    return (
        queue_of(user, everything=everything)
        .taking_figures(now)
        .filter(state__in=State.editable())
        .select_related("round__period", "reporter")
        .prefetch_related("extensions")
        .order_by("round__due_at", "round__period__frequency", "reporter__slug")
    )
