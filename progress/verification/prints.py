"""METHOD.md 8: the fingerprint of a result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from .adding import comparable_period, said_by_heir, window_of
from .reading import METHOD, PLAN_ENDS, Case, Period, Rules, Values


def fingerprint_of(
    case: Case,
    period: Period,
    option: str,
    area: int,
    units: list[int],
    path: Values | None,
) -> str:
    """Over what the result is, its path, and each period's own digest of subjects and parts."""
    names: dict[str, Any] = {
        "indicator": case.code,
        "definition": _definition_text(period.version),
        "period": period.code,
        "area": case.ground.areas[area],
        "option": option,
        "path": _path_text(period.version, path),
    }
    parts = {
        slug: str(path["baselines"][unit])
        for unit, slug in _slugs(period, option, units)
        if path and unit in path["baselines"]
    }
    if parts:
        names["baselines"] = json.dumps(parts, sort_keys=True)
    for then in _periods_read(case, period, path):
        said = said_by_heir(case, then, period, option)
        rows = [row for unit in units for row in said.get(unit, [])]
        names[then.code] = _digest({}, rows)
    return _digest(names, [])


def _slugs(period: Period, option: str, units: Iterable[int]) -> list[tuple[int, str]]:
    asked = period.asked[option]
    return [(unit, asked[unit]["slug"]) for unit in units]


def _periods_read(case: Case, period: Period, path: Values | None) -> list[Period]:
    """The value's window, and the period a year earlier where there is no T (row 7)."""
    months = set(window_of(period))
    if path is None or path["target"] is None:
        months.add(period.month - 12)
    known = (comparable_period(case, period, month) for month in months)
    return [each for each in known if each is not None]


def _digest(names: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    parts = ("slug", "revision", "said", "numerator", "denominator", "population")
    table = sorted([row[part] for part in parts] for row in rows)
    text = json.dumps([METHOD, names, table], sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _definition_text(version: Rules) -> str:
    """The definition's values as JSON, with its number."""
    plain = (
        "number", "kind", "direction", "temporal", "frequency", "decimals", "scale", "is_part",
        "minimum_coverage", "materiality", "threshold_level",
    )  # fmt: skip
    values = {name: getattr(version, name) for name in plain}
    # 3: coverage by population wherever subjects have one.
    values |= {"by_population": True, "for_every_unit": version.for_every_unit}
    return json.dumps(values, sort_keys=True, default=str)


def _path_text(version: Rules, path: Values | None) -> str | None:
    """The path's values as JSON."""
    if path is None:
        return None
    dues = sorted(path["dues"])
    low, high = path["band"]
    values = {
        # Steps done only grow.
        "direction": "increase" if dues else version.direction,
        "baseline": path["b"],
        "baseline_end": path["baseline_end"],
        "points": sorted(path["points"].items()),
        "target": path["target"],
        "target_date": dues[-1] if dues else PLAN_ENDS,
        "band_low": low,
        "band_high": high,
        "due_dates": dues,
    }
    return json.dumps(values, sort_keys=True, default=str)
