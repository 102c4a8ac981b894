"""What an outcome rests on, read again: figures by period, definition, path and mergers.

Of a provisional result they are the validated figures as they stand now; of a frozen one those that
its closing kept.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Exists, OuterRef

from foundation import canonical
from indicators.calculation.adding import aggregate, carried, common_set
from indicators.calculation.paths import Path
from indicators.calculation.values import PERIODS_PER_YEAR, Aggregate, Definition, Observation
from indicators.definitions import path_of
from indicators.enums import CellStatus, Trend
from indicators.models import IndicatorVersion, Period, TargetPath
from indicators.periods import frequency_of, last_day, shifted
from organisations.enums import AreaKind
from organisations.models import Unit, UnitSuccession
from submissions.models import Expectation
from submissions.observations import figures

from .aggregation import Basis, bases, codes_read, comparable, rolls, without_splits
from .models import FrozenResult, FrozenSheet, Result, Sheet, Shown
from .sheets import Collected, collected, names, of_sheets

#: Trends that say how a figure changed.
CHANGES = frozenset({Trend.IMPROVING, Trend.STABLE, Trend.WORSENING})


@dataclass(frozen=True)
class YearChange:
    """The value a year earlier and now, over the units that reported both, beside the totals.

    ``apart`` are how many units are in what remains of those in common, and of the others that
    reported then or now, less the areas that lie wholly within: by kind of area that divides the
    nation, what their totals leave to be worked out.
    """

    then: Aggregate
    now: Aggregate
    units: int
    total_then: Aggregate
    total_now: Aggregate
    period: Period
    apart: Sequence[int] = ()


@dataclass(frozen=True)
class Inputs:
    """An outcome's figures, under its ``version``, with its indicator and options.

    ``year`` are the earlier periods of its rolling year, oldest first.
    ``successors`` leads from a former unit to the one in its place at the end of the period;
    ``members`` are the subjects of the outcome's area, in order of their slugs. ``known`` are all
    the periods read, by code.
    """

    outcome: Shown
    version: IndicatorVersion
    definition: Definition
    path: Path | None
    now: Collected
    year: Sequence[Collected]
    then: Collected | None
    successors: Mapping[int, int]
    members: Sequence[int]
    basis: Basis
    known: Mapping[str, Collected]

    @property
    def option(self) -> str:
        return self.outcome.option

    def observed(self, period: Collected) -> Mapping[int, Observation]:
        """A period's observations on the perimeters of the outcome's units."""
        return self._observed[period.period.code]

    def said(self, period: Collected, unit: int) -> Sequence[Observation]:
        """What was said in a period about a unit, or about those that it replaced."""
        return self._said[period.period.code].get(unit, ())

    @property
    def _periods(self) -> list[Collected]:
        return [*self.year, self.now, *([self.then] if self.then else [])]

    @cached_property
    def _observed(self) -> dict[str, dict[int, Observation]]:
        """By code of the period: they are asked for unit by unit."""
        found = {}
        for each in self._periods:
            given = each.observations.get(self.option, {})
            if each is not self.now:
                units = carried(self.definition, given.values(), self.successors)
                given = {one.subject: one for one in units}
            found[each.period.code] = {unit: given[unit] for unit in self.members if unit in given}
        return found

    @cached_property
    def _said(self) -> dict[str, dict[int, list[Observation]]]:
        found: dict[str, dict[int, list[Observation]]] = {}
        for each in self._periods:
            by_unit = found[each.period.code] = defaultdict(list)
            for subject, one in each.observations.get(self.option, {}).items():
                heir = subject if each is self.now else self.successors.get(subject, subject)
                by_unit[heir].append(one)
        return found

    def change(self) -> YearChange | None:
        """Against the same period a year earlier; None where one of the two has no value."""
        if self.then is None:
            return None
        before, after = self.observed(self.then).values(), self.observed(self.now).values()
        then, now, units = common_set(self.definition, before, after)
        if then.value is None or now.value is None:
            return None
        return YearChange(
            then,
            now,
            units,
            total_then=aggregate(self.definition, before),
            total_now=aggregate(self.definition, after),
            period=self.then.period,
            apart=tuple(self._apart(before, after)),
        )

    def _apart(self, before: Iterable[Observation], after: Iterable[Observation]) -> Iterator[int]:
        then, now = (
            {one.subject for one in said if one.status == CellStatus.REPORTED}
            for said in (before, after)
        )
        both = then & now
        for only in (then - now, now - then):
            if only:
                for divided in (("region", "province", "arrondissement"), ("population_class",)):
                    yield len(self._less_whole_areas(both, only, divided))
                    yield len(self._less_whole_areas(only, both, divided))

    def _less_whole_areas(
        self, units: Set[int], others: Set[int], kinds: Sequence[str]
    ) -> Set[int]:
        """Those of ``units`` that lie in no area where none of the ``others`` is."""
        places = self.now.places
        mixed = {(kind, getattr(places[unit], kind)) for unit in others for kind in kinds}
        return {
            unit
            for unit in units
            if all(
                getattr(places[unit], kind) is None or (kind, getattr(places[unit], kind)) in mixed
                for kind in kinds
            )
        }


def inputs_of(outcome: Shown) -> Inputs | None:
    """What an outcome rests on, in a fixed number of queries; None where nobody is asked any more.

    Read with ``area``, ``period`` and, of a frozen one, ``basis`` and ``closing``.
    """
    (basis,) = bases([outcome.indicator_id])
    if isinstance(outcome, FrozenResult):
        version = outcome.version_among(basis.versions)
        known = _frozen(outcome, version)
        mergers = _kept_mergers(outcome.closing.mergers)
        basis = dataclasses.replace(basis, mergers=mergers)
    else:
        version = basis.versions[outcome.version_id]
        known = _validated(outcome, basis)
    now = known.get(outcome.period.code)
    if now is None:
        return None
    before = {
        code: each for code, each in known.items() if comparable(each.definition, now.definition)
    }
    _code, *rest_of_year, a_year_earlier = codes_read(now.period.code)
    rolling = list(reversed(rest_of_year)) if rolls(now.definition) else []
    return Inputs(
        outcome=outcome,
        version=version,
        definition=now.definition,
        path=outcome.path if isinstance(outcome, FrozenResult) else _path(outcome, now.version),
        now=now,
        year=[before[code] for code in rolling if code in before],
        then=before.get(a_year_earlier),
        successors=basis.successors(now.period.last_day, now.slugs),
        members=[unit for unit in now.slugs if now.places[unit].is_in(outcome.area)],
        basis=basis,
        known=known,
    )


def _validated(outcome: Result, basis: Basis) -> dict[str, Collected]:
    periods = Period.objects.filter(code__in=codes_read(outcome.period.code)).in_bulk()
    rows = figures(outcome.indicator_id, periods)
    return {each.period.code: each for each in collected(basis.versions, periods, rows)}


def _frozen(outcome: FrozenResult, version: IndicatorVersion) -> dict[str, Collected]:
    read = codes_read(outcome.period.code)
    kept = {each["period"]: each for each in outcome.basis.inputs if each["period"] in read}
    periods = {each.code: each for each in Period.objects.filter(code__in=kept)}
    digests = [each["sheet"] for each in kept.values()]
    sheets = FrozenSheet.objects.in_bulk(digests)
    known = names()
    found = {}
    for code, each in kept.items():
        sheet = Sheet(period=periods[code], option=outcome.option, rows=sheets[each["sheet"]].rows)
        found[code] = of_sheets(version, [sheet], known)
        other = each.get("definition")
        found[code].definition = canonical.built(other, Definition) if other else outcome.definition
    return found


def _kept_mergers(kept: Iterable[Sequence[str]]) -> list[tuple[dt.date, int, int]]:
    """A closing's mergers, by the units' own numbers again: one query."""
    rows = without_splits((dt.date.fromisoformat(day), old, new) for day, old, new in kept)
    slugs = {slug for _day, *pair in rows for slug in pair}
    ids = dict(Unit.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    return [(day, ids[old], ids[new]) for day, old, new in rows if old in ids and new in ids]


def _path(outcome: Result, version: IndicatorVersion) -> Path | None:
    """The path as aggregation takes it: an option has none, dated steps are the nation's."""
    if outcome.option or (outcome.path_id is None and outcome.area.kind != AreaKind.NATION):
        return None
    stored = (
        TargetPath.objects.prefetch_related("points").get(pk=outcome.path_id)
        if outcome.path_id
        else None
    )
    return path_of(version, stored)


def year_change(outcome: Shown) -> YearChange | None:
    """How a figure without a target changed; None where its status says no trend."""
    if outcome.trend not in CHANGES:
        return None
    inputs = inputs_of(outcome)
    return None if inputs is None else inputs.change()


def carried_units(outcome: Shown) -> int:
    """How many units have former units' parts in a rolling year of the nation: one query."""
    if outcome.window_periods == 1:
        return 0
    code = outcome.period.code
    first = shifted(code, 1 - PERIODS_PER_YEAR[frequency_of(code)])
    asked = Expectation.objects.standing().filter(
        version__indicator=outcome.indicator_id, period=outcome.period
    )
    heirs = UnitSuccession.objects.filter(predecessor=OuterRef("predecessor"))
    return (
        UnitSuccession.objects.filter(
            effective_on__gt=last_day(first),
            effective_on__lte=outcome.period.last_day,
            predecessor__isnull=False,
            successor__in=asked.values("subject__unit"),
        )
        # A unit that was split has no heir.
        .exclude(Exists(heirs.exclude(successor=OuterRef("successor"))))
        .aggregate(units=Count("successor", distinct=True))["units"]
    )
