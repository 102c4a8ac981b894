"""What happened to a cell and to a submission, and what is settled by it."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, Max, Q, QuerySet, Subquery

from organisations.models import User
from submissions.models import Cell, Expectation, Measurement, Submission, Transition


def cells_visible_to(user: User) -> QuerySet[Cell]:
    return Cell.objects.filter(expectation__submission__in=Submission.objects.visible_to(user))


def revisions_of(cell: Cell) -> list[Measurement]:
    """Every revision, last first."""
    return list(cell.measurements.select_related("entered_by").order_by("-revision"))


def last_edit(submission: Submission, *, reader: User) -> Measurement | None:
    """The last revision saved since a submission's last step; another's before one's own.

    A post that comes too late may just have saved figures of its own.
    """
    step = Transition.objects.filter(submission=submission).order_by("-at").values("at")[:1]
    since = Measurement.objects.filter(
        Q(entered_at__gt=Subquery(step))
        | ~Exists(Transition.objects.filter(submission=submission)),
        cell__expectation__submission=submission,
    )
    return (
        since.select_related("entered_by")
        .annotate(is_own=Q(entered_by=reader))
        .order_by("is_own", "-entered_at", "-pk")
        .first()
    )


def transitions_of(submission: Submission) -> list[Transition]:
    """Every step of a submission, last first."""
    return list(submission.transitions.select_related("actor").order_by("-at", "-pk"))


def asked_until(indicator_id: int) -> dt.date | None:
    """The last day of the last period for which an open or former round asks an indicator."""
    asked = Expectation.objects.filter(version__indicator=indicator_id)
    day: dt.date | None = asked.aggregate(last=Max("period__last_day"))["last"]
    return day
