"""What an entry of the topic "faults" asks for by its key, told line by line in a file."""

import os
import signal
import time
from pathlib import Path

from celery import shared_task
from django.conf import settings

from foundation import outbox
from foundation.models import AuditEntry


def diary() -> Path:
    return Path(settings.VAR_DIR) / "diary"


@shared_task
def work(entry_id: int) -> bool:
    return outbox.perform(entry_id, _work)


def _work(key: str) -> outbox.Write:
    with diary().open("a") as lines:
        lines.write(f"{key}\n")
    if key == "poison":
        os.kill(os.getpid(), signal.SIGKILL)
    if key == "slow":
        time.sleep(6)
    return lambda: AuditEntry.objects.create(verb=key, subject_type="faults", subject_id=1) and None
