"""Whether every promise of the plan has its measures, and every measure a whole definition.

Findings are in English: they are for who keeps the reference files, and a machine reads their end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Prefetch

from foundation.words import plain
from organisations.enums import UnitKind
from organisations.models import Unit
from plans.models import Commitment, Condition
from themes.enums import Level, PointKind
from themes.models import Objective, ThemePoint

from .enums import Direction, Frequency, Kind, Nature
from .labels import Addressed
from .models import HistoricalFigure, Indicator, IndicatorVersion, TargetPath
from .models import Promise as PlanPromise

MOST_TYPED_NUMBERS = 30
QUARTERS = (1, 2, 3, 4)
TEXTS = ("name", "definition", "unit", "numerator_label", "limits", "source_system")
#: Texts that a definition has only where it needs them.
OPTIONAL_TEXTS = ("denominator_label", "breakdown_label")
WORDED_PARTS = (
    ("options", "label"),
    ("levels", "text"),
    ("steps", "text"),
    ("not_applicable_reasons", "text"),
)
OUTPUTS = (Kind.COUNT, Kind.AMOUNT)
QUOTIENTS = (Kind.RATIO, Kind.MEAN)
#: Themes, and the condition, whose measures are expected to be restricted.
SENSITIVE = ("3", "1.6", "C1")
#: How often a definition is asked in each quarter of a year.
ASKED = {
    Frequency.MONTH: {1: 3, 2: 3, 3: 3, 4: 3},
    Frequency.QUARTER: {1: 1, 2: 1, 3: 1, 4: 1},
    Frequency.HALF_YEAR: {2: 1, 4: 1},
    Frequency.YEAR: {4: 1},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is missing: the code of the promise or indicator that it is about, and what."""

    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator with its latest definition, and who its figures are about and come from."""

    indicator: Indicator
    version: IndicatorVersion
    subjects: Sequence[Unit]

    @property
    def is_about_zones(self) -> bool:
        if self.version.addressed == Addressed.LISTED:
            return any(unit.kind == UnitKind.ZONE for unit in self.subjects)
        return True

    @property
    def is_federal(self) -> bool:
        """Whether a named federal unit or central source reports, or is what is measured."""
        named = [*self.subjects, *([self.version.reporter] if self.version.reporter else [])]
        return any(unit.kind != UnitKind.ZONE for unit in named)

    @property
    def who(self) -> str:
        """Who reports, in a word or by name."""
        if self.version.reporter:
            return self.version.reporter.slug
        if self.version.addressed == Addressed.LISTED:
            return ", ".join(unit.slug for unit in self.subjects) or "nobody"
        return "all zones" if self.version.addressed == Addressed.ALL_ZONES else "zones with entry"

    def __str__(self) -> str:
        importance = "key" if self.indicator.is_key else "supporting"
        return (
            f"{self.indicator.code} ({self.indicator.nature}, {importance}, {self.version.kind}, "
            f"{self.version.frequency}, {self.who})"
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A promise of the plan with its measures and what they lack."""

    promise: PlanPromise
    measures: Sequence[Measure]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Load:
    """What a zone types at most: how many numbers, in which quarter, and in how many zones."""

    zone: str = ""
    quarter: int = 4
    numbers: int = 0
    zones: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """The whole catalogue: promises by kind, incomplete definitions, hints, and the load."""

    promises: Mapping[str, Sequence[Measured]]
    incomplete: Mapping[str, Sequence[Finding]]
    hints: Sequence[Finding]
    load: Load

    @property
    def findings(self) -> list[Finding]:
        """What fails the check, in the order of the plan."""
        unmeasured = [
            finding
            for measured in self.promises.values()
            for each in measured
            for finding in each.findings
        ]
        incomplete = [finding for each in self.incomplete.values() for finding in each]
        return [*unmeasured, *incomplete, *_overload(self.load)]

    def summary(self, name: str) -> str:
        measured = self.promises[name]
        whole = sum(not each.findings for each in measured)
        return f"{whole} of {len(measured)} {name} measured"


def check() -> Report:
    """Read the whole catalogue and say what it lacks; a constant number of queries."""
    measures = read_measures()
    by_promise: dict[tuple[str, int], list[Measure]] = defaultdict(list)
    for each in measures:
        by_promise[_key(each.indicator.promise)].append(each)
    promises = {
        name: [_measured(promise, by_promise[_key(promise)]) for promise in queryset]
        for name, queryset in _promises().items()
    }
    return Report(promises, _incomplete(measures), list(_hints(measures)), load_of(measures))


