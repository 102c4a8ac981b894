"""What a page shows of results: the frozen ones first, what was revised since beside them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from foundation.models import AuditEntry
from indicators.models import IndicatorVersion, Period, TargetPath
from organisations.enums import AreaKind
from organisations.models import Area, Reorganisation
from progress.aggregation import codes_read, heirs, known_mergers
from progress.closing import Kept, definition_kept, path_kept
from progress.enums import Cause, DataState
from progress.models import FrozenResult, Result, Shown
from progress.sheets import Place
from submissions.enums import CorrectionState, State
from submissions.models import Correction, Expectation, RoundSubject, Transition

#: By what a result is another than the frozen one: the figures and rules that went into it, and in
#: which earlier period its target was reached, which they do not say.
_TOLD_APART = ("fingerprint", "reached")


def shown(*conditions: Any, **lookups: Any) -> list[Shown]:
    """The results that fulfil the conditions, in no order: two queries.

    Of a closed period the frozen one, with ``revised`` where the latest figures give another.
    """
    frozen = {
        identity(each): each
        for each in FrozenResult.objects.in_force()
        .filter(*conditions, **lookups)
        .select_related("area", "basis", "closing", "period")
    }
    live = Result.objects.filter(*conditions, **lookups).select_related("area", "path", "period")
    found: list[Shown] = []
    for each in live:
        kept = frozen.get(identity(each))
        if kept is None:
            found.append(each)
        elif any(getattr(kept, name) != getattr(each, name) for name in _TOLD_APART):
            kept.revised = each
    return [*found, *frozen.values()]


def totals_beside(results: Collection[Shown]) -> Iterator[Shown]:
    """How many units are in the totals of all areas, of the same indicators, periods and options;
    in those of all options where one is among the results.

    Two queries, made when they are asked for; nothing else is read of them.
    """
    counts = ("indicator", "period", "area", "option", "reported", "judged_reported")
    of_options = any(each.option for each in results)
    names = ("indicator_id", "period_id", *(() if of_options else ("option",)))
    about = {f"{name}__in": {getattr(each, name) for each in results} for name in names}
    frozen = FrozenResult.objects.in_force().filter(**about).only(*counts)
    kept = {identity(each): each for each in frozen}
    live = Result.objects.filter(**about).only(*counts)
    yield from (each for each in live if identity(each) not in kept)
    yield from kept.values()


def same(model: type[Result | FrozenResult]) -> QuerySet[Any]:
    """The rows of ``model`` that are about what the outer row is about."""
    about = ("indicator", "period", "area", "option")
    return model._default_manager.filter(**{name: OuterRef(name) for name in about})


def other_now() -> QuerySet[Result]:
    """The result of the latest figures where it is not the frozen one of the outer row."""
    return same(Result).exclude(**{name: OuterRef(name) for name in _TOLD_APART})


def revised() -> Sequence[FrozenResult]:
    """Every frozen result that was revised, with what stands beside it: two queries."""
    rows = (
        FrozenResult.objects.in_force()
        .annotate(later=Subquery(other_now().values("pk")[:1]))
        .filter(later__isnull=False)
        .select_related("area", "basis", "closing", "period")
    )
    found = {each.later: each for each in rows}
    for pk, live in Result.objects.in_bulk(list(found)).items():
        found[pk].revised = live
    return list(found.values())


def identity(one: Shown) -> tuple[int, int, int, str]:
    return one.indicator_id, one.period_id, one.area_id, one.option


def state_of(results: Iterable[Shown | None], *, is_closed: bool) -> DataState:
    """The state of a page: provisional until all that it shows is closed."""
    states = {each.state for each in results if each is not None}
    if not is_closed or DataState.PROVISIONAL in states:
        return DataState.PROVISIONAL
    return DataState.REVISED if DataState.REVISED in states else DataState.FINAL


# --- Why a figure was revised ---------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """What changed a figure after its period was closed; ``reason`` as somebody gave it."""

    at: dt.datetime
    cause: Cause
    reason: str = ""


@dataclass(frozen=True)
class _Change:
    """An event about a unit's figures of one indicator in a period."""

    event: Event
    indicator_id: int
    period_id: int
    unit_id: int


