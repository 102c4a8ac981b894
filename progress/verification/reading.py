"""What is known of an indicator: its definitions, paths, and what was said, row by row."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from django.db.models import F

from indicators.models import Indicator, IndicatorVersion, TargetPath
from organisations.models import Area, UnitSuccession
from submissions.models import Expectation

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


#: A subject of which nothing was validated.
SILENCE: dict[str, Any] = {
    **dict.fromkeys(("revision", "numerator", "denominator")),
    **dict.fromkeys(("said", "status"), "missing"),
    "in_review": False,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something stored that is not what the validated figures give; both as text."""

    result: str
    field: str
    stored: str
    recomputed: str

    def __str__(self) -> str:
        return f"{self.result} {self.field}: stored {self.stored}, recomputed {self.recomputed}"


def unmatched(label: str, stored: object | None) -> Difference:
    """A result that is stored and not expected, or expected and not stored."""
    if stored is None:
        return Difference(label, "result", "missing", "a result")
    return Difference(label, "result", "a result", "none expected")


@dataclass(slots=True)
class Report:
    """How many results, sheets and frozen rows of an indicator, or contents of snapshots, were
    compared, and what differs.

    ``waiting`` differ too, in periods whose results were owed when they were compared, or came to
    be owed meanwhile: the workers have not written them yet.
    """

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    waiting: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a definition says of a calculation; ``steps`` are the days of milestones."""

    pk: int
    number: int
    kind: str
    direction: str
    temporal: str
    frequency: str
    decimals: int
    scale: int
    is_part: bool
    minimum_coverage: Fraction
    materiality: Fraction | None
    threshold_level: int | None
    for_every_unit: bool
    steps: Sequence[dt.date] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A period of an indicator as it was asked: by option, then by unit."""

    code: str
    frequency: str
    last_day: dt.date
    version: Rules
    asked: dict[str, Asked] = field(default_factory=lambda: defaultdict(dict))

    @property
    def month(self) -> int:
        """The number of its last month, counted from the year 0."""
        return month_of(self.last_day)


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
    """One indicator by its code, with its periods by number of last month, and its paths by area.

    The paths of an area are in order of the day on which they come into force.
    """

    code: str
    periods: Mapping[tuple[str, int], Period]
    paths: Mapping[int, Sequence[Values]]
    ground: Ground
    #: What was said in one period by the unit in whose place each subject is in another: by the
    #: codes of both and option. Emptied when the next period is recomputed.
    by_heir: dict[tuple[str, str, str], dict[int, list[Any]]] = field(default_factory=dict)


def read_ground() -> Ground:
    nation = Area.objects.filter(kind="nation").values_list("pk", flat=True).first()
    dated = UnitSuccession.objects.filter(effective_on__isnull=False, predecessor__isnull=False)
    rows: list[Any] = list(dated.values_list("effective_on", "predecessor_id", "successor_id"))
    # 9: a split never invents a past, so a unit that was split leads nowhere.
    times = Counter(predecessor for _day, predecessor, _successor in rows)
    areas = dict(Area.objects.values_list("pk", "code"))
    classes = dict(Area.objects.filter(kind="class").values_list("number", "pk"))
    return Ground(areas, classes, nation, sorted(row for row in rows if times[row[1]] == 1))


def read_case(indicator: Indicator, ground: Ground) -> Case:
    versions = {each.pk: _rules(each) for each in indicator.versions.prefetch_related("steps")}
    periods: dict[tuple[str, int], Period] = {}
    for row in _rows(indicator):
        key = (row["frequency"], month_of(row["last_day"]))
        if key not in periods:
            version = versions[row["version_id"]]
            periods[key] = Period(row["code"], row["frequency"], row["last_day"], version)
        period = periods[key]
        period.asked[row["option"] or ""][row["unit"]] = _cell(row, period.version.kind)
    for each in periods.values():
        _complete(each)
    paths: dict[int, list[Values]] = defaultdict(list)
    stored = indicator.paths.prefetch_related("points", "subject_baselines")
    for path in sorted(stored, key=lambda each: each.valid_from):
        paths[path.area_id].append(_plain_path(path))
    return Case(indicator.code, periods, paths, ground)


def _rules(version: IndicatorVersion) -> Rules:
    plain = {each.name: getattr(version, each.name) for each in fields(Rules)}
    return Rules(**plain | {"steps": [step.due_on for step in version.steps.all()]})


def _plain_path(path: TargetPath) -> Values:
    return {
        **NO_PATH,
        "id": path.pk,
        # Amended paths hold from their day on; the original for all that came before it too.
        "from": path.valid_from if path.amendment_id else dt.date.min,
        "b": path.baseline,
        "baseline_end": path.baseline_end,
        "points": {dt.date(each.year, 12, 31): each.value for each in path.points.all()},
        "target": path.target,
        "band": (path.band_low, path.band_high),
        "baselines": {each.unit_id: each.value for each in path.subject_baselines.all()},
    }


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
    """3: only validated cells count; what is signed and in review stands beside."""
    waits = row["state"] == "submitted" and row["current"] != row["validated"]
    said = row["status"] or "missing"
    status = status_counted(said, kind, row["population"])
    return {**row, "said": said, "status": status, "in_review": waits}


def status_counted(said: str, kind: str, population: int | None) -> str:
    """2: a count of a unit whose inhabitants are not known has no base, so it is not available to a
    rate; METHOD.md says no more. What was said goes into the fingerprint.
    """
    has_base = kind != "population_rate" or population is not None
    return said if has_base or said != "reported" else "not_available"


def _complete(period: Period) -> None:
    """3: coverage is per option, so each option has every subject of the total."""
    everybody = {unit: row for asked in period.asked.values() for unit, row in asked.items()}
    for asked in period.asked.values():
        for unit in everybody.keys() - asked.keys():
            asked[unit] = {**everybody[unit], **SILENCE}


def month_of(day: dt.date) -> int:
    return day.year * 12 + day.month


def text_of(value: Any) -> str:
    return "nothing" if value is None or value == "" else str(value)
