"""Every stored result once more, on a way of its own: METHOD.md 2 to 5 read plainly, row by row.

It shares no calculation with the kernel (indicators.calculation) nor with progress.aggregation, so
that a fault of theirs shows here as a difference. It prefers plainness to speed: one indicator at a
time, dictionaries and exact fractions. Sections in comments are METHOD.md's.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from typing import Any

from django.db.models import F

from indicators.models import Indicator, IndicatorVersion, TargetPath
from organisations.models import Area, UnitSuccession
from submissions.models import Expectation

from .models import Result

METHOD = "1"
PLAN_STARTS = dt.date(2026, 1, 1)
PLAN_ENDS = dt.date(2029, 12, 31)
PATH_STARTS = dt.date(2025, 12, 31)
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
SUMS = ("count", "amount")
ADDED = ("count", "amount", "ratio", "population_rate", "mean")
#: 9: predecessors' levels and answers are shown apart from the successor's.
APART = ("scale", "yes_no", "narrative")
NO_PARTS: dict[str, Any] = dict.fromkeys(
    ("value", "numerator", "denominator", "distribution", "median")
)
NO_PATH: dict[str, Any] = {
    "id": None, "band": (None, None), "points": {}, "dues": [], "baselines": {},
}  # fmt: skip
#: 4: kinds whose path may be declared valid for every unit.
COMPARED = ("ratio", "population_rate", "mean")

#: Who is asked in a period, by unit: status, parts, revision, population, areas, in review.
Asked = dict[int, dict[str, Any]]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the validated figures give; both as text."""

    result: str
    field: str
    stored: str
    recomputed: str

    def __str__(self) -> str:
        return f"{self.result} {self.field}: stored {self.stored}, recomputed {self.recomputed}"


@dataclass(frozen=True, slots=True)
class Period:
    """A period of an indicator as it was asked: by option, then by unit."""

    code: str
    frequency: str
    last_day: dt.date
    version: IndicatorVersion
    asked: dict[str, Asked] = field(default_factory=lambda: defaultdict(dict))

    @property
    def month(self) -> int:
        """The number of its last month, counted from the year 0."""
        return _month(self.last_day)


