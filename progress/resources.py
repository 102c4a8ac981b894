"""The columns of what evaluators take away: one definition for every format.

A resource reads rows with ``values_list`` and names its columns; the writers in
``foundation.spreadsheets`` take the rows one by one. Names come from small tables read once, so a
row costs no query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.fields import Field

from foundation.spreadsheets import Heading
from indicators.calculation.adding import subject_value
from indicators.calculation.values import Definition, Observation
from indicators.definitions import definition_of
from indicators.enums import CellStatus, Kind
from indicators.labels import CELL_STATUSES, STATUSES, TRENDS, Choices
from indicators.models import BreakdownOption, IndicatorVersion, Period
from organisations.models import Area, Unit
from submissions.models import Cell

from .models import Result

DECIMALS = 6
WHOLE = "0"
EXACT = "0.######"
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
    figures: dict[str, str]
    statuses: dict[str, str]
    trends: dict[str, str]
    natures: dict[bool, str]

    @classmethod
    def read(cls) -> Reference:
        """Five queries, whatever the number of rows."""
        return cls(
            {each.pk: _unit_words(each) for each in Unit.objects.all()},
            {None: AreaWords("", "")}
            | {
                each.pk: AreaWords(each.get_kind_display(), each.name)
                for each in Area.objects.all()
            },
            {each.pk: _version_words(each) for each in _versions()},
            dict(Period.objects.values_list("pk", "code")),
            {(each.version_id, each.code): each.label for each in BreakdownOption.objects.all()},
            _told(CELL_STATUSES),
            _told(STATUSES),
            {"": ""} | _told(TRENDS),
            {True: str(_("fictitious (demonstration)")), False: ""},
        )


def _told(choices: Choices) -> dict[str, str]:
    return {value: str(label) for value, label in choices}


def _versions() -> QuerySet[IndicatorVersion]:
    return IndicatorVersion.objects.select_related("indicator__objective__theme")


def _unit_words(unit: Unit) -> UnitWords:
    return UnitWords(unit.slug, unit.code, str(unit.get_code_status_display()), unit.label)


def _version_words(version: IndicatorVersion) -> VersionWords:
    objective = version.indicator.objective
    return VersionWords(
        objective.theme.code,
        objective.code,
        version.indicator.code,
        version.name,
        version.number,
        version.unit,
        definition_of(version),
    )


Make = Callable[[Any, Reference], Any]


class Column(Field):
    """A column: what stands in it, for a row and the reference, and how it is explained."""

    def __init__(
        self,
        heading: str | Promise,
        note: str | Promise,
        make: Make,
        width: int = 14,
        number: str = "",
    ) -> None:
        super().__init__(column_name=heading, readonly=True)
        self.note, self.make, self.width, self.number_format = note, make, width, number

    def value(self, row: Any, reference: Reference) -> Any:
        return self.make(row, reference)

    @property
    def heading(self) -> Heading:
        return Heading(str(self.column_name), self.width, self.number_format)


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

    def rows(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """One list of values per row, read by pieces in one query."""
        makers = [column.make for column in self.columns]
        reference = self.reference
        named = queryset.values_list(*self.lookups, named=True)
        for row in named.iterator(chunk_size=5_000):
            yield [make(row, reference) for make in makers]


def rounded(value: Fraction | None) -> Decimal | None:
    """An exact value as a decimal with at most six decimals (half to even), None for none."""
    if value is None:
        return None
    shown = Decimal(round(value * 10**DECIMALS)).scaleb(-DECIMALS).normalize()
    return shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown


def parts(units: int | None, decimals: int) -> int | Decimal | None:
    """A stored part in its unit: whole where it has no decimals."""
    return units if units is None or not decimals else Decimal(units).scaleb(-decimals)


def day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localdate(moment) if moment else None


def _figures_version(row: Any, reference: Reference) -> VersionWords:
    return reference.versions[row.expectation__version_id]


def _results_version(row: Any, reference: Reference) -> VersionWords:
    return reference.versions[row.version_id]


def _unit(row: Any, reference: Reference) -> UnitWords:
    return reference.units[row.expectation__subject__unit_id]


def _figure_value(row: Any, reference: Reference) -> Decimal | None:
    observation = Observation(
        row.expectation__subject__unit_id,
        CellStatus(row.validated__status),
        row.validated__numerator,
        row.validated__denominator,
        row.expectation__subject__population,
    )
    if observation.status != CellStatus.REPORTED:
        return None
    definition = _figures_version(row, reference).definition
    return (
        None
        if definition.kind == Kind.NARRATIVE
        else rounded(subject_value(definition, observation))
    )


Words = Callable[[Any, Reference], VersionWords]


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


class FigureResource(StreamedResource):
    """The validated figures of units, one observation a row."""

    lookups = (
        "pk",
        "option",
        "expectation__period_id",
        "expectation__version_id",
        "expectation__subject__unit_id",
        "expectation__subject__population",
        "expectation__subject__population_on",
        "expectation__subject__region_id",
        "expectation__subject__province_id",
        "expectation__subject__arrondissement_id",
        "expectation__submission__reporter_id",
        "expectation__submission__round__is_demo",
        "expectation__submission__decided_at",
        "expectation__submission__maintain_reason",
        "validated__status",
        "validated__numerator",
        "validated__denominator",
        "validated__text",
        "validated__reason",
        "validated__comment",
        "validated__revision",
        "validated__entered_at",
    )

    unit = Column(
        _("Unit identifier"),
        _("Stable identifier of the unit in Jalon"),
        lambda row, ref: _unit(row, ref).slug,
        22,
    )
    unit_code = Column(
        _("Unit code"),
        _("Code of the zone; see “Status of the code”"),
        lambda row, ref: _unit(row, ref).code,
        8,
    )
    code_status = Column(
        _("Status of the code"),
        _("Whether the code of the zone is confirmed"),
        lambda row, ref: _unit(row, ref).code_status,
        16,
    )
    unit_name = Column(_("Unit"), _("Name of the unit"), lambda row, ref: _unit(row, ref).label, 32)
    region = Column(
        _("Region"),
        _("Region of the unit when the round was opened"),
        lambda row, ref: ref.areas[row.expectation__subject__region_id].name,
    )
    province = Column(
        _("Province"),
        _("Province of the unit when the round was opened; Brussels has none"),
        lambda row, ref: ref.areas[row.expectation__subject__province_id].name,
    )
    arrondissement = Column(
        _("Arrondissement"),
        _("Territory of the DCA when the round was opened"),
        lambda row, ref: ref.areas[row.expectation__subject__arrondissement_id].name,
    )
    population = Column(
        _("Population"),
        _("Inhabitants used for the round (source: Statbel, CC BY 4.0)"),
        lambda row, ref: row.expectation__subject__population,
        12,
        WHOLE,
    )
    population_on = Column(
        _("Date of the population"),
        _("Day to which the population refers"),
        lambda row, ref: row.expectation__subject__population_on,
        12,
        DAY,
    )
    theme, objective, indicator, name, version = indicator_columns(_figures_version)
    period = Column(
        _("Period"),
        _("2026-Q3: quarter; 2026-H1: half-year; 2026: year; 2026-09: month"),
        lambda row, ref: ref.periods[row.expectation__period_id],
        10,
    )
    option = Column(
        _("Breakdown"),
        _("Option of the breakdown; empty for the total"),
        lambda row, ref: ref.options.get((row.expectation__version_id, row.option), ""),
    )
    status = Column(
        _("Figure"),
        _("Reported, not applicable or not available; only “reported” has a value"),
        lambda row, ref: ref.figures[row.validated__status],
    )
    numerator = Column(
        _("Numerator or value"),
        _("First part as reported, exact"),
        lambda row, ref: parts(
            row.validated__numerator,
            _figures_version(row, ref).definition.numerator_decimals,
        ),
        14,
        EXACT,
    )
    denominator = Column(
        _("Denominator"),
        _("Second part as reported, exact; empty where the kind has one part"),
        lambda row, ref: parts(
            row.validated__denominator,
            _figures_version(row, ref).definition.denominator_decimals,
        ),
        14,
        EXACT,
    )
    value = Column(
        _("Value"),
        _("Computed from the parts, rounded to six decimals; in the unit of measure"),
        _figure_value,
        14,
        EXACT,
    )
    unit_of_measure = Column(
        _("Unit of measure"),
        _("Unit of the value"),
        lambda row, ref: _figures_version(row, ref).unit,
    )
    text = Column(
        _("Text"),
        _("What was reported in words (qualitative indicators)"),
        lambda row, ref: row.validated__text,
        40,
    )
    reason = Column(
        _("Reason"),
        _("Why the figure is not applicable or not available"),
        lambda row, ref: row.validated__reason,
        30,
    )
    comment = Column(
        _("Comment"), _("Comment of the unit"), lambda row, ref: row.validated__comment, 40
    )
    reporter = Column(
        _("Reported by"),
        _("Unit that reported: the unit itself or a central source"),
        lambda row, ref: ref.units[row.expectation__submission__reporter_id].label,
        30,
    )
    revision = Column(
        _("Revision"),
        _("Which revision of the figure was validated"),
        lambda row, ref: row.validated__revision,
        10,
        WHOLE,
    )
    entered_on = Column(
        _("Entered on"),
        _("Day on which the validated revision was entered"),
        lambda row, ref: day(row.validated__entered_at),
        12,
        DAY,
    )
    validated_on = Column(
        _("Validated on"),
        _("Day of the validation"),
        lambda row, ref: day(row.expectation__submission__decided_at),
        12,
        DAY,
    )
    maintained = Column(
        _("Maintained because"),
        _("Reason of a unit that kept its figures against a return"),
        lambda row, ref: row.expectation__submission__maintain_reason,
        30,
    )

    nature = Column(
        _("Nature"),
        _("Says so where the figure is fictitious"),
        lambda row, ref: ref.natures[row.expectation__submission__round__is_demo],
        26,
    )

    class Meta:
        export_order = (
            "unit",
            "unit_code",
            "code_status",
            "unit_name",
            "region",
            "province",
            "arrondissement",
            "population",
            "population_on",
            "theme",
            "objective",
            "indicator",
            "name",
            "version",
            "period",
            "option",
            "status",
            "numerator",
            "denominator",
            "value",
            "unit_of_measure",
            "text",
            "reason",
            "comment",
            "reporter",
            "revision",
            "entered_on",
            "validated_on",
            "maintained",
            "nature",
        )

    def get_queryset(self) -> QuerySet[Cell]:
        """Every validated cell; what a successor reports again in its place counts once."""
        return Cell.objects.filter(
            validated__isnull=False, expectation__subject__withdrawn_at__isnull=True
        ).order_by("pk")


def _result_decimals(row: Any, reference: Reference, part: str) -> int:
    return int(getattr(_results_version(row, reference).definition, f"{part}_decimals"))


def _coverage(row: Any, _reference: Reference) -> Decimal | None:
    expected = row.expected - row.not_applicable
    return rounded(Fraction(row.reported * 100, expected)) if expected else None


def _coverage_of_population(row: Any, _reference: Reference) -> Decimal | None:
    if not row.population_expected or row.population_reported is None:
        return None
    return rounded(Fraction(row.population_reported * 100, row.population_expected))


def _exact(name: str) -> Make:
    return lambda row, _reference: rounded(getattr(row, name))


def _plain(name: str) -> Make:
    return lambda row, _reference: getattr(row, name)


class ResultResource(StreamedResource):
    """The results of areas, one indicator × period × area × option a row."""

    lookups = (
        "pk",
        "version_id",
        "period_id",
        "period__round__is_demo",
        "area_id",
        "option",
        "value",
        "numerator",
        "denominator",
        "median",
        "expected",
        "reported",
        "not_applicable",
        "not_available",
        "missing",
        "in_review",
        "population_expected",
        "population_reported",
        "judged_value",
        "window_periods",
        "status",
        "trend",
        "baseline",
        "required",
        "target",
        "ratio",
        "is_understated",
        "method_version",
        "fingerprint",
        "computed_at",
    )

    theme, objective, indicator, name, version = indicator_columns(_results_version)
    period = Column(
        _("Period"),
        _("2026-Q3: quarter; 2026-H1: half-year; 2026: year; 2026-09: month"),
        lambda row, ref: ref.periods[row.period_id],
        10,
    )
    area_kind = Column(
        _("Kind of area"),
        _("Nation, region, province or arrondissement"),
        lambda row, ref: ref.areas[row.area_id].kind,
    )
    area = Column(
        _("Area"), _("Name of the area"), lambda row, ref: ref.areas[row.area_id].name, 24
    )
    option = Column(
        _("Breakdown"),
        _("Option of the breakdown; empty for the total"),
        lambda row, ref: ref.options.get((row.version_id, row.option), ""),
    )
    value = Column(
        _("Value"), _("Value of the period, rounded to six decimals"), _exact("value"), 14, EXACT
    )
    numerator = Column(
        _("Sum of numerators or values"),
        _("Exact sum over the units that reported"),
        lambda row, ref: parts(row.numerator, _result_decimals(row, ref, "numerator")),
        14,
        EXACT,
    )
    denominator = Column(
        _("Sum of denominators"),
        _("Exact sum over the units that reported"),
        lambda row, ref: parts(row.denominator, _result_decimals(row, ref, "denominator")),
        14,
        EXACT,
    )
    median = Column(
        _("Median level"), _("Lower middle level of a scale"), _plain("median"), 10, WHOLE
    )
    unit_of_measure = Column(
        _("Unit of measure"),
        _("Unit of the value"),
        lambda row, ref: _results_version(row, ref).unit,
    )
    expected = Column(
        _("Expected"), _("Units expected in the round"), _plain("expected"), 10, WHOLE
    )
    reported = Column(
        _("Reported"), _("Units with a validated figure"), _plain("reported"), 10, WHOLE
    )
    not_applicable = Column(
        _("Not applicable"),
        _("Units to which the indicator does not apply"),
        _plain("not_applicable"),
        10,
        WHOLE,
    )
    not_available = Column(
        _("Not available"),
        _("Units that could not give a figure"),
        _plain("not_available"),
        10,
        WHOLE,
    )
    missing = Column(
        _("Missing"), _("Units without a validated answer"), _plain("missing"), 10, WHOLE
    )
    in_review = Column(
        _("In review"),
        _("Units whose attested figure waits for validation"),
        _plain("in_review"),
        10,
        WHOLE,
    )
    coverage = Column(
        _("Coverage by number (%)"),
        _("Reported ÷ (expected − not applicable)"),
        _coverage,
        12,
        EXACT,
    )
    population_coverage = Column(
        _("Coverage by population (%)"),
        _("Population of the units that reported (source: Statbel, CC BY 4.0)"),
        _coverage_of_population,
        12,
        EXACT,
    )
    judged_value = Column(
        _("Value held against the path"),
        _("Rolling year of a flow, latest value of a stock"),
        _exact("judged_value"),
        14,
        EXACT,
    )
    window_periods = Column(
        _("Periods in the value"),
        _("How many periods the value held against the path covers"),
        _plain("window_periods"),
        10,
        WHOLE,
    )
    status = Column(
        _("Status"), _("Status by the method"), lambda row, ref: ref.statuses[row.status], 20
    )
    trend = Column(
        _("Trend"),
        _("Against the same period a year earlier"),
        lambda row, ref: ref.trends[row.trend],
    )
    baseline = Column(_("Baseline"), _("Baseline of the path"), _exact("baseline"), 12, EXACT)
    required = Column(
        _("Required value"),
        _("What the path asks for at the end of the period"),
        _exact("required"),
        12,
        EXACT,
    )
    target = Column(_("Target"), _("Final target of the path"), _exact("target"), 12, EXACT)
    ratio = Column(
        _("R"), _("(value − baseline) ÷ (required − baseline)"), _exact("ratio"), 10, EXACT
    )
    understated = Column(
        _("Understated"),
        _("Yes where a sum lacks units and no baseline per unit exists"),
        lambda row, ref: str(_("yes")) if row.is_understated else "",
    )
    method_version = Column(
        _("Version of the method"),
        _("Version of the calculation rules"),
        _plain("method_version"),
        10,
    )
    fingerprint = Column(
        _("Fingerprint"),
        _("SHA-256 over the units, revisions and parts that went in"),
        _plain("fingerprint"),
        24,
    )
    computed_on = Column(
        _("Computed on"),
        _("Day of the computation"),
        lambda row, ref: day(row.computed_at),
        12,
        DAY,
    )

    nature = Column(
        _("Nature"),
        _("Says so where the figure is fictitious"),
        lambda row, ref: ref.natures[row.period__round__is_demo],
        26,
    )

    class Meta:
        export_order = (
            "theme",
            "objective",
            "indicator",
            "name",
            "version",
            "period",
            "area_kind",
            "area",
            "option",
            "value",
            "numerator",
            "denominator",
            "median",
            "unit_of_measure",
            "expected",
            "reported",
            "not_applicable",
            "not_available",
            "missing",
            "in_review",
            "coverage",
            "population_coverage",
            "judged_value",
            "window_periods",
            "status",
            "trend",
            "baseline",
            "required",
            "target",
            "ratio",
            "understated",
            "method_version",
            "fingerprint",
            "computed_on",
            "nature",
        )

    def get_queryset(self) -> QuerySet[Result]:
        """Every result."""
        return Result.objects.order_by("pk")
