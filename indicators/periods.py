"""Periods by their codes: 2026-09 (month), 2026-Q3, 2026-H1 and 2026 (year).

Arithmetic is pure and works on codes; only ``ensure_periods`` touches the database.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from .enums import Frequency
from .models import Period

MONTHS = {
    Frequency.MONTH: 1,
    Frequency.QUARTER: 3,
    Frequency.HALF_YEAR: 6,
    Frequency.YEAR: 12,
}
_CODE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|H(?P<half_year>[12])))?"
)


def frequency_of(code: str) -> Frequency:
    return _split(code)[0]


def period_of(frequency: Frequency | str, day: dt.date) -> str:
    """The code of the period of that frequency in which ``day`` falls."""
    frequency = Frequency(frequency)
    return _code(frequency, (day.year * 12 + day.month - 1) // MONTHS[frequency])


def last_ended(frequency: Frequency | str, today: dt.date) -> str:
    """The code of the last period that ended before ``today``."""
    return shifted(period_of(frequency, today), -1)


def shifted(code: str, by: int) -> str:
    """The period ``by`` places later (earlier where negative), of the same frequency."""
    frequency, ordinal = _split(code)
    return _code(frequency, ordinal + by)


def previous(code: str, count: int = 1) -> list[str]:
    """The ``count`` periods before this one, latest first."""
    return [shifted(code, -step) for step in range(1, count + 1)]


def a_year_earlier(code: str) -> str:
    """The same month, quarter, half-year or year one year before."""
    return shifted(code, -12 // MONTHS[frequency_of(code)])


def first_day(code: str) -> dt.date:
    frequency, ordinal = _split(code)
    year, month = divmod(ordinal * MONTHS[frequency], 12)
    return dt.date(year, month + 1, 1)


def last_day(code: str) -> dt.date:
    return first_day(shifted(code, 1)) - dt.timedelta(days=1)


def ensure_periods(codes: Iterable[str]) -> dict[str, Period]:
    """The periods of these codes, made where there are none yet; in two or three queries."""
    wanted = sorted(set(codes))
    Period.objects.bulk_create(
        [
            Period(
                code=code,
                frequency=frequency_of(code),
                first_day=first_day(code),
                last_day=last_day(code),
            )
            for code in wanted
        ],
        ignore_conflicts=True,
    )
    return {period.code: period for period in Period.objects.filter(code__in=wanted)}


def ensure_period(code: str) -> Period:
    return ensure_periods([code])[code]


def _split(code: str) -> tuple[Frequency, int]:
    """Frequency, and the period's number counted from the year 0. ValueError for another text."""
    parts = _CODE.fullmatch(code)
    if parts is None:
        raise ValueError(f"not a period: {code!r}")
    for frequency in (Frequency.MONTH, Frequency.QUARTER, Frequency.HALF_YEAR):
        if parts[frequency.value]:
            a_year = 12 // MONTHS[frequency]
            return frequency, int(parts["year"]) * a_year + int(parts[frequency.value]) - 1
    return Frequency.YEAR, int(parts["year"])


def _code(frequency: Frequency, ordinal: int) -> str:
    year, place = divmod(ordinal, 12 // MONTHS[frequency])
    forms = {
        Frequency.MONTH: f"{year:04}-{place + 1:02}",
        Frequency.QUARTER: f"{year:04}-Q{place + 1}",
        Frequency.HALF_YEAR: f"{year:04}-H{place + 1}",
        Frequency.YEAR: f"{year:04}",
    }
    return forms[frequency]