@dataclass(frozen=True, slots=True)
class Ground:
    """What all indicators stand on: codes of areas, population classes by number, the nation, who
    succeeded whom on which day."""

    areas: Mapping[int, str]
    classes: Mapping[int, int]
    nation: int | None
    successions: Sequence[tuple[dt.date, int, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """One indicator with its periods by number of last month, and its paths by area and day."""

    indicator: Indicator
    periods: Mapping[tuple[str, int], Period]
    paths: Mapping[int, Mapping[dt.date, TargetPath]]
    ground: Ground
    #: What was said in one period by the unit in whose place each subject is in another: by the
    #: codes of both and option. Emptied when the next period is recomputed.
    by_heir: dict[tuple[str, str, str], dict[int, list[Any]]] = field(default_factory=dict)


def differences(*, period: str = "", indicator: str = "") -> Iterator[Difference]:
    """What differs between the stored results and the validated figures; all, or one code's.

    The number of queries per indicator is constant, and one indicator at a time is in memory.
    """
    ground = _ground()
    chosen = Indicator.objects.filter(code=indicator) if indicator else Indicator.objects.all()
    for each in chosen.order_by("position"):
        yield from _of_indicator(_case(each, ground), period)


def _of_indicator(case: Case, only: str) -> Iterator[Difference]:
    recomputed = {key: values for key, values in _recomputed(case) if not only or key[0] == only}
    results = Result.objects.filter(indicator=case.indicator).select_related("period", "area")
    if only:
        results = results.filter(period__code=only)
    stored = {(each.period.code, each.area_id, each.option): each for each in results}
    names = dict(Area.objects.values_list("pk", "name_fr"))
    for key in sorted(stored.keys() | recomputed.keys()):
        code, area, option = key
        label = " ".join(filter(None, (case.indicator.code, code, names[area], option)))
        yield from _compared(label, stored.get(key), recomputed.get(key))


def _compared(label: str, stored: Result | None, values: Values | None) -> Iterator[Difference]:
    if stored is None or values is None:
        found = ["missing" if each is None else "a result" for each in (stored, values)]
        yield Difference(label, "result", found[0], found[1].replace("missing", "none expected"))
        return
    for name, value in values.items():
        if getattr(stored, name) != value:
            yield Difference(label, name, _text(getattr(stored, name)), _text(value))


def _text(value: Any) -> str:
    return "nothing" if value is None or value == "" else str(value)


# --- What is known ------------------------------------------------------------------------------


def _ground() -> Ground:
    nation = Area.objects.filter(kind="nation").values_list("pk", flat=True).first()
    dated = UnitSuccession.objects.filter(effective_on__isnull=False, predecessor__isnull=False)
    rows: list[Any] = list(dated.values_list("effective_on", "predecessor_id", "successor_id"))
    # 9: a split never invents a past, so a unit that was split leads nowhere.
    times = Counter(predecessor for _day, predecessor, _successor in rows)
    areas = dict(Area.objects.values_list("pk", "code"))
    classes = dict(Area.objects.filter(kind="class").values_list("number", "pk"))
    return Ground(areas, classes, nation, sorted(row for row in rows if times[row[1]] == 1))


def _case(indicator: Indicator, ground: Ground) -> Case:
    versions = {each.pk: each for each in indicator.versions.prefetch_related("steps", "options")}
    periods: dict[tuple[str, int], Period] = {}
    for row in _rows(indicator):
        key = (row["frequency"], _month(row["last_day"]))
        if key not in periods:
            version = versions[row["version_id"]]
            periods[key] = Period(row["code"], row["frequency"], row["last_day"], version)
        period = periods[key]
        period.asked[row["option"] or ""][row["unit"]] = _cell(row, period.version.kind)
    for each in periods.values():
        _complete(each)
    paths: dict[int, dict[dt.date, TargetPath]] = defaultdict(dict)
    for path in indicator.paths.prefetch_related("points", "subject_baselines"):
        paths[path.area_id][path.valid_from] = path
    return Case(indicator, periods, paths, ground)


def _rows(indicator: Indicator) -> Iterable[Any]:
    return (
        Expectation.objects.filter(version__indicator=indicator, subject__withdrawn_at=None)
        .order_by("period__last_day", "subject__unit")
        .values(
            "version_id",
            code=F("period__code"),
            frequency=F("period__frequency"),
            last_day=F("period__last_day"),
            unit=F("subject__unit"),
            slug=F("subject__unit__slug"),
            region=F("subject__region"),
            province=F("subject__province"),
            arrondissement=F("subject__arrondissement"),
            population=F("subject__population"),
            population_class=F("subject__population_class"),
            state=F("submission__state"),
            option=F("cells__option"),
            current=F("cells__current"),
            validated=F("cells__validated"),
            revision=F("cells__validated__revision"),
            status=F("cells__validated__status"),
            numerator=F("cells__validated__numerator"),
            denominator=F("cells__validated__denominator"),
        )
        .iterator(chunk_size=2000)
    )


def _cell(row: dict[str, Any], kind: str) -> dict[str, Any]:
    """3: only validated cells count; what is signed and in review stands beside.

    2: a count of a unit whose inhabitants are not known has no base, so it is not available to a
    rate; METHOD.md says no more. ``said`` keeps what it was, for the fingerprint.
    """
    waits = row["state"] == "submitted" and row["current"] != row["validated"]
    said = row["status"] or "missing"
    has_base = kind != "population_rate" or row["population"] is not None
    status = said if has_base or said != "reported" else "not_available"
    return {**row, "said": said, "status": status, "in_review": waits}


def _complete(period: Period) -> None:
    """3: coverage is per option, so each option has every subject of the total."""
    silence = {
        **dict.fromkeys(("revision", "numerator", "denominator")),
        **dict.fromkeys(("said", "status"), "missing"),
        "in_review": False,
    }
    everybody = {unit: row for asked in period.asked.values() for unit, row in asked.items()}
    for asked in period.asked.values():
        for unit in everybody.keys() - asked.keys():
            asked[unit] = {**everybody[unit], **silence}


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month


# --- Results again --------------------------------------------------------------------------------


def _recomputed(case: Case) -> Iterator[tuple[tuple[str, int, str], Values]]:
    """Every result that should exist, by (period, area, option), earliest period first."""
    reached: dict[tuple[int, str], str] = {}
    for period in sorted(case.periods.values(), key=lambda each: each.last_day):
        case.by_heir.clear()
        for option, asked in period.asked.items():
            for area, units in _by_area(asked, case.ground).items():
                values = _result(case, period, option, area, units)
                if values["status"] == "achieved":
                    reached.setdefault((area, option), period.code)
                values["reached"] = reached.get((area, option), "")
                yield (period.code, area, option), values


def _by_area(asked: Asked, ground: Ground) -> dict[int, list[int]]:
    """The units of the nation, and of each area and population class frozen with them."""
    found: dict[int, list[int]] = defaultdict(list)
    for unit in sorted(asked):
        places = [asked[unit][kind] for kind in ("region", "province", "arrondissement")]
        places.append(ground.classes.get(asked[unit]["population_class"]))
        for area in (ground.nation, *places):
            if area is not None:
                found[area].append(unit)
    return found


def _result(case: Case, period: Period, option: str, area: int, units: list[int]) -> Values:
    version = period.version
    asked = period.asked[option]
    rows = [asked[unit] for unit in units]
    path = _path(case, period, option, area)
    values = {"version_id": version.pk, **_added(version, rows), **_coverage(rows)}
    values |= _held(case, period, option, units, path, values)
    values |= _status(case, period, option, units, path, values)
    values["path_id"] = path["id"] if path else None
    values["method_version"] = METHOD
    values["fingerprint"] = _fingerprint(case, period, option, area, units, path)
    return values


def _added(version: IndicatorVersion, rows: Sequence[Mapping[str, Any]]) -> Values:
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


def _quotient(
    version: IndicatorVersion, numerator: int, denominator: int | None
) -> Fraction | None:
    """In display units. A denominator of zero gives no value; units of a ratio cancel out."""
    if version.kind in SUMS:
        return Fraction(numerator, 10**version.decimals)
    if not denominator:
        return None
    # Cases of a mean and inhabitants are whole numbers.
    counted = 10**version.decimals if version.kind in ("mean", "population_rate") else 1
    return Fraction(numerator * version.scale, denominator * counted)


def _levels(version: IndicatorVersion, levels: list[int]) -> Values:
    high = sum(level >= (version.threshold_level or 0) for level in levels)
    return {
        "value": Fraction(high * version.scale, len(levels)),
        "numerator": high,
        "denominator": len(levels),
        "distribution": [levels.count(level) for level in range(5)],
        "median": sorted(levels)[(len(levels) - 1) // 2],
    }


def _coverage(rows: Sequence[Mapping[str, Any]]) -> Values:
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


# --- The rolling year (2) and the path (4) --------------------------------------------------------


def _held(
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
    if len(_window(period)) == 1 or nobody_could:
        return alone
    known = [_comparable_period(case, period, month) for month in _window(period)]
    rows = [_whole_year(case, period, known, option, unit) for unit in units]
    year, coverage = _added(period.version, rows), _coverage(rows)
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


def _averaged(version: IndicatorVersion, year: Values, periods: int) -> Values:
    """2: parts are added, then divided; a sum has no cases and is divided by its periods."""
    if version.kind not in SUMS or year["value"] is None:
        return {}
    return {"value": year["value"] / periods, "denominator": periods}


def _window(period: Period) -> list[int]:
    """The last months of the periods in the value: of the rolling year where figures add up."""
    flows = period.version.temporal in ("flow", "mean") and period.version.kind in ADDED
    months = 12 if flows else 1
    return [period.month - step for step in range(0, months, MONTHS[period.frequency])]


def _whole_year(
    case: Case, period: Period, known: Sequence[Period | None], option: str, unit: int
) -> dict[str, Any]:
    """A subject's year: reported if it reported every period, its parts added."""
    told = [_told(case, each, period, option, unit) for each in known if each is not None]
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


def _told(case: Case, then: Period | None, now: Period, option: str, unit: int) -> dict[str, Any]:
    """What was said then on the perimeter of today's unit: predecessors' parts summed (9)."""
    rows = []
    if then is not None and _comparable(then.version, now.version):
        rows = _by_heir(case, then, now, option).get(unit, [])
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


def _by_heir(case: Case, then: Period, now: Period, option: str) -> dict[int, list[Any]]:
    """What was said then by the unit that is asked now."""
    key = (then.code, now.code, option)
    if key not in case.by_heir:
        heirs = _heirs(case.ground, now)
        found: dict[int, list[Any]] = defaultdict(list)
        for unit, row in then.asked.get(option, {}).items():
            found[heirs.get(unit, unit)].append(row)
        case.by_heir[key] = found
    return case.by_heir[key]


def _comparable(then: IndicatorVersion, now: IndicatorVersion) -> bool:
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


def _path(case: Case, period: Period, option: str, area: int) -> Values | None:
    """The path of the area itself, of the total only; milestones ask by their dated steps."""
    if option:
        return None
    version = period.version
    steps = [step.due_on for step in version.steps.all()]
    if version.kind == "milestones":
        if not steps or area != case.ground.nation:
            return None
        whole = Fraction(version.scale)
        return {
            **NO_PATH,
            "b": Fraction(0),
            "baseline_end": PATH_STARTS,
            "target": whole,
            "dues": steps,
        }
    path = _in_force(case.paths.get(area, {}), period.last_day)
    if path is None and version.for_every_unit and version.kind in COMPARED:
        # 4: declared valid for every unit.
        path = _in_force(case.paths.get(case.ground.nation or 0, {}), period.last_day)
    if path is None:
        return None
    return {
        **NO_PATH,
        "id": path.pk,
        "b": path.baseline,
        "baseline_end": path.baseline_end,
        "points": {dt.date(each.year, 12, 31): each.value for each in path.points.all()},
        "target": path.target,
        "band": (path.band_low, path.band_high),
        "baselines": _baselines(case, period, path) if version.kind in SUMS else {},
    }


def _baselines(case: Case, period: Period, path: TargetPath) -> dict[int, Fraction]:
    """3: each subject's part of the baseline; 9: a successor's is the sum of its predecessors'."""
    known = {each.unit_id: each.value for each in path.subject_baselines.all()}
    standing = [row for row in case.ground.successions if row[0] <= period.last_day]
    for _day, _predecessor, successor in standing:
        parts = [known.get(one) for _on, one, other in standing if other == successor]
        if successor not in known and known and None not in parts:
            known[successor] = sum((part for part in parts if part is not None), Fraction(0))
    return known


def _share(
    case: Case, period: Period, option: str, units: list[int], path: Values, window: int
) -> Fraction | None:
    """3: the share of the baseline of those in the judged value; None where it is not known."""
    if not any(unit in path["baselines"] for unit in units):
        return None
    months = list(_window(period)) if window > 1 else [period.month]
    whole = counted = Fraction(0)
    for unit in units:
        said = []
        for month in months:
            then = _comparable_period(case, period, month)
            said.append(_told(case, then, period, option, unit)["status"] if then else "missing")
        if set(said) == {"not_applicable"}:
            continue
        part = path["baselines"].get(unit)
        if part is None or part < 0:
            return None
        whole += part
        if set(said) == {"reported"}:
            counted += part
    return counted / whole if whole and counted else None


def _scaled(path: Values, share: Fraction) -> Values:
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


def _in_force(paths: Mapping[dt.date, TargetPath], day: dt.date) -> TargetPath | None:
    """Amended paths hold from their day on; the original for all that came before it too."""
    starts = [start for start, path in paths.items() if start <= day or not path.amendment_id]
    return paths[max(starts)] if starts else None


def _asked_for(version: IndicatorVersion, path: Values, day: dt.date) -> Fraction | None:
    """4: p at the end of the period: linear in whole months between the points of the path."""
    if path["dues"]:
        due = sum(each <= day for each in path["dues"])
        return Fraction(due * version.scale, len(path["dues"]))
    if path["b"] is None or path["target"] is None:
        return None
    start = max(PATH_STARTS, path["baseline_end"])
    points = {**path["points"], PLAN_ENDS: path["target"], start: path["b"]}
    known = sorted((_month(on), value) for on, value in points.items() if on >= start)
    now = _month(day)
    if now <= known[0][0]:
        return known[0][1]
    for (left, low), (right, high) in pairwise(known):
        if now <= right:
            return low + (high - low) * Fraction(now - left, right - left)
    return known[-1][1]


# --- Status (5) -----------------------------------------------------------------------------------


def _status(
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
        share = _share(case, period, option, units, path, values["window_periods"])
        path = path if share is None else _scaled(path, share)
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


def _unjudged(version: IndicatorVersion, values: Values, path: Values | None) -> str:
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


def _lacks(version: IndicatorVersion, values: Values, path: Values | None) -> bool:
    """Whether a sum is over fewer subjects than expected, and its path not scaled to them."""
    if path and path.get("scaled"):
        return False
    whole = values["judged_reported"] + values["judged_not_applicable"] == values["expected"]
    return version.kind in SUMS and not whole


def _too_few(version: IndicatorVersion, values: Values) -> bool:
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
    told = {unit: _told(case, before, period, option, unit) for unit in units}
    asked = period.asked[option]
    common = [
        unit
        for unit in units
        if told[unit]["status"] == "reported" and asked[unit]["status"] == "reported"
    ]
    then = _added(period.version, [told[unit] for unit in common])
    now = _added(period.version, [asked[unit] for unit in common])
    if then["value"] is None or now["value"] is None:
        return None, None
    return then["value"], now["value"]


def _asked_values(period: Period, path: Values | None, then: Fraction | None) -> Values:
    """b, p, T and δ as far as there are any."""
    version = period.version
    found: Values = dict.fromkeys(("baseline", "required", "target", "materiality"))
    if path:
        p = _asked_for(version, path, period.last_day)
        found |= {"baseline": path["b"], "required": p, "target": path["target"]}
    found["materiality"] = _materiality(version, found["baseline"], found["target"], then)
    return found


def _materiality(
    version: IndicatorVersion,
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
    version: IndicatorVersion,
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


def _past(version: IndicatorVersion, one: Fraction, other: Fraction) -> bool:
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
    there = first_month >= _month(PLAN_STARTS) and _past(version, v, target)
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


def _along(
    version: IndicatorVersion, v: Fraction, b: Fraction, p: Fraction, margin: Fraction
) -> str:
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


# --- Fingerprint (8) ------------------------------------------------------------------------------


def _fingerprint(
    case: Case,
    period: Period,
    option: str,
    area: int,
    units: list[int],
    path: Values | None,
) -> str:
    """Over what the result is, its path, and each period's own digest of subjects and parts."""
    names: dict[str, Any] = {
        "indicator": case.indicator.code,
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
        said = _by_heir(case, then, period, option)
        rows = [row for unit in units for row in said.get(unit, [])]
        names[then.code] = _digest({}, rows)
    return _digest(names, [])


def _slugs(period: Period, option: str, units: Iterable[int]) -> list[tuple[int, str]]:
    asked = period.asked[option]
    return [(unit, asked[unit]["slug"]) for unit in units]


def _periods_read(case: Case, period: Period, path: Values | None) -> list[Period]:
    """The value's window, and the period a year earlier where there is no T (row 7)."""
    months = set(_window(period))
    if path is None or path["target"] is None:
        months.add(period.month - 12)
    known = (_comparable_period(case, period, month) for month in months)
    return [each for each in known if each is not None]


def _comparable_period(case: Case, now: Period, month: int) -> Period | None:
    then = case.periods.get((now.frequency, month))
    return then if then is not None and _comparable(then.version, now.version) else None


def _digest(names: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    parts = ("slug", "revision", "said", "numerator", "denominator", "population")
    table = sorted([row[part] for part in parts] for row in rows)
    text = json.dumps([METHOD, names, table], sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _definition_text(version: IndicatorVersion) -> str:
    """The definition's values as JSON, with its number."""
    plain = (
        "number", "kind", "direction", "temporal", "frequency", "decimals", "scale", "is_part",
        "minimum_coverage", "materiality", "threshold_level",
    )  # fmt: skip
    values = {name: getattr(version, name) for name in plain}
    # 3: coverage by population wherever subjects have one.
    values |= {"by_population": True, "for_every_unit": version.for_every_unit}
    return json.dumps(values, sort_keys=True, default=str)


def _path_text(version: IndicatorVersion, path: Values | None) -> str | None:
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
