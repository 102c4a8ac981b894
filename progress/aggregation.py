"""Results of areas from the validated figures: METHOD.md 2 to 5, through the calculation kernel.

Nothing here computes a figure. It reads an indicator's figures once, cuts them by area, has the
kernel add and judge them, and returns what is to be written.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from indicators.calculation import METHOD_VERSION
from indicators.calculation.adding import (
    aggregate,
    baseline_share,
    carried,
    common_values,
    over_year,
    year_of,
)
from indicators.calculation.fingerprints import fingerprint
from indicators.calculation.judging import Judgement, judge
from indicators.calculation.paths import Path, path_for
from indicators.calculation.values import (
    PERIODS_PER_YEAR,
    SUMS,
    Aggregate,
    Coverage,
    Definition,
    Observation,
)
from indicators.definitions import baselines_of, definition_of, path_of, path_on
from indicators.enums import Direction, Frequency, Kind
from indicators.models import Indicator, IndicatorVersion, Period, TargetPath
from indicators.periods import frequency_of, previous
from organisations.enums import AreaKind
from organisations.models import Area, UnitSuccession

from .models import Result
from .sheets import Collected, Place

#: First period in which a target was reached, by area and option.
Reached = dict[tuple[int, str], str]
Pair = tuple[Fraction, Fraction]
#: A unit by its own number or by its slug.
Name = TypeVar("Name", int, str)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Basis:
    """What an indicator's results rest on besides its figures."""

    indicator: Indicator
    nation_id: int
    area_codes: Mapping[int, str]
    classes: Mapping[int, int]
    versions: Mapping[int, IndicatorVersion]
    paths: Mapping[int, Sequence[TargetPath]]
    mergers: Sequence[tuple[dt.date, int, int]]

    def areas_of(self, place: Place) -> tuple[int, ...]:
        """The areas in whose results a subject of that place counts."""
        *areas, number = place
        found = (self.nation_id, *areas, self.classes.get(number) if number else None)
        return tuple(area for area in found if area is not None)

    def successors(self, on: dt.date, asked: Container[int] = ()) -> dict[int, int]:
        """From each unit that gave way by ``on`` to the unit in its place that day.

        Units still ``asked`` themselves, in a round locked before their merger was recorded, lead
        nowhere.
        """
        return heirs(self.mergers, on, asked)


