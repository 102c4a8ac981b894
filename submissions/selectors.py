"""What the pages read, in a number of queries that does not depend on the number of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from indicators import periods
from indicators.enums import CellStatus
from indicators.models import Indicator, IndicatorVersion
from organisations.enums import Role
from organisations.models import Membership, Unit, User

from . import wording
from .content import Content
from .enums import State
from .figures import Block, Figure
from .models import (
    Cell,
    Expectation,
    Measurement,
    Round,
    Submission,
    SubmissionQuerySet,
    Transition,
)

# --- The figures of a submission --------------------------------------------------------------


def blocks_of(submission: Submission) -> list[Block]:
    """All figures of a submission in the plan's order: theme, objective, indicator, subject.

    One that was replaced stays readable; elsewhere, what is about a withdrawn subject is left out.
    """
    expectations = Expectation.objects.filter(submission=submission)
    if submission.state != State.REPLACED:
        expectations = expectations.standing()
    cells = (
        Cell.objects.filter(expectation__in=expectations)
        .select_related("current__entered_by", "expectation__subject__unit")
        .order_by("expectation__subject__unit__slug", "pk")
    )
    versions = definitions({cell.expectation.version_id for cell in cells})
    figures = [_figure(cell, versions, submission.reporter_id) for cell in cells]
    figures.sort(key=lambda figure: _place(figure.version))
    return [
        Block(versions[pk], list(group))
        for pk, group in groupby(figures, key=lambda figure: figure.version.pk)
    ]


def definitions(ids: set[int]) -> dict[int, IndicatorVersion]:
    """The versions with all that a form needs of them, by id."""
    found = (
        IndicatorVersion.objects.filter(pk__in=ids)
        .select_related(*(f"indicator__{name}" for name in Indicator.RELATED))
        .prefetch_related("options", "levels", "steps", "not_applicable_reasons")
    )
    return {version.pk: version for version in found}


def _figure(cell: Cell, versions: Mapping[int, IndicatorVersion], reporter_id: int) -> Figure:
    version = versions[cell.expectation.version_id]
    option = next((each for each in version.options.all() if each.code == cell.option), None)
    subject = cell.expectation.subject.unit
    content = Content.of(cell.current)
    return Figure(cell, version, subject, option, content, subject.pk == reporter_id)


def _place(version: IndicatorVersion) -> tuple[int, int]:
    return (version.indicator.position, version.pk)


# --- What was said before ---------------------------------------------------------------------

Series = tuple[int, int, str]
"""Indicator, subject and option: what is followed from period to period."""


@dataclass(frozen=True, slots=True)
class PastShape:
    kind: str
    decimals: int
    display_decimals: int
    scale: int


def series_of(figure: Figure) -> Series:
    return (figure.version.indicator_id, figure.subject.pk, figure.cell.option)


def past_texts(blocks: Sequence[Block], codes: Sequence[str]) -> dict[Series, dict[str, str]]:
    """Per series and period code, the validated figure, or the last one said, as a short text.

    One query.
    """
    said = Q(validated_of__isnull=False) | Q(
        current_of__isnull=False, current_of__validated__isnull=True
    )
    subjects = {figure.subject.pk for block in blocks for figure in block.figures}
    cells = Cell.objects.filter(
        expectation__period__code__in=codes,
        expectation__version__indicator__in=[block.version.indicator_id for block in blocks],
        expectation__subject__unit__in=subjects,
    )
    rows = (
        Measurement.objects.filter(said, cell__in=cells)
        .annotate(
            indicator=F("cell__expectation__version__indicator_id"),
            unit=F("cell__expectation__subject__unit_id"),
            option=F("cell__option"),
            code=F("cell__expectation__period__code"),
            kind=F("cell__expectation__version__kind"),
            decimals=F("cell__expectation__version__decimals"),
            display_decimals=F("cell__expectation__version__display_decimals"),
            scale=F("cell__expectation__version__scale"),
        )
        .values()
    )
    past: dict[Series, dict[str, str]] = {}
    for row in rows:
        shape = PastShape(row["kind"], row["decimals"], row["display_decimals"], row["scale"])
        parts = (row["numerator"], row["denominator"])
        content = Content(CellStatus(row["status"]), *parts, text=row["text"])
        series = (row["indicator"], row["unit"], row["option"])
        past.setdefault(series, {})[row["code"]] = wording.short_text(shape, content)
    return past


def predecessors_texts(
    blocks: Sequence[Block], round: Round
) -> dict[Series, list[tuple[str, str]]]:
    """Per series, what each zone that gave way to the subject had said in the same round.

    A unit and a short text. Withdrawn figures count nowhere; the successor starts from them. One
    query.
    """
    subjects = {figure.subject.pk for block in blocks for figure in block.figures}
    unit = "cell__expectation__subject__unit"
    said = (
        Measurement.objects.filter(
            current_of__isnull=False,
            cell__expectation__subject__round=round,
            cell__expectation__subject__withdrawn_at__isnull=False,
            **{f"{unit}__successions__successor__in": subjects},
        )
        .annotate(successor=F(f"{unit}__successions__successor"))
        .select_related(unit, "cell__expectation__version")
        .order_by(f"{unit}__slug")
    )
    found: dict[Series, list[tuple[str, str]]] = {}
    for row in said:
        expectation = row.cell.expectation
        series = (expectation.version.indicator_id, row.successor, row.cell.option)
        text = wording.short_text(expectation.version, Content.of(row))
        found.setdefault(series, []).append((expectation.subject.unit.label, text))
    return found


def compared_codes(code: str) -> list[str]:
    """The periods shown beside a figure: back to the same one a year earlier, latest first."""
    count = max(1, 12 // periods.MONTHS[periods.frequency_of(code)])
    return periods.previous(code, min(count, 4))


# --- Lists ------------------------------------------------------------------------------------

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


# --- History ----------------------------------------------------------------------------------


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
        cell__expectation__submission=submission, entered_at__gt=Subquery(step)
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


# --- What is settled --------------------------------------------------------------------------


def asked_until(indicator_id: int) -> dt.date | None:
    """The last day of the last period for which an open or former round asks an indicator."""
    asked = Expectation.objects.filter(version__indicator=indicator_id)
    day: dt.date | None = asked.aggregate(last=Max("period__last_day"))["last"]
    return day
