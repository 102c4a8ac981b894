"""Reading the plan's themes and objectives, in a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.registries import SearchHit
from foundation.words import matches, shortened
from plans.models import in_force

from .enums import Level, Part, PointKind
from .models import (
    Footnote,
    NcsiDimension,
    Objective,
    ObjectiveStep,
    ObjectiveVersion,
    Responsibility,
    Theme,
    ThemeDimension,
    ThemeFramework,
    ThemePoint,
)

LINKS = ThemeDimension.objects.select_related("dimension").order_by("dimension__number")


@dataclass(frozen=True, slots=True)
class LevelGroup:
    """The objectives of a theme that one level carries."""

    label: str
    objectives: Sequence[Objective]


def themes_with_counts() -> QuerySet[Theme]:
    """Themes and sub-themes in the plan's order, each with ``objective_count``."""
    return (
        Theme.objects.select_related("plan")
        .annotate(objective_count=Count("objectives"))
        .prefetch_related(Prefetch("themedimension_set", queryset=LINKS))
    )


def theme_page(code: str) -> QuerySet[Theme]:
    """A theme with all that stands in it, its parent and its sub-themes."""
    return (
        Theme.objects.filter(code=code)
        .select_related("plan", "parent")
        .prefetch_related(
            "objectives",
            "subthemes",
            "points",
            "footnotes",
            Prefetch(
                "framework_links", queryset=ThemeFramework.objects.select_related("framework")
            ),
            Prefetch("themedimension_set", queryset=LINKS),
        )
    )


def by_level(objectives: Sequence[Objective]) -> list[LevelGroup]:
    """Objectives by level, in the order federal, local, integrated; empty levels left out."""
    groups = (
        LevelGroup(str(level.label), [each for each in objectives if each.level == level])
        for level in Level
    )
    return [group for group in groups if group.objectives]


def steps_in_force(objectives: Iterable[Objective]) -> dict[int, list[ObjectiveStep]]:
    """The steps of today's wording of each objective, by its id: two queries."""
    versions = in_force(ObjectiveVersion.objects.all(), timezone.localdate())
    found: dict[int, list[ObjectiveStep]] = {}
    for version in versions.filter(objective__in=list(objectives)).prefetch_related("steps"):
        found.setdefault(version.objective_id, list(version.steps.all()))
    return found


def points_by_kind(theme: Theme) -> dict[str, list[ThemePoint]]:
    """A theme's points by kind, those of ``theme_page``."""
    return {
        kind.value: [each for each in theme.points.all() if each.kind == kind] for kind in PointKind
    }


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What comes before and after something, in the plan's order."""

    before: Any
    after: Any


def neighbours(queryset: QuerySet[Any], position: int) -> Neighbours:
    """Two queries."""
    earlier = queryset.filter(position__lt=position).order_by("-position").first()
    return Neighbours(earlier, queryset.filter(position__gt=position).order_by("position").first())


def objective_page() -> QuerySet[Objective]:
    """An objective with its theme, the theme's dimensions and who has which part."""
    parts = Responsibility.objects.select_related("unit")
    return Objective.objects.select_related("theme__plan", "theme__parent").prefetch_related(
        Prefetch("responsibilities", queryset=parts),
        Prefetch("theme__themedimension_set", queryset=LINKS),
    )


#: How much of an objective's wording one screen holds beside its panels, in characters.
ONE_SCREEN = 600


def is_long(version: ObjectiveVersion) -> bool:
    """Whether a wording and its steps together are more than one screen holds."""
    steps = sum(len(each.text) for each in version.steps.all())
    return len(version.statement) + steps > ONE_SCREEN


def parts_of(objective: Objective) -> dict[str, list[Responsibility]]:
    """Who is responsible and who contributes, those of ``objective_page``."""
    found = list(objective.responsibilities.all())
    return {part.value: [each for each in found if each.part == part] for part in Part}


