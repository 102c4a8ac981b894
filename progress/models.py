"""What it adds up to: results of areas, recomputed and never edited, and where they come from."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from foundation import canonical
from foundation.fields import FractionField
from foundation.models import OutboxEntry, OutboxQuerySet
from indicators.calculation.judging import SHORT_OF_TARGET, Judgement
from indicators.calculation.paths import PLAN_END, Path
from indicators.calculation.values import Aggregate, Coverage, Definition
from indicators.enums import Status, Trend
from indicators.labels import STATUSES, TRENDS
from indicators.models import Indicator, IndicatorVersion, Period, TargetPath
from organisations.models import Area

from .enums import DataState


def _times(value: Fraction | None, share: Fraction | None) -> Fraction | None:
    return value if value is None or share is None else value * share


class Outcome(models.Model):
    """What is computed for an indicator in a period and an area (METHOD.md 2 to 5).

    Values are exact and in display units. ``value`` is the period's own; ``judged_value`` is what
    the path is held against (the rolling year of a flow, the latest value of a stock).
    Parts are sums in units of 10^-decimals.
    """

    period: Any
    path: Any
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
        abstract = True

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
    def aggregate(self) -> Aggregate:
        """The period's own figure as the calculation has it."""
        levels = tuple(self.distribution) if self.distribution else None
        return Aggregate(
            self.value, self.numerator, self.denominator, levels, self.median, self.coverage
        )

    @property
    def judged_aggregate(self) -> Aggregate:
        """What is held against the path."""
        return Aggregate(
            self.judged_value,
            self.judged_numerator,
            self.judged_denominator,
            None,
            None,
            self.judged_coverage,
        )

    @property
    def scaled_by(self) -> Fraction | None:
        """The share of the path that was asked of those who reported; None for the whole."""
        for asked in ("target", "baseline"):
            now, whole = getattr(self, asked), getattr(self.path, asked, None)
            if now is not None and whole and now != whole:
                return Fraction(now / whole)
        return None

    @property
    def judgement(self) -> Judgement:
        """The status with the numbers it rests on. Reads ``path`` where there is one."""
        return Judgement(
            status=Status(self.status),
            value=self.judged_value,
            baseline=self.baseline,
            required=self.required,
            target=self.target,
            band_low=_times(self.path.band_low, self.scaled_by) if self.path else None,
            band_high=_times(self.path.band_high, self.scaled_by) if self.path else None,
            ratio=self.ratio,
            delta=self.materiality,
            trend=Trend(self.trend) if self.trend else None,
            scaled_by=self.scaled_by,
            understated=self.is_understated,
            reached=self.reached or None,
            fell_short=self.period.last_day >= PLAN_END
            and self.target is not None
            and self.status in SHORT_OF_TARGET,
        )


class Result(Outcome):
    """The result of the latest validated figures.

    Replaced as a whole by a recomputation that finds anything else; ``changed_at`` says when that
    was.
    """

    # Without indexes of their own: others begin with them.
    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="results", db_index=False
    )
    version = models.ForeignKey(IndicatorVersion, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    path = models.ForeignKey(TargetPath, null=True, on_delete=models.PROTECT, related_name="+")

    #: What stands beside it is told of a frozen result only.
    state = DataState.PROVISIONAL
    revised: Result | None = None
    closing: Closing | None = None

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


class Sheet(models.Model):
    """The validated figures of an indicator in a period, for one option (empty: the total).

    A copy for quick reading, never the truth: recomputations keep it in step with the measurements.
    ``rows`` is the canonical text that ``progress.sheets`` describes and ``digest`` its SHA-256;
    ``in_review`` are the slugs of subjects of which something later waits for control. ``basis`` is
    the digest of what else the period's results were computed with: definition, paths, mergers.
    """

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="+", db_index=False
    )
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
    """A recomputation of everything, as far as it has come; counted in indicators.

    One that ``is_owed`` is done by the workers, piece by piece; otherwise by the process that
    started it, which may be killed: after ``SILENCE`` without a further indicator it has stopped.
    """

    #: The outbox topic of the pieces.
    TOPIC = "recomputation"
    #: An indicator takes seconds, a minute where there are millions of figures.
    SILENCE = dt.timedelta(minutes=10)

    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    is_owed = models.BooleanField(default=False)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    progressed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("recomputation")
        verbose_name_plural = _("recomputations")

    def __str__(self) -> str:
        return f"{self.started_at} {self.done}/{self.total}"

    @property
    def pieces(self) -> OutboxQuerySet:
        """What the outbox holds of it: an entry by indicator."""
        return OutboxEntry.objects.filter(topic=self.TOPIC, key__startswith=f"{self.pk}:")

    @property
    def stopped_at(self) -> dt.datetime | None:
        """When its process was last heard of, where that is too long ago."""
        is_silent = self.progressed_at < timezone.now() - self.SILENCE
        return self.progressed_at if is_silent and not (self.is_owed or self.ended_at) else None


