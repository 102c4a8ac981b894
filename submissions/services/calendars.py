"""The secret address of somebody's deadlines: made, renewed, taken away."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from foundation.services import record
from organisations.models import User
from submissions import rules
from submissions.models import CalendarFeed

from .standing import require


@transaction.atomic
def renew_calendar(*, actor: User, seen: int) -> bool:
    """Give ``actor`` a first or a new address; the one before opens nothing from now on.

    ``seen`` is the number of the address that they had before them, 0 for none: the same click
    twice is one change. Returns whether this call did it.
    """
    require(rules.may_follow_rounds(actor))
    if seen == 0:
        feed, made = CalendarFeed.objects.get_or_create(user=actor)
    else:
        known = CalendarFeed.objects.filter(user=actor, number=seen)
        made = bool(known.update(number=F("number") + 1, is_on=True, made_at=timezone.now()))
        feed = CalendarFeed.objects.get(user=actor)
    if made:
        record(actor=actor, verb="calendar.renewed", subject=feed)
    return made


@transaction.atomic
def stop_calendar(*, actor: User) -> bool:
    """Take the address away; returns whether there was one."""
    stopped = CalendarFeed.objects.filter(user=actor, is_on=True).update(is_on=False)
    if stopped:
        feed = CalendarFeed.objects.get(user=actor)
        record(actor=actor, verb="calendar.stopped", subject=feed)
    return bool(stopped)
