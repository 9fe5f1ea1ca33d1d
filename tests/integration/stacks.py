"""The product as its users run it: real processes, real ports. Two kinds with one face: ``EmbeddedStack`` here is a
``xinji up`` process on a data directory; for the other see cluster.py.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.client import connect
from connectors.clickhouse.errors import ClickHouseProblem
from connectors.clickhouse.gate_store import GateStore
from console.embedded.ports import free_port
from console.embedded.process import start_process
from console.main import main
from tests.deadline import until
from tests.small_disk import on_small_disk

XINJI = str(Path(sys.executable).with_name("xinji"))
START_SECONDS = 90.0
COMMAND_SECONDS = 240.0
_STARTED = re.compile(r'"message": "(\w+) started as process (\d+)"')


@dataclass(frozen=True)
class Ran:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Stack(ABC):
    """A running product. ``env`` holds the settings that every command gets; ``parts`` are what can be killed."""

    kind = ""
    parts: tuple[str, ...] = ()

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.env: dict[str, str] = {}
        self._client: Client | None = None
        self._commands: list[subprocess.Popen[str]] = []

    @property
    @abstractmethod
    def bootstrap(self) -> str: ...

    @property
    @abstractmethod
    def clickhouse(self) -> str: ...

    @abstractmethod
    def pid(self, part: str) -> int | None:
        """The process id of a part, None while it does not run."""

    @abstractmethod
    def stop(self) -> None:
        """Stops every part in order; fails when one does not stop cleanly."""

    @property
    def rejections_key(self) -> Path:
        """The key that seals what was rejected."""
        return Path(self.env["XINJI_REJECTIONS_KEY"])

    @property
    def logs(self) -> list[Path]:
        """What the parts wrote."""
        return sorted((self.directory / "logs").glob("*.log"))

    @property
    def store(self) -> GateStore:
        """The test's own store on the same database."""
        return GateStore(self.client, "xinji")

    @property
    def client(self) -> Client:
        if self._client is None:
            self._client = connect(self.clickhouse, "xinji")
        return self._client

    def start_command(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Starts ``xinji`` with these arguments; ``more`` are settings besides the stack's."""
        process = subprocess.Popen(
            [XINJI, *arguments],
            env=os.environ | self.env | more,
            cwd=self.directory,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._commands.append(process)
        return process

    def run(self, *arguments: str, code: int | None = 0, **more: str) -> Ran:
        """Runs ``xinji`` to its end and expects an exit code (None: any)."""
        return ended(self.start_command(*arguments, **more), code)

    def run_here(self, *arguments: str, code: int | None = 0, **more: str) -> Ran:
        """As ``run``, in this process, without a second for its start: for what a command refuses at once."""
        ran = CliRunner().invoke(main, arguments, env=self.env | more, catch_exceptions=False)
        assert code is None or ran.exit_code == code, f"{arguments!r}: {ran.exit_code}\n{ran.output[-4000:]}"
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    def push(self, path: Path, profile: str, *arguments: str, code: int | None = 0) -> Any:
        """Pushes a file and returns what ``--json`` says."""
        return self.run("push", str(path), "--profile", profile, "--json", *arguments, code=code).json

    def rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.client.query(sql, parameters=parameters).result_rows]

    def value(self, sql: str, **parameters: Any) -> Any:
        return self.rows(sql, **parameters)[0][0]

    def landed(self) -> int:
        """Events that have landed; -1 while ClickHouse does not answer."""
        try:
            return sum(offset for offset, _ in self.store.progress("landed").values())
        except ClickHouseProblem:
            return -1

    def running(self, part: str) -> int:
        """The process id of a part, which is waited for."""
        until(lambda: self.pid(part), what=f"{part} running")
        pid = self.pid(part)
        assert pid is not None
        return pid

    def kill(self, part: str) -> None:
        """Ends a part with SIGKILL and waits until it is gone; it is started again by whoever supervises it."""
        pid = self.running(part)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not alive(pid), what=f"{part} gone")

    def close(self) -> None:
        """Ends what a failed test left behind: commands, and the connection."""
        for process in self._commands:
            if process.poll() is None:
                process.kill()
            if process.stdout and not process.stdout.closed:
                process.communicate()
        self._commands.clear()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def ended(process: subprocess.Popen[str], code: int | None = 0, seconds: float = COMMAND_SECONDS) -> Ran:
    """Waits for a command and expects an exit code (None: any)."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"{process.args!r} did not end in {seconds:g} s\n{out[-2000:]}\n{err[-4000:]}")
    assert code is None or process.returncode == code, f"{process.args!r}: {process.returncode}\n{out[-3000:]}\n{err[-4000:]}"
    return Ran(process.returncode, out, err)


class EmbeddedStack(Stack):
    """``xinji up``, started and stopped at will on one data directory."""

    kind = "embedded"
    parts = ("gate", "projector", "engine", "bus")

    def __init__(self, directory: Path, disk_megabytes: int = 0) -> None:
        """``disk_megabytes``: of a small disk on which its engine's directory is, 0 for none."""
        super().__init__(directory)
        self.data = directory / "data"
        self._disk_megabytes = disk_megabytes
        # ports of its own: stacks start side by side here, and the usual ones are for people
        self.env = {"XINJI_DATA": str(self.data), "XINJI_KAFKA_PORT": str(free_port()), "XINJI_HTTP_PORT": str(free_port())}
        self.env |= {f"XINJI_{one}_METRICS_PORT": str(free_port()) for one in ("GATE", "PROJECTOR")}
        self.process: subprocess.Popen[bytes] | None = None
        self._output = directory / "logs" / "up.log"
        self._supervision = self.data / "logs" / "stack.log"
        self._output.parent.mkdir(parents=True, exist_ok=True)
        self._runs = 0

    def start(self) -> EmbeddedStack:
        assert self.process is None
        self._runs += 1
        # dies with the test run, even when that is killed before it stops its stack
        command = [sys.executable, XINJI, "up", "--data", str(self.data)]
        if self._disk_megabytes:
            command = on_small_disk(command, self.data / "engine", self._disk_megabytes)
        self.process = start_process(command, self._output, self.env)
        until(self._is_ready, START_SECONDS, f"ready ({self._output})")
        return self

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self._output.read_text()[-4000:]
        return self._output.read_text().count("\nready\n") == self._runs

    def _endpoints(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "endpoints.json").read_text())
        return found

    @property
    def bootstrap(self) -> str:
        return str(self._endpoints()["bootstrap"])

    @property
    def clickhouse(self) -> str:
        return str(self._endpoints()["clickhouse"])

    @property
    def rejections_key(self) -> Path:
        return self.data / "rejections.key"

    @property
    def logs(self) -> list[Path]:
        return sorted([*(self.data / "logs").glob("*.log"), self._output])

    @property
    def said(self) -> str:
        """What ``xinji up`` said on its terminal."""
        return self._output.read_text()

    def pid(self, part: str) -> int | None:
        started = {name: int(pid) for name, pid in _STARTED.findall(self._supervision.read_text())}
        return started[part] if part in started and alive(started[part]) else None

    def signal(self, number: signal.Signals) -> int:
        """Sends a signal to ``xinji up`` and returns its exit code."""
        assert self.process is not None
        self._disconnect()
        self.process.send_signal(number)
        code = self.process.wait(START_SECONDS)
        self.process = None
        return code

    def stop(self) -> None:
        self.close()
        if self.process is not None:
            assert self.signal(signal.SIGTERM) == 0, self._output.read_text()[-4000:]


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not waited for yet does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").is_dir()
    return state != "Z"
