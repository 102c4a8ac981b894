"""What objectives say on a day, and what amendments change of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organisations.models import User
from plans.amendments import Wording, version_changes, wording
from plans.registries import Change
from plans.rules import may_propose
from plans.services import french

from .models import Objective, ObjectiveVersion

FIELDS = {"title": _("Title"), "statement": _("Statement"), "steps": _("Steps")}


def changes(ids: Sequence[int]) -> dict[int, list[Change]]:
    versions = ObjectiveVersion.objects.prefetch_related("steps")
    return version_changes(versions, "objective", FIELDS, ids)


def objective_wording(objective: Objective, day: dt.date) -> Wording:
    """Two queries."""
    versions = objective.versions.select_related("amendment").prefetch_related("steps")
    return wording(list(versions), day, FIELDS)


def amend_url(objective: Objective, user: User) -> str:
    """Where the user may propose another wording, or nothing."""
    return reverse("objective-amend", args=[objective.code]) if may_propose(user) else ""


def words(version: Any) -> dict[str, str]:
    """What a wording says in French, as its form types it: steps a line each."""
    return {
        "title": french(version, "title"),
        "statement": french(version, "statement"),
        "steps": "\n".join(french(each, "text") for each in version.steps.all()),
    }
