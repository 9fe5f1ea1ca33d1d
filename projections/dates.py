"""Civil dates in Asia/Shanghai, and month arithmetic."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2299, 12, 31)
"""The dates that the projections' columns hold (ClickHouse Date32)."""


@lru_cache(maxsize=10_000)
def shanghai_date(moment: datetime) -> date:
    """The civil date in Asia/Shanghai at a moment; ``moment`` carries its time zone."""
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """The last millisecond of a day in Asia/Shanghai, in UTC: what a date means as ``known_at``."""
    midnight = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    return (midnight - timedelta(milliseconds=1)).astimezone(UTC)


@lru_cache(maxsize=100_000)
def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later, or that month's last day; never after LATEST."""
    month = day.month - 1 + months
    year = day.year + month // 12
    if year > LATEST.year:
        return LATEST
    month = month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def first_of(*days: date | None) -> date | None:
    """The earliest of the days that are given, None when none is."""
    given = [day for day in days if day is not None]
    return min(given) if given else None
