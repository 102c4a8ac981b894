"""Themes, objectives by level and the dimensions of the Framework Note (NCSI)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from plans.models import Plan

from .enums import Basis, Level, Strand


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
    place = models.CharField(max_length=60)
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


class Objective(models.Model):
    """One of the plan's strategic objectives, in our own words."""

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="objectives")
    code = models.CharField(max_length=10, unique=True)
    level = models.CharField(max_length=10, choices=Level.choices)
    strand = models.CharField(max_length=3, choices=Strand.choices, blank=True)
    number = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    title_is_official = models.BooleanField(default=False)
    statement = models.TextField()
    place = models.CharField(max_length=60)

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


class ObjectiveStep(models.Model):
    """A step of an objective, in the plan's order."""

    objective = models.ForeignKey(Objective, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["objective", "number"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "number"], name="step_number_once")
        ]
        verbose_name = _("step")
        verbose_name_plural = _("steps")

    def __str__(self) -> str:
        return self.text