@dataclass(frozen=True, slots=True)
class Asked:
    """The path that an area's total is held against, where there is one.

    ``stored`` is where it came from, ``text`` the same on every machine.
    """

    path: Path | None = None
    stored: TargetPath | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier period on the perimeters of the period being computed.

    ``subjects`` are those that were asked then, by the area in which their unit is now.
    """

    collected: Collected
    subjects: Mapping[int, tuple[int, ...]]
    observations: Mapping[str, Mapping[int, Observation]]

    def among(self, option: str, units: Iterable[int]) -> list[Observation]:
        given = self.observations.get(option, {})
        return [given[unit] for unit in units if unit in given]


# --- Reading ------------------------------------------------------------------------------------


def bases(indicator_ids: Collection[int] | None = None) -> list[Basis]:
    """The bases of these indicators (of all), in a fixed number of queries."""
    indicators = Indicator.objects.prefetch_related(
        "versions__steps", "versions__options", "paths__points", "paths__subject_baselines"
    ).order_by("pk")
    if indicator_ids is not None:
        indicators = indicators.filter(pk__in=indicator_ids)
    if not indicators:
        return []  # Before the reference data is loaded there is no nation either.
    areas = {area.pk: area for area in Area.objects.all()}
    nation_id = next(pk for pk, area in areas.items() if area.kind == AreaKind.NATION)
    mergers = known_mergers()
    codes = {pk: area.code for pk, area in areas.items()}
    classes = {area.number: pk for pk, area in areas.items() if area.kind == AreaKind.CLASS}
    return [
        Basis(
            indicator=indicator,
            nation_id=nation_id,
            area_codes=codes,
            classes=classes,
            versions={version.pk: version for version in indicator.versions.all()},
            paths=_by_place(indicator.paths.all()),
            mergers=mergers,
        )
        for indicator in indicators
    ]


def _by_place(paths: Iterable[TargetPath]) -> dict[int, list[TargetPath]]:
    found: dict[int, list[TargetPath]] = defaultdict(list)
    for path in paths:
        found[path.area_id].append(path)
    return dict(found)


def known_mergers() -> list[tuple[dt.date, int, int]]:
    """(day, predecessor, successor) by day: one query."""
    dated = UnitSuccession.objects.filter(predecessor__isnull=False, effective_on__isnull=False)
    rows = dated.values_list("effective_on", "predecessor_id", "successor_id")
    return without_splits((day, old, new) for day, old, new in rows if day and old)


def heirs(
    mergers: Iterable[tuple[dt.date, int, int]], on: dt.date, asked: Container[int]
) -> dict[int, int]:
    """``Basis.successors`` of these mergers."""
    today: dict[int, int] = {}
    for day, old, new in mergers:
        if day <= on and old not in asked:
            today = {unit: new if at == old else at for unit, at in today.items()}
            today[old] = new
    return today


def without_splits(
    successions: Iterable[tuple[dt.date, Name, Name]],
) -> list[tuple[dt.date, Name, Name]]:
    """(day, predecessor, successor) by day. A unit that was split leads nowhere (METHOD.md 9)."""
    found = sorted(successions)
    times = Counter(old for _day, old, _new in found)
    return [each for each in found if times[each[1]] == 1]


def basis_digest(basis: Basis, version: IndicatorVersion, period: Period) -> str:
    """Digest of what a period's results rest on besides figures; another one makes them stale."""
    on = period.last_day
    mergers = [merger for merger in basis.mergers if merger[0] <= on]
    paths = {
        area: [
            _text(path_of(version, path)),
            sorted((unit, str(one)) for unit, one in baselines_of(path, mergers).items()),
        ]
        for area, known in sorted(basis.paths.items())
        if (path := path_on(known, on)) is not None
    }
    rests_on = [
        METHOD_VERSION,
        _definition_text(version.number, definition_of(version)),
        [option.code for option in version.options.all()],
        _text(path_of(version, None)),
        sorted(paths.items()),
        [(str(day), old, new) for day, old, new in mergers],
    ]
    return sha256(json.dumps(rests_on).encode()).hexdigest()


# --- Computing ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Computation:
    """One period to compute, the earlier periods of its rolling year (oldest first, none where
    nothing rolls), and the same period a year earlier.

    ``members`` are the subjects by area, in order of slug.
    ``nation`` is the path of the nation's total, ``text`` the definition as the fingerprint takes
    it. ``years`` keeps each subject's rolling year, by option, and ``added`` what subjects add up
    to: the units of a province are often those of its one arrondissement.
    """

    basis: Basis
    now: Collected
    members: Mapping[int, tuple[int, ...]]
    year: Sequence[Earlier]
    then: Earlier | None
    nation: Asked
    text: str
    years: dict[str, dict[int, Observation]] = field(default_factory=dict)
    added: dict[tuple[str, str, tuple[int, ...]], Any] = field(default_factory=dict)

    def once(self, what: str, option: str, members: tuple[int, ...], work: Callable[[], T]) -> T:
        key = (what, option, members)
        if key not in self.added:
            self.added[key] = work()
        found: T = self.added[key]
        return found

    def over_year(self, option: str, members: Iterable[int]) -> list[Observation]:
        """Who of these is in the rolling year, with its parts, and who is not."""
        if option not in self.years:
            said = [
                *(one.observations.get(option, {}) for one in self.year),
                self.now.observations[option],
            ]
            periods = [list(given.values()) for given in said]
            self.years[option] = {
                one.subject: one for one in over_year(self.now.definition, periods)
            }
        years = self.years[option]
        return [years[unit] for unit in members]

    def window_starts(self, *, is_year: bool) -> dt.date:
        """The first day in the period's own value, or in the rolling year's."""
        first = self.year[0].collected if is_year and self.year else self.now
        return first.period.first_day


