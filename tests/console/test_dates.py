"""Days and moments as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from console.dates import day_of, local, moment_of
from tests.console.test_settings import ran

SIX = datetime(2022, 6, 30, 6, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2022/6/30",
        "2022-6-30",
        "2022-06-30",
        "2022年6月30日",
        "2022 年 6 月 30 日",
        "20220630",
        "2022.6.30",
        " 2022／6／30 ",
        "２０２２-06-30",
    ],
)
def test_days(text: str) -> None:
    assert day_of(text) == date(2022, 6, 30)
    assert moment_of(text) == datetime(2022, 6, 30, 15, 59, 59, 999000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "2022", "2022/6", "30/6/2022", "2022-02-30", "2022-6-30-1", "220630"])
def test_what_is_no_day(text: str) -> None:
    assert day_of(text) is None
    assert moment_of(text) is None


@pytest.mark.parametrize(
    "text",
    ["2022-06-30T14:05:00+08:00", "2022-06-30T06:05:00Z", "2022-06-30T14:05", "2022/6/30 14:05", "2022年6月30日 14:05:00"],
)
def test_moments(text: str) -> None:
    assert moment_of(text) == SIX


@pytest.mark.parametrize("text", ["2022/6/30 25:00", "2022/6/31 14:05", "14:05"])
def test_what_is_no_moment(text: str) -> None:
    assert moment_of(text) is None


def test_people_read_the_time_of_shanghai() -> None:
    assert local(SIX) == "2022-06-30 14:05:00"


def test_options_say_how_to_write_them() -> None:
    assert "2018年6月30日" in ran("record", "x", "--as-of", "soon", "--json", code=2)["message"]
    assert "2024-01-31 12:00" in ran("record", "x", "--known-at", "soon", "--json", code=2)["message"]
