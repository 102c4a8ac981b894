"""How long what was sent may wait for its controller before it passes to the secretariat."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from foundation.workdays import working_day_after, working_day_before

#: Working days that a controller has, after the day of sending.
LEFT_FOR = 10


def passes_on(sent_at: dt.datetime) -> dt.date:
    """The working day from which the secretariat controls, too, what was sent at a moment."""
    return working_day_after(timezone.localdate(sent_at), LEFT_FOR + 1)


def left_before(now: dt.datetime | None = None) -> dt.datetime:
    """What was sent before this moment was left for as long, at ``now``."""
    tomorrow = timezone.localdate(now) + dt.timedelta(days=1)
    day = working_day_before(tomorrow, LEFT_FOR + 1)
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def is_left(sent_at: dt.datetime | None, now: dt.datetime | None = None) -> bool:
    return sent_at is not None and sent_at < left_before(now)


def end_of(day: dt.date) -> dt.datetime:
    """The last second of a day in Brussels, when extensions and rounds end."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))
