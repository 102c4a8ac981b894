"""The form of a zonal plan: its cover, and a stance for each objective."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from foundation.forms import words
from organisations.enums import AreaKind
from organisations.forms import date_field
from organisations.models import Area
from themes.enums import Level, Stance
from themes.models import Objective, Theme, Uptake, ZonalPlan

from .rules import NEEDS_WORDS
from .services import Cover, Said, missing_words

MOST_WORDS = 2000
STANCES = [("", _("Nothing said yet")), *Stance.choices]


class CoverForm(forms.Form):
    """Which version of the zonal plan it is, and its dates."""

    label = forms.CharField(
        label=_("Version of the zonal plan"),
        required=False,
        max_length=100,
        help_text=_("For instance “PZS 2026-2031, first version”."),
    )
    council_on = date_field(label=_("Day of the zonal security council"), required=False)
    approved_on = date_field(
        label=_("Day of the approval by the ministers"),
        required=False,
        help_text=_("Circular of 10 July 2025."),
    )

    def cover(self) -> Cover:
        return Cover(**self.cleaned_data)


@dataclass(slots=True)
class Row:
    """An objective in the form: what was said or typed, and what is wrong with it."""

    objective: Objective
    stance: str = ""
    text: str = ""
    is_prefilled: bool = False
    error: str = ""
    before: list[tuple[str, str]] = field(default_factory=list)

    @property
    def needs_words(self) -> bool:
        return self.stance in NEEDS_WORDS or bool(self.text)

    @property
    def choices(self) -> list[tuple[str, Any, bool]]:
        return [(value, label, value == self.stance) for value, label in STANCES]


@dataclass(slots=True)
class Section:
    """A theme's objectives, those of the zones' own level first."""

    theme: Theme
    rows: list[Row]

    @property
    def said(self) -> int:
        return sum(bool(row.stance) for row in self.rows)

    @property
    def own(self) -> list[Row]:
        return [row for row in self.rows if row.objective.level != Level.FEDERAL]

    @property
    def federal(self) -> list[Row]:
        return [row for row in self.rows if row.objective.level == Level.FEDERAL]

    @property
    def federal_said(self) -> int:
        return sum(bool(row.stance) for row in self.federal)

    @property
    def opens_federal(self) -> bool:
        return not self.own or any(row.error for row in self.federal)


class StancesForm:
    """What a zone says of every objective. ``posted`` is what was typed, None for what is kept."""

    def __init__(
        self,
        kept: ZonalPlan | None,
        before: Mapping[int, list[tuple[str, str]]],
        posted: Mapping[str, str] | None = None,
    ) -> None:
        uptakes: dict[int, Uptake] = (
            {each.objective_id: each for each in kept.uptakes.all()} if kept else {}
        )
        self.rows: list[Row] = []
        for objective in Objective.objects.select_related("theme"):
            row = Row(objective, before=before.get(objective.pk, []))
            uptake = uptakes.get(objective.pk)
            names = {f"stance-{objective.code}", f"text-{objective.code}"}
            if posted is not None and names & set(posted):
                row.stance = posted.get(f"stance-{objective.code}", "")
                row.text = words(posted.get(f"text-{objective.code}", ""))
            elif uptake:
                row.stance, row.text = uptake.stance, uptake.text
                row.is_prefilled = uptake.is_prefilled
            self.rows.append(row)

    def fill(self, theme: str, stance: str) -> None:
        """Give every objective of a theme of which nothing is said the same stance."""
        if stance in Stance.values and stance not in NEEDS_WORDS:
            for row in self.rows:
                if row.objective.theme.code == theme and not row.stance:
                    row.stance = stance

    def is_valid(self) -> bool:
        for row in self.rows:
            if row.stance and row.stance not in Stance.values:
                row.error = str(_("Choose one of the answers."))
            elif row.stance in NEEDS_WORDS and not row.text:
                row.error = missing_words(row.stance)
            elif row.text and not row.stance:
                row.error = str(_("Choose an answer for these words."))
            elif len(row.text) > MOST_WORDS:
                most = {"most": MOST_WORDS, "typed": len(row.text)}
                row.error = str(_("%(typed)s characters are too many: at most %(most)s.") % most)
        return not self.errors

    @property
    def errors(self) -> list[dict[str, str]]:
        """For the summary of errors: each with the field it is about."""
        return [
            {
                "label": str(row.objective.code),
                "message": row.error,
                "target": f"{'text' if row.stance else 'stance'}-{row.objective.code}",
            }
            for row in self.rows
            if row.error
        ]

    def said(self) -> dict[Objective, Said]:
        return {
            row.objective: Said(Stance(row.stance), row.text) for row in self.rows if row.stance
        }

    @cached_property
    def sections(self) -> list[Section]:
        sections: list[Section] = []
        for row in self.rows:
            if not sections or sections[-1].theme != row.objective.theme:
                sections.append(Section(row.objective.theme, []))
            sections[-1].rows.append(row)
        return sections

    @property
    def count(self) -> int:
        return sum(bool(row.stance) for row in self.rows)

    @property
    def fillers(self) -> list[tuple[str, Any]]:
        return [each for each in Stance.choices if each[0] not in NEEDS_WORDS]


class UptakeFilter(forms.Form):
    """What narrows the page of uptake; what makes no sense narrows nothing."""

    theme: forms.ModelChoiceField[Theme] = forms.ModelChoiceField(
        label=_("Theme"),
        required=False,
        queryset=Theme.objects.all(),
        to_field_name="code",
        empty_label=_("All"),
    )
    level = forms.ChoiceField(
        label=_("Level"), required=False, choices=[("", _("All")), *Level.choices]
    )
    province: forms.ModelChoiceField[Area] = forms.ModelChoiceField(
        label=_("Province"),
        required=False,
        queryset=Area.objects.filter(kind=AreaKind.PROVINCE),
        to_field_name="code",
        empty_label=_("All"),
    )

    def terms(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
