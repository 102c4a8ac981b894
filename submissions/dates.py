"""The dates of a round: days in Belgium, from their first second to their last."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def start_of(day: dt.date) -> dt.datetime:
    """Midnight in Brussels, whatever the season."""
    return dt.datetime.combine(day, dt.time(), tzinfo=BRUSSELS)


def end_of(day: dt.date) -> dt.datetime:
    """23:59:59 in Brussels."""
    return dt.datetime.combine(day, dt.time(23, 59, 59), tzinfo=BRUSSELS)


def day_of(moment: dt.datetime) -> dt.date:
    """The day in Belgium."""
    return moment.astimezone(BRUSSELS).date()


@dataclass(frozen=True, slots=True)
class Dates:
    """The days on which a round opens, is due and locks, each included."""

    opens: dt.date
    due: dt.date
    locks: dt.date

    @property
    def opens_at(self) -> dt.datetime:
        return start_of(self.opens)

    @property
    def due_at(self) -> dt.datetime:
        return end_of(self.due)

    @property
    def locks_at(self) -> dt.datetime:
        return end_of(self.locks)
