"""Cells and their immutable revisions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from indicators.enums import CellStatus
from indicators.labels import CELL_STATUSES
from submissions.enums import Entrance

from .submissions import Expectation


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
    ``is_flagged``: its unit wants to come back to it. A revision refers to the one before it, so
    that none can be deleted or forked.
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
    is_flagged = models.BooleanField(default=False)
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


def evidence_path(evidence: Evidence, _name: str) -> str:
    """Where a file is kept: under a name that nobody chose."""
    return f"evidence/{evidence.key.hex[:2]}/{evidence.key.hex}"


class Evidence(models.Model):
    """A file that supports a cell's figure; outside the web root. One taken away stays on record,
    without its content."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cell = models.ForeignKey(Cell, on_delete=models.PROTECT, related_name="evidence")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=evidence_path, max_length=200)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["cell", "added_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["cell", "sha256"],
                condition=Q(removed_at__isnull=True),
                name="evidence_once",
                violation_error_message=_("This file is already there."),
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="evidence_removed_paired",
            ),
        ]
        verbose_name = _("evidence file")
        verbose_name_plural = _("evidence files")

    def __str__(self) -> str:
        return self.name
