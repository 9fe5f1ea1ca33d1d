"""Apache Kafka's own broker for tests: one process that is broker and controller (KRaft), on free ports of 127.0.0.1.

    with Broker(directory) as broker:
        Producer({"bootstrap.servers": broker.bootstrap})
        broker.kill()
        broker.restart()

Its data are in ``directory`` and outlive ``stop``, ``kill`` and ``restart``, which keep the ports, too. Topics are
never created by using them, as on a cluster of the product.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from console.embedded.kafka import ONE_NODE
from tests.kafka.jars import class_path, java

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 90.0
STOP_SECONDS: Final = 30.0
_CLUSTER: Final = "xinji-tests-0000000000"
_JVM: Final = ("-Xmx384m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_ATTEMPTS: Final = 3

_SETTINGS: Final = {**ONE_NODE, "num.network.threads": 2, "num.io.threads": 4}


class BrokerFailed(RuntimeError):
    """The broker ended, or was not ready in time. Carries the end of its log."""

    def __init__(self, what: str, log: Path) -> None:
        self.log = log
        self.tail = log.read_text(errors="replace")[-4000:] if log.exists() else ""
        super().__init__(f"{what}; its log is {log} and ends with:\n{self.tail}")


class Broker:
    """One Kafka broker. ``settings`` are added to the broker's properties and win over the defaults of this module."""

    def __init__(self, directory: Path, settings: Mapping[str, object] | None = None) -> None:
        self.directory = directory
        self.log = directory / "broker.log"
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients; the same for the broker's whole life."""
        if not self._port:
            raise RuntimeError("the broker has no port before start()")
        return f"{HOST}:{self._port}"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Formats the storage, starts the broker and waits until every partition has a leader.

        Raises MissingTool or FetchFailed (tests.kafka.jars), BrokerFailed.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        attempts = _ATTEMPTS
        while not self.running:
            attempts -= 1
            self._configure()
            try:
                self._launch()
            except BrokerFailed as failed:
                # a free port may be taken by another process before the broker binds it
                if not attempts or "Address already in use" not in failed.tail:
                    raise
        return self

    def stop(self) -> None:
        """Ends the broker in order (SIGTERM); raises BrokerFailed where it takes longer than STOP_SECONDS."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends the broker at once (SIGKILL), as a crash of its process does."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Starts the broker again on the same data and ports, stopping it in order first if it runs. Waits as start()
        does and raises the same."""
        self.stop()
        self._launch()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _configure(self) -> None:
        self._port, controller = _free_ports(2)
        properties = (
            _SETTINGS
            | {
                "listeners": f"PLAINTEXT://{HOST}:{self._port},CONTROLLER://{HOST}:{controller}",
                "advertised.listeners": f"PLAINTEXT://{HOST}:{self._port}",
                "controller.quorum.voters": f"1@{HOST}:{controller}",
                "log.dirs": self.directory / "data",
            }
            | self._settings
        )
        lines = [f"{name}={value}" for name, value in properties.items()]
        self._properties.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._format()

    def _format(self) -> None:
        arguments = ["format", "--ignore-formatted", "--cluster-id", _CLUSTER, "--config", str(self._properties)]
        with self.log.open("ab") as log:
            done = subprocess.run(
                self._java("kafka.tools.StorageTool", *arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=START_SECONDS,
            )
        if done.returncode != 0:
            raise BrokerFailed("the storage could not be formatted", self.log)

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        quiet: dict[str, Any] = {"log_level": 0, "error_cb": _ignore}
        admin = AdminClient(
            {
                "bootstrap.servers": self.bootstrap,
                "reconnect.backoff.ms": 20,
                "reconnect.backoff.max.ms": 100,
                **quiet,
            }
        )
        while not _ready(admin):
            if not self.running:
                raise BrokerFailed("the broker ended while it started", self.log)
            if time.monotonic() > deadline:
                raise BrokerFailed(f"the broker was not ready in {START_SECONDS:.0f} seconds", self.log)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise BrokerFailed(f"the broker did not stop in {STOP_SECONDS:.0f} seconds", self.log) from None

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _java(self, main: str, *arguments: str) -> list[str]:
        return [java(), *_JVM, "-cp", class_path(), "-Dlog4j2.configurationFile=log4j2.properties", main, *arguments]


def _ready(admin: AdminClient) -> bool:
    """Whether a broker has registered and leads every partition. Waits for an answer at most half a second."""
    try:
        cluster = admin.list_topics(timeout=0.5)
    except KafkaException:
        return False
    partitions = [partition for topic in cluster.topics.values() for partition in topic.partitions.values()]
    return bool(cluster.brokers) and all(partition.leader >= 0 for partition in partitions)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _ignore(_error: object) -> None:
    """librdkafka reports that nothing listens yet, which is what is being waited for."""
