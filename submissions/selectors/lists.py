"""Lists of submissions: work, queue, and what is next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from indicators.enums import CellStatus
from organisations.models import Unit, User
from submissions.enums import State
from submissions.models import Measurement, Round, Submission, SubmissionQuerySet, Transition
from submissions.models.waiting import left_before

from .corrections import requests_to_control

_IN_EXPECTATIONS = "expectations__cells"


def with_progress(submissions: SubmissionQuerySet) -> SubmissionQuerySet:
    """Adds ``total`` cells and how many are ``done``: not missing. Withdrawn ones do not count."""
    stands = Q(expectations__subject__withdrawn_at__isnull=True)
    said = Q(expectations__cells__current__isnull=False) & ~Q(
        expectations__cells__current__status=CellStatus.MISSING
    )
    return submissions.annotate(
        total=Count(_IN_EXPECTATIONS, filter=stands),
        done=Count(_IN_EXPECTATIONS, filter=stands & said),
    )


def with_remarks(submissions: SubmissionQuerySet) -> SubmissionQuerySet:
    """Adds ``remarks``: figures commented or flagged, and ``by_one_person``.

    A figure that a check finds odd cannot be attested without a comment, so comments cover those.
    The latter says that whoever attested had entered every figure.
    """
    current = f"{_IN_EXPECTATIONS}__current__"
    said = Q(**{f"{current}isnull": False})
    remarked = said & (~Q(**{f"{current}comment": ""}) | Q(**{f"{current}is_flagged": True}))
    by_others = Measurement.objects.filter(
        current_of__expectation__submission=OuterRef("pk")
    ).exclude(entered_by=OuterRef("submitted_by"))
    return submissions.annotate(
        remarks=Count(_IN_EXPECTATIONS, filter=remarked),
        by_one_person=Q(submitted_by__isnull=False) & ~Exists(by_others),
    )


def work_of(user: User, now: dt.datetime) -> SubmissionQuerySet:
    """The submissions of the units for which ``user`` enters: those that can be entered at ``now``
    first, then the others, last period first.

    Those of the units in whose place these came are among them: they may still owe a period.
    """
    units = user.access.units("submissions.enter")
    mine = Submission.objects.filter(
        Q(reporter__in=units) | Q(reporter__in=Unit.objects.succeeded_by(units).values("pk")),
        round__frozen_at__isnull=False,
    )
    related = mine.select_related("round__period", "reporter__controlled_by").prefetch_related(
        "extensions", "extension_requests"
    )
    taking = Submission.objects.taking_figures(now).filter(state__in=State.editable())
    ordered = with_progress(related).annotate(can_enter=Exists(taking.filter(pk=OuterRef("pk"))))
    return ordered.order_by(
        "-can_enter", "-round__period__last_day", "round__period__frequency", "reporter__slug"
    )


@dataclass(frozen=True, slots=True)
class LastChange:
    """When somebody last took a step or saved a figure, and who."""

    at: dt.datetime
    by: str


def last_changes(submissions: Sequence[Submission]) -> dict[int, LastChange]:
    """The last change of each submission that has any, by id; two queries."""
    steps = Transition.objects.filter(submission__in=submissions).order_by("at", "pk")
    edits = Measurement.objects.filter(
        pk__in=Submission.objects.filter(pk__in=[each.pk for each in submissions])
        .annotate(
            edit=Subquery(
                Measurement.objects.filter(current_of__expectation__submission=OuterRef("pk"))
                .order_by("-entered_at", "-pk")
                .values("pk")[:1]
            )
        )
        .values("edit")
    )
    said = [
        *steps.values_list("submission_id", "at", "actor__name"),
        *edits.values_list("cell__expectation__submission_id", "entered_at", "entered_by__name"),
    ]
    return {pk: LastChange(at, by) for pk, at, by in sorted(said, key=lambda each: each[1])}


def queue_of(user: User, *, everything: bool = False) -> SubmissionQuerySet:
    """What ``user`` controls; with ``everything``, all that they may see."""
    submissions = Submission.objects.filter(round__frozen_at__isnull=False)
    return submissions.visible_to(user) if everything else submissions.to_control_by(user)


#: The filter of the queue that holds requests of corrections, not submissions.
CORRECTIONS = "corrections"
#: Of the secretariat: what its controller left for too long.
LEFT = "left"
#: The filters of the queue, by their code in its address.
QUEUE_FILTERS = (
    "to-control",
    "remarks",
    "without-remarks",
    LEFT,
    CORRECTIONS,
    "returned",
    "expected",
    "validated",
)


def queue_filters(user: User) -> list[str]:
    """The filters that a controller has; only the secretariat takes over what others left."""
    sees_all = user.access.everywhere("submissions.control_all")
    return [code for code in QUEUE_FILTERS if sees_all or code != LEFT]


def in_queue(submissions: SubmissionQuerySet, code: str) -> SubmissionQuerySet:
    """The submissions under a filter. What a locked round lacks is expected no more, unless the
    unit was given more time."""
    if code == "expected":
        editable = submissions.filter(state__in=[State.TODO, State.DRAFT])
        return editable.taking_figures(timezone.now())
    if code in ("remarks", "without-remarks"):
        sent = with_remarks(submissions.filter(state=State.SUBMITTED))
        return sent.filter(Q(remarks__gt=0) if code == "remarks" else Q(remarks=0))
    if code == LEFT:
        return submissions.filter(
            state=State.SUBMITTED,
            submitted_at__lt=left_before(),
            reporter__controlled_by__isnull=False,
        )
    states = {"to-control": State.SUBMITTED, "returned": State.RETURNED}
    return submissions.filter(state=states.get(code, State.VALIDATED))


def queue_counts(user: User, *, everything: bool = False) -> dict[str, int]:
    """How many submissions each filter of a controller holds, and requests; a query per filter."""
    submissions = queue_of(user, everything=everything)
    requests = requests_to_control(user, everything=everything)
    counts: dict[str, int] = {}
    for code in queue_filters(user):
        if code == "without-remarks":
            counts[code] = counts["to-control"] - counts["remarks"]
        elif code == CORRECTIONS:
            counts[code] = requests.count()
        else:
            counts[code] = in_queue(submissions, code).count()
    return counts


def queue_rows(submissions: SubmissionQuerySet, code: str) -> SubmissionQuerySet:
    """The queue's rows under a filter, the longest waiting first."""
    return _to_judge(submissions, in_queue(submissions, code)).order_by(
        F("submitted_at").asc(nulls_last=True), "round__due_at", "reporter__slug"
    )


