"""Work that goes wrong on purpose, and a schedule and patience of seconds."""

import datetime as dt

from django.apps import AppConfig

EVERY = 1.0


class FaultsConfig(AppConfig):
    name = "tests.faults"
    label = "faults"

    def ready(self) -> None:
        from config.celery import app
        from foundation import outbox, seals
        from foundation.registries import OutboxTopic, outbox_topics

        from . import tasks

        outbox.LOST_AFTER = dt.timedelta(seconds=3)
        seals.LONGEST_TRANSACTION = dt.timedelta(seconds=1)
        outbox_topics.register(OutboxTopic("faults", tasks.work.delay))
        app.conf.beat_schedule = {
            name: {"task": task, "schedule": EVERY, "options": {"expires": 2 * EVERY}}
            for name, task in (
                ("relay", "foundation.tasks.relay_outbox"),
                ("reconcile", "foundation.tasks.reconcile"),
                ("rounds", "submissions.tasks.advance_rounds"),
                ("seals", "foundation.tasks.seal_audit"),
                ("verification", "progress.tasks.verify_tonight"),
            )
        }
