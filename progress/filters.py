"""What an evaluator narrows a download down to; the same fields for figures and results."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.templatetags.jalon import period as period_name
from indicators.models import Indicator, IndicatorVersion, Period
from organisations.enums import AreaKind
from organisations.models import Area
from submissions.models import Cell
from themes.models import Theme

from .models import Result


def reported_periods(_request: Any = None) -> QuerySet[Period]:
    """The periods that have a round, the latest first."""
    return Period.objects.filter(round__isnull=False).order_by("-last_day", "frequency")


def named_indicators(_request: Any = None) -> QuerySet[Indicator]:
    """The indicators with ``named_by``: the version in force today, in a list."""
    in_force = IndicatorVersion.objects.in_force(timezone.localdate())
    return Indicator.objects.prefetch_related(Prefetch("versions", in_force, to_attr="named_by"))


class PeriodField(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, obj: Period) -> str:
        return period_name(obj.code)


class IndicatorField(django_filters.fields.ModelChoiceField):
    def label_from_instance(self, obj: Indicator) -> str:
        named_by: list[IndicatorVersion] = vars(obj)["named_by"]
        return f"{named_by[0].name} ({obj.code})" if named_by else obj.code


class PeriodFilter(django_filters.ModelChoiceFilter):
    field_class = PeriodField


class IndicatorFilter(django_filters.ModelChoiceFilter):
    field_class = IndicatorField


class DownloadForm(forms.Form):
    """Refuses periods that are the wrong way round."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since.last_day > until.last_day:
            self.add_error("until", _("The last period comes before the first. Swap the two."))
        return cleaned


class DownloadFilter(django_filters.FilterSet):
    """Theme, indicator and period of what is taken away; ``paths`` says where they stand."""

    paths: dict[str, str]

    theme = django_filters.ModelChoiceFilter(
        label=_("Theme"), queryset=Theme.objects.all(), method="by_theme", empty_label=_("All")
    )
    indicator = IndicatorFilter(
        label=_("Indicator"),
        queryset=named_indicators,
        to_field_name="code",
        method="by_path",
        empty_label=_("All"),
    )
    since = PeriodFilter(
        label=_("From the period"),
        queryset=reported_periods,
        to_field_name="code",
        method="by_first_period",
        empty_label=_("First"),
    )
    until = PeriodFilter(
        label=_("Up to the period"),
        queryset=reported_periods,
        to_field_name="code",
        method="by_last_period",
        empty_label=_("Last"),
    )
    province = django_filters.ModelChoiceFilter(
        label=_("Province"),
        queryset=Area.objects.filter(kind=AreaKind.PROVINCE),
        to_field_name="code",
        method="by_path",
        empty_label=_("All"),
    )

    def by_path(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset.filter(**{self.paths[name]: value})

    def by_theme(self, queryset: QuerySet[Any], name: str, value: Theme) -> QuerySet[Any]:
        """A theme with its sub-themes."""
        themes = [value.pk, *value.subthemes.values_list("pk", flat=True)]
        indicator = self.paths["indicator"]
        return queryset.filter(
            Q(**{f"{indicator}__objective__theme__in": themes})
            | Q(**{f"{indicator}__point__theme__in": themes})
        )

    def by_first_period(self, queryset: QuerySet[Any], name: str, value: Period) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.paths['period']}__last_day__gte": value.last_day})

    def by_last_period(self, queryset: QuerySet[Any], name: str, value: Period) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.paths['period']}__last_day__lte": value.last_day})


class FigureFilter(DownloadFilter):
    paths = {
        "indicator": "expectation__version__indicator",
        "period": "expectation__period",
        "province": "expectation__subject__province",
    }

    class Meta:
        model = Cell
        fields: list[str] = []
        form = DownloadForm


class ResultFilter(DownloadFilter):
    paths = {"indicator": "indicator", "period": "period", "province": "area"}

    class Meta:
        model = Result
        fields: list[str] = []
        form = DownloadForm
