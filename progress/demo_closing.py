"""What is closed in the demonstration, one correction that came later, and how both go again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from foundation.models import OutboxEntry
from foundation.services import record
from indicators.enums import CellStatus
from indicators.models import Period
from indicators.periods import last_day
from organisations import demo as people
from organisations.enums import Role
from submissions.content import Content
from submissions.enums import Entrance
from submissions.models import Cell
from submissions.services import Entry, accept_correction, propose_correction

from .closing import SNAPSHOTS, close_period
from .models import Closing, FrozenBasis, FrozenResult, FrozenSheet, Snapshot, SnapshotContent
from .services import TOPIC, recomputed

#: What the first zone has corrected after the closing, and why.
CORRECTED = "7-vif1-recontact-7-jours"
CORRECTION = "La moitié des contacts avait été comptée deux fois (exemple fictif)."


def settle(entries: QuerySet[OutboxEntry] | None = None) -> None:
    """These are owed no longer; without entries, all results: this transaction computed them."""
    owed = OutboxEntry.objects.filter(topic=TOPIC) if entries is None else entries
    owed.update(done_generation=F("generation"), sent_generation=F("generation"))


def close(codes: Iterable[str], *, at: dt.datetime) -> None:
    """The secretariat has closed these periods, oldest first."""
    secretariat = people.account(Role.SECRETARIAT)
    periods = {each.code: each for each in Period.objects.filter(code__in=codes)}
    if secretariat is not None:
        for code in sorted(periods, key=last_day):
            close_period(actor=secretariat, period=periods[code], at=at)
    # Workers take the snapshot of the last one only: they would all be of the same moment.
    latest = Closing.objects.order_by("pk").last()
    settle(OutboxEntry.objects.filter(topic=SNAPSHOTS).exclude(key=latest and latest.pk))


def correct(code: str) -> None:
    """The first zone has corrected a figure of a closed quarter: it stands there as revised."""
    approver, coordinator = people.account(Role.APPROVER), people.account(Role.COORDINATOR)
    cell = (
        Cell.objects.filter(
            expectation__period__code=code,
            expectation__version__indicator__code=CORRECTED,
            expectation__subject__unit__slug=people.FIRST_ZONE,
            option="",
        )
        .select_related("expectation__submission", "validated")
        .first()
    )
    if approver is None or coordinator is None or cell is None or cell.validated is None:
        return
    was = cell.validated
    content = Content(
        CellStatus.REPORTED,
        (was.numerator or 0) * 2 // 3,
        was.denominator,
        comment=CORRECTION,
    )
    asked = propose_correction(
        actor=approver,
        submission=cell.expectation.submission,
        entries=[Entry(cell.pk, cell.version, content)],
        reason=CORRECTION,
        entrance=Entrance.SEED,
    )
    accept_correction(actor=coordinator, correction=asked[0], version=asked[0].version)
    owed = list(OutboxEntry.objects.pending().filter(topic=TOPIC))
    recomputed(owed)([each.key for each in owed])
    settle()


def thaw(closings: QuerySet[Closing]) -> None:
    """Remove closings with what they froze; sheets that another closing rests on stay.

    On the record: those who closed may not be of the demonstration, and what they did stays there.
    """
    for each in closings.select_related("period"):
        details = {"period": each.period.code}
        record(actor=None, verb="closing.removed", subject=each, details=details)
    _remove_snapshots(closings)
    FrozenResult.objects.filter(closing__in=closings).delete()
    FrozenBasis.objects.filter(closing__in=closings).delete()
    closings.delete()
    inputs = FrozenBasis.objects.values_list("inputs", flat=True).iterator()
    kept = {each["sheet"] for read in inputs for each in read}
    gone = set(FrozenSheet.objects.values_list("digest", flat=True)) - kept
    FrozenSheet.objects.filter(digest__in=gone).delete()


def _remove_snapshots(closings: QuerySet[Closing]) -> None:
    """Those of closings and those that visitors took of their periods."""
    periods = closings.values("period")
    found = Snapshot.objects.filter(Q(period__in=periods) | Q(taken_by__is_demo=True))
    for each in found.select_related("period").defer("contents"):
        details = {"period": each.period.code}
        record(actor=None, verb="snapshot.removed", subject=each, details=details)
    found.delete()
    kept = {
        digest
        for contents in Snapshot.objects.values_list("contents", flat=True).iterator()
        for digest in contents.values()
    }
    gone = set(SnapshotContent.objects.values_list("digest", flat=True)) - kept
    SnapshotContent.objects.filter(digest__in=gone).delete()
