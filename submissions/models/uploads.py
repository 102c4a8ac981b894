"""Files of figures, from their reception to the figures they became."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.uploads import Limits
from indicators.models import IndicatorVersion
from organisations.enums import Language
from submissions.enums import UploadState

from .submissions import Submission

#: What a file of figures may hold.
LIMITS = Limits(rows=5_000, columns=100, size=5_000_000, unpacked=50_000_000)


def upload_path(upload: Upload, _name: str) -> str:
    return f"uploads/{upload.key.hex[:2]}/{upload.key.hex}"


def marked_path(upload: Upload, _name: str) -> str:
    return f"uploads/{upload.key.hex[:2]}/{upload.key.hex}-marked"


class Upload(models.Model):
    """A file of figures for a submission: all of them, or one definition's over all subjects.

    It is read in the background (``done`` of ``total`` rows), then either refused, with ``faults``
    by sheet, row and column and the file marked, or ready with the ``changes`` that it would make,
    which are applied all or not at all.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="uploads")
    version = models.ForeignKey(
        IndicatorVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=upload_path, max_length=200)
    marked = models.FileField(upload_to=marked_path, max_length=200, blank=True)
    language = models.CharField(max_length=2, choices=Language.interface())
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    changes = models.JSONField(default=list)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="upload_done_within_total"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=UploadState.APPLIED, applied_at__isnull=False, applied_by__isnull=False
                )
                | (
                    ~Q(state=UploadState.APPLIED)
                    & Q(applied_at__isnull=True, applied_by__isnull=True)
                ),
                name="upload_applied_paired",
            ),
        ]
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")

    def __str__(self) -> str:
        return self.name
