"""Loads indicators, their definitions, historical figures and paths from ``data/``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from foundation.datafiles import Record, read_yaml
from foundation.reference import Count, Row, load_rows
from organisations.enums import AreaKind
from organisations.models import Area, Unit
from plans.models import Commitment, Condition
from themes.models import Objective, ThemePoint

from .calculation import paths
from .calculation.values import COMPARABLE, SUMS
from .enums import Direction, Kind
from .labels import Addressed
from .models import (
    BreakdownOption,
    HistoricalFigure,
    Indicator,
    IndicatorVersion,
    MilestoneStep,
    NotApplicableReason,
    PathPoint,
    ScaleLevel,
    SubjectBaseline,
    TargetPath,
    four_fifths,
)

INDICATOR = {"code", "key", "nature", "versions"}
INDICATOR_OPTIONAL = {
    *Indicator.PROMISES,
    "restricted",
    "paired_with",
    "historical_figures",
    "path",
}
TRANSLATED = (
    "name", "definition", "unit", "numerator_label", "denominator_label", "limits",
    "source_system", "breakdown_label",
)  # fmt: skip
TEXTS = ("kind", "direction", "temporal", "frequency", "addressed")
WHOLE = ("number", "decimals", "display_decimals", "scale", "threshold_level")
BOUNDS = ("lower_bound", "upper_bound")
FLAGS = ("is_part", "breakdown_is_exhaustive", "for_every_unit")
PARTS = {"subjects", "options", "levels", "steps", "not_applicable_reasons"}
VERSION = {
    "number", "valid_from", "name", "definition", "unit", "numerator_label", "source_system",
    "kind", "direction", "temporal", "frequency", "decimals", "display_decimals", "scale",
    "is_part", "addressed",
}  # fmt: skip
VERSION_OPTIONAL = {
    "valid_to", "denominator_label", "limits", "threshold_level", *BOUNDS, "minimum_coverage",
    "materiality", "for_every_unit", "reporter", "breakdown_label", "breakdown_is_exhaustive",
    *PARTS,
}  # fmt: skip
FIGURE = {"key", "label", "value", "unit", "dating_basis", "dating", "source", "source_date"}
FIGURE_TEXTS = ("key", "option", "dating_basis", "qualifier")
PATH = {
    "baseline", "baseline_end", "baseline_source", "target", "band_low", "band_high", "points",
    "subject_baselines",
}  # fmt: skip

YEARS = ("2026", "2027", "2028", "2029")

Code = paths.PathProblemCode
#: The field at fault and what is wrong, for each reason to refuse a path.
PROBLEMS = {
    Code.BASELINE_WITHOUT_END: ("baseline_end", _("a baseline has the end of its period")),
    Code.TARGET_MISSING: ("target", _("a path with points has a target")),
    Code.TARGET_NOT_AFTER_START: ("baseline_end", _("the baseline ends after the target")),
    Code.TARGET_AGAINST_DIRECTION: ("target", _("the target goes against the direction")),
    Code.POINT_NOT_YEAR_END: ("points", _("a point stands at the end of a year")),
    Code.POINT_OUTSIDE: ("points", _("a point lies outside the path")),
    Code.POINTS_NOT_IN_ORDER: ("points", _("the points are not in order")),
    Code.POINT_AGAINST_DIRECTION: ("points", _("a point goes against the direction")),
    Code.POINT_PASSES_TARGET: ("points", _("a point passes the target")),
    Code.POINT_DIFFERS_FROM_TARGET: ("points", _("the last point differs from the target")),
    Code.BAND_MISSING: ("band_low", _("a band has two limits")),
    Code.BAND_INVERTED: ("band_low", _("the band is upside down")),
}


def load(*, root: Path) -> list[Count]:
    """Load the files of ``root``/indicators/data. Raises DataFault."""
    files = sorted((root / "indicators" / "data").glob("*.yaml"))
    promises = _promises()
    units = {unit.slug: unit for unit in Unit.objects.all()}
    records = _in_plan_order(chain.from_iterable(map(_indicators, files)), promises)
    rows = [_indicator(each, number, promises) for number, each in enumerate(records, start=1)]
    indicators = load_rows(Indicator, ["code"], rows, lasting=True)

    owners = [(each, indicators.rows[each.text("code")]) for each in records]
    definitions = [
        (version, indicator) for each, indicator in owners for version in each.records("versions")
    ]
    amended = _amended(indicators.rows.values())
    versions = load_rows(
        IndicatorVersion,
        ["indicator", "number"],
        [_version(record, indicator, units, amended) for record, indicator in definitions],
    )
    owned = list(zip((record for record, _of in definitions), versions.rows.values(), strict=True))
    return [
        indicators.count,
        versions.count,
        *_load_parts(owned, units),
        load_rows(HistoricalFigure, ["key"], _figures(owners)).count,
        *_load_paths(owners, units),
    ]


def _load_parts(
    owned: list[tuple[Record, IndicatorVersion]], units: Mapping[str, Unit]
) -> Iterator[Count]:
    """What a definition consists of beside its own fields. Figures refer to options and reasons."""
    subjects = IndicatorVersion.subjects.through
    yield load_rows(
        subjects, ["indicatorversion", "unit"], _subjects(owned, units), prune=True
    ).count
    yield load_rows(BreakdownOption, ["version", "code"], _options(owned)).count
    yield load_rows(NotApplicableReason, ["version", "code"], _reasons(owned)).count
    yield load_rows(ScaleLevel, ["version", "level"], _levels(owned)).count
    yield load_rows(MilestoneStep, ["version", "number"], _steps(owned), prune=True).count


def _load_paths(
    owners: list[tuple[Record, Indicator]], units: Mapping[str, Unit]
) -> Iterator[Count]:
    nation = Area.objects.get(kind=AreaKind.NATION)
    records = [
        (path, each, indicator) for each, indicator in owners if (path := each.record("path"))
    ]
    rows = [_path(path, each, indicator, nation) for path, each, indicator in records]
    loaded = load_rows(TargetPath, ["indicator", "area", "valid_from"], rows, prune=True)
    yield loaded.count
    pairs = list(zip((path for path, _each, _of in records), loaded.rows.values(), strict=True))
    points = chain.from_iterable(_points(record, path) for record, path in pairs)
    yield load_rows(PathPoint, ["path", "year"], points, prune=True).count
    parts = chain.from_iterable(_subject_baselines(record, path, units) for record, path in pairs)
    yield load_rows(SubjectBaseline, ["path", "unit"], parts, prune=True).count


def _indicators(path: Path) -> list[Record]:
    file = read_yaml(path)
    file.only({"indicators"})
    return file.records("indicators")


def _promises() -> dict[str, dict[str, Any]]:
    """What may be measured, by kind and code, each in the plan's order."""
    return {
        "objective": {each.code: each for each in Objective.objects.all()},
        "point": {each.code: each for each in ThemePoint.objects.exclude(code="")},
        "condition": {each.code: each for each in Condition.objects.all()},
        "commitment": {each.code: each for each in Commitment.objects.all()},
    }


