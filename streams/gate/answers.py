"""Outcomes in the forms in which they leave the gate: records of the log, receipts, rejections.

The topic ``receipts`` has one JSON record per message and thousand statements, keyed by batch id: ``{"batch_id",
"source_id", "receipts": [{"index", "outcome", "event_id", "topic", "partition", "offset", "recorded_at", "value_sha256",
"reason", "field", "message"}]}``. The topic ``rejections`` has one record per rejected statement: its value are the
bytes as they were sent, sealed with the operator's key; everything else stands in headers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import orjson

from connectors.sealing import Sealer
from schemas import registry, wire
from schemas.records import ReceiptRow, RejectionRow, Statement
from streams.gate.core import Admitted, Answered, Outcome, Rejected, Repeated
from streams.gate.port import Headers, Record
from streams.topics import ACTS, RECEIPTS, REJECTIONS

_PER_RECORD: Final = 1000
_LONGEST_VALUE: Final = 950_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def act_record(admitted: Admitted) -> Record:
    """The record of the log: the event exactly as submitted, keyed by its subject, stamped with recorded_at. Headers
    follow the CloudEvents Kafka binding (binary mode)."""
    said, name = admitted.statement, admitted.decoded.name
    headers: Headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", said.event_id.encode()),
        ("ce_source", said.source_id.encode()),
        ("ce_type", f"{registry.NAMESPACE}.{name}".encode()),
        ("ce_time", timestamp(said.recorded_at).encode()),
        ("ce_subject", said.subject_id.encode()),
        ("content-type", wire.CONTENT_TYPE.encode()),
        (wire.FINGERPRINT_HEADER, (admitted.item.fingerprint or registry.fingerprint_of(name)).encode()),
    )
    stamp = (said.recorded_at - _EPOCH) // timedelta(milliseconds=1)
    return Record(ACTS, said.partition, said.subject_id.encode(), admitted.item.value, headers, stamp, said.event_id)


def receipt(outcome: Outcome, received_at: datetime) -> ReceiptRow:
    """The receipt of an outcome; a duplicate gets that of the first statement."""
    match outcome:
        case Answered(receipt=earlier):
            return earlier
        case Admitted(item=item, statement=said):
            return _naming(item.batch_id, item.index, "admitted", said, received_at)
        case Repeated(item=item, first=first):
            return _naming(item.batch_id, item.index, "duplicate", first, received_at)
        case Rejected(item=item, rejection=why):
            digest = wire.value_digest(item.value)
            return ReceiptRow(
                item.batch_id,
                item.index,
                "rejected",
                "",
                "",
                None,
                None,
                None,
                digest,
                why.reason,
                why.field,
                why.message,
                received_at,
            )


def _naming(batch_id: str, index: int, outcome: str, said: Statement, received_at: datetime) -> ReceiptRow:
    return ReceiptRow(
        batch_id,
        index,
        outcome,
        said.event_id,
        ACTS,
        said.partition,
        said.offset,
        said.recorded_at,
        said.value_sha256,
        "",
        "",
        "",
        received_at,
    )


def rejection(rejected: Rejected, sealer: Sealer, received_at: datetime) -> RejectionRow:
    """The dead letter of a rejected statement, its bytes sealed."""
    item, why = rejected.item, rejected.rejection
    return RejectionRow(
        batch_id=item.batch_id,
        index=item.index,
        reason=why.reason,
        field=why.field,
        message=why.message,
        source_id=rejected.source_id,
        event=rejected.event,
        act_id=rejected.act_id,
        subject_id=rejected.subject_id,
        origin=item.origin,
        received_at=received_at,
        topic=item.message.topic,
        topic_partition=item.message.partition,
        topic_offset=item.message.offset,
        bytes=sealer.seal(item.value),
    )


def receipt_records(receipts: Sequence[ReceiptRow], sources: Iterable[str]) -> Iterator[Record]:
    """Records of the topic ``receipts``; ``sources`` names the source of each receipt's message."""
    pairs = zip(receipts, sources, strict=True)
    for (batch_id, source_id), group in groupby(pairs, key=lambda pair: (pair[0].batch_id, pair[1])):
        rows = [_shown(row) for row, _ in group]
        for start in range(0, len(rows), _PER_RECORD):
            told = {"batch_id": batch_id, "source_id": source_id, "receipts": rows[start : start + _PER_RECORD]}
            value = orjson.dumps(told)
            headers: Headers = (("content-type", b"application/json"),)
            yield Record(RECEIPTS, None, batch_id.encode(), value, headers, None, f"{batch_id}/{start}")


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
