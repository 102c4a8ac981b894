"""Forms about people. They check what is typed; the services decide what is allowed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.forms.widgets import DateInput
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import rules, selectors
from .enums import Language, Role
from .models import Unit, User


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put a service's errors at the fields they are about, the others above the form."""
    for field, messages in error.message_dict.items():
        form.add_error(field if field in form.fields else None, messages)


def date_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=DateInput(format="%Y-%m-%d", attrs={"type": "date"}), **options)


class UnitChoices(forms.ModelChoiceField):
    def label_from_instance(self, obj: Unit) -> str:
        return obj.label


class InvitationForm(forms.Form):
    """What an administrator may invite to, or the little that an approver may."""

    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    unit = UnitChoices(
        label=_("Unit"),
        queryset=Unit.objects.none(),
        required=False,
        help_text=_("For a reporter, an approver, a coordinator or the authority of a zone."),
    )
    start = date_field(label=_("From"), required=False, help_text=_("Left empty: from today on."))
    end = date_field(
        label=_("Until"), required=False, help_text=_("The first day without the role.")
    )
    stand_in = forms.BooleanField(label=_("Stand-in approver, between these dates"), required=False)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reach = rules.reach(actor)
        units = selectors.units_in_existence()
        if self.reach.everyone:
            self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        else:
            self._limit(units.filter(pk__in=self.reach.reporters))

    def _limit(self, units: Any) -> None:
        """To reporters of one's own units, and to stand-ins if not one oneself."""
        del self.fields["stand_in"]
        choices: list[tuple[str, Any]] = [(Role.REPORTER, Role.REPORTER.label)]
        if self.reach.stand_ins:
            choices.append((Role.APPROVER, _("Stand-in approver (with an end date)")))
        self.fields["role"].choices = choices  # type: ignore[attr-defined]
        unit = self.fields["unit"]
        unit.queryset, unit.required, unit.help_text = units, True, ""  # type: ignore[attr-defined]
        unit.initial = self.reach.reporters and min(self.reach.reporters)

    def terms(self) -> dict[str, Any]:
        """What ``services.invite`` takes."""
        limited = "stand_in" not in self.fields
        stand_in = self.cleaned_data["role"] == Role.APPROVER if limited else None
        return {**self.cleaned_data, **({} if stand_in is None else {"stand_in": stand_in})}


class InvitationFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"})
    )


class PeopleFilter(forms.Form):
    """What narrows the list of people; what makes no sense narrows nothing."""

    words = forms.CharField(label=_("Name, address or unit"), required=False, max_length=100)
    role = forms.ChoiceField(
        label=_("Role"), required=False, choices=[("", _("All roles")), *Role.choices]
    )
    ended = forms.BooleanField(label=_("With those that ended"), required=False)

    def terms(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data


class EndForm(forms.Form):
    end = date_field(
        label=_("First day without the role"),
        initial=timezone.localdate,
        help_text=_("Today ends the role at once."),
    )


class AccountForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    language = forms.ChoiceField(
        label=_("Language of the pages"),
        required=False,
        choices=[("", _("As this device asks")), *Language.interface()],
    )


class OpenAccountForm(forms.Form):
    """The name and the password of a new account."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("The same password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            self._validate(first)
        return cleaned

    def _validate(self, password: str) -> None:
        try:
            validate_password(
                password, User(email=self.email, name=self.cleaned_data.get("name", ""))
            )
        except ValidationError as error:
            self.add_error("password1", error)
