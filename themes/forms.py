"""Forms about objectives."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from plans.forms import IN_FRENCH, ActForm


class ObjectiveAmendmentForm(ActForm):
    """Another wording of an objective; ``steps`` is a line a step."""

    title = forms.CharField(label=_("Title"), max_length=160, help_text=IN_FRENCH)
    statement = WordsField(
        label=_("Statement"), help_text=IN_FRENCH, widget=forms.Textarea(attrs={"rows": 6})
    )
    steps = WordsField(
        label=_("Steps"),
        required=False,
        help_text=_("A line a step, in order, in French."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    field_order = ["title", "statement", "steps", "reason", "effective_on"]

    def clean_steps(self) -> str:
        """The steps a line each, without empty ones."""
        lines = (line.strip() for line in self.cleaned_data["steps"].splitlines())
        return "\n".join(filter(None, lines))