def _promise(record: Record, promises: Mapping[str, Mapping[str, Any]]) -> tuple[str, Any]:
    """The kind of promise that an indicator measures, and the promise."""
    named = [name for name in Indicator.PROMISES if name in record]
    if len(named) != 1:
        message = _("an indicator measures exactly one promise: %(names)s")
        raise record.fault("objective", message % {"names": ", ".join(Indicator.PROMISES)})
    return named[0], record.choice(named[0], promises[named[0]])


def _in_plan_order(
    records: Iterable[Record], promises: Mapping[str, Mapping[str, Any]]
) -> list[Record]:
    order = {name: list(known) for name, known in promises.items()}

    def place(record: Record) -> tuple[int, int]:
        name, promise = _promise(record, promises)
        return Indicator.PROMISES.index(name), order[name].index(promise.code)

    return sorted(records, key=place)


def _indicator(record: Record, position: int, promises: Mapping[str, Mapping[str, Any]]) -> Row:
    record.only(INDICATOR, INDICATOR_OPTIONAL)
    if not record.records("versions"):
        raise record.fault("versions", _("an indicator has a definition"))
    _refuse_overlaps(record)
    name, promise = _promise(record, promises)
    values = {
        **dict.fromkeys(Indicator.PROMISES),
        name: promise,
        "code": record.text("code"),
        "position": position,
        "is_key": record.flag("key"),
        "nature": record.text("nature"),
        "is_restricted": record.flag("restricted"),
    }
    links = {"paired_with": record.text("paired_with")}
    return Row(record, values, links, {"is_key": "key", "is_restricted": "restricted"})


