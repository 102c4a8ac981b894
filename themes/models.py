"""Themes, objectives by level, the dimensions of the NCSI; actions and zonal uptake."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organisations.models import Unit
from plans.models import PLACE_LENGTH, Framework, Plan, Version

from .enums import (
    ActionKind,
    ActionState,
    Basis,
    Group,
    Level,
    Part,
    PointKind,
    Stance,
    Strand,
)


class NcsiDimension(models.Model):
    """One of the six dimensions of the Framework Note on Integral Security."""

    code = models.SlugField(max_length=40, unique=True)
    number = models.PositiveSmallIntegerField(unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["number"]
        verbose_name = _("NCSI dimension")
        verbose_name_plural = _("NCSI dimensions")

    def __str__(self) -> str:
        return self.name


class Theme(models.Model):
    """A theme of the plan (1 to 7), or a sub-theme (1.1) below its theme."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="themes")
    code = models.CharField(max_length=5)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="subthemes"
    )
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    mission = models.TextField(blank=True)
    place = models.CharField(max_length=PLACE_LENGTH)
    dimensions = models.ManyToManyField(
        NcsiDimension, through="ThemeDimension", related_name="themes"
    )

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "code"], name="theme_code_once"),
            models.UniqueConstraint(fields=["plan", "position"], name="theme_position_once"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="theme_not_its_parent"
            ),
        ]
        verbose_name = _("theme")
        verbose_name_plural = _("themes")

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("theme-detail", args=[self.code])

    def clean(self) -> None:
        """Refuse a cycle: themes have sub-themes, sub-themes have none."""
        if self.parent is None:
            return
        if self.parent_id == self.pk:
            raise ValidationError({"parent": _("A theme does not stand under itself.")})
        if self.parent.parent_id:
            raise ValidationError({"parent": _("A sub-theme has no sub-themes.")})
        if self.pk and self.subthemes.exists():
            raise ValidationError({"parent": _("This theme has sub-themes of its own.")})


class ThemeDimension(models.Model):
    """A link between a theme and a dimension, and whether the plan states it."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE)
    dimension = models.ForeignKey(NcsiDimension, on_delete=models.PROTECT)
    basis = models.CharField(max_length=10, choices=Basis.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["theme", "dimension"], name="theme_dimension_once")
        ]

    def __str__(self) -> str:
        return f"{self.theme_id} {self.dimension_id}"


class ThemePoint(models.Model):
    """A bullet of a theme: how its mission is carried out, a cross-cutting or a general point.

    General points (theme 7) have a code, as they are measured.
    """

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=15, choices=PointKind.choices)
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10, blank=True)
    place = models.CharField(max_length=PLACE_LENGTH, unique=True)
    heading = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["theme", "kind", "number"]
        constraints = [
            models.UniqueConstraint(fields=["theme", "kind", "number"], name="theme_point_once"),
            models.UniqueConstraint(
                fields=["code"], condition=~Q(code=""), name="theme_point_code_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind=PointKind.GENERAL) | ~Q(code=""),
                name="general_point_has_code",
                violation_error_message=_("A general point has a code."),
            ),
        ]
        verbose_name = _("point of a theme")
        verbose_name_plural = _("points of themes")

    def __str__(self) -> str:
        return " ".join(filter(None, [self.code, self.heading or self.text]))

    def get_absolute_url(self) -> str:
        """Its place on the page of its theme."""
        return f"{self.theme.get_absolute_url()}#{self.anchor}"

    @property
    def anchor(self) -> str:
        return self.code or f"{self.kind}-{self.number}"


class ThemeFramework(models.Model):
    """A policy framework that a theme names; ``as_written`` where it words the name otherwise."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="framework_links")
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="theme_links")
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH, unique=True)
    as_written = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["theme", "number"]
        constraints = [
            models.UniqueConstraint(fields=["theme", "number"], name="theme_framework_once")
        ]
        verbose_name = _("policy framework of a theme")
        verbose_name_plural = _("policy frameworks of themes")

    def __str__(self) -> str:
        return self.as_written or str(self.framework)


class Footnote(models.Model):
    """A footnote of a theme; ``on`` are the words on which it hangs."""

    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="footnotes")
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH, unique=True)
    on = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["theme", "number"], name="footnote_once")]
        verbose_name = _("footnote")
        verbose_name_plural = _("footnotes")

    def __str__(self) -> str:
        return f"{self.number} {self.on}"


class Objective(models.Model):
    """One of the plan's strategic objectives, in our own words.

    ``title`` and ``statement`` are those of the version in force today.
    """

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="objectives")
    code = models.CharField(max_length=10, unique=True)
    level = models.CharField(max_length=10, choices=Level.choices)
    strand = models.CharField(max_length=3, choices=Strand.choices, blank=True)
    number = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    title_is_official = models.BooleanField(default=False)
    statement = models.TextField()
    place = models.CharField(max_length=PLACE_LENGTH)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["theme", "level", "strand", "number"], name="objective_number_once"
            ),
            models.CheckConstraint(
                condition=Q(strand="") | Q(level=Level.INTEGRATED),
                name="objective_strand_integrated",
            ),
        ]
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("objective-detail", args=[self.code])


