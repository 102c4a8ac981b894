"""The texts of themes and objectives in the administration: for the secretariat, with history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from organisations.editing import Texts

from .models import (
    Footnote,
    NcsiDimension,
    ObjectiveStep,
    ObjectiveVersion,
    Responsibility,
    Theme,
    ThemeFramework,
    ThemePoint,
)
from .services import bring_into_force


@admin.register(Theme)
class ThemeAdmin(Texts):
    list_display = ["code", "title"]
    search_fields = ["code", "title_fr"]
    shown, texts = ["code", "parent", "place"], ["title", "description", "mission"]


@admin.register(ThemePoint)
class ThemePointAdmin(Texts):
    list_display = ["place", "kind", "heading", "text"]
    list_filter = ["kind", "theme"]
    search_fields = ["code", "place", "heading_fr", "text_fr"]
    shown, texts = ["theme", "kind", "code", "place"], ["heading", "text"]


@admin.register(ThemeFramework)
class ThemeFrameworkAdmin(Texts):
    list_display = ["place", "framework", "as_written"]
    list_select_related = ["framework"]
    search_fields = ["place", "framework__title_fr"]
    shown, plain = ["theme", "framework", "place"], ["as_written"]


@admin.register(Footnote)
class FootnoteAdmin(Texts):
    list_display = ["number", "theme", "on"]
    list_select_related = ["theme"]
    search_fields = ["on_fr", "text_fr"]
    shown, texts = ["theme", "number", "place"], ["on", "text"]


@admin.register(NcsiDimension)
class NcsiDimensionAdmin(Texts):
    list_display = ["number", "name"]
    shown, texts = ["code", "number"], ["name"]


@admin.register(ObjectiveVersion)
class ObjectiveVersionAdmin(Texts):
    """Working translations of a wording; its French changes by amendment."""

    list_display = ["objective", "number", "valid_from", "title"]
    list_select_related = ["objective"]
    search_fields = ["objective__code", "title_fr"]
    shown, amended = ["objective", "number", "valid_from", "amendment"], ["title", "statement"]

    def amendment_address(self, row: Any) -> str:
        return reverse("objective-amend", args=[row.objective.code])

    def after_saving(self, row: Any) -> None:
        bring_into_force()


@admin.register(ObjectiveStep)
class ObjectiveStepAdmin(Texts):
    list_display = ["objective", "number", "text"]
    list_select_related = ["version__objective"]
    search_fields = ["version__objective__code", "text_fr"]
    shown, amended = ["objective", "number", "place"], ["text"]

    @admin.display(ordering="version__objective__position")
    def objective(self, row: ObjectiveStep) -> str:
        return str(row.version.objective)

    def amendment_address(self, row: Any) -> str:
        return reverse("objective-amend", args=[row.version.objective.code])


@admin.register(Responsibility)
class ResponsibilityAdmin(Texts):
    """Who carries an objective: the plan's own statements and the working proposals."""

    list_display = ["objective", "part", "unit", "group", "basis"]
    list_filter = ["part", "basis"]
    list_select_related = ["objective", "unit"]
    search_fields = ["objective__code"]
    shown, plain = ["objective", "part", "position"], ["unit", "group", "basis"]