def codes_read(code: str) -> list[str]:
    """The periods from whose figures a period's results follow, latest first."""
    return [code, *previous(code, PERIODS_PER_YEAR[frequency_of(code)])]


def results_of(
    basis: Basis,
    now: Collected,
    known: Mapping[str, Collected],
    reached: Reached,
    areas: Container[int] | None = None,
) -> Iterator[Result]:
    """The results of one period, of all areas or of some, from its figures and ``known`` ones.

    ``known`` are periods by code, of which those in ``codes_read`` are used. ``reached`` says where
    a target was reached in an earlier period.
    """
    computing = _computation(basis, now, known)
    for option in now.observations:
        for area_id, units in computing.members.items():
            if areas is None or area_id in areas:
                yield _result(computing, area_id, units, option, reached.get((area_id, option)))


def _computation(basis: Basis, now: Collected, known: Mapping[str, Collected]) -> Computation:
    successors = basis.successors(now.period.last_day, now.slugs)
    _code, *rest_of_year, a_year_earlier = codes_read(now.period.code)
    rolling = list(reversed(rest_of_year)) if rolls(now.definition) else []
    members = _by_area(basis, now.places, {one: one for one in now.slugs})
    earlier = {
        code: _earlier(basis, known[code], now, members, successors)
        for code in (*rolling, a_year_earlier)
        if code in known and comparable(known[code].definition, now.definition)
    }
    return Computation(
        basis,
        now,
        members,
        [earlier[code] for code in rolling if code in earlier],
        earlier.get(a_year_earlier),
        _nation(basis, now),
        _definition_text(now.version.number, now.definition),
    )


def _result(
    computing: Computation,
    area_id: int,
    members: tuple[int, ...],
    option: str,
    reached_before: str | None,
) -> Result:
    now, definition = computing.now, computing.now.definition
    given = [now.observations[option][unit] for unit in members]
    asked = _asked(computing, area_id, option)
    path = asked.path
    own, judged, is_year = _held(computing, option, members, given, path)
    then = computing.then if path is None or path.target is None else None
    baselines = _baselines(computing, asked.stored, members)
    judgement = judge(
        definition,
        value=judged.value,
        coverage=judged.coverage,
        path=path,
        period_end=now.period.last_day,
        window_starts=computing.window_starts(is_year=is_year),
        period=now.period.code,
        a_year_earlier=computing.once(
            "pair", option, members, lambda: _pair(definition, then, option, members, given)
        )
        if then
        else None,
        reached_before=reached_before,
        baseline_share=baseline_share(
            baselines, computing.over_year(option, members) if is_year else given
        )
        if baselines
        else None,
    )
    went_in = {
        one.collected.period.code: one.collected.digest(option, one.subjects.get(area_id, ()))
        for one in (*computing.year, *([then] if then else []))
    }
    return _row(
        computing,
        area_id,
        option,
        own=own,
        judged=judged,
        judgement=judgement,
        target_path=asked.stored,
        window_periods=len(computing.year) + 1 if is_year else 1,
        in_review=len(now.in_review[option].intersection(members)),
        fingerprint=fingerprint(
            METHOD_VERSION,
            {
                "indicator": computing.basis.indicator.code,
                "definition": computing.text,
                "area": computing.basis.area_codes[area_id],
                "option": option,
                "path": asked.text,
                **_baselines_text(now, baselines),
                "period": now.period.code,
                now.period.code: now.digest(option, members),
                **went_in,
            },
            (),
            {},
        ),
    )


