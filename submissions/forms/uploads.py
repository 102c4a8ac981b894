"""Sending a file of figures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from foundation.uploads import Unreadable, is_workbook
from submissions.models.uploads import LIMITS


class UploadForm(forms.Form):
    """A workbook or a CSV file, as far as can be said before it is read."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(".xlsx or .csv; at most 5 MB, 50 MB unpacked, 5,000 rows and 100 columns."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": _("Choose the file that you have filled in."),
            "empty": _("The file is empty."),
        },
    )

    def clean_file(self) -> UploadedFile:
        """Raises ValidationError where size, name and first bytes tell already."""
        sent: Any = self.cleaned_data["file"]
        if sent.size > LIMITS.size:  # Before it is read at all.
            raise ValidationError(_("The file is larger than 5 MB: split it."))
        content = sent.read()
        sent.seek(0)
        try:
            is_workbook(content, sent.name, LIMITS)
        except Unreadable as refusal:
            raise ValidationError(str(refusal)) from refusal
        return sent
