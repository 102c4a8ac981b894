"""METHOD.md 4: what is asked of an area in a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from .adding import comparable_period, whole_year, window_of
from .reading import (
    COMPARED,
    NO_PATH,
    PATH_STARTS,
    PLAN_ENDS,
    SUMS,
    Case,
    Period,
    Rules,
    Values,
    month_of,
)


def path_of_area(case: Case, period: Period, option: str, area: int) -> Values | None:
    """The path of the area itself, of the total only; milestones ask by their dated steps."""
    if option:
        return None
    version = period.version
    if version.kind == "milestones":
        if not version.steps or area != case.ground.nation:
            return None
        whole = Fraction(version.scale)
        return {
            **NO_PATH,
            "b": Fraction(0),
            "baseline_end": PATH_STARTS,
            "target": whole,
            "dues": list(version.steps),
        }
    path = _in_force(case.paths.get(area, ()), period.last_day)
    if path is None and version.for_every_unit and version.kind in COMPARED:
        # 4: declared valid for every unit.
        path = _in_force(case.paths.get(case.ground.nation or 0, ()), period.last_day)
    if path is None:
        return None
    return path | {"baselines": _baselines(case, period, path) if version.kind in SUMS else {}}


def _baselines(case: Case, period: Period, path: Values) -> dict[int, Fraction]:
    """3: each subject's part of the baseline; 9: a successor's is the sum of its predecessors'."""
    known = dict(path["baselines"])
    standing = [row for row in case.ground.successions if row[0] <= period.last_day]
    for _day, _predecessor, successor in standing:
        parts = [known.get(one) for _on, one, other in standing if other == successor]
        if successor not in known and known and None not in parts:
            known[successor] = sum((part for part in parts if part is not None), Fraction(0))
    return known


def share_of(
    case: Case, period: Period, option: str, units: list[int], path: Values, values: Values
) -> Fraction | None:
    """3: the share of the baseline of those in the judged value; None where it is not known.

    That is the rolling year, complete or not, unless the period's own value is judged: see held.
    """
    if not any(unit in path["baselines"] for unit in units):
        return None
    asks = path["target"] is not None or path["band"][0] is not None
    nobody_could = values["not_applicable"] == values["expected"]
    rolls = values["window_periods"] > 1 or (asks and not nobody_could)
    known = [comparable_period(case, period, month) for month in window_of(period)]
    whole = counted = Fraction(0)
    for unit in units:
        one = period.asked[option][unit]
        if rolls and len(known) > 1:
            one = whole_year(case, period, known, option, unit)
        if one["status"] == "not_applicable":
            continue
        part = path["baselines"].get(unit)
        if part is None or part < 0:
            return None
        whole += part
        if one["status"] == "reported":
            counted += part
    return counted / whole if whole and counted else None


def scaled_to(path: Values, share: Fraction) -> Values:
    """3: b, p, T and the band of a sum over fewer subjects, by their share of the baseline."""
    low, high = (None if limit is None else limit * share for limit in path["band"])
    return {
        **path,
        "b": None if path["b"] is None else path["b"] * share,
        "points": {day: value * share for day, value in path["points"].items()},
        "target": None if path["target"] is None else path["target"] * share,
        "band": (low, high),
        "scaled": True,
    }


def _in_force(paths: Sequence[Values], day: dt.date) -> Values | None:
    begun = [path for path in paths if path["from"] <= day]
    return begun[-1] if begun else None


def asked_for(version: Rules, path: Values, day: dt.date) -> Fraction | None:
    """4: p at the end of the period: linear in whole months between the points of the path."""
    if path["dues"]:
        due = sum(each <= day for each in path["dues"])
        return Fraction(due * version.scale, len(path["dues"]))
    if path["b"] is None or path["target"] is None:
        return None
    start = max(PATH_STARTS, path["baseline_end"])
    points = {**path["points"], PLAN_ENDS: path["target"], start: path["b"]}
    known = sorted((_whole_months(on), value) for on, value in points.items() if on >= start)
    now = _whole_months(day)
    if now <= known[0][0]:
        return known[0][1]
    for (left, low), (right, high) in pairwise(known):
        if now <= right:
            return low + (high - low) * Fraction(now - left, right - left)
    return known[-1][1]


def _whole_months(day: dt.date) -> int:
    """A month that has not ended by the end of the day is no whole one."""
    ends = (day + dt.timedelta(days=1)).day == 1
    return month_of(day) - (0 if ends else 1)
