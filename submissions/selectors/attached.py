"""What is attached to a submission's figures: files that support them, remarks on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone

from organisations.models import Unit, User
from submissions.enums import State
from submissions.models import Cell, Evidence, Expectation, Remark, Submission

#: The days, after the one on which a figure was attested, in which its subject may remark on it.
REMARK_DAYS = 15


@dataclass(frozen=True, slots=True)
class Attached:
    """Files by cell id and remarks by expectation id; nothing of a submission by default."""

    files: Mapping[int, Sequence[Evidence]] = field(default_factory=dict)
    remarks: Mapping[int, Sequence[Remark]] = field(default_factory=dict)


def attached(submission: Submission) -> Attached:
    """What is attached to the figures of a submission: two queries."""
    files: dict[int, list[Evidence]] = {}
    kept = Evidence.objects.filter(cell__expectation__submission=submission)
    for each in kept.filter(removed_at__isnull=True).order_by("added_at", "pk"):
        files.setdefault(each.cell_id, []).append(each)
    remarks: dict[int, list[Remark]] = {}
    for said in Remark.objects.filter(expectation__submission=submission).order_by("made_at", "pk"):
        remarks.setdefault(said.expectation_id, []).append(said)
    return Attached(files, remarks)


# --- Files ----------------------------------------------------------------------------------------


def evidence_of(cell: Cell) -> list[Evidence]:
    """Every file that supports or supported a figure, those taken away included."""
    return list(cell.evidence.select_related("added_by", "removed_by").order_by("added_at", "pk"))


def evidence_visible_to(user: User) -> QuerySet[Evidence]:
    """The files that are there and belong to figures that ``user`` may see."""
    visible = Submission.objects.visible_to(user)
    return Evidence.objects.filter(
        cell__expectation__submission__in=visible, removed_at__isnull=True
    )


# --- Remarks --------------------------------------------------------------------------------------


def remarks_until(attested_at: dt.datetime) -> dt.datetime:
    """The last moment to remark on what was attested: the end of the fifteenth day after it."""
    day = timezone.localdate(attested_at) + dt.timedelta(days=REMARK_DAYS)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))


def is_remarkable(submission: Submission, now: dt.datetime) -> bool:
    """Whether its figures stand attested, and not for more than the days to remark on them."""
    stands = submission.state in (State.SUBMITTED, State.VALIDATED)
    attested_at = submission.submitted_at
    return stands and attested_at is not None and now <= remarks_until(attested_at)


def reported_about(user: User) -> QuerySet[Expectation]:
    """What other units have attested about the user's own, or about those these came after.

    With cells, remarks and definitions, the last period first.
    """
    units = user.access.units("submissions.view_unit")
    own = Q(subject__unit__in=units) | Q(
        subject__unit__in=Unit.objects.succeeded_by(units).values("pk")
    )
    cells = Cell.objects.select_related("current", "validated").order_by("pk")
    said = Remark.objects.select_related("made_by").order_by("made_at", "pk")
    return (
        Expectation.objects.standing()
        .filter(own, submission__submitted_at__isnull=False)
        .exclude(submission__reporter=F("subject__unit"))
        .exclude(submission__state=State.REPLACED)
        .select_related(
            "submission__round__period", "submission__reporter", "subject__unit", "version"
        )
        .prefetch_related("version__options", Prefetch("cells", cells), Prefetch("remarks", said))
        .order_by("-period__last_day", "period__frequency", "version__indicator__position", "pk")
    )


def remarkable_now(user: User, now: dt.datetime) -> int:
    """On how many figures that others attested about one's units one may still remark."""
    found = reported_about(user).filter(
        submission__state__in=[State.SUBMITTED, State.VALIDATED],
        submission__submitted_at__gte=now - dt.timedelta(days=REMARK_DAYS + 1),
    )
    attested = found.order_by().values_list("submission__submitted_at", flat=True)
    return sum(at is not None and now <= remarks_until(at) for at in attested)
