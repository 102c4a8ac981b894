"""A file that supports a figure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from submissions.filetypes import KINDS, LARGEST, SUFFIXES, RefusedFile, accepted, too_large


def _what_is_taken() -> str:
    text = gettext("No personal or operational data. One of these, of 5 MB at most: %(kinds)s.")
    return text % {"kinds": KINDS}


class EvidenceForm(forms.Form):
    """One file; what is wrong with it is said at the field. ``content`` is what it holds."""

    content = b""

    file = forms.FileField(
        label=_("File"),
        help_text=lazy(_what_is_taken, str)(),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": SUFFIXES}),
        error_messages={
            "required": _("Choose a file."),
            "missing": _("Choose a file."),
            "invalid": _("Choose a file."),
        },
    )

    def clean_file(self) -> Any:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(too_large())
        self.content = file.read()
        try:
            accepted(file.name or "", self.content)
        except RefusedFile as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file
