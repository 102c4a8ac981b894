"""Fields of themes per language: French is the text, the others are working translations."""

from modeltranslation.translator import TranslationOptions, register

from .models import (
    Footnote,
    NcsiDimension,
    Objective,
    ObjectiveStep,
    ObjectiveVersion,
    Theme,
    ThemePoint,
)


@register(NcsiDimension)
class NcsiDimensionTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("fr",)


@register(Theme)
class ThemeTranslation(TranslationOptions):
    fields = ("title", "description", "mission")
    required_languages = {"fr": ("title",)}


@register(Objective)
class ObjectiveTranslation(TranslationOptions):
    fields = ("title", "statement")
    required_languages = ("fr",)


@register(ObjectiveStep)
class ObjectiveStepTranslation(TranslationOptions):
    fields = ("text",)
    required_languages = ("fr",)


@register(ObjectiveVersion)
class ObjectiveVersionTranslation(TranslationOptions):
    fields = ("title", "statement")
    required_languages = ("fr",)


@register(ThemePoint)
class ThemePointTranslation(TranslationOptions):
    fields = ("heading", "text")
    required_languages = {"fr": ("text",)}


@register(Footnote)
class FootnoteTranslation(TranslationOptions):
    fields = ("on", "text")
    required_languages = ("fr",)
