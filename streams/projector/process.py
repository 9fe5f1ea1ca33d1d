"""The projector as a process: ``xinji worker projector``. SIGTERM and Ctrl-C end it with 0, anything else with an error."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from threading import Event
from typing import Final

from prometheus_client import CollectorRegistry

from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.kafka import end_offsets
from connectors.sealing import Sealer
from connectors.settings import Settings
from streams.generations import Turn, demand_live, policy_of
from streams.log import LogConsumer
from streams.logs import structured_logging
from streams.memory import collect_rarely
from streams.metrics.log import LogMetrics, Where
from streams.metrics.serving import serve
from streams.metrics.workers import ProjectorMetrics
from streams.patience import Stopped, patiently
from streams.projector.core import Projector
from streams.projector.loop import log
from streams.projector.loop import run as project_until
from streams.readiness import Readiness
from streams.strays import Strays
from streams.topics import ACTS, ACTS_PARTITIONS, PROJECTOR_GROUP, parse_partitions

_ANSWER_SECONDS: Final = 5.0
"""For so long who scrapes waits for Kafka."""


def run(settings: Settings, ready: Readiness | None = None) -> None:
    """Projects for the live generation until SIGTERM. ``settings`` name bootstrap and clickhouse. Raises NoGeneration,
    OtherCode, GenerationChanged, KeyProblem, KafkaException and others."""
    structured_logging()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        store = patiently(lambda: Store(connect(settings.clickhouse, settings.database), settings.database), stop)
        generation = patiently(lambda: demand_live(store), stop)
    except Stopped:
        return
    policy = policy_of(generation)
    collect_rarely()
    projector = Projector(store, generation.number, policy, settings.projector_acts)
    consumer = LogConsumer(
        settings.bootstrap,
        PROJECTOR_GROUP,
        member=settings.member,
        partitions=parse_partitions(settings.projector_partitions),
        session=settings.session_timeout,
    )
    turn = Turn(store, generation.number, stop, lambda: datetime.now(UTC))
    log.info("projecting", extra={"generation": generation.number, "digest": generation.digest})
    strays = Strays(Sealer.from_file(settings.rejections_key) if settings.rejections_key else None, lambda: datetime.now(UTC))
    registry = CollectorRegistry()
    metrics = ProjectorMetrics(registry, projector.subjects)
    registry.register(LogMetrics(_where(settings, store, generation.number)))
    serve(registry, settings.metrics_host, settings.projector_metrics_port)
    project_until(
        store,
        projector,
        consumer,
        stop,
        settings.projector_batch,
        lambda batch: turn.wait(batch.reached),
        strays,
        ready,
        lambda events, rows: metrics.projected(events, rows, datetime.now(UTC)),
    )


def _where(settings: Settings, store: Store, generation: int) -> Where:
    def ends() -> dict[int, int]:
        return end_offsets(settings.bootstrap, ACTS, range(ACTS_PARTITIONS), seconds=_ANSWER_SECONDS)

    return Where(store, generation, settings.bootstrap, ends, lambda: datetime.now(UTC))
