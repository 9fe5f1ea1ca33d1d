"""Projection rows: the row that knows more wins, in ClickHouse and in its twin in memory."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.clickhouse.arrow import NoSuchColumn, UnfitValue, block
from projections.tables import table
from schemas.ports import Store

GRADES = table("grade_rows")
ACTS = table("act_rows")
KEY = ("subject_id",)
DAY = date(2020, 1, 1)


def row(subject_id: str, version: int, grade: str) -> tuple[Any, ...]:
    return (subject_id, version, [grade, "B"], ["", "x"], [79.5, 80.0], [None, "watch"], [DAY, DAY], [DAY, None], ["v", "v"])


def test_the_row_with_the_higher_version_counts(store: Store) -> None:
    rows = store.projections(1)
    rows.write_rows("grade_rows", GRADES.column_names, [row("b", 2, "C"), row("a", 1, "C")])
    rows.write_rows("grade_rows", GRADES.column_names, [row("b", 1, "D"), row("a", 1, "A")])
    rows.write_rows("grade_rows", GRADES.column_names, [])
    assert list(rows.read_rows("grade_rows", GRADES.column_names, KEY)) == [row("a", 1, "A"), row("b", 2, "C")]
    assert list(rows.read_rows("grade_rows", ("version",), KEY, ["b", "none"])) == [(2,)]


def test_facts_are_those_of_the_row_that_knows_most(store: Store) -> None:
    rows, names = store.projections(1), ("subject_id", "act_id", "version", "facts")
    rows.write_rows("act_rows", names, [("a", "x", 2, "two"), ("a", "y", 1, "one"), ("b", "x", 1, "other")])
    rows.write_rows("act_rows", names, [("a", "x", 1, "before")])
    assert sorted(rows.facts(["a", "none"])) == [("a", "x", 2, "two"), ("a", "y", 1, "one")]


def test_null_where_there_is_none_is_an_error_before_it_is_sent() -> None:
    with pytest.raises(UnfitValue, match=r"t\.a cannot hold.*null"):
        block("t", {"a": "String"}, ["a"], [["x", None]])
    with pytest.raises(UnfitValue, match="cannot hold"):
        block("t", {"a": "UInt8"}, ["a"], [[300]])
    with pytest.raises(NoSuchColumn, match="no column b"):
        block("t", {"a": "String"}, ["b"], [["x"]])
