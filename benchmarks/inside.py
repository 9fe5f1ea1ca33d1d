"""What the benchmarks know of the product's inside, all of it: how a record of the log is built, so that prior acts need
not come through the gate. Everything else here is driven by commands, topics and SQL, as its users drive it.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final

from benchmarks.data import ACTS_OF_A_SUBJECT, SOURCE, Said, life, subject_id
from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.kafka import DEADLINE_SECONDS, EndOffsetUnknown, end_offsets
from console.embedded.bus import refill
from schemas import wire
from schemas.event_id import event_id
from schemas.log_record import LogRecord
from schemas.partition import partition_of
from schemas.records import Positions, Statement
from schemas.registry import fingerprint_of
from streams.gate.answers import act_record
from streams.gate.outcomes import Admitted
from streams.gate.submissions import Item, Submission
from streams.generations import demand_live, policy_of
from streams.projector.landing import landed, positions
from streams.replay import history
from streams.topics import ACTS, ACTS_PARTITIONS

_DATABASE: Final = "xinji"
_SUBJECTS_AT_ONCE: Final = 2_000
_AT_ONCE: Final = 10_000
_FIRST_RECORDED: Final = datetime(2024, 1, 5, tzinfo=UTC)
_BETWEEN_RECORDS: Final = timedelta(minutes=5)
"""Of one partition. Events of an hour before a gate's start are looked at again, so the past lies wide apart."""


@dataclass(slots=True)
class Recorder:
    """Puts statements on the log as the gate does, without a gate: same ids, headers, partitions; own offsets."""

    offsets: dict[int, int]

    def records(self, said: Iterable[Said]) -> Iterator[LogRecord]:
        for one in said:
            yield self._record(one)

    def _record(self, one: Said) -> LogRecord:
        header, digest = one.event["header"], wire.content_digest(*wire.decode(one.value))
        partition = partition_of(one.subject_id, ACTS_PARTITIONS)
        offset = self.offsets.get(partition, 0)
        self.offsets[partition] = offset + 1
        statement = Statement(
            header["source_id"], one.act_id, one.subject_id, one.name, digest, "",
            event_id(header["source_id"], header["source_event_id"], one.act_id, one.name, digest, 0), partition, offset,
            _FIRST_RECORDED + offset * _BETWEEN_RECORDS, wire.value_digest(one.value),
        )  # fmt: skip
        item = Item(Submission(SOURCE, "", 0, 0, b""), SOURCE, SOURCE, "", 0, one.value, fingerprint_of(one.name), "", None)
        record = act_record(Admitted(item, one.name, statement, on_log=False))
        return LogRecord(partition, offset, record.key, record.value, record.headers, statement.recorded_at)


def share_of_subjects(subjects: int, share: int, shares: int) -> list[int]:
    """The numbers of those subjects whose partitions belong to one share, so that each partition has one writer."""
    numbers = range(subjects)
    return [number for number in numbers if partition_of(subject_id(number), ACTS_PARTITIONS) % shares == share]


def load_lives(url: str, prior: int) -> int:
    """Lands ``prior`` acts (whole subjects) in ``act_log``, by one process a core; gives how many they are."""
    subjects, shares = -(-prior // ACTS_OF_A_SUBJECT), min(os.cpu_count() or 1, 4)
    with ProcessPoolExecutor(shares, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(_load_lives, url, subjects, share, shares) for share in range(shares)]
        reached: Positions = {}
        for one in waiting:
            reached |= one.result()
    _advance(url, reached)
    return subjects * ACTS_OF_A_SUBJECT


def load(url: str, said: Iterable[Said]) -> int:
    """Lands statements in an empty ``act_log``; gives how many they are."""
    reached = _land(url, chunks_of(list(said), _AT_ONCE))
    _advance(url, reached)
    return sum(offset for offset, _ in reached.values())


def fill_topic(bootstrap: str, url: str) -> None:
    """Puts what stands in ``act_log`` on the empty topic ``acts``, as ``xinji up`` fills its bus."""
    deadline, pause = time.monotonic() + DEADLINE_SECONDS, Event()
    while True:  # a new topic is in the metadata a moment before its partitions answer
        try:
            end_offsets(bootstrap, ACTS, range(ACTS_PARTITIONS))
        except EndOffsetUnknown:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.2)
        else:
            break
    refill(bootstrap, ACTS, _store(url).log_records())


def record_seconds(url: str, subjects: Sequence[str]) -> list[float]:
    """Seconds that replaying one subject's record takes in a running process, for each of some subjects."""
    store, now = _store(url), datetime.now(UTC)
    policy = policy_of(demand_live(store))
    found = []
    for subject in subjects:
        began = time.perf_counter()
        history(store, subject).record(policy, now)
        found.append(time.perf_counter() - began)
    return found


def chunks_of(items: Sequence[Said], size: int) -> Iterator[Sequence[Said]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _load_lives(url: str, subjects: int, share: int, shares: int) -> Positions:
    """The partitions of one share, in a process of its own."""
    return _land(url, _lives(share_of_subjects(subjects, share, shares)))


def _lives(numbers: Sequence[int]) -> Iterator[list[Said]]:
    """Some subjects at a time, one event of each after the other, as they come in time."""
    for start in range(0, len(numbers), _SUBJECTS_AT_ONCE):
        lives = [life(number) for number in numbers[start : start + _SUBJECTS_AT_ONCE]]
        yield [one for of_all in zip(*lives, strict=True) for one in of_all]


def _land(url: str, chunks: Iterable[Sequence[Said]]) -> Positions:
    store, recorder = _store(url), Recorder({})
    reached: Positions = {}
    for chunk in chunks:
        records = list(recorder.records(chunk))
        store.land([landed(record)[0] for record in records])
        reached |= positions(records)
    return reached


def _advance(url: str, reached: Positions) -> None:
    """What was loaded counts as projected: ``xinji rebuild`` makes its rows."""
    store = _store(url)
    store.advance({("landed", 0): reached, ("projected", demand_live(store).number): reached})


def _store(url: str) -> Store:
    return Store(connect(url, _DATABASE), _DATABASE)
