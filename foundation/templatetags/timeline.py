"""Several rounds on one time axis: a single scale, so that their lines compare."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()
_DAY = dt.timedelta(days=1)
#: More months than this get a mark each quarter.
_MONTHS = 7
#: How far along the scale a month still has its name, in percent.
_LAST_NAMED = 88


@dataclass(frozen=True, slots=True)
class Scale:
    """The time that an axis shows, from a moment to another."""

    start: dt.datetime
    end: dt.datetime

    def place(self, moment: dt.datetime) -> str:
        """Where a moment stands, as a percentage; at the edge where it lies outside."""
        inside = min(max(moment, self.start), self.end)
        return _percentage((inside - self.start) * 10_000 // (self.end - self.start))

    def width(self, start: dt.datetime, end: dt.datetime) -> str:
        low, high = (min(max(each, self.start), self.end) for each in (start, end))
        return _percentage(max(high - low, dt.timedelta()) * 10_000 // (self.end - self.start))

    def holds(self, moment: dt.datetime) -> bool:
        return self.start <= moment <= self.end

    @property
    def ticks(self) -> list[tuple[str, dt.date]]:
        """The first day of each month (of each quarter on a long scale) and where it stands."""
        day = timezone.localdate(self.start).replace(day=1)
        months = []
        while (moment := _midnight(day)) <= self.end:
            if moment >= self.start:
                months.append((moment, day))
            day = (day + 31 * _DAY).replace(day=1)
        if len(months) > _MONTHS:
            months = [each for each in months if each[1].month % 3 == 1]
        return [(self.place(moment), day) for moment, day in months]


def _percentage(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@register.simple_tag
def time_scale(moments: Iterable[dt.datetime], now: dt.datetime) -> Scale | None:
    """The scale that holds all these moments and today; None without any moment."""
    known = [*moments]
    if not known:
        return None
    return Scale(min(*known, now) - _DAY, max(*known, now) + _DAY)


@register.inclusion_tag("components/time_scale.html")
def time_scale_head(scale: Scale, now: dt.datetime) -> dict[str, Any]:
    """The months above the lines, and today."""
    return {
        # Near the end there is no room for a name.
        "ticks": [(place, day, float(place[:-1]) < _LAST_NAMED) for place, day in scale.ticks],
        "today": scale.place(now),
    }


@register.inclusion_tag("components/time_line.html")
def time_line(
    scale: Scale | None,
    opens: dt.datetime,
    due: dt.datetime,
    locks: dt.datetime,
    now: dt.datetime,
    until: dt.datetime | None = None,
) -> dict[str, Any]:
    """A round on a scale, with its dates in words; ``until`` is the end of more time.

    Off the scale, only the words.
    """
    context = {"opens": opens, "due": due, "locks": locks, "until": until, "now": now}
    closes = max(locks, until) if until else locks
    if scale is None or closes < scale.start or opens > scale.end:
        return {**context, "drawn": False}
    elapsed = min(now, due)
    return {
        **context,
        "drawn": True,
        "ticks": scale.ticks,
        "places": {
            "opens": scale.place(opens),
            "due": scale.place(due),
            "locks": scale.place(locks),
            "until": scale.place(closes),
            "today": scale.place(now),
        },
        "pole": scale.width(opens, due),
        "elapsed": scale.width(opens, elapsed) if now > opens else "0.00%",
        "more": scale.width(locks, closes) if until else "",
        "marks": {"due": scale.holds(due), "locks": scale.holds(locks)},
        **_standing(due, closes, now, is_extended=until is not None),
    }


def _standing(
    due: dt.datetime, closes: dt.datetime, now: dt.datetime, *, is_extended: bool
) -> dict[str, Any]:
    """What the words say beside a date: days left, days late, or days left of more time."""
    if now > closes:
        return {"standing": "locked", "days": 0}
    if is_extended:
        return {"standing": "extended", "days": (closes - now).days}
    if now > due:
        return {"standing": "late", "days": (now - due).days + 1}
    return {"standing": "open", "days": (due - now).days}
