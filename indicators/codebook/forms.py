"""Forms of the codebook. They check what is typed; the services decide what is allowed."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from indicators.labels import FREQUENCIES, KINDS, NATURES
from organisations.enums import UnitKind
from organisations.forms import UnitChoices
from organisations.models import Unit, User

from . import rules
from .selectors import Terms, headings

NO_DATA = _("No personal or operational data, no numbers of reports.")


class CodebookFilter(forms.Form):
    """What narrows the codebook; what makes no sense narrows nothing."""

    words = forms.CharField(label=_("Words"), required=False, max_length=100)
    heading = forms.ChoiceField(label=_("Part of the plan"), required=False)
    nature = forms.ChoiceField(
        label=_("Effort or result"), required=False, choices=[("", _("All")), *NATURES]
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *KINDS])
    reporter = forms.ChoiceField(
        label=_("Who reports"), required=False, choices=[("", _("All")), *UnitKind.choices]
    )
    frequency = forms.ChoiceField(
        label=_("Frequency"), required=False, choices=[("", _("All")), *FREQUENCIES]
    )
    key = forms.BooleanField(label=_("Key indicators only"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        heading = cast(forms.ChoiceField, self.fields["heading"])
        heading.choices = [("", _("All")), *headings()]

    def terms(self) -> Terms:
        self.is_valid()
        return Terms(**self.cleaned_data)


class QuestionForm(forms.Form):
    """A question about a definition, for one of the asker's units."""

    unit = UnitChoices(label=_("For the unit"), queryset=Unit.objects.none())
    text = WordsField(
        label=_("Your question"),
        max_length=rules.LONGEST_QUESTION,
        help_text=NO_DATA,
        error_messages={"required": _("Write your question.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, actor: User, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rules.own_units(actor)
        unit = cast(UnitChoices, self.fields["unit"])
        unit.queryset = units
        if not is_new:
            del self.fields["unit"]
        elif len(units) == 1:
            unit.initial = units[0]
            unit.widget = forms.HiddenInput()


class AnswerForm(forms.Form):
    """The answer to a question; it stays with the definition."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)
    answer = WordsField(
        label=_("Answer"),
        max_length=rules.LONGEST_ANSWER,
        help_text=_("Everybody who reads the definition sees it. It does not change the rules."),
        error_messages={"required": _("Write an answer.")},
        widget=forms.Textarea(attrs={"rows": 6}),
    )