def read_measures() -> list[Measure]:
    """Every indicator with its latest definition, in the plan's order."""
    versions = (
        IndicatorVersion.objects.select_related("reporter")
        .prefetch_related("subjects", *(name for name, _text in WORDED_PARTS))
        .order_by("number")
    )
    indicators = Indicator.objects.select_related(*Indicator.RELATED, "paired_with")
    found = indicators.prefetch_related(
        Prefetch("versions", versions, to_attr="defined"),
        Prefetch("paths", TargetPath.objects.all()),
        Prefetch("historical_figures", HistoricalFigure.objects.all()),
    )
    return [
        Measure(each, vars(each)["defined"][-1], list(vars(each)["defined"][-1].subjects.all()))
        for each in found
        if vars(each)["defined"]
    ]


def _promises() -> dict[str, models.QuerySet[Any]]:
    return {
        "conditions": Condition.objects.all(),
        "general points": ThemePoint.objects.filter(kind=PointKind.GENERAL).order_by("code"),
        "commitments": Commitment.objects.all(),
        "objectives": Objective.objects.select_related("theme"),
    }


def _key(promise: PlanPromise) -> tuple[str, int]:
    return promise._meta.model_name or "", promise.pk


# --- Is every promise measured? -----------------------------------------------------------------


def _measured(promise: PlanPromise, measures: Sequence[Measure]) -> Measured:
    findings = [Finding(promise.code, text) for text in _lacks(promise, measures)]
    return Measured(promise, measures, findings)


def _lacks(promise: PlanPromise, measures: Sequence[Measure]) -> Iterator[str]:
    if not measures:
        yield "no measure"
        return
    if isinstance(promise, Objective):
        if not any(each.indicator.is_key for each in measures):
            yield "no key indicator"
        yield from _lacks_reporters(promise.level, measures)
    if isinstance(promise, ThemePoint):
        yield from _lacks_reporters(Level.LOCAL, measures)


def _lacks_reporters(level: str, measures: Sequence[Measure]) -> Iterator[str]:
    if level != Level.FEDERAL and not any(each.is_about_zones for each in measures):
        yield "no measure of zones"
    if level != Level.LOCAL and not any(each.is_federal for each in measures):
        yield "no measure by a named federal unit or central source"


# --- Is every definition whole? -----------------------------------------------------------------


def _french(row: models.Model, name: str) -> str:
    """A translated field in French, whatever the language and its fallbacks."""
    return getattr(row, f"{name}_fr") or ""


Rule = tuple[Callable[[Measure], bool], str]


def _output_alone(measure: Measure) -> bool:
    """A judged police output without its pair; a result that should fall is no output."""
    version, indicator = measure.version, measure.indicator
    falls = indicator.nature == Nature.RESULT and version.direction == Direction.DECREASE
    is_output = version.kind in OUTPUTS and version.direction != Direction.MONITOR and not falls
    return is_output and indicator.paired_with_id is None


def _unworded_levels(measure: Measure) -> bool:
    worded = [level.level for level in measure.version.levels.all() if _french(level, "text")]
    return measure.version.kind == Kind.SCALE and worded != [0, 1, 2, 3, 4]


def _undated_steps(measure: Measure) -> bool:
    steps = [step for step in measure.version.steps.all() if _french(step, "text") and step.due_on]
    return measure.version.kind == Kind.MILESTONES and not steps


def _one_way(measure: Measure) -> bool:
    other = measure.indicator.paired_with
    return other is not None and other.paired_with_id != measure.indicator.pk


#: What a whole definition never is, and how it is told.
RULES: tuple[Rule, ...] = (
    (lambda each: each.version.direction not in set(Direction), "no direction"),
    (lambda each: each.version.frequency not in set(Frequency), "no frequency"),
    (lambda each: not _french(each.version, "numerator_label"), "does not say what is reported"),
    (
        lambda each: (
            each.version.kind in QUOTIENTS and not _french(each.version, "denominator_label")
        ),
        "no denominator",
    ),
    (_unworded_levels, "the levels 0 to 4 are not all worded"),
    (_undated_steps, "no dated steps"),
    (
        lambda each: each.version.addressed not in Addressed.values or each.who == "nobody",
        "no reporter",
    ),
    (lambda each: not _french(each.version, "unit"), "no unit"),
    (lambda each: not _french(each.version, "source_system"), "no source system"),
    (lambda each: not _french(each.version, "limits"), "no known limits"),
    (_output_alone, "a judged count or amount without its paired measure"),
    (_one_way, "its paired measure is not paired with it"),
    (
        lambda each: any(
            path.baseline is not None and not path.baseline_source
            for path in each.indicator.paths.all()
        ),
        "a baseline without a source",
    ),
    (
        lambda each: any(
            not figure.source or not figure.source_date
            for figure in each.indicator.historical_figures.all()
        ),
        "a historical figure without a dated source",
    ),
)


