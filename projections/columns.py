"""Columns that several rooms share: ClickHouse type and comment, each told once. A room's own stand in its columns.py."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "subject_id": ("String", "信用主体标识 / the subject"),
    "subject_name": ("String", "信用主体名称 / name of the subject"),
    "version": (
        "UInt64",
        "版本：所知事件数，多者为准 / number of distinct events considered; the row that knows more counts",
    ),
    "act_id": ("String", "行政行为标识 / the act"),
    "document_number": ("String", "文书号，无则为空 / document number, empty if none"),
    "kind": ("LowCardinality(String)", "行政行为类别 / kind of act"),
    "event": ("LowCardinality(String)", "作出事件名称 / name of the making event"),
    "event_id": ("String", "作出事件标识 / id of the making event"),
    "authority_id": ("String", "决定机关标识 / who decided"),
    "authority_name": ("String", "决定机关名称 / name of the authority"),
    "source_id": ("String", "信息提供单位标识 / the source"),
    "source_name": ("String", "信息提供单位名称 / name of the source"),
    "occurred_on": ("Date32", "决定日期（更正后） / date of the decision, as corrected"),
    "revoked_on": ("Nullable(Date32)", "撤销日期，当日尚未撤销则为空 / revoked on, null before that day"),
    "irregularities": ("Array(String)", "异常情形代码 / codes of irregularities"),
    "evidence": ("Array(String)", "依据的事件标识 / ids of the events it rests on"),
    "rule_id": ("String", "适用规则 / the rule that applies"),
    "legal_basis": ("String", "法律依据 / legal basis"),
    "valid_from": ("Date32", "起始日期 / valid from"),
    "valid_to": ("Nullable(Date32)", "终止日期（不含当日），空为未定 / valid until (exclusive), null: open"),
    "topic_partition": ("Int32", "acts 主题的分区 / partition of the topic acts"),
    "topic_offset": ("Int64", "分区内的位移 / offset in the partition"),
}
