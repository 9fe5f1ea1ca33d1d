"""Batches of a push: one partition each, rows whole and in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from connectors.kafka import consumer
from console.embedded.bus import Bus, create_topics_anew
from console.pushing import BATCH_BYTES, Item, Pusher, _by_partition
from schemas import wire
from schemas.partition import partition_of
from schemas.records import ReceiptRow
from streams.topics import ACTS_PARTITIONS, sender
from tests.embedded.conftest import free_port

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
    """In place of gate and store: whatever comes by the topic is admitted. The topic is made as the bus makes it at first, and
    as it shall be once a receipt was asked for."""

    def __init__(self, bus: Bus, topic: str) -> None:
        self._bus, self._topic, self.asked = bus, topic, 0
        self._receipts: dict[str, list[ReceiptRow]] = {}
        self._reader = consumer(bus.bootstrap, "answering", log_level=0)

    def count_receipts(self, source_id: str, batch_ids: Sequence[str]) -> dict[str, int]:
        if not self.asked:
            create_topics_anew(self._bus.bootstrap, {self._topic: ACTS_PARTITIONS})
            self._reader.assign([TopicPartition(self._topic, one, 0) for one in range(ACTS_PARTITIONS)])
        self.asked += 1
        message = self._reader.poll(0.1)
        if message is not None and not message.error():
            batch, now = wire.decode_batch(message.value()), datetime.now(UTC)
            assert batch is not None
            self._receipts[batch["batch_id"]] = [
                ReceiptRow(source_id, batch["batch_id"], at, "admitted", "e", "acts", 0, at, now, "", "", "", "", now)
                for at in range(len(batch["items"]))
            ]
        return {one: len(self._receipts[one]) for one in batch_ids if one in self._receipts}

    def close(self) -> None:
        self._reader.close()

    def read_receipts(self, source_id: str, *batch_ids: str) -> list[ReceiptRow]:
        return [row for one in batch_ids for row in self._receipts[one]]


@pytest.mark.stack
def test_a_bus_that_begins_anew_while_a_push_runs(tmp_path: Path) -> None:
    """The client sees the topic with the partitions that the bus made by itself, before it is made as it shall be."""
    key = next(one for one in map(str, range(1_000)) if partition_of(one, ACTS_PARTITIONS) == ACTS_PARTITIONS - 1)
    items = [Item("f.csv", row, "", {"value": b"x", "fingerprint": None, "origin": None, "refused": None}, key) for row in (2, 3)]
    with Bus(free_port(), tmp_path / "bus.log") as bus:
        store = Answering(bus, "submissions.local")
        pusher = Pusher(bus.bootstrap, store, "local", "submissions.local", 10, 30.0)  # type: ignore[arg-type]
        told = pusher.push(items, lambda _: None)
        store.close()
    assert (told.rows, told.admitted, told.unacknowledged) == (2, 2, 0)
    assert store.asked > 1
