"""The plan's texts in the administration: for the secretariat, with history."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import reverse

from organisations.editing import Texts

from .models import (
    Commitment,
    CommitmentPoint,
    ConditionPoint,
    ConditionVersion,
    Framework,
    GlossaryEntry,
    KeyDate,
    LegalReference,
    Passage,
    PlanFigure,
    SourceNote,
)
from .services import bring_into_force


@admin.register(Passage)
class PassageAdmin(Texts):
    list_display = ["place", "kind", "heading"]
    list_filter = ["kind"]
    search_fields = ["place", "heading_fr", "text_fr"]
    shown, texts = ["place", "kind"], ["heading", "text"]


@admin.register(ConditionVersion)
class ConditionVersionAdmin(Texts):
    """Working translations of a wording; its French changes by amendment."""

    list_display = ["condition", "number", "valid_from", "title"]
    list_select_related = ["condition"]
    search_fields = ["condition__code", "title_fr"]
    shown, amended = ["condition", "number", "valid_from", "amendment"], ["title", "text"]

    def amendment_address(self, row: Any) -> str:
        return reverse("condition-amend", args=[row.condition.code])

    def after_saving(self, row: Any) -> None:
        bring_into_force()


@admin.register(ConditionPoint)
class ConditionPointAdmin(Texts):
    list_display = ["place", "title"]
    search_fields = ["place", "title_fr", "text_fr"]
    shown, texts = ["condition", "place"], ["title", "text"]


@admin.register(Commitment)
class CommitmentAdmin(Texts):
    list_display = ["code", "kind", "title"]
    list_filter = ["kind"]
    search_fields = ["code", "title_fr", "text_fr"]
    shown, texts = ["code", "kind", "place"], ["title", "text"]


@admin.register(CommitmentPoint)
class CommitmentPointAdmin(Texts):
    list_display = ["place", "title"]
    search_fields = ["place", "title_fr", "text_fr"]
    shown, texts = ["commitment", "place"], ["title", "text"]


@admin.register(PlanFigure)
class PlanFigureAdmin(Texts):
    """The words around the plan's own figures; the figures stay the plan's."""

    list_display = ["code", "label", "value", "value_text", "unit", "dating"]
    search_fields = ["code", "label_fr"]
    shown = ["code", "place", "commitment", "value", "value_text", "on"]
    texts = ["label", "unit", "dating"]


@admin.register(Framework)
class FrameworkAdmin(Texts):
    list_display = ["title", "kind", "reach"]
    list_filter = ["kind", "reach"]
    search_fields = ["title_fr", "note"]
    shown, texts, plain = ["code", "kind", "reach"], ["title"], ["note"]


@admin.register(KeyDate)
class KeyDateAdmin(Texts):
    list_display = ["on", "event"]
    search_fields = ["on", "event_fr"]
    shown, texts = ["code", "on", "place"], ["event"]


@admin.register(LegalReference)
class LegalReferenceAdmin(Texts):
    list_display = ["title", "subject"]
    search_fields = ["title", "subject_fr"]
    shown, plain, texts = ["code", "places"], ["title"], ["subject"]


@admin.register(GlossaryEntry)
class GlossaryEntryAdmin(Texts):
    list_display = ["abbreviation", "expansion", "is_ours"]
    list_filter = ["is_ours"]
    search_fields = ["abbreviation", "expansion_fr"]
    shown, plain, texts = ["abbreviation", "is_ours"], ["note"], ["expansion", "explanation"]


@admin.register(SourceNote)
class SourceNoteAdmin(Texts):
    list_display = ["number", "kind", "place", "observed"]
    list_filter = ["kind"]
    shown, plain = ["number", "kind", "line", "place", "observed"], ["suggested", "note"]
