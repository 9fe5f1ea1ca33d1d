"""The gate's process: its parts put together, under one of two hosts (docs/operations.md).

A host reads the topics of all sources as one consumer group, in which partition p of every topic goes to one member;
tells the gate which partitions it holds; and acknowledges what is answered. Any error ends the process with a code other
than 0: whoever supervises it starts it again, and it repeats what was not acknowledged. SIGTERM ends it with code 0.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Final

from prometheus_client import CollectorRegistry

from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore as StoreOfGate
from connectors.kafka import cluster_id, count_partitions, end_offsets
from connectors.sealing import Sealer
from connectors.settings import Settings
from projections.admission.rules import rules_of
from schemas.records import Generation
from schemas.sentence import Sentence, Told
from streams.gate.kafka_sink import KafkaSink
from streams.gate.ownership import Ownership
from streams.gate.port import GateStore
from streams.gate.takes import Takes
from streams.gate.work import Gate
from streams.generations import StillLive, demand_live, policy_of
from streams.logs import structured_logging
from streams.memory import collect_rarely
from streams.metrics.serving import serve
from streams.metrics.workers import GateMetrics
from streams.readiness import Readiness
from streams.sources import load_sources
from streams.space import MEGABYTE
from streams.topics import ACTS, ACTS_PARTITIONS, submission_topics

_LEASE: Final = 0.5
"""Of the session time-out: for so long the group's word holds; the rest is left for a record to be delivered."""


class NotConfigured(Told, ValueError):
    """A setting that the gate needs is empty. ``setting`` is its environment variable."""

    says = Sentence(
        "未设置 {setting}，接收程序需要它",
        "{setting} is not set; the gate needs it",
    )

    def __init__(self, setting: str) -> None:
        self.setting = setting
        super().__init__(setting=setting)


class TopicsDiffer(Told, RuntimeError):
    """Topics that do not have as many partitions as the log: ``found`` says how many each has."""

    says = Sentence(
        "这些主题的分区数不是 {wanted}（{listed}），与 {topic} 的分区对不上；缺少的用 `xinji topics create` 创建，数目不同的请"
        "清空、删除后重建",
        "these topics do not have {wanted} partitions ({listed}), so keys lie elsewhere than on {topic}; missing ones are "
        "created by `xinji topics create`, one with another number is to be emptied, deleted and created again",
    )

    def __init__(self, found: Mapping[str, int]) -> None:
        self.found = dict(found)
        listed = ", ".join(f"{topic}: {count}" for topic, count in found.items())
        super().__init__(wanted=ACTS_PARTITIONS, listed=listed, topic=ACTS)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a host needs: the topics to read, whom to tell about partitions, and whom to give messages to. ``bus``: the life of
    the bus that they come by."""

    settings: Settings
    topics: tuple[str, ...]
    owned: Ownership
    takes: Takes
    stop: Event
    ready: Readiness = field(default_factory=Readiness)
    bus: str = ""


def run(settings: Settings, ready: Readiness | None = None) -> None:
    """Runs the gate until SIGTERM or SIGINT; always ends by SystemExit, code 0 when it was told to stop.

    Needs ``bootstrap`` and ``clickhouse``; without ``rejections_key`` it makes a key in the data directory. Raises
    NotConfigured, NoGeneration, OtherCode, TopicsDiffer, SourcesError, PolicyError, KeyProblem and ClickHouseProblem for
    what is wrong before it starts.
    """
    for setting in ("bootstrap", "clickhouse"):
        if not getattr(settings, setting):
            raise NotConfigured(f"XINJI_{setting.upper()}")
    with closing(connect(settings.clickhouse, settings.database)) as client:
        store = StoreOfGate(client, settings.database)
        run_with(settings, store, demand_live(store), ready)


def run_with(settings: Settings, store: GateStore, generation: Generation, ready: Readiness | None = None) -> None:
    """As ``run``, with a store of the caller's, under the policy of a generation."""
    signal.signal(signal.SIGTERM, _leave)  # until the host's own handler is there
    structured_logging()
    parts = assemble(settings, store, generation, ready)
    collect_rarely()
    _host(settings)(parts)


def assemble(settings: Settings, store: GateStore, generation: Generation, ready: Readiness | None = None) -> Parts:
    """The gate and its surroundings but for the host."""
    sources, stop = load_sources(settings.sources), Event()
    topics = tuple(submission_topics(sources))
    _check_topics(settings.bootstrap, topics)
    owned = Ownership(settings.session_timeout * _LEASE)
    gate = Gate(
        store,
        KafkaSink(settings.bootstrap, settings.session_timeout * (1 - _LEASE)),
        sources,
        rules_of(policy_of(generation)),
        _sealer(settings),
        after_landing=settings.receipts_after_landing,
        stop=stop,
        clock=lambda: datetime.now(UTC),
        owned=owned,
        window=settings.gate_window,
        least_free=settings.free_space * MEGABYTE,
    )

    def ends_of(partitions: Iterable[int]) -> Mapping[int, int]:
        return end_offsets(settings.bootstrap, ACTS, partitions)

    registry = CollectorRegistry()
    metrics = GateMetrics(registry, lambda: gate.waiting)
    serve(registry, settings.metrics_host, settings.gate_metrics_port)
    still_live = StillLive(store, generation.number)
    takes = Takes(gate, owned, ends_of, stop, still_live.check, metrics.took)
    return Parts(settings, topics, owned, takes, stop, ready or Readiness(), cluster_id(settings.bootstrap))


def _host(settings: Settings) -> Callable[[Parts], None]:
    if settings.gate_host == "plain":
        from streams.gate.plain_host import run_plain

        return run_plain
    from streams.gate.faust_host import run_faust  # imported late: it costs half a second

    return run_faust


def _check_topics(bootstrap: str, topics: Iterable[str]) -> None:
    found = count_partitions(bootstrap, (ACTS, *topics))
    if wrong := {topic: count for topic, count in found.items() if count != ACTS_PARTITIONS}:
        raise TopicsDiffer(wrong)


def _leave(*_: object) -> None:
    raise SystemExit(0)


def _sealer(settings: Settings) -> Sealer:
    if settings.rejections_key is not None:
        return Sealer.from_file(settings.rejections_key)
    return Sealer.create_or_open(settings.data / "rejections.key")
