"""The plan itself. Its conditions, commitments and amending acts follow."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Plan(models.Model):
    """A National Security Plan; ``title`` is its official title."""

    code = models.SlugField(max_length=20, unique=True)
    ordinal = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gt=F("first_day")), name="plan_days_ordered"
            )
        ]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")

    def __str__(self) -> str:
        return f"{self.code.upper()} « {self.title} »"
