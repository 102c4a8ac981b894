"""Forms about people and zones. They check what is typed; the services decide what is allowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_text_html,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.forms.widgets import DateInput
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField

from . import rules, selectors
from .enums import AreaKind, CodeStatus, Language, Role
from .models import Area, Municipality, Unit, User
from .reorganisation import NewZone, Proposal


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
        choices=[("", _("As my unit speaks, else as this device asks")), *Language.interface()],
    )


class ContactsForm(forms.Form):
    """How a unit is reached. What the page showed goes along, so that no other change is lost."""

    telephone = forms.CharField(
        label=_("Telephone"),
        required=False,
        max_length=30,
        help_text=_("Of the service, such as 02 000 00 00. Digits, spaces and + ( ) / . only."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    mailbox = forms.EmailField(
        label=_("Functional mailbox"),
        required=False,
        help_text=_(
            "An address of the service that several people read, not somebody’s own: it is shown "
            "to everybody who works with this unit."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    seen_telephone = forms.CharField(required=False, widget=forms.HiddenInput)
    seen_mailbox = forms.CharField(required=False, widget=forms.HiddenInput)


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


# --- Mergers and splits -------------------------------------------------------------------------

MOST_PREDECESSORS = 6
MOST_PARTS = 6
FARTHEST = dt.timedelta(days=3653)
FIRST_ZONES = dt.date(2002, 1, 1)


def _ended(unit: Unit) -> str:
    return now("%(unit)s has an end already: %(day)s.") % {
        "unit": unit.label,
        "day": unit.valid_to.strftime("%d/%m/%Y") if unit.valid_to else "",
    }


class ZoneChoices(UnitChoices):
    """Zones in existence to choose from; one that has an end is named in the refusal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=Unit.objects.zones().order_by("name_fr", "name_nl", "slug"),
            to_field_name="slug",
            empty_label=_("Choose a zone"),
            **options,
        )
        self.error_messages["invalid_choice"] = _("There is no such zone.")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and value.valid_to is not None:
            raise ValidationError(_ended(value), code="ended")


def _choose_among(form: forms.Form, names: Sequence[str]) -> None:
    """One reading of the zones for all the fields that offer them."""
    zones = Unit.objects.zones().filter(valid_to__isnull=True).order_by("name_fr", "slug")
    labels = sorted(((unit.slug, unit.label) for unit in zones), key=lambda each: each[1])
    for name in names:
        form.fields[name].choices = [("", _("Choose a zone")), *labels]  # type: ignore[attr-defined]


class _Dated(forms.Form):
    """A day on which zones give way to others."""

    effective_on = date_field(
        label=_("Effective on"),
        help_text=_("The first day of the new situation, past or to come. Day, month, year."),
    )

    def clean_effective_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["effective_on"]
        if day < FIRST_ZONES:
            raise ValidationError(_("The zones began on 1 January 2002."))
        if day > timezone.localdate() + FARTHEST:
            raise ValidationError(_("This is more than ten years ahead: check the year."))
        return day

    def check_begun(self, units: Sequence[Unit]) -> None:
        day = self.cleaned_data.get("effective_on")
        for unit in units:
            if day is not None and unit.valid_from is not None and unit.valid_from >= day:
                self.add_error(
                    "effective_on",
                    now("%(unit)s begins on %(day)s only: choose a later day.")
                    % {"unit": unit.label, "day": unit.valid_from.strftime("%d/%m/%Y")},
                )


