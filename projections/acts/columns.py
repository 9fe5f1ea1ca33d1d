"""Columns of acts."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "facts": ("String", "主体层推算所需的要点（JSON，内部使用） / what the folds of the subject need of the act (JSON, internal)"),
    "made": ("Bool", "是否已有作出事件；否则仅有后续陈述 / whether its making event is known, or statements about it only"),
    "void": ("Bool", "是否自始无效 / void from the start"),
    "disclosed_on": ("Nullable(Date32)", "最早公示日期，当日尚未公示则为空 / earliest disclosure, null before that day"),
    "content": ("String", "更正后的内容（JSON） / content as corrected (JSON)"),
    "subject_kind": ("LowCardinality(String)", "信用主体类别 / kind of subject"),
    "jurisdiction": ("LowCardinality(String)", "行政区划代码（6 位），无则为空 / GB/T 2260 code, empty if none"),
    "violation_type": ("String", "处罚：违法行为类型，无则为空 / penalty: type of violation, empty if none"),
    "penalty_categories": ("Array(String)", "处罚：类别 / penalty: its categories"),
    "fine_amount": ("Nullable(Decimal(20, 2))", "处罚：罚款（元） / penalty: fine, yuan"),
    "confiscated_amount": ("Nullable(Decimal(20, 2))", "处罚：没收金额（元） / penalty: confiscated, yuan"),
    "severity": (
        "LowCardinality(String)",
        "处罚：严重程度，来源所述，未述则按政策表；其他为空 / penalty: severity as stated, else by policy; else empty",
    ),
    "licence_category": ("LowCardinality(String)", "许可：类别，无则为空 / licence: its category, empty if none"),
    "certificate_name": ("String", "许可：证书名称，无则为空 / licence: name of the certificate, empty if none"),
    "certificate_number": ("String", "许可：编号，无则为空 / licence: number of the certificate, empty if none"),
    "result": ("LowCardinality(String)", "检查：结果，无则为空 / inspection: its result, empty if none"),
    "commitment_type": ("LowCardinality(String)", "承诺：类型，无则为空 / commitment: its type, empty if none"),
    "valid_to": ("Nullable(Date32)", "有效期至（含当日），空为长期或无 / valid to (inclusive), null: open or none"),
}
