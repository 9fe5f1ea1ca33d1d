"""Apache Kafka's own broker as the bus of one machine: one node (KRaft), on 127.0.0.1, its log in the data directory.

What it acknowledged is on disk (``log.flush.interval.messages=1``: each append is synced before it is answered), so the log
stands on its own: it is not filled from ClickHouse, and ``verify`` compares two copies. It is run from an installation of the
operator's (XINJI_KAFKA_HOME), by Java 17 or newer.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from console.embedded.ports import HOST, free_port
from schemas.sentence import Sentence, Told

READY_SECONDS: Final = 120.0
STOP_SECONDS: Final = 30.0
_OLDEST_JAVA: Final = 17
_FORMAT_SECONDS: Final = 120.0
_JVM: Final = ("-Xmx512m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_LOGGING: Final = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
ONE_NODE: Final[Mapping[str, object]] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.num.partitions": 2,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 2,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 2,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # after SIGKILL the controller takes the same broker back only when its old session has ended
    "broker.session.timeout.ms": 2000,
    "broker.heartbeat.interval.ms": 250,
    # the cleaner's default buffer of 128 MB would be a third of the heap
    "log.cleaner.dedupe.buffer.size": 8 << 20,
}
"""What makes a broker of one node, which is its own controller, whoever it is for."""
_PROPERTIES: Final = {
    **ONE_NODE,
    "log.flush.interval.messages": 1,
    "offsets.topic.num.partitions": 4,
    "message.max.bytes": 8 << 20,
}


class NoKafka(Told, RuntimeError):
    """There is no Kafka, or no Java, to run the bus with; ``home`` is the installation that was named, if one was."""

    says = Sentence(
        "无法运行 Kafka：{why}；请把 XINJI_KAFKA_HOME 设为 Apache Kafka 4 的安装目录（其中有 libs/），并安装 Java 17 或更新版本",
        "Kafka cannot be run: {why}; set XINJI_KAFKA_HOME to an installation of Apache Kafka 4 (it has libs/), and install Java 17 "
        "or newer",
    )

    def __init__(self, home: Path | None, why: Sentence) -> None:
        self.home = home
        super().__init__(why=why)


class NotFormatted(Told, RuntimeError):
    """The storage of the log could not be prepared; ``output`` is what Kafka said."""

    says = Sentence("Kafka 未能准备 {directory}：{output}", "Kafka could not prepare {directory}: {output}")

    def __init__(self, directory: Path, output: str) -> None:
        self.directory, self.output = directory, output
        super().__init__(directory=directory, output=output)


@dataclass(frozen=True, slots=True)
class Kafka:
    """The broker of one data directory, as it is to be run."""

    java: str
    home: Path
    directory: Path
    port: int

    def argv(self) -> list[str]:
        """Writes the configuration, prepares the storage where it is new, and gives the command. Raises NotFormatted."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        controller = free_port()
        properties = _PROPERTIES | {
            "listeners": f"PLAINTEXT://{HOST}:{self.port},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{self.port}",
            "controller.quorum.voters": f"1@{HOST}:{controller}",
            "log.dirs": self.directory / "log",
        }
        text = "".join(f"{name}={value}\n" for name, value in properties.items())
        self._file("server.properties").write_text(text, encoding="utf-8")
        self._file("log4j2.properties").write_text(_LOGGING, encoding="utf-8")
        if not (self.directory / "log" / "meta.properties").exists():
            self._format()
        return self._java("kafka.Kafka", str(self._file("server.properties")))

    def is_ready(self) -> bool:
        """Whether the broker has registered and leads every partition."""
        quiet: dict[str, Any] = {"log_level": 0, "error_cb": _ignored}
        admin = AdminClient({"bootstrap.servers": f"{HOST}:{self.port}", **quiet})
        try:
            cluster = admin.list_topics(timeout=1.0)
        except KafkaException:
            return False
        partitions = [partition for topic in cluster.topics.values() for partition in topic.partitions.values()]
        return bool(cluster.brokers) and all(partition.leader >= 0 for partition in partitions)

    def _format(self) -> None:
        named = base64.urlsafe_b64encode(uuid4().bytes).decode("ascii").rstrip("=")
        tool = ["format", "--ignore-formatted", "--cluster-id", named, "--config", str(self._file("server.properties"))]
        done = subprocess.run(
            self._java("kafka.tools.StorageTool", *tool),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=_FORMAT_SECONDS,
        )
        if done.returncode != 0:
            raise NotFormatted(self.directory, done.stdout[-1000:].strip())

    def _java(self, main: str, *arguments: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self._file('log4j2.properties')}"
        return [self.java, *_JVM, "-cp", f"{self.home}/libs/*", logging, main, *arguments]

    def _file(self, name: str) -> Path:
        return self.directory / name


def kafka(home: Path | None, directory: Path, port: int) -> Kafka:
    """The broker out of an installation, with its data in ``directory``. Raises NoKafka."""
    if home is None:
        raise NoKafka(home, Sentence("未设置 XINJI_KAFKA_HOME", "XINJI_KAFKA_HOME is not set"))
    if not list((home / "libs").glob("kafka_*.jar")):
        raise NoKafka(home, Sentence("{home}/libs 中没有 kafka_*.jar", "{home}/libs has no kafka_*.jar").of(home=home))
    java = shutil.which("java")
    if java is None or _version_of(java) < _OLDEST_JAVA:
        raise NoKafka(home, Sentence("没有 Java 17", "there is no Java 17"))
    return Kafka(java, home.absolute(), directory, port)


def _ignored(_: object) -> None:
    """The client says that nobody listens yet, which is what is waited for."""


def _version_of(java: str) -> int:
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)
    found = re.search(r'version "(?:1\.)?(\d+)', shown.stderr + shown.stdout)
    return int(found.group(1)) if found else 0
