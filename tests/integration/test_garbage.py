"""Whatever a stranger's client puts onto a submissions topic: the bad is kept as a rejection, the good goes on."""

from __future__ import annotations

import json
import struct
import uuid
from datetime import datetime
from random import Random
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message, Producer

from connectors.files import context_for, load_profile, map_row
from connectors.files.outcome import Mapped
from connectors.files.rows import Row
from connectors.sealing import Sealer
from projections.dates import SHANGHAI
from schemas import registry, wire
from schemas.records import RejectionRow
from tests.deadline import until
from tests.integration.checks import clean, nothing_lost_or_doubled
from tests.integration.made_up import penalty
from tests.integration.stacks import Stack
from tests.integration.topics import read_topic
from tests.screen import SCREEN

TOPIC = "submissions.local"


def event(subject: int, number: int = 1) -> bytes:
    """A framed event, as any client that has the schemas makes it."""
    profile = load_profile("penalty-2018")
    context = context_for(profile, screen=SCREEN, source_id="local", source_name="本机", now=datetime.now(SHANGHAI))
    made = map_row(profile, Row(2, {**penalty(subject, number), "公示日期": ""}), context)
    assert isinstance(made, Mapped)
    return wire.encode(*made.events[0])


def batch(batch_id: str, values: list[bytes]) -> bytes:
    items = [{"value": one, "fingerprint": None, "origin": f"line {at}", "refused": None} for at, one in enumerate(values)]
    return wire.encode_batch({"batch_id": batch_id, "source_id": "local", "items": items})


def produce(stack: Stack, messages: list[tuple[bytes | None, list[tuple[str, bytes]]]]) -> list[str]:
    """Produces messages as a plain client does; their places ``topic/partition/offset``, which name them in receipts."""
    places: list[str] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        places.append(f"{message.topic()}/{message.partition()}/{message.offset()}")

    client = Producer({"bootstrap.servers": stack.bootstrap, "message.max.bytes": 4_000_000})
    for value, headers in messages:
        client.produce(TOPIC, value=value, headers=headers, partition=0, on_delivery=delivered)
    assert client.flush(60) == 0
    assert len(places) == len(messages)
    return places


@pytest.fixture(scope="module")
def kept(stack: Stack) -> dict[str, Any]:
    """What was sent, what the gate made of it, and how the stack looked before."""
    random, good = Random(7), event(1)
    alone = {
        "random bytes": random.randbytes(300),
        "random bytes after a zero": b"\0" + random.randbytes(300),
        "many random bytes": random.randbytes(1_200_000),
        "empty": b"",
        "no value": None,
        "a foreign schema id": struct.pack(">bI", 0, 99_999) + good[5:],
        "an event of another type": struct.pack(">bI", 0, 2) + good[5:],
        "a truncated event": good[:-20],
        "an event with a tail": good + b"more",
        "a truncated batch": batch("torn", [good] * 3)[:-11],
        "json": json.dumps({"event": "PenaltyImposed"}).encode(),
        "no frame": good[5:],
    }
    mixed = [event(2), event(3)[:-9], event(4), b"", event(5)]
    gate = stack.running("gate")
    names = list(alone)
    places = produce(stack, [(value, []) for value in alone.values()])
    mixed_id = str(uuid.uuid4())
    produce(stack, [(batch(mixed_id, mixed), [])])
    print_ = registry.fingerprint_of("PenaltyImposed").encode()
    single = produce(
        stack,
        [
            (event(6), [(wire.FINGERPRINT_HEADER, print_)]),
            (event(7), []),
            (event(8), [(wire.FINGERPRINT_HEADER, b"0" * len(print_))]),
            (event(9), []),
        ],
    )
    until(lambda: stack.store.read_receipts("local", single[-1]), what="an answer to the last message")
    return {
        "alone": dict(zip(names, zip(places, alone.values(), strict=True), strict=True)),
        "mixed": (mixed_id, mixed),
        "single": single,
        "gate": gate,
    }


