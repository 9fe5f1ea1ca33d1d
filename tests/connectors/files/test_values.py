"""Cells: dates, amounts, numbers as real files write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.values import (
    DATE_FORMATS,
    BadValue,
    is_null,
    read_amount,
    read_date,
    read_flag,
    read_time,
    read_whole,
    split,
    squeeze,
    text_of,
)

days = st.dates(date(1900, 1, 1), date(2098, 12, 31))


@given(days)
def test_every_way_of_writing_a_day_gives_that_day(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    ways = [
        f"{y}-{m:02}-{d:02}",
        f"{y}-{m}-{d}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d}",
        f"{y}{m:02}{d:02}",
        f"{y}年{m}月{d}日",
        f" {y}年 {m}月 {d}日".replace(" ", ""),
        f"{y}-{m:02}-{d:02} 00:00:00",
        f"{y}/{m}/{d} 8:30",
        int(f"{y}{m:02}{d:02}"),
        datetime.combine(day, datetime.min.time()).replace(hour=9),
        day,
    ]
    assert {read_date(way) for way in ways} == {day}


@given(st.dates(date(1928, 1, 1), date(2098, 12, 31)))
def test_excel_serials(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert read_date(serial) == read_date(float(serial)) == read_date(str(serial)) == day


@pytest.mark.parametrize("text", ["2099-12-31", "2099/1/31", "2099年12月31日", "20990131", date(2099, 5, 1)])
def test_2099_means_open(text: object) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    "text", ["2022-09-31", "2021-02-29", "2021-13-01", "abc", "2021-05", "2021年", "123", "2018-07-01T00:00:00Z", "100000"]
)
def test_impossible_dates_are_refused_without_quoting(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_date(text)
    assert caught.value.reason == "bad_date"
    assert text not in str(caught.value)


def test_only_the_formats_asked_for() -> None:
    assert read_date("20180701", ("20180701",)) == date(2018, 7, 1)
    with pytest.raises(BadValue):
        read_date("2018-07-01", ("20180701",))
    with pytest.raises(BadValue):
        read_date("43282", tuple(DATE_FORMATS))


@given(st.integers(0, 10**14), st.sampled_from(["yuan", "wan_yuan"]), st.booleans())
def test_amounts_are_exact(fen: int, unit: str, thousands: bool) -> None:
    yuan = Decimal(fen).scaleb(-2)
    shown = yuan if unit == "yuan" else yuan.scaleb(-4)
    text = f"{shown:,f}" if thousands else f"{shown:f}"
    assert read_amount(text, unit) == yuan
    assert read_amount(text, unit).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("cell", "unit", "yuan"),
    [
        ("￥1,234.50", "yuan", "1234.50"),
        ("16万元", "yuan", "160000"),
        ("5000元", "wan_yuan", "5000"),
        (1.2345, "wan_yuan", "12345"),
        (16.7, "wan_yuan", "167000"),
        (0.1 + 0.2, "wan_yuan", "3000"),
        ("-5", "yuan", "-5"),
        (3, "wan_yuan", "30000"),
        ("１，２００", "yuan", "1200"),
        (Decimal("0.000001"), "wan_yuan", "0.01"),
        ("人民币500元整", "yuan", "500"),
        ("1.2亿元", "yuan", "120000000"),
    ],
)
def test_amounts_as_files_write_them(cell: object, unit: str, yuan: str) -> None:
    assert read_amount(cell, unit) == Decimal(yuan)


@pytest.mark.parametrize("text", ["abc", "罚款16万元；按日连续处罚118.68万元。", "0.001", "1,23", "$5", "1e5", "9" * 20, "", "NaN"])
def test_what_is_not_one_amount_is_refused(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_amount(text)
    assert caught.value.reason == "bad_amount"


def test_numbers_flags_times() -> None:
    assert [read_whole(text) for text in ("36", 36.0, "36个月", "3年", "1,200", "-1")] == [36, 36, 36, 36, 1200, -1]
    assert [read_flag(text) for text in ("是", "false", True, 0)] == [True, False, True, False]
    assert read_time("2018-07-01T08:00:00+08:00") == read_time(1530403200000)
    for read, text in (
        (read_whole, "3.5"),
        (read_whole, "三"),
        (read_flag, "maybe"),
        (read_time, "2018-07-01T08:00:00"),
        (read_time, 10**30),
    ):
        with pytest.raises(BadValue):
            read(text)


def test_cells_as_text() -> None:
    assert text_of(330100000111310.0) == "330100000111310"
    assert text_of("\ufeff 张 \u3000") == "张"
    assert text_of(datetime(2018, 7, 1).replace(microsecond=0)) == "2018-07-01"  # noqa: DTZ001
    assert [text_of(None), text_of(True), text_of(1.5), text_of(["a", 1])] == ["", "true", "1.5", "a;1"]
    assert split("警告；罚款、 罚款,没收", ";；、,") == ["警告", "罚款", "没收"]


@given(st.text(max_size=30))
def test_nulls_are_compared_without_spaces(text: str) -> None:
    assert is_null("— —", frozenset({"——"})) and is_null("", frozenset())
    assert is_null(text, frozenset({squeeze(text)})) or len(text) >= 12


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.timedeltas(timedelta(0), timedelta(1)))
def test_text_never_fails(number: float, _: timedelta) -> None:
    assert text_of(number)
