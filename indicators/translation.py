"""Fields of definitions that exist per language."""

from modeltranslation.translator import TranslationOptions, register

from .models import (
    BreakdownOption,
    HistoricalFigure,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    ScaleLevel,
)


@register(IndicatorVersion)
class IndicatorVersionTranslation(TranslationOptions):
    fields = (
        "name",
        "definition",
        "unit",
        "numerator_label",
        "denominator_label",
        "limits",
        "source_system",
        "breakdown_label",
    )
    required_languages = {"fr": ("name", "definition", "unit", "numerator_label", "source_system")}


@register((NotApplicableReason, ScaleLevel, MilestoneStep))
class TextTranslation(TranslationOptions):
    fields = ("text",)
    required_languages = ("fr",)


@register(BreakdownOption)
class BreakdownOptionTranslation(TranslationOptions):
    fields = ("label",)
    required_languages = ("fr",)


@register(HistoricalFigure)
class HistoricalFigureTranslation(TranslationOptions):
    fields = HistoricalFigure.TEXTS
    required_languages = {"fr": ("label", "unit", "dating", "source", "source_date")}
