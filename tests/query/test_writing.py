"""Answers in each form, read again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from console.query.asked import BadQuery
from console.query.result import Result
from console.query.writing import WRITERS, written_whole

COLUMNS = {
    "编号": "String",
    "yuan": "Nullable(Decimal(20, 2))",
    "day": "Nullable(Date32)",
    "at": "DateTime64(3, 'UTC')",
    "n": "UInt64",
    "kinds": "Array(LowCardinality(String))",
    "pair": "Tuple(String, Date)",
}
AT = datetime(2020, 1, 31, 16, 0, 0, 123000, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [
    ("=1+1", Decimal("1.50"), date(2020, 1, 2), AT, 2**63, ["fine", "warning"], ("a", date(2020, 1, 2))),
    ('枣庄,"a"\n', None, None, AT, 1, [], ("", date(1899, 1, 1))),
    ("@x", Decimal("12345678901234567.89"), date(1899, 12, 31), AT, 0, ["x"], ("", date(2020, 1, 2))),
]


def result(rows: Sequence[tuple[Any, ...]] = ROWS) -> Result:
    return Result(tuple(COLUMNS), tuple(COLUMNS.values()), iter([rows[:2], rows[2:]] if rows else []))


def written(form: str, rows: Sequence[tuple[Any, ...]] = ROWS) -> io.BytesIO:
    file = io.BytesIO()
    assert WRITERS[form](result(rows), file) == len(rows)
    return io.BytesIO(file.getvalue())


def test_csv_keeps_texts_decimals_and_days() -> None:
    head, first, second, third = csv.reader(io.TextIOWrapper(written("csv"), "utf-8", newline=""))
    assert head == list(COLUMNS)
    assert first == [
        "=1+1", "1.50", "2020-01-02", "2020-01-31T16:00:00.123000+00:00", str(2**63), '["fine","warning"]', '["a","2020-01-02"]',
    ]  # fmt: skip
    assert second[:3] == ['枣庄,"a"\n', "", ""]
    assert third[1:3] == ["12345678901234567.89", "1899-12-31"]


def test_json_has_decimals_as_text() -> None:
    told = json.load(written("json"))
    assert told == [json.loads(line) for line in written("jsonl").read().splitlines()]
    assert told[0] == {
        "编号": "=1+1", "yuan": "1.50", "day": "2020-01-02", "at": "2020-01-31T16:00:00.123000+00:00", "n": 2**63,
        "kinds": ["fine", "warning"], "pair": ["a", "2020-01-02"],
    }  # fmt: skip
    assert told[1]["yuan"] is None
    assert json.load(written("json", [])) == []
    assert written("jsonl", []).read() == b""


def test_parquet_has_the_columns_own_types() -> None:
    table = pq.read_table(written("parquet"))
    assert [str(one.type) for one in table.schema] == [
        "string", "decimal128(20, 2)", "date32[day]", "timestamp[ms, tz=UTC]", "uint64", "list<element: string>", "string",
    ]  # fmt: skip
    assert [tuple(row.values())[:6] for row in table.to_pylist()] == [row[:6] for row in ROWS]
    assert pq.read_table(written("parquet", [])).num_rows == 0


def test_a_workbook_has_days_and_no_formula() -> None:
    sheet = openpyxl.load_workbook(written("xlsx")).active
    assert sheet is not None
    head, first, second, third = sheet.iter_rows()
    assert [cell.value for cell in head] == list(COLUMNS)
    assert (first[0].value, first[0].data_type) == ("=1+1", "s")
    assert [str(cell.value) for cell in first[1:4]] == ["1.5", "2020-01-02 00:00:00", "2020-02-01 00:00:00.123000"]
    assert (first[2].is_date, first[2].number_format, first[4].value) == (True, "yyyy-mm-dd", str(2**63))
    assert [cell.value for cell in second[1:3]] == [None, None]
    assert [cell.value for cell in third[:3]] == ["@x", "12345678901234567.89", "1899-12-31"]


def test_what_a_workbook_cannot_hold_is_said() -> None:
    with pytest.raises(BadQuery, match="32767"):
        written("xlsx", [("字" * 32_768, *ROWS[0][1:])])
    many = Result(("a",), ("UInt8",), iter([[(1,)] * 1_048_576]))
    with pytest.raises(BadQuery, match="1048576"):
        WRITERS["xlsx"](many, io.BytesIO())


@pytest.mark.parametrize("form", ["json", "jsonl", "parquet"])
def test_columns_of_one_name_are_refused_where_one_would_be_lost(form: str) -> None:
    with pytest.raises(BadQuery, match="called a"):
        WRITERS[form](Result(("a", "a"), ("UInt8", "UInt8"), iter([[(1, 2)]])), io.BytesIO())


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), written_whole(path, "csv") as file:
        file.write(b"half" + bytes(1 // 0))
    assert path.read_text() == "before"
    with written_whole(path, "csv") as file:
        WRITERS["csv"](result(), file)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf" + "编号,yuan".encode())
    assert [one.name for one in tmp_path.iterdir()] == ["x.csv"]
    with pytest.raises(BadQuery, match="choose another place"), written_whole(tmp_path / "absent" / "x.csv", "csv"):
        pass