def rejections(stack: Stack) -> dict[tuple[str, int], RejectionRow]:
    return {(one.batch_id, one.index): one for one in stack.store.list_rejections(limit=1000)}


def test_bad_messages_are_kept_as_they_were(stack: Stack, kept: dict[str, Any]) -> None:
    sealer, found = Sealer.from_file(stack.rejections_key), rejections(stack)
    for name, (place, value) in kept["alone"].items():
        row = found[place, 0]
        assert row.reason == "undecodable", name
        assert row.message, name
        assert sealer.unseal(row.bytes) == (value or b""), name
        assert (value or b"no value") not in row.bytes or not value, name
        assert f"{row.topic}/{row.topic_partition}/{row.topic_offset}" == place
        (receipt,) = stack.store.read_receipts("local", place)
        assert (receipt.outcome, receipt.reason, receipt.event_id) == ("rejected", "undecodable", "")


def test_the_topic_of_rejections_has_them_too(stack: Stack, kept: dict[str, Any]) -> None:
    sealer, rows = Sealer.from_file(stack.rejections_key), rejections(stack)
    records = {}
    for record in read_topic(stack.bootstrap, "rejections"):
        headers = dict(record.headers)
        records[headers["batch_id"].decode(), int(headers["index"])] = headers, record.value
    assert records.keys() == rows.keys()
    for key, (headers, value) in records.items():
        row = rows[key]
        assert (headers["reason"].decode(), headers["field"].decode(), headers["message"].decode()) == (
            row.reason,
            row.field,
            row.message,
        )
        assert f"{row.topic}/{row.topic_partition}/{row.topic_offset}" == (
            f"{headers['topic'].decode()}/{headers['partition'].decode()}/{headers['offset'].decode()}"
        )
        if headers["truncated"] == b"false":
            assert sealer.unseal(value) == sealer.unseal(row.bytes)
        else:
            assert len(row.bytes) > 950_000
            assert value == b""


def test_the_good_ones_of_a_batch_are_admitted(stack: Stack, kept: dict[str, Any]) -> None:
    batch_id, values = kept["mixed"]
    receipts = stack.store.read_receipts("local", batch_id)
    assert [one.outcome for one in receipts] == ["admitted", "rejected", "admitted", "rejected", "admitted"]
    assert [one.value_sha256 for one in receipts] == [wire.value_digest(value) for value in values]
    sealer, found = Sealer.from_file(stack.rejections_key), rejections(stack)
    for at in (1, 3):
        assert (found[batch_id, at].reason, found[batch_id, at].origin) == ("undecodable", f"line {at}")
        assert sealer.unseal(found[batch_id, at].bytes) == values[at]


def test_single_events_with_and_without_a_fingerprint(stack: Stack, kept: dict[str, Any]) -> None:
    outcomes = [[one.reason or one.outcome for one in stack.store.read_receipts("local", place)] for place in kept["single"]]
    assert outcomes == [["admitted"], ["admitted"], ["undecodable"], ["admitted"]]
    expected = registry.fingerprint_of("PenaltyImposed")
    assert stack.rows("SELECT DISTINCT fingerprint FROM xinji.act_log") == [(expected,)]
    assert {dict(one.headers)["xinji_schema"].decode() for one in stack.store.log_records()} == {expected}


def test_the_gate_has_lived_and_all_is_well(stack: Stack, kept: dict[str, Any]) -> None:
    assert stack.pid("gate") == kept["gate"]
    nothing_lost_or_doubled(stack)
    clean(stack)
    told = stack.run("rejected", "--source", "local", "--json").json
    assert len(told) == len(rejections(stack)) == 12 + 2 + 1
    assert not any("bytes" in one for one in told)
    assert stack.run("rejected", "--source", "nobody", "--json").json == []
    produce(stack, [(event(20), [])])
    until(lambda: stack.value("SELECT count() FROM xinji.acts") == 3 + 3 + 1, what="the next event admitted")
