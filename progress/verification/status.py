"""METHOD.md 5: the status, and the numbers that it rests on."""

from __future__ import annotations

from fractions import Fraction

from .adding import added_up, told_by
from .paths import asked_for, scaled_to, share_of
from .reading import MONTHS, PLAN_ENDS, PLAN_STARTS, SUMS, Case, Period, Rules, Values, month_of


def status_of(
    case: Case,
    period: Period,
    option: str,
    units: list[int],
    path: Values | None,
    values: Values,
) -> Values:
    """First match wins; the numbers that the status names stand beside it."""
    version = period.version
    if path and path["baselines"] and _lacks(version, values, None):
        share = share_of(case, period, option, units, path, values)
        path = path if share is None else scaled_to(path, share)
    then, now = _a_year_apart(case, period, option, units)
    found: Values = {"trend": "", "is_understated": False, "ratio": None}
    # Only row 7 looks a year back, and what is monitored never comes to it.
    found |= _asked_values(period, path, None if version.direction == "monitor" else then)
    unjudged = _unjudged(version, values, path)
    if unjudged == "monitoring":
        # R without judgement: METHOD.md gives its formula, not when it is left out.
        found["ratio"] = _ratio(values["judged_value"], found)
    if unjudged:
        return found | {"status": unjudged}
    aim = path and (path["band"][0] if version.direction == "maintain" else path["target"])
    # The mark is on the sum itself, so it stands without a target too.
    found["is_understated"] = _lacks(version, values, path)
    if path is None or aim is None:
        trend = _trend(version, then, now, found["materiality"])
        return found | {"status": "no_target", "trend": trend}
    v, window = values["judged_value"], values["window_periods"]
    return found | _judged(period, path, v, window, found)


def _unjudged(version: Rules, values: Values, path: Values | None) -> str:
    """Rows 1 to 5, or nothing."""
    if version.kind == "narrative":
        return "not_measurable"
    if values["not_applicable"] == values["expected"]:
        return "not_applicable"
    if values["judged_value"] is None:
        return "no_data"
    if _too_few(version, values):
        return "insufficient_coverage"
    if version.direction == "monitor":
        return "monitoring"
    # 3: without baselines per subject, b, p and T cannot be scaled to those that reported.
    unfit = version.direction != "increase" and _lacks(version, values, path)
    return "insufficient_coverage" if unfit else ""


def _lacks(version: Rules, values: Values, path: Values | None) -> bool:
    """Whether a sum is over fewer subjects than expected, and its path not scaled to them."""
    if path and path.get("scaled"):
        return False
    whole = values["judged_reported"] + values["judged_not_applicable"] == values["expected"]
    return version.kind in SUMS and not whole


def _too_few(version: Rules, values: Values) -> bool:
    """3: under the minimum by number or by population, compared unrounded."""
    asked = values["expected"] - values["judged_not_applicable"]
    inhabitants = values["judged_population_expected"]
    shares = [Fraction(values["judged_reported"], asked)] if asked else []
    if inhabitants:
        shares.append(Fraction(values["judged_population_reported"], inhabitants))
    return any(share < version.minimum_coverage for share in shares)


def _a_year_apart(
    case: Case, period: Period, option: str, units: list[int]
) -> tuple[Fraction | None, Fraction | None]:
    """3: the values a year earlier and now over the common set, on today's perimeters."""
    before = case.periods.get((period.frequency, period.month - 12))
    told = {unit: told_by(case, before, period, option, unit) for unit in units}
    asked = period.asked[option]
    common = [
        unit
        for unit in units
        if told[unit]["status"] == "reported" and asked[unit]["status"] == "reported"
    ]
    then = added_up(period.version, [told[unit] for unit in common])
    now = added_up(period.version, [asked[unit] for unit in common])
    if then["value"] is None or now["value"] is None:
        return None, None
    return then["value"], now["value"]


def _asked_values(period: Period, path: Values | None, then: Fraction | None) -> Values:
    """b, p, T and δ as far as there are any."""
    version = period.version
    found: Values = dict.fromkeys(("baseline", "required", "target", "materiality"))
    if path:
        p = asked_for(version, path, period.last_day)
        found |= {"baseline": path["b"], "required": p, "target": path["target"]}
    found["materiality"] = _materiality(version, found["baseline"], found["target"], then)
    return found


def _materiality(
    version: Rules,
    b: Fraction | None,
    target: Fraction | None,
    then: Fraction | None,
) -> Fraction | None:
    """δ: the indicator's own, or 1 %."""
    if version.materiality is not None:
        return version.materiality
    if target is None:
        return None if then is None else abs(then) / 100
    return None if b is None else max(abs(b), abs(target - b)) / 100


def _trend(
    version: Rules,
    then: Fraction | None,
    now: Fraction | None,
    margin: Fraction | None,
) -> str:
    if then is None or now is None or margin is None:
        return "too_few_points"
    if abs(now - then) <= margin:
        return "stable"
    if version.direction == "maintain":
        # Row 7 names no better side for it: a change beyond δ is neither.
        return ""
    return "improving" if _past(version, now, then) else "worsening"


def _past(version: Rules, one: Fraction, other: Fraction) -> bool:
    """Whether ``one`` is at or past ``other`` in the wanted direction."""
    return one <= other if version.direction == "decrease" else one >= other


def _judged(
    period: Period, path: Values, v: Fraction, window_periods: int, found: Values
) -> Values:
    """Rows 6 and 8 to 13, with R and δ where they were asked."""
    version = period.version
    if version.direction == "maintain":
        low, high = path["band"]
        inside = "achieved" if period.last_day >= PLAN_ENDS else "on_track"
        return {"status": inside if low <= v <= high else "off_track"}
    b, p, target = (found[name] for name in ("baseline", "required", "target"))
    # 4: a window that reaches back before the plan cannot be "achieved".
    first_month = period.month - MONTHS[period.frequency] * window_periods + 1
    there = first_month >= month_of(PLAN_STARTS) and _past(version, v, target)
    if b is None:
        return {"status": "achieved" if there else "no_baseline"}
    reached = there and _past(version, v, p)
    return {
        "status": "achieved" if reached else _along(version, v, b, p, found["materiality"]),
        "ratio": _ratio(v, found),
    }


def _ratio(v: Fraction, found: Values) -> Fraction | None:
    """R = (v - b) / (p - b)."""
    b, p = found["baseline"], found["required"]
    return None if b is None or p is None or p == b else (v - b) / (p - b)


def _along(version: Rules, v: Fraction, b: Fraction, p: Fraction, margin: Fraction) -> str:
    """Rows 10 to 13."""
    if abs(p - b) <= margin:
        no_worse = _past(version, v, b) or abs(v - b) <= margin
        return "on_track" if no_worse else "moving_away"
    ratio = (v - b) / (p - b)
    if _past(version, v, p) or ratio >= Fraction(95, 100):
        return "on_track"
    if ratio >= Fraction(60, 100):
        return "at_risk"
    return "off_track" if ratio >= 0 or abs(v - b) <= margin else "moving_away"