def _amended(indicators: Iterable[Indicator]) -> dict[int, IndicatorVersion]:
    """The first definition of each indicator that an amendment made."""
    amended = IndicatorVersion.objects.filter(amendment__isnull=False).order_by("-valid_from")
    return {version.indicator_id: version for version in amended.filter(indicator__in=indicators)}


def _ends(record: Record, amended: IndicatorVersion | None) -> dt.date | None:
    """The end that a file gives, or that an amendment has set since."""
    end = record.day("valid_to")
    if amended is None:
        return end
    begins = record.day("valid_from")
    if (
        record.integer("number") == amended.number
        or (begins and begins >= amended.valid_from)
        or (end and end > amended.valid_from)
    ):
        raise record.fault(
            "valid_from", _("an amendment on the record has another definition from then on")
        )
    return end or amended.valid_from


def _version(
    record: Record,
    indicator: Indicator,
    units: Mapping[str, Unit],
    amended: Mapping[int, IndicatorVersion],
) -> Row:
    record.only(VERSION, VERSION_OPTIONAL)
    _refuse_contradictions(record)
    values: dict[str, Any] = {"indicator": indicator}
    for name in TRANSLATED:
        values |= record.translations(name)
    values |= {name: record.text(name) for name in TEXTS}
    values |= {name: record.integer(name) for name in WHOLE + BOUNDS}
    values["valid_from"] = record.day("valid_from")
    values["valid_to"] = _ends(record, amended.get(indicator.pk))
    values |= {name: record.flag(name) for name in FLAGS}
    minimum = record.number("minimum_coverage")
    values["minimum_coverage"] = four_fifths() if minimum is None else minimum
    values["materiality"] = record.number("materiality")
    values["reporter"] = record.choice("reporter", units) if "reporter" in record else None
    return Row(record, values)


def _is(record: Record, *kinds: Kind) -> bool:
    return record.text("kind") in kinds


def _has(record: Record, field: str) -> bool:
    return bool(record.values.get(field))


def _ends_early(record: Record) -> bool:
    start, end = record.day("valid_from"), record.day("valid_to")
    return start is not None and end is not None and end <= start


def _inverted(record: Record) -> bool:
    low, high = (record.integer(name) for name in BOUNDS)
    return low is not None and high is not None and low > high


