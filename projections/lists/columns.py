"""Columns of entries on lists."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "subject_id": (
        "String",
        "被列入的主体，条目中亦有责任人 / the listed subject; in list_entries persons too",
    ),
    "subject_name": ("String", "主体或责任人名称 / name of the subject or person"),
    "person_id": ("String", "责任人标识 / the responsible person"),
    "entry_id": ("String", "列入条目标识（列入决定的行为标识） / the entry: act id of the decision to list"),
    "list": ("LowCardinality(String)", "名单代码 / the list"),
    "list_name": ("LowCardinality(String)", "名单名称 / name of the list"),
    "effect": (
        "LowCardinality(String)",
        "名单性质：serious 严重失信，watch 重点关注，honour 守信 / effect: serious, watch or honour",
    ),
    "role": ("LowCardinality(String)", "角色：subject 主体，responsible 责任人 / role: subject or responsible"),
    "listed_subject_id": ("String", "被列入的信用主体标识 / the listed subject"),
    "authority_id": ("String", "认定机关标识 / who decided"),
    "authority_name": ("String", "认定机关名称 / name of the authority"),
    "listed_from": ("Date32", "列入日期 / listed from"),
    "listed_to": ("Nullable(Date32)", "移出日期（不含当日），空为未定 / listed until (exclusive), null: open"),
    "end_reason": ("Nullable(String)", "结束原因：removed、revoked、repaired、term / why it ends"),
    "reason": ("String", "列入事由 / reason for listing"),
}
