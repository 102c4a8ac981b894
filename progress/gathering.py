"""What some results that are owed rest on, gathered in a number of queries that does not grow.

Sheets stand for the figures of all subjects; only what changed since they were written is read from
the figures themselves. A sheet that an entry of the outbox will still bring up to date is brought
up to date here as well, in memory, for who reads it from a later period.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F

from foundation.models import OutboxEntry
from indicators.enums import Status
from indicators.models import Period
from submissions.observations import Figure, figures_of

from .aggregation import Basis, Reached, bases, basis_digest, codes_read, results_of
from .models import Result, Sheet
from .sheets import Collected, names, of_figures, of_sheets, put, take_out

#: Subjects whose figures changed; None: all of them.
Changed = frozenset[int] | None
#: Ids of an indicator and of a period.
Pair = tuple[int, int]

TOPIC = "results"


class Owed(NamedTuple):
    """Results to compute, and the subjects because of whom; None: all, in all areas."""

    indicator_id: int
    period_id: int
    changed: Changed = None

    @property
    def pair(self) -> Pair:
        return self.indicator_id, self.period_id


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed of one indicator in one period.

    ``areas`` are those computed; None: all there are. ``figures`` is None where nobody is asked.
    """

    owed: Owed
    basis: Basis
    period: Period
    figures: Collected | None
    results: list[Result]
    areas: frozenset[int] | None


def key_of(indicator_id: int, period_id: int | str) -> str:
    """The outbox key under which an indicator's results of a period are owed."""
    return f"{indicator_id}:{period_id}"


def pair_of(key: str) -> Pair:
    indicator_id, period_id = key.split(":")
    return int(indicator_id), int(period_id)


def computed(owed: Collection[Owed]) -> Iterator[Computed]:
    """Compute what is owed, each indicator's periods in order."""
    periods = _periods(owed)
    codes = {period.code: pk for pk, period in periods.items()}
    known_bases = {basis.indicator.pk: basis for basis in bases({one.indicator_id for one in owed})}
    wanted = {
        (one.indicator_id, codes[code])
        for one in owed
        if one.indicator_id in known_bases and one.period_id in periods
        for code in codes_read(periods[one.period_id].code)
        if code in codes
    }
    # Entries before sheets before figures: what changes in between is owed again.
    changes = _changes(owed, wanted)
    gathered = _collected(known_bases, periods, wanted, changes)
    found = gathered.figures
    reached = _reached(known_bases)
    for one in sorted(
        (one for one in owed if one.pair in wanted),
        key=lambda one: (one.indicator_id, periods[one.period_id].last_day),
    ):
        basis, period = known_bases[one.indicator_id], periods[one.period_id]
        areas = _areas(basis, period, one, gathered)
        now = found.get(one.pair)
        known = {
            code: found[one.indicator_id, codes[code]]
            for code in codes_read(period.code)
            if code in codes and (one.indicator_id, codes[code]) in found
        }
        before = _before(reached[one.indicator_id], period)
        results = list(results_of(basis, now, known, before, areas)) if now else []
        _remember(reached[one.indicator_id], period, results, areas)
        yield Computed(one, basis, period, now, results, areas)


def as_it_stands(indicator_id: int, period: Period) -> tuple[Basis, dict[str, Collected]]:
    """What an indicator's results of a period rest on: its basis, and its figures by period code.

    A fixed number of queries.
    """
    owed = [Owed(indicator_id, period.pk, frozenset())]
    periods = _periods(owed)
    (basis,) = bases([indicator_id])
    wanted = {(indicator_id, pk) for pk in periods}
    found = _collected({indicator_id: basis}, periods, wanted, _changes(owed, wanted)).figures
    return basis, {each.period.code: each for each in found.values()}


def _periods(owed: Collection[Owed]) -> dict[int, Period]:
    """The periods that are owed and those from whose figures they follow."""
    ids = {one.period_id for one in owed}
    codes = {
        read
        for code in Period.objects.filter(pk__in=ids).values_list("code", flat=True)
        for read in codes_read(code)
    }
    return Period.objects.filter(code__in=codes).in_bulk()


# --- Figures --------------------------------------------------------------------------------------


def _changes(owed: Collection[Owed], wanted: Collection[Pair]) -> dict[Pair, Changed]:
    """What the sheets do not know yet, by indicator and period."""
    waiting = OutboxEntry.objects.filter(
        topic=TOPIC,
        key__in=[key_of(*pair) for pair in wanted],
        generation__gt=F("done_generation"),
    )
    changes: dict[Pair, Changed] = {one.pair: one.changed for one in owed}
    for entry in waiting.only("key", "about"):
        pair = pair_of(entry.key)
        changes[pair] = _both(changes.get(pair, frozenset()), entry.changed)
    return changes


def _both(one: Changed, other: Changed) -> Changed:
    return None if one is None or other is None else one | other


@dataclass(frozen=True, slots=True)
class Gathered:
    """Figures by indicator and period; ``afresh`` are the pairs for which no sheet stands.

    ``stood`` are the areas of the subjects that changed, as the sheet had them.
    """

    figures: Mapping[Pair, Collected]
    stood: Mapping[Pair, Mapping[int, tuple[int, ...]]]
    afresh: frozenset[Pair]


