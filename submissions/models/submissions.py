"""What a reporter hands in for a round, step by step, and what it must say."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.models import IndicatorVersion, Period
from organisations.models import Unit, User
from submissions.enums import State

from .rounds import Round, RoundSubject
from .waiting import is_left, left_before, passes_on


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def taking_figures(self, now: dt.datetime) -> SubmissionQuerySet:
        """Those that ``accepts_figures`` says yes of: the round is open, or an extension is."""
        extended = Extension.objects.in_force(now).filter(submission=OuterRef("pk"))
        is_open = Q(round__opens_at__lte=now, round__locks_at__gte=now)
        return self.filter(is_open | Exists(extended), round__frozen_at__isnull=False)

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

        The secretariat controls units that nobody else does, and what their controller left.
        """
        access = user.access
        mine = Q(reporter__controlled_by__in=access.units("submissions.control"))
        if access.everywhere("submissions.control_all"):
            mine |= Q(reporter__controlled_by__isnull=True)
            mine |= Q(pk__in=self.model.objects.left_to(user).values("pk"))
        return self.filter(mine)

    def left_to(self, user: User, now: dt.datetime | None = None) -> SubmissionQuerySet:
        """Those that their controller left for so long that the secretariat controls them, too.

        Never those of a unit for which ``user`` enters or attests.
        """
        if not user.access.everywhere("submissions.control_all"):
            return self.none()
        own = user.access.units("submissions.enter") | user.access.units("submissions.attest")
        left = self.filter(
            state=State.SUBMITTED,
            submitted_at__lt=left_before(now),
            reporter__controlled_by__isnull=False,
        )
        if not own:
            return left
        gone = Unit.objects.succeeded_by(own).values("pk")
        return left.exclude(Q(reporter__in=own) | Q(reporter__in=gone))


class Submission(models.Model):
    """What a reporter hands in for a round. State changes are compare-and-set on ``version``."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="submissions")
    reporter = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.TODO)
    version = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
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
                condition=Q(begun_at__isnull=True, begun_by__isnull=True)
                | Q(begun_at__isnull=False, begun_by__isnull=False),
                name="submission_begun_paired",
            ),
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

    def accepts_figures(self, now: dt.datetime | None = None) -> bool:
        """Whether its round takes figures at ``now``, or an extension of its own does. One query
        after the lock, unless extensions are prefetched."""
        now = now or timezone.now()
        if self.round.accepts_figures(now):
            return True
        return self.round.frozen_at is not None and self.extension(now) is not None

    def extension(self, now: dt.datetime) -> Extension | None:
        """The extension in force at ``now`` that lasts longest; None where there is none."""
        found = [each for each in self.extensions.all() if each.is_in_force(now)]
        return max(found, key=lambda each: each.until, default=None)

    def extended_until(self, now: dt.datetime) -> dt.datetime | None:
        """The end of the extension in force at ``now``; None where there is none."""
        given = self.extension(now)
        return given.until if given else None

    def takes_figures_until(self, now: dt.datetime) -> dt.datetime:
        """When its time ends: at the lock, or with an extension in force at ``now``."""
        return max(self.round.locks_at, self.extended_until(now) or self.round.locks_at)

    @property
    def is_under_return(self) -> bool:
        """Whether its unit has yet to answer a return; withdrawing the answer reopens it."""
        return self.state == State.RETURNED or (
            self.state == State.DRAFT and bool(self.return_reason)
        )

    @property
    def is_withdrawn(self) -> bool:
        """Whether its unit has taken back what it had attested, and not sent it again."""
        return self.state == State.DRAFT and self.submitted_at is not None

    @property
    def passes_on(self) -> dt.date | None:
        """The day from which the secretariat controls it where its controller has not."""
        if self.state != State.SUBMITTED or self.submitted_at is None:
            return None
        return passes_on(self.submitted_at)

    def is_left(self, now: dt.datetime | None = None) -> bool:
        """Whether its controller has left it for so long that the secretariat controls it, too."""
        return self.state == State.SUBMITTED and is_left(self.submitted_at, now)

    @property
    def is_maintained(self) -> bool:
        """Whether the unit kept its figures against a return, with a reason."""
        return bool(self.maintain_reason)


class ExtensionQuerySet(models.QuerySet["Extension"]):
    def in_force(self, now: dt.datetime) -> ExtensionQuerySet:
        """Those that give time at ``now``."""
        return self.filter(ended_at__isnull=True, granted_at__lte=now, until__gte=now)


class Extension(models.Model):
    """More time for one unit in one round, until a moment, with a reason. Never for a round."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="extensions")
    until = models.DateTimeField()
    reason = models.TextField()
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        ordering = ["submission", "granted_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="extension_has_a_reason",
                violation_error_message=_("An extension has a reason."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("granted_at")), name="extension_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="extension_ended_paired",
            ),
        ]
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")

    def __str__(self) -> str:
        return f"{self.submission_id} until {self.until}"

    def is_in_force(self, now: dt.datetime) -> bool:
        return self.ended_at is None and self.granted_at <= now <= self.until


class Transition(models.Model):
    """A step of a submission: who, when, from what to what, why. Never changed.

    The first save is none: it stands with the submission, as ``begun_at`` and ``begun_by``.
    """

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
