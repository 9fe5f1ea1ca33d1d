"""What is measured on a running stack with prior acts in it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from threading import Event
from typing import Any, Final

from streams.evaluation import Evaluator

from benchmarks.data import SOURCE, Said, batches, new_acts, subject_ids
from benchmarks.parts import cpu_seconds
from benchmarks.stacks import Running
from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.kafka import end_offsets, producer
from streams.log import LogRecord, read_until
from streams.policies import load_policy
from streams.replay import history
from streams.topics import ACTS, ACTS_PARTITIONS, submissions

POLL_SECONDS: Final = 0.05
VISIBLE_POLL_SECONDS: Final = 0.002
PATIENCE_SECONDS: Final = 600.0
_VISIBLE: Final = "SELECT count() FROM act_states WHERE subject_id = {subject:String} AND act_id = {act:String}"


class NotDone(RuntimeError):
    """What was pushed was not all projected in time, or not all admitted. ``detail`` says what is missing."""

    def __init__(self, stack: str, detail: str) -> None:
        self.stack, self.detail = stack, detail
        super().__init__(f"{stack}: {detail}; look at the logs in the benchmark's data directory (kept with --keep)")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The whole pipeline once: ``seconds`` from the first produce until everything is projected; ``answered``: until
    every receipt is there. ``busy``: share of one core that each process used meanwhile."""

    acts: int
    seconds: float
    answered: float
    busy: dict[str, float]

    @property
    def rate(self) -> float:
        return self.acts / self.seconds


@dataclass(frozen=True, slots=True)
class Rate:
    """Acts handled in some seconds."""

    acts: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.acts / self.seconds


@dataclass(frozen=True, slots=True)
class Times:
    """Durations in milliseconds, as they were measured."""

    samples: tuple[float, ...]

    @property
    def p50(self) -> float:
        return percentile(self.samples, 50)

    @property
    def p99(self) -> float:
        return percentile(self.samples, 99)


def percentile(samples: Iterable[float], percent: float) -> float:
    """The nearest-rank percentile: the smallest sample that at least so many percent do not exceed. Raises ValueError
    for no samples, or a percentage that is not within 0 (exclusive) to 100."""
    ordered = sorted(samples)
    if not ordered or not 0 < percent <= 100:
        raise ValueError(f"no {percent}th percentile of {len(ordered)} samples")
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1]


