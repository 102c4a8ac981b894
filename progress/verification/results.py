"""Every result of an indicator once more."""

from __future__ import annotations

from collections.abc import Iterator

from .adding import added_up, coverage_of, held, units_by_area
from .paths import path_of_area
from .prints import fingerprint_of
from .reading import METHOD, Case, Period, Values
from .status import status_of


def recomputed_results(case: Case) -> Iterator[tuple[tuple[str, int, str], Values]]:
    """Every result that should exist, by (period, area, option), earliest period first."""
    reached: dict[tuple[int, str], str] = {}
    for period in sorted(case.periods.values(), key=lambda each: each.last_day):
        case.by_heir.clear()
        for option, asked in period.asked.items():
            for area, units in units_by_area(asked, case.ground).items():
                values = result_of(case, period, option, area, units)
                if values["status"] == "achieved":
                    reached.setdefault((area, option), period.code)
                values["reached"] = reached.get((area, option), "")
                yield (period.code, area, option), values


def result_of(case: Case, period: Period, option: str, area: int, units: list[int]) -> Values:
    version = period.version
    asked = period.asked[option]
    rows = [asked[unit] for unit in units]
    path = path_of_area(case, period, option, area)
    values = {"version_id": version.pk, **added_up(version, rows), **coverage_of(rows)}
    values |= held(case, period, option, units, path, values)
    values |= status_of(case, period, option, units, path, values)
    values["path_id"] = path["id"] if path else None
    values["method_version"] = METHOD
    values["fingerprint"] = fingerprint_of(case, period, option, area, units, path)
    return values
