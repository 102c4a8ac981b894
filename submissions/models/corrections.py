"""Corrections asked for after validation."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organisations.models import Unit, User
from submissions.enums import CorrectionState, Entrance, State

from .cells import Cell, Measurement
from .submissions import Submission
from .waiting import left_before, passes_on

#: The reason kept with a request that is refused since the figure is no longer the one it replaces.
OUTDATED = "outdated"


def _paired(at: str, by: str) -> Q:
    return Q(**{f"{at}__isnull": True, f"{by}__isnull": True}) | Q(
        **{f"{at}__isnull": False, f"{by}__isnull": False}
    )


class CorrectionQuerySet(models.QuerySet["Correction"]):
    """A request is the corrections of one expectation, its total and options, asked together."""

    def visible_to(self, user: User) -> CorrectionQuerySet:
        submissions = Submission.objects.visible_to(user)
        return self.filter(cell__expectation__submission__in=submissions.values("pk"))

    def to_control_by(self, user: User, now: dt.datetime | None = None) -> CorrectionQuerySet:
        """The ones to decide that ``user`` decides on; see ``rules.may_decide``."""
        access = user.access
        reporter = "cell__expectation__submission__reporter"
        mine = Q(**{f"{reporter}__controlled_by__in": access.units("submissions.control")})
        if access.everywhere("submissions.control_all"):
            own = access.units("submissions.enter") | access.units("submissions.attest")
            gone = Unit.objects.succeeded_by(own).values("pk")
            mine |= Q(**{f"{reporter}__controlled_by__isnull": True})
            mine |= (
                Q(attested_at__lt=left_before(now))
                & ~Q(**{f"{reporter}__in": own})
                & ~Q(**{f"{reporter}__in": gone})
            )
        return self.to_decide().filter(mine)

    def to_decide(self) -> CorrectionQuerySet:
        """The attested ones of what is validated: none that a merger replaced, or sent back."""
        return self.filter(
            state=CorrectionState.ATTESTED, cell__expectation__submission__state=State.VALIDATED
        )

    def requests(self) -> CorrectionQuerySet:
        """One correction of each request: the first."""
        earlier = Correction.objects.filter(
            cell__expectation=OuterRef("cell__expectation"),
            proposed_at=OuterRef("proposed_at"),
            pk__lt=OuterRef("pk"),
        )
        return self.filter(~Exists(earlier))

    def asked_with(self, correction: Correction) -> CorrectionQuerySet:
        """The request that a correction is part of, its total first."""
        together = self.filter(
            cell__expectation=correction.cell.expectation_id, proposed_at=correction.proposed_at
        )
        return together.order_by("cell")


class Correction(models.Model):
    """A request to replace a validated figure, which stands until the new one is validated.

    ``content`` is the proposed content (``content.Content`` as JSON) and ``replaces`` the validated
    revision that it was asked against; ``revision`` is what it became when accepted. Who enters
    proposes, who attests sends (at once where it is the same person), who controls decides.
    Those of one expectation that were asked at the same moment are one request: they share
    state, version and reason, and are decided together. One withdrawn was "decided" by who took
    it back.
    """

    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="corrections")
    replaces = models.ForeignKey(Measurement, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    reason = models.TextField()
    entrance = models.CharField(max_length=5, choices=Entrance.choices)
    state = models.CharField(
        max_length=10, choices=CorrectionState.choices, default=CorrectionState.PROPOSED
    )
    version = models.PositiveIntegerField(default=0)
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    attested_at = models.DateTimeField(null=True, blank=True)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decision_reason = models.TextField(blank=True)
    revision = models.OneToOneField(
        Measurement, null=True, blank=True, on_delete=models.PROTECT, related_name="correction"
    )

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cell"],
                condition=Q(state__in=CorrectionState.open()),
                name="correction_one_open",
                violation_error_message=_("A correction of this figure is under way already."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
            models.CheckConstraint(
                condition=_paired("attested_at", "attested_by"), name="correction_attested_paired"
            ),
            models.CheckConstraint(
                condition=_paired("decided_at", "decided_by"), name="correction_decided_paired"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CorrectionState.ATTESTED, CorrectionState.ACCEPTED])
                | Q(attested_at__isnull=False),
                name="correction_sent_is_attested",
            ),
            models.CheckConstraint(
                condition=~Q(state=CorrectionState.REFUSED) | ~Q(decision_reason=""),
                name="correction_refused_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(state=CorrectionState.ACCEPTED, revision__isnull=False)
                | (~Q(state=CorrectionState.ACCEPTED) & Q(revision__isnull=True)),
                name="correction_accepted_has_revision",
            ),
        ]
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")

    def __str__(self) -> str:
        return f"{self.cell_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in CorrectionState.open()

    @property
    def passes_on(self) -> dt.date | None:
        """The day from which the secretariat decides on it where the controller has not."""
        if self.state != CorrectionState.ATTESTED or self.attested_at is None:
            return None
        return passes_on(self.attested_at)

    @property
    def is_outdated(self) -> bool:
        """Whether it was refused since its figure had changed."""
        return self.state == CorrectionState.REFUSED and self.decision_reason == OUTDATED
