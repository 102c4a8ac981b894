"""The plan beyond its themes: passages, conditions, commitments, frameworks, words, amendments.

``place`` tells where something stands in the plan, without words ("2 § 8, C4.1"); the official
wording, where an administration has loaded it, is found by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from foundation.fields import FractionField

from .enums import (
    AmendmentState,
    Authority,
    CommitmentKind,
    FrameworkKind,
    PassageKind,
    Reach,
    SourceNoteKind,
)

PLACE_LENGTH = 60

#: A model of wordings: a kind of ``Version``.
AnyVersion = TypeVar("AnyVersion", bound=models.Model)


class Plan(models.Model):
    """A National Security Plan; ``title`` is its official title.

    ``parent_*`` name the Framework Note (NCSI) of which it is the police part.
    """

    code = models.SlugField(max_length=20, unique=True)
    ordinal = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    parent_name = models.CharField(max_length=200, blank=True)
    parent_abbreviation = models.CharField(max_length=20, blank=True)
    parent_ordinal = models.PositiveSmallIntegerField(null=True, blank=True)

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


class Passage(models.Model):
    """A paragraph or point of the plan's running text, in our own words."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="passages")
    kind = models.CharField(max_length=20, choices=PassageKind.choices)
    place = models.CharField(max_length=PLACE_LENGTH)
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["plan", "position"]
        constraints = [models.UniqueConstraint(fields=["plan", "place"], name="passage_place_once")]
        verbose_name = _("passage")
        verbose_name_plural = _("passages")

    def __str__(self) -> str:
        return self.heading or self.place

    @property
    def anchor(self) -> str:
        return slugify(self.place)


class OfficialText(models.Model):
    """The official wording of what stands at a place of the plan, in a language."""

    place = models.CharField(max_length=PLACE_LENGTH)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    text = models.TextField()

    class Meta:
        ordering = ["place", "language"]
        constraints = [
            models.UniqueConstraint(fields=["place", "language"], name="official_text_once")
        ]
        verbose_name = _("official text")
        verbose_name_plural = _("official texts")

    def __str__(self) -> str:
        return f"{self.place} ({self.language})"

    @classmethod
    def by_place(cls, places: Iterable[str], language: str) -> dict[str, str]:
        """The official wording of places, in a language, else in French: one query."""
        found = cls.objects.filter(place__in=set(places), language__in={language[:2], "fr"})
        in_order = sorted(found, key=lambda each: each.language == language[:2])
        return {each.place: each.text for each in in_order}


# --- Amendments -------------------------------------------------------------------------------


class Amendment(models.Model):
    """An act that changes the plan or how it is measured: who, by what, why, from when.

    What it changes is in the versions that point to it. ``effective_on`` is the first day on which
    they are in force.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="amendments")
    authority = models.CharField(max_length=20, choices=Authority.choices)
    state = models.CharField(
        max_length=10, choices=AmendmentState.choices, default=AmendmentState.PROPOSED
    )
    reference = models.CharField(max_length=200, blank=True)
    reason = models.TextField()
    effective_on = models.DateField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    adopted_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-effective_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(authority__in=Authority.values), name="amendment_authority"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=AmendmentState.ADOPTED,
                    adopted_on__isnull=False,
                    recorded_at__isnull=False,
                )
                & ~Q(reference="")
                | Q(
                    state__in=[AmendmentState.PROPOSED, AmendmentState.WITHDRAWN],
                    adopted_on__isnull=True,
                ),
                name="amendment_adopted_on_the_record",
                violation_error_message=_("An adopted amendment has a reference and a date."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="amendment_reasoned"),
        ]
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")

    def __str__(self) -> str:
        return self.reference or str(_("proposal %(number)s") % {"number": self.pk})

    def get_absolute_url(self) -> str:
        return reverse("amendment-detail", args=[self.pk])


def adopted(versions: models.QuerySet[AnyVersion]) -> models.QuerySet[AnyVersion]:
    """Of some versions, the original wording and what adopted amendments made of it."""
    return versions.filter(Q(amendment__isnull=True) | Q(amendment__state=AmendmentState.ADOPTED))


def in_force(versions: models.QuerySet[AnyVersion], day: dt.date) -> models.QuerySet[AnyVersion]:
    """Adopted versions that began by ``day``, the latest first: the first of each thing is it.

    The original wording also stands for the days before the plan.
    """
    began = Q(valid_from__lte=day) | Q(amendment__isnull=True)
    return adopted(versions).filter(began).order_by("-valid_from", "-number")


class Version(models.Model):
    """A wording, in force from ``valid_from`` until the next one of the same thing.

    Without an end of its own, validity cannot overlap. The first has no amendment.
    """

    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    amendment = models.ForeignKey(
        Amendment, null=True, blank=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )

    class Meta:
        abstract = True


# --- Conditions and commitments ---------------------------------------------------------------


class Condition(models.Model):
    """One of the plan's conditions and points of attention.

    ``title`` and ``text`` are those of the version in force today.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="conditions")
    code = models.CharField(max_length=5, unique=True)
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH, unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="condition_number_once")
        ]
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("condition-detail", args=[self.code])


