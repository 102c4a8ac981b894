"""What happened to a cell and to a submission, and what is settled by it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from organisations.models import User
from submissions.content import Content
from submissions.models import Cell, Evidence, Expectation, Measurement, Submission, Transition


def cells_visible_to(user: User) -> QuerySet[Cell]:
    return Cell.objects.filter(expectation__submission__in=Submission.objects.visible_to(user))


def revisions_of(cell: Cell) -> list[Measurement]:
    """Every revision, last first."""
    return list(cell.measurements.select_related("entered_by").order_by("-revision"))


@dataclass(frozen=True, slots=True)
class Edit:
    """What was done to a submission besides its steps: when, by whom, of a file its name."""

    #: ``entered``, ``added`` or ``removed``.
    verb: str
    at: dt.datetime
    by: str
    is_own: bool
    name: str = ""


def last_edit(submission: Submission, *, reader: User, but: Collection[int] = ()) -> Edit | None:
    """The last save, or file added or removed, since a submission's last step; another's before
    one's own, and of one's own a file before a save.

    A post that comes too late may just have saved figures of its own, in the cells ``but``; and
    its page others before.
    """
    step = Transition.objects.filter(submission=submission).order_by("-at").values("at")[:1]
    figures = Measurement.objects.filter(cell__expectation__submission=submission).exclude(
        current_of__in=but
    )
    files = Evidence.objects.filter(cell__expectation__submission=submission)
    edits = []
    for rows, verb in ((figures, "entered"), (files, "added"), (files, "removed")):
        since = Q(**{f"{verb}_at__gt": Subquery(step)}) | ~Exists(step)
        name = ["name"] if rows is files else []
        row = (
            rows.filter(since, **{f"{verb}_at__isnull": False})
            .annotate(is_own=Q(**{f"{verb}_by": reader}))
            .order_by("is_own", f"-{verb}_at", "-pk")
            .values(f"{verb}_at", f"{verb}_by__name", "is_own", *name)
            .first()
        )
        if row:
            edits.append(Edit(verb, *row.values()))

    def telling(edit: Edit) -> tuple[bool, bool, dt.datetime]:
        return not edit.is_own, edit.is_own and edit.verb != "entered", edit.at

    return max(edits, key=telling, default=None)


def changed_since_return(submissions: Collection[Submission]) -> Counter[int]:
    """How many figures of each submission, by id, say something else than at its last decision.

    Another comment or flag says nothing else, nor does a figure that was changed back. Two queries.
    """
    theirs = "current_of__expectation__submission"
    stood = Measurement.objects.filter(
        cell=OuterRef("cell"), entered_at__lte=OuterRef(f"{theirs}__decided_at")
    )
    since = Measurement.objects.filter(
        entered_at__gt=F(f"{theirs}__decided_at"),
        current_of__expectation__subject__withdrawn_at__isnull=True,
        **{f"{theirs}__in": submissions},
    ).annotate(of=F(theirs), stood=Subquery(stood.order_by("-revision").values("pk")[:1]))
    rows = [(row, vars(row)["of"], vars(row)["stood"]) for row in since]
    before = Measurement.objects.in_bulk({stood for _row, _of, stood in rows if stood})
    return Counter(
        of
        for row, of, stood in rows
        if Content.of(row).figure != Content.of(before.get(stood)).figure
    )


def transitions_of(submission: Submission) -> list[Transition]:
    """Every step of a submission, last first."""
    return list(submission.transitions.select_related("actor").order_by("-at", "-pk"))


def asked_until(indicator_id: int) -> dt.date | None:
    """The last day of the last period for which an open or former round asks an indicator."""
    asked = Expectation.objects.filter(version__indicator=indicator_id)
    day: dt.date | None = asked.aggregate(last=Max("period__last_day"))["last"]
    return day
