"""Tasks of progress: recomputing what the outbox owes."""

from __future__ import annotations

from celery import shared_task

from foundation import outbox

from . import services


@shared_task
def recompute(entry_ids: list[int]) -> int:
    """Recompute the indicators and periods of entries of the outbox, together."""
    return outbox.perform_many(entry_ids, services.recomputed)
