"""Tasks of progress: recomputing what the outbox owes."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from foundation import outbox

from . import nightly, services, snapshots


@shared_task
def recompute(entry_ids: list[int]) -> int:
    """Recompute the indicators and periods of entries of the outbox, together."""
    return outbox.perform_many(entry_ids, services.recomputed)


@shared_task
def recompute_indicator(entry_id: int) -> bool:
    """Recompute all results of the indicator of an outbox entry."""
    return outbox.perform(entry_id, services.recomputed_indicator)


@shared_task
def snapshot(entry_id: int) -> bool:
    """Take the snapshot of a closing."""
    return outbox.perform(entry_id, snapshots.taken)


@shared_task
def verify_tonight() -> bool:
    """Owe the verification of everything; however often it runs, once a night."""
    return nightly.start(timezone.localdate()) is not None


@shared_task
def verify_indicator(entry_id: int) -> bool:
    """Verify what is stored of the indicator, or of the snapshots, of an outbox entry."""
    return outbox.perform(entry_id, nightly.verified_piece)
