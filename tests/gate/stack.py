"""The gate with real parts: the embedded bus, the embedded engine, and a lander in place of the projector."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka import Producer

from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore
from connectors.clickhouse.migrating import migrate
from connectors.clickhouse.migrations import migrations
from connectors.kafka import create_topics, producer
from console.embedded.bus import Bus
from console.embedded.ports import free_port
from streams.generations import LIVE, begin, change
from streams.log import consumer_at, poll_batch
from streams.policies import load_made
from streams.projector.landing import landed
from streams.topics import ACTS_PARTITIONS, partitions, submissions
from tests.embedded.conftest import start_front

GATE = "from connectors.settings import Settings; from streams.gate.app import run; run(Settings())"


class Stack:
    """Running parts; ``store`` and ``producer`` are the test's own clients."""

    def __init__(self, path: Path, bootstrap: str, url: str, host: str) -> None:
        self.path, self.bootstrap, self.url, self.host = path, bootstrap, url, host
        client = connect(url, "xinji")
        migrate(client, "xinji", migrations("xinji"))
        self.store = GateStore(client, "xinji")
        first = begin(self.store, load_made(None), datetime.now(UTC))
        change(self.store, first, LIVE, datetime.now(UTC))
        self.producer: Producer = producer(bootstrap)
        self._stop = threading.Event()
        self._lander = threading.Thread(target=self._land)
        create_topics(bootstrap, partitions(["local"]))
        self._lander.start()

    def _land(self) -> None:
        try:
            self._landing()
        except BaseException:
            traceback.print_exc()
            raise

    def _landing(self) -> None:
        store = GateStore(connect(self.url, "xinji"), "xinji")
        reader = consumer_at(self.bootstrap, dict.fromkeys(range(ACTS_PARTITIONS), 0))
        while not self._stop.is_set():
            if records := poll_batch(reader, 5000, 0.1):
                store.land([landed(one)[0] for one in records])
                reached = {one.partition: (one.offset + 1, one.recorded_at) for one in records}
                store.advance({("landed", 0): reached})
        reader.close()

    def gate(self, name: str = "gate", **settings: str) -> subprocess.Popen[bytes]:
        env = os.environ | {
            "XINJI_BOOTSTRAP": self.bootstrap, "XINJI_CLICKHOUSE": self.url, "XINJI_DATA": str(self.path),
            "XINJI_RECEIPTS_AFTER_LANDING": "true", "XINJI_SESSION_TIMEOUT": "6", "XINJI_GATE_HOST": self.host,
        } | settings  # fmt: skip
        with (self.path / f"{name}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-W", "ignore", "-c", GATE], stdout=log, stderr=log, env=env)

    def push(self, value: bytes, source: str = "local", partition: int = 0) -> None:
        self.producer.produce(submissions(source), value, partition=partition)

    def flush(self) -> None:
        assert self.producer.flush(30) == 0

    def stop(self) -> None:
        self._stop.set()
        self._lander.join()
        self.flush()


@contextmanager
def running(path: Path, host: str) -> Iterator[Stack]:
    front = start_front(path / "engine")
    try:
        with Bus(free_port(), path / "bus.log") as bus:
            stack = Stack(path, bus.bootstrap, front.url, host)
            try:
                yield stack
            finally:
                stack.stop()
    finally:
        front.stop()
