"""The outbox at work: relaying what is owed to the workers, and doing it once and for all.

A row is owed work while ``generation`` is ahead of ``done_generation``. Sending only marks it, so
whatever is lost on the way (a full store, a killed worker) is sent again by ``reconcile``.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from .models import OutboxEntry
from .registries import outbox_topics

logger = logging.getLogger("jalon.outbox")

MAX_ATTEMPTS = 5
LOST_AFTER = dt.timedelta(minutes=2)
BATCH = 500
REST = 10.0
#: What fails waits twice as long after each failure, up to this many doublings (about an hour).
DOUBLINGS = 5

Write = Callable[[], None]


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
        for entry in entries:
            if not _mark_sent(entry):
                continue
            try:
                topic.send(entry.pk)
            except Exception:
                OutboxEntry.objects.filter(pk=entry.pk).update(sent_generation=F("done_generation"))
                raise
            sent += 1
    return sent


def _mark_sent(entry: OutboxEntry) -> bool:
    """Whether this relay, and no other at the same time, sends the entry's generation."""
    return bool(
        OutboxEntry.objects.filter(pk=entry.pk, sent_generation__lt=entry.generation).update(
            sent_generation=entry.generation, sent_at=timezone.now()
        )
    )


def reconcile(now: dt.datetime | None = None) -> int:
    """Free what was sent and never done, for the next relay to send again; returns how many."""
    return (
        OutboxEntry.objects.pending()
        .filter(_lost(now or timezone.now()), sent_generation__gt=F("done_generation"))
        .update(sent_generation=F("done_generation"))
    )


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
    entry = OutboxEntry.objects.filter(pk=entry_id).first()
    if entry is None or entry.set_aside_at or entry.done_generation >= entry.generation:
        return False
    OutboxEntry.objects.filter(pk=entry_id).update(attempts=F("attempts") + 1)
    if entry.attempts >= most:
        _set_aside(entry, "stopped without an answer each time")
        return False
    try:
        write = work(entry.key)
        with transaction.atomic():
            first = OutboxEntry.objects.filter(
                pk=entry_id, done_generation__lt=entry.generation
            ).update(done_generation=entry.generation, attempts=0, last_error="")
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
    return bool(first)


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