@dataclass(frozen=True)
class _Asked:
    """Where the units asked in a closed period are, and who of them stands for former units."""

    places: Mapping[int, Place]
    heirs: Mapping[int, int]

    def touches(self, unit: int, area: Area) -> bool:
        place = self.places.get(self.heirs.get(unit, unit))
        return place is not None and place.is_in(area)


def causes(revised: Collection[FrozenResult]) -> dict[int, list[Event]]:
    """By frozen result, what changed it since its closing, the latest first.

    A fixed number of queries. Results are read with ``closing``, ``period`` and ``revised``.
    """
    if not revised:
        return {}
    since = min(each.closing.closed_at for each in revised)
    earlier = _earlier({each.period for each in revised})
    windows = {each.pk: _window(each, earlier[each.period_id]) for each in revised}
    indicators = {each.indicator_id for each in revised}
    periods = {pk for window in windows.values() for pk in window}
    changes: dict[tuple[int, int], list[_Change]] = defaultdict(list)
    for change in [
        *_corrections(since, indicators, periods),
        *_validations(since, indicators, periods),
        *_populations(since, indicators, periods),
    ]:
        changes[change.indicator_id, change.period_id].append(change)
    mergers = _mergers(since)
    asked = _asked({each.period for each in revised})
    amended = _amended(revised)
    return {
        each.pk: _told(
            each,
            windows[each.pk],
            changes,
            asked[each.period_id],
            mergers,
            is_amended=each.pk in amended,
        )
        for each in revised
    }


def _told(
    one: FrozenResult,
    window: Collection[int],
    changes: Mapping[tuple[int, int], Sequence[_Change]],
    asked: _Asked,
    mergers: Sequence[Event],
    is_amended: bool,
) -> list[Event]:
    live = one.revised
    found = {
        change.event
        for period in window
        for change in changes.get((one.indicator_id, period), ())
        if asked.touches(change.unit_id, one.area)
    }
    found |= set(mergers)
    told = [each for each in found if each.at > one.closing.closed_at]
    if live is not None and live.method_version != one.method_version:
        told.append(Event(live.changed_at, Cause.METHOD))
    if live is not None and is_amended:
        told.append(Event(live.changed_at, Cause.AMENDMENT))
    return sorted(told, key=lambda each: (each.at, each.cause, each.reason), reverse=True)


def _earlier(periods: Iterable[Period]) -> dict[int, dict[str, int]]:
    """By period, itself and those before it, by code: one query."""
    known = Period.objects.values_list("code", "pk", "frequency", "last_day")
    found = list(known.filter(frequency__in={each.frequency for each in periods}))
    return {
        each.pk: {
            code: pk
            for code, pk, frequency, last_day in found
            if frequency == each.frequency and last_day <= each.last_day
        }
        for each in periods
    }


def _window(one: FrozenResult, earlier: Mapping[str, int]) -> Collection[int]:
    """The periods from whose figures a result follows; in any the target may have been reached."""
    if one.revised and one.revised.reached != one.reached:
        return earlier.values()
    return [earlier[code] for code in codes_read(one.period.code) if code in earlier]


def _asked(periods: Iterable[Period]) -> dict[int, _Asked]:
    """By period: two queries."""
    days = {each.pk: each.last_day for each in periods}
    places: dict[int, dict[int, Place]] = {pk: {} for pk in days}
    subjects = RoundSubject.objects.filter(round__period__in=days, withdrawn_at=None)
    for period, unit, *place in subjects.values_list(
        "round__period_id",
        "unit_id",
        "region_id",
        "province_id",
        "arrondissement_id",
        "population_class",
    ):
        places[period][unit] = Place(*place)
    mergers = known_mergers()
    return {
        pk: _Asked(places[pk], heirs(mergers, last_day, places[pk]))
        for pk, last_day in days.items()
    }


