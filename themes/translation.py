"""Fields of themes per language: French is the text, the others are working translations."""

from modeltranslation.translator import TranslationOptions, register

from .models import NcsiDimension, Objective, ObjectiveStep, Theme


@register(NcsiDimension)
class NcsiDimensionTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("fr",)


@register(Theme)
class ThemeTranslation(TranslationOptions):
    fields = ("title", "description")
    required_languages = {"fr": ("title",)}


@register(Objective)
class ObjectiveTranslation(TranslationOptions):
    fields = ("title", "statement")
    required_languages = ("fr",)


@register(ObjectiveStep)
class ObjectiveStepTranslation(TranslationOptions):
    fields = ("text",)
    required_languages = ("fr",)
