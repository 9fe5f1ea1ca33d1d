"""The rules of admission in their order; the first that fails names the reason (semantics: admission)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from projections.admission.entitlement import Source, entitlement_problem
from projections.admission.kind import Rules, kind_problem
from projections.admission.personal import personal_data_problem
from projections.admission.reasons import Rejection
from projections.admission.subjects import subject_problem
from schemas import wire
from schemas.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Decoded:
    """A submission that is an event. ``content_digest`` is hex (schemas.wire.content_digest)."""

    name: str
    event: Mapping[str, Any]
    content_digest: str


def decode(value: bytes, fingerprint: str | None = None) -> Decoded | Rejection:
    """The event in framed bytes, or ``undecodable``."""
    try:
        name, event = wire.decode(value, fingerprint)
        return Decoded(name, event, wire.content_digest(name, event))
    except wire.Undecodable:
        return undecodable()
    except wire.Unencodable:  # a stranger's bytes may hold an amount that its own schema has no room for
        unfit = Sentence(
            "有的值放不进其字段：请核对金额和日期后重新编码",
            "a value does not fit its field: check the amounts and dates, and encode it again",
        )
        return undecodable(unfit)


_NO_EVENT: Final = Sentence(
    "不是本产品模式的事件：请用本产品的模式（schemas/events）编码，并附模式指纹",
    "frame an event with a schema of this product (schemas/events) and send the schema's fingerprint",
)


def undecodable(advice: Sentence = _NO_EVENT) -> Rejection:
    """The rejection of bytes that are no event. They are not described: what stands in them may be anything."""
    return Rejection("undecodable", "", advice)


def judge(
    name: str,
    event: Mapping[str, Any],
    source: Source | None,
    rules: Rules,
    today: date | None,
    value: bytes | None = None,
) -> Rejection | None:
    """The first reason for which a decoded event is not admitted, None when it is (repeats aside: decide_repeat).

    ``source`` is the registered source of the topic that it came by, None where there is none. ``today`` is the civil
    date of admission in Asia/Shanghai, None to allow any; ``value`` the bytes that the event was decoded from, if any.
    """
    return (
        entitlement_problem(name, event["header"], source)
        or subject_problem(name, event)
        or kind_problem(name, event, rules, today)
        or personal_data_problem(name, event, value)
    )
