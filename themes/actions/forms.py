"""Forms about actions. They check what is typed; the services decide what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from foundation.numbers import counted
from organisations.forms import UnitChoices, date_field
from organisations.models import Unit, User
from themes.enums import ActionKind, ActionState
from themes.models import Action, Objective, Theme

from . import rules, selectors
from .services import Milestone, Wanted

NO_DATA = _("No personal or operational data.")


def offers(form: forms.Form, name: str) -> Any:
    """A field whose choices depend on who asks."""
    return form.fields[name]


class SeveralChoices(forms.ModelMultipleChoiceField):
    """Refuses what no id can be before the database is asked."""

    def clean(self, value: Any) -> Any:
        for each in value or ():
            if not counted(str(each)):
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": str(each)[:20]},
                )
        return super().clean(value)


class ObjectiveChoices(SeveralChoices):
    def label_from_instance(self, obj: Objective) -> str:
        return str(obj)


class PartnerChoices(SeveralChoices):
    def label_from_instance(self, obj: Unit) -> str:
        return obj.label


@dataclass(frozen=True, slots=True)
class ObjectiveGroup:
    """A theme's objectives as check boxes; open where one is chosen."""

    theme: Theme
    options: list[tuple[Objective, bool]]

    @property
    def is_open(self) -> bool:
        return any(chosen for _objective, chosen in self.options)


class ActionForm(forms.Form):
    """An action; its milestones are in a ``MilestoneFormSet`` beside it."""

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=ActionKind.choices, widget=forms.RadioSelect, initial="initiative"
    )
    owner = UnitChoices(label=_("Owner"), queryset=Unit.objects.none())
    description = WordsField(
        label=_("Description"),
        required=False,
        max_length=4000,
        help_text=NO_DATA,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    objectives = ObjectiveChoices(
        label=_("Objectives"),
        queryset=Objective.objects.none(),
        error_messages={"required": _("Choose at least one objective.")},
        widget=forms.CheckboxSelectMultiple,
    )
    partners = PartnerChoices(
        label=_("Partners"),
        required=False,
        queryset=Unit.objects.none(),
        help_text=_("Several may be chosen."),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    other_partners = forms.CharField(
        label=_("Other partners"),
        required=False,
        max_length=300,
        help_text=_("Partners outside the police: public services, municipalities, associations."),
    )
    starts_on = date_field(label=_("Start"))
    ends_on = date_field(label=_("End"), required=False)

    def __init__(self, *args: Any, actor: User, action: Action | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        standing = Unit.objects.valid_on(today)
        mine = standing if rules.keeps_all(actor) else rules.own_units(actor)
        if action:
            mine = mine | Unit.objects.filter(pk=action.owner_id)
            standing = standing | Unit.objects.filter(partner_actions=action)
        offers(self, "owner").queryset = mine.distinct()
        offers(self, "partners").queryset = standing.distinct()
        offers(self, "objectives").queryset = Objective.objects.select_related("theme")
        if not self.is_bound and not action and mine.count() == 1:
            self.initial.setdefault("owner", mine.first())

    @cached_property
    def objective_groups(self) -> list[ObjectiveGroup]:
        """The objectives by theme, with those that are chosen."""
        said = self["objectives"].value() or []
        chosen = {str(getattr(each, "pk", each)) for each in said}
        groups: list[ObjectiveGroup] = []
        for objective in offers(self, "objectives").queryset:
            if not groups or groups[-1].theme != objective.theme:
                groups.append(ObjectiveGroup(objective.theme, []))
            groups[-1].options.append((objective, str(objective.pk) in chosen))
        return groups

    @staticmethod
    def initial_of(action: Action) -> dict[str, Any]:
        plain = {
            name: getattr(action, name)
            for name in (
                "title", "kind", "owner", "description", "other_partners", "starts_on", "ends_on",
            )
        }  # fmt: skip
        return {
            **plain,
            "objectives": list(action.objectives.values_list("pk", flat=True)),
            "partners": list(action.partners.values_list("pk", flat=True)),
        }

    def wanted(self, milestones: Any) -> Wanted:
        return Wanted(milestones=list(milestones.wanted()), **self.cleaned_data)


class MilestoneForm(forms.Form):
    """A milestone: what will be there, and when. An empty row is none."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Milestone"), required=False, max_length=300)
    due_on = date_field(label=_("Due on"), required=False)
    done_on = date_field(label=_("Reached on"), required=False)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("text") and not said.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Give the day on which this milestone is due."))
        if not said.get("text") and (said.get("due_on") or said.get("done_on")):
            self.add_error("text", _("Say what will have been reached on that day."))
        if said.get("done_on") and said["done_on"] > timezone.localdate():
            self.add_error("done_on", _("This day has not come yet."))
        return said


class BaseMilestones(forms.BaseFormSet):
    def wanted(self) -> Iterator[Milestone]:
        for form in self.forms:
            said = form.cleaned_data
            if said.get("text") and not said.get("DELETE"):
                yield Milestone(said.get("pk"), said["text"], said["due_on"], said.get("done_on"))


MilestoneFormSet = forms.formset_factory(
    MilestoneForm, formset=BaseMilestones, extra=3, can_delete=True, max_num=40, validate_max=True
)


class StateForm(forms.Form):
    """Another state of an action, and why where it stops."""

    state = forms.ChoiceField(label=_("New state"), widget=forms.RadioSelect)
    reason = WordsField(
        label=_("Reason"),
        required=False,
        max_length=1000,
        help_text=_("Needed to suspend or abandon. No personal or operational data."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers(self, "state").choices = [(each, each.label) for each in rules.NEXT[action.state]]


class ReachedForm(forms.Form):
    done_on = date_field(label=_("Reached on"), initial=timezone.localdate)

    def clean_done_on(self) -> Any:
        day = self.cleaned_data["done_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class ActionFilter(forms.Form):
    """What narrows the list of actions; what makes no sense narrows nothing."""

    words = forms.CharField(label=_("Words"), required=False, max_length=100)
    theme: forms.ModelChoiceField[Theme] = forms.ModelChoiceField(
        label=_("Theme"),
        required=False,
        queryset=Theme.objects.all(),
        to_field_name="code",
        empty_label=_("All"),
    )
    objective: forms.ModelChoiceField[Objective] = forms.ModelChoiceField(
        queryset=Objective.objects.all(),
        required=False,
        to_field_name="code",
        widget=forms.HiddenInput,
    )
    owner = UnitChoices(
        label=_("Owner"),
        required=False,
        queryset=Unit.objects.none(),
        to_field_name="slug",
        empty_label=_("All"),
    )
    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("All")), *ActionKind.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), *ActionState.choices]
    )
    overdue = forms.BooleanField(label=_("With overdue milestones"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers(self, "owner").queryset = selectors.owners()

    def terms(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
