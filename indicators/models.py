"""How progress is measured: indicators, their definitions and paths, periods, past figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.fields import FractionField
from organisations.models import Area, Unit, User
from plans.models import Amendment, Commitment, Condition
from themes.models import Objective, ThemePoint

from .calculation.paths import PLAN_START
from .enums import Direction, Frequency, Kind, Nature, Temporal
from .labels import (
    DIRECTIONS,
    FREQUENCIES,
    KINDS,
    NATURES,
    TEMPORALS,
    Addressed,
    DatingBasis,
    Qualifier,
)


def four_fifths() -> Fraction:
    """The minimum coverage unless a definition says otherwise (METHOD.md 3)."""
    return Fraction(4, 5)


def _exactly_one(*names: str) -> Q:
    """One of the references is set and no other."""
    condition = Q()
    for chosen in names:
        condition |= Q(**{f"{name}__isnull": name != chosen for name in names})
    return condition


class Period(models.Model):
    """A month, quarter, half-year or year: 2026-09, 2026-Q3, 2026-H1, 2026; both days included."""

    code = models.CharField(max_length=7, unique=True)
    frequency = models.CharField(max_length=10, choices=FREQUENCIES)
    first_day = models.DateField()
    last_day = models.DateField(db_index=True)

    class Meta:
        ordering = ["last_day", "-first_day"]
        constraints = [
            models.UniqueConstraint(fields=["frequency", "first_day"], name="period_once"),
            models.CheckConstraint(
                condition=Q(last_day__gt=F("first_day")), name="period_days_ordered"
            ),
        ]
        verbose_name = _("period")
        verbose_name_plural = _("periods")

    def __str__(self) -> str:
        return self.code


Promise = Objective | ThemePoint | Condition | Commitment


@dataclass(frozen=True, order=True)
class Heading:
    """The part of the plan under which pages and forms list an indicator."""

    code: str
    title: str

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Indicator(models.Model):
    """What the plan's promises are measured by; its definition is in its versions.

    It measures exactly one of an objective, a general point, a condition or a commitment.
    """

    PROMISES = ("objective", "point", "condition", "commitment")
    #: What ``promise`` and ``heading`` read, for select_related.
    RELATED = ("objective__theme__parent", "point__theme__parent", "condition", "commitment")

    objective = models.ForeignKey(
        Objective, null=True, blank=True, on_delete=models.PROTECT, related_name="indicators"
    )
    point = models.ForeignKey(
        ThemePoint, null=True, blank=True, on_delete=models.PROTECT, related_name="indicators"
    )
    condition = models.ForeignKey(
        Condition, null=True, blank=True, on_delete=models.PROTECT, related_name="indicators"
    )
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.PROTECT, related_name="indicators"
    )
    code = models.SlugField(max_length=30, unique=True)
    position = models.PositiveSmallIntegerField()
    is_key = models.BooleanField(default=False)
    nature = models.CharField(max_length=10, choices=NATURES)
    is_restricted = models.BooleanField(default=False)
    paired_with = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(nature__in=[each.value for each in Nature]), name="indicator_nature"
            ),
            models.CheckConstraint(
                condition=_exactly_one("objective", "point", "condition", "commitment"),
                name="indicator_of_one_promise",
                violation_error_message=_("An indicator measures exactly one promise."),
            ),
        ]
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """Its page in the codebook."""
        return reverse("codebook-detail", args=[self.code])

    @property
    def promise(self) -> Promise:
        """What is measured."""
        found = self.objective or self.point or self.condition or self.commitment
        if found is None:
            raise TypeError("an indicator measures a promise")
        return found

    @property
    def heading(self) -> Heading:
        """The theme of an objective or general point, else the conditions or chapter 3."""
        owner = self.objective or self.point
        if owner:
            return Heading(owner.theme.code, owner.theme.title)
        if self.condition:
            return Heading("8", str(_("Conditions and points of attention")))
        return Heading("III", str(_("Resources and capacity")))


class IndicatorVersionQuerySet(models.QuerySet["IndicatorVersion"]):
    def in_force(self, day: dt.date) -> IndicatorVersionQuerySet:
        """The versions that define figures of periods ending on ``day``."""
        return self.filter(Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gt=day))


class IndicatorVersion(models.Model):
    """A full definition, in force from a day on.

    Parts are whole numbers in units of 10^-decimals. ``scale`` multiplies a ratio (100 for per
    cent, 100000 for a rate). Bounds are of the numerator, in the same units as parts.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    amendment = models.ForeignKey(
        Amendment, null=True, blank=True, on_delete=models.PROTECT, related_name="indicatorversions"
    )

    name = models.CharField(max_length=200)
    definition = models.TextField()
    unit = models.CharField(max_length=60)
    numerator_label = models.CharField(max_length=200)
    denominator_label = models.CharField(max_length=200, blank=True)
    limits = models.TextField(blank=True)
    source_system = models.CharField(max_length=200)

    kind = models.CharField(max_length=20, choices=KINDS)
    direction = models.CharField(max_length=10, choices=DIRECTIONS)
    temporal = models.CharField(max_length=10, choices=TEMPORALS)
    frequency = models.CharField(max_length=10, choices=FREQUENCIES)
    decimals = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(6)])
    display_decimals = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(6)]
    )
    scale = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    is_part = models.BooleanField(default=False)
    threshold_level = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(4)]
    )
    lower_bound = models.BigIntegerField(null=True, blank=True)
    upper_bound = models.BigIntegerField(null=True, blank=True)
    minimum_coverage = FractionField(default=four_fifths)
    materiality = FractionField(null=True, blank=True)
    for_every_unit = models.BooleanField(default=False)

    addressed = models.CharField(max_length=20, choices=Addressed.choices)
    subjects = models.ManyToManyField(Unit, blank=True, related_name="+")
    reporter = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    breakdown_label = models.CharField(max_length=100, blank=True)
    breakdown_is_exhaustive = models.BooleanField(default=False)

    objects = IndicatorVersionQuerySet.as_manager()

    class Meta:
        ordering = ["indicator", "number"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="version_validity_ordered",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[each.value for each in Kind]), name="version_kind"
            ),
            models.CheckConstraint(
                condition=Q(direction__in=[each.value for each in Direction]),
                name="version_direction",
            ),
            models.CheckConstraint(
                condition=Q(temporal__in=[each.value for each in Temporal]),
                name="version_temporal",
            ),
            models.CheckConstraint(
                condition=Q(frequency__in=[each.value for each in Frequency]),
                name="version_frequency",
            ),
            models.CheckConstraint(
                condition=~Q(kind=Kind.SCALE) | Q(threshold_level__isnull=False),
                name="version_scale_has_threshold",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[Kind.RATIO, Kind.MEAN]) | ~Q(denominator_label=""),
                name="version_parts_are_named",
            ),
            models.CheckConstraint(
                condition=Q(lower_bound__isnull=True)
                | Q(upper_bound__isnull=True)
                | Q(upper_bound__gte=F("lower_bound")),
                name="version_bounds_ordered",
            ),
            models.CheckConstraint(
                condition=Q(for_every_unit=False)
                | Q(kind__in=[Kind.RATIO, Kind.POPULATION_RATE, Kind.MEAN]),
                name="version_for_every_unit",
                violation_error_message=_(
                    "Only the path of a ratio, a rate or a mean holds for every unit."
                ),
            ),
        ]
        verbose_name = _("definition")
        verbose_name_plural = _("definitions")

    def __str__(self) -> str:
        return f"{self.indicator_id}/{self.number} {self.name}"


