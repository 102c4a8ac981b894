"""A file that supports a figure."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from submissions.filetypes import KINDS, LARGEST, SUFFIXES, RefusedFile, accepted, too_large


class EvidenceForm(forms.Form):
    """One file; what is wrong with it is said at the field. ``content`` is what it holds."""

    content = b""

    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": SUFFIXES}),
        error_messages={
            "required": _("Choose a file."),
            "missing": _("Choose a file."),
            "invalid": _("Choose a file."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "No personal or operational data. One of these, of 5 MB at most: %(kinds)s."
        ) % {"kinds": KINDS}

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
