"""Pushing: batches of statements to a source's topic, and their receipts.

A statement is acknowledged when its receipt stands in the table ``receipts``; until then its batch is sent again now and
then. That is safe: a statement that is repeated gets its first receipt again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from threading import Event
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.clickhouse.errors import ClickHouseProblem
from connectors.kafka import count_partitions, producer
from console.tally import Item, Outcome, Tally, answer_of
from schemas import wire
from schemas.about import ABOUT_HEADER, encode_about
from schemas.partition import partition_of
from schemas.ports import Store
from schemas.records import ReceiptRow
from streams.topics import ACTS_PARTITIONS, sender

BATCHES_UNDER_WAY: Final = 25
BYTES_UNDER_WAY: Final = 16_000_000
"""Of messages: what waits for its receipt is kept, and the client keeps it once more until it is delivered."""
BATCH_BYTES: Final = 700_000
"""Bytes of the statements in one message: together with their frame they fit into Kafka's default of 1 MiB."""
_LARGEST_MESSAGE: Final = 8 * 1024 * 1024
"""Bytes; what the topics take (streams.topics): a single row may be larger than BATCH_BYTES."""
RESEND_SECONDS: Final = 20.0
_AGAIN_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 2.0
_NOT_THERE: Final = (KafkaError._UNKNOWN_PARTITION, KafkaError._UNKNOWN_TOPIC)
_POLL_SECONDS: Final = 0.04
_LONGEST_POLL_SECONDS: Final = 0.25


@dataclass(slots=True)
class Batch:
    """A batch under way to one partition."""

    batch_id: str
    partition: int
    items: list[Item]
    message: bytes
    about: bytes | None
    sent_at: float