class ObjectiveVersion(Version):
    """What an objective says from a day on."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=160)
    statement = models.TextField()

    class Meta:
        ordering = ["objective", "number"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "number"], name="objective_version_once"),
            models.UniqueConstraint(
                fields=["objective"],
                condition=Q(amendment__isnull=True),
                name="objective_one_original",
            ),
        ]
        verbose_name = _("wording of an objective")
        verbose_name_plural = _("wordings of objectives")

    def __str__(self) -> str:
        return f"{self.objective_id}/{self.number} {self.title}"


class ObjectiveStep(models.Model):
    """A step of an objective's wording, in order; one with a place is an item of the plan."""

    version = models.ForeignKey(ObjectiveVersion, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="step_number_once")
        ]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return self.text


class Responsibility(models.Model):
    """Who is responsible for an objective or contributes to it: a unit, or a group of units."""

    objective = models.ForeignKey(
        Objective, on_delete=models.CASCADE, related_name="responsibilities"
    )
    part = models.CharField(max_length=15, choices=Part.choices)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    group = models.CharField(max_length=25, choices=Group.choices, blank=True)
    position = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=10, choices=Basis.choices)

    class Meta:
        ordering = ["objective", "-part", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "part", "position"], name="responsibility_once"
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, group="") | (Q(unit__isnull=True) & ~Q(group="")),
                name="responsibility_unit_or_group",
            ),
        ]
        verbose_name = _("responsibility")
        verbose_name_plural = _("responsibilities")

    def __str__(self) -> str:
        return self.get_group_display() if self.group else self.unit.label if self.unit else ""


# --- How objectives are carried out -----------------------------------------------------------


class Action(models.Model):
    """A programme or project (art. 95 LPI) or a targeted initiative for one or more objectives."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=15, choices=ActionKind.choices)
    state = models.CharField(
        max_length=15, choices=ActionState.choices, default=ActionState.PLANNED
    )
    state_reason = models.TextField(blank=True)
    owner = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="actions")
    partners = models.ManyToManyField(Unit, blank=True, related_name="partner_actions")
    other_partners = models.CharField(max_length=300, blank=True)
    objectives = models.ManyToManyField(Objective, related_name="actions")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["starts_on", "title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="action_days_ordered",
                violation_error_message=_("An action does not end before it starts."),
            ),
            models.CheckConstraint(condition=Q(kind__in=ActionKind.values), name="action_kind"),
            models.CheckConstraint(condition=Q(state__in=ActionState.values), name="action_state"),
            models.CheckConstraint(
                condition=~Q(state__in=[ActionState.SUSPENDED, ActionState.ABANDONED])
                | ~Q(state_reason=""),
                name="action_stopped_with_a_reason",
            ),
        ]
        verbose_name = _("action")
        verbose_name_plural = _("actions")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("action-detail", args=[self.pk])


class ActionMilestone(models.Model):
    """A dated step of an action. Re-dating keeps the day that was first set."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    due_on = models.DateField()
    originally_due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["action", "due_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["action", "number"], name="action_milestone_once")
        ]
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")

    def __str__(self) -> str:
        return self.text


class ZonalPlan(models.Model):
    """A zone's security plan (PZS) under this plan: its version and who approved it, and when.

    The dates are those of the circular of 10 July 2025: the zonal council's, then the approval.
    """

    zone = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="zonal_plans")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="zonal_plans")
    label = models.CharField(max_length=100, blank=True)
    council_on = models.DateField(null=True, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["zone"]
        constraints = [
            models.UniqueConstraint(fields=["zone", "plan"], name="zonal_plan_once"),
            models.CheckConstraint(
                condition=Q(approved_on__isnull=True)
                | Q(council_on__isnull=False, approved_on__gte=F("council_on")),
                name="zonal_plan_approved_after_council",
                violation_error_message=_("The approval follows the zonal security council."),
            ),
        ]
        verbose_name = _("zonal security plan")
        verbose_name_plural = _("zonal security plans")

    def __str__(self) -> str:
        return f"{self.zone} {self.label}"


class Uptake(models.Model):
    """What a zone does with an objective. ``text``: its wording where adapted, why where not."""

    zonal_plan = models.ForeignKey(ZonalPlan, on_delete=models.CASCADE, related_name="uptakes")
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, related_name="uptakes")
    stance = models.CharField(max_length=15, choices=Stance.choices)
    text = models.TextField(blank=True)
    is_prefilled = models.BooleanField(default=False)

    class Meta:
        ordering = ["zonal_plan", "objective"]
        constraints = [
            models.UniqueConstraint(fields=["zonal_plan", "objective"], name="uptake_once"),
            models.CheckConstraint(condition=Q(stance__in=Stance.values), name="uptake_stance"),
            models.CheckConstraint(
                condition=~Q(stance__in=[Stance.ADAPTED, Stance.NOT_TAKEN_UP]) | ~Q(text=""),
                name="uptake_worded",
                violation_error_message=_("An adapted objective is worded, a refusal explained."),
            ),
        ]
        verbose_name = _("uptake of an objective")
        verbose_name_plural = _("uptake of objectives")

    def __str__(self) -> str:
        return f"{self.objective_id} {self.stance}"
