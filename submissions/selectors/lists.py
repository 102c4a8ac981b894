"""Lists of submissions: work, queue, and what is next."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from indicators.enums import CellStatus
from organisations.enums import Role
from organisations.models import Membership, Unit, User
from submissions.enums import State
from submissions.models import Measurement, Round, Submission, SubmissionQuerySet
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
    """Adds ``remarks``: figures out of bounds or commented, and ``by_one_person``.

    The latter says that whoever attested had entered every figure.
    """
    current = "expectations__cells__current__"
    version = "expectations__version__"
    outside = Q(**{f"{current}numerator__lt": F(f"{version}lower_bound")}) | Q(
        **{f"{current}numerator__gt": F(f"{version}upper_bound")}
    )
    commented = Q(**{f"{_IN_EXPECTATIONS}__current__isnull": False}) & ~Q(
        **{f"{current}comment": ""}
    )
    by_others = Measurement.objects.filter(
        current_of__expectation__submission=OuterRef("pk")
    ).exclude(entered_by=OuterRef("submitted_by"))
    return submissions.annotate(
        remarks=Count(_IN_EXPECTATIONS, filter=outside | commented),
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
    rows = mine.select_related("round__period", "reporter").prefetch_related("extensions")
    return with_progress(rows).order_by(
        "-round__period__last_day", "round__period__frequency", "reporter__slug"
    )


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
    """The submissions under a filter. What a locked round lacks is expected no more."""
    if code == "expected":
        editable = submissions.filter(state__in=[State.TODO, State.DRAFT])
        return editable.filter(round__locks_at__gte=timezone.now())
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
    """With what a controller looks at: progress, remarks, and ``changed`` since a return."""
    since = Measurement.objects.filter(
        current_of__expectation__submission=OuterRef("pk"),
        entered_at__gt=OuterRef("decided_at"),
    ).order_by()
    count = since.annotate(none=Value(1)).values("none").annotate(n=Count("pk")).values("n")
    rows = (
        submissions.filter(pk__in=found.values("pk"))
        .select_related("round__period", "reporter__controlled_by", "submitted_by", "decided_by")
        .prefetch_related("extensions")
    )
    return with_remarks(with_progress(rows)).annotate(
        changed=Coalesce(Subquery(count, output_field=IntegerField()), 0)
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
