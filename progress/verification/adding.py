"""METHOD.md 2 and 3: what subjects add up to, who is covered, and the rolling year."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .reading import (
    ADDED,
    APART,
    MONTHS,
    NO_PARTS,
    SUMS,
    Asked,
    Case,
    Ground,
    Period,
    Rules,
    Values,
)


def units_by_area(asked: Asked, ground: Ground) -> dict[int, list[int]]:
    """The units of the nation, and of each area and population class frozen with them."""
    found: dict[int, list[int]] = defaultdict(list)
    for unit in sorted(asked):
        places = [asked[unit][kind] for kind in ("region", "province", "arrondissement")]
        places.append(ground.classes.get(asked[unit]["population_class"]))
        for area in (ground.nation, *places):
            if area is not None:
                found[area].append(unit)
    return found


def added_up(version: Rules, rows: Sequence[Mapping[str, Any]]) -> Values:
    """2: what the subjects that reported add up to; nobody gives nothing, never zero."""
    said = [row for row in rows if row["status"] == "reported"]
    if not said or version.kind == "narrative":
        return dict(NO_PARTS)
    if version.kind == "scale":
        return _levels(version, [row["numerator"] for row in said])
    numerator = sum(row["numerator"] for row in said)
    denominator = {
        "ratio": lambda: sum(row["denominator"] for row in said),
        "mean": lambda: sum(row["denominator"] for row in said),
        "milestones": lambda: sum(row["denominator"] for row in said),
        "population_rate": lambda: sum(row.get("base", row["population"]) for row in said),
        "yes_no": lambda: len(said),
    }.get(version.kind, lambda: None)()
    value = _quotient(version, numerator, denominator)
    return {**NO_PARTS, "value": value, "numerator": numerator, "denominator": denominator}


def _quotient(version: Rules, numerator: int, denominator: int | None) -> Fraction | None:
    """In display units. A denominator of zero gives no value; units of a ratio cancel out."""
    if version.kind in SUMS:
        return Fraction(numerator, 10**version.decimals)
    if not denominator:
        return None
    # Cases of a mean and inhabitants are whole numbers.
    counted = 10**version.decimals if version.kind in ("mean", "population_rate") else 1
    return Fraction(numerator * version.scale, denominator * counted)


def _levels(version: Rules, levels: list[int]) -> Values:
    high = sum(level >= (version.threshold_level or 0) for level in levels)
    return {
        "value": Fraction(high * version.scale, len(levels)),
        "numerator": high,
        "denominator": len(levels),
        "distribution": [levels.count(level) for level in range(5)],
        "median": sorted(levels)[(len(levels) - 1) // 2],
    }


def coverage_of(rows: Sequence[Mapping[str, Any]]) -> Values:
    """3: subjects and inhabitants; federal units and central sources have no inhabitants."""
    by_status = Counter(row["status"] for row in rows)
    asked, heard = _inhabitants(rows)
    return {
        "expected": len(rows),
        "reported": by_status["reported"],
        "not_applicable": by_status["not_applicable"],
        "not_available": by_status["not_available"],
        "missing": by_status["missing"],
        "in_review": sum(row["in_review"] for row in rows),
        "population_expected": asked,
        "population_reported": heard,
    }


def _inhabitants(rows: Sequence[Mapping[str, Any]]) -> tuple[int | None, int | None]:
    """Those of the subjects that are asked and for whom it is applicable, and that reported.

    None, by number only, where the inhabitants of any of them are not known.
    """
    asked = [row for row in rows if row["status"] != "not_applicable"]
    if not asked or any(row["population"] is None for row in asked):
        return None, None
    heard = [row for row in asked if row["status"] == "reported"]
    return sum(row["population"] for row in asked), sum(row["population"] for row in heard)


def held(
    case: Case,
    period: Period,
    option: str,
    units: list[int],
    path: Values | None,
    values: Values,
) -> Values:
    """4: what is judged: the rolling year of a flow, otherwise the period's value.

    The period's value too where all is not applicable (row 2 comes before row 3), and where the
    year is incomplete and no path asks for a yearly value.
    """
    alone: Values = {
        "judged_value": values["value"],
        "judged_numerator": values["numerator"],
        "judged_denominator": values["denominator"],
        "judged_reported": values["reported"],
        "judged_not_applicable": values["not_applicable"],
        "judged_population_expected": values["population_expected"],
        "judged_population_reported": values["population_reported"],
        "window_periods": 1,
    }
    nobody_could = values["expected"] > 0 and values["not_applicable"] == values["expected"]
    if len(window_of(period)) == 1 or nobody_could:
        return alone
    known = [comparable_period(case, period, month) for month in window_of(period)]
    rows = [whole_year(case, period, known, option, unit) for unit in units]
    year, coverage = added_up(period.version, rows), coverage_of(rows)
    if period.version.temporal == "mean":
        year |= _averaged(period.version, year, len(known))
    asks = path is not None and (path["target"] is not None or path["band"][0] is not None)
    if year["value"] is None and not asks:
        return alone
    return {
        "judged_value": year["value"],
        "judged_numerator": year["numerator"],
        "judged_denominator": year["denominator"],
        "judged_reported": coverage["reported"],
        "judged_not_applicable": coverage["not_applicable"],
        "judged_population_expected": coverage["population_expected"],
        "judged_population_reported": coverage["population_reported"],
        # "3 of 4 quarters": before there are four the window is shorter, and has no value.
        "window_periods": sum(each is not None for each in known),
    }


def _averaged(version: Rules, year: Values, periods: int) -> Values:
    """2: parts are added, then divided; a sum has no cases and is divided by its periods."""
    if version.kind not in SUMS or year["value"] is None:
        return {}
    return {"value": year["value"] / periods, "denominator": periods}


def window_of(period: Period) -> list[int]:
    """The last months of the periods in the value: of the rolling year where figures add up."""
    flows = period.version.temporal in ("flow", "mean") and period.version.kind in ADDED
    months = 12 if flows else 1
    return [period.month - step for step in range(0, months, MONTHS[period.frequency])]


def whole_year(
    case: Case, period: Period, known: Sequence[Period | None], option: str, unit: int
) -> dict[str, Any]:
    """A subject's year: reported if it reported every period, its parts added."""
    told = [told_by(case, each, period, option, unit) for each in known if each is not None]
    row = dict(period.asked[option][unit])
    statuses = {each["status"] for each in told}
    if statuses == {"reported"} and len(told) == len(known):
        row["status"] = "reported"
        row["numerator"] = sum(each["numerator"] for each in told)
        row["denominator"] = sum(each["denominator"] for each in told)
        if period.version.temporal == "mean":
            row["base"] = sum(each["population"] for each in told)
    else:
        row["status"] = "not_applicable" if statuses == {"not_applicable"} else "missing"
    return row


