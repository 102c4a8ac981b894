"""The outbox at work: relaying what is owed to the workers, and doing it once and for all.

A row is owed work while ``generation`` is ahead of ``done_generation``. Sending only marks it, so
whatever is lost on the way (a full store, a killed worker) is sent again by ``reconcile``.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, When
from django.db.models.functions import Collate
from django.utils import timezone

from .models import OutboxEntry
from .registries import OutboxTopic, outbox_topics

logger = logging.getLogger("jalon.outbox")

MAX_ATTEMPTS = 5
LOST_AFTER = dt.timedelta(minutes=2)
BATCH = 500
REST = 10.0
#: What fails waits twice as long after each failure, up to this many doublings (about an hour).
DOUBLINGS = 5

Write = Callable[[], None]
#: Writes what concerns the keys that it is given.
WriteSome = Callable[[Collection[str]], None]


class SetAside(Exception):
    """Raised by work that must not be tried again by itself; its words are for an administrator."""


class UnderWay(Exception):
    """Raised by work that is being done elsewhere at this moment: nothing is to be done here."""


_rested_until = 0.0


def relay_soon() -> None:
    """Ask a worker to relay now. The beat does it every two seconds, so a failure loses nothing.

    After a failure this process asks again only ten seconds later: a store that is silent rather
    than gone costs one request its time-out, not every one.
    """
    global _rested_until
    if time.monotonic() < _rested_until:
        return
    try:
        current_app.send_task("foundation.tasks.relay_outbox", retry=False)
    except Exception as error:  # noqa: BLE001 (whatever the store does, the save stands)
        _rested_until = time.monotonic() + REST
        logger.warning("the store does not take tasks: %s", type(error).__name__)


def relay() -> int:
    """Send what is owed and not yet sent; returns how many entries were sent."""
    sent = 0
    for topic in outbox_topics:
        entries = (
            OutboxEntry.objects.pending()
            .filter(topic=topic.name, sent_generation__lt=F("generation"))
            .order_by("changed_at")[:BATCH]
        )
        for together in _together(entries, topic.most):
            ids = [entry.pk for entry in together if _mark_sent(entry)]
            if not ids:
                continue
            try:
                send(topic, ids)
            except Exception:
                _update(
                    OutboxEntry.objects.filter(pk__in=ids), sent_generation=F("done_generation")
                )
                raise
            sent += len(ids)
    return sent


def send(topic: OutboxTopic, ids: Sequence[int]) -> None:
    """Queue entries of a topic; at most as many as it takes at a time."""
    topic.send(list(ids) if topic.most > 1 else ids[0])


def _together(entries: Iterable[OutboxEntry], most: int) -> Iterator[list[OutboxEntry]]:
    """Entries to send at once. One that was tried in vain goes alone: it may take others down."""
    fresh: list[OutboxEntry] = []
    for entry in entries:
        if entry.attempts:
            yield [entry]
        else:
            fresh.append(entry)
    for first in range(0, len(fresh), most):
        yield fresh[first : first + most]


def _mark_sent(entry: OutboxEntry) -> bool:
    """Whether this relay, and no other at the same time, sends the entry's generation."""
    return bool(
        OutboxEntry.objects.filter(pk=entry.pk, sent_generation__lt=entry.generation).update(
            sent_generation=entry.generation, sent_at=timezone.now()
        )
    )


def reconcile(now: dt.datetime | None = None) -> int:
    """Free what was sent and never done, for the next relay to send again; returns how many."""
    lost = OutboxEntry.objects.pending().filter(
        _lost(now or timezone.now()), sent_generation__gt=F("done_generation")
    )
    return _update(lost, sent_generation=F("done_generation"))


def _lost(now: dt.datetime) -> Q:
    """What did not answer in time, or failed and has waited its turn."""
    unanswered = Q(last_error="") | Q(attempts=0)
    lost = unanswered & Q(sent_at__lt=now - LOST_AFTER)
    for doubled in range(DOUBLINGS):
        lost |= Q(attempts=doubled + 1, sent_at__lt=now - LOST_AFTER * 2**doubled)
    return lost | Q(attempts__gt=DOUBLINGS, sent_at__lt=now - LOST_AFTER * 2**DOUBLINGS)


def perform(entry_id: int, work: Callable[[str], Write], *, most: int = MAX_ATTEMPTS) -> bool:
    """Do what an entry owes; returns whether this call did it.

    ``work`` takes the entry's key, computes without writing, and returns the write. The write and
    the entry's ``done_generation`` change in one transaction, and only if no later computation was
    written before: an older result never overwrites a newer one. After ``most`` failures, or when
    ``work`` raises SetAside, the entry is set aside for an administrator.
    """
    return _perform(entry_id, lambda entry: work(entry.key), most)


