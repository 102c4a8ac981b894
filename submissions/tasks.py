"""What the schedule does with rounds."""

from celery import shared_task

from .services import freeze_due_rounds, sweep_evidence


@shared_task
def advance_rounds() -> int:
    """Open planned rounds whose day has come. Due and locked are computed from a round's dates."""
    return freeze_due_rounds()


@shared_task
def sweep_files() -> int:
    """Delete the files of evidence that no row keeps."""
    return sweep_evidence()