#: What a definition must not say: the field at fault, when, and why.
RULES: tuple[tuple[str, Callable[[Record], bool], str | Promise], ...] = (
    ("valid_to", _ends_early, _("the end comes after the beginning")),
    (
        "denominator_label",
        lambda each: _is(each, Kind.RATIO, Kind.MEAN) and not _has(each, "denominator_label"),
        _("a ratio or a mean names its denominator"),
    ),
    (
        "is_part",
        lambda each: each.flag("is_part") and not _is(each, Kind.RATIO),
        _("only the numerator of a ratio is a part"),
    ),
    (
        "levels",
        lambda each: (
            [level.integer("level") for level in each.records("levels")]
            != (list(range(5)) if _is(each, Kind.SCALE) else [])
        ),
        _("a scale, and no other kind, has the levels 0 to 4"),
    ),
    (
        "threshold_level",
        lambda each: (each.integer("threshold_level") is None) == _is(each, Kind.SCALE),
        _("a scale, and no other kind, has a threshold"),
    ),
    (
        "steps",
        lambda each: _has(each, "steps") != _is(each, Kind.MILESTONES),
        _("milestones, and no other kind, have steps"),
    ),
    (
        "direction",
        lambda each: _is(each, Kind.MILESTONES) and each.text("direction") != Direction.INCREASE,
        _("milestones only increase"),
    ),
    (
        "subjects",
        lambda each: _has(each, "subjects") != (each.text("addressed") == Addressed.LISTED),
        _("subjects are named where the listed units are addressed, and only there"),
    ),
    (
        "breakdown_label",
        lambda each: _has(each, "options") != _has(each, "breakdown_label"),
        _("options and the label of their breakdown go together"),
    ),
    (
        "minimum_coverage",
        lambda each: not 0 <= (each.number("minimum_coverage") or 0) <= 1,
        _("a share between 0 and 1"),
    ),
    (
        "for_every_unit",
        lambda each: each.flag("for_every_unit") and each.text("kind") not in COMPARABLE,
        _("only the path of a ratio, a rate or a mean holds for every unit"),
    ),
    ("upper_bound", _inverted, _("the upper bound is below the lower one")),
)


def _refuse_contradictions(record: Record) -> None:
    record.choice("kind", {kind.value: kind for kind in Kind})
    for field, is_broken, message in RULES:
        if is_broken(record):
            raise record.fault(field, message)


def _refuse_overlaps(record: Record) -> None:
    """Definitions follow each other: each ends on or before the day the next begins."""
    for former, later in pairwise(record.records("versions")):
        end, start = former.day("valid_to"), later.day("valid_from")
        if end is None or start is None or end > start:
            raise later.fault("valid_from", _("the former definition is still in force"))


def _subjects(
    owned: Iterable[tuple[Record, IndicatorVersion]], units: Mapping[str, Unit]
) -> Iterator[Row]:
    for record, version in owned:
        for slug in record.texts("subjects"):
            values = {"indicatorversion": version, "unit": record.find("subjects", slug, units)}
            yield Row(record, values, named={"unit": "subjects"})


def _options(owned: Iterable[tuple[Record, IndicatorVersion]]) -> Iterator[Row]:
    for record, version in owned:
        for position, option in enumerate(record.records("options"), start=1):
            option.only({"code", "label"})
            values = {"version": version, "code": option.text("code"), "position": position}
            yield Row(option, {**values, **option.translations("label")})


def _reasons(owned: Iterable[tuple[Record, IndicatorVersion]]) -> Iterator[Row]:
    for record, version in owned:
        for reason in record.records("not_applicable_reasons"):
            reason.only({"code", "text"})
            values = {"version": version, "code": reason.text("code")}
            yield Row(reason, {**values, **reason.translations("text")})


def _levels(owned: Iterable[tuple[Record, IndicatorVersion]]) -> Iterator[Row]:
    for record, version in owned:
        for level in record.records("levels"):
            level.only({"level", "text"})
            values = {"version": version, "level": level.integer("level")}
            yield Row(level, {**values, **level.translations("text")})


def _steps(owned: Iterable[tuple[Record, IndicatorVersion]]) -> Iterator[Row]:
    for record, version in owned:
        for step in record.records("steps"):
            step.only({"number", "text", "due_on"}, {"originally_due_on"})
            values = {
                "version": version,
                "number": step.integer("number"),
                "due_on": step.day("due_on"),
                "originally_due_on": step.day("originally_due_on") or step.day("due_on"),
            }
            yield Row(step, {**values, **step.translations("text")})


def _figures(owners: Iterable[tuple[Record, Indicator]]) -> Iterator[Row]:
    for record, indicator in owners:
        options = {
            option.text("code")
            for version in record.records("versions")
            for option in version.records("options")
        }
        for figure in record.records("historical_figures"):
            yield _figure(figure, indicator, options)


