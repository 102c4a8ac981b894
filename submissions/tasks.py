"""What the schedule does with rounds and their mails, and what the outbox owes."""

from celery import shared_task

from foundation import outbox

from . import notices, resources
from .services import freeze_due_rounds, lock_due_rounds, peers, sweep_evidence, sweep_uploads


@shared_task
def advance_rounds() -> int:
    """Open planned rounds whose day has come, then set going what follows from locks that passed.

    Whether figures are taken depends on a round's dates, not on this. Returns how many it moved.
    """
    return freeze_due_rounds() + lock_due_rounds()


@shared_task
def tell_what_is_due() -> int:
    """Write the mails whose day has come, each once; how often this runs does not matter."""
    return notices.tell_what_is_due() + notices.tell_digests()


@shared_task
def compare(entry_id: int) -> bool:
    """Compute anew what zones know of their peers, for an outbox entry's indicator and period."""
    return outbox.perform(entry_id, peers.compared)


@shared_task
def sweep_files() -> int:
    """Delete the files of evidence that no row keeps, and those of uploads of long ago."""
    return sweep_evidence() + sweep_uploads()


@shared_task
def read_upload(entry_id: int) -> bool:
    """Read the file of figures of an outbox entry."""
    return outbox.perform(entry_id, resources.read_upload)
