"""The form of the log's files: Avro container files of a partition and a range of offsets, each record with its digest.

Nothing but Avro is needed to read one; the bytes in ``value`` are decoded by the schema whose fingerprint is in the headers.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastavro import parse_schema

from schemas import wire
from schemas.instants import milliseconds, moment
from schemas.log_record import STRAY_HEADER, LogRecord, LogRow
from schemas.sentence import Sentence

FORMAT: Final = "xinji-log"
VERSION: Final = 1
START: Final = bytes(32)
"""What the chain of a partition begins with."""
_SCHEMA: Final = {
    "type": "record",
    "name": "LogRecord",
    "namespace": "xinji.archive",
    "doc": "日志的一条记录，足以原样重建 / a record of the topic acts, enough to make it again byte for byte",
    "fields": [
        {"name": "partition", "type": "int", "doc": "分区 / partition"},
        {"name": "offset", "type": "long", "doc": "位移 / offset"},
        {
            "name": "recorded_at",
            "type": {"type": "long", "logicalType": "timestamp-millis"},
            "doc": "入库时间（UTC），即记录的时间戳 / when it was admitted (UTC), the record's timestamp",
        },
        {"name": "event_id", "type": "string", "doc": "事件标识 / id of the event"},
        {"name": "key", "type": "bytes", "doc": "键：信用主体标识 / key: the subject's id"},
        {
            "name": "headers",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Header",
                    "fields": [{"name": "name", "type": "string"}, {"name": "value", "type": "bytes"}],
                },
            },
            "doc": "Kafka 消息头，按原顺序 / Kafka headers in their order",
        },
        {"name": "value", "type": "bytes", "doc": "原始字节 / the raw bytes as submitted"},
        {"name": "value_sha256", "type": "string", "doc": "原始字节的 SHA-256，与回执一致 / SHA-256 of value, as in receipts"},
        {"name": "digest", "type": "bytes", "doc": "以上各项的 SHA-256 / SHA-256 over all of the above"},
    ],
}
AVRO: Final = parse_schema(_SCHEMA)
_PLACE: Final = struct.Struct(">iqq")
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Part:
    """One file: a partition's records from ``first`` to ``last``. ``path`` is relative to the archive's folder."""

    path: str
    partition: int
    first: int
    last: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition's copy ends: the next offset, the digest of the last record, and the chain of all (both hex)."""

    next_offset: int
    last: str
    chain: str


def digest(row: LogRow) -> bytes:
    """SHA-256 over place, time (milliseconds since 1970), event id, key, headers, value and its digest; each text and bytes
    behind its length (4 bytes, big-endian)."""
    record = row.record
    parts = [row.event_id.encode(), record.key, *(part for name, value in record.headers for part in (name.encode(), value))]
    told = hashlib.sha256(_PLACE.pack(record.partition, record.offset, milliseconds(record.recorded_at)))
    for part in (*parts, record.value, row.value_sha256.encode()):
        told.update(_LENGTH.pack(len(part)))
        told.update(part)
    return told.digest()


def chained(before: bytes, one: bytes) -> bytes:
    """The chain with one more record's digest: SHA-256 of both."""
    return hashlib.sha256(before + one).digest()


def as_avro(row: LogRow, own: bytes) -> dict[str, Any]:
    """A record as it is written; ``own`` is its digest."""
    record = row.record
    return {
        "partition": record.partition,
        "offset": record.offset,
        "recorded_at": record.recorded_at,
        "event_id": row.event_id,
        "key": record.key,
        "headers": [{"name": name, "value": value} for name, value in record.headers],
        "value": record.value,
        "value_sha256": row.value_sha256,
        "digest": own,
    }


def of_avro(read: Mapping[str, Any]) -> LogRow:
    """A record as it was read."""
    headers = tuple((one["name"], one["value"]) for one in read["headers"])
    recorded = moment(milliseconds(read["recorded_at"]))
    record = LogRecord(read["partition"], read["offset"], read["key"], read["value"], headers, recorded)
    return LogRow(record, read["event_id"], read["value_sha256"])


def is_stray(row: LogRow) -> bool:
    """Whether a record only keeps the offset taken of something that the gate did not write."""
    return not row.event_id and any(name == STRAY_HEADER for name, _ in row.record.headers)


def wrong(row: LogRow, own: bytes | None) -> Sentence | None:
    """What is wrong with a record: its digest (``own``, None: not asked), the digest of its bytes, its event's id, its bytes."""
    if own is not None and digest(row) != own:
        return Sentence("与其摘要不符", "is not what its digest says")
    if is_stray(row):
        return None
    if wire.value_digest(row.record.value) != row.value_sha256:
        return Sentence("原始字节与其 SHA-256 不符", "its bytes are not what their SHA-256 says")
    if dict(row.record.headers).get("ce_id", b"").decode("utf-8", "replace") != row.event_id:
        return Sentence("消息头中的事件标识不符", "its header names another event id")
    return None


def wrong_places(part: Part, rows: Iterable[tuple[LogRow, bytes]]) -> Iterator[tuple[int, Sentence]]:
    """(offset, what is wrong) of the records of a file, which must be of its partition, contiguous, and not go back in time."""
    expected, before = part.first, None
    for row, own in rows:
        record = row.record
        if (record.partition, record.offset) != (part.partition, expected):
            yield expected, Sentence("此处是 {place}", "{place} stands here").of(place=f"{record.partition}/{record.offset}")
        elif (problem := wrong(row, own)) is not None:
            yield expected, problem
        elif before is not None and record.recorded_at < before and not is_stray(row):
            yield expected, Sentence("入库时间早于前一条", "was recorded before the one before it")
        expected, before = expected + 1, before if is_stray(row) else record.recorded_at
    if expected <= part.last:
        yield expected, Sentence("之后的记录缺失", "and what follows is missing")