class NotApplicableReason(models.Model):
    """A reason for "not applicable" that a definition allows."""

    version = models.ForeignKey(
        IndicatorVersion, on_delete=models.CASCADE, related_name="not_applicable_reasons"
    )
    code = models.SlugField(max_length=40)
    text = models.CharField(max_length=200)

    class Meta:
        ordering = ["version", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="reason_code_once")]
        verbose_name = _("reason for “not applicable”")
        verbose_name_plural = _("reasons for “not applicable”")

    def __str__(self) -> str:
        return self.text


class ScaleLevel(models.Model):
    """A level of a scale from 0 to 4, in words."""

    version = models.ForeignKey(IndicatorVersion, on_delete=models.CASCADE, related_name="levels")
    level = models.PositiveSmallIntegerField(validators=[MaxValueValidator(4)])
    text = models.CharField(max_length=300)

    class Meta:
        ordering = ["version", "level"]
        constraints = [
            models.UniqueConstraint(fields=["version", "level"], name="level_once"),
            models.CheckConstraint(condition=Q(level__lte=4), name="level_at_most_4"),
        ]
        verbose_name = _("level of a scale")
        verbose_name_plural = _("levels of scales")

    def __str__(self) -> str:
        return f"{self.level} {self.text}"


class MilestoneStep(models.Model):
    """A dated step of a milestones indicator. Re-dating keeps the original date."""

    version = models.ForeignKey(IndicatorVersion, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    originally_due_on = models.DateField()

    class Meta:
        ordering = ["version", "number"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="milestone_once")]
        verbose_name = _("step of milestones")
        verbose_name_plural = _("steps of milestones")

    def __str__(self) -> str:
        return self.text


