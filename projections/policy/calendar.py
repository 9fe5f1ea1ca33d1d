"""Policy ``calendar``: working days by notices later than the packaged calendar's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from projections.calendar import Calendar, build
from projections.policy.table import Row, read_rows


def load(text: str, known: Mapping[str, Any], file: str = "calendar.toml") -> Calendar:
    """The official calendar with the table's notices; raises PolicyError."""
    added: dict[date, bool] = {}
    last: date | None = None
    for row in read_rows(file, text, "year"):
        end = row.day("covers_until")
        if end is None:
            raise row.fail("write covers_until = 2027-12-31 (the last day that the notice covers)")
        row.text("notice")
        for key, worked in (("days_off", False), ("make_up_days", True)):
            for day in row.texts(key):
                added[_iso(row, key, day)] = worked
        last = max(last or end, end)
        row.done()
    return build(added, last)


def _iso(row: Row, key: str, day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise row.fail(f'{key} holds {day!r}, which is no date; write "2027-02-06"') from None
