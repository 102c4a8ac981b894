"""Tags of definitions: texts with their language, and the formula in words."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from indicators import wording
from indicators.models import IndicatorVersion
from plans import differences
from plans.registries import FieldChange

register = template.Library()


@register.simple_tag
def worded(subject: Any, field: str) -> SafeString | str:
    """A translated field of a definition, marked as French where the page's language has none."""
    text = getattr(subject, field) or ""
    language = (get_language() or "fr")[:2]
    if not text or language == "fr" or getattr(subject, f"{field}_{language}"):
        return str(text)
    return format_html('<span lang="fr">{}</span>', text)


@register.simple_tag
def formula(version: IndicatorVersion) -> str:
    """How a value comes of what is reported, in words."""
    return wording.formula(version)


@register.simple_tag
def addition(version: IndicatorVersion) -> str:
    """How a group adds it up."""
    return wording.addition(version)


@register.simple_tag
def over_time(version: IndicatorVersion) -> str:
    """How often a figure is due, and how periods make a year."""
    return wording.over_time(version)


@register.simple_tag
def direction(version: IndicatorVersion) -> str:
    """Where the value should go."""
    return wording.direction(version)


@register.simple_tag
def without_path(version: IndicatorVersion) -> str:
    """Why there is no path."""
    return wording.without_path(version)


@register.simple_tag
def difference(change: FieldChange) -> list[differences.Piece]:
    """What was kept, removed and added in a field, word by word."""
    return differences.difference(change.before, change.after)
