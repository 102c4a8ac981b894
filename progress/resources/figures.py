"""The validated figures of units."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from indicators.calculation.adding import subject_value
from indicators.calculation.values import Observation
from indicators.enums import CellStatus, Kind
from progress.enums import DataState
from submissions.models import Cell
from submissions.wording import reason_among

from .columns import (
    DAY,
    EXACT,
    WHOLE,
    Column,
    Reference,
    StreamedResource,
    UnitWords,
    VersionWords,
    day,
    indicator_columns,
    parts,
    rounded,
)


def _figures_version(row: Any, reference: Reference) -> VersionWords:
    return reference.versions[row.expectation__version_id]


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


def _reason(row: Any, reference: Reference) -> str:
    return reason_among(
        reference.reasons,
        row.expectation__version_id,
        row.validated__status,
        row.validated__reason,
    )


def _state(row: Any, reference: Reference) -> DataState:
    closed_at = reference.closed.get(row.expectation__period_id)
    if closed_at is None:
        return DataState.PROVISIONAL
    decided = row.validated__correction__decided_at or row.expectation__submission__decided_at
    later = decided is not None and max(decided, row.validated__entered_at) > closed_at
    return DataState.REVISED if later else DataState.FINAL


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
        "validated__correction__decided_at",
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
        _reason,
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
    state = Column(
        _("State of the figure"),
        _("Provisional until the period is closed; final: as it was then; revised: changed since"),
        lambda row, ref: ref.states[_state(row, ref)],
        12,
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

    def get_queryset(self) -> QuerySet[Cell]:
        """Every validated cell; what a successor reports again in its place counts once."""
        return Cell.objects.filter(
            validated__isnull=False, expectation__subject__withdrawn_at__isnull=True
        ).order_by("pk")
