"""The columns of the codebook as a file: one row per definition, every language.

The parts of a definition (options, levels, steps, reasons) and the published figures stand in
tables of their own; in the table of definitions their texts are joined.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from foundation.columns import Column
from foundation.spreadsheets import Row
from indicators import wording
from indicators.models import (
    BreakdownOption,
    HistoricalFigure,
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    ScaleLevel,
)

LANGUAGES = [code for code, _name in settings.LANGUAGES]
DAY = "yyyy-mm-dd"
WHOLE = "0"
EXACT = "0.######"

Label = str | Promise


def decimal(value: Fraction | None) -> Decimal | None:
    """An exact value with at most six decimals, None for none."""
    if value is None:
        return None
    shown = Decimal(round(value * 10**6)).scaleb(-6).normalize()
    return shown.quantize(Decimal(1)) if shown == shown.to_integral_value() else shown


def _plain(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def _told(name: str) -> Callable[[Any], str]:
    return lambda row: str(getattr(row, f"get_{name}_display")())


def _yes(is_so: Callable[[Any], bool]) -> Callable[[Any], str]:
    return lambda row: str(_("yes")) if is_so(row) else str(_("no"))


def _per_language(heading: Label, name: str, *, width: int = 40) -> list[Column]:
    """A column per language for a translated field."""
    return [
        Column(
            format_lazy("{} ({})", heading, code),
            _("In the language of the heading"),
            _plain_text(name, code),
            width,
        )
        for code in LANGUAGES
    ]


def _plain_text(name: str, code: str) -> Callable[[Any], str]:
    return lambda row: getattr(row, f"{name}_{code}") or ""


def _joined(heading: Label, related: str, name: str) -> list[Column]:
    """A column per language with the texts of a definition's parts, one per line."""

    def make(code: str) -> Callable[[IndicatorVersion], str]:
        return lambda row: " | ".join(
            filter(None, (getattr(part, f"{name}_{code}") for part in getattr(row, related).all()))
        )

    return [
        Column(
            format_lazy("{} ({})", heading, code),
            _("In the language of the heading"),
            make(code),
            40,
        )
        for code in LANGUAGES
    ]


def _slugs(version: IndicatorVersion) -> str:
    return ", ".join(unit.slug for unit in version.subjects.all())


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the codebook: which rows, and what columns show of each."""

    title: Label
    columns: Sequence[Column]
    select: Callable[[], QuerySet[Any]]

    def rows(self) -> Iterator[Row]:
        """One list of values per row, read by pieces."""
        for each in self.select().iterator(chunk_size=500):
            yield [column.value(each) for column in self.columns]


def _about(path: str) -> list[Column]:
    """Indicator and version of a part; ``path`` leads from the row to the version."""

    def version(row: Any) -> IndicatorVersion:
        return getattr(row, path) if path else row

    return [
        Column(
            _("Indicator code"),
            _("Stable identifier of the indicator"),
            lambda row: version(row).indicator.code,
            24,
        ),
        Column(
            _("Version of the definition"),
            _("Number of the definition"),
            lambda row: version(row).number,
            10,
            WHOLE,
        ),
    ]


def _in_unit(units: int | None, version: IndicatorVersion) -> int | Decimal | None:
    return units if not units or not version.decimals else Decimal(units).scaleb(-version.decimals)


DEFINITIONS = [
    Column(
        _("Part of the plan"),
        _("Theme, conditions or chapter 3"),
        lambda row: str(row.indicator.heading),
        30,
    ),
    Column(
        _("Measures"),
        _("Code of the objective, point, condition or commitment"),
        lambda row: row.indicator.promise.code,
        10,
    ),
    *_about(""),
    Column(
        _("In force from"), _("First day of the periods it defines"), _plain("valid_from"), 12, DAY
    ),
    Column(
        _("In force until"), _("Day from which it no longer holds"), _plain("valid_to"), 12, DAY
    ),
    Column(_("Key indicator"), _("Counts in headlines"), _yes(lambda r: r.indicator.is_key)),
    Column(
        _("Effort or result"),
        _("What police services do, or what comes of it"),
        lambda row: str(row.indicator.get_nature_display()),
    ),
    Column(
        _("Restricted"),
        _("Never compared between units"),
        _yes(lambda row: row.indicator.is_restricted),
    ),
    Column(
        _("Paired with"),
        _("The indicator with which it is read"),
        lambda row: row.indicator.paired_with.code if row.indicator.paired_with else "",
        24,
    ),
    *_per_language(_("Name"), "name"),
    *_per_language(_("Definition"), "definition", width=80),
    *_per_language(_("Unit"), "unit", width=16),
    *_per_language(_("Numerator, or what is reported"), "numerator_label"),
    *_per_language(_("Denominator"), "denominator_label"),
    *_per_language(_("Known limits"), "limits", width=60),
    *_per_language(_("Breakdown"), "breakdown_label", width=20),
    Column(_("Kind"), _("What is reported, and how it adds up"), _told("kind"), 16),
    Column(_("Formula"), _("How a value comes of the parts"), wording.formula, 60),
    Column(_("In a group"), _("How a group adds it up"), wording.addition, 60),
    Column(_("Direction"), _("Where it should go"), _told("direction"), 16),
    Column(_("Over time"), _("How periods make a year"), _told("temporal"), 30),
    Column(_("Frequency"), _("How often a figure is due"), _told("frequency"), 14),
    Column(_("Decimals"), _("Of the parts"), _plain("decimals"), 8, WHOLE),
    Column(_("Scale"), _("What a quotient is multiplied by"), _plain("scale"), 8, WHOLE),
    Column(
        _("Numerator is a part"), _("Never above its denominator"), _yes(lambda row: row.is_part)
    ),
    Column(
        _("Threshold level"),
        _("The share at this level or above carries the target"),
        _plain("threshold_level"),
        10,
        WHOLE,
    ),
    Column(
        _("Lower bound"),
        _("Below it, the form asks whether the figure is right"),
        lambda row: _in_unit(row.lower_bound, row),
        12,
        EXACT,
    ),
    Column(
        _("Upper bound"),
        _("Above it, the form asks whether the figure is right"),
        lambda row: _in_unit(row.upper_bound, row),
        12,
        EXACT,
    ),
    Column(
        _("Minimum coverage (%)"),
        _("Under it there is a value but no status"),
        lambda row: decimal(row.minimum_coverage * 100),
        12,
        EXACT,
    ),
    Column(
        _("Materiality"),
        _("A smaller change is none; empty: one hundredth by the method"),
        lambda row: decimal(row.materiality),
        12,
        EXACT,
    ),
    Column(_("Addressed to"), _("Whom it is about"), _told("addressed"), 20),
    Column(_("Listed units"), _("Identifiers of the listed units"), _slugs, 30),
    Column(
        _("Reported by"),
        _("The unit that reports for all; empty: each for itself"),
        lambda row: row.reporter.label if row.reporter else "",
        30,
    ),
    *_per_language(_("Source system"), "source_system"),
    *_joined(_("Options"), "options", "label"),
    *_joined(_("Levels"), "levels", "text"),
    *_joined(_("Steps"), "steps", "text"),
    *_joined(_("Not applicable where"), "not_applicable_reasons", "text"),
]


def _definitions() -> QuerySet[IndicatorVersion]:
    """Every version of every definition, in the plan's order."""
    return (
        IndicatorVersion.objects.select_related(
            "reporter",
            "indicator__paired_with",
            *(f"indicator__{name}" for name in Indicator.RELATED),
        )
        .prefetch_related("subjects", "options", "levels", "steps", "not_applicable_reasons")
        .order_by("indicator__position", "number")
    )


