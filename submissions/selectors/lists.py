"""Lists of submissions: work, queue, and what is next."""

from __future__ import annotations

from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from indicators.enums import CellStatus
from organisations.enums import Role
from organisations.models import Membership, Unit, User
from submissions.enums import State
from submissions.models import Measurement, Round, Submission, SubmissionQuerySet

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


def work_of(user: User) -> SubmissionQuerySet:
    """The submissions of the units for which ``user`` enters, last period first.

    Those of the units in whose place these came are among them: they may still owe a period.
    """
    units = user.access.units("submissions.enter")
    mine = Submission.objects.filter(
        Q(reporter__in=units) | Q(reporter__in=Unit.objects.succeeded_by(units).values("pk")),
        round__frozen_at__isnull=False,
    )
    return with_progress(mine.select_related("round__period", "reporter")).order_by(
        "-round__period__last_day", "round__period__frequency", "reporter__slug"
    )


def queue_of(user: User, *, everything: bool = False) -> SubmissionQuerySet:
    """What ``user`` controls; with ``everything``, all that they may see."""
    submissions = Submission.objects.filter(round__frozen_at__isnull=False)
    return submissions.visible_to(user) if everything else submissions.to_control_by(user)


#: The filters of the queue, by their code in its address.
QUEUE_FILTERS = ("to-control", "remarks", "returned", "expected", "validated")


def in_queue(submissions: SubmissionQuerySet, code: str) -> SubmissionQuerySet:
    """The submissions under a filter. What a locked round lacks is expected no more."""
    if code == "expected":
        editable = submissions.filter(state__in=[State.TODO, State.DRAFT])
        return editable.filter(round__locks_at__gte=timezone.now())
    if code == "remarks":
        return with_remarks(submissions.filter(state=State.SUBMITTED)).filter(Q(remarks__gt=0))
    states = {"to-control": State.SUBMITTED, "returned": State.RETURNED}
    return submissions.filter(state=states.get(code, State.VALIDATED))


def queue_counts(submissions: SubmissionQuerySet) -> dict[str, int]:
    """How many submissions each filter holds; a query per filter."""
    return {code: in_queue(submissions, code).count() for code in QUEUE_FILTERS}


def queue_rows(submissions: SubmissionQuerySet, code: str) -> SubmissionQuerySet:
    """The queue's rows under a filter, the longest waiting first."""
    found = in_queue(submissions, code).values("pk")
    rows = submissions.filter(pk__in=found).select_related(
        "round__period", "reporter", "submitted_by"
    )
    return with_remarks(with_progress(rows)).order_by(
        F("submitted_at").asc(nulls_last=True), "round__due_at", "reporter__slug"
    )


def next_round() -> Round | None:
    """The next planned round, for who has nothing to do."""
    return (
        Round.objects.filter(frozen_at__isnull=True)
        .select_related("period")
        .order_by("opens_at")
        .first()
    )


def approvers_of(unit: Unit) -> list[str]:
    """The names of who may attest for a unit today."""
    held = Membership.objects.in_force().filter(unit=unit, role=Role.APPROVER)
    return list(held.order_by("user__name").values_list("user__name", flat=True).distinct())


def is_by_one_person(submission: Submission) -> bool:
    """Whether who attested had entered every figure."""
    if submission.submitted_by_id is None:
        return False
    entered = Measurement.objects.filter(current_of__expectation__submission=submission)
    return not entered.exclude(entered_by=submission.submitted_by_id).exists()
