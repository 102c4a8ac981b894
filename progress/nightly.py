"""Verification by night: an indicator at a time, and the snapshots: no piece of work is long."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from foundation.models import OutboxEntry
from foundation.outbox import Write
from foundation.services import enqueue
from indicators.models import Indicator

from .models import VerificationRun
from .verification import Report, read_ground, snapshot_report, verified

#: The outbox topic under which a night's verification of an indicator, or of snapshots, is owed.
TOPIC = "verification"
#: What differs is named this often; beyond, the count tells.
MOST_LINES = 200
#: The piece that is no indicator.
SNAPSHOTS = 0


@transaction.atomic
def start(night: dt.date) -> VerificationRun | None:
    """Have the workers verify everything that is stored; None where the night has its run.

    What an earlier night left undone is given up.
    """
    ids = [*Indicator.objects.order_by("pk").values_list("pk", flat=True), SNAPSHOTS]
    now = timezone.now()
    run, is_new = VerificationRun.objects.get_or_create(night=night, defaults={"total": len(ids)})
    if not is_new:
        return None
    unfinished = VerificationRun.objects.filter(ended_at__isnull=True).exclude(pk=run.pk)
    unfinished.filter(error="").update(error="not done by the next night")
    unfinished.update(ended_at=now)
    OutboxEntry.objects.filter(topic=TOPIC).delete()
    enqueue(topic=TOPIC, keys=[f"{run.pk}:{pk}" for pk in ids])
    return run


def verified_piece(key: str) -> Write:
    """Compare one piece of what is stored; what is returned adds the answer to its run."""
    run_id, piece = map(int, key.split(":"))
    runs = VerificationRun.objects.filter(pk=run_id)
    try:
        reports = _reports(piece)
    except Exception as error:
        runs.update(error=repr(error)[:2000])
        raise

    def write() -> None:
        run = runs.select_for_update().get()
        for report in reports:
            run.compared += report.compared
            run.differences += len(report.differences)
            run.waiting += len(report.waiting)
            names = {f"{each.result} {each.field}": None for each in report.differences}
            run.lines = [*run.lines, *names][:MOST_LINES]
        run.done += 1
        if run.done >= run.total:
            run.ended_at, run.error = timezone.now(), ""
        run.save()

    return write


def _reports(piece: int) -> list[Report]:
    if piece == SNAPSHOTS:
        return [snapshot_report()]
    return [verified(each, read_ground()) for each in Indicator.objects.filter(pk=piece)]
