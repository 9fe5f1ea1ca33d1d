"""What plain clients do at best with the same acts on the same machine: what no pipeline on top of them can exceed."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import clickhouse_connect
from confluent_kafka import Consumer, Producer, TopicPartition
from fastavro import schemaless_reader

from benchmarks.feeding import PARTITIONS
from benchmarks.processes import Cpu
from benchmarks.stacks import Running
from connectors.kafka import create_topics
from schemas import registry
from schemas.catalogue import BY_NUMBER

_MOST: Final = 100_000
_ROWS_AT_ONCE: Final = 10_000
_FRAME: Final = struct.Struct(">bI")
_TOPIC: Final = "bench-ceiling"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """``cpu``: of the plain client's own process."""

    what: str
    acts: int
    seconds: float
    cpu: Cpu


def ceilings(stack: Running) -> list[Ceiling]:
    """Consume and decode, produce, insert: each by itself."""
    found: list[Ceiling] = []
    values: list[bytes] = []
    with _timed("confluent-kafka consume + fastavro decode", values, found):
        for value in _consumed(stack.bootstrap):
            _decode(value)
            values.append(value)
    create_topics(stack.bootstrap, {_TOPIC: PARTITIONS})
    with _timed("confluent-kafka produce", values, found):
        _produce(stack.bootstrap, values)
    with _timed("clickhouse-connect insert of the bytes", values, found):
        _insert(stack.clickhouse, values)
    return found


@contextmanager
def _timed(what: str, values: list[bytes], into: list[Ceiling]) -> Iterator[None]:
    began, before = time.perf_counter(), _own()
    yield
    into.append(Ceiling(what, len(values), time.perf_counter() - began, _own() - before))


def _own() -> Cpu:
    times = time.process_time()
    return Cpu(times, 0.0)


def _consumed(bootstrap: str) -> Iterator[bytes]:
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "bench-ceiling", "enable.partition.eof": True, "log_level": 0})
    try:
        reader.assign([TopicPartition("acts", partition, 0) for partition in range(PARTITIONS)])
        read, ended = 0, 0
        while read < _MOST and ended < PARTITIONS:
            for message in reader.consume(1_000, 0.05):
                if message.error() is not None:
                    ended += 1
                    continue
                value = message.value()
                assert isinstance(value, bytes)
                read += 1
                yield value
    finally:
        reader.close()


def _decode(value: bytes) -> Any:
    _, number = _FRAME.unpack_from(value)
    return schemaless_reader(io.BytesIO(value[_FRAME.size :]), registry.parsed(BY_NUMBER[number].name), None)


def _produce(bootstrap: str, values: list[bytes]) -> None:
    writer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5, "acks": "all", "queue.buffering.max.messages": 1_000_000})
    for at, value in enumerate(values):
        writer.produce(_TOPIC, value=value, partition=at % PARTITIONS)
        if not at % 1_000:
            writer.poll(0)
    writer.flush()


def _insert(url: str, values: list[bytes]) -> None:
    client = clickhouse_connect.get_client(dsn=f"{url}/default")
    client.command("CREATE OR REPLACE TABLE bench_ceiling (at UInt64, value String) ENGINE = MergeTree ORDER BY at")
    for start in range(0, len(values), _ROWS_AT_ONCE):
        rows = list(enumerate(values[start : start + _ROWS_AT_ONCE], start))
        client.insert("bench_ceiling", rows, column_names=["at", "value"])
    client.command("DROP TABLE bench_ceiling")
    client.close()
