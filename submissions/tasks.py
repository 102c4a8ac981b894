"""What the schedule does with rounds, and what the outbox owes."""

from celery import shared_task

from foundation import outbox

from .services import freeze_due_rounds, peers


@shared_task
def advance_rounds() -> int:
    """Open planned rounds whose day has come. Due and locked are computed from a round's dates."""
    return freeze_due_rounds()


@shared_task
def compare(entry_id: int) -> bool:
    """Compute anew what zones know of their peers, for an outbox entry's indicator and period."""
    return outbox.perform(entry_id, peers.compared)