def _parts(model: type[Any], order: str) -> Callable[[], QuerySet[Any]]:
    return lambda: model.objects.select_related("version__indicator").order_by(
        "version__indicator__position", "version__number", order
    )


def _figures() -> QuerySet[HistoricalFigure]:
    """Published figures of indicators that are not restricted."""
    return (
        HistoricalFigure.objects.filter(indicator__is_restricted=False)
        .select_related("indicator")
        .order_by("indicator__position", "last_day", "pk")
    )


OPTIONS = [
    *_about("version"),
    Column(_("Code"), _("Identifier of the option"), _plain("code"), 20),
    *_per_language(_("Option"), "label", width=30),
]
LEVELS = [
    *_about("version"),
    Column(_("Level"), _("From 0 to 4"), _plain("level"), 8, WHOLE),
    *_per_language(_("Text"), "text", width=60),
]
STEPS = [
    *_about("version"),
    Column(_("Step"), _("In the order of the days"), _plain("number"), 8, WHOLE),
    Column(_("Due on"), _("When it is due"), _plain("due_on"), 12, DAY),
    Column(
        _("First planned for"),
        _("The day that was first set"),
        _plain("originally_due_on"),
        12,
        DAY,
    ),
    *_per_language(_("Text"), "text", width=60),
]
REASONS = [
    *_about("version"),
    Column(_("Code"), _("Identifier of the reason"), _plain("code"), 20),
    *_per_language(_("Not applicable where"), "text", width=60),
]
FIGURES = [
    Column(
        _("Indicator code"),
        _("Stable identifier of the indicator"),
        lambda row: row.indicator.code,
        24,
    ),
    *_per_language(_("Figure"), "label"),
    Column(_("Value"), _("As published"), lambda row: decimal(row.value), 14, EXACT),
    *_per_language(_("Unit"), "unit", width=16),
    Column(_("Qualifier"), _("About, more than, estimate"), _told("qualifier"), 12),
    *_per_language(_("Dating"), "dating", width=24),
    Column(_("Basis of the dating"), _("Stated or inferred"), _told("dating_basis"), 16),
    Column(_("First day"), _("Of the time it is about"), _plain("first_day"), 12, DAY),
    Column(_("Last day"), _("Of the time it is about"), _plain("last_day"), 12, DAY),
    *_per_language(_("Source"), "source"),
    *_per_language(_("Date of the source"), "source_date", width=16),
    *_per_language(_("Remark"), "note"),
]

TABLES: dict[str, Table] = {
    "definitions": Table(_("Definitions"), DEFINITIONS, _definitions),
    "options": Table(_("Options"), OPTIONS, _parts(BreakdownOption, "position")),
    "levels": Table(_("Levels"), LEVELS, _parts(ScaleLevel, "level")),
    "steps": Table(_("Steps"), STEPS, _parts(MilestoneStep, "number")),
    "reasons": Table(_("Reasons"), REASONS, _parts(NotApplicableReason, "pk")),
    "figures": Table(_("Historical figures"), FIGURES, _figures),
}


def as_text(value: Any) -> Any:
    """A value as CSV has it: days as ISO."""
    return value.isoformat() if isinstance(value, dt.date) else value
