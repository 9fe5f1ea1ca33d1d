"""What stands on the log and was not written by the gate: it is told from the gate's records, set aside, and all else lands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from cryptography.fernet import Fernet

from benchmarks.data import life
from benchmarks.inside import Recorder
from connectors.sealing import Sealer
from schemas import wire
from schemas.event_id import event_id
from schemas.log_record import LogRecord, NotOfTheGate
from schemas.records import Hole, ReceiptRow, StrayRecord
from streams.projector.landing import land, sift
from streams.strays import Strays
from tests.memory_store import MemoryStore

RECORDS = list(Recorder({}).records(said for number in range(4) for said in life(number)))
NOW = datetime(2026, 11, 1, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


def header(record: LogRecord, name: str, value: bytes | None) -> LogRecord:
    kept = [one for one in record.headers if one[0] != name]
    return record._replace(headers=(*kept, *([(name, value)] if value is not None else [])))


FORGED: dict[str, Callable[[LogRecord], LogRecord]] = {
    "random bytes": lambda one: one._replace(value=b"\xff\x00garbage"),
    "no value": lambda one: one._replace(value=b""),
    "an unknown schema id": lambda one: header(one, wire.FINGERPRINT_HEADER, None)._replace(
        value=b"\0\0\0\xff\xff" + one.value[5:]
    ),
    "an unknown fingerprint": lambda one: header(one, wire.FINGERPRINT_HEADER, b"0" * 64),
    "a fingerprint that is no text": lambda one: header(one, wire.FINGERPRINT_HEADER, b"\xff\xfe"),
    "a tail": lambda one: one._replace(value=one.value + b"more"),
    "no headers": lambda one: one._replace(headers=()),
    "no id": lambda one: header(one, "ce_id", None),
    "another id": lambda one: header(one, "ce_id", b"a1e24068-9555-5cba-939b-2539dfdc9f5e"),
    "another key": lambda one: one._replace(key=b"91370402XJ1000001X"),
    "a key that is no text": lambda one: one._replace(key=b"\xff\xfe"),
    "another source": lambda one: header(one, "ce_source", b"somebody"),
    "another subject": lambda one: header(one, "ce_subject", b"somebody"),
    "another partition": lambda one: one._replace(partition=(one.partition + 1) % 12),
    "another time": lambda one: one._replace(recorded_at=one.recorded_at + timedelta(days=9_000)),
    "no time": lambda one: header(one, "ce_time", b"1970-01-01T00:00:00.000Z")._replace(
        recorded_at=datetime(1970, 1, 1, tzinfo=UTC)
    ),
    "a thousand headers": lambda one: one._replace(headers=one.headers + (("more", b""),) * 1000),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_record_that_the_gate_cannot_have_written_is_told(forge: Callable[[LogRecord], LogRecord]) -> None:
    good = RECORDS[3]
    assert good.read().event.event_id
    with pytest.raises(NotOfTheGate):
        forge(good).read()


def test_an_id_follows_however_often_its_act_was_stated() -> None:
    first = RECORDS[0]
    told = first.decoded().header
    digest = first.read().content_digest
    third = event_id(told["source_id"], told["source_event_id"], told["act_id"], first.decoded().name, digest, 2).encode()
    assert header(first._replace(offset=2), "ce_id", third).read()
    with pytest.raises(NotOfTheGate, match="event id"):
        header(first._replace(offset=1), "ce_id", third).read()  # two earlier statements have no room before it
    late = event_id(told["source_id"], told["source_event_id"], told["act_id"], first.decoded().name, digest, 5_000).encode()
    assert header(first._replace(offset=6_000), "ce_id", late).read()
    with pytest.raises(NotOfTheGate, match="event id"):
        header(first._replace(offset=6_000), "ce_id", b"no id at all").read()


def between(partition: int) -> list[LogRecord]:
    """The records of a partition with garbage between them, at offsets of their own."""
    own = [one for one in RECORDS if one.partition == partition]
    garbage = LogRecord(partition, 0, b"\xff", "张三 370402199001011234".encode(), (), datetime(2199, 1, 1, tzinfo=UTC))
    mixed = [one for pair in zip(own, [garbage] * len(own), strict=True) for one in pair]
    return [one._replace(offset=offset) for offset, one in enumerate(mixed)]


def test_strays_are_set_aside_sealed_and_everything_else_lands() -> None:
    partition = RECORDS[0].partition
    mixed, store, sealer = between(partition), MemoryStore(), Sealer(Fernet.generate_key())
    strays = Strays(sealer, lambda: NOW)
    found = sift(mixed, {}, NOW)
    batch = land(store, found, strays)
    assert len(batch.events) == len(found.rows) == len(found.strays) == len(mixed) // 2
    last = mixed[-2].recorded_at
    assert batch.reached == {partition: (len(mixed), last)}  # a stray's own time is not believed
    assert store.progress("landed") == batch.reached
    assert [one.topic_offset for one in store.strays()] == list(range(1, len(mixed), 2))
    assert {one.value_sha256 for one in store.strays()} == {wire.value_digest(mixed[1].value)}
    row = strays._row(found.strays[0], NOW)
    assert "张三".encode() not in row.bytes
    assert b"370402199001011234" not in row.bytes
    assert orjson.loads(sealer.unseal(row.bytes))["key"] == "/w=="
    assert store.holes() == []


def test_a_log_is_refilled_with_every_offset_and_strays_stay_strays() -> None:
    partition = RECORDS[0].partition
    mixed, store = between(partition), MemoryStore()
    strays = Strays(None, lambda: NOW)
    land(store, sift(mixed, {}, NOW), strays)
    refilled = list(store.log_records())
    assert [one.offset for one in refilled] == list(range(len(mixed)))
    assert refilled[::2] == mixed[::2]
    again = sift(refilled, {}, NOW)
    assert [one.offset for one in again.strays] == list(range(1, len(mixed), 2))
    before = store.strays()
    strays.set_aside(store, again.strays)
    assert [one.value_sha256 for one in store.strays()] == [one.value_sha256 for one in before]


def test_an_offset_that_the_broker_leaves_out_is_a_place_of_its_own() -> None:
    partition = RECORDS[0].partition
    own = [one for one in RECORDS if one.partition == partition][:3]
    there = [own[0]._replace(offset=4), own[1]._replace(offset=7)]
    found = sift(there, {partition: (4, NOW - A_MINUTE)}, NOW)
    assert [(one.partition, one.offset, one.record) for one in found.strays] == [(partition, 5, None), (partition, 6, None)]
    assert found.reached[partition][0] == 8


def test_a_stray_is_no_excuse_where_a_receipt_names_an_event() -> None:
    store = MemoryStore()
    store.write_strays([StrayRecord(2, 0, NOW, "garbage", "00", 3, b""), StrayRecord(2, 1, NOW, "nothing there", "", 0, b"")])
    store.advance({("landed", 0): {2: (2, NOW)}})
    assert store.holes() == []
    store.write_receipts([ReceiptRow("s", "b", 0, "admitted", "e1", "acts", 2, 1, NOW, "", "", "", "", NOW)])
    assert store.holes() == [Hole(2, 1, 1, 1)]
