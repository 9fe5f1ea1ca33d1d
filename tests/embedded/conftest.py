"""Starts the real parts on free ports for these tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from console.embedded.bus import Bus
from console.embedded.ports import free_port
from console.embedded.process import start_process
from tests.deadline import until
from tests.small_disk import on_small_disk

START_SECONDS = 30.0
SERVE = """
import sys
from pathlib import Path
from console.embedded import engine
from console.embedded.access import Access, Limits, Views
engine.STOP_SECONDS = float(sys.argv[3])
access = Access(sys.argv[4], Limits(seconds=2, megabytes=500), Views("trial", ("shown", "shown_as_of")))
engine.serve(Path(sys.argv[1]), int(sys.argv[2]), access)
"""


@dataclass
class Front:
    """A running engine front."""

    process: subprocess.Popen[bytes]
    path: Path
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: object) -> Client:
        return clickhouse_connect.get_client(host="127.0.0.1", port=self.port, **options)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


def start_front(path: Path, stop_seconds: float = 5.0, *, megabytes: int = 0, secret: str = "") -> Front:
    """``megabytes``: of a small disk that holds its data, 0 for none. ``secret``: without it everybody is the owner."""
    port = free_port()
    log = path.with_name(path.name + ".log")
    command = [sys.executable, "-c", SERVE, str(path), str(port), str(stop_seconds), secret]
    # dies with the test run, even when a test fails before it stops its front
    process = start_process(on_small_disk(command, path, megabytes) if megabytes else command, log)
    front = Front(process, path, port, log)

    def answers() -> bool:
        assert process.poll() is None, "the front ended"
        try:
            with urlopen(front.url + "/ping", timeout=1) as answer:
                return bool(answer.read() == b"Ok.\n")
        except OSError:
            return False

    until(answers, START_SECONDS)
    return front


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    running = start_front(tmp_path_factory.mktemp("engine"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def client(front: Front) -> Iterator[Client]:
    """A client whose database of this test is new and its default."""
    with front.client() as admin:
        admin.command("DROP DATABASE IF EXISTS trial")
        admin.command("CREATE DATABASE trial")
    with front.client(database="trial") as made:
        yield made


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    with Bus(free_port(), tmp_path_factory.mktemp("bus") / "bus.log") as running:
        yield running
