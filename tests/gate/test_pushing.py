"""Batches of a push: one partition each, rows whole and in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Message, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from connectors.kafka import consumer, count_partitions, producer
from console.embedded.bus import Bus, create_topics_anew
from console.embedded.ports import free_port
from console.pushing import BATCH_BYTES, Pusher, _by_partition
from console.tally import Item, Outcome
from schemas import wire
from schemas.partition import partition_of
from schemas.records import ReceiptRow
from streams.topics import ACTS_PARTITIONS, sender

TOPIC = "submissions.local"
KEYS = [f"subject-{number}" for number in range(30)] + [""]


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.integers(1, 3), st.integers(1, 200_000)), max_size=60), st.integers(1, 7))
def test_a_batch_for_each_partition(rows: list[tuple[str, int, int]], most: int) -> None:
    items = [
        Item("f.csv", row, "", {"value": b"x" * (size // count), "at": at}, key)
        for row, (key, count, size) in enumerate(rows, 2)
        for at in range(count)
    ]
    batches = list(_by_partition(iter(items), most))
    for partition, batch in batches:
        assert {partition_of(one.key, ACTS_PARTITIONS) for one in batch} == {partition}
        whole = [len(list(row)) for _, row in groupby(batch, key=lambda one: one.row)]
        assert sum(whole[:-1]) < most
        assert len(whole) == 1 or sum(len(one.submission["value"]) for one in batch) <= BATCH_BYTES
    for partition in range(ACTS_PARTITIONS):
        sent = [one for number, batch in batches if number == partition for one in batch]
        assert sent == [one for one in items if partition_of(one.key, ACTS_PARTITIONS) == partition]


def test_who_is_not_registered_has_no_registered_name() -> None:
    assert sender("submissions.local", "a") == "local"
    assert sender("submissions.unregistered", "local") == "unregistered:local"
    assert sender("submissions.unregistered", "某 局") == sender("submissions.unregistered") == "unregistered:"


class Answering:
    """In place of gate and store: whatever comes by the topic is admitted. ``between`` is called before the second question for
    receipts, and gives the bus from then on."""

    def __init__(self, bus: Bus, between: Callable[[], Bus]) -> None:
        self.bus, self._between, self._asked = bus, between, 0
        self._receipts: dict[str, list[ReceiptRow]] = {}
        self._reader: Consumer | None = None

    def count_receipts(self, source_id: str, batch_ids: Sequence[str]) -> dict[str, int]:
        self._asked += 1
        if self._asked == 2:
            self.close()
            self.bus = self._between()
        message = self._read()
        if message is not None and not message.error():
            batch, now = wire.decode_batch(message.value()), datetime.now(UTC)
            assert batch is not None
            self._receipts[batch["batch_id"]] = [
                ReceiptRow(source_id, batch["batch_id"], at, "admitted", "e", "acts", 0, at, now, "", "", "", "", now)
                for at in range(len(batch["items"]))
            ]
        return {one: len(self._receipts[one]) for one in batch_ids if one in self._receipts}

    def read_receipts(self, source_id: str, *batch_ids: str) -> list[ReceiptRow]:
        return [row for one in batch_ids for row in self._receipts[one]]

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _read(self) -> Message | None:
        if count_partitions(self.bus.bootstrap, [TOPIC])[TOPIC] != ACTS_PARTITIONS:
            return None
        if self._reader is None:
            self._reader = consumer(self.bus.bootstrap, "answering", log_level=0)
            self._reader.assign([TopicPartition(TOPIC, one, 0) for one in range(ACTS_PARTITIONS)])
        return self._reader.poll(0.1)


def pushed(store: Answering, count: int = 2) -> Outcome:
    """Statements for the last partition, in a batch each."""
    key = next(one for one in map(str, range(1_000)) if partition_of(one, ACTS_PARTITIONS) == ACTS_PARTITIONS - 1)
    items = [
        Item("f.csv", row, "", {"value": b"x", "fingerprint": None, "origin": None, "refused": None}, key)
        for row in range(2, 2 + count)
    ]
    pusher = Pusher(store.bus.bootstrap, store, "local", TOPIC, 1, 30.0)  # type: ignore[arg-type]
    return pusher.push(items, lambda _: None)


@pytest.mark.stack
def test_a_topic_that_another_client_was_first_to_ask_for(tmp_path: Path) -> None:
    """The bus makes it by itself, with other partitions; a push waits until it is there as it shall be."""

    def made_anew() -> Bus:
        create_topics_anew(bus.bootstrap, {TOPIC: ACTS_PARTITIONS})
        return bus

    with Bus(free_port(), tmp_path / "bus.log") as bus:
        stranger = producer(bus.bootstrap, log_level=0)
        assert len(stranger.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions) != ACTS_PARTITIONS
        store = Answering(bus, made_anew)
        told = pushed(store)
        store.close()
    assert (told.rows, told.admitted, told.unacknowledged) == (2, 2, 0)


@pytest.mark.stack
def test_a_bus_that_begins_anew_while_a_push_runs(tmp_path: Path) -> None:
    port = free_port()

    def begun_anew() -> Bus:
        store.bus.stop()
        found = Bus(port, tmp_path / "bus.log")
        create_topics_anew(found.bootstrap, {TOPIC: ACTS_PARTITIONS})
        return found

    store = Answering(Bus(port, tmp_path / "bus.log"), begun_anew)
    try:
        create_topics_anew(store.bus.bootstrap, {TOPIC: ACTS_PARTITIONS})
        told = pushed(store, 40)
    finally:
        store.close()
        store.bus.stop()
    assert (told.rows, told.admitted, told.unacknowledged) == (40, 40, 0)
