"""METHOD.md 8: closings and snapshots against the trail, and snapshots against their digests."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from hashlib import sha256

from progress.models import Snapshot, SnapshotContent

from .closings import closing_differences, snapshots_differ
from .reading import Difference, Report


def snapshot_report(only: str = "") -> Report:
    """Every closing, and every content of the snapshots; of one period, by its code.

    One content at a time is in memory, and each is read once however many snapshots share it.
    """
    report = Report()
    report.differences += closing_differences(only, report)
    report.differences += snapshots_differ(only)
    stored = Snapshot.objects.select_related("period").order_by("pk")
    if only:
        stored = stored.filter(period__code=only)
    named: dict[str, list[str]] = {}
    for snapshot in stored:
        for name, digest in sorted(snapshot.contents.items()):
            named.setdefault(digest, []).append(f"snapshot {snapshot.token} {name}")
    found = SnapshotContent.objects.iterator(chunk_size=20) if named else ()
    right = {each.digest: _digest(bytes(each.body)) for each in found if each.digest in named}
    for digest, labels in named.items():
        report.compared += 1
        report.differences += _differ(digest, labels, right.get(digest, "missing"))
    return report


def _digest(body: bytes) -> str:
    try:
        return sha256(zlib.decompress(body)).hexdigest()
    except zlib.error:
        return "unreadable"


def _differ(digest: str, labels: list[str], right: str) -> Iterator[Difference]:
    """By the name that each snapshot has for it."""
    if right != digest:
        for label in labels:
            yield Difference(label, "digest", digest, right)
