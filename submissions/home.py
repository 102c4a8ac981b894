"""What the home page says to who reports and to who controls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from organisations.models import User

from . import presenters, selectors
from .enums import State
from .models import Submission
from .permissions import CONTROL, ENTER, VIEW_UNIT
from .work import control_of, work_of

SHOWN = 5
READ = 20


def work(user: User) -> Mapping[str, Any] | None:
    """The rounds to work on, the first due first."""
    if not user.access.may(ENTER.name):
        return None
    now = timezone.now()
    shaped = work_of(user, now, most=SHOWN * 4)
    locked = [line for line in shaped.sent if line.group == "locked"]
    return {
        "work": shaped,
        "lines": shaped.open[:SHOWN],
        "corrections": shaped.corrections[:SHOWN],
        "locked": locked[:SHOWN],
        "now": now,
    }


def read(user: User) -> Mapping[str, Any] | None:
    """The validated figures of the unit that somebody reads without working on them."""
    if not user.access.may(VIEW_UNIT.name) or user.access.may(ENTER.name):
        return None
    found = Submission.objects.filter(
        state=State.VALIDATED, reporter__in=user.access.units(VIEW_UNIT.name)
    ).select_related("round__period", "reporter")
    return {"submissions": found.order_by("-round__period__last_day", "reporter__slug")[:READ]}


def about_us(user: User) -> Mapping[str, Any] | None:
    """What other units report about one's own, where they do, and how much of it is new."""
    if not user.access.may(VIEW_UNIT.name) or not selectors.reported_about(user).exists():
        return None
    return {
        "remarkable": selectors.remarkable_now(user, timezone.now()),
        "days": selectors.REMARK_DAYS,
    }


def review(user: User) -> Mapping[str, Any] | None:
    """How many submissions wait for this controller, which longest, and who is late."""
    if not user.access.may(CONTROL.name):
        return None
    control = control_of(user, timezone.now(), most=SHOWN)
    return {"counters": presenters.queue_counters(user), "control": control}
