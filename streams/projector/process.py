"""The projector as a process: ``xinji worker projector``. SIGTERM and Ctrl-C end it with 0, anything else with an error."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from threading import Event

from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.sealing import Sealer
from connectors.settings import Settings
from streams.generations import Turn, demand_live, policy_of
from streams.log import LogConsumer
from streams.logs import structured_logging
from streams.memory import collect_rarely
from streams.patience import Stopped, patiently
from streams.projector.core import Projector
from streams.projector.loop import log
from streams.projector.loop import run as project_until
from streams.readiness import Readiness
from streams.strays import Strays
from streams.topics import PROJECTOR_GROUP, parse_partitions


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
    project_until(store, projector, consumer, stop, settings.projector_batch, lambda batch: turn.wait(batch.reached), strays, ready)
