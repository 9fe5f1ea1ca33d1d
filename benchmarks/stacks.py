"""The two stacks that are measured: the embedded one as ``xinji up`` runs it, and the workers on Apache Kafka's broker.

Each keeps its data in a directory of its own, may begin with the engine's tables of a prepared one, and stops when its
block ends. Which process is which is seen from its command line: several gates, say, are counted together.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any, Final

from benchmarks import commands
from benchmarks.inside import fill_topic
from benchmarks.processes import Cpu, command_line, descendants, own_cpu, peak_bytes
from console.embedded.ports import free_port
from console.embedded.process import stop_process

START_SECONDS: Final = 300.0
"""The bus is filled within the start: a million records take their time."""
_ROLES: Final = {
    ("worker", "gate"): "gate",
    ("worker", "projector"): "projector",
    ("engine", "--path"): "engine",
    ("up", "--data"): "up",
    ("broker", "--cluster-id"): "broker",
    ("-Dlog4j2.configurationFile=log4j2.properties", "kafka.Kafka"): "broker",
}
"""Two words of a command line that stand beside each other."""


class NotStarted(RuntimeError):
    """A stack was not ready in time. Carries the end of what it wrote."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(f"{what}; {log} ends with:\n{log.read_text(errors='replace')[-3000:] if log.exists() else ''}")


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that runs: its addresses, and the environment that commands need to find it."""

    name: str
    directory: Path
    bootstrap: str
    clickhouse: str
    environment: Mapping[str, str]

    def run(self, *arguments: str, patience: float, codes: Sequence[int] = (0,)) -> commands.Ran:
        """Runs ``xinji`` to its end. Raises commands.CommandFailed."""
        return commands.run(self.directory / "command.log", self.environment, *arguments, patience=patience, codes=codes)

    def query(self, sql: str, **parameters: str) -> list[list[Any]]:
        """Rows of a query over HTTP, as any tool asks."""
        return query(self.clickhouse, sql, parameters)

    def cpu(self) -> dict[str, Cpu]:
        """Processor seconds so far by role."""
        found: dict[str, Cpu] = {}
        for role, pid in roles():
            found[role] = found.get(role, Cpu()) + own_cpu(pid)
        return found

    def peaks(self) -> dict[str, int]:
        """The most memory of any one process of a role, in bytes."""
        found: dict[str, int] = {}
        for role, pid in roles():
            found[role] = max(found.get(role, 0), peak_bytes(pid))
        return found


def roles() -> list[tuple[str, int]]:
    """Our own descendants that are parts of a stack. A child of a part has the part's role, unless it has its own."""
    found: dict[int, str] = {}
    for parent, pid in descendants(os.getpid()):
        role = _role(command_line(pid)) or found.get(parent)
        if role is not None:
            found[pid] = role
    return [(role, pid) for pid, role in found.items()]


def _role(line: Sequence[str]) -> str | None:
    pairs = set(pairwise(line))
    return next((role for words, role in _ROLES.items() if words in pairs), None)


def query(url: str, sql: str, parameters: Mapping[str, str]) -> list[list[Any]]:
    """Rows of a query. Raises OSError where nobody answers, or the answer is an error."""
    given = {"database": "xinji", "default_format": "JSONCompact"} | {f"param_{name}": value for name, value in parameters.items()}
    request = urllib.request.Request(f"{_bare(url)}/?{urllib.parse.urlencode(given)}", data=sql.encode(), headers=_credentials(url))
    try:
        with urllib.request.urlopen(request, timeout=600.0) as answer:
            rows: list[list[Any]] = json.load(answer)["data"]
            return rows
    except urllib.error.HTTPError as refused:
        raise OSError(f"{sql}: {refused.read().decode(errors='replace')[:2000]}") from refused


def _bare(url: str) -> str:
    address = urllib.parse.urlsplit(url)
    return f"{address.scheme}://{address.hostname}:{address.port}"


def _credentials(url: str) -> dict[str, str]:
    address = urllib.parse.urlsplit(url)
    return {"X-ClickHouse-User": address.username or "", "X-ClickHouse-Key": address.password or ""}


@contextmanager
def embedded(directory: Path, engine: Path | None = None, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """``xinji up`` on a data directory, with a copy of an engine's tables where one is given. Raises NotStarted."""
    data, log = directory / "data", directory / "up.log"
    data.mkdir(parents=True)
    if engine is not None:
        shutil.copytree(engine, data / "engine", symlinks=True)
    ports = {name: str(free_port()) for name in ("XINJI_KAFKA_PORT", "XINJI_HTTP_PORT")}
    told = {**(environment or {}), "XINJI_DATA": str(data), **ports}
    process = commands.start(log, told, "up", "--data", str(data), "--json")
    try:
        _until(lambda: '"ready"' in log.read_text(errors="replace"), process, log)
        ready = json.loads((data / "endpoints.json").read_text("utf-8"))
        yield Running("embedded", directory, ready["bootstrap"], ready["clickhouse"], told)
    finally:
        stop_process(process, 60.0)


@contextmanager
def kafka(
    directory: Path,
    engine: Path | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    workers: Sequence[str] = ("projector", "gate"),
) -> Iterator[Running]:
    """Apache Kafka's broker (needs Java and Maven, as the tests on Kafka), the embedded engine for ClickHouse, and the
    workers as a cluster's operators start them. Raises MissingTool, BrokerFailed, NotStarted."""
    from tests.kafka.broker import Broker  # only here, so that the embedded stack is measured without Java

    data = directory / "data"
    data.mkdir(parents=True)
    if engine is not None:
        shutil.copytree(engine, data / "engine", symlinks=True)
    key = data / "rejections.key"
    key.write_bytes(base64.urlsafe_b64encode(os.urandom(32)))
    key.chmod(0o600)
    with Broker(directory / "kafka") as broker, running_engine(data / "engine", directory / "engine.log") as url:
        told = {
            **(environment or {}),
            "XINJI_DATA": str(data),
            "XINJI_BOOTSTRAP": broker.bootstrap,
            "XINJI_CLICKHOUSE": url,
            "XINJI_REJECTIONS_KEY": str(key),
        }
        stack = Running("kafka", directory, broker.bootstrap, url, told)
        stack.run("migrate", patience=START_SECONDS)
        stack.run("topics", "create", patience=START_SECONDS)
        fill_topic(broker.bootstrap, url)
        started = [commands.start(directory / f"{one}-{at}.log", told, "worker", one) for at, one in enumerate(workers)]
        try:
            yield stack
        finally:
            for process in reversed(started):
                stop_process(process, 30.0)


STACKS: Final[dict[str, Callable[..., AbstractContextManager[Running]]]] = {"embedded": embedded, "kafka": kafka}


@contextmanager
def running_engine(path: Path, log: Path) -> Iterator[str]:
    """A running embedded engine by itself; gives its address. Raises NotStarted."""
    port = free_port()
    process = commands.start(log, {}, "engine", "--path", str(path), "--port", str(port))
    try:
        _until(lambda: _answers(f"http://127.0.0.1:{port}/ping"), process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_process(process, 60.0)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1.0).close()
    except OSError:
        return False
    return True


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline, pause = time.monotonic() + START_SECONDS, Event()
    while not ready():
        if process.poll() is not None:
            raise NotStarted(f"it ended with {process.returncode}", log)
        if time.monotonic() > deadline:
            raise NotStarted(f"not ready in {START_SECONDS:.0f} s", log)
        pause.wait(0.05)
