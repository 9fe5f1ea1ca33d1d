"""The projector as a process: ``xinji worker projector``. SIGTERM and Ctrl-C end it with 0, anything else with an error."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from threading import Event

from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store
from connectors.settings import Settings
from streams.evaluation import Evaluator
from streams.logs import structured_logging
from streams.memory import collect_rarely
from streams.patience import Stopped, patiently
from streams.policies import load_policy
from streams.projector.loop import run as project_until


def run(settings: Settings) -> None:
    """Projects until SIGTERM. ``settings`` name bootstrap and clickhouse. Raises PolicyError, KafkaException and others."""
    structured_logging()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    policy = load_policy(settings.policy)
    collect_rarely()
    try:
        store = patiently(lambda: Store(connect(settings.clickhouse, settings.database), settings.database), stop)
        generation = patiently(lambda: store.current_generation(policy.digest, policy.calendar.digest, datetime.now(UTC)), stop)
    except Stopped:
        return
    project_until(settings.bootstrap, store, Evaluator(policy, generation), stop, settings.projector_batch)
