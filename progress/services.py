"""Writing results: recomputed and replaced where they differ, never edited."""

from __future__ import annotations

import datetime as dt
import gc
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import CharField, Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from foundation.models import OutboxEntry
from foundation.outbox import Write, WriteSome
from foundation.services import enqueue, record
from indicators.enums import Status
from indicators.models import Indicator, Period
from organisations.models import User
from submissions.models import Expectation
from submissions.observations import figures

from .aggregation import Basis, Reached, bases, basis_digest, results_of
from .gathering import TOPIC as TOPIC
from .gathering import Computed, Owed, Pair, computed, key_of, pair_of, stale
from .models import Recomputation, Result, Sheet
from .sheets import collected, sheets_of

_BATCH = 500
#: A change is owed before its transaction ends, so work owed a little earlier counts as during.
_LONGEST_TRANSACTION = dt.timedelta(minutes=5)


# --- What is owed ---------------------------------------------------------------------------------


def recomputed(entries: Sequence[OutboxEntry]) -> WriteSome:
    """Compute what entries of the outbox owe; returns the write of those with the given keys."""
    owed = [Owed(*pair_of(entry.key), entry.changed) for entry in entries]
    found = {key_of(*each.owed.pair): each for each in computed(owed)}

    def write(keys: Collection[str]) -> None:
        _write([found[key] for key in keys if key in found])

    return write


@transaction.atomic
def _write(found: Sequence[Computed]) -> None:
    """Put what was computed in the place of what is stored, as far as it differs.

    What is stored is read here and not before: where another computation was written meanwhile,
    this one must still be what stands.
    """
    if not found:
        return
    scope = {
        "indicator__in": {each.owed.indicator_id for each in found},
        "period__in": {each.owed.period_id for each in found},
    }
    stored = Result.objects.filter(**scope)
    if all(each.areas is not None for each in found):
        areas = {area for each in found for area in each.areas or ()}
        stored = stored.filter(area__in=areas)
    written = {each.owed.pair: each for each in found}

    def is_in_scope(row: Mapping[str, Any]) -> bool:
        each = written.get((row["indicator_id"], row["period_id"]))
        return each is not None and (each.areas is None or row["area_id"] in each.areas)

    lost_or_won = _replace(
        [result for each in found for result in each.results], stored, is_in_scope
    )
    _replace(
        [sheet for each in found for sheet in _sheets(each)],
        Sheet.objects.filter(**scope),
        lambda row: (row["indicator_id"], row["period_id"]) in written,
    )
    for each in found:
        if each.owed.pair in lost_or_won:
            _owe_later(each, lost_or_won[each.owed.pair])


def _sheets(each: Computed) -> list[Sheet]:
    if each.figures is None:
        return []
    basis = basis_digest(each.basis, each.figures.version, each.period)
    return sheets_of(each.figures, each.basis.area_codes, basis)


def _owe_later(each: Computed, areas: Collection[int]) -> None:
    """Owe the later periods, which say when the target was first reached in these areas.

    Every subject's figures count in the nation; where those that changed count otherwise may be
    another area by then.
    """
    later = Period.objects.filter(
        last_day__gt=each.period.last_day,
        frequency__in={version.frequency for version in each.basis.versions.values()},
        round__frozen_at__isnull=False,
    ).values_list("pk", flat=True)
    indicator_id = each.owed.indicator_id
    enqueue(
        topic=TOPIC,
        keys={key_of(indicator_id, pk) for pk in later},
        about=each.owed.changed if areas == {each.basis.nation_id} else None,
    )


#: What identifies a result and a sheet, and by what two of the same are told apart. A sheet's
#: digest stands for its rows, which are long.
_IDENTITY: Mapping[type[Model], tuple[str, ...]] = {
    Result: ("indicator_id", "period_id", "area_id", "option"),
    Sheet: ("indicator_id", "period_id", "option"),
}
_COMPARED: Mapping[type[Model], tuple[str, ...]] = {
    model: tuple(
        each.attname
        for each in model._meta.concrete_fields
        if each.attname not in (*identity, "id", "rows", "changed_at")
    )
    for model, identity in _IDENTITY.items()
}


def _replace(
    rows: Sequence[Any],
    scope: QuerySet[Any],
    is_in_scope: Callable[[Mapping[str, Any]], bool] = lambda _row: True,
) -> dict[Pair, set[int]]:
    """Put ``rows`` in the place of all those in ``scope``, writing what differs.

    Returns the areas of results by which a target is reached that was not, or is no longer.
    """
    identity, compared = _IDENTITY[scope.model], _COMPARED[scope.model]
    stored = {
        tuple(row[name] for name in identity): row
        for row in scope.values("pk", *identity, *compared)
        if is_in_scope(row)
    }
    changed, flipped = [], defaultdict(set)
    for each in rows:
        known = stored.pop(tuple(getattr(each, name) for name in identity), {})
        if not known or any(known[name] != getattr(each, name) for name in compared):
            changed.append(each)
            statuses = {getattr(each, "status", ""), known.get("status")}
            if Status.ACHIEVED in statuses and len(statuses) > 1:
                flipped[each.indicator_id, each.period_id].add(each.area_id)
    for row in stored.values():
        if row.get("status") == Status.ACHIEVED:
            flipped[row["indicator_id"], row["period_id"]].add(row["area_id"])
    if stored:
        scope.model._default_manager.filter(pk__in=[row["pk"] for row in stored.values()]).delete()
    _save(scope.model, changed)
    return flipped


