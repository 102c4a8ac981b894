"""Corrections asked for after validation."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from submissions.enums import CorrectionState, Entrance

from .cells import Cell, Measurement


def _paired(at: str, by: str) -> Q:
    return Q(**{f"{at}__isnull": True, f"{by}__isnull": True}) | Q(
        **{f"{at}__isnull": False, f"{by}__isnull": False}
    )


class Correction(models.Model):
    """A request to replace a validated figure, which stands until the new one is validated.

    ``content`` is the proposed content (``content.Content`` as JSON) and ``replaces`` the validated
    revision that it was asked against; ``revision`` is what it became when accepted. Who enters
    proposes, who attests sends (at once where it is the same person), who controls decides.
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
