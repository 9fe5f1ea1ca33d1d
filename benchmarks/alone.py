"""Each stage by itself, in one process and with the same data, and the ceiling: what plain clients do at best."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Final, cast

from confluent_kafka import TopicPartition
from fastavro import schemaless_reader

from benchmarks.data import batches, submissions
from benchmarks.measure import Bench, Rate, chunks_of
from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore
from connectors.kafka import consumer, create_topics
from connectors.sealing import Sealer
from schemas import registry
from streams.gate.kafka_sink import KafkaSink
from streams.gate.port import Record
from streams.gate.work import Gate
from streams.memory import collect_rarely
from streams.projector.core import write_subjects
from streams.projector.landing import landed
from streams.sources import load_sources
from streams.topics import ACTS, ACTS_PARTITIONS, RECEIPTS

_SUFFIX: Final = ".bench"
_FRAME_BYTES: Final = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds per 1,000 acts: by the clock, and of this process's own processor time in it (the rest is waiting for
    engine and broker, and for other programs where the machine is shared)."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Stages:
    """Each stage by itself, over ``acts`` acts. Gate and projector are two processes; the projector lands and evaluates."""

    acts: int
    gate: Cost
    landing: Cost
    evaluation: Cost

    @property
    def limit(self) -> str:
        """The stage that bounds the pipeline: of the slower process, the slower stage."""
        gate, landing, evaluation = self.gate.wall, self.landing.wall, self.evaluation.wall
        if gate >= landing + evaluation:
            return "gate"
        return "evaluation" if evaluation >= landing else "landing"


@contextmanager
def _costs(acts: int, into: list[Cost]) -> Iterator[None]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(Cost((time.perf_counter() - wall) * 1_000_000 / acts, (time.process_time() - cpu) * 1_000_000 / acts))


def ceiling(bench: Bench, most: int) -> Rate:
    """confluent-kafka's consumer and fastavro's decoder on the same topic, about ``most`` acts, and nothing else."""
    ends = bench.partitions(most)
    reader = consumer(bench.stack.settings.bootstrap, "bench-ceiling", queued_min_messages=1_000_000)
    acts, wanted = 0, sum(ends.values())
    began = time.perf_counter()
    try:
        reader.assign([TopicPartition(ACTS, partition, 0) for partition in ends])
        while acts < wanted:
            for message in reader.consume(1_000, 0.02):  # a longer wait for a full batch would be idle at the end
                value, headers = message.value() or b"", cast("list[tuple[str, bytes]]", message.headers())
                _, writer = registry.writer_schema(headers[-1][1].decode())
                schemaless_reader(io.BytesIO(value[_FRAME_BYTES:]), writer, None)
                acts += 1
        return Rate(acts, time.perf_counter() - began)
    finally:
        reader.close()


def stages(bench: Bench, acts: int, batch: int) -> Stages:
    """Evaluation first and landing last: landing again what stands there makes the evaluator read it twice.

    This process collects garbage as rarely from here on as the workers do.
    """
    collect_rarely()
    records = bench.newest(acts)
    costs: list[Cost] = []
    at_once = bench.stack.settings.projector_batch
    with _costs(len(records), costs):
        for some in chunks_of(records, at_once):
            write_subjects(bench.store, bench.evaluator, dict.fromkeys(record.key.decode() for record in some))
    _gate(bench, acts, batch, costs)
    with _costs(len(records), costs):
        for some in chunks_of(records, at_once):
            bench.store.land([landed(record)[0] for record in some])
    evaluation, gate, landing = costs
    return Stages(len(records), gate, landing, evaluation)


def _gate(bench: Bench, acts: int, batch: int, costs: list[Cost]) -> None:
    """A gate of our own: it reads the same log and writes receipts to the same tables, but what it produces goes to topics
    beside the real ones, so that nothing else begins to work."""
    settings = bench.stack.settings
    assert settings.rejections_key is not None
    create_topics(settings.bootstrap, {f"{ACTS}{_SUFFIX}": ACTS_PARTITIONS, f"{RECEIPTS}{_SUFFIX}": 1})
    client = connect(settings.clickhouse, settings.database)
    gate = Gate(
        GateStore(client, settings.database), _Beside(settings.bootstrap), load_sources(settings.sources),
        bench.evaluator.policy.lists, Sealer.from_file(settings.rejections_key), after_landing=False, stop=Event(),
        clock=lambda: datetime.now(UTC),
    )  # fmt: skip
    messages = submissions(batches(bench.fresh(acts), batch, "alone"))
    with _costs(acts, costs):
        for some in chunks_of(messages, max(1, settings.projector_batch // batch)):
            gate.take(some)
    client.close()


class _Beside:
    """The gate's sink, with other topics."""

    def __init__(self, bootstrap: str) -> None:
        self._sink = KafkaSink(bootstrap)

    def deliver(self, records: Sequence[Record]) -> dict[str, int]:
        return self._sink.deliver([record._replace(topic=f"{record.topic}{_SUFFIX}") for record in records])
