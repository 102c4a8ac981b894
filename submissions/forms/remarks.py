"""Remarks on what another unit reports, and answers to them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from submissions.services import LONGEST_REMARK

_WORDS = forms.Textarea(attrs={"rows": 4})


class RemarkForm(forms.Form):
    """What a unit says of a figure about it."""

    text = WordsField(
        label=_("Remark"),
        help_text=_(
            "The source and who controls it read it word for word, and it cannot be changed "
            "afterwards. No personal or operational data."
        ),
        max_length=LONGEST_REMARK,
        widget=_WORDS,
        error_messages={"required": _("Say what is wrong, or what the source should know.")},
    )


class AnswerForm(forms.Form):
    """What the source answers, once."""

    answer = WordsField(
        label=_("Answer"),
        help_text=_(
            "The unit reads it word for word, and it cannot be changed afterwards. No personal or "
            "operational data."
        ),
        max_length=LONGEST_REMARK,
        widget=_WORDS,
        error_messages={"required": _("Write the answer that the unit reads.")},
    )
