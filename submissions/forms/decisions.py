"""What who controls types."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReturnForm(forms.Form):
    """Why a submission goes back to its unit."""

    reason = forms.CharField(
        label=_("Reason of the return"),
        help_text=_("The unit reads it word for word. No personal or operational data."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why: the unit must know what to look at.")},
    )
