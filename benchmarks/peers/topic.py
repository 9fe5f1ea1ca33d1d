"""The topic that the peers read: made-up acts as the product writes them, and what the states must be in the end."""

from __future__ import annotations

import json
import multiprocessing
import os
import struct
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from benchmarks.data import ACTS_OF_A_SUBJECT, life
from benchmarks.inside import Recorder, share_of_subjects
from benchmarks.peers.job import STATE
from connectors.kafka import producer
from schemas import registry
from schemas.log_record import LogRecord
from streams.topics import ACTS, ACTS_PARTITIONS

SUBJECTS_AT_ONCE: Final = 1_000
_ID: Final = struct.Struct(">bI")
States = dict[bytes, tuple[int, int]]


def fill(bootstrap: str, acts: int) -> States:
    """Puts so many acts (whole subjects) on the topic, by one process a core; gives the states they lead to."""
    shares = min(os.cpu_count() or 1, 4)
    states: States = {}
    with ProcessPoolExecutor(shares, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part in [pool.submit(_fill, bootstrap, acts // ACTS_OF_A_SUBJECT, share, shares) for share in range(shares)]:
            states |= part.result()
    return states


def _fill(bootstrap: str, subjects: int, share: int, shares: int) -> States:
    writer = producer(bootstrap, linger_ms=20, batch_size=1_000_000, queue_buffering_max_messages=1_000_000, log_level=0)
    recorder = Recorder({})
    mine = share_of_subjects(subjects, share, shares)
    counts: Counter[bytes] = Counter()
    fines: Counter[bytes] = Counter()
    for start in range(0, len(mine), SUBJECTS_AT_ONCE):
        lives = [life(number) for number in mine[start : start + SUBJECTS_AT_ONCE]]
        said = [one for of_all in zip(*lives, strict=True) for one in of_all]
        for one, record in zip(said, recorder.records(said), strict=True):
            counts[record.key] += 1
            fines[record.key] += int((one.event.get("fine_amount") or 0) * 100)
            _produce(writer, record)
    writer.flush()
    return {key: (count, fines[key]) for key, count in counts.items()}


def _produce(writer: Producer, record: LogRecord) -> None:
    writer.produce(
        ACTS,
        partition=record.partition,
        key=record.key,
        value=record.value,
        headers=list(record.headers),
        timestamp=int(record.recorded_at.timestamp() * 1000),
    )
    writer.poll(0)


def write_schemas(path: Path) -> None:
    """The schemas of the topic's values by the id in their frames, as a registry would give them."""
    known = {_ID.unpack_from(one.value)[1]: registry.source(one.name) for number in range(2) for one in life(number)}
    path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")


class Watch:
    """Looks how many states a peer has emitted so far."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._topic = topic
        self._reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "peers-watch", "log_level": 0})
        self._emitted = 0

    def emitted(self) -> int:
        parts = [TopicPartition(self._topic, number) for number in range(ACTS_PARTITIONS)]
        try:
            self._emitted = sum((self._reader.get_watermark_offsets(part, timeout=10) or (0, 0))[1] for part in parts)
        except KafkaException:  # the partitions of a new topic have no leader for a moment
            return self._emitted
        return self._emitted

    def states(self) -> States:
        """The last state of each subject."""
        left = self.emitted()
        self._reader.assign([TopicPartition(self._topic, number, 0) for number in range(ACTS_PARTITIONS)])
        found: States = {}
        while left:
            for message in self._reader.consume(min(left, 10_000), 10):
                key, value = message.key(), message.value()
                if not isinstance(key, bytes) or not isinstance(value, bytes):
                    raise TypeError(f"{self._topic}: {message.error() or 'a message without key or value'}")
                count, total = STATE.unpack(value)
                found[key] = (count, total)
                left -= 1
        return found

    def close(self) -> None:
        self._reader.close()
