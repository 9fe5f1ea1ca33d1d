"""The product as a cluster's operators run it: Apache Kafka's own broker, the embedded engine in ClickHouse's place, and the
two workers, each started again when it ends, as a process manager does; everything is told by the environment.
"""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from confluent_kafka.admin import AdminClient

from connectors.settings import Settings
from console.embedded.bus import Bus
from console.embedded.child import ChildSpec
from console.embedded.ports import free_port
from console.embedded.supervisor import Supervisor
from console.environment import embedded_files
from console.keys import make_files
from streams.topics import ACTS, RECEIPTS, REJECTIONS
from tests.deadline import until
from tests.integration.stacks import START_SECONDS, XINJI, Stack
from tests.kafka.broker import Broker


class ClusterStack(Stack):
    """Workers against a broker that is given empty of our topics, and left so. ``through``: the address at which workers
    and commands see ClickHouse, where it is another than the engine's own."""

    parts = ("gate", "projector", "engine", "broker")

    def __init__(self, directory: Path, broker: Broker | Bus, through: str | None = None) -> None:
        super().__init__(directory)
        self.kind = "kafka" if isinstance(broker, Broker) else "bus"
        self.broker = broker
        self.engine_port = free_port()
        made = Settings.model_construct(data=directory)
        files = embedded_files(made)
        make_files(files)
        self.env = {
            "XINJI_DATA": str(directory),
            "XINJI_BOOTSTRAP": broker.bootstrap,
            "XINJI_CLICKHOUSE": through or self.clickhouse,
            "XINJI_SOURCES": str(files.sources),
            "XINJI_VAULT": str(files.vault),
            "XINJI_VAULT_KEY": str(files.vault_key),
            "XINJI_REJECTIONS_KEY": str(files.rejections_key),
        }
        self._engine = Supervisor(
            [self._spec("engine", "engine", "--path", str(directory / "engine"), "--port", str(self.engine_port))], lambda: None
        )
        self._workers = Supervisor([self._spec(one, "worker", one) for one in ("projector", "gate")], lambda: None)

    def start(self) -> ClusterStack:
        self._engine.start(START_SECONDS)
        self.run("topics", "create")
        self.run("migrate")
        self._workers.start(START_SECONDS)
        return self

    def _spec(self, name: str, *arguments: str) -> ChildSpec:
        log = self.directory / "logs" / f"{name}.log"
        ready = self._engine_answers if name == "engine" else (lambda: True)
        return ChildSpec(name, [sys.executable, "-W", "default", XINJI, *arguments], log, self.env, ready=ready, stop_seconds=20)

    def _engine_answers(self) -> bool:
        with urllib.request.urlopen(f"{self.clickhouse}/ping", timeout=1.0) as answer:
            return bool(answer.status == 200)

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    @property
    def clickhouse(self) -> str:
        return f"http://127.0.0.1:{self.engine_port}"

    def pid(self, part: str) -> int | None:
        return (self._engine if part == "engine" else self._workers).child_pids().get(part)

    def kill(self, part: str) -> None:
        if part != "broker":
            super().kill(part)
            return
        assert isinstance(self.broker, Broker)
        self.broker.kill()
        self.broker.restart()

    def running(self, part: str) -> int:
        return 0 if part == "broker" else super().running(part)

    def stop_workers(self) -> None:
        """Stops gate and projector with SIGTERM; each must end with 0."""
        until(lambda: self.pid("gate") and self.pid("projector"), what="both workers running")
        self._workers.stop()

    def stop(self) -> None:
        self.close()
        self._workers.stop()
        self._engine.stop()
        if isinstance(self.broker, Broker):
            forget(self.broker)


def forget(broker: Broker) -> None:
    """Removes our topics and the gate's group, and waits until they are gone."""
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    ours = (ACTS, RECEIPTS, REJECTIONS)
    topics = [one for one in admin.list_topics(timeout=30).topics if one in ours or one.startswith("submissions.")]
    if not topics:
        return
    for gone in admin.delete_topics(topics, operation_timeout=30).values():
        gone.result(30)
    until(lambda: not set(topics) & set(admin.list_topics(timeout=30).topics), what="topics gone")
