"""Reading the log: records of the topic ``acts`` as plain data, up to fixed positions."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from connectors.kafka import consumer
from schemas import wire
from schemas.logged import LoggedEvent
from streams.topics import ACTS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SILENCE_SECONDS = 30.0


class NotOfTheGate(RuntimeError):
    """A record of the log that the gate did not write, with its place. The log must be written by the gate alone."""

    def __init__(self, partition: int, offset: int, detail: str) -> None:
        self.partition, self.offset, self.detail = partition, offset, detail
        super().__init__(
            f"{ACTS}/{partition}/{offset} was not written by the gate ({detail}). Only the gate may write to {ACTS}: "
            "find out who else did, and take the right to write away from them"
        )


class LogSilent(RuntimeError):
    """The broker gave no record for a while although the log goes on."""

    def __init__(self, missing: Mapping[int, int]) -> None:
        self.missing = dict(missing)
        super().__init__(
            f"no record for {SILENCE_SECONDS:.0f} s, but these partitions of {ACTS} are not read to their end: "
            f"{self.missing}. Check the broker, then run the command again"
        )


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record of the log as it stands there: place, key, raw bytes, headers, recorded_at (UTC, milliseconds)."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    recorded_at: datetime

    def header(self, name: str) -> str:
        """A header's text; raises NotOfTheGate where it is missing."""
        for key, value in self.headers:
            if key == name:
                return value.decode()
        raise NotOfTheGate(self.partition, self.offset, f"it has no header {name}")

    @property
    def event_id(self) -> str:
        return self.header("ce_id")

    @property
    def fingerprint(self) -> str:
        return self.header(wire.FINGERPRINT_HEADER)

    def decoded(self) -> LoggedEvent:
        """The event; raises NotOfTheGate where the bytes are none."""
        try:
            name, value = wire.decode(self.value, self.fingerprint)
        except wire.Undecodable as problem:
            raise NotOfTheGate(self.partition, self.offset, problem.detail) from problem
        return LoggedEvent(self.event_id, name, self.partition, self.offset, self.recorded_at, value)


def log_record(message: Message) -> LogRecord:
    """A consumed message as plain data."""
    given: list[tuple[str, bytes]] = message.headers() or []  # type: ignore[assignment]
    headers = tuple((key, value or b"") for key, value in given)
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None
    return LogRecord(
        partition,
        offset,
        message.key() or b"",
        message.value() or b"",
        headers,
        _EPOCH + timedelta(milliseconds=message.timestamp()[1]),
    )


def consumer_at(bootstrap: str, starts: Mapping[int, int]) -> Consumer:
    """A consumer of the log assigned to these partitions at these offsets; commits nothing."""
    reader = consumer(bootstrap, "xinji-log-reader", queued_min_messages=100_000, fetch_wait_max_ms=20)
    reader.assign([TopicPartition(ACTS, partition, offset) for partition, offset in starts.items()])
    return reader


def poll_batch(reader: Consumer, most: int, wait: float) -> list[LogRecord]:
    """What is there at once, at most ``most`` records; waits ``wait`` seconds for the first. Raises KafkaException."""
    first = reader.poll(wait)
    if first is None:
        return []
    return [log_record(_sound(message)) for message in [first, *reader.consume(most - 1, 0.002)]]


def _sound(message: Message) -> Message:
    error: KafkaError | None = message.error()
    if error is not None:
        raise KafkaException(error)
    return message


def read_until(bootstrap: str, ends: Mapping[int, int], starts: Mapping[int, int] | None = None) -> Iterator[LogRecord]:
    """Every record of the log from ``starts`` (else the beginning) up to ``ends`` (exclusive), in the order of each
    partition. Raises LogSilent when the broker stops giving."""
    position = {partition: (starts or {}).get(partition, 0) for partition in ends}
    missing = {partition: end for partition, end in ends.items() if position[partition] < end}
    reader = consumer_at(bootstrap, {partition: position[partition] for partition in missing})
    deadline = time.monotonic() + SILENCE_SECONDS
    try:
        while missing:
            for record in poll_batch(reader, 10_000, 0.5):
                deadline = time.monotonic() + SILENCE_SECONDS
                if record.partition in missing and record.offset < missing[record.partition]:
                    yield record
                if record.offset + 1 >= missing.get(record.partition, record.offset + 2):
                    missing.pop(record.partition, None)
            if time.monotonic() > deadline:
                raise LogSilent(missing)
    finally:
        reader.close()
