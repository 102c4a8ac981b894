"""The catalogue in the administration: for the secretariat, with history, and without figures."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from organisations.editing import Texts

from .models import (
    BreakdownOption,
    HistoricalFigure,
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    ScaleLevel,
)


def _amend(indicator: Indicator) -> str:
    return reverse("definition-amend", args=[indicator.code])


@admin.register(Indicator)
class IndicatorAdmin(Texts):
    list_display = ["code", "nature", "is_key", "is_restricted", "paired_with"]
    list_filter = ["nature", "is_key", "is_restricted"]
    list_select_related = ["paired_with"]
    search_fields = ["code", "versions__name_fr", "versions__name_nl"]
    shown = ["code", "objective", "point", "condition", "commitment"]
    plain = ["is_key", "nature", "is_restricted", "paired_with"]


@admin.register(IndicatorVersion)
class IndicatorVersionAdmin(Texts):
    """Translations and what explains a definition; what it means changes by amendment."""

    list_display = ["indicator", "number", "name", "kind", "frequency"]
    list_filter = ["kind", "frequency", "direction"]
    list_select_related = ["indicator"]
    search_fields = ["indicator__code", "name_fr", "name_nl"]
    shown = [
        "indicator", "number", "valid_from", "valid_to", "amendment", "kind", "direction",
        "temporal", "frequency", "decimals", "scale", "is_part", "threshold_level",
        "minimum_coverage", "materiality", "for_every_unit", "addressed", "reporter",
    ]  # fmt: skip
    plain = ["lower_bound", "upper_bound"]
    texts = ["limits", "source_system"]
    amended = [
        "name", "definition", "unit", "numerator_label", "denominator_label", "breakdown_label",
    ]  # fmt: skip

    def amendment_address(self, row: Any) -> str:
        return _amend(row.indicator)


class Part(Texts):
    """A part of a definition: its translations; its French changes by amendment."""

    list_select_related = ["version__indicator"]
    search_fields = ["version__indicator__code"]

    @admin.display(ordering="version__indicator__position")
    def indicator(self, row: Any) -> str:
        return f"{row.version.indicator.code}/{row.version.number}"

    def amendment_address(self, row: Any) -> str:
        return _amend(row.version.indicator)


@admin.register(BreakdownOption)
class BreakdownOptionAdmin(Part):
    list_display = ["indicator", "position", "label"]
    shown, amended = ["indicator", "code", "position"], ["label"]


@admin.register(ScaleLevel)
class ScaleLevelAdmin(Part):
    list_display = ["indicator", "level", "text"]
    shown, amended = ["indicator", "level"], ["text"]


@admin.register(MilestoneStep)
class MilestoneStepAdmin(Part):
    list_display = ["indicator", "number", "due_on", "text"]
    shown, amended = ["indicator", "number", "due_on", "originally_due_on"], ["text"]


@admin.register(NotApplicableReason)
class NotApplicableReasonAdmin(Part):
    list_display = ["indicator", "code", "text"]
    shown, amended = ["indicator", "code"], ["text"]


@admin.register(HistoricalFigure)
class HistoricalFigureAdmin(Texts):
    """The words around published figures; the figures stay the source's."""

    list_display = ["key", "indicator", "label", "dating", "source"]
    list_select_related = ["indicator"]
    search_fields = ["key", "label", "indicator__code"]
    shown = ["key", "indicator", "value", "first_day", "last_day", "qualifier"]
    texts = ["label", "unit", "dating", "source", "source_date", "note"]
    plain = ["dating_basis"]
