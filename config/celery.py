"""The Celery app and its schedule.

Redis is transport, never the record: every task is an idempotent recomputation that the outbox
and the reconciler can ask for again.
"""

import os

# Must come before Celery(): without it the tasks have no delay_on_commit.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from celery import Celery
from celery.schedules import crontab

app = Celery("jalon")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _every(seconds: int, task: str) -> dict[str, object]:
    """An entry that expires before its successor, so that a stopped worker finds no backlog."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds * 2}}


app.conf.beat_schedule = {
    "relay the outbox": _every(2, "foundation.tasks.relay_outbox"),
    "reconcile": _every(180, "foundation.tasks.reconcile"),
    "open and lock rounds": _every(60, "submissions.tasks.advance_rounds"),
    "tell what is due": _every(1800, "submissions.tasks.tell_what_is_due"),
    "sweep files without a row": _every(6 * 3600, "submissions.tasks.sweep_files"),
    "seal the audit trail": _every(3600, "foundation.tasks.seal_audit"),
    "bring amendments into force": _every(600, "plans.tasks.bring_into_force"),
    # In the night of Brussels, after the hour that comes twice or not at all in a year.
    "verify results": {
        "task": "progress.tasks.verify_tonight",
        "schedule": crontab(hour=3, minute=15),
        "options": {"expires": 6 * 3600},
    },
}
