"""Fields of plans per language: French is the text, the others are working translations."""

from modeltranslation.translator import TranslationOptions, register

from .models import (
    Commitment,
    CommitmentPoint,
    Condition,
    ConditionPoint,
    ConditionVersion,
    Framework,
    GlossaryEntry,
    KeyDate,
    LegalReference,
    Passage,
    Plan,
    PlanFigure,
)


@register(Plan)
class PlanTranslation(TranslationOptions):
    fields = ("parent_name", "parent_abbreviation")


@register(Passage)
class PassageTranslation(TranslationOptions):
    fields = ("heading", "text")
    required_languages = {"fr": ("text",)}


@register(Condition)
class ConditionTranslation(TranslationOptions):
    fields = ("title", "text")
    required_languages = ("fr",)


@register(ConditionPoint)
class ConditionPointTranslation(TranslationOptions):
    fields = ("title", "text")
    required_languages = ("fr",)


@register(ConditionVersion)
class ConditionVersionTranslation(TranslationOptions):
    fields = ("title", "text")
    required_languages = ("fr",)


@register(Commitment)
class CommitmentTranslation(TranslationOptions):
    fields = ("title", "text")
    required_languages = ("fr",)


@register(CommitmentPoint)
class CommitmentPointTranslation(TranslationOptions):
    fields = ("title", "text")
    required_languages = {"fr": ("title",)}


@register(PlanFigure)
class PlanFigureTranslation(TranslationOptions):
    fields = ("label", "unit", "dating")
    required_languages = ("fr",)


@register(Framework)
class FrameworkTranslation(TranslationOptions):
    fields = ("title",)
    required_languages = ("fr",)


@register(KeyDate)
class KeyDateTranslation(TranslationOptions):
    fields = ("event",)
    required_languages = ("fr",)


@register(LegalReference)
class LegalReferenceTranslation(TranslationOptions):
    fields = ("subject",)
    required_languages = ("fr",)


@register(GlossaryEntry)
class GlossaryEntryTranslation(TranslationOptions):
    fields = ("expansion", "explanation")
    required_languages = {"fr": ("expansion",)}
