"""Forms about the plan: the day one looks at, and amendments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from foundation.templatetags import jalon
from organisations.forms import date_field

from .enums import AmendmentState, Authority
from .models import Plan

NO_DATA = _("No personal or operational data.")
IN_FRENCH = _("In French, the text that counts; translations are made afterwards.")


class InForceForm(forms.Form):
    """The day on which one wants to know what is in force; today where nothing is asked."""

    on = date_field(label=_("In force on"), required=False)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan

    def clean_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["on"]
        if day and not self.plan.first_day <= day <= self.plan.last_day:
            days = {
                "first": jalon.day(self.plan.first_day),
                "last": jalon.day(self.plan.last_day),
            }
            raise forms.ValidationError(
                _("Choose a day of the plan, from %(first)s to %(last)s.") % days
            )
        return day

    @property
    def day(self) -> dt.date:
        """The day that was asked for, today where none or a wrong one was."""
        asked = self.cleaned_data.get("on") if self.is_valid() else None
        return asked or timezone.localdate()


class ActForm(forms.Form):
    """Why an amendment is made and from when on it holds."""

    reason = WordsField(
        label=_("Reason"),
        max_length=2000,
        help_text=NO_DATA,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: who reads it later must understand.")},
    )
    effective_on = date_field(
        label=_("In force from"),
        help_text=_("What is in force until then stays readable."),
    )


class RecordedActForm(ActForm):
    """An act that was taken already: its reference and its day."""

    reference = forms.CharField(
        label=_("Reference of the act"),
        max_length=200,
        error_messages={"required": _("Give the reference of the act, so that it can be found.")},
    )
    adopted_on = date_field(label=_("Day of the act"))


class ConditionAmendmentForm(ActForm):
    title = forms.CharField(label=_("Title"), max_length=200, help_text=IN_FRENCH)
    text = WordsField(
        label=_("Text"), help_text=IN_FRENCH, widget=forms.Textarea(attrs={"rows": 12})
    )

    field_order = ["title", "text", "reason", "effective_on"]


class AdoptionForm(forms.Form):
    """The act by which the authority adopted a proposal."""

    reference = RecordedActForm.base_fields["reference"]
    adopted_on = RecordedActForm.base_fields["adopted_on"]
    effective_on = date_field(label=_("In force from"))


class WithdrawalForm(forms.Form):
    reason = WordsField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why the proposal is withdrawn.")},
    )


class AmendmentFilter(forms.Form):
    """What narrows the list of amendments; what makes no sense narrows nothing."""

    words = forms.CharField(label=_("Words"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *AmendmentState.choices]
    )
    authority = forms.ChoiceField(
        label=_("Authority"), required=False, choices=[("", _("All")), *Authority.choices]
    )

    def terms(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