def _collected(
    known_bases: Mapping[int, Basis],
    periods: Mapping[int, Period],
    wanted: Collection[Pair],
    changes: Mapping[Pair, Changed],
) -> Gathered:
    found = _from_sheets(
        known_bases, {pair for pair in wanted if changes.get(pair, frozenset()) is not None}
    )
    afresh = set(wanted) - found.keys()
    places: dict[Pair, dict[int, tuple[int, ...]]] = {}
    mended: dict[Pair, frozenset[int]] = {
        pair: changed for pair in found if (changed := changes.get(pair))
    }
    for pair, changed in mended.items():
        stood, basis = found[pair].places, known_bases[pair[0]]
        places[pair] = {one: basis.areas_of(stood[one]) for one in changed if one in stood}
        take_out(found[pair], changed)
    everybody = frozenset().union(*mended.values())
    for pair, rows in _figures(mended, everybody).items():
        put(found[pair], [row for row in rows if row.observation.subject in mended[pair]])
    for pair, rows in _figures(afresh).items():
        found[pair] = of_figures(known_bases[pair[0]].versions, periods[pair[1]], rows)
    kept = {pair: each for pair, each in found.items() if each.slugs}
    return Gathered(kept, places, frozenset(afresh))


def _from_sheets(
    known_bases: Mapping[int, Basis], pairs: Collection[Pair]
) -> dict[Pair, Collected]:
    sheets = Sheet.objects.filter(
        indicator__in={indicator for indicator, _period in pairs},
        period__in={period for _indicator, period in pairs},
    ).select_related("period")
    by_pair: dict[Pair, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        by_pair[sheet.indicator_id, sheet.period_id].append(sheet)
    known = names()
    return {
        pair: of_sheets(known_bases[pair[0]].versions[given[0].version_id], given, known)
        for pair, given in by_pair.items()
        if pair in pairs and _stands(known_bases[pair[0]], given[0])
    }


def _stands(basis: Basis, sheet: Sheet) -> bool:
    """Whether the results of its period follow from the definition, path and mergers of now."""
    version = basis.versions[sheet.version_id]
    return sheet.basis == basis_digest(basis, version, sheet.period)


def stale(period_ids: Collection[int] | None = None) -> set[Pair]:
    """What was computed by another definition, path or merger than those of now.

    Of some periods or of all; a fixed number of queries.
    """
    sheets = Sheet.objects.filter(option="").select_related("period")
    if period_ids is not None:
        sheets = sheets.filter(period__in=period_ids)
    known = {basis.indicator.pk: basis for basis in bases()}
    return {
        (sheet.indicator_id, sheet.period_id)
        for sheet in sheets.defer("rows", "in_review").iterator(chunk_size=2_000)
        if not _stands(known[sheet.indicator_id], sheet)
    }


def _figures(
    pairs: Collection[Pair], subjects: Collection[int] | None = None
) -> dict[Pair, list[Figure]]:
    """What was said, in one query over all the indicators and all the periods."""
    found: dict[Pair, list[Figure]] = defaultdict(list)
    if pairs:
        indicators, periods = ({pair[place] for pair in pairs} for place in (0, 1))
        for indicator_id, row in figures_of(indicators, periods, subjects):
            if (indicator_id, row.period_id) in pairs:
                found[indicator_id, row.period_id].append(row)
    return found


def _areas(basis: Basis, period: Period, owed: Owed, gathered: Gathered) -> frozenset[int] | None:
    """The areas in whose results the subjects that changed count, or counted; None: all."""
    now = gathered.figures.get(owed.pair)
    if owed.changed is None or now is None or owed.pair in gathered.afresh:
        return None
    successors = basis.successors(period.last_day, now.slugs)
    areas = {basis.nation_id}
    for unit in owed.changed | {successors.get(one, one) for one in owed.changed}:
        areas.update(gathered.stood.get(owed.pair, {}).get(unit, ()))
        if unit in now.places:
            areas.update(basis.areas_of(now.places[unit]))
    return frozenset(areas)


# --- What was reached -----------------------------------------------------------------------------

#: The periods in which a target was reached, by area and option: last day and code.
Achieved = dict[tuple[int, str], list[tuple[dt.date, str]]]


def _reached(indicator_ids: Iterable[int]) -> dict[int, Achieved]:
    found: dict[int, Achieved] = {pk: defaultdict(list) for pk in indicator_ids}
    for indicator_id, area_id, option, last_day, code in Result.objects.filter(
        indicator__in=found, status=Status.ACHIEVED
    ).values_list("indicator_id", "area_id", "option", "period__last_day", "period__code"):
        found[indicator_id][area_id, option].append((last_day, code))
    return found


def _before(achieved: Achieved, period: Period) -> Reached:
    """Where, and in which earlier period first, a target was reached."""
    reached: Reached = {}
    for place, times in achieved.items():
        earlier = [time for time in times if time[0] < period.last_day]
        if earlier:
            reached[place] = min(earlier)[1]
    return reached


def _remember(
    achieved: Achieved,
    period: Period,
    results: Iterable[Result],
    areas: frozenset[int] | None,
) -> None:
    """Have the next periods of the same call see what was computed of this one."""
    time = (period.last_day, period.code)
    for (area_id, _option), times in achieved.items():
        if (areas is None or area_id in areas) and time in times:
            times.remove(time)
    for each in results:
        if each.status == Status.ACHIEVED:
            achieved[each.area_id, each.option].append(time)