def units_judged(
    basis: Basis, now: Collected, known: Mapping[str, Collected], nation: Path | None
) -> dict[int, Judgement]:
    """Each subject's own total against the nation's path, where that holds for every unit."""
    path = path_for(now.definition, None, nation)
    if path is None or basis.indicator.is_restricted:
        return {}
    computing = _computation(basis, now, known)
    found = {}
    for unit, one in now.observations[""].items():
        _own, judged, is_year = _held(computing, "", (unit,), [one], path)
        found[unit] = judge(
            now.definition,
            value=judged.value,
            coverage=judged.coverage,
            path=path,
            period_end=now.period.last_day,
            window_starts=computing.window_starts(is_year=is_year),
        )
    return found


def _baselines(
    computing: Computation, path: TargetPath | None, members: Iterable[int]
) -> dict[int, Fraction]:
    """What each of these subjects is of the baseline of a sum, as far as it is known."""
    if path is None or computing.now.definition.kind not in SUMS:
        return {}
    on = computing.now.period.last_day
    known = baselines_of(path, [each for each in computing.basis.mergers if each[0] <= on])
    return {unit: known[unit] for unit in members if unit in known}


def _baselines_text(now: Collected, baselines: Mapping[int, Fraction]) -> dict[str, str]:
    """For the fingerprint: by slug, nothing where there are none."""
    said = {now.slugs[unit]: str(value) for unit, value in baselines.items()}
    return {"baselines": json.dumps(said, sort_keys=True)} if said else {}


def _held(
    computing: Computation,
    option: str,
    members: tuple[int, ...],
    given: list[Observation],
    path: Path | None,
) -> tuple[Aggregate, Aggregate, bool]:
    """The period's own value, what is judged, and whether that is the rolling year's."""
    definition = computing.now.definition
    own = computing.once("own", option, members, lambda: aggregate(definition, given))
    if not rolls(definition):
        return own, own, False
    year = computing.once(
        "year",
        option,
        members,
        lambda: year_of(definition, computing.over_year(option, members)),
    )
    return (own, own, False) if _stands_alone(own, year, path) else (own, year, True)


def _stands_alone(own: Aggregate, year: Aggregate, path: Path | None) -> bool:
    """Whether the period's own value is judged rather than the rolling year's.

    So it is where nobody could report (row 2 comes first), and where the year is not complete
    and no path asks for a yearly value: a first quarter that is only monitored has its value.
    """
    asks = path is not None and (path.target is not None or path.band_low is not None)
    return own.coverage.all_not_applicable or (year.value is None and not asks)


def _row(
    computing: Computation,
    area_id: int,
    option: str,
    *,
    own: Aggregate,
    judged: Aggregate,
    judgement: Judgement,
    target_path: TargetPath | None,
    **facts: int | str,
) -> Result:
    return Result(
        indicator_id=computing.basis.indicator.pk,
        version_id=computing.now.version.pk,
        period_id=computing.now.period.pk,
        area_id=area_id,
        option=option,
        value=own.value,
        numerator=own.numerator,
        denominator=own.denominator,
        distribution=own.distribution and list(own.distribution),
        median=own.median,
        **_coverage(own.coverage),
        judged_value=judgement.value,
        judged_numerator=judged.numerator,
        judged_denominator=judged.denominator,
        judged_reported=judged.coverage.reported,
        judged_not_applicable=judged.coverage.not_applicable,
        judged_population_expected=judged.coverage.population_expected,
        judged_population_reported=judged.coverage.population_reported,
        status=judgement.status,
        trend=judgement.trend or "",
        path_id=target_path.pk if target_path else None,
        baseline=judgement.baseline,
        required=judgement.required,
        target=judgement.target,
        ratio=judgement.ratio,
        materiality=judgement.delta,
        is_understated=judgement.understated,
        reached=judgement.reached or "",
        method_version=METHOD_VERSION,
        **facts,
    )