def picked(user: User, keys: Iterable[int]) -> SubmissionQuerySet:
    """The submissions of a selection that ``user`` may see, as the queue shows them."""
    visible = Submission.objects.visible_to(user)
    found = visible.filter(pk__in=list(keys), round__frozen_at__isnull=False)
    return _to_judge(Submission.objects.all(), found).order_by("reporter__slug", "round__due_at")


def _to_judge(submissions: SubmissionQuerySet, found: SubmissionQuerySet) -> SubmissionQuerySet:
    """With what a controller looks at: progress and remarks."""
    rows = (
        submissions.filter(pk__in=found.values("pk"))
        .select_related("round__period", "reporter__controlled_by", "submitted_by", "decided_by")
        .prefetch_related("extensions")
    )
    return with_remarks(with_progress(rows))


def next_round() -> Round | None:
    """The next planned round, for who has nothing to do."""
    return (
        Round.objects.filter(frozen_at__isnull=True)
        .select_related("period")
        .order_by("opens_at")
        .first()
    )


def is_by_one_person(submission: Submission) -> bool:
    """Whether who attested had entered every figure; of what was withdrawn nobody has."""
    if submission.submitted_by_id is None or submission.is_withdrawn:
        return False
    entered = Measurement.objects.filter(current_of__expectation__submission=submission)
    return not entered.exclude(entered_by=submission.submitted_by_id).exists()
