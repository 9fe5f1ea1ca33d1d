"""The two stacks that are measured: the embedded one as ``xinji up`` runs it, and the workers on Apache Kafka's broker.

Both keep their data in a directory of their own, begin with the same prior acts, and stop when their block ends.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from benchmarks.parts import engine_argv, free_port, xinji_argv
from benchmarks.preload import Preloaded, await_engine, copied, open_store
from connectors.kafka import DEADLINE_SECONDS, EndOffsetUnknown, create_topics, end_offsets
from connectors.settings import Settings
from console.embedded.bus import refill
from console.embedded.process import start_process, stop_process
from console.environment import embedded_files
from console.keys import make_files
from console.stack import Ports, Stack
from streams.sources import load_sources
from streams.topics import ACTS, ACTS_PARTITIONS, configuration, partitions

START_SECONDS: Final = 300.0
"""The bus is filled within the start: a million records take their time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that runs: settings with every address filled in, and the process ids of its parts now."""

    name: str
    settings: Settings
    pids: Callable[[], dict[str, int]]


@contextmanager
def embedded(data: Path, loaded: Preloaded) -> Iterator[Running]:
    """Engine, bus, gate and projector, as ``xinji up`` starts them. Raises ChildNotReady."""
    copied(loaded, data)
    stack = Stack(Settings(data=data), Ports(free_port(), free_port()))
    stack.supervisor.start(START_SECONDS)
    try:
        yield Running("embedded", stack.settings, stack.supervisor.child_pids)
    finally:
        stack.supervisor.stop()


@contextmanager
def kafka(data: Path, loaded: Preloaded) -> Iterator[Running]:
    """Apache Kafka's broker (needs Java and Maven, as the tests on Kafka), the embedded engine for ClickHouse, and the
    workers with a cluster's settings. Raises MissingTool, BrokerFailed."""
    from tests.kafka.broker import Broker  # only here, so that the embedded stack is measured without Java

    copied(loaded, data)
    processes: dict[str, subprocess.Popen[bytes]] = {}
    with Broker(data / "kafka") as broker:
        port = free_port()
        settings = embedded_files(Settings(data=data, bootstrap=broker.bootstrap, clickhouse=f"http://127.0.0.1:{port}"))
        make_files(settings)
        try:
            processes["engine"] = start_process(engine_argv(data / "engine", port), data / "engine.log")
            await_engine(settings.clickhouse)
            sources = load_sources(settings.sources)
            create_topics(settings.bootstrap, partitions(sources), config=configuration(sources, 1))
            _await_leaders(settings.bootstrap)
            refill(settings.bootstrap, ACTS, open_store(settings).log_records())
            for worker in ("projector", "gate"):
                processes[worker] = start_process(xinji_argv("worker", worker), data / f"{worker}.log", _environment(settings))
            pids = {name: process.pid for name, process in processes.items()} | _pid_of(broker)
            yield Running("kafka", settings, lambda: pids)
        finally:
            for process in reversed(processes.values()):
                stop_process(process, 30.0)


def _await_leaders(bootstrap: str) -> None:
    """A new topic is in the metadata a moment before its partitions answer. Raises EndOffsetUnknown after half a minute."""
    deadline, pause = time.monotonic() + DEADLINE_SECONDS, Event()
    while True:
        try:
            end_offsets(bootstrap, ACTS, range(ACTS_PARTITIONS))
        except EndOffsetUnknown:
            if time.monotonic() > deadline:
                raise
            pause.wait(0.2)
        else:
            return


STACKS: Final = {"embedded": embedded, "kafka": kafka}


def _environment(settings: Settings) -> dict[str, str]:
    return {f"XINJI_{name.upper()}": str(value) for name, value in settings.model_dump().items() if value is not None} | {
        "XINJI_CHILD_OF_STACK": "1"
    }


def _pid_of(broker: object) -> dict[str, int]:
    process = getattr(broker, "_process", None)
    return {"broker": process.pid} if process is not None else {}