def perform_many(
    ids: Collection[int],
    work: Callable[[Sequence[OutboxEntry]], WriteSome],
    *,
    most: int = MAX_ATTEMPTS,
) -> int:
    """Do what entries owe together; returns how many this call did.

    As ``perform``, in one computation and one transaction, and each entry only where no later
    computation of it was written before. Where that fails, and for what was tried in vain before,
    each is done by itself, so that one that cannot be done keeps no other from it.
    """
    entries = sorted(OutboxEntry.objects.pending().filter(pk__in=ids), key=lambda each: each.key)
    fresh = [entry for entry in entries if not entry.attempts]
    done = 0
    alone = [entry for entry in entries if entry.attempts]
    if len(fresh) > 1:
        try:
            done = _perform_together(fresh, work)
        except Exception:
            logger.exception("%d entries of the outbox failed together", len(fresh))
            alone = fresh + alone
    else:
        alone = entries

    def singly(entry: OutboxEntry) -> Write:
        write = work([entry])
        return lambda: write([entry.key])

    failures: list[Exception] = []
    for entry in alone:
        try:
            done += _perform(entry.pk, singly, most)
        except Exception as error:  # noqa: BLE001 (noted on the entry; the others go on)
            failures.append(error)
    if failures:
        raise failures[0]
    return done


def _perform_together(
    entries: Sequence[OutboxEntry], work: Callable[[Sequence[OutboxEntry]], WriteSome]
) -> int:
    tried = OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    _update(tried, attempts=F("attempts") + 1)
    try:
        write = work(entries)
        with transaction.atomic():
            first = _mark_all_done(entries)
            write([entry.key for entry in first])
    except Exception:
        # Counted again where each is done by itself; a killed worker leaves the count.
        _update(tried.filter(attempts__gt=0), attempts=F("attempts") - 1)
        raise
    return len(first)


def _held(entries: QuerySet[OutboxEntry]) -> QuerySet[OutboxEntry]:
    """Several at once are held in order of key, byte by byte, as ``enqueue`` writes them: no two
    calls can deadlock."""
    in_order = Collate("key", "C") if connection.vendor == "postgresql" else F("key")
    return entries.select_for_update().order_by(in_order, "topic")


@transaction.atomic
def _update(entries: QuerySet[OutboxEntry], **changes: Any) -> int:
    """How many of them were changed, which PostgreSQL by itself would hold in any order."""
    ids = list(_held(entries).values_list("pk", flat=True))
    return OutboxEntry.objects.filter(pk__in=ids).update(**changes)


def _mark_all_done(entries: Sequence[OutboxEntry]) -> list[OutboxEntry]:
    """Those of which this computation is the first of its generation; as ``_mark_done``."""
    held = _held(OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]))
    done = dict(held.values_list("pk", "done_generation"))
    first = [entry for entry in entries if done.get(entry.pk, entry.generation) < entry.generation]
    if first:
        OutboxEntry.objects.filter(pk__in=[entry.pk for entry in first]).update(
            done_generation=Case(*(When(pk=entry.pk, then=entry.generation) for entry in first)),
            attempts=0,
            last_error="",
        )
    return first


def _mark_done(entry: OutboxEntry) -> bool:
    """Whether this computation, and none later, is the first of the entry's generation."""
    return bool(
        OutboxEntry.objects.filter(pk=entry.pk, done_generation__lt=entry.generation).update(
            done_generation=entry.generation, attempts=0, last_error=""
        )
    )


def _perform(entry_id: int, work: Callable[[OutboxEntry], Write], most: int) -> bool:
    entry = OutboxEntry.objects.filter(pk=entry_id).first()
    if entry is None or entry.set_aside_at or entry.done_generation >= entry.generation:
        return False
    OutboxEntry.objects.filter(pk=entry_id).update(attempts=F("attempts") + 1)
    if entry.attempts >= most:
        _set_aside(entry, "stopped without an answer each time")
        return False
    try:
        write = work(entry)
        with transaction.atomic():
            first = _mark_done(entry)
            if first:
                write()
    except SetAside as stop:
        _set_aside(entry, str(stop))
        return False
    except UnderWay:
        OutboxEntry.objects.filter(pk=entry_id, attempts__gt=0).update(attempts=F("attempts") - 1)
        return False
    except Exception as error:
        _note_failure(entry, error, most)
        raise
    return first


def _note_failure(entry: OutboxEntry, error: Exception, most: int) -> None:
    if entry.attempts + 1 >= most:
        _set_aside(entry, repr(error))
    else:
        OutboxEntry.objects.filter(pk=entry.pk).update(last_error=repr(error)[:2000])


def _set_aside(entry: OutboxEntry, reason: str) -> None:
    """Stop trying this generation; a later change of the same key starts afresh."""
    OutboxEntry.objects.filter(pk=entry.pk, generation=entry.generation).update(
        set_aside_at=timezone.now(), last_error=reason[:2000]
    )


def try_again(*, entry_id: int) -> None:
    """Take an entry back that was set aside."""
    entry = OutboxEntry.objects.set_aside().filter(pk=entry_id).first()
    if entry is None:
        return
    topic = outbox_topics.get(entry.topic)
    with transaction.atomic():
        if topic is not None and topic.renew is not None:
            topic.renew(entry.key)
        OutboxEntry.objects.filter(pk=entry_id).update(
            set_aside_at=None, attempts=0, sent_generation=F("done_generation")
        )
        transaction.on_commit(relay_soon)


def store_answers() -> bool:
    """Whether the store takes tasks now."""
    try:
        with current_app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=0, timeout=1)
    except Exception:  # noqa: BLE001 (any failure is the answer)
        return False
    return True
