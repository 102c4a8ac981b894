"""Checks as data, and what peers reported when a round locked."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.fields import FractionField
from indicators.models import Indicator, IndicatorVersion, Period
from submissions.enums import CheckKind, Part, PeerGroup, Severity


class Check(models.Model):
    """A rule that figures are held against at every entrance.

    Without ``indicator`` it holds for all that its kind makes sense for. A blocking check stops the
    attestation, never the draft; a warning wants a comment.

    ``threshold``: of a history check the modified z-score, of last year's the change as a share of
    last year's value, of a unit mistake the widest distance from the power of ten as a share of it;
    other kinds have none. ``floor``: below this value, in display units, changes are not looked at.
    A cross-field rule asks ``part`` of ``indicator`` to be at most ``other_part`` of ``other``.
    """

    code = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=CheckKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.CASCADE, related_name="checks"
    )
    part = models.CharField(max_length=12, choices=Part.choices, default=Part.NUMERATOR)
    other = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    other_part = models.CharField(max_length=12, choices=Part.choices, default=Part.NUMERATOR)
    threshold = FractionField(null=True, blank=True)
    floor = FractionField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CheckKind.CROSS, indicator__isnull=False, other__isnull=False)
                | (~Q(kind=CheckKind.CROSS) & Q(other__isnull=True)),
                name="check_cross_names_both",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[CheckKind.BOUNDS, CheckKind.BREAKDOWN, CheckKind.CROSS],
                    threshold__isnull=True,
                )
                | Q(
                    kind__in=[CheckKind.HISTORY, CheckKind.LAST_YEAR, CheckKind.FACTOR],
                    threshold__isnull=False,
                ),
                name="check_threshold_where_needed",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="check_severity"
            ),
        ]
        verbose_name = _("check")
        verbose_name_plural = _("checks")

    def __str__(self) -> str:
        return self.code


class PeerValues(models.Model):
    """What the units of a group reported for a definition in a locked round (METHOD.md 10).

    ``place`` is the code of the group's area, the number of its population class, or empty for the
    nation. ``values``: [unit id, numerator, denominator] of each exact value in display units,
    smallest first; whoever reads leaves their own unit out. Restricted indicators have none.
    """

    period = models.ForeignKey(Period, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(IndicatorVersion, on_delete=models.CASCADE, related_name="+")
    option = models.CharField(max_length=30, blank=True)
    group = models.CharField(max_length=10, choices=PeerGroup.choices)
    place = models.CharField(max_length=40, blank=True)
    values = models.JSONField(default=list)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["period", "version", "option", "group", "place"], name="peer_values_once"
            ),
            models.CheckConstraint(
                condition=Q(group=PeerGroup.NATION, place="")
                | (Q(group__in=[PeerGroup.PROVINCE, PeerGroup.CLASS]) & ~Q(place="")),
                name="peer_values_placed",
            ),
        ]
        verbose_name = _("values of peers")
        verbose_name_plural = _("values of peers")

    def __str__(self) -> str:
        return f"{self.period_id} {self.version_id} {self.group}"
