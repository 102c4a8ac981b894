"""The audit chain: seals over runs of audit entries, each over the one before.

``digest`` = SHA-256 of the previous digest and of the run's entries in the order of their ids, one
line of JSON each. A changed, missing or added entry shows, and so does a rewritten chain to whoever
kept a later digest elsewhere: each is written to the log, and a backup carries the last one.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from hashlib import sha256

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from .models import AuditEntry, AuditSeal
from .services import record

logger = logging.getLogger("jalon.audit")

#: An entry takes its id before its transaction ends: younger ones may still get a neighbour.
LONGEST_TRANSACTION = dt.timedelta(minutes=5)
#: Entries under one seal: what differs is named by seal.
MOST = 1000

_OLDEST_TRANSACTION = """
    SELECT min(xact_start) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def seal(now: dt.datetime | None = None) -> int:
    """Seal the entries older than the longest transaction; returns how many seals were made.

    Where another process does so at the same time, one of the two seals.
    """
    before = _settled_before(now or timezone.now())
    made = 0
    while _seal_next(before):
        made += 1
    return made


def _settled_before(now: dt.datetime) -> dt.datetime:
    """No transaction that may still write an older entry goes on."""
    oldest = now
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST_TRANSACTION)
            oldest = min(now, cursor.fetchone()[0] or now)
    return oldest - LONGEST_TRANSACTION


def _seal_next(before: dt.datetime) -> bool:
    previous = AuditSeal.objects.last()
    run = AuditEntry.objects.order_by("pk")
    if previous is not None:
        run = run.filter(pk__gt=previous.last_id)
    last = run.filter(at__lt=before).last()
    if last is None:
        return False
    ids = list(run.filter(pk__lte=last.pk).values_list("pk", flat=True)[:MOST])
    count, digest = _digest(previous, ids[-1])
    made = AuditSeal(
        previous=previous, first_id=ids[0], last_id=ids[-1], count=count, digest=digest
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:
        return False
    logger.info("audit entries %s sealed: %s", made, digest)
    return True


def _digest(previous: AuditSeal | None, last_id: int) -> tuple[int, str]:
    """How many entries follow a seal up to an id, and the digest of the chain with them."""
    run = AuditEntry.objects.filter(pk__lte=last_id).order_by("pk")
    digest = sha256()
    if previous is not None:
        run = run.filter(pk__gt=previous.last_id)
        digest.update(previous.digest.encode())
    count = 0
    for entry in run.iterator():
        digest.update(_canonical(entry))
        count += 1
    return count, digest.hexdigest()


def _canonical(entry: AuditEntry) -> bytes:
    said = [
        entry.pk,
        entry.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.verb,
        entry.subject_type,
        entry.subject_id,
        entry.details,
        entry.request_id,
    ]
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def differences(*, holding: str = "") -> Iterator[str]:
    """What differs from what was sealed, in a sentence each.

    ``holding``: a digest kept elsewhere, which one of the seals must have.
    """
    previous: AuditSeal | None = None
    is_held = not holding
    for each in AuditSeal.objects.order_by("last_id").iterator():
        if each.previous_id != (previous.pk if previous else None):
            yield f"entries {each}: this seal does not follow the one before it"
        count, digest = _digest(previous, each.last_id)
        if count != each.count:
            yield f"entries {each}: {count} entries, {each.count} were sealed"
        elif digest != each.digest:
            yield f"entries {each}: they do not say what was sealed"
        is_held = is_held or each.digest == holding
        previous = each
    if not is_held:
        yield f"no seal has the digest {holding}"


def unsealed() -> int:
    """How many entries no seal covers yet."""
    last = AuditSeal.objects.last()
    return AuditEntry.objects.filter(pk__gt=last.last_id if last else 0).count()


@transaction.atomic
def remove(entries: QuerySet[AuditEntry], *, reason: str) -> int:
    """Delete audit entries, and say so in the trail; returns how many there were.

    The seals from the first of them on are lifted; what remains is sealed anew later.
    """
    first = entries.order_by("pk").values_list("pk", flat=True).first()
    lifted = [] if first is None else list(AuditSeal.objects.filter(last_id__gte=first))
    if lifted:
        details = {"reason": reason, "removed": entries.count(), "digest": lifted[-1].digest}
        record(actor=None, verb="audit.unsealed", subject=lifted[-1], details=details)
    for each in reversed(lifted):
        each.delete()
    return entries.delete()[0]
