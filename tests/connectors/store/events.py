"""Landed events for the tests of the store."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.records import LandedEvent

START = datetime(2024, 3, 1, 8, 0, 0, 1000, tzinfo=UTC)
EVERY_BYTE = bytes(range(256))

_PLAIN = LandedEvent(
    topic_partition=0,
    topic_offset=0,
    recorded_at=START,
    event_id="",
    event="PenaltyImposed",
    kind="penalty",
    act_id="penalty/name:某局/〔2024〕1号",
    subject_id="",
    subject_name="甲公司",
    subject_kind="enterprise",
    authority_id="name:某局",
    authority_name="某局",
    source_id="dept-1",
    source_name="一局",
    source_event_id="",
    occurred_on=date(2024, 2, 29),
    imported=False,
    content_digest="aa",
    value_sha256="bb",
    fingerprint="cc",
    mentions=(),
    content='{"甲": "乙"}',
    headers=(("ce_id", b"1"), ("ce_source", "一局".encode())),
    value=EVERY_BYTE,
)


def landed(
    partition: int, offset: int, subject_id: str, event_id: str, mentions: tuple[str, ...] = (), **changes: Any
) -> LandedEvent:
    """An event on the log, recorded ``offset`` milliseconds after START."""
    return _PLAIN._replace(
        topic_partition=partition,
        topic_offset=offset,
        recorded_at=START + timedelta(milliseconds=offset),
        event_id=event_id,
        subject_id=subject_id,
        mentions=(subject_id, *mentions),
        **changes,
    )
