"""Dates move by whole days; intervals, times, zones and precision stay."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.deid import dates

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1))
SHIFTS = st.integers(min_value=1, max_value=3650)


def day_of(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


def moved(text: str, days: int) -> str:
    found = dates.shifted_date(text, days)
    assert found is not None
    return found


@given(one=DAYS, other=DAYS, days=SHIFTS)
def test_intervals_between_dates_stay(one: date, other: date, days: int) -> None:
    shifted = [day_of(moved(f"{each:%Y%m%d}", days)) for each in (one, other)]

    assert shifted[1] - shifted[0] == other - one
    assert one - shifted[0] == timedelta(days=days)


@given(day=DAYS, days=SHIFTS, rest=st.sampled_from(["", "12", "235959.999999", "120000+0200"]))
def test_date_times_keep_time_fraction_and_zone(day: date, days: int, rest: str) -> None:
    found = dates.shifted_date_time(f"{day:%Y%m%d}{rest}", days)

    assert found == moved(f"{day:%Y%m%d}", days) + rest


@pytest.mark.parametrize(
    ("text", "days", "expected"),
    [
        ("20240301", 1, "20240229"),
        ("20230301", 1, "20230228"),
        ("20240229", 366, "20230228"),
        ("1994.03.01", 1, "19940228"),
        ("2024", 1, "2023"),
        ("202403", 1, "202402"),
    ],
)
def test_leap_days_old_forms_and_partial_dates(text: str, days: int, expected: str) -> None:
    assert dates.shifted_date(text, days) == expected


@pytest.mark.parametrize(
    "text",
    ["", "TODAY", "20241301", "20230229", "0001", "2024-03-01T10:00", "20240301-20240302"],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.shifted_date(text, 400) is None
    assert dates.shifted_date_time(text, 400) is None


def test_a_zone_after_a_partial_date_time_stays() -> None:
    assert dates.shifted_date_time("2024+0100", 1) == "2023+0100"
