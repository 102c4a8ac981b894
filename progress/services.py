"""Writing results: recomputed and replaced as a whole, never edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from foundation.models import OutboxEntry
from foundation.outbox import Write
from foundation.services import enqueue
from indicators.enums import Status
from indicators.models import Indicator, Period
from submissions.models import Expectation
from submissions.observations import figures

from .aggregation import Basis, Reached, bases, codes_read, collected, results_of
from .models import Result

TOPIC = "results"

#: What identifies a result; everything else in it is replaced.
IDENTITY = ("indicator", "period", "area", "option")
_REPLACED = [
    each.name for each in Result._meta.fields if each.name not in IDENTITY and not each.primary_key
]
_BATCH = 500
#: A change is owed before its transaction ends, so work owed a little earlier counts as during.
_LONGEST_TRANSACTION = dt.timedelta(minutes=5)


def key_of(indicator_id: int, period_id: int | str) -> str:
    """The outbox key under which an indicator's results of a period are owed."""
    return f"{indicator_id}:{period_id}"


def recomputed(key: str) -> Write:
    """Compute what an outbox key owes; returns the write that replaces the results."""
    indicator_id, period_id = (int(part) for part in key.split(":"))
    return compute(indicator_id, period_id)


def compute(indicator_id: int, period_id: int) -> Write:
    """Compute an indicator's results of one period, all areas and options, without writing."""
    period = Period.objects.filter(pk=period_id).first()
    results: list[Result] = []
    if period is not None:
        for basis in bases([indicator_id]):
            results = _of_one_period(basis, period)

    def write() -> None:
        lost_or_won = _achieved(indicator_id, period_id) != {
            (each.area_id, each.option) for each in results if each.status == Status.ACHIEVED
        }
        _replace(results, Result.objects.filter(indicator=indicator_id, period=period_id))
        if period is not None and lost_or_won:
            _owe_later(indicator_id, period)

    return write


def _of_one_period(basis: Basis, period: Period) -> list[Result]:
    periods = Period.objects.filter(code__in=codes_read(period.code)).in_bulk()
    known = collected(basis, periods, figures(basis.indicator.pk, periods))
    if not known or known[-1].period != period:
        return []
    return list(results_of(basis, known[-1], known[:-1], _reached_before(basis.indicator, period)))


def _reached_before(indicator: Indicator, period: Period) -> Reached:
    """Where, and in which period first, an earlier result reached its target."""
    reached: Reached = {}
    for area_id, option, code in (
        Result.objects.filter(
            indicator=indicator, status=Status.ACHIEVED, period__last_day__lt=period.last_day
        )
        .order_by("period__last_day")
        .values_list("area_id", "option", "period__code")
    ):
        reached.setdefault((area_id, option), code)
    return reached


def _achieved(indicator_id: int, period_id: int) -> set[tuple[int, str]]:
    return set(
        Result.objects.filter(
            indicator=indicator_id, period=period_id, status=Status.ACHIEVED
        ).values_list("area_id", "option")
    )


def _owe_later(indicator_id: int, period: Period) -> None:
    """Owe the later periods, which say when the target was first reached."""
    later = Result.objects.filter(
        indicator=indicator_id, period__last_day__gt=period.last_day
    ).values_list("period_id", flat=True)
    enqueue(topic=TOPIC, keys={key_of(indicator_id, each) for each in later})


def _replace(results: Sequence[Result], scope: QuerySet[Result]) -> None:
    """Put ``results`` in the place of all those in ``scope``."""
    stamp = timezone.now()
    for each in results:
        each.changed_at = stamp
    Result.objects.bulk_create(
        results,
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=IDENTITY,
        update_fields=_REPLACED,
    )
    scope.exclude(changed_at=stamp).delete()


def recompute_all() -> int:
    """Recompute every result in one pass, indicator by indicator; returns how many there are."""
    periods = Period.objects.in_bulk()
    total = 0
    for basis in bases():
        started = timezone.now()
        known = collected(basis, periods, figures(basis.indicator.pk))
        reached: Reached = {}
        results = [
            result
            for place, now in enumerate(known)
            for result in results_of(basis, now, known[:place], reached)
        ]
        with transaction.atomic():
            _replace(results, Result.objects.filter(indicator=basis.indicator))
            _owe_again(basis.indicator, started)
        total += len(results)
    return total


def _owe_again(indicator: Indicator, started: dt.datetime) -> None:
    """Owe what changed while everything was being recomputed: a worker may have been first."""
    changed = OutboxEntry.objects.filter(
        topic=TOPIC,
        key__startswith=key_of(indicator.pk, ""),
        changed_at__gte=started - _LONGEST_TRANSACTION,
    ).values_list("key", flat=True)
    enqueue(topic=TOPIC, keys=list(changed))


def reconcile() -> int:
    """Owe the results of every expected indicator and period that has none; returns how many.

    What already waits in the outbox, or was set aside, is left alone.
    """
    key = Concat(
        Cast("version__indicator_id", CharField()),
        Value(":"),
        Cast("period_id", CharField()),
        output_field=CharField(),
    )
    computed = Result.objects.filter(
        indicator=OuterRef("version__indicator"), period=OuterRef("period")
    )
    owed = OutboxEntry.objects.filter(
        Q(generation__gt=F("done_generation")) | Q(set_aside_at__isnull=False),
        topic=TOPIC,
        key=OuterRef("key"),
    )
    keys = list(
        Expectation.objects.standing()
        .annotate(key=key)
        .filter(~Exists(computed), ~Exists(owed))
        .values_list("key", flat=True)
        .order_by()
        .distinct()
    )
    enqueue(topic=TOPIC, keys=keys)
    return len(keys)
