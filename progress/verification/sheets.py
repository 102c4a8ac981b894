"""Sheets, the copies that results are computed from, against what was validated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from indicators.models import Indicator
from progress.models import Sheet

from .reading import SILENCE, Asked, Case, Difference, Period, Report, text_of


def sheet_differences(
    case: Case, indicator: Indicator, only: str, report: Report
) -> Iterator[tuple[str, Difference]]:
    """What differs in the sheets that are stored, by the code of the period. None need be."""
    periods = {period.code: period for period in case.periods.values()}
    stored = Sheet.objects.filter(indicator=indicator).order_by("period__last_day", "option")
    if only:
        stored = stored.filter(period__code=only)
    for sheet in stored.select_related("period"):
        code = sheet.period.code
        label = " ".join(filter(None, (case.code, code, sheet.option, "sheet")))
        report.compared += 1
        for difference in _compared(label, sheet, periods.get(code), case.ground.areas):
            yield code, difference


def _compared(
    label: str, sheet: Sheet, period: Period | None, areas: Mapping[int, str]
) -> Iterator[Difference]:
    if period is None:
        yield Difference(label, "rows", "a sheet", "none expected")
        return
    asked = _asked(period, sheet.option)
    rows = sorted(_row(one, areas) for one in asked.values())
    text = json.dumps(rows, separators=(",", ":"))
    if sheet.rows != text:
        yield from _rows_differ(label, sheet.rows, rows)
    waits = sorted(one["slug"] for one in asked.values() if one["in_review"])
    for name, value in (
        ("digest", sha256(text.encode()).hexdigest()),
        ("in_review", waits),
        ("version_id", period.version.pk),
    ):
        if getattr(sheet, name) != value:
            yield Difference(label, name, text_of(getattr(sheet, name)), text_of(value))


def _asked(period: Period, option: str) -> Asked:
    """Who is asked; of an option that nobody has a figure of, everybody, in silence."""
    known = period.asked.get(option)
    if known is not None:
        return known
    anybody = next(iter(period.asked.values()), {})
    return {unit: {**row, **SILENCE} for unit, row in anybody.items()}


def _row(one: Mapping[str, Any], areas: Mapping[int, str]) -> list[Any]:
    places = [one[kind] for kind in ("region", "province", "arrondissement")]
    return [
        *(one[name] for name in ("slug", "revision", "said", "numerator", "denominator")),
        one["population"],
        *(None if place is None else areas[place] for place in places),
        one["population_class"],
    ]


def _rows_differ(label: str, stored: str, rows: list[list[Any]]) -> Iterator[Difference]:
    """By subject; where the subjects are the same and the text is not, the text itself."""
    try:
        there = {str(row[0]): row for row in json.loads(stored)}
    except (ValueError, TypeError, IndexError):
        there = {}
    here = {str(row[0]): row for row in rows}
    changed = [slug for slug in sorted({*there, *here}) if there.get(slug) != here.get(slug)]
    for slug in changed:
        yield Difference(
            f"{label} {slug}", "row", text_of(there.get(slug)), text_of(here.get(slug))
        )
    if not changed:
        yield Difference(label, "rows", "another text", "the same rows")
