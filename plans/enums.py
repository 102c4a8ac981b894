"""Fixed vocabularies of plans."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PassageKind(models.TextChoices):
    """The part of the plan that a passage tells."""

    PREAMBLE = "preamble", _("Preamble")
    INTRODUCTION = "introduction", _("Introduction")
    EMPHASIS = "emphasis", _("Points of emphasis")
    REGULAR_MISSION = "regular_mission", _("Regular missions outside the priorities")
    INTRODUCTION_AFTER = "introduction_after", _("How the plan is to be read")
    CHAPTER_INTRO = "chapter_intro", _("The themes")
    THEME_ELEMENT = "theme_element", _("What each theme holds")
    CHAPTER_CLOSING = "chapter_closing", _("What the approach is for")
    CONDITION_INTRO = "condition_intro", _("Conditions and points of attention")
    ORIENTATION = "orientation", _("Orientation of resources")
    CAPACITY = "capacity", _("Capacity")
    FOLLOW_UP = "follow_up", _("Follow-up")
    EVALUATION = "evaluation", _("Evaluation")
    ROLE = "role", _("Who does what")
    SIGNATORY = "signatory", _("Signatories")
    CORNERSTONE = "cornerstone", _("Cornerstone documents")


class CommitmentKind(models.TextChoices):
    """What a commitment of chapter 3 is about."""

    RESOURCES = "resources", _("Orientation of resources")
    REFORM = "reform", _("Structural reform")
    REINFORCEMENT = "reinforcement", _("Reinforcement")
    PILLAR = "pillar", _("Pillar of the capacity strategy")
    CAPACITY = "capacity", _("Framework conditions of capacity")


class Reach(models.TextChoices):
    """Whose policy framework it is."""

    BELGIAN = "belgian", _("Belgian")
    REGIONAL = "regional", _("of a region or community")
    EUROPEAN = "european", _("European")
    INTERNATIONAL = "international", _("international")


class FrameworkKind(models.TextChoices):
    PLAN = "plan", _("plan")
    STRATEGY = "strategy", _("strategy")
    LAW = "law", _("law")
    CIRCULAR = "circular", _("circular")
    RECOMMENDATION = "recommendation", _("recommendation")
    AGREEMENT = "agreement", _("agreement")
    PROGRAMME = "programme", _("programme")
    NOTE = "note", _("policy note")
    OTHER = "other", _("other")


class SourceNoteKind(models.TextChoices):
    """What the secretariat should know about the source text."""

    ANOMALY = "anomaly", _("anomaly of the source")
    SUSPICIOUS_FACT = "suspicious_fact", _("fact to be checked")
    VARIANT = "variant", _("names that vary")
    LOST = "lost", _("lost in the copy at hand")


class Authority(models.TextChoices):
    """Who may amend: ministers what the plan says, the steering group how it is measured."""

    MINISTERS = "ministers", _("ministers of the Interior and of Justice")
    STEERING_GROUP = "steering_group", _("GPI steering group")


class AmendmentState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    ADOPTED = "adopted", _("adopted")
    WITHDRAWN = "withdrawn", _("withdrawn")
