"""Columns of the log."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "act_id": ("String", "行政行为标识：类别/机关/文号 / the act: kind / authority / document number"),
    "event": ("LowCardinality(String)", "事件名称 / name of the event"),
    "event_id": ("String", "事件标识 / id of the event"),
    "kind": ("LowCardinality(String)", "行政行为类别，后续事件为空 / kind of act that it makes, empty for a follow-up"),
    "subject_name": ("String", "信用主体名称 / name of the subject as stated"),
    "subject_kind": ("LowCardinality(String)", "信用主体类别 / kind of subject"),
    "source_id": ("LowCardinality(String)", "信息提供单位标识 / who pushed it"),
    "source_name": ("LowCardinality(String)", "信息提供单位名称 / name of the source"),
    "source_event_id": ("String", "信息提供单位的陈述编号，无则为空 / the source's own id of the statement, empty if none"),
    "occurred_on": ("Date32", "决定或发生日期（上海） / date of decision or occurrence (Asia/Shanghai)"),
    "recorded_at": ("DateTime64(3, 'UTC')", "入库时间（UTC，毫秒） / when it was admitted (UTC, milliseconds)"),
    "imported": ("Bool", "是否历史数据导入 / history loaded when the source joined"),
    "content": ("String", "事件内容（JSON） / the decoded event (JSON)"),
    "value_sha256": ("String", "原始字节的 SHA-256（十六进制） / SHA-256 of the raw value (hex)"),
    "fingerprint": ("LowCardinality(String)", "模式指纹 / fingerprint of its schema"),
}
