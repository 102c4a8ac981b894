"""Wordings adopted in advance come into force on their day, shortly after midnight."""

from celery import shared_task

from .services import bring_all_into_force


@shared_task
def bring_into_force() -> int:
    """Returns how many wordings changed."""
    return bring_all_into_force()
