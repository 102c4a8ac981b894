"""What was reported: rounds, who is expected to say what, submissions, cells and measurements."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.enums import CellStatus
from indicators.labels import CELL_STATUSES
from indicators.models import IndicatorVersion, Period
from organisations.models import Area, Unit, User

from .enums import Entrance, RoundState, State


class Round(models.Model):
    """The collection of one period's figures, for all definitions of the period's frequency.

    Moments: opens (included), due and locks at 23:59:59 in Brussels. ``frozen_at`` is when the
    expected set was frozen, which opens the round.
    """

    period = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="round")
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    locks_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["-period__last_day", "period__frequency"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_at__gt=F("opens_at")) & Q(locks_at__gte=F("due_at")),
                name="round_dates_ordered",
                violation_error_message=_("A round opens, then is due, then locks."),
            )
        ]
        verbose_name = _("round")
        verbose_name_plural = _("rounds")

    def __str__(self) -> str:
        return str(self.period)

    def state(self, now: dt.datetime | None = None) -> RoundState:
        """The round's state at ``now``; a round without its expected set is still planned."""
        now = now or timezone.now()
        if self.frozen_at is None or now < self.opens_at:
            return RoundState.PLANNED
        if now > self.locks_at:
            return RoundState.LOCKED
        return RoundState.LATE if now > self.due_at else RoundState.OPEN

    def accepts_figures(self, now: dt.datetime | None = None) -> bool:
        return self.state(now) in (RoundState.OPEN, RoundState.LATE)


class RoundSubject(models.Model):
    """A subject of a round with the areas and population it had when the round was frozen.

    One withdrawn gave way to its successor: what was said about it stays, and counts nowhere.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="subjects")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    province = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    arrondissement = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")
    population = models.PositiveIntegerField(null=True)
    population_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="round_subject_once")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.unit_id}"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user: User) -> SubmissionQuerySet:
        """The submissions of which ``user`` may see the figures before and after validation.

        A unit's own people see theirs and those of the units in whose place it came; who controls
        a unit sees it; the secretariat sees all.
        """
        access = user.access
        if access.everywhere("submissions.control_all"):
            return self
        own = access.units("submissions.view_unit")
        return self.filter(
            Q(reporter__in=own)
            | Q(reporter__in=Unit.objects.succeeded_by(own).values("pk"))
            | Q(reporter__controlled_by__in=access.units("submissions.control"))
        )

    def to_control_by(self, user: User) -> SubmissionQuerySet:
        """The submissions that ``user`` controls: of their arrondissement's zones, or the rest.

        The secretariat controls units that nobody else does.
        """
        access = user.access
        mine = Q(reporter__controlled_by__in=access.units("submissions.control"))
        if access.everywhere("submissions.control_all"):
            mine |= Q(reporter__controlled_by__isnull=True)
        return self.filter(mine)


class Submission(models.Model):
    """What a reporter hands in for a round. State changes are compare-and-set on ``version``."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="submissions")
    reporter = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.TODO)
    version = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    return_reason = models.TextField(blank=True)
    maintain_reason = models.TextField(blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["round", "reporter"]
        constraints = [
            models.UniqueConstraint(fields=["round", "reporter"], name="submission_once"),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="submission_submitted_paired",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="submission_decided_paired",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.SUBMITTED, State.VALIDATED])
                | Q(submitted_at__isnull=False),
                name="submission_state_submitted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.RETURNED, State.VALIDATED])
                | Q(decided_at__isnull=False),
                name="submission_state_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.RETURNED) | ~Q(return_reason=""),
                name="submission_returned_with_reason",
                violation_error_message=_("A return has a reason."),
            ),
        ]
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")

    def __str__(self) -> str:
        return f"{self.round_id} {self.reporter_id} {self.state}"

    @property
    def is_maintained(self) -> bool:
        """Whether the unit kept its figures against a return, with a reason."""
        return bool(self.maintain_reason)


class Transition(models.Model):
    """A step of a submission: who, when, from what to what, why. Never changed."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="transitions")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=10, choices=State.choices)
    after = models.CharField(max_length=10, choices=State.choices)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["submission", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.before} → {self.after}"


class ExpectationQuerySet(models.QuerySet["Expectation"]):
    def standing(self) -> ExpectationQuerySet:
        """Without those about a subject that was withdrawn from its round."""
        return self.filter(subject__withdrawn_at__isnull=True)


class Expectation(models.Model):
    """A subject that must be reported on in a round, by which definition and by whom."""

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="expectations"
    )
    subject = models.ForeignKey(RoundSubject, on_delete=models.PROTECT, related_name="expectations")
    version = models.ForeignKey(IndicatorVersion, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")

    objects = ExpectationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "version"], name="expectation_once")
        ]
        indexes = [models.Index(fields=["version", "period"])]
        verbose_name = _("expectation")
        verbose_name_plural = _("expectations")

    def __str__(self) -> str:
        return f"{self.subject_id} {self.version_id}"


class Cell(models.Model):
    """An expectation × breakdown option (empty: the total).

    ``current`` is the last thing said, ``validated`` the last that was validated. Writers compare
    and set ``version``.
    """

    expectation = models.ForeignKey(Expectation, on_delete=models.CASCADE, related_name="cells")
    option = models.CharField(max_length=30, blank=True)
    version = models.PositiveIntegerField(default=0)
    current = models.OneToOneField(
        "Measurement", null=True, on_delete=models.PROTECT, related_name="current_of"
    )
    validated = models.OneToOneField(
        "Measurement", null=True, on_delete=models.PROTECT, related_name="validated_of"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["expectation", "option"], name="cell_once"),
            models.CheckConstraint(
                condition=Q(validated__isnull=True) | Q(current__isnull=False),
                name="cell_validated_was_said",
            ),
        ]
        verbose_name = _("cell")
        verbose_name_plural = _("cells")

    def __str__(self) -> str:
        return f"{self.expectation_id} {self.option}"


class Measurement(models.Model):
    """An immutable revision of a cell. Parts are in units of 10^-decimals of the definition.

    numerator: a value, a count, a total, a level (scale), 1 or 0 (yes/no), steps done
    (milestones); denominator: the base of a ratio, the cases of a mean, steps planned.
    A revision refers to the one before it, so that none can be deleted or forked.
    """

    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="measurements")
    revision = models.PositiveIntegerField()
    previous = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="next"
    )
    status = models.CharField(max_length=15, choices=CELL_STATUSES)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    steps_done = models.JSONField(default=dict, blank=True)
    text = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    entrance = models.CharField(max_length=5, choices=Entrance.choices)

    class Meta:
        ordering = ["cell", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "revision"], name="measurement_revision_once"),
            models.CheckConstraint(
                condition=Q(revision=1, previous__isnull=True)
                | Q(revision__gt=1, previous__isnull=False),
                name="measurement_follows_previous",
            ),
            models.CheckConstraint(
                condition=Q(status=CellStatus.REPORTED)
                | Q(numerator__isnull=True, denominator__isnull=True, text=""),
                name="measurement_figure_only_if_reported",
            ),
            models.CheckConstraint(
                condition=~Q(status=CellStatus.REPORTED) | Q(numerator__isnull=False) | ~Q(text=""),
                name="measurement_reported_says_something",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[CellStatus.NOT_APPLICABLE, CellStatus.NOT_AVAILABLE])
                | ~Q(reason=""),
                name="measurement_absence_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in CellStatus]),
                name="measurement_status",
            ),
        ]
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")

    def __str__(self) -> str:
        return f"{self.cell_id} r{self.revision}"
