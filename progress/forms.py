"""What a reader chooses on the pages of progress; all of it stands in the address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.looks import STATUSES
from foundation.templatetags.jalon import period as period_name
from indicators.enums import Headline, Status
from themes.enums import Level
from themes.models import NcsiDimension, Theme

from .selectors.reviews import Calendar, ObjectiveStanding, Standing

ALL = ("", _("All"))
HEADLINES = [ALL, *((each.value, STATUSES[each].label) for each in Headline)]


class PeriodForm(forms.Form):
    """The period under review, among those whose round was opened."""

    def __init__(self, *args: Any, calendar: Calendar, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [each.code for each in calendar.choices]
        self.fields["period"] = forms.ChoiceField(
            label=_("Period"), required=False, choices=[(code, period_name(code)) for code in codes]
        )


class IndicatorFilter(PeriodForm):
    """Which indicators to list."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[ALL, *((each.value, STATUSES[each].label) for each in Status)],
    )

    def keeps(self, standing: Standing) -> bool:
        wanted = self.cleaned_data.get("status")
        return not wanted or standing.status == wanted


class ObjectiveFilter(PeriodForm):
    """Which objectives to list."""

    results = forms.ChoiceField(label=_("Results"), required=False, choices=HEADLINES)
    efforts = forms.ChoiceField(label=_("Efforts"), required=False, choices=HEADLINES)
    theme: forms.ModelChoiceField[Theme] = forms.ModelChoiceField(
        Theme.objects.all(),
        label=_("Theme"),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[ALL, *Level.choices])
    dimension: forms.ModelChoiceField[NcsiDimension] = forms.ModelChoiceField(
        NcsiDimension.objects.all(),
        label=_("NCSI dimension"),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )

    def keeps(
        self, standing: ObjectiveStanding, linked: Mapping[NcsiDimension, Collection[int]]
    ) -> bool:
        """Whether an objective fits every choice; a theme takes its sub-themes with it."""
        chosen, objective = self.cleaned_data, standing.objective
        theme, dimension = chosen["theme"], chosen["dimension"]
        return (
            chosen["results"] in ("", standing.results.headline)
            and chosen["efforts"] in ("", standing.efforts.headline)
            and chosen["level"] in ("", objective.level)
            and (theme is None or theme.pk in (objective.theme_id, objective.theme.parent_id))
            and (dimension is None or objective.theme_id in linked[dimension])
        )
