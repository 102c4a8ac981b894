"""Words of several lines: counted as the browser counts them, in every form."""

import pytest

from submissions import forms

FIELDS = [
    (forms.AnswerForm, "answer"),
    (forms.AskForm, "reason"),
    (forms.DecisionForm, "reason"),
    (forms.ExtensionForm, "reason"),
    (forms.RefusalForm, "refusal"),
    (forms.RemarkForm, "text"),
    (forms.ReturnForm, "reason"),
    (forms.WithdrawForm, "reason"),
]


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_the_end_of_a_line_is_one_character(kind, name):
    longest = kind.base_fields[name].max_length
    text = "a" * (longest - 40) + "\r\nb" * 20
    data = {name: text, "until": "2031-01-01"}
    form = kind(data)
    assert form.errors == {}
    assert form.cleaned_data[name] == text.replace("\r\n", "\n")
    assert len(form.cleaned_data[name]) == longest
    assert name in kind(data | {name: text + "c"}).errors
