"""Shifting DA and DT values by whole days; times of day stay (PS3.15 E.3.6)."""

from __future__ import annotations

import re
from datetime import date, timedelta

DATE = re.compile(r"(\d{4})(?:[.\-/]?(\d{2})(?:[.\-/]?(\d{2}))?)?")
DATE_TIME = re.compile(r"(\d{4}(?:\d{2}(?:\d{2})?)?)((?:\d{2,6}(?:\.\d{1,6})?)?(?:[+-]\d{4})?)")
YEAR, MONTH = 4, 6


def shifted_date(text: str, days: int) -> str | None:
    """Return a DA value `days` earlier, None if it is no date.

    The old form with dots (ACR-NEMA) is read too.  A year or a month alone stays one: it is
    taken at its first day.
    """
    match = DATE.fullmatch(text.strip("\0 "))
    if not match:
        return None
    year, month, day = match[1], match[2], match[3]
    moved = _earlier(int(year), int(month or 1), int(day or 1), days)
    if moved is None:
        return None
    if month is None:
        return moved[:YEAR]
    return moved if day is not None else moved[:MONTH]


def shifted_date_time(text: str, days: int) -> str | None:
    """Return a DT value `days` earlier, its time and zone as they were; None if it is none."""
    match = DATE_TIME.fullmatch(text.strip("\0 "))
    if not match:
        return None
    if len(match[1]) < len("YYYYMMDD") and match[2][:1].isdigit():
        return None
    moved = shifted_date(match[1], days)
    return None if moved is None else moved + match[2]


def _earlier(year: int, month: int, day: int, days: int) -> str | None:
    try:
        moved = date(year, month, day) - timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{moved.year:04d}{moved.month:02d}{moved.day:02d}"
