"""Tasks of the foundation: the relay, the reconciler and the sweeping of short-lived rows."""

from __future__ import annotations

from celery import shared_task

from . import kept, mailing, notices, outbox, seals
from .registries import outbox_topics


@shared_task
def relay_outbox() -> int:
    """Send what the outbox owes; run on commit and every two seconds."""
    return outbox.relay()


@shared_task
def reconcile() -> None:
    """Find work that was lost on the way and have it sent again; sweep what has expired."""
    for topic in outbox_topics:
        if topic.reconcile is not None:
            topic.reconcile()
    outbox.reconcile()
    outbox.relay()
    kept.sweep()
    notices.sweep()


@shared_task
def seal_audit() -> int:
    """Seal what is new in the audit trail; run every hour, twice changes nothing."""
    return seals.seal()


@shared_task(soft_time_limit=mailing.TIME_LIMIT, time_limit=mailing.TIME_LIMIT + 15)
def send_notice(entry_id: int) -> bool:
    """Hand the notice of an outbox entry to the mail server."""
    return mailing.send(entry_id)
