"""Pushing: batches of statements to a source's topic, and their receipts.

A statement is acknowledged when its receipt stands in the table ``receipts``; until then its batch is sent again now and
then. That is safe: a statement that is repeated gets its first receipt again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter, itemgetter
from threading import Event
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from connectors.clickhouse.errors import ClickHouseProblem
from connectors.kafka import count_partitions, producer
from schemas import wire
from schemas.about import ABOUT_HEADER, NOTHING, About, Place, encode_about
from schemas.partition import partition_of
from schemas.ports import Store
from schemas.records import ReceiptRow
from streams.topics import ACTS_PARTITIONS, sender

BATCHES_UNDER_WAY: Final = 25
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


@dataclass(frozen=True, slots=True)
class Item:
    """One statement with the place that it came from. Items of one row stand next to each other. ``key``: the subject of
    its row, by which the row's partition is chosen."""

    file: str
    row: int
    sheet: str
    submission: dict[str, Any]
    key: str = ""
    about: About = NOTHING

    @property
    def place(self) -> tuple[str, str, int]:
        return self.file, self.sheet, self.row


@dataclass(slots=True)
class Batch:
    """A batch under way to one partition."""

    batch_id: str
    partition: int
    items: list[Item]
    message: bytes
    about: bytes | None
    sent_at: float


@dataclass(frozen=True, slots=True)
class RowRejection:
    """Why a row was rejected: the first of its statements that was. ``places`` are the rejections of all of them."""

    file: str
    row: int
    reason: str
    field: str
    message: str
    message_zh: str
    sheet: str = ""
    places: tuple[Place, ...] = ()


@dataclass
class Outcome:
    """Counts of rows. ``unacknowledged`` rows got no receipt in time: some may be admitted, pushing again is safe."""

    rows: int = 0
    admitted: int = 0
    duplicates: int = 0
    rejected: list[RowRejection] = field(default_factory=list)
    unacknowledged: int = 0
    events: int = 0


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
    ) -> None:
        self._bootstrap, self._store, self._source_id, self._topic = bootstrap, store, source_id, topic
        self._batch_rows, self._patience = batch_rows, patience
        self._sender = sender(topic, source_id)
        self._producer: Producer | None = None
        self._away = False
        self._look_at = 0.0
        self._under_way: dict[str, Batch] = {}
        self._outcome = Outcome()
        self._sheets: dict[tuple[str, str], int] = {}
        self._rejected: list[tuple[tuple[int, int], RowRejection]] = []
        self._pause = Event()
        self._last_news = 0.0
        self._on_receipt = on_receipt

    def push(self, items: Iterable[Item], tell: Callable[[Outcome], None]) -> Outcome:
        """Sends everything and waits for the receipts; ``tell`` is called when something became known."""
        self._last_news = time.monotonic()
        batches = _by_partition(map(self._noted, items), self._batch_rows)
        for partition, chunk in batches:
            self._send(self._batch(partition, chunk))
            if not self._waited(BATCHES_UNDER_WAY - 1, tell):
                break
        self._waited(0, tell)
        self._give_up(chunk for _, chunk in batches)
        self._outcome.rejected = [why for _, why in sorted(self._rejected, key=itemgetter(0))]
        return self._outcome

    def _waited(self, most: int, tell: Callable[[Outcome], None]) -> bool:
        """Waits until at most ``most`` batches are under way; False when patience came to its end first."""
        while len(self._under_way) > most:
            if not self._waiting(tell):
                return False
        return True

    def _noted(self, item: Item) -> Item:
        """Batches come back in any order; what is told of rows keeps that of the files."""
        self._sheets.setdefault((item.file, item.sheet), len(self._sheets))
        return item

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

    def _waiting(self, tell: Callable[[Outcome], None]) -> bool:
        """Looks for receipts, sends again what is long without; False when patience is at its end."""
        wait = _POLL_SECONDS
        while not self._collect():
            if time.monotonic() - self._last_news > self._patience:
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
        self._last_news = time.monotonic()
        tell(self._outcome)
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
        rows: dict[tuple[str, str, int], list[ReceiptRow]] = {}
        for index, item in enumerate(batch.items):
            rows.setdefault(item.place, []).append(by_index[index])
            self._on_receipt(item, by_index[index])
        for (file, sheet, row), answers in rows.items():
            self._outcome.rows += 1
            self._outcome.events += sum(answer.outcome == "admitted" for answer in answers)
            if refused := [answer for answer in answers if answer.outcome == "rejected"]:
                first, places = refused[0], tuple(Place(one.batch_id, one.index) for one in refused)
                why = RowRejection(file, row, first.reason, first.field, first.message, first.message_zh, sheet, places)
                self._rejected.append(((self._sheets[file, sheet], row), why))
            elif all(answer.outcome == "duplicate" for answer in answers):
                self._outcome.duplicates += 1
            else:
                self._outcome.admitted += 1

    def _give_up(self, rest: Iterable[list[Item]]) -> None:
        """Counts rows without receipts."""
        unanswered = [batch.items for batch in self._under_way.values()]
        for items in (*unanswered, *rest):
            rows = len({item.place for item in items})
            self._outcome.rows += rows
            self._outcome.unacknowledged += rows


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
