"""Period arithmetic on codes."""

import datetime as dt

import pytest

from indicators import periods
from indicators.enums import Frequency
from indicators.models import Period


@pytest.mark.parametrize(
    ("frequency", "day", "code"),
    [
        (Frequency.MONTH, dt.date(2026, 9, 30), "2026-09"),
        (Frequency.QUARTER, dt.date(2026, 9, 30), "2026-Q3"),
        (Frequency.QUARTER, dt.date(2026, 10, 1), "2026-Q4"),
        (Frequency.HALF_YEAR, dt.date(2026, 6, 30), "2026-H1"),
        (Frequency.HALF_YEAR, dt.date(2026, 7, 1), "2026-H2"),
        (Frequency.YEAR, dt.date(2026, 12, 31), "2026"),
    ],
)
def test_the_period_of_a_day(frequency, day, code):
    assert periods.period_of(frequency, day) == code
    assert periods.frequency_of(code) == frequency
    assert periods.first_day(code) <= day <= periods.last_day(code)


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [
        ("2028-02", dt.date(2028, 2, 1), dt.date(2028, 2, 29)),
        ("2026-Q4", dt.date(2026, 10, 1), dt.date(2026, 12, 31)),
        ("2026-H1", dt.date(2026, 1, 1), dt.date(2026, 6, 30)),
        ("2026", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
    ],
)
def test_the_days_of_a_period(code, first, last):
    assert (periods.first_day(code), periods.last_day(code)) == (first, last)


def test_going_back_and_forth():
    assert periods.shifted("2026-Q4", 1) == "2027-Q1"
    assert periods.shifted("2026-01", -1) == "2025-12"
    assert periods.previous("2026-Q2", 4) == ["2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2"]
    assert periods.a_year_earlier("2026-Q3") == "2025-Q3"
    assert periods.a_year_earlier("2026-H2") == "2025-H2"
    assert periods.a_year_earlier("2026") == "2025"
    assert periods.last_ended(Frequency.QUARTER, dt.date(2026, 9, 30)) == "2026-Q2"
    assert periods.last_ended(Frequency.QUARTER, dt.date(2026, 10, 1)) == "2026-Q3"


@pytest.mark.parametrize("text", ["", "2026-Q5", "2026-13", "2026-H3", "26", "2026-q1", "2026-1"])
def test_other_texts_are_no_periods(text):
    with pytest.raises(ValueError, match="not a period"):
        periods.first_day(text)


@pytest.mark.django_db
def test_periods_are_made_once():
    first = periods.ensure_periods(["2026-Q3", "2026-Q4", "2026-Q3"])
    again = periods.ensure_periods(["2026-Q3"])
    assert again["2026-Q3"] == first["2026-Q3"]
    assert Period.objects.count() == 2
    quarter = first["2026-Q3"]
    assert (quarter.frequency, quarter.last_day) == ("quarter", dt.date(2026, 9, 30))