def _coverage(coverage: Coverage) -> dict[str, int | None]:
    return {
        "expected": coverage.expected,
        "reported": coverage.reported,
        "not_applicable": coverage.not_applicable,
        "not_available": coverage.not_available,
        "missing": coverage.missing,
        "population_expected": coverage.population_expected,
        "population_reported": coverage.population_reported,
    }


def _asked(computing: Computation, area_id: int, option: str) -> Asked:
    """The path of an area's total, in force at the end of the period.

    Its own, or the nation's where that holds for every unit. Dated steps are the nation's, and no
    stored path stands beside them; an option has no path.
    """
    basis, now = computing.basis, computing.now
    if option:
        return Asked()
    if area_id == basis.nation_id:
        return computing.nation
    if now.definition.kind == Kind.MILESTONES:
        return Asked()
    own = path_on(basis.paths.get(area_id, ()), now.period.last_day)
    if own is not None:
        path = path_of(now.version, own)
        return Asked(path, own, _text(path))
    is_shared = path_for(now.definition, None, computing.nation.path) is not None
    return computing.nation if is_shared else Asked()


def _nation(basis: Basis, now: Collected) -> Asked:
    stored = None
    if now.definition.kind != Kind.MILESTONES:
        stored = path_on(basis.paths.get(basis.nation_id, ()), now.period.last_day)
    path = path_of(now.version, stored)
    return Asked(path, stored, _text(path))


def _pair(
    definition: Definition,
    then: Earlier,
    option: str,
    members: Iterable[int],
    given: Iterable[Observation],
) -> Pair | None:
    """The value a year earlier and now, over the subjects that reported both."""
    if definition.direction == Direction.MONITOR:
        return None
    former, latter = common_values(definition, then.among(option, members), given)
    return None if former is None or latter is None else (former, latter)


def _earlier(
    basis: Basis,
    one: Collected,
    now: Collected,
    members: Mapping[int, tuple[int, ...]],
    successors: Mapping[int, int],
) -> Earlier:
    if successors.keys().isdisjoint(one.slugs):
        if one.slugs != now.slugs:
            members = _by_area(basis, now.places, {subject: subject for subject in one.slugs})
        return Earlier(one, members, one.observations)
    today = {subject: successors.get(subject, subject) for subject in one.slugs}
    observations = {
        option: {each.subject: each for each in carried(now.definition, said.values(), successors)}
        for option, said in one.observations.items()
    }
    return Earlier(one, _by_area(basis, now.places, today), observations)


def _by_area(
    basis: Basis, places: Mapping[int, Place], units: Mapping[int, int]
) -> dict[int, tuple[int, ...]]:
    """Subjects, in order, by each area of the unit that stands for them (``units``)."""
    areas: dict[Place, tuple[int, ...]] = {}
    found: dict[int, list[int]] = defaultdict(list)
    for subject, unit in units.items():
        place = places.get(unit)
        if place is not None:
            if place not in areas:
                areas[place] = basis.areas_of(place)
            for area in areas[place]:
                found[area].append(subject)
    return {area: tuple(members) for area, members in found.items()}


def rolls(definition: Definition) -> bool:
    """Whether the value held against the path is that of the rolling year."""
    return definition.adds_over_time and PERIODS_PER_YEAR[Frequency(definition.frequency)] > 1


def comparable(one: Definition, other: Definition) -> bool:
    """Whether parts reported under two definitions may be added: they count alike.

    The scale may differ: it multiplies what was added.
    """
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("kind", "decimals", "temporal", "frequency")
    )


@lru_cache(maxsize=2_000)
def _definition_text(number: int, definition: Definition) -> str:
    """The definition's number and values as text: an original may be told better by its file."""
    values = {"number": number, **dataclasses.asdict(definition)}
    return json.dumps(values, sort_keys=True, default=str)


@lru_cache(maxsize=2_000)
def _text(path: Path | None) -> str | None:
    """The path as text, the same on every machine."""
    if path is None:
        return None
    return json.dumps(dataclasses.asdict(path), sort_keys=True, default=str)
