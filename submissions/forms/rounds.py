"""What the secretariat types to plan rounds, and what is typed about more time."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from submissions.dates import Dates


def day_field(**options: Any) -> forms.DateField:
    picker = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(widget=picker, **options)


def days_field(**options: Any) -> forms.IntegerField:
    digits = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4})
    return forms.IntegerField(max_value=365, widget=digits, **options)


class TimingForm(forms.Form):
    """When the rounds of a frequency open, are due and lock, in days."""

    opens_after = days_field(
        label=_("Opens, days after the period"), min_value=1, help_text=_("1: the next day.")
    )
    due_after = days_field(label=_("Due, days after the opening"), min_value=1)
    grace = days_field(label=_("Grace, days from due to lock"), min_value=0)


class DatesForm(forms.Form):
    """The days on which a planned round opens, is due and locks."""

    opens = day_field(label=_("Opens"), help_text=_("At 00:00, after the end of the period."))
    due = day_field(label=_("Due"), help_text=_("At 23:59."))
    locks = day_field(label=_("Locks"), help_text=_("At 23:59, on the day it is due or later."))

    @property
    def dates(self) -> Dates:
        return Dates(**self.cleaned_data)


_WORDS: dict[str, Any] = {
    "max_length": 1000,
    "widget": forms.Textarea(attrs={"rows": 3}),
}


class ExtensionForm(forms.Form):
    """More time for a unit."""

    until = day_field(label=_("Open until"), help_text=_("At 23:59, for this unit alone."))
    reason = WordsField(
        label=_("Reason"),
        help_text=_("The unit reads it word for word. No personal or operational data."),
        **_WORDS,
    )


class RefusalForm(forms.Form):
    """Why a request for more time is refused."""

    refusal = WordsField(
        label=_("Reason of the refusal"),
        help_text=_("The unit reads it word for word. No personal or operational data."),
        **_WORDS,
    )


class AskForm(forms.Form):
    """Why a unit needs more time."""

    reason = WordsField(
        label=_("Why you need more time"),
        help_text=_("A sentence, and by when you will have sent. No personal or operational data."),
        error_messages={"required": _("Say why: the secretariat decides on it.")},
        **_WORDS,
    )
