"""What a reader chooses on the pages of progress; all of it stands in the address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.forms import WordsField
from foundation.looks import STATUSES
from foundation.templatetags.jalon import day
from foundation.templatetags.jalon import period as period_name
from indicators.enums import Headline, Status
from organisations.enums import AreaKind, UnitKind
from organisations.models import Area
from submissions.selectors import Stand, UnitRow
from themes.enums import Level
from themes.models import NcsiDimension, Theme

from .models import Snapshot
from .selectors.overview import Overview
from .selectors.reviews import Calendar, ObjectiveStanding, Standing

Choices = Sequence[tuple[str, str]]

ALL = ("", _("All"))
HEADLINES = [ALL, *((each.value, STATUSES[each].label) for each in Headline)]


def period_choices(calendar: Calendar, snapshot: Snapshot | None = None) -> Choices:
    """What may be under review; in a snapshot its period only."""
    if snapshot is None:
        return [(each.code, period_name(each.code)) for each in calendar.choices]
    told = _("%(period)s, snapshot of %(day)s") % {
        "period": period_name(snapshot.period.code),
        "day": day(timezone.localtime(snapshot.taken_at)),
    }
    return [(snapshot.token, told)]


class PeriodForm(forms.Form):
    """The period under review, among those whose round was opened; in a snapshot there is one."""

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"] = forms.ChoiceField(
            label=_("Period"), required=False, choices=choices
        )


class SnapshotForm(PeriodForm):
    """Of which period a snapshot is taken, and why."""

    field_order = ("period", "reason")
    reason = WordsField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].required = True
        self.order_fields(self.field_order)


class ReopenForm(forms.Form):
    """Why a closed period is reopened."""

    reason = WordsField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=_("It stays on the record, beside the closing."),
    )


class IndicatorFilter(PeriodForm):
    """Which indicators to list."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[ALL, *((each.value, STATUSES[each].label) for each in Status)],
    )

    def keeps(self, standing: Standing) -> bool:
        wanted = self.cleaned_data.get("status")
        return not wanted or standing.status == wanted


class AreaForm(forms.Form):
    """Whose indicators are counted by status; the nation's without a choice."""

    area: forms.ModelChoiceField[Area] = forms.ModelChoiceField(
        Area.objects.all(),
        label=_("Area"),
        required=False,
        to_field_name="code",
        empty_label=None,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = list(AreaKind)
        areas = sorted(
            Area.objects.all(), key=lambda each: (order.index(AreaKind(each.kind)), each.number)
        )
        choices = [(each.code, each.name) for each in areas]
        cast("forms.ModelChoiceField[Area]", self.fields["area"]).choices = choices


class ObjectiveFilter(PeriodForm):
    """Which objectives to list."""

    results = forms.ChoiceField(label=_("Results"), required=False, choices=HEADLINES)
    efforts = forms.ChoiceField(label=_("Efforts"), required=False, choices=HEADLINES)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False, choices=[ALL, *Level.choices])
    dimension = forms.ChoiceField(label=_("NCSI dimension"), required=False)

    def __init__(self, *args: Any, overview: Overview, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._linked = {each.code: themes for each, themes in overview.dimensions.items()}
        offered: dict[str, Iterable[Theme | NcsiDimension]] = {
            "theme": overview.themes,
            "dimension": overview.dimensions,
        }
        for name, rows in offered.items():
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = [ALL, *((each.code, str(each)) for each in rows)]

    def keeps(self, standing: ObjectiveStanding) -> bool:
        """Whether an objective fits every choice; a theme takes its sub-themes with it."""
        chosen, objective = self.cleaned_data, standing.objective
        theme, dimension = chosen["theme"], chosen["dimension"]
        within = {each.code for each in (objective.theme, objective.theme.parent) if each}
        return (
            chosen["results"] in ("", standing.results.headline)
            and chosen["efforts"] in ("", standing.efforts.headline)
            and chosen["level"] in ("", objective.level)
            and (not theme or theme in within)
            and (not dimension or objective.theme_id in self._linked[dimension])
        )


#: The states that units are picked by, in the chosen period.
STANDS = [
    ALL,
    ("missing", _("Without a validated figure")),
    ("late", _("Due, and not attested")),
    (Stand.IN_REVIEW, _("In review")),
    (Stand.RETURNED, _("Returned, to correct")),
    (Stand.DRAFT, _("Draft begun")),
    (Stand.EXTENDED, _("With an extension")),
    (Stand.VALIDATED, _("Validated figures")),
]
EVERY_KIND = "all"


class CoverageForm(PeriodForm):
    """Which units and rounds to show: zones, the chosen round and three before it, if not said.

    Who sees no unit by name narrows by nothing that would tell one.
    """

    kind = forms.ChoiceField(
        label=_("Kind of unit"),
        required=False,
        choices=[*UnitKind.choices, (EVERY_KIND, _("All kinds"))],
    )
    province: forms.ModelChoiceField[Area] = forms.ModelChoiceField(
        Area.objects.filter(kind=AreaKind.PROVINCE),
        label=_("Province"),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )
    arrondissement: forms.ModelChoiceField[Area] = forms.ModelChoiceField(
        Area.objects.filter(kind=AreaKind.ARRONDISSEMENT),
        label=_("Arrondissement"),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )
    theme: forms.ModelChoiceField[Theme] = forms.ModelChoiceField(
        Theme.objects.all(),
        label=_("Theme"),
        required=False,
        to_field_name="code",
        empty_label=_("All"),
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=STANDS)
    rounds = forms.ChoiceField(
        required=False, choices=[("4", ""), ("8", "")], widget=forms.HiddenInput
    )
    sort = forms.ChoiceField(
        required=False,
        choices=[("", ""), ("unit", ""), ("least", ""), ("most", "")],
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, without: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in without:
            del self.fields[name]
        self.order_fields(["period"])

    @property
    def most(self) -> int:
        return int(self.cleaned_data["rounds"] or 4)

    @property
    def kind_chosen(self) -> str:
        return self.cleaned_data.get("kind") or UnitKind.ZONE

    def units(self) -> Q:
        """What is asked of the submissions' reporters."""
        chosen = self.cleaned_data
        wanted = Q()
        if self.kind_chosen != EVERY_KIND:
            wanted &= Q(reporter__kind=self.kind_chosen)
        for name in ("province", "arrondissement"):
            if chosen.get(name):
                wanted &= Q(**{f"reporter__{name}": chosen[name]})
        return wanted

    def keeps(self, row: UnitRow) -> bool:
        wanted, place = self.cleaned_data.get("state"), row.now
        if wanted == "missing":
            return place.counts and not place.has_reported
        if wanted == "late":
            return place.is_late or place.stand in (Stand.MISSING, Stand.EXTENDED)
        if wanted == Stand.EXTENDED:
            return place.extended_until is not None
        return not wanted or place.stand == wanted

    def ordered(self, rows: Collection[UnitRow]) -> list[UnitRow]:
        """Those expected now before those that were; then as asked, by arrondissement if not."""
        sort = self.cleaned_data.get("sort")
        found = sorted(rows, key=lambda row: row.unit.slug)
        if sort == "":
            found.sort(key=_place)
        elif sort in ("least", "most"):
            found.sort(key=lambda row: row.now.share, reverse=sort == "most")
        return sorted(found, key=lambda row: not row.now.counts)


def _place(row: UnitRow) -> tuple[bool, int, str]:
    """Zones first, by the number of their arrondissement."""
    area = row.unit.arrondissement
    return (row.unit.kind != UnitKind.ZONE, area.number if area else 0, area.code if area else "")
