"""What an evaluator narrows a download down to; the same fields for figures and results."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from indicators.models import Indicator, Period
from organisations.enums import AreaKind
from organisations.models import Area
from submissions.models import Cell
from themes.models import Theme

from .models import Result


def reported_periods(_request: Any = None) -> QuerySet[Period]:
    """The periods that have a round, the latest first."""
    return Period.objects.filter(round__isnull=False).order_by("-last_day", "frequency")


class DownloadFilter(django_filters.FilterSet):
    """Theme, indicator and period of what is taken away; ``paths`` says where they stand."""

    paths: dict[str, str]

    theme = django_filters.ModelChoiceFilter(
        label=_("Theme"), queryset=Theme.objects.all(), method="by_theme", empty_label=_("All")
    )
    indicator = django_filters.ModelChoiceFilter(
        label=_("Indicator"),
        queryset=Indicator.objects.all(),
        to_field_name="code",
        method="by_path",
        empty_label=_("All"),
    )
    since = django_filters.ModelChoiceFilter(
        label=_("From the period"),
        queryset=reported_periods,
        to_field_name="code",
        method="by_first_period",
        empty_label=_("First"),
    )
    until = django_filters.ModelChoiceFilter(
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
        return queryset.filter(**{f"{self.paths['indicator']}__objective__theme__in": themes})

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


class ResultFilter(DownloadFilter):
    paths = {"indicator": "indicator", "period": "period", "province": "area"}

    class Meta:
        model = Result
        fields: list[str] = []
