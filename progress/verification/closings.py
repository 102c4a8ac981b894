"""METHOD.md 8: what is frozen against the audit trail, which says what was closed and reopened.

Frozen results recompute from what was frozen with them: one that is gone with all of it would be
missed by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from django.db.models import Count, F

from foundation.models import AuditEntry
from foundation.moments import one_moment
from progress.models import Closing, Snapshot

from .reading import Difference, Report, text_of

#: Verbs of the trail; what is removed is the demonstration, on the record.
CLOSED, REOPENED, REMOVED = "period.closed", "period.reopened", "closing.removed"
TAKEN, LOST = "snapshot.taken", "snapshot.removed"


def closing_differences(only: str, report: Report) -> Iterator[Difference]:
    """Of all periods, or of one by its code: two queries."""
    # A closing that ends in between is in both or in neither.
    with one_moment():
        told = _told(Closing, CLOSED, REOPENED, REMOVED)
        rows = Closing.objects.order_by().values(
            "pk", "reopened_at", code=F("period__code"), count=Count("results")
        )
        stored = {each["pk"]: each for each in rows}
    for pk in sorted({*told, *stored}):
        verbs, row = told.get(pk, {}), stored.get(pk)
        code = row["code"] if row else verbs.get(CLOSED, {}).get("period", "")
        if (only and code != only) or (row is None and (REMOVED in verbs or CLOSED not in verbs)):
            continue
        report.compared += 1
        yield from _closing_differs(f"closing {pk} of {code}", verbs, row)


def _closing_differs(
    label: str, verbs: Mapping[str, Mapping[str, Any]], row: Mapping[str, Any] | None
) -> Iterator[Difference]:
    if CLOSED not in verbs:
        yield Difference(label, "audit trail", "missing", "an entry")
        return
    for name, stored, told in (
        ("results", row and row["count"], verbs[CLOSED]["results"]),
        ("reopened", bool(row and row["reopened_at"]), REOPENED in verbs),
    ):
        if stored != told:
            yield Difference(label, name, text_of(stored), text_of(told))


def snapshots_differ(only: str) -> Iterator[Difference]:
    """Whether each snapshot is there, of its period, with the contents that it had when taken."""
    with one_moment():
        told = _told(Snapshot, TAKEN, LOST)
        stored = {each.pk: each for each in Snapshot.objects.select_related("period")}
    for pk, verbs in sorted(told.items()):
        said, row = verbs.get(TAKEN), stored.get(pk)
        if said is None or (row is None and LOST in verbs):
            continue
        if not only or only in (said["period"], row and row.period.code):
            yield from _snapshot_differs(f"snapshot {said['period']}@{pk}", said, row)


def _snapshot_differs(
    label: str, said: Mapping[str, Any], row: Snapshot | None
) -> Iterator[Difference]:
    if row is None:
        yield Difference(label, "snapshot", "missing", "a snapshot")
        return
    digest = sha256(json.dumps(row.contents, sort_keys=True).encode()).hexdigest()
    for name, stored, told in (
        ("period", row.period.code, said["period"]),
        ("contents", len(row.contents), said["contents"]),
        # Of names and digests; the first snapshots were recorded without.
        ("digest", digest, said.get("digest", digest)),
    ):
        if stored != told:
            yield Difference(label, name, text_of(stored), text_of(told))
            return


def _told(model: type[Closing | Snapshot], *verbs: str) -> dict[int, dict[str, dict[str, Any]]]:
    """What the trail says of each row, by its number and the verb."""
    found: dict[int, dict[str, dict[str, Any]]] = {}
    entries = AuditEntry.objects.filter(subject_type=model._meta.label_lower, verb__in=verbs)
    for pk, verb, details in entries.values_list("subject_id", "verb", "details"):
        found.setdefault(pk, {})[verb] = details
    return found