def _save(model: type[Model], changed: Sequence[Any]) -> None:
    now = timezone.now()
    for each in changed:
        each.changed_at = now
        if isinstance(each, Sheet):
            # Django sends columns to PostgreSQL as arrays, which quote long texts at length; an
            # expression makes it send values.
            each.rows = Value(each.rows)
    identity = [name.removesuffix("_id") for name in _IDENTITY[model]]
    fields = [each.name for each in model._meta.concrete_fields if not each.primary_key]
    model._default_manager.bulk_create(
        changed,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=identity,
        update_fields=[name for name in fields if name not in identity],
    )


# --- Everything -----------------------------------------------------------------------------------


def recompute_all(*, by: User | None = None) -> int:
    """Recompute every result here and now, indicator by indicator; returns how many there are.

    How far it has come stands in a Recomputation.
    """
    known = bases()
    run = Recomputation.objects.create(started_by=by, total=len(known))
    runs = Recomputation.objects.filter(pk=run.pk)
    total = 0
    try:
        for basis in known:
            total += _everything_of(basis)()
            runs.update(done=F("done") + 1, progressed_at=timezone.now())
    except Exception as error:
        runs.update(ended_at=timezone.now(), last_error=repr(error)[:2000])
        raise
    runs.update(ended_at=timezone.now())
    return total


@transaction.atomic
def start_recomputation(*, actor: User) -> Recomputation:
    """Have the workers recompute every result, an indicator at a time.

    While one is under way, it is that one; what was set aside of an earlier one is given up.
    """
    if not actor.access.may("foundation.view_state"):
        raise PermissionDenied
    indicators = Indicator.objects.order_by("pk").select_for_update()
    ids = list(indicators.values_list("pk", flat=True))
    for unfinished in Recomputation.objects.filter(ended_at__isnull=True, is_owed=True):
        if unfinished.pieces.pending().exists():
            return unfinished
        unfinished.pieces.delete()
        Recomputation.objects.filter(pk=unfinished.pk).update(ended_at=timezone.now())
    run = Recomputation.objects.create(
        started_by=actor, total=len(ids), is_owed=True, ended_at=None if ids else timezone.now()
    )
    record(actor=actor, verb="results.recomputation_started", subject=run)
    enqueue(topic=Recomputation.TOPIC, keys=[f"{run.pk}:{pk}" for pk in ids])
    return run


def recomputed_indicator(key: str) -> Write:
    """Compute what a recomputation owes of one indicator."""
    run_id, indicator_id = pair_of(key)
    runs = Recomputation.objects.filter(pk=run_id)
    try:
        writes = [_everything_of(basis) for basis in bases([indicator_id])]
    except Exception as error:
        runs.update(last_error=repr(error)[:2000])
        raise

    def write() -> None:
        for each in writes:
            each()
        runs.update(done=F("done") + 1)
        runs.filter(done__gte=F("total")).update(ended_at=timezone.now())

    return write


@contextmanager
def _uncollected() -> Iterator[None]:
    """Figures and results hold no circles: to search through so many for garbage finds none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@_uncollected()
def _everything_of(basis: Basis) -> Callable[[], int]:
    """Compute all results of an indicator; what is returned writes them and says how many."""
    started = timezone.now()
    periods = Period.objects.in_bulk()
    given = figures(basis.indicator.pk)
    known = {each.period.code: each for each in collected(basis.versions, periods, given)}
    reached: Reached = {}
    results: list[Result] = []
    sheets: list[Sheet] = []
    for now in known.values():
        found = list(results_of(basis, now, known, reached))
        for each in found:
            if each.status == Status.ACHIEVED:
                reached.setdefault((each.area_id, each.option), now.period.code)
        results += found
        sheets += sheets_of(now, basis.area_codes, basis_digest(basis, now.version, now.period))

    def write() -> int:
        with _uncollected(), transaction.atomic():
            _replace(results, Result.objects.filter(indicator=basis.indicator))
            _replace(sheets, Sheet.objects.filter(indicator=basis.indicator))
            _owe_again(basis.indicator, started)
        return len(results)

    return write


def _owe_again(indicator: Indicator, started: dt.datetime) -> None:
    """Owe what changed while everything was being recomputed: a worker may have been first."""
    changed = OutboxEntry.objects.filter(
        topic=TOPIC,
        key__startswith=key_of(indicator.pk, ""),
        changed_at__gte=started - _LONGEST_TRANSACTION,
    ).values_list("key", flat=True)
    enqueue(topic=TOPIC, keys=list(changed))


# --- What nothing owes ----------------------------------------------------------------------------


def reconcile() -> int:
    """Owe the results of every expected indicator and period that has none or that are stale.

    Stale are those computed by another definition or path, or with other mergers, than there are
    now: whoever changed them need not think of results. Returns how many entries were owed; what
    already waits in the outbox, or was set aside, is left alone.
    """
    waits = set(
        OutboxEntry.objects.filter(
            Q(generation__gt=F("done_generation")) | Q(set_aside_at__isnull=False), topic=TOPIC
        ).values_list("key", flat=True)
    )
    keys = (_absent() | {key_of(*pair) for pair in stale()}) - waits
    enqueue(topic=TOPIC, keys=keys)
    return len(keys)


def _absent() -> set[str]:
    key = Concat(
        Cast("version__indicator_id", CharField()),
        Value(":"),
        Cast("period_id", CharField()),
        output_field=CharField(),
    )
    same = {"indicator": OuterRef("version__indicator"), "period": OuterRef("period")}
    expected = Expectation.objects.standing().filter(
        ~Exists(Result.objects.filter(**same)) | ~Exists(Sheet.objects.filter(**same))
    )
    return set(expected.annotate(key=key).values_list("key", flat=True).order_by().distinct())
