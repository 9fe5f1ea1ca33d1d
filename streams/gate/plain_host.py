"""The gate under a plain confluent-kafka loop: one thread reads and keeps the membership, another takes."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from connectors.kafka import consumer
from schemas import wire
from schemas.about import ABOUT_HEADER
from streams.gate.app import Parts
from streams.gate.ownership import Disowned, Unknown, held_of_all
from streams.gate.submissions import INDEX_HEADER, Submission
from streams.gate.takes import TAKE_MESSAGES, slices
from streams.patience import Stopped
from streams.topics import GATE_GROUP, source_of

log = logging.getLogger("xinji.gate")
_POLL_SECONDS: Final = 0.2
_SERVE_SECONDS: Final = 0.1
_GONE: Final = (
    KafkaError.ILLEGAL_GENERATION, KafkaError.UNKNOWN_MEMBER_ID, KafkaError.FENCED_INSTANCE_ID, KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError._NO_OFFSET, KafkaError._STATE, KafkaError._ASSIGNMENT_LOST,
)  # fmt: skip


def run_plain(parts: Parts) -> None:
    """Runs until SIGTERM or SIGINT; ends by SystemExit."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: parts.stop.set())
    host = PlainHost(parts, _consumer(parts))
    parts.owned.asked_by(host.is_member)
    host.run()
    raise SystemExit(0)


def _consumer(parts: Parts) -> Consumer:
    settings = parts.settings
    instance = {"group_instance_id": settings.member} if settings.member else {}
    return consumer(
        settings.bootstrap,
        GATE_GROUP,
        auto_offset_reset="earliest",
        partition_assignment_strategy="range",  # partition p of every topic to the same member
        session_timeout_ms=int(settings.session_timeout * 1000),
        heartbeat_interval_ms=int(settings.session_timeout * 250),
        fetch_wait_max_ms=100,
        queued_max_messages_kbytes=32 * 1024,
        **instance,
    )


class PlainHost:
    """One thread reads, and so keeps the membership; a take goes on in another. What is read meanwhile waits for the next
    take; when that is much, the partitions are paused."""

    def __init__(self, parts: Parts, reader: Consumer) -> None:
        self._parts, self._reader = parts, reader
        self._pool = ThreadPoolExecutor(1, "gate")
        self._under_way: Future[None] | None = None
        self._done: dict[tuple[str, int], int] = {}
        self._waiting: list[Message] = []
        self._paused: list[TopicPartition] = []

    def run(self) -> None:
        """Until told to stop. Raises what ends the process."""
        self._reader.subscribe(list(self._parts.topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked)
        try:
            while not self._parts.stop.is_set():
                messages = self._read()
                self._parts.ready.tell(self._parts.owned.held)
                if messages:
                    self._admit(messages)
        except Stopped:
            pass
        finally:
            self._parts.stop.set()
            self._pool.shutdown()
            self._reader.close()

    def is_member(self) -> bool:
        """Asks by committing again what is committed: the broker refuses it from whom it no longer counts."""
        quiet = self._parts.topics[-1]  # of the unregistered: least is committed there
        places = sorted(one for one in self._done.items() if one[0][0] == quiet)[:1]
        return bool(places) and self._commit(places)

    def _read(self) -> list[Message]:
        messages, self._waiting = self._waiting, []
        if self._paused:
            self._reader.resume(self._paused)
            self._paused = []
        first = self._reader.poll(0 if messages else _POLL_SECONDS)
        if first is None:
            return messages
        return [*messages, first, *self._reader.consume(TAKE_MESSAGES, 0)]

    def _admit(self, messages: Sequence[Message]) -> None:
        """Takes, and acknowledges in order what was answered. What a lost partition delivered is left to its next owner."""
        owned, turn = self._parts.owned, self._parts.owned.turn
        for part in slices([_submission(one, self._parts.bus) for one in messages if _sound(one) and owned.holds(_partition(one))]):
            try:
                self._take(part)
                owned.require(turn)
            except Disowned:
                self._until_changed(turn)
                return
            done = {(one.topic, one.partition): one.offset + 1 for one in part}
            if not self._commit(list(done.items())):
                return
            self._done |= done

    def _take(self, part: list[Submission]) -> None:
        self._under_way = self._pool.submit(self._parts.takes.take, part)
        while not self._finished(self._under_way):
            if len(self._waiting) >= TAKE_MESSAGES and not self._paused:
                self._paused = self._reader.assignment()
                self._reader.pause(self._paused)
            if (message := self._reader.poll(0)) is not None:
                self._waiting += [message, *self._reader.consume(TAKE_MESSAGES, 0)]
        self._under_way.result()

    def _until_changed(self, turn: int) -> None:
        """What follows must not be acknowledged before what was left now, so nothing is taken until the group has given
        partitions anew, and with them everything that is not acknowledged. Raises Unknown when it does not."""
        log.info("partitions were taken away; the take is left to their next owner")
        patience = 2 * self._parts.settings.session_timeout
        deadline = time.monotonic() + patience
        while not self._parts.owned.changed_since(turn):
            if time.monotonic() > deadline:
                raise Unknown(patience)
            self._reader.poll(_SERVE_SECONDS)  # what it gives is given again

    def _finished(self, take: Future[None]) -> bool:
        """Waits a little for the end of a take. A stopped gate is told to the take, which ends at its next step."""
        return bool(wait([take], timeout=_SERVE_SECONDS).done)

    def _commit(self, done: list[tuple[tuple[str, int], int]]) -> bool:
        offsets = [TopicPartition(topic, partition, offset) for (topic, partition), offset in done]
        try:
            answers = self._reader.commit(offsets=offsets, asynchronous=False)
            failed = next((one.error for one in answers or () if one.error is not None), None)
        except KafkaException as problem:
            failed = problem.args[0]
        if failed is not None and failed.code() not in _GONE:
            raise KafkaException(failed)
        return failed is None

    def _assigned(self, reader: Consumer, partitions: list[TopicPartition]) -> None:
        known = reader.committed(partitions, timeout=30)
        self._done = {(one.topic, one.partition): max(0, one.offset) for one in known}
        reader.assign([TopicPartition(one.topic, one.partition, one.offset) for one in known])
        self._parts.owned.give(held_of_all(self._parts.topics, self._done))

    def _revoked(self, reader: Consumer, partitions: list[TopicPartition]) -> None:
        """Waits for the take that is under way, which ends at its next step, so that nobody gets the partitions before."""
        self._parts.owned.take_away()
        self._done = {}
        self._waiting, self._paused = [], []
        if self._under_way is not None and not wait([self._under_way], self._parts.settings.session_timeout).done:
            log.warning("a take goes on after its partitions were taken away; it will not write to them")
        reader.unassign()


def _sound(message: Message) -> bool:
    error = message.error()
    if error is not None:
        raise KafkaException(error)
    return True


def _partition(message: Message) -> int:
    partition = message.partition()
    assert partition is not None
    return partition


def _submission(message: Message, bus: str) -> Submission:
    given: list[tuple[str, bytes]] = message.headers() or []  # type: ignore[assignment]
    headers = dict(given)
    topic, partition, offset = message.topic(), _partition(message), message.offset()
    assert topic is not None
    assert offset is not None
    named = headers.get(wire.FINGERPRINT_HEADER)
    return Submission(
        source_of(topic),
        topic,
        partition,
        offset,
        message.value() or b"",
        named.decode("ascii", "replace") if named else None,
        headers.get(INDEX_HEADER),
        headers.get(ABOUT_HEADER),
        bus,
    )
