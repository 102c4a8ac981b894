"""Reading the plan's themes and objectives, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches, plain

from .enums import Level
from .models import Objective, Theme, ThemeDimension


@dataclass(frozen=True, slots=True)
class LevelGroup:
    """The objectives of a theme that one level carries."""

    label: str
    objectives: Sequence[Objective]


def themes_with_counts() -> QuerySet[Theme]:
    """Themes and sub-themes in the plan's order, each with ``objective_count``."""
    return Theme.objects.select_related("plan").annotate(objective_count=Count("objectives"))


def theme_page(code: str) -> QuerySet[Theme]:
    """A theme with its parent, sub-themes, dimensions and objectives."""
    links = ThemeDimension.objects.select_related("dimension").order_by("dimension__number")
    return (
        Theme.objects.filter(code=code)
        .select_related("plan", "parent")
        .prefetch_related("objectives", "subthemes", Prefetch("themedimension_set", queryset=links))
    )


def by_level(objectives: Sequence[Objective]) -> list[LevelGroup]:
    """Objectives by level, in the order federal, local, integrated; empty levels left out."""
    groups = (
        LevelGroup(str(level.label), [each for each in objectives if each.level == level])
        for level in Level
    )
    return [group for group in groups if group.objectives]


def objective_page() -> QuerySet[Objective]:
    """An objective with its theme, the theme's dimensions and its steps."""
    links = ThemeDimension.objects.select_related("dimension").order_by("dimension__number")
    return Objective.objects.select_related("theme__plan", "theme__parent").prefetch_related(
        "steps", Prefetch("theme__themedimension_set", queryset=links)
    )


def find(user: Any, words: str, most: int) -> list[SearchHit]:
    """Themes and objectives whose code, title or statement holds every word; codes come first."""
    if not user.access.may("themes.view_plan"):
        return []
    themes = [
        SearchHit(str(theme), reverse("theme-detail", args=[theme.code]), _("Theme"))
        for theme in Theme.objects.all()
        if matches(words, theme.code, theme.title, theme.description)
    ]
    objectives = [
        SearchHit(
            str(each), reverse("objective-detail", args=[each.code]), _("Objective"), each.statement
        )
        for each in Objective.objects.all()
        if matches(words, each.code, each.title, each.statement)
    ]
    hits = [*themes, *objectives]
    wanted = plain(words)
    hits.sort(key=lambda hit: plain(hit.title.split()[0]) != wanted)
    return hits[:most]
