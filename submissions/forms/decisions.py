"""What who controls types, and who withdraws."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from submissions.models.waiting import end_of
from submissions.rules import TIME_TO_CORRECT


class ReturnForm(forms.Form):
    """Why a submission goes back to its unit, and until when it may correct it where that is not
    said by its round: ``needs_time``."""

    reason = WordsField(
        label=_("Reason of the return"),
        help_text=_("The unit reads it word for word. No personal or operational data."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: the unit must know what to look at.")},
    )
    until = forms.DateField(
        label=_("The unit can correct until"),
        help_text=_(
            "The time of the round is over, or nearly. The unit alone gets until the end of this"
            " day, for the reason above."
        ),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Give the unit a day: without it, it could not correct."),
            "invalid": _("Type a date, for example 31/03/2026."),
        },
    )

    def __init__(self, *args: Any, needs_time: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_time:
            self.fields["until"].initial = timezone.localdate() + TIME_TO_CORRECT
        else:
            del self.fields["until"]

    @property
    def until_moment(self) -> dt.datetime | None:
        """The end of the day typed; None where none was asked."""
        day = self.cleaned_data.get("until")
        return end_of(day) if day else None


class WithdrawForm(forms.Form):
    """Why an attested submission is taken back, if one wants to say it."""

    reason = WordsField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DecisionForm(forms.Form):
    """What who controls says about a correction; a refusal needs it."""

    reason = WordsField(
        label=_("Reason"),
        help_text=_(
            "Needed to refuse. The unit reads it word for word. No personal or operational data."
        ),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
