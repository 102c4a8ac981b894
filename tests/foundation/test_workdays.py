"""Working days: known years, an independent Easter, and counting both ways."""

import datetime as dt

import pytest
from dateutil.easter import easter as known_easter
from hypothesis import given
from hypothesis import strategies as st

from foundation.workdays import (
    easter,
    is_working_day,
    public_holidays,
    working_day_after,
    working_day_before,
)

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@pytest.mark.parametrize("year", range(1600, 2300))
def test_easter_is_that_of_another_implementation(year):
    assert easter(year) == known_easter(year)


@pytest.mark.parametrize(
    ("year", "moving"),
    [
        # Easter Monday, Ascension, Whit Monday, as the federal calendar published them.
        (2024, ["2024-04-01", "2024-05-09", "2024-05-20"]),
        (2025, ["2025-04-21", "2025-05-29", "2025-06-09"]),
        (2026, ["2026-04-06", "2026-05-14", "2026-05-25"]),
        (2027, ["2027-03-29", "2027-05-06", "2027-05-17"]),
    ],
)
def test_the_ten_legal_holidays_of_known_years(year, moving):
    fixed = ["01-01", "05-01", "07-21", "08-15", "11-01", "11-11", "12-25"]
    expected = {*moving, *(f"{year}-{day}" for day in fixed)}
    assert {day.isoformat() for day in public_holidays(year)} == expected


def test_in_2008_ascension_fell_on_labour_day():
    assert dt.date(2008, 5, 1) in public_holidays(2008)
    assert len(public_holidays(2008)) == 9


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-10", True),
        ("2026-11-11", False),  # Armistice, a Wednesday
        ("2026-11-14", False),  # Saturday
        ("2026-11-15", False),  # Sunday, and the King's Feast: no legal holiday of its own
        ("2026-12-26", False),  # Saturday
        ("2028-12-26", True),  # the day after Christmas is no legal holiday
        ("2026-07-11", False),  # Saturday
        ("2028-07-11", True),  # the Flemish feast is no legal holiday
    ],
)
def test_working_days(day, works):
    assert is_working_day(dt.date.fromisoformat(day)) is works


def test_ten_working_days_over_a_holiday_and_two_weekends():
    sent = dt.date(2026, 11, 2)
    assert working_day_after(sent, 10) == dt.date(2026, 11, 17)
    assert working_day_after(sent, 11) == dt.date(2026, 11, 18)
    assert working_day_before(dt.date(2026, 11, 18), 11) == sent
    assert working_day_after(sent, 0) == sent


@given(DAYS, st.integers(1, 40))
def test_counting_there_and_back(day, count):
    there = working_day_after(day, count)
    assert is_working_day(there)
    between = (day + dt.timedelta(days=n) for n in range(1, (there - day).days + 1))
    assert sum(map(is_working_day, between)) == count
    back = working_day_before(there, count)
    assert back <= day or not is_working_day(day)