def _corrections(
    since: dt.datetime, indicators: Collection[int], periods: Collection[int]
) -> list[_Change]:
    on = "cell__expectation__"
    rows = Correction.objects.filter(
        state=CorrectionState.ACCEPTED,
        decided_at__gt=since,
        cell__expectation__version__indicator__in=indicators,
        cell__expectation__period__in=periods,
    ).values_list(
        "decided_at",
        "reason",
        f"{on}version__indicator_id",
        f"{on}period_id",
        f"{on}subject__unit_id",
    )
    return [_Change(Event(at, Cause.CORRECTION, reason), *about) for at, reason, *about in rows]


def _validations(
    since: dt.datetime, indicators: Collection[int], periods: Collection[int]
) -> list[_Change]:
    """Validated after the closing: again, after a return, or for the first time."""
    steps = Transition.objects.filter(
        at__gt=since, after=State.VALIDATED, submission__round__period__in=periods
    ).values_list("submission_id", "at")
    validated = dict(steps.order_by("at"))
    returned = dict(
        Transition.objects.filter(after=State.RETURNED, submission__in=validated)
        .order_by("at")
        .values_list("submission_id", "reason")
    )
    rows = Expectation.objects.filter(
        submission__in=validated, version__indicator__in=indicators
    ).values_list(
        "submission_id",
        "version__indicator_id",
        "period_id",
        "subject__unit_id",
    )
    return [
        _Change(
            Event(
                validated[submission],
                Cause.RETURN if submission in returned else Cause.LATE,
                returned.get(submission, ""),
            ),
            *about,
        )
        for submission, *about in rows
    ]


def _populations(
    since: dt.datetime, indicators: Collection[int], periods: Collection[int]
) -> list[_Change]:
    """Populations that rounds took after the closing: of an earlier period that is not closed, or
    that was reopened. Whose they are is on the record."""
    entries = AuditEntry.objects.filter(verb="round.populations_taken", at__gt=since)
    taken = {
        (round_id, slug): at
        for round_id, slugs, at in entries.order_by("at").values_list(
            "subject_id", "details__units", "at"
        )
        for slug in slugs
    }
    rows = Expectation.objects.filter(
        subject__round__in={round_id for round_id, _slug in taken},
        subject__unit__slug__in={slug for _round_id, slug in taken},
        version__indicator__in=indicators,
        period__in=periods,
    ).values_list(
        "subject__round_id",
        "subject__unit__slug",
        "version__indicator_id",
        "period_id",
        "subject__unit_id",
    )
    return [
        _Change(Event(taken[round_id, slug], Cause.POPULATION), *about)
        for round_id, slug, *about in rows
        if (round_id, slug) in taken
    ]


def _amended(revised: Collection[FrozenResult]) -> set[int]:
    """Those of which the definition or the path is another now than the one that was kept.

    A newer file may tell an original better, in its own row.
    """
    live = {each.pk: each.revised for each in revised if each.revised}
    versions = IndicatorVersion.objects.prefetch_related("steps").in_bulk(
        {each.version_id for each in live.values()}
    )
    paths = TargetPath.objects.prefetch_related("points", "subject_baselines__unit").in_bulk(
        {each.path_id for each in live.values() if each.path_id}
    )
    definitions = {pk: definition_kept(version) for pk, version in versions.items()}

    @cache
    def path(version: int, stored: int | None) -> Kept | None:
        return path_kept(versions[version], paths.get(stored or 0))

    found = set()
    for one in revised:
        now = live.get(one.pk)
        if now is None:
            continue
        has_path = not one.option and (now.path_id or one.area.kind == AreaKind.NATION)
        asked = path(now.version_id, now.path_id) if has_path else None
        kept = (one.basis.definition, one.basis.paths.get(one.area.code))
        if kept != (definitions[now.version_id], asked):
            found.add(one.pk)
    return found


def _mergers(since: dt.datetime) -> list[Event]:
    rows = Reorganisation.objects.filter(Q(decided_at__gt=since) | Q(undone_at__gt=since))
    return [
        Event(each.undone_at or each.decided_at, Cause.MERGER, each.undone_reason or each.reason)
        for each in rows
    ]
