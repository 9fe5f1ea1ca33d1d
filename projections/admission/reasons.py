"""Why a submission is not admitted: a closed list of reasons, and the rejection itself (semantics: admission)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from schemas.sentence import Sentence

REASONS: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "undecodable": Sentence("字节不是本产品模式的事件", "the bytes are not an event of a schema of this product"),
        "unknown_source": Sentence("信息提供单位未登记", "the source is not registered"),
        "not_entitled": Sentence(
            "信息提供单位无权报送该类行为或该机关的行为", "the source may not push this kind, or not for this authority"
        ),
        "unidentified_subject": Sentence(
            "没有任何主体标识代码（名称不能识别主体）", "no identifier of the subject at all; names identify nobody"
        ),
        "bad_identifier": Sentence(
            "主体标识代码无效或相互矛盾", "an identifier is there, but none is valid, or two contradict each other"
        ),
        "missing_field": Sentence("缺少必填字段", "a required field is empty"),
        "bad_date": Sentence(
            "日期不存在、次序颠倒或在将来", "a date does not exist, stands in the wrong order or lies in the future"
        ),
        "bad_amount": Sentence("金额为负或超出范围", "an amount is negative or out of range"),
        "out_of_catalogue": Sentence(
            "取值、名单或期限不在目录内", "a value, list or term is not in the catalogue in force on that date"
        ),
        "personal_data": Sentence(
            "字段中含身份证号、手机号或未掩码的自然人姓名",
            "a field holds an identity-card or mobile number, or an unmasked person",
        ),
        "conflicting_duplicate": Sentence(
            "同一陈述编号已用于其他内容", "the source gave the same source_event_id to other content"
        ),
    }
)
"""The closed list, in the order in which the rules are tried."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A submission that is not admitted: a code of REASONS, the field (a path such as ``header.occurred_on``, or the
    empty string), and a sentence that says what to do. It never quotes what a stranger wrote, except a code that names an
    organisation."""

    reason: str
    field: str
    sentence: Sentence

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError(f"{self.reason} is not a reason of admission; use one of {', '.join(REASONS)}")

    @property
    def message(self) -> str:
        """What to do, in English: the contract's column ``message``."""
        return self.sentence.en