def told_by(case: Case, then: Period | None, now: Period, option: str, unit: int) -> dict[str, Any]:
    """What was said then on the perimeter of today's unit: predecessors' parts summed (9)."""
    rows = []
    if then is not None and _comparable(then.version, now.version):
        rows = said_by_heir(case, then, now, option).get(unit, [])
    if now.version.kind in APART and [row["unit"] for row in rows] != [unit]:
        return {"status": "missing"}
    # What is not applicable to one predecessor adds nothing to the others.
    said = [row for row in rows if row["status"] != "not_applicable"] or rows
    statuses = {row["status"] for row in said}
    return {
        "status": statuses.pop() if len(statuses) == 1 else "missing",
        "numerator": sum(row["numerator"] or 0 for row in said),
        "denominator": sum(row["denominator"] or 0 for row in said),
        "population": sum(row["population"] or 0 for row in said),
    }


def said_by_heir(case: Case, then: Period, now: Period, option: str) -> dict[int, list[Any]]:
    """What was said then by the unit that is asked now."""
    key = (then.code, now.code, option)
    if key not in case.by_heir:
        heirs = _heirs(case.ground, now)
        found: dict[int, list[Any]] = defaultdict(list)
        for unit, row in then.asked.get(option, {}).items():
            found[heirs.get(unit, unit)].append(row)
        case.by_heir[key] = found
    return case.by_heir[key]


def comparable_period(case: Case, now: Period, month: int) -> Period | None:
    then = case.periods.get((now.frequency, month))
    return then if then is not None and _comparable(then.version, now.version) else None


def _comparable(then: Rules, now: Rules) -> bool:
    """Parts of two definitions add up where they are the same kind of number."""
    return all(
        getattr(then, name) == getattr(now, name) for name in ("kind", "decimals", "temporal")
    )


def _heirs(ground: Ground, now: Period) -> dict[int, int]:
    """From each unit that gave way by the end of a period to the unit that is asked in its place.

    A round locked before a merger was recorded still asks the predecessors.
    """
    heirs: dict[int, int] = {}
    for day, predecessor, successor in ground.successions:
        if day <= now.last_day and predecessor not in now.asked[""]:
            heirs = {
                unit: successor if heir == predecessor else heir for unit, heir in heirs.items()
            }
            heirs[predecessor] = successor
    return heirs
