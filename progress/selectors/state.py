"""What an administrator sees of results on the technical state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from progress.models import Recomputation, VerificationRun


def recomputation_panel(subjects: Sequence[int], _user: Any) -> dict[int, dict[str, Any]]:
    """The last recomputation of everything, as far as it has come."""
    last = Recomputation.objects.select_related("started_by").first()
    return {subject: {"last": last} for subject in subjects}


def verification_panel(subjects: Sequence[int], _user: Any) -> dict[int, dict[str, Any]]:
    """The last night's answer, and what is under way."""
    runs = VerificationRun.objects.all()
    last = runs.filter(ended_at__isnull=False).first()
    current = runs.filter(ended_at__isnull=True).first()
    return {subject: {"last": last, "current": current} for subject in subjects}
