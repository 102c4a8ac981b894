"""The columns of what evaluators take away: one definition for every format.

A resource reads rows with ``values_list`` and names its columns; the writers in
``foundation.spreadsheets`` take the rows one by one. Names come from small tables read once, so a
row costs no query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from import_export import resources

from foundation.columns import Column
from foundation.looks import DATA_STATES
from indicators.calculation.display import displayed
from indicators.calculation.values import Definition
from indicators.definitions import definition_of
from indicators.labels import CELL_STATUSES, STATUSES, TRENDS, Choices
from indicators.models import (
    BreakdownOption,
    Indicator,
    IndicatorVersion,
    NotApplicableReason,
    Period,
)
from organisations.models import Area, Unit
from progress.models import Closing

DECIMALS = 6
WHOLE = "0"
#: Six decimals, and the further ones that keep a value on its side of what is asked.
EXACT = "0.############"
DAY = "yyyy-mm-dd"


class UnitWords(NamedTuple):
    """What a row says of a unit."""

    slug: str
    code: str
    code_status: str
    label: str


class AreaWords(NamedTuple):
    """What a row says of an area."""

    kind: str
    name: str


class VersionWords(NamedTuple):
    """What a row says of a definition."""

    theme: str
    objective: str
    indicator: str
    name: str
    number: int
    unit: str
    definition: Definition


class Reference(NamedTuple):
    """The words and definitions that rows refer to, by id, in the reader's language."""

    units: dict[int, UnitWords]
    areas: dict[int | None, AreaWords]
    versions: dict[int, VersionWords]
    periods: dict[int, str]
    options: dict[tuple[int, str], str]
    reasons: dict[tuple[int, str], str]
    figures: dict[str, str]
    statuses: dict[str, str]
    trends: dict[str, str]
    natures: dict[bool, str]
    states: dict[str, str]
    closed: dict[int, dt.datetime]
    causes: Mapping[int, str] = {}

    @classmethod
    def read(cls) -> Reference:
        """Seven queries, whatever the number of rows; ``causes`` are for results."""
        return cls(
            {each.pk: _unit_words(each) for each in Unit.objects.all()},
            {None: AreaWords("", "")}
            | {
                each.pk: AreaWords(each.get_kind_display(), each.name)
                for each in Area.objects.all()
            },
            {each.pk: version_words(each) for each in versions()},
            dict(Period.objects.values_list("pk", "code")),
            {(each.version_id, each.code): each.label for each in BreakdownOption.objects.all()},
            {(each.version_id, each.code): each.text for each in NotApplicableReason.objects.all()},
            _told(CELL_STATUSES),
            _told(STATUSES),
            {"": ""} | _told(TRENDS),
            {True: str(_("fictitious (demonstration)")), False: ""},
            {code: str(look.label) for code, look in DATA_STATES.items()},
            dict(Closing.objects.in_force().values_list("period_id", "closed_at")),
        )


def _told(choices: Choices) -> dict[str, str]:
    return {value: str(label) for value, label in choices}


def versions() -> QuerySet[IndicatorVersion]:
    return IndicatorVersion.objects.select_related(
        *(f"indicator__{name}" for name in Indicator.RELATED)
    )


def _unit_words(unit: Unit) -> UnitWords:
    return UnitWords(unit.slug, unit.code, str(unit.get_code_status_display()), unit.label)


def version_words(version: IndicatorVersion) -> VersionWords:
    indicator = version.indicator
    return VersionWords(
        indicator.heading.code,
        indicator.promise.code,
        indicator.code,
        version.name,
        version.number,
        version.unit,
        definition_of(version),
    )


Make = Callable[[Any, Reference], Any]
Words = Callable[[Any, Reference], VersionWords]


class StreamedResource(resources.Resource):
    """A resource whose rows are read by ``values_list`` and made by its columns."""

    lookups: tuple[str, ...]

    def __init__(self) -> None:
        super().__init__()
        self.reference = Reference.read()

    @property
    def columns(self) -> list[Column]:
        return self.get_export_fields()

    def export_field(self, field: Column, instance: Any, **kwargs: Any) -> Any:
        return field.value(instance, self.reference)

    def querysets(self) -> Sequence[QuerySet[Any]]:
        """What is taken away, one after the other."""
        return [self.get_queryset()]

    def rows(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """One list of values per row, read by pieces in one query."""
        makers = [column.make for column in self.columns]
        reference = self.reference
        named = queryset.values_list(*self.lookups, named=True)
        for row in named.iterator(chunk_size=5_000):
            yield [make(row, reference) for make in makers]


def rounded(value: Fraction | None) -> Decimal | None:
    """An exact value as a decimal with at most six decimals, None for none."""
    return None if value is None else trimmed(displayed(value, DECIMALS))


def trimmed(shown: Decimal) -> Decimal:
    """A decimal without the zeros at its end."""
    shown = shown.normalize()
    return shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown


def parts(units: int | None, decimals: int) -> int | Decimal | None:
    """A stored part in its unit: whole where it has no decimals."""
    return units if units is None or not decimals else Decimal(units).scaleb(-decimals)


def day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None


def indicator_columns(words: Words) -> tuple[Column, Column, Column, Column, Column]:
    """Theme, objective, code, name and version of the indicator that a row is about."""
    return (
        Column(
            _("Theme"),
            _("Code of the theme of the plan"),
            lambda row, ref: words(row, ref).theme,
            8,
        ),
        Column(
            _("Objective"),
            _("Code of the strategic objective"),
            lambda row, ref: words(row, ref).objective,
            10,
        ),
        Column(
            _("Indicator code"),
            _("Stable identifier of the indicator"),
            lambda row, ref: words(row, ref).indicator,
            24,
        ),
        Column(
            _("Indicator"),
            _("Name of the indicator in its definition"),
            lambda row, ref: words(row, ref).name,
            48,
        ),
        Column(
            _("Version of the definition"),
            _("Number of the definition that was in force"),
            lambda row, ref: words(row, ref).number,
            12,
            WHOLE,
        ),
    )
