"""Columns of grades and of what counts in them."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "grade": ("LowCardinality(String)", "信用等级 / the grade"),
    "grade_name": ("LowCardinality(String)", "等级名称 / name of the grade"),
    "score": ("Float64", "分数（0 至 100） / the score (0 to 100)"),
    "ceiling": (
        "LowCardinality(Nullable(String))",
        "等级上限的来由：serious、watch，无则为空 / what caps the grade: serious, watch, or null",
    ),
    "policy_version": ("LowCardinality(String)", "评价规则版本 / version of the grading policy"),
    "reason_event_id": ("String", "加减分所依事件 / the event that counts"),
    "points": ("Float64", "分值 / points"),
    "counts_from": ("Date32", "计分起始日期 / counts from"),
    "counts_to": ("Date32", "计分终止日期（不含当日） / counts until (exclusive)"),
    "reasons": (
        "Array(Tuple(event_id String, rule_id String, points Float64, valid_from Date32, valid_to Nullable(Date32)))",
        "加减分理由：事件、规则、分值、起止 / reasons: event, rule, points, from, to",
    ),
}
