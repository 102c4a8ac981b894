"""What a unit asks for around a round: more time, and its deadlines in a calendar."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .submissions import Extension, Submission


class ExtensionRequest(models.Model):
    """A unit asks for more time, and why. Granted by an extension, or refused with a reason."""

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="extension_requests"
    )
    reason = models.TextField()
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    extension = models.OneToOneField(
        Extension, null=True, blank=True, on_delete=models.CASCADE, related_name="request"
    )
    refusal = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(answered_at__isnull=True),
                name="extension_request_one_open",
                violation_error_message=_("More time is asked for already."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_request_has_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    answered_at__isnull=True,
                    answered_by__isnull=True,
                    extension__isnull=True,
                    refusal="",
                )
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & (
                        Q(extension__isnull=False, refusal="")
                        | (Q(extension__isnull=True) & ~Q(refusal=""))
                    )
                ),
                name="extension_request_answer_whole",
            ),
        ]
        verbose_name = _("request for more time")
        verbose_name_plural = _("requests for more time")

    def __str__(self) -> str:
        return f"{self.submission_id} {self.asked_at}"


class CalendarFeed(models.Model):
    """That somebody reads their deadlines in a calendar program, at which of their addresses.

    The address carries ``number``, signed; a new one revokes those before. No secret is kept.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    number = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now)
    is_on = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return f"{self.user_id} {self.number}"
