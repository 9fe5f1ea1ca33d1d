"""Columns of subjects."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "name": ("String", "当日名称 / its name on that day"),
    "kind": ("LowCardinality(String)", "信用主体类别 / kind of subject"),
    "since": ("Date32", "名称起用日期 / name in use since"),
    "called": ("String", "名称 / name"),
    "first_event": ("Date32", "最早事件日期 / date of the first event"),
    "last_event": ("Date32", "最近事件日期 / date of the last event"),
    "events": ("UInt32", "事件数 / events"),
    "acts": ("UInt32", "行政行为数 / acts"),
    "licences": ("UInt32", "行政许可数 / licences"),
    "penalties": ("UInt32", "行政处罚数 / penalties"),
    "inspections": ("UInt32", "行政检查数 / inspections"),
    "commitments": ("UInt32", "信用承诺数 / commitments"),
    "breaches": ("UInt32", "违背承诺数 / breaches of commitments"),
    "listings": ("UInt32", "列入名单决定数 / decisions to list"),
    "said_on": ("Date32", "陈述的发生日期 / date of a statement about it"),
    "said": ("LowCardinality(String)", "陈述的事件名称 / name of a statement about it"),
    "makes": ("Bool", "该陈述是否作出行为 / whether the statement is the making event"),
}
