"""Outcomes in the forms in which they leave the gate: records of the log, receipts, rejections.

The topic ``receipts`` has one JSON record per message and thousand statements, keyed by batch id: ``{"batch_id",
"source_id", "receipts": [{"index", "outcome", "event_id", "topic", "partition", "offset", "recorded_at", "value_sha256",
"reason", "field", "message", "message_zh"}]}``. The topic ``rejections`` has one record per rejected statement: its value are the
bytes as they were sent, sealed with the operator's key; everything else stands in headers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import orjson

from connectors.sealing import Sealer
from schemas import registry, wire
from schemas.instants import milliseconds
from schemas.records import ClosingRow, ReceiptRow, RejectionRow, Statement
from streams.gate.outcomes import Admitted, Answered, Outcome, PassedOn, Rejected, Repeated
from streams.gate.port import Headers, Record
from streams.gate.submissions import Item
from streams.topics import ACTS, RECEIPTS, REJECTIONS

_PER_RECORD: Final = 1000
_LONGEST_VALUE: Final = 950_000
_JSON: Final[Headers] = (("content-type", b"application/json"),)
_CLOUD_EVENT: Final = ("ce_specversion", b"1.0")
_CONTENT_TYPE: Final = ("content-type", wire.CONTENT_TYPE.encode())


@lru_cache(maxsize=4096)
def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z. The statements of a take share it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def _time_header(moment: datetime) -> tuple[tuple[str, bytes], int]:
    return ("ce_time", timestamp(moment).encode()), milliseconds(moment)


@cache
def _type_header(name: str) -> tuple[str, bytes]:
    return "ce_type", f"{registry.NAMESPACE}.{name}".encode()


@lru_cache(maxsize=4096)
def _schema_header(name: str, fingerprint: str | None) -> tuple[str, bytes]:
    return wire.FINGERPRINT_HEADER, (fingerprint or registry.fingerprint_of(name)).encode()


@lru_cache(maxsize=4096)
def _source_header(source_id: str) -> tuple[str, bytes]:
    return "ce_source", source_id.encode()


def act_record(admitted: Admitted) -> Record:
    """The record of the log: the event exactly as submitted, keyed by its subject, stamped with recorded_at. Headers
    follow the CloudEvents Kafka binding (binary mode)."""
    said, item = admitted.statement, admitted.item
    subject = said.subject_id.encode()
    time, stamp = _time_header(said.recorded_at)
    headers: Headers = (
        _CLOUD_EVENT,
        ("ce_id", said.event_id.encode()),
        _source_header(said.source_id),
        _type_header(said.event),
        time,
        ("ce_subject", subject),
        _CONTENT_TYPE,
        _schema_header(said.event, item.fingerprint),
    )
    return Record(ACTS, said.partition, subject, item.value, headers, stamp, said.event_id)


def receipt(outcome: Outcome, received_at: datetime) -> ReceiptRow | None:
    """The receipt of an outcome; a duplicate gets that of the first statement. None: another gate answers."""
    match outcome:
        case Admitted(item=item, statement=said):
            return _naming(item, "admitted", said, received_at)
        case Repeated(item=item, first=first):
            return _naming(item, "duplicate", first, received_at)
        case Answered(receipt=earlier):
            return earlier
        case PassedOn():
            return None
        case Rejected(item=item, rejection=why):
            digest, says = wire.value_digest(item.value), (why.reason, why.field, why.message)
            return ReceiptRow(
                item.sender, item.batch_id, item.index, "rejected", "", "", None, None, None, digest, *says, received_at,
                why.sentence.zh, item.origin, item.bus,
            )  # fmt: skip


def _naming(item: Item, outcome: str, said: Statement, received_at: datetime) -> ReceiptRow:
    return ReceiptRow(
        item.sender, item.batch_id, item.index, outcome, said.event_id, ACTS, said.partition, said.offset, said.recorded_at,
        said.value_sha256, "", "", "", received_at, "", item.origin, item.bus,
    )  # fmt: skip


def rejection(rejected: Rejected, sealer: Sealer, received_at: datetime) -> RejectionRow:
    """The dead letter of a rejected statement, its bytes sealed."""
    item, why = rejected.item, rejected.rejection
    return RejectionRow(
        batch_id=item.batch_id,
        index=item.index,
        reason=why.reason,
        field=why.field,
        message=why.message,
        source_id=item.source_id,
        event=rejected.event,
        act_id=rejected.act_id,
        subject_id=rejected.subject_id,
        origin=item.origin,
        received_at=received_at,
        topic=item.message.topic,
        topic_partition=item.message.partition,
        topic_offset=item.message.offset,
        bytes=sealer.seal(item.value),
        message_zh=why.sentence.zh,
        source_event_id=rejected.source_event_id,
        value_sha256=wire.value_digest(item.value),
        bus=item.message.bus,
    )


def closings(outcomes: Iterable[Outcome], closed_at: datetime) -> list[ClosingRow]:
    """Rejections that statements answer which stand on the log."""
    found: list[ClosingRow] = []
    for one in outcomes:
        if isinstance(one, Admitted | Repeated) and one.item.about.answers:
            event_id = (one.statement if isinstance(one, Admitted) else one.first).event_id
            found += [
                ClosingRow(one.item.source_id, place.batch_id, place.index, event_id, closed_at) for place in one.item.about.answers
            ]
    return found


def receipt_records(receipts: Sequence[ReceiptRow]) -> Iterator[Record]:
    """Records of the topic ``receipts``."""
    for (sender, batch_id), group in groupby(receipts, key=attrgetter("source_id", "batch_id")):
        rows = [_shown(row) for row in group]
        for start in range(0, len(rows), _PER_RECORD):
            told = {"batch_id": batch_id, "source_id": sender, "receipts": rows[start : start + _PER_RECORD]}
            yield Record(RECEIPTS, None, batch_id.encode(), orjson.dumps(told), _JSON, None, f"{sender}/{batch_id}/{start}")


def _shown(row: ReceiptRow) -> dict[str, Any]:
    return {
        "index": row.index,
        "outcome": row.outcome,
        "event_id": row.event_id,
        "topic": row.topic,
        "partition": row.topic_partition,
        "offset": row.topic_offset,
        "recorded_at": timestamp(row.recorded_at) if row.recorded_at is not None else None,
        "value_sha256": row.value_sha256,
        "reason": row.reason,
        "field": row.field,
        "message": row.message,
        "message_zh": row.message_zh,
    }


def rejection_record(row: RejectionRow) -> Record:
    """The record of the topic ``rejections``. Sealed bytes that are too long for a record stand in the table only, which
    the header ``truncated`` says."""
    fits = len(row.bytes) <= _LONGEST_VALUE
    told = {
        "batch_id": row.batch_id,
        "index": str(row.index),
        "reason": row.reason,
        "field": row.field,
        "message": row.message,
        "message_zh": row.message_zh,
        "source_id": row.source_id,
        "topic": row.topic,
        "partition": str(row.topic_partition),
        "offset": str(row.topic_offset),
        "received_at": timestamp(row.received_at),
        "content-type": "application/vnd.fernet",
        "truncated": "false" if fits else "true",
    }
    headers = tuple((name, value.encode()) for name, value in told.items())
    key = f"{row.topic}/{row.topic_partition}/{row.topic_offset}"
    return Record(REJECTIONS, None, key.encode(), row.bytes if fits else b"", headers, None, f"{key}/{row.index}")
