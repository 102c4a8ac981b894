from django import forms
from django.template import Context, Template
from django.utils import translation

from foundation.templatetags.jalon import target
from tests.frontend.gallery import EntryForm


class NumberForm(forms.Form):
    checks = forms.CharField(label="Checks", help_text="For example 410.")
    level = forms.ChoiceField(label="Level", choices=[("0", "None")], widget=forms.RadioSelect)
    note = forms.CharField(label="Note", required=False)

    def clean(self) -> None:
        raise forms.ValidationError("The total does not add up.")


def summary(*bound: forms.BaseForm) -> str:
    names = {f"form{n}": form for n, form in enumerate(bound)}
    source = "{% load jalon %}{% error_summary " + " ".join(names) + " %}"
    return Template(source).render(Context(names))


def test_a_field_shows_its_error_and_points_to_it():
    html = str(NumberForm({"level": "0"})["checks"].as_field_group())
    assert "govuk-form-group--error" in html
    assert '<div class="govuk-hint" id="id_checks_helptext">For example 410.</div>' in html
    assert 'id="id_checks_error"' in html
    assert 'aria-describedby="id_checks_helptext id_checks_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend():
    html = str(NumberForm()["level"].as_field_group())
    assert "<fieldset" in html
    assert '<legend class="govuk-fieldset__legend">Level' in html


def test_only_optional_fields_say_so():
    with translation.override("en"):
        form = NumberForm()
        assert "(optional)" in str(form["note"].as_field_group())
        assert "(optional)" not in str(form["checks"].as_field_group())


def test_a_checkbox_stands_before_its_label():
    html = str(EntryForm()["attest"].as_field_group())
    assert html.index("<input") < html.index("<label")


def test_summary_links_each_error_to_its_field_in_the_same_words():
    form = NumberForm({"checks": "", "level": ""})
    html = summary(form)
    assert "The total does not add up." in html
    for name in ("checks", "level"):
        assert f'href="#{target(form[name])}"' in html
        assert form[name].errors[0] in html


def test_summary_targets_exist_in_the_rendered_form():
    form = EntryForm({"checks": "", "reason": "x"})
    rendered = str(form)
    assert [f.name for f in form if f.errors and f'id="{target(f)}"' not in rendered] == []


def test_no_summary_without_errors():
    assert summary(NumberForm()).strip() == ""


def test_hostile_text_in_an_error_is_inert():
    form = EntryForm({"reason": "<script>alert(1)</script>"})
    assert "<script>" not in summary(form)