def _figure(record: Record, indicator: Indicator, options: set[str]) -> Row:
    record.only(FIGURE, {*FIGURE_TEXTS, *HistoricalFigure.TEXTS, "first_day", "last_day"})
    if record.text("option") and record.text("option") not in options:
        raise record.fault("option", _("no definition has this option"))
    first, last = record.day("first_day"), record.day("last_day")
    if first and last and last < first:
        raise record.fault("last_day", _("the last day comes before the first"))
    values = {
        "indicator": indicator,
        **{name: record.text(name) for name in FIGURE_TEXTS},
        "value": record.number("value"),
        "first_day": first,
        "last_day": last,
    }
    for name in HistoricalFigure.TEXTS:
        values |= record.translations(name)
    return Row(record, values)


def _path(record: Record, owner: Record, indicator: Indicator, nation: Area) -> Row:
    record.only((), PATH)
    values = {name: record.number(name) for name in ("baseline", "target", "band_low", "band_high")}
    _refuse_wrong_path(record, owner)
    return Row(
        record,
        {
            **values,
            "indicator": indicator,
            "area": nation,
            "valid_from": paths.PLAN_START,
            "baseline_end": record.day("baseline_end"),
            "baseline_source": record.text("baseline_source"),
            "is_demo": False,
        },
    )


def _refuse_wrong_path(record: Record, owner: Record) -> None:
    """Refuse what METHOD 4 refuses, in the direction of the indicator's last definition."""
    version = owner.records("versions")[-1]
    direction = version.text("direction")
    if version.text("kind") in (Kind.MILESTONES, Kind.NARRATIVE):
        raise record.fault(
            "path", _("milestones are held against their dates, a narrative against nothing")
        )
    if direction == Direction.MONITOR:
        raise record.fault("path", _("what is only monitored has no path"))
    if record.text("baseline_source") == "" and record.number("baseline") is not None:
        raise record.fault("baseline_source", _("a baseline has its source"))
    path = paths.Path(
        Direction(direction),
        baseline=record.number("baseline"),
        baseline_end=record.day("baseline_end"),
        points=tuple((dt.date(year, 12, 31), value) for year, value in _asked(record)),
        target=record.number("target"),
        band_low=record.number("band_low"),
        band_high=record.number("band_high"),
    )
    for problem in paths.problems(path):
        raise record.fault(*PROBLEMS[problem.code])
    if "subject_baselines" in record:
        _refuse_wrong_baselines(record, owner)


def _refuse_wrong_baselines(record: Record, owner: Record) -> None:
    if owner.records("versions")[-1].text("kind") not in SUMS:
        raise record.fault("subject_baselines", _("only a sum has baselines of subjects"))
    if record.number("baseline") is None:
        raise record.fault("subject_baselines", _("they are parts of a baseline"))


def _asked(record: Record) -> list[tuple[int, Fraction]]:
    """The year and the value of each point."""
    points = record.record("points")
    if points is None:
        return []
    points.only((), YEARS)
    asked = []
    for year in points.values:
        value = points.number(year)
        if value is None:
            raise points.fault(year, _("missing field"))
        asked.append((int(year), value))
    return asked


def _points(record: Record, path: TargetPath) -> Iterator[Row]:
    for year, value in _asked(record):
        yield Row(record, {"path": path, "year": year, "value": value}, named={"value": "points"})


def _subject_baselines(
    record: Record, path: TargetPath, units: Mapping[str, Unit]
) -> Iterator[Row]:
    parts = record.record("subject_baselines")
    if parts is None:
        return
    for slug in parts.values:
        value = parts.number(slug)
        if value is None or value < 0:
            raise record.fault("subject_baselines", _("zero or more of each subject"))
        unit = record.find("subject_baselines", slug, units)
        values = {"path": path, "unit": unit, "value": value}
        named = {"value": "subject_baselines", "unit": "subject_baselines"}
        yield Row(record, values, named=named)