class VerificationRun(models.Model):
    """A night's comparison of what is stored with the validated figures; one a night.

    ``total`` and ``done`` are indicators, and one for the snapshots. ``waiting`` differ where
    results were still owed.
    ``lines`` name what differs, at most 200, without values: who reads them sees no figures.
    """

    night = models.DateField(unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    compared = models.PositiveIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    lines = models.JSONField(default=list, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-night"]
        verbose_name = _("nightly verification")
        verbose_name_plural = _("nightly verifications")

    def __str__(self) -> str:
        return f"{self.night} {self.done}/{self.total}"


class ClosingQuerySet(models.QuerySet["Closing"]):
    def in_force(self) -> ClosingQuerySet:
        """Those that nobody has reopened."""
        return self.filter(reopened_at__isnull=True)


class Closing(models.Model):
    """A period whose results were frozen; reopened, it stays on the record (METHOD.md 8).

    ``mergers`` are those on record when it was closed: [day, predecessor, successor] by slug.
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="closings")
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    mergers = models.JSONField(default=list)
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reopening_reason = models.TextField(blank=True)

    objects = ClosingQuerySet.as_manager()

    class Meta:
        ordering = ["-period__last_day", "-closed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(reopened_at__isnull=True),
                name="closing_in_force_once",
                violation_error_message=_("This period is closed already."),
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopening_reason="")
                | (
                    Q(reopened_at__isnull=False, reopened_by__isnull=False)
                    & ~Q(reopening_reason="")
                ),
                name="closing_reopened_with_reason",
            ),
        ]
        verbose_name = _("closing")
        verbose_name_plural = _("closings")

    def __str__(self) -> str:
        return str(self.period)


class FrozenSheet(models.Model):
    """The figures of an indicator in a period that a closing rests on, as ``Sheet.rows`` had them.

    Kept once under the SHA-256 of their text. Rows are never changed.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    rows = models.TextField()

    class Meta:
        verbose_name = _("frozen figures")
        verbose_name_plural = _("frozen figures")

    def __str__(self) -> str:
        return self.digest


class FrozenBasis(models.Model):
    """What the frozen results of an indicator's total, or of an option, rest on.

    ``definition`` is the definition's values with its number; ``paths`` the path by area code;
    ``inputs`` the figures read, a period each, oldest first: its code, the digest of its
    FrozenSheet, and its definition and paths where others applied. The closed period's own has
    ``all_earlier`` where every earlier period of the total is there and not only those of a year,
    which is what the first closings kept. Rows are never changed.
    """

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="bases")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    option = models.CharField(max_length=30, blank=True)
    definition = models.JSONField()
    paths = models.JSONField(default=dict)
    inputs = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "indicator", "option"], name="frozen_basis_once"
            )
        ]
        verbose_name = _("basis of frozen results")
        verbose_name_plural = _("bases of frozen results")

    def __str__(self) -> str:
        return f"{self.closing_id} {self.indicator_id} {self.option}"


#: What a version and its definition have in common.
_CALCULATED = [
    each
    for each in dataclasses.fields(Definition)
    if each.name in {known.name for known in IndicatorVersion._meta.concrete_fields}
]


class FrozenResultQuerySet(models.QuerySet["FrozenResult"]):
    def in_force(self) -> FrozenResultQuerySet:
        """Those of the periods that are closed now."""
        return self.filter(closing__reopened_at__isnull=True)


class FrozenResult(Outcome):
    """A result as it was when its period was closed. Rows are never changed.

    What may be cleared or replaced later is named by its number alone: the definition and the path
    that counted are copied in ``basis``.
    """

    closing = models.ForeignKey(Closing, on_delete=models.PROTECT, related_name="results")
    basis = models.ForeignKey(FrozenBasis, on_delete=models.PROTECT, related_name="+")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    version = models.ForeignKey(
        IndicatorVersion, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    path_id = models.BigIntegerField(null=True)

    #: The result of the latest figures, where it rests on others than those frozen.
    revised: Result | None = None

    objects = FrozenResultQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "period", "area", "option"]
        constraints = [
            models.UniqueConstraint(
                fields=["closing", "indicator", "area", "option"], name="frozen_result_once"
            )
        ]
        indexes = [models.Index(fields=["period", "area"])]
        verbose_name = _("frozen result")
        verbose_name_plural = _("frozen results")

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_id} {self.area_id}"

    @property
    def state(self) -> DataState:
        """Final, or revised where ``revised`` stands beside it."""
        return DataState.FINAL if self.revised is None else DataState.REVISED

    @cached_property
    def definition(self) -> Definition:
        """The definition as it was. Reads ``basis``."""
        return canonical.built(self.basis.definition, Definition)

    def version_among(self, known: Mapping[int, IndicatorVersion]) -> IndicatorVersion:
        """Its version, of those of the indicator.

        One that was cleared since is as it was kept, in the words of the latest that is left; from
        when it held nobody knows. Reads ``basis``.
        """
        if self.version_id in known:
            return known[self.version_id]
        version = copy.copy(max(known.values(), key=lambda each: each.number))
        kept = {each.name: getattr(self.definition, each.name) for each in _CALCULATED}
        number = self.basis.definition["number"]
        vars(version).update(kept, id=self.version_id, number=number, valid_from=None)
        return version

    @cached_property
    def path(self) -> Path | None:
        """The path as it was. Reads ``basis`` and ``area``."""
        kept = self.basis.paths.get(self.area.code)
        return None if kept is None else canonical.built(kept, Path)


#: A result as a page shows it.
Shown = Result | FrozenResult


class SnapshotContent(models.Model):
    """Something that a page shows, as canonical text, compressed; kept once under its SHA-256.

    Rows are never changed.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    body = models.BinaryField()

    class Meta:
        verbose_name = _("content of snapshots")
        verbose_name_plural = _("contents of snapshots")

    def __str__(self) -> str:
        return self.digest


class Snapshot(models.Model):
    """All that the pages of progress showed of a period at one moment. Rows are never changed.

    ``contents`` are digests by what they are: "overview", "indicator/<code>", "units/<code>".
    """

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    closing = models.OneToOneField(
        Closing, null=True, on_delete=models.PROTECT, related_name="snapshot"
    )
    contents = models.JSONField()

    class Meta:
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="snapshot_has_a_reason")
        ]
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")

    def __str__(self) -> str:
        return f"{self.period} {self.taken_at}"

    @property
    def token(self) -> str:
        """What an address says instead of the period alone."""
        return f"{self.period.code}@{self.pk}"
