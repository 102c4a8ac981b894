"""The results of areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    F,
    Field,
    IntegerField,
    QuerySet,
    Subquery,
    Value,
)
from django.utils.translation import gettext_lazy as _

from foundation.fields import FractionField
from indicators.calculation.display import shown_beside, shown_ratio
from indicators.calculation.judging import Judgement
from indicators.enums import Status
from progress.enums import DataState
from progress.models import FrozenResult, Result
from progress.selectors.revisions import causes, other_now, revised, same
from progress.wording import causes_text

from .columns import (
    DAY,
    DECIMALS,
    EXACT,
    WHOLE,
    Column,
    Make,
    Reference,
    StreamedResource,
    VersionWords,
    day,
    indicator_columns,
    parts,
    rounded,
    trimmed,
    version_words,
    versions,
)


def _results_version(row: Any, reference: Reference) -> VersionWords:
    """A frozen result's version may have been cleared: it is read when a row first names it."""
    known = reference.versions
    if row.version_id not in known:
        frozen = FrozenResult.objects.select_related("basis").get(pk=row.frozen_id)
        left = versions().filter(indicator=frozen.indicator_id).in_bulk()
        known[row.version_id] = version_words(frozen.version_among(left))
    return known[row.version_id]


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


def _beside(name: str) -> Make:
    """A value on its own side of what the path asks; with more than six decimals if it must."""

    def shown(row: Any, reference: Reference) -> Decimal | None:
        value = getattr(row, name)
        if value is None:
            return None
        direction = _results_version(row, reference).definition.direction
        return trimmed(shown_beside(_judgement(row), direction, value, DECIMALS))

    return shown


def _ratio(row: Any, _reference: Reference) -> Decimal | None:
    shown = shown_ratio(_judgement(row), DECIMALS)
    return None if shown is None else trimmed(shown)


def _judgement(row: Any) -> Judgement:
    """What a row has of its judgement."""
    return Judgement(
        Status(row.status),
        row.judged_value,
        baseline=row.baseline,
        required=row.required,
        target=row.target,
        ratio=row.ratio,
        delta=row.materiality,
    )


def _plain(name: str) -> Make:
    return lambda row, _reference: getattr(row, name)


#: What is told of a revision, and the column of the result that has it.
_REVISED = {
    "value": "value",
    "judged_value": "judged_value",
    "status": "status",
    "at": "changed_at",
}


_KINDS: dict[str, type[Field[Any, Any]]] = {
    "value": FractionField,
    "judged_value": FractionField,
    "status": CharField,
    "at": DateTimeField,
}


def _state(row: Any) -> DataState:
    if row.frozen_id is None:
        return DataState.PROVISIONAL
    return DataState.FINAL if row.revised_at is None else DataState.REVISED


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
        "materiality",
        "is_understated",
        "method_version",
        "fingerprint",
        "changed_at",
        "frozen_id",
        "closed_at",
        "revised_value",
        "revised_judged_value",
        "revised_status",
        "revised_at",
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
        _("Nation, region, province, arrondissement or population class"),
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
        _("Value"), _("Value of the period, rounded to six decimals"), _beside("value"), 14, EXACT
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
        _beside("judged_value"),
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
    ratio = Column(_("R"), _("(value − baseline) ÷ (required − baseline)"), _ratio, 10, EXACT)
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
        lambda row, ref: day(row.changed_at),
        12,
        DAY,
    )

    state = Column(
        _("State of the figure"),
        _("Provisional until the period is closed; final: as it was then; revised: changed since"),
        lambda row, ref: ref.states[_state(row)],
        12,
    )
    closed_on = Column(
        _("Closed on"),
        _("Day on which the period was closed; empty until then"),
        lambda row, ref: day(row.closed_at),
        12,
        DAY,
    )
    revised_value = Column(
        _("Revised value"),
        _("Value by the latest figures, where they changed after the closing"),
        _exact("revised_value"),
        14,
        EXACT,
    )
    revised_judged_value = Column(
        _("Revised value held against the path"),
        _("The same of the rolling year or the latest value"),
        _exact("revised_judged_value"),
        14,
        EXACT,
    )
    revised_status = Column(
        _("Revised status"),
        _("Status by the latest figures, where they changed after the closing"),
        lambda row, ref: ref.statuses[row.revised_status] if row.revised_status else "",
        20,
    )
    revised_on = Column(
        _("Revised on"),
        _("Day of the computation that found the revised figure"),
        lambda row, ref: day(row.revised_at),
        12,
        DAY,
    )
    revised_because = Column(
        _("Revised because"),
        _("Correction, return, later validation, amendment, merger or method"),
        lambda row, ref: ref.causes.get(row.frozen_id, ""),
        26,
    )

    nature = Column(
        _("Nature"),
        _("Says so where the figure is fictitious"),
        lambda row, ref: ref.natures[row.period__round__is_demo],
        26,
    )

    def querysets(self) -> Sequence[QuerySet[Any]]:
        """What is frozen, with what was revised since; then what is provisional."""
        return [self.frozen(), self.get_queryset()]

    def frozen(self) -> QuerySet[FrozenResult]:
        later = other_now()
        return (
            FrozenResult.objects.in_force()
            .annotate(
                frozen_id=F("pk"),
                closed_at=F("closing__closed_at"),
                **{
                    f"revised_{name}": Subquery(later.values(column)[:1])
                    for name, column in _REVISED.items()
                },
            )
            .order_by("pk")
        )

    def get_queryset(self) -> QuerySet[Result]:
        """Every result of which none is frozen."""
        frozen = same(FrozenResult).filter(closing__reopened_at__isnull=True)
        nothing = {f"revised_{name}": Value(None, kind()) for name, kind in _KINDS.items()}
        return (
            Result.objects.filter(~Exists(frozen))
            .annotate(
                frozen_id=Value(None, IntegerField()),
                closed_at=Value(None, DateTimeField()),
                **nothing,
            )
            .order_by("pk")
        )

    def rows(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        if queryset.model is FrozenResult:
            found = {pk: causes_text(events) for pk, events in causes(revised()).items()}
            self.reference = self.reference._replace(causes=found)
        return super().rows(queryset)