def _incomplete(measures: Sequence[Measure]) -> dict[str, list[Finding]]:
    """Findings about definitions by indicator code, in the plan's order; whole ones left out."""
    repeated = _repeated(measures)
    found = {}
    for each in measures:
        code = each.indicator.code
        texts = [text for is_broken, text in RULES if is_broken(each)]
        texts += [f"no Dutch for {name}" for name in _without_dutch(each)]
        texts += repeated.get(code, [])
        if texts:
            found[code] = [Finding(code, text) for text in texts]
    return found


def _without_dutch(measure: Measure) -> Iterator[str]:
    """The texts that have no Dutch: units that speak it report every kind of indicator."""
    version = measure.version
    for name in (*TEXTS, *OPTIONAL_TEXTS):
        if getattr(version, f"{name}_fr") and not getattr(version, f"{name}_nl"):
            yield name
    for related, field in WORDED_PARTS:
        if any(not getattr(part, f"{field}_nl") for part in getattr(version, related).all()):
            yield related
    for name in HistoricalFigure.TEXTS:
        figures = measure.indicator.historical_figures.all()
        if any(getattr(each, f"{name}_fr") and not getattr(each, f"{name}_nl") for each in figures):
            yield f"historical_figures.{name}"


def _repeated(measures: Iterable[Measure]) -> dict[str, list[str]]:
    """By code: which other indicator has the same name or definition, accents and case apart."""
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in measures:
        for name in ("name_fr", "name_nl", "definition_fr", "definition_nl"):
            words = plain(getattr(each.version, name) or "")
            if words:
                users[name, words].append(each.indicator.code)
    found: dict[str, list[str]] = defaultdict(list)
    for (name, _words), codes in users.items():
        for code in codes:
            others = [other for other in codes if other != code]
            if others:
                found[code].append(f"the same {name} as {', '.join(others)}")
    return found


def _hints(measures: Iterable[Measure]) -> Iterator[Finding]:
    for each in measures:
        promise = each.indicator.promise
        places = {promise.code, each.indicator.heading.code}
        if isinstance(promise, Objective | ThemePoint):
            places.add(promise.theme.code)
        if places.intersection(SENSITIVE) and not each.indicator.is_restricted:
            yield Finding(each.indicator.code, "not restricted, under a sensitive theme")


# --- What zones type ----------------------------------------------------------------------------


def typed_numbers(version: IndicatorVersion) -> int:
    """How many numbers one report takes: each part is one, of the total and of each option."""
    if version.kind == Kind.NARRATIVE:
        return 0
    if version.kind == Kind.MILESTONES:
        return len(version.steps.all())
    parts = 2 if version.kind in QUOTIENTS else 1
    return parts * (1 + len(version.options.all()))


def load_of(measures: Iterable[Measure]) -> Load:
    """The zone that types the most numbers in a quarter, half-yearly and yearly ones included.

    What a source reports for zones, they do not type.
    """
    typed = [each for each in measures if each.version.reporter is None]
    zones = Unit.objects.filter(kind=UnitKind.ZONE, valid_to__isnull=True).order_by("slug")
    totals = {zone.slug: _by_quarter(zone, typed) for zone in zones}
    if not totals:
        return Load()
    most, quarter = max(
        ((numbers, quarter) for total in totals.values() for quarter, numbers in total.items()),
        key=lambda found: (found[0], -found[1]),
    )
    busiest = [slug for slug, total in totals.items() if total[quarter] == most]
    return Load(busiest[0], quarter, most, len(busiest))


def _by_quarter(zone: Unit, measures: Iterable[Measure]) -> dict[int, int]:
    total = dict.fromkeys(QUARTERS, 0)
    for each in measures:
        if _is_asked(zone, each):
            numbers = typed_numbers(each.version)
            for quarter, times in ASKED[Frequency(each.version.frequency)].items():
                total[quarter] += numbers * times
    return total


def _is_asked(zone: Unit, measure: Measure) -> bool:
    addressed = measure.version.addressed
    if addressed == Addressed.LISTED:
        return zone in measure.subjects
    return addressed == Addressed.ALL_ZONES or zone.has_point_of_entry


def _overload(load: Load) -> list[Finding]:
    if load.numbers <= MOST_TYPED_NUMBERS:
        return []
    return [
        Finding(
            load.zone,
            f"{load.numbers} typed numbers in quarter {load.quarter}, at most "
            f"{MOST_TYPED_NUMBERS} are allowed",
        )
    ]