@dataclass
class Bench:
    """One stack with prior acts. Methods push; each takes acts that no other took."""

    stack: Running
    prior: int
    store: Store = field(init=False)
    evaluator: Evaluator = field(init=False)
    _on_log: int = field(init=False)
    _taken: int = 0
    _pause: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        settings = self.stack.settings
        self._client = connect(settings.clickhouse, settings.database)
        self.store = Store(self._client, settings.database)
        policy = load_policy(settings.policy)
        self.evaluator = Evaluator(policy, self.store.generations()[-1].generation)
        self._on_log = self._projected()
        self._producer = producer(settings.bootstrap, enable_idempotence=False, linger_ms=0, log_level=0)

    def fresh(self, count: int) -> list[Said]:
        """New acts about known subjects."""
        self._taken += count
        return new_acts(self.prior, count, self._taken - count)

    def pipeline(self, acts: int, batch: int) -> Pipeline:
        """Pushes so many acts as fast as the broker takes them, and waits until they are projected and answered."""
        messages = batches(self.fresh(acts), batch, f"{self._taken}")
        before = cpu_seconds(self.stack.pids())
        began = time.perf_counter()
        for batch_id, value in messages:
            self._producer.produce(submissions(SOURCE), key=batch_id.encode(), value=value)
            self._producer.poll(0)
        self._producer.flush(60)
        self._on_log += acts
        self._until(lambda: self._projected() >= self._on_log, POLL_SECONDS)
        seconds = time.perf_counter() - began
        self._until(lambda: self._admitted([one for one, _ in messages]) >= acts, POLL_SECONDS)
        answered = time.perf_counter() - began
        used = cpu_seconds(self.stack.pids())
        return Pipeline(acts, seconds, answered, {name: (used[name] - before[name]) / answered for name in used if name in before})

    def push_to_visible(self, samples: int) -> Times:
        """Single acts, one at a time with pauses between: milliseconds from producing one until the view shows it."""
        random, found = Random(self.prior), []
        acts = self.fresh(samples)
        for said, (batch_id, value) in zip(acts, batches(acts, 1, f"{self._taken}"), strict=True):
            self._pause.wait(random.uniform(0.05, 0.25))
            wanted = {"subject": said.subject_id, "act": said.act_id}
            began = time.perf_counter()
            self._producer.produce(submissions(SOURCE), key=batch_id.encode(), value=value)
            self._producer.flush(60)
            self._until(lambda wanted=wanted: self._count(_VISIBLE, wanted) > 0, VISIBLE_POLL_SECONDS)  # type: ignore[misc]
            found.append((time.perf_counter() - began) * 1000)
        self._on_log += samples
        self._until(lambda: self._projected() >= self._on_log, POLL_SECONDS)
        return Times(tuple(found))

    def record(self, samples: int) -> Times:
        """Milliseconds to replay one subject's record from the bytes in ``act_log``, within this process."""
        known = subject_ids(self.prior)
        random, found = Random(self.prior), []
        now = datetime.now(UTC)
        for _ in range(samples):
            subject_id = random.choice(known)
            began = time.perf_counter()
            history(self.store, subject_id).record(self.evaluator.policy, now)
            found.append((time.perf_counter() - began) * 1000)
        return Times(tuple(found))

    def replay(self, most: int) -> Rate:
        """Reads whole partitions of the log, about ``most`` acts, and folds every subject, as ``verify`` does."""
        acts, began = 0, time.perf_counter()
        for partition, end in self.partitions(most).items():
            by_subject: dict[str, list[LogRecord]] = {}
            for record in read_until(self.stack.settings.bootstrap, {partition: end}):
                by_subject.setdefault(record.key.decode(), []).append(record)
                acts += 1
            for subject_id, records in by_subject.items():
                self.evaluator.record(subject_id, [record.decoded() for record in records])
        return Rate(acts, time.perf_counter() - began)

    def partitions(self, most: int) -> dict[int, int]:
        """Partitions of the log with their ends: as many as hold about ``most`` acts together, at least one."""
        chosen: dict[int, int] = {}
        for partition, end in end_offsets(self.stack.settings.bootstrap, ACTS, range(ACTS_PARTITIONS)).items():
            if not chosen or sum(chosen.values()) + end <= most:
                chosen[partition] = end
        return chosen

    def newest(self, count: int) -> list[LogRecord]:
        """About so many records from the ends of the log's partitions."""
        ends = end_offsets(self.stack.settings.bootstrap, ACTS, range(ACTS_PARTITIONS))
        starts = {partition: max(0, end - count // ACTS_PARTITIONS) for partition, end in ends.items()}
        return list(read_until(self.stack.settings.bootstrap, ends, starts))

    def close(self) -> None:
        self._client.close()

    def _projected(self) -> int:
        return sum(offset for offset, _ in self.store.progress("projected").values())

    def _admitted(self, batch_ids: Sequence[str]) -> int:
        counts = self.store.count_receipts(SOURCE, batch_ids)
        wrong = "SELECT count() FROM receipts WHERE batch_id IN {batches:Array(String)} AND outcome != 'admitted'"
        if refused := self._count(wrong, {"batches": list(batch_ids)}):
            raise NotDone(self.stack.name, f"{refused} statements were not admitted, and all should have been")
        return sum(counts.values())

    def _count(self, sql: str, parameters: dict[str, Any]) -> int:
        return int(self._client.query(sql, parameters=parameters).result_rows[0][0])

    def _until(self, condition: Callable[[], bool], pause: float) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise NotDone(self.stack.name, f"{self._projected()} of {self._on_log} acts are projected")
            self._pause.wait(pause)


def opened(stack: Running, prior: int) -> closing[Bench]:
    """A bench that closes its connections at the end of the block."""
    return closing(Bench(stack, prior))


def chunks_of(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