class MergerChoice(_Dated):
    """Which zones merge, when, and whether one of them goes on under its name."""

    goes_on = forms.ChoiceField(
        label=_("What they become"),
        choices=[
            ("new", _("A new zone, with a name of its own")),
            ("first", _("The first zone, which absorbs the others and keeps name and code")),
        ],
        initial="new",
        widget=forms.RadioSelect,
    )

    field_order = [f"zone_{number}" for number in range(1, MOST_PREDECESSORS + 1)]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_PREDECESSORS + 1):
            self.fields[f"zone_{number}"] = ZoneChoices(
                label=now("Zone %(number)s") % {"number": number}, required=number <= 2
            )
        self.order_fields(self.field_order)
        _choose_among(self, self.field_order)

    @property
    def zones(self) -> tuple[Unit, ...]:
        found = [self.cleaned_data.get(name) for name in self.field_order]
        return tuple(unit for unit in found if unit is not None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen: set[int] = set()
        for name in self.field_order:
            unit = cleaned.get(name)
            if unit is not None and unit.pk in seen:
                self.add_error(name, _("This zone stands above already."))
            elif unit is not None:
                seen.add(unit.pk)
        self.check_begun(self.zones)
        return cleaned

    def proposed(self) -> list[dict[str, Any]]:
        """The successor as its predecessors suggest it, to be confirmed or changed."""
        first = self.zones[0]
        found = _like(self.zones)
        if self.cleaned_data["goes_on"] == "first":
            found |= {
                name: getattr(first, name)
                for name in ("name_fr", "name_nl", "name_de", "code", "language")
            }
            found["confirmed"] = first.code_status == CodeStatus.CONFIRMED
        return [found]


class SplitChoice(_Dated):
    """Which zone splits, when, and into how many."""

    zone = ZoneChoices(label=_("Zone that splits"))
    parts = forms.TypedChoiceField(
        label=_("Into how many zones"),
        choices=[(number, number) for number in range(2, MOST_PARTS + 1)],
        coerce=int,
    )

    field_order = ["zone", "parts", "effective_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_among(self, ["zone"])

    @property
    def zones(self) -> tuple[Unit, ...]:
        return (self.cleaned_data["zone"],)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unit, parts = cleaned.get("zone"), cleaned.get("parts")
        if unit is None:
            return cleaned
        self.check_begun([unit])
        count = self.municipalities().count()
        if parts and 0 < count < parts:
            text = now("%(unit)s has fewer municipalities than that: %(count)s.")
            self.add_error("parts", text % {"unit": unit.label, "count": count})
        return cleaned

    def municipalities(self) -> Any:
        """Those that the zone polices on the eve of that day."""
        day = self.cleaned_data.get("effective_on") or timezone.localdate()
        found = Municipality.objects.policed_on(day - dt.timedelta(days=1))
        return found.filter(zone=self.cleaned_data["zone"].pk)

    def proposed(self) -> list[dict[str, Any]]:
        return [_like(self.zones) for _number in range(self.cleaned_data["parts"])]


def _like(zones: Sequence[Unit]) -> dict[str, Any]:
    """Areas and control as the most populous of ``zones`` has them; a language that suits all."""
    latest = {unit.pk: unit.populations.order_by("on").last() for unit in zones}
    largest = max(zones, key=lambda unit: getattr(latest[unit.pk], "inhabitants", 0))
    languages = {unit.language for unit in zones}
    both = {Language.FR, Language.NL, Language.FR_NL}
    mixed = Language.FR_NL if languages <= both else largest.language
    return {
        "language": languages.pop() if len(languages) == 1 else mixed,
        "region": largest.region_id,
        "province": largest.province_id,
        "arrondissement": largest.arrondissement_id,
        "controlled_by": largest.controlled_by_id,
        "has_point_of_entry": any(unit.has_point_of_entry for unit in zones),
    }


def _areas(kind: str) -> Any:
    return Area.objects.filter(kind=kind)


class NewZoneForm(forms.Form):
    """A zone to come. Its name in its own language is needed, its code may come later."""

    name_fr = forms.CharField(label=_("Name in French"), max_length=160, required=False)
    name_nl = forms.CharField(label=_("Name in Dutch"), max_length=160, required=False)
    name_de = forms.CharField(label=_("Name in German"), max_length=160, required=False)
    language = forms.ChoiceField(
        label=_("Language of the zone"),
        choices=[choice for choice in Language.choices if choice[0] != Language.EN],
    )
    code = forms.RegexField(
        r"^[0-9]{4}$",
        label=_("Code"),
        required=False,
        help_text=_("Four digits. Left empty while it is not known."),
        error_messages={"invalid": _("A zone’s code has four digits.")},
    )
    confirmed = forms.BooleanField(label=_("The code is confirmed"), required=False)
    region = forms.ModelChoiceField(label=_("Region"), queryset=_areas(AreaKind.REGION))
    province = forms.ModelChoiceField(
        label=_("Province"),
        queryset=_areas(AreaKind.PROVINCE),
        required=False,
        help_text=_("None in Brussels."),
        empty_label=_("None"),
    )
    arrondissement = forms.ModelChoiceField(
        label=_("Arrondissement"), queryset=_areas(AreaKind.ARRONDISSEMENT)
    )
    controlled_by = UnitChoices(
        label=_("Figures controlled by"),
        queryset=Unit.objects.filter(pk__in=Unit.objects.values("controlled_by")),
    )
    has_point_of_entry = forms.BooleanField(label=_("Has a point of entry"), required=False)

    def __init__(self, *args: Any, predecessors: Sequence[Unit], day: dt.date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.predecessors, self.day = predecessors, day

    def _others(self) -> Any:
        """Zones that exist on that day beside the one to come."""
        gone = [unit.pk for unit in self.predecessors]
        return Unit.objects.zones().valid_on(self.day).exclude(pk__in=gone)

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        other = code and self._others().filter(code=code).first()
        if other:
            raise ValidationError(now("%(unit)s has this code.") % {"unit": other.label})
        return code

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        language = cleaned.get("language", "")
        for each in language.split("/") if language else []:
            name = f"name_{each}"
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("A zone has a name in its own language."))
        for name in ("name_fr", "name_nl", "name_de"):
            typed = cleaned.get(name)
            other = typed and self._others().filter(**{f"{name}__iexact": typed}).first()
            if other:
                self.add_error(name, _("Another zone has this name."))
        return cleaned

    def zone(self, municipalities: Sequence[Municipality] = ()) -> NewZone:
        typed = dict(self.cleaned_data)
        confirmed = typed.pop("confirmed")
        status = CodeStatus.CONFIRMED if confirmed else CodeStatus.GUESS
        return NewZone(code_status=status, municipalities=tuple(municipalities), **typed)


class AllotmentForm(forms.Form):
    """To which of the parts each municipality of a zone that splits goes."""

    def __init__(
        self, *args: Any, municipalities: Sequence[Municipality], parts: int, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.municipalities, self.parts = list(municipalities), parts
        choices: list[tuple[str, Any]] = [("", _("Choose"))]
        choices += [
            (str(number), now("Zone %(number)s") % {"number": number})
            for number in range(1, parts + 1)
        ]
        for each in self.municipalities:
            self.fields[f"m{each.nis}"] = forms.ChoiceField(
                label=f"{each.name} ({each.nis})", choices=choices
            )

    def of(self, number: int) -> list[Municipality]:
        """The municipalities of part ``number``, from 1."""
        return [
            each
            for each in self.municipalities
            if self.cleaned_data.get(f"m{each.nis}") == str(number)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.municipalities and not self.errors:
            for number in range(1, self.parts + 1):
                if not self.of(number):
                    text = now("Zone %(number)s gets no municipality.") % {"number": number}
                    self.add_error(f"m{self.municipalities[0].nis}", text)
        return cleaned


class ActForm(forms.Form):
    """The act that decides."""

    reason = WordsField(
        label=_("Decided by"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The act: royal decree, date, publication. It stays on the record."),
    )


class ReorganisationForms:
    """The forms of a page that describes zones to come, bound together."""

    def __init__(self, choice: MergerChoice | SplitChoice, data: Any = None) -> None:
        self.choice = choice
        self.day: dt.date = choice.cleaned_data["effective_on"]
        self.zones = [
            NewZoneForm(
                data, prefix=f"z{number}", initial=initial, predecessors=choice.zones, day=self.day
            )
            for number, initial in enumerate(choice.proposed(), start=1)
        ]
        self.act = ActForm(data, prefix="act")
        self.allotment: AllotmentForm | None = None
        if isinstance(choice, SplitChoice):
            self.allotment = AllotmentForm(
                data,
                prefix="a",
                municipalities=choice.municipalities().order_by("name_fr"),
                parts=len(self.zones),
            )

    @property
    def every(self) -> list[forms.Form]:
        return [*self.zones, *([self.allotment] if self.allotment else []), self.act]

    def is_valid(self) -> bool:
        wrong = [form for form in self.every if not form.is_valid()]
        return not wrong and self._names_differ()

    def _names_differ(self) -> bool:
        """No two of the zones to come share a name or a code."""
        for place, form in enumerate(self.zones):
            for earlier in self.zones[:place]:
                for name in ("name_fr", "name_nl", "name_de", "code"):
                    typed = form.cleaned_data.get(name)
                    if typed and typed == earlier.cleaned_data.get(name):
                        form.add_error(name, _("Another zone to come has it too."))
        return not any(form.errors for form in self.zones)

    def proposal(self) -> Proposal:
        allotment = self.allotment
        return Proposal(
            predecessors=self.choice.zones,
            zones=tuple(
                form.zone(allotment.of(number) if allotment else ())
                for number, form in enumerate(self.zones, start=1)
            ),
            effective_on=self.day,
            reason=cast(str, self.act.cleaned_data["reason"]),
        )


class UndoForm(forms.Form):
    reason = WordsField(
        label=_("Why it is taken back"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


# --- Populations --------------------------------------------------------------------------------


class PopulationFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx)."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=200,
        help_text=_("Who published the figures, and when; it stands beside each of them."),
    )