class ConditionPoint(models.Model):
    """A point of a condition: those of the Plan Grandes villes."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="points")
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH, unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["condition", "number"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "number"], name="condition_point_once")
        ]
        verbose_name = _("point of a condition")
        verbose_name_plural = _("points of conditions")

    def __str__(self) -> str:
        return self.title


class ConditionVersion(Version):
    """What a condition says from a day on."""

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["condition", "number"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "number"], name="condition_version_once"),
            models.UniqueConstraint(
                fields=["condition"],
                condition=Q(amendment__isnull=True),
                name="condition_one_original",
            ),
        ]
        verbose_name = _("wording of a condition")
        verbose_name_plural = _("wordings of conditions")

    def __str__(self) -> str:
        return f"{self.condition_id}/{self.number} {self.title}"


class Commitment(models.Model):
    """What chapter 3 commits to: resources, reforms, reinforcements, pillars of capacity."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="commitments")
    code = models.CharField(max_length=5, unique=True)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=15, choices=CommitmentKind.choices)
    place = models.CharField(max_length=PLACE_LENGTH)
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="commitment_number_once")
        ]
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        """Its place on the page of chapter 3."""
        return f"{reverse('resources-detail')}#{self.code}"


class CommitmentPoint(models.Model):
    """A point of a commitment: a service to be reinforced."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="points")
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH, unique=True)
    title = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["commitment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "number"], name="commitment_point_once")
        ]
        verbose_name = _("point of a commitment")
        verbose_name_plural = _("points of commitments")

    def __str__(self) -> str:
        return self.title


class PlanFigure(models.Model):
    """A figure that the plan itself gives, with its date: ``value_text`` where it is no number."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="figures")
    commitment = models.ForeignKey(
        Commitment, null=True, blank=True, on_delete=models.PROTECT, related_name="figures"
    )
    code = models.SlugField(max_length=40, unique=True)
    number = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=PLACE_LENGTH)
    label = models.CharField(max_length=200)
    value = FractionField(null=True, blank=True)
    value_text = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=60)
    dating = models.CharField(max_length=120)
    on = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=False, value_text="")
                | (Q(value__isnull=True) & ~Q(value_text="")),
                name="plan_figure_number_or_text",
                violation_error_message=_("A figure has a number, or a text in its place."),
            )
        ]
        verbose_name = _("figure of the plan")
        verbose_name_plural = _("figures of the plan")

    def __str__(self) -> str:
        return self.label

    @property
    def decimals(self) -> int:
        """How many the plan gives: the fewest that hold the value exactly, at most 6."""
        value = self.value or 0
        return next((places for places in range(6) if (value * 10**places) % 1 == 0), 6)


# --- What the plan refers to ------------------------------------------------------------------


class Framework(models.Model):
    """An action plan or policy framework, under its official names, shared by themes."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=300)
    reach = models.CharField(max_length=15, choices=Reach.choices)
    kind = models.CharField(max_length=15, choices=FrameworkKind.choices)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["title_fr"]
        verbose_name = _("policy framework")
        verbose_name_plural = _("policy frameworks")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("framework-detail", args=[self.code])


class KeyDate(models.Model):
    """A date that the plan mentions; ``on`` is as precise as known: 2026-02-27, 2025-10, 2014."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="key_dates")
    code = models.SlugField(max_length=60, unique=True)
    number = models.PositiveSmallIntegerField()
    on = models.CharField(max_length=10)
    place = models.CharField(max_length=PLACE_LENGTH)
    event = models.TextField()

    class Meta:
        ordering = ["plan", "on"]
        verbose_name = _("date")
        verbose_name_plural = _("dates")

    def __str__(self) -> str:
        return f"{self.on} {self.event}"


class LegalReference(models.Model):
    """A law, article or circular that the plan cites, under its official designation."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="legal_references")
    code = models.SlugField(max_length=60, unique=True)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    places = models.JSONField(default=list)
    subject = models.TextField()

    class Meta:
        ordering = ["plan", "number"]
        verbose_name = _("legal reference")
        verbose_name_plural = _("legal references")

    def __str__(self) -> str:
        return self.title


class GlossaryEntry(models.Model):
    """An abbreviation; ``is_ours`` where the plan uses it without explaining it."""

    abbreviation = models.CharField(max_length=20, unique=True)
    expansion = models.CharField(max_length=200)
    explanation = models.TextField(blank=True)
    note = models.TextField(blank=True)
    is_ours = models.BooleanField(default=False)

    class Meta:
        ordering = ["abbreviation"]
        verbose_name = _("glossary entry")
        verbose_name_plural = _("glossary")

    def __str__(self) -> str:
        return f"{self.abbreviation} – {self.expansion}"

    @property
    def anchor(self) -> str:
        return slugify(self.abbreviation)


class SourceNote(models.Model):
    """Something odd in the source text, kept for the secretariat and not silently mended."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="source_notes")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=SourceNoteKind.choices)
    line = models.PositiveSmallIntegerField(null=True, blank=True)
    place = models.CharField(max_length=PLACE_LENGTH, blank=True)
    observed = models.CharField(max_length=200)
    suggested = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="source_note_number_once")
        ]
        verbose_name = _("note on the source")
        verbose_name_plural = _("notes on the source")

    def __str__(self) -> str:
        return self.observed
