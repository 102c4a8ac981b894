"""What an administrator sees of results on the technical state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, Max, Q

from progress.models import Recomputation, VerificationRun


def recomputation_panel(subjects: Sequence[int], _user: Any) -> dict[int, dict[str, Any]]:
    """The last recomputation of everything, as far as it has come.

    One of which all that is left was set aside has ended, with so many ``failed``; one whose
    process is gone ``stopped_at`` its last sign of life.
    """
    last = Recomputation.objects.select_related("started_by").first()
    shown: dict[str, Any] = {"last": last}
    if last is not None:
        left = last.pieces.filter(done_generation__lt=F("generation")).aggregate(
            pending=Count("pk", filter=Q(set_aside_at__isnull=True)),
            failed=Count("set_aside_at"),
            stopped_at=Max("set_aside_at"),
        )
        shown["failed"] = left["failed"]
        shown["ended_at"] = last.ended_at or (None if left["pending"] else left["stopped_at"])
    return dict.fromkeys(subjects, shown)


def verification_panel(subjects: Sequence[int], _user: Any) -> dict[int, dict[str, Any]]:
    """The last night's answer, and what is under way."""
    runs = VerificationRun.objects.all()
    last = runs.filter(ended_at__isnull=False).first()
    current = runs.filter(ended_at__isnull=True).first()
    return {subject: {"last": last, "current": current} for subject in subjects}