class Pusher:
    """Pushes items to one source's topic and gathers receipts. ``patience``: seconds without any receipt to give up;
    ``on_receipt`` is called with every statement and its receipt."""

    def __init__(
        self,
        bootstrap: str,
        store: Store,
        source_id: str,
        topic: str,
        batch_rows: int,
        patience: float,
        on_receipt: Callable[[Item, ReceiptRow], None] = lambda item, receipt: None,
        tally: Tally | None = None,
    ) -> None:
        self._bootstrap, self._store, self._source_id, self._topic = bootstrap, store, source_id, topic
        self._batch_rows, self._patience = batch_rows, patience
        self._sender = sender(topic, source_id)
        self._producer: Producer | None = None
        self._away = False
        self._look_at = 0.0
        self._under_way: dict[str, Batch] = {}
        self._tally = tally or Tally()
        self._pause = Event()
        self._silence = 0.0
        """Seconds of waiting without any receipt; what was read meanwhile does not count."""
        self._on_receipt = on_receipt

    def push(self, items: Iterable[Item], tell: Callable[[Tally], None]) -> Outcome:
        """Sends everything and waits for the receipts; ``tell`` is called when something became known."""
        batches = _by_partition(map(self._tally.note, items), self._batch_rows)
        for partition, chunk in batches:
            self._send(self._batch(partition, chunk))
            if not self._waited(BATCHES_UNDER_WAY - 1, tell):
                break
        self._waited(0, tell)
        self._give_up(chunk for _, chunk in batches)
        return self._tally.total()

    def stop(self) -> None:
        """Waits for nothing more: takes the receipts that are there; what else was sent counts as without one."""
        if self._under_way:
            self._collect()
        self._give_up(())

    def _waited(self, most: int, tell: Callable[[Tally], None]) -> bool:
        """Waits until at most ``most`` batches are under way; False when patience came to its end first."""
        while len(self._under_way) > most or (most and self._bytes_under_way() > BYTES_UNDER_WAY):
            if not self._waiting(tell):
                return False
        return True

    def _bytes_under_way(self) -> int:
        return sum(len(batch.message) for batch in self._under_way.values())

    def _batch(self, partition: int, items: list[Item]) -> Batch:
        batch_id = str(uuid.uuid4())
        value = wire.encode_batch(
            {"batch_id": batch_id, "source_id": self._source_id, "items": [item.submission for item in items]}
        )
        return Batch(batch_id, partition, items, value, encode_about(item.about for item in items), 0.0)

    def _send(self, batch: Batch) -> None:
        batch.sent_at = time.monotonic()
        self._under_way[batch.batch_id] = batch
        if not self._connected():
            self._soon(batch)
            return
        assert self._producer is not None
        try:
            self._producer.produce(
                self._topic,
                value=batch.message,
                key=batch.items[0].key.encode(),
                partition=batch.partition,
                headers=[] if batch.about is None else [(ABOUT_HEADER, batch.about)],
                on_delivery=lambda problem, _: self._soon(batch) if problem is not None else None,
            )
            self._producer.poll(0)
        except KafkaException as problem:
            if problem.args[0].code() not in _NOT_THERE:
                raise
            self._soon(batch)

    def _connected(self) -> bool:
        """Whether there is a producer for the bus as it is now. A bus that began anew has other topics by the same names, on
        which a client that knew the old ones may end the whole process (librdkafka#4964): it is given up, and another one
        begins when the topic is there as it shall be. Naming a topic that is not would make the embedded bus create it."""
        if self._producer is None and self._is_there():
            # not idempotent: the bus may be another one than that which knows our producer id, and repeats are harmless
            self._producer = producer(
                self._bootstrap,
                enable_idempotence=False,
                message_timeout_ms=int(RESEND_SECONDS * 1000),
                log_level=0,
                message_max_bytes=_LARGEST_MESSAGE,
                error_cb=self._on_error,
            )
        return self._producer is not None

    def _again(self) -> None:
        """What is under way is lost with the bus, and is sent to the next one."""
        self._producer, self._away = None, False
        for batch in self._under_way.values():
            self._soon(batch)

    def _is_there(self) -> bool:
        """Asked now and then only: without a broker each question takes its whole time."""
        if time.monotonic() < self._look_at:
            return False
        try:
            return count_partitions(self._bootstrap, [self._topic], seconds=_LOOK_SECONDS)[self._topic] == ACTS_PARTITIONS
        except KafkaException:
            return False
        finally:
            self._look_at = time.monotonic() + _AGAIN_SECONDS

    def _on_error(self, problem: KafkaError) -> None:
        self._away |= problem.code() == KafkaError._ALL_BROKERS_DOWN

    def _soon(self, batch: Batch) -> None:
        """What was not delivered is sent again before long."""
        batch.sent_at = time.monotonic() - RESEND_SECONDS + _AGAIN_SECONDS

    def _waiting(self, tell: Callable[[Tally], None]) -> bool:
        """Looks for receipts, sends again what is long without; False when patience is at its end."""
        wait, since = _POLL_SECONDS, time.monotonic() - self._silence
        while not self._collect():
            self._silence = time.monotonic() - since
            if self._silence > self._patience:
                return False
            due = [batch for batch in self._under_way.values() if time.monotonic() - batch.sent_at > RESEND_SECONDS]
            send = self._send if due and self._connected() else self._soon
            for batch in due:
                send(batch)
            if self._producer is not None:
                self._producer.poll(0)
                if self._away:
                    self._again()
            self._pause.wait(wait)
            wait = min(_LONGEST_POLL_SECONDS, wait * 1.5)
        self._silence = 0.0
        tell(self._tally)
        return True

    def _collect(self) -> bool:
        """Takes the receipts of batches that are complete; whether there were any."""
        try:
            counts = self._store.count_receipts(self._sender, list(self._under_way))
            complete = [batch for one, batch in self._under_way.items() if counts.get(one, 0) >= len(batch.items)]
            receipts: dict[str, list[ReceiptRow]] = {batch.batch_id: [] for batch in complete}
            for row in self._store.read_receipts(self._sender, *receipts) if complete else ():
                receipts[row.batch_id].append(row)
        except ClickHouseProblem as problem:
            if not problem.transient:
                raise
            return False
        for batch in complete:
            self._count(batch, receipts[batch.batch_id])
            del self._under_way[batch.batch_id]
        return bool(complete)

    def _count(self, batch: Batch, receipts: list[ReceiptRow]) -> None:
        by_index = {receipt.index: receipt for receipt in receipts}
        for index, item in enumerate(batch.items):
            self._on_receipt(item, by_index[index])
        self._tally.count((item, answer_of(by_index[index])) for index, item in enumerate(batch.items))

    def _give_up(self, rest: Iterable[list[Item]]) -> None:
        """Counts rows without receipts."""
        for batch in self._under_way.values():
            self._tally.give_up(batch.items)
        for items in rest:
            self._tally.give_up(items)


def _by_partition(items: Iterable[Item], most: int) -> Iterator[tuple[int, list[Item]]]:
    """Batches of about ``most`` statements and at most BATCH_BYTES, each of rows that go to one partition, in their order.
    The statements of a row are not parted: they go where the first of them goes."""
    parts: dict[int, tuple[list[Item], int]] = {}
    for row in _rows(items):
        partition = partition_of(row[0].key, ACTS_PARTITIONS)
        part, size = parts.get(partition, ([], 0))
        length = sum(len(item.submission["value"]) for item in row)
        if part and (len(part) >= most or size + length > BATCH_BYTES):
            yield partition, part
            part, size = [], 0
        part += row
        parts[partition] = part, size + length
    for partition, (part, _) in sorted(parts.items()):
        yield partition, part


def _rows(items: Iterable[Item]) -> Iterator[list[Item]]:
    for _, row in groupby(items, key=attrgetter("place")):
        yield list(row)