def dimensions() -> QuerySet[NcsiDimension]:
    """Dimensions with the themes linked to them, in the plan's order."""
    links = ThemeDimension.objects.select_related("theme").order_by("theme__position")
    return NcsiDimension.objects.prefetch_related(Prefetch("themedimension_set", queryset=links))


def dimension_page() -> QuerySet[NcsiDimension]:
    """A dimension with its themes and their objectives."""
    links = (
        ThemeDimension.objects.select_related("theme")
        .order_by("theme__position")
        .prefetch_related("theme__objectives")
    )
    return NcsiDimension.objects.prefetch_related(Prefetch("themedimension_set", queryset=links))


def framework_panels(ids: Sequence[int], user: Any) -> dict[int, dict[str, Any]]:
    """The themes that name some frameworks, and how: one query."""
    found: dict[int, list[ThemeFramework]] = {pk: [] for pk in ids}
    links = ThemeFramework.objects.filter(framework__in=ids).select_related("theme")
    for link in links.order_by("theme__position", "number"):
        found[link.framework_id].append(link)
    return {pk: {"links": links_of} for pk, links_of in found.items()}


# --- Search -----------------------------------------------------------------------------------


def find(user: Any, words: str, most: int) -> list[SearchHit]:
    """Everything in the themes whose code, title or text holds every word."""
    if not user.access.may("themes.view_plan"):
        return []
    found: list[SearchHit] = []
    for read in (_themes, _objectives, _points, _footnotes, _dimensions, _framework_names):
        found += read(words)
    found.sort(key=lambda hit: not hit.is_named(words))
    return found[:most]


def _themes(words: str) -> list[SearchHit]:
    return [
        SearchHit(
            str(each),
            each.get_absolute_url(),
            _("Theme"),
            " · ".join(filter(None, [each.description, each.mission])),
            each.place,
        )
        for each in Theme.objects.all()
        if matches(words, each.code, each.title, each.description, each.mission)
    ]


def _objectives(words: str) -> list[SearchHit]:
    """Objectives by the words in force today, steps included."""
    objectives = list(Objective.objects.all())
    steps = steps_in_force(objectives)
    hits = []
    for each in objectives:
        said = " · ".join([each.statement, *(step.text for step in steps.get(each.pk, []))])
        if matches(words, each.code, each.title, said):
            url = each.get_absolute_url()
            hits.append(SearchHit(str(each), url, _("Objective"), said, each.place))
    return hits


def _points(words: str) -> list[SearchHit]:
    return [
        SearchHit(
            f"{each.code or each.theme.code} · {each.heading or shortened(each.text)}",
            f"{each.theme.get_absolute_url()}#{each.anchor}",
            PointKind(each.kind).label,
            each.text,
            each.place,
        )
        for each in ThemePoint.objects.select_related("theme")
        if matches(words, each.code, each.heading, each.text)
    ]


def _footnotes(words: str) -> list[SearchHit]:
    return [
        SearchHit(
            f"{each.theme.code} · {each.on}",
            f"{each.theme.get_absolute_url()}#note-{each.number}",
            _("Footnote"),
            each.text,
            each.place,
        )
        for each in Footnote.objects.select_related("theme")
        if matches(words, each.on, each.text)
    ]


def _dimensions(words: str) -> list[SearchHit]:
    return [
        SearchHit(each.name, reverse("dimension-detail", args=[each.code]), _("NCSI dimension"))
        for each in NcsiDimension.objects.all()
        if matches(words, each.name)
    ]


def _framework_names(words: str) -> list[SearchHit]:
    """Frameworks under the names that themes give them, where those are other ones."""
    links = ThemeFramework.objects.exclude(as_written="").select_related("theme", "framework")
    return [
        SearchHit(
            each.as_written,
            each.framework.get_absolute_url(),
            _("Policy framework"),
            where=str(each.theme),
        )
        for each in links
        if matches(words, each.as_written)
    ]
