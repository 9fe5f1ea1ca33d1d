"""Working days and due dates against a naive count, and the calendar against a second, independent one."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.calendar import official
from tests.core import oracle

ONE = timedelta(days=1)


def days(first: date, last: date) -> list[date]:
    return [first + ONE * number for number in range((last - first).days + 1)]


def test_every_day_is_worked_or_not_as_the_naive_reading_says() -> None:
    for day in days(date(2003, 1, 1), date(2028, 12, 31)):
        assert (official().is_working_day(day), not official().covers(day)) == oracle.working_day(day), day


def test_a_second_calendar_agrees_but_for_one_known_day() -> None:
    second = holidays.country_holidays("CN", years=range(2004, 2027))
    unlike = [
        day for day in days(date(2004, 1, 1), date(2026, 12, 31)) if official().is_working_day(day) != second.is_working_day(day)
    ]
    assert unlike == [date(2005, 12, 31)]


@given(st.dates(date(2003, 6, 1), date(2028, 6, 1)), st.sampled_from([1, 2, 3, 5, 7, 10, 20]))
def test_a_due_date_is_found_by_counting_one_day_at_a_time(start: date, limit: int) -> None:
    found = official().due(start, limit, "working")
    assert (found.on, found.provisional) == oracle.due(start, limit)


def test_due_dates_around_the_edges_of_the_coverage() -> None:
    edges = days(date(2003, 11, 15), date(2004, 1, 15)) + days(date(2026, 11, 15), date(2027, 1, 15))
    for start in edges:
        for limit in (1, 3, 7, 20):
            found = official().due(start, limit, "working")
            assert (found.on, found.provisional) == oracle.due(start, limit), (start, limit)


@pytest.mark.parametrize(
    ("start", "limit", "due_on"),
    [
        ("2020-01-23", 7, "2020-02-11"),  # the eve of the new year holiday, which was prolonged to 2 February 2020
        ("2020-04-24", 3, "2020-04-28"),  # Sunday 26 April was worked
        ("2021-02-10", 3, "2021-02-20"),  # Saturday 20 February 2021 was worked
        ("2020-03-02", 7, "2020-03-11"),
    ],
)
def test_holidays_are_skipped_and_make_up_days_counted(start: str, limit: int, due_on: str) -> None:
    found = official().due(date.fromisoformat(start), limit, "working")
    assert (found.on.isoformat(), found.provisional) == (due_on, False)


def test_the_starting_date_is_day_zero() -> None:
    assert official().due(date(2020, 3, 2), 1, "working").on == date(2020, 3, 3)


def test_a_count_that_leaves_the_known_calendar_is_provisional() -> None:
    assert not official().due(date(2026, 12, 28), 3, "working").provisional
    assert official().due(date(2026, 12, 28), 4, "working").provisional
