"""What it adds up to: results of areas, recomputed and never edited, and what they are read from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.fields import FractionField
from indicators.calculation.judging import SHORT_OF_TARGET, Judgement
from indicators.calculation.paths import PLAN_END
from indicators.calculation.values import Coverage
from indicators.enums import Status, Trend
from indicators.labels import STATUSES, TRENDS
from indicators.models import Indicator, IndicatorVersion, Period, TargetPath
from organisations.models import Area


class Result(models.Model):
    """An indicator in a period and an area, over the validated cells (METHOD.md 2 to 5).

    Values are exact and in display units. ``value`` is the period's own; ``judged_value`` is what
    the path is held against (the rolling year of a flow, the latest value of a stock).
    Parts are sums in units of 10^-decimals. Replaced as a whole by a recomputation that finds
    anything else; ``changed_at`` says when that was.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="results")
    version = models.ForeignKey(IndicatorVersion, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    option = models.CharField(max_length=30, blank=True)

    value = FractionField(null=True)
    numerator = models.BigIntegerField(null=True)
    denominator = models.BigIntegerField(null=True)
    distribution = models.JSONField(null=True)
    median = models.PositiveSmallIntegerField(null=True)

    expected = models.PositiveIntegerField()
    reported = models.PositiveIntegerField()
    not_applicable = models.PositiveIntegerField()
    not_available = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()
    in_review = models.PositiveIntegerField()
    population_expected = models.PositiveBigIntegerField(null=True)
    population_reported = models.PositiveBigIntegerField(null=True)

    judged_value = FractionField(null=True)
    judged_numerator = models.BigIntegerField(null=True)
    judged_denominator = models.BigIntegerField(null=True)
    judged_reported = models.PositiveIntegerField(null=True)
    judged_not_applicable = models.PositiveIntegerField(null=True)
    judged_population_expected = models.PositiveBigIntegerField(null=True)
    judged_population_reported = models.PositiveBigIntegerField(null=True)
    window_periods = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=25, choices=STATUSES)
    trend = models.CharField(max_length=20, choices=TRENDS, blank=True)
    path = models.ForeignKey(TargetPath, null=True, on_delete=models.PROTECT, related_name="+")
    baseline = FractionField(null=True)
    required = FractionField(null=True)
    target = FractionField(null=True)
    ratio = FractionField(null=True)
    materiality = FractionField(null=True)
    is_understated = models.BooleanField(default=False)
    reached = models.CharField(max_length=7, blank=True)

    method_version = models.CharField(max_length=10)
    fingerprint = models.CharField(max_length=64)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["indicator", "period", "area", "option"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "period", "area", "option"], name="result_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in Status]), name="result_status"
            ),
        ]
        indexes = [
            models.Index(fields=["period", "area"]),
            models.Index(
                fields=["indicator", "area"],
                condition=Q(status=Status.ACHIEVED.value),
                name="result_achieved",
            ),
        ]
        verbose_name = _("result")
        verbose_name_plural = _("results")

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_id} {self.area_id}"

    @property
    def coverage(self) -> Coverage:
        """Who was expected in the period and who reported."""
        return Coverage(
            expected=self.expected,
            not_applicable=self.not_applicable,
            reported=self.reported,
            not_available=self.not_available,
            missing=self.missing,
            population_expected=self.population_expected,
            population_reported=self.population_reported,
        )

    @property
    def judged_coverage(self) -> Coverage:
        """Coverage of the judged value; why a subject is not in it is not kept."""
        return Coverage(
            expected=self.expected,
            not_applicable=self.judged_not_applicable or 0,
            reported=self.judged_reported or 0,
            population_expected=self.judged_population_expected,
            population_reported=self.judged_population_reported,
        )

    @property
    def judgement(self) -> Judgement:
        """The status with the numbers it rests on. Reads ``path`` where there is one."""
        return Judgement(
            status=Status(self.status),
            value=self.judged_value,
            baseline=self.baseline,
            required=self.required,
            target=self.target,
            band_low=self.path.band_low if self.path else None,
            band_high=self.path.band_high if self.path else None,
            ratio=self.ratio,
            delta=self.materiality,
            trend=Trend(self.trend) if self.trend else None,
            understated=self.is_understated,
            reached=self.reached or None,
            fell_short=self.period.last_day >= PLAN_END
            and self.target is not None
            and self.status in SHORT_OF_TARGET,
        )


class Sheet(models.Model):
    """The validated figures of an indicator in a period, for one option (empty: the total).

    A copy for quick reading, never the truth: recomputations keep it in step with the measurements.
    ``rows`` is the canonical text that ``progress.sheets`` describes and ``digest`` its SHA-256;
    ``in_review`` are the slugs of subjects of which something later waits for control. ``basis`` is
    the digest of what else the period's results were computed with: definition, paths, mergers.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    option = models.CharField(max_length=30, blank=True)
    version = models.ForeignKey(IndicatorVersion, on_delete=models.PROTECT, related_name="+")
    rows = models.TextField()
    in_review = models.JSONField(default=list, blank=True)
    digest = models.CharField(max_length=64)
    basis = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["indicator", "period", "option"], name="sheet_once")
        ]
        verbose_name = _("sheet of figures")
        verbose_name_plural = _("sheets of figures")

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_id} {self.option}"


class Recomputation(models.Model):
    """A recomputation of everything, as far as it has come; counted in indicators."""

    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("recomputation")
        verbose_name_plural = _("recomputations")

    def __str__(self) -> str:
        return f"{self.started_at} {self.done}/{self.total}"