class BreakdownOption(models.Model):
    """An option of a definition's breakdown (a channel, a sex, a substance)."""

    version = models.ForeignKey(IndicatorVersion, on_delete=models.CASCADE, related_name="options")
    code = models.SlugField(max_length=30)
    label = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="option_code_once")]
        verbose_name = _("option of a breakdown")
        verbose_name_plural = _("options of breakdowns")

    def __str__(self) -> str:
        return self.label


class TargetPath(models.Model):
    """The way from a baseline to the final target, for an indicator in an area (METHOD.md 4).

    Values are in display units. In force from ``valid_from`` until the next one of the same
    indicator and area. Where ``is_demo``, they are fictitious.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="paths")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    baseline = FractionField(null=True, blank=True)
    baseline_end = models.DateField(null=True, blank=True)
    baseline_source = models.CharField(max_length=300, blank=True)
    target = FractionField(null=True, blank=True)
    band_low = FractionField(null=True, blank=True)
    band_high = FractionField(null=True, blank=True)
    valid_from = models.DateField(default=PLAN_START)
    amendment = models.ForeignKey(
        Amendment, null=True, blank=True, on_delete=models.PROTECT, related_name="targetpaths"
    )
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["indicator", "area", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "area", "valid_from"], name="path_once"),
            models.CheckConstraint(
                condition=Q(baseline__isnull=True)
                | (Q(baseline_end__isnull=False) & ~Q(baseline_source="")),
                name="path_baseline_sourced",
                violation_error_message=_("A baseline has the end of its period and its source."),
            ),
            models.CheckConstraint(
                condition=Q(band_low__isnull=True, band_high__isnull=True)
                | Q(band_low__isnull=False, band_high__isnull=False),
                name="path_band_both_or_none",
            ),
        ]
        verbose_name = _("target path")
        verbose_name_plural = _("target paths")

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.area_id}"


class PathPoint(models.Model):
    """The value that a path asks for on 31 December of a year."""

    path = models.ForeignKey(TargetPath, on_delete=models.CASCADE, related_name="points")
    year = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(2026), MaxValueValidator(2029)]
    )
    value = FractionField()

    class Meta:
        ordering = ["path", "year"]
        constraints = [models.UniqueConstraint(fields=["path", "year"], name="path_year_once")]

    def __str__(self) -> str:
        return f"{self.year}: {self.value}"


class SubjectBaseline(models.Model):
    """A subject's part of a path's baseline, in the path's unit (METHOD.md 3).

    Where fewer subjects report than are expected, their share of it scales the path of a sum. A
    unit in the place of others has the sum of theirs, without a row.
    """

    path = models.ForeignKey(TargetPath, on_delete=models.CASCADE, related_name="subject_baselines")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    value = FractionField()

    class Meta:
        ordering = ["path", "unit"]
        constraints = [
            models.UniqueConstraint(fields=["path", "unit"], name="subject_baseline_once")
        ]
        verbose_name = _("baseline of a subject")
        verbose_name_plural = _("baselines of subjects")

    def __str__(self) -> str:
        return f"{self.unit_id}: {self.value}"


class HistoricalFigure(models.Model):
    """A published figure without parts: drawn and cited with its dating, never added."""

    #: What exists per language.
    TEXTS = ("label", "unit", "dating", "source", "source_date", "note")

    indicator = models.ForeignKey(
        Indicator, on_delete=models.CASCADE, related_name="historical_figures"
    )
    key = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=200)
    option = models.CharField(max_length=30, blank=True)
    value = FractionField()
    unit = models.CharField(max_length=60)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    dating_basis = models.CharField(max_length=10, choices=DatingBasis.choices)
    dating = models.CharField(max_length=200)
    qualifier = models.CharField(max_length=10, choices=Qualifier.choices, blank=True)
    source = models.CharField(max_length=300)
    source_date = models.CharField(max_length=100)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["indicator", "last_day", "first_day", "option"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__isnull=True)
                | Q(last_day__isnull=True)
                | Q(last_day__gte=F("first_day")),
                name="historical_figure_days_ordered",
            )
        ]
        verbose_name = _("historical figure")
        verbose_name_plural = _("historical figures")

    def __str__(self) -> str:
        return f"{self.label} {self.dating}"


class Question(models.Model):
    """What someone who reports asks about a definition; the answer stays with it."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_for = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["indicator", "asked_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_asked"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="question_answer_dated",
            ),
        ]
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self) -> str:
        return self.text
