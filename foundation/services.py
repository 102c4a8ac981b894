"""Writes that every app's services make: the audit entry, the outbox row, the idempotency key."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from . import outbox
from .logging import request_id
from .models import EVERYTHING, AuditEntry, IdempotencyKey


def record(
    *, actor: Any, verb: str, subject: models.Model, details: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Write the audit entry of a change. Call inside the transaction that makes the change."""
    return AuditEntry.objects.create(
        actor=actor,
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        details=dict(details or {}),
        request_id=request_id.get(),
    )


_OWE = """
    INSERT INTO foundation_outboxentry AS entry
        (topic, key, generation, done_generation, sent_generation, changed_at, attempts, last_error,
         about)
    VALUES (%s, %s, 1, 0, 0, %s, 0, '', %s)
    ON CONFLICT (topic, key) DO UPDATE
    SET generation = entry.generation + 1, changed_at = excluded.changed_at,
        attempts = 0, set_aside_at = NULL,
        about = CASE
            WHEN entry.done_generation = entry.generation THEN excluded.about
            WHEN length(entry.about) > 4000 THEN '*'
            ELSE entry.about || ',' || excluded.about
        END
"""


def enqueue(*, topic: str, keys: Iterable[str], about: Collection[int] | None = None) -> None:
    """Owe work on each key: a new outbox row, or the next generation of the one there is.

    ``about`` are ids of what changed, for topics that ask; None for everything. What is still owed
    on a key is added to. Keys are written in order, so that two transactions that owe the same keys
    cannot deadlock.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    told = EVERYTHING if about is None else ",".join(map(str, sorted(set(about))))
    rows = [(topic, key, now, told) for key in sorted(set(keys))]
    if not rows:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(_OWE, rows)
    transaction.on_commit(outbox.relay_soon, robust=True)


class AlreadyDone(Exception):
    """The same form was posted before; ``location`` is where its answer was."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class OtherContent(Exception):
    """The form's token was used before with another content."""


def claim(*, actor: Any, key: str, content: str, location: str = "") -> IdempotencyKey:
    """Take a form's token for this change, once. Call inside the change's transaction.

    ``location``: where its answer will be, as far as is known. Raises AlreadyDone for the same
    content again, OtherContent for another.
    """
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                user=actor, key=key, fingerprint=fingerprint, location=location
            )
    except IntegrityError:
        known = IdempotencyKey.objects.get(user=actor, key=key)
    if known.fingerprint != fingerprint:
        raise OtherContent
    raise AlreadyDone(known.location)
