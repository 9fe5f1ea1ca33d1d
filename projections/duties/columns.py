"""Columns of duties."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "duty": (
        "LowCardinality(String)",
        "期限事项：disclose 公示，report 报送，withdraw 撤下等 / the duty: disclose, report, withdraw ...",
    ),
    "cause_event_id": ("String", "引起该事项的事件 / the event that causes it"),
    "started_on": ("Date32", "起算日期 / starting date (day 0)"),
    "due_on": ("Date32", "截止日期 / due on"),
    "fulfilled_on": ("Nullable(Date32)", "完成日期，当日尚未完成则为空 / fulfilled on, null before that day"),
    "ended_on": ("Nullable(Date32)", "行为撤销日期，撤下事项为空 / act revoked on, null for withdraw"),
    "exempt": ("Bool", "是否依法不公示 / exempt from disclosure"),
    "unknown": ("Bool", "历史数据，公示情况不明 / imported, disclosure unknown"),
    "status": (
        "String",
        "状态：exempt 依法不公示，met 按期，met_late 逾期完成，void 无须履行，lapsed 逾期后撤销，unknown 不明，"
        "pending 未到期，overdue 逾期 / status on that day",
    ),
    "days_overdue": ("Int32", "逾期日历天数 / calendar days overdue"),
    "provisional": ("Bool", "是否含日历未覆盖的日期 / counts days beyond the calendar"),
}
