"""Tasks of progress: recomputing what the outbox owes."""

from __future__ import annotations

from celery import shared_task

from foundation import outbox

from . import services


@shared_task
def recompute(entry_id: int) -> bool:
    """Recompute the indicator and period of an outbox entry."""
    return outbox.perform(entry_id, services.recomputed)
