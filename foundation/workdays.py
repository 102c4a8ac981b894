"""Working days in Belgium: not Saturdays, Sundays or the ten legal public holidays.

The holidays are those of article 1 of the Royal Decree of 18 April 1974 that carries out the Act of
4 January 1974 on public holidays. A holiday that falls on a Sunday is replaced by each employer as
it likes, so nothing is counted for it here; bridging days of an administration are working days.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

_DAY = dt.timedelta(days=1)
#: New Year, Labour Day, National Day, Assumption, All Saints, Armistice, Christmas.
_FIXED = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
#: Easter Monday, Ascension and Whit Monday, in days after Easter.
_AFTER_EASTER = (1, 39, 50)


def easter(year: int) -> dt.date:
    """Easter Sunday in the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon + 15) % 30
    leaps, left = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - epact - left) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[dt.date]:
    """The ten legal public holidays of a year; nine days where two of them fall together."""
    moving = {easter(year) + dt.timedelta(days=days) for days in _AFTER_EASTER}
    return frozenset(moving | {dt.date(year, month, day) for month, day in _FIXED})


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in public_holidays(day.year)


def working_day_after(day: dt.date, count: int) -> dt.date:
    """The ``count``-th working day after ``day``, which itself does not count."""
    return _walk(day, count, _DAY)


def working_day_before(day: dt.date, count: int) -> dt.date:
    """The ``count``-th working day before ``day``, which itself does not count."""
    return _walk(day, count, -_DAY)


def _walk(day: dt.date, count: int, step: dt.timedelta) -> dt.date:
    while count:
        day += step
        count -= is_working_day(day)
    return day
