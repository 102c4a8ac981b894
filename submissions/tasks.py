"""What the schedule does with rounds, and reading files of figures."""

from celery import shared_task

from foundation import outbox

from . import resources
from .services import freeze_due_rounds


@shared_task
def advance_rounds() -> int:
    """Open planned rounds whose day has come. Due and locked are computed from a round's dates."""
    return freeze_due_rounds()


@shared_task
def read_upload(entry_id: int) -> bool:
    """Read the file of figures of an outbox entry."""
    return outbox.perform(entry_id, resources.read_upload)
