"""The official working-day calendar of China, and counting by it (行政许可法 §82, 行政处罚法 §85).

Statutory holidays are off and make-up days are on, by the State Council's yearly notices as the package
``chinesecalendar`` holds them, with days of later notices added by the policy table ``calendar``. Beyond the coverage
Monday to Friday count, and what was counted so is provisional.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import chinese_calendar

from projections.dates import LATEST


@dataclass(frozen=True, slots=True)
class Due:
    """A due date; ``provisional`` where a day beyond the calendar's coverage was counted."""

    on: date
    provisional: bool


class Calendar:
    """Working days from ``first`` to ``last`` by official notice, Monday to Friday outside.

    ``exceptions`` maps a day to whether it is worked, for the days that differ from Monday to Friday.
    """

    def __init__(self, first: date, last: date, exceptions: Mapping[date, bool]) -> None:
        self.first, self.last = first, last
        self._exceptions = dict(exceptions)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        self._working = [day for day in days if self.is_working_day(day)]
        listed = ";".join(f"{day}={worked}" for day, worked in sorted(self._exceptions.items()))
        self.digest = hashlib.sha256(f"{first}/{last}/{listed}".encode()).hexdigest()
        self._due: dict[tuple[date, int, str], Due] = {}

    @property
    def text(self) -> str:
        """The calendar as JSON: what ``from_text`` reads."""
        listed = {day.isoformat(): worked for day, worked in sorted(self._exceptions.items())}
        return json.dumps({"first": self.first.isoformat(), "last": self.last.isoformat(), "exceptions": listed})

    @classmethod
    def from_text(cls, text: str) -> Calendar:
        """The calendar that a text says."""
        told = json.loads(text)
        listed = {date.fromisoformat(day): worked for day, worked in told["exceptions"].items()}
        return cls(date.fromisoformat(told["first"]), date.fromisoformat(told["last"]), listed)

    def covers(self, day: date) -> bool:
        """Whether an official notice says what this day is."""
        return self.first <= day <= self.last

    def is_working_day(self, day: date) -> bool:
        """Whether a day is worked; beyond the coverage Monday to Friday are."""
        if self.covers(day):
            return self._exceptions.get(day, day.weekday() < 5)
        return day.weekday() < 5

    def due(self, start: date, amount: int, unit: str) -> Due:
        """The ``amount``-th working or calendar day after ``start``; the starting day is day 0 and not counted."""
        key = (start, amount, unit)
        found = self._due.get(key)
        if found is None:
            found = self._due[key] = self._count(start, amount, unit)
        return found

    def _count(self, start: date, amount: int, unit: str) -> Due:
        if unit == "calendar":
            return Due(start + timedelta(days=amount), provisional=False)
        if self.first <= start + timedelta(days=1) and start < self.last:
            at = bisect_right(self._working, start) + amount - 1
            if at < len(self._working):
                return Due(self._working[at], provisional=False)
        return self._walk(start, amount)

    def _walk(self, start: date, amount: int) -> Due:
        day, left, provisional = start, amount, False
        while left and day < LATEST:
            day += timedelta(days=1)
            provisional = provisional or not self.covers(day)
            left -= self.is_working_day(day)
        return Due(day, provisional)


def build(added: Mapping[date, bool], last: date | None = None) -> Calendar:
    """The official calendar with days of later notices added; ``last`` is the last day that they cover."""
    holidays, in_lieu = chinese_calendar.constants.holidays, chinese_calendar.constants.workdays
    exceptions = {day: False for day in holidays if day.weekday() < 5} | {day: True for day in in_lieu if day.weekday() > 4}
    known = {day.year for day in holidays}
    end = max(date(max(known), 12, 31), last or date.min)
    return Calendar(date(min(known), 1, 1), end, exceptions | dict(added))


@cache
def official() -> Calendar:
    """The calendar as packaged."""
    return build({})
