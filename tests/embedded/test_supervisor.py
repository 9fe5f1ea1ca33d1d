"""The supervisor, over tiny children that note when they start and stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.embedded.bus import bus_argv, bus_is_ready
from console.embedded.child import ChildNotReady, ChildSpec
from console.embedded.health import GRACE, PartState, read_health, write_health
from console.embedded.ports import free_port
from console.embedded.supervisor import Supervisor
from tests.deadline import until

CHILD = """
import os, signal, sys, time
name, journal = sys.argv[1], sys.argv[2]
def note(word):
    with open(journal, "a") as file:
        file.write(f"{word} {name}\\n")
def stop(*_):
    note("stop")
    os._exit(0)
signal.signal(signal.SIGTERM, stop)
note("start")
while True:
    time.sleep(60)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


class Stack:
    """Four tiny children: engine, bus and two workers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal"
        self.supervisor = Supervisor(
            [
                self.child("engine"),
                self.child("bus"),
                self.child("gate", "bus", "engine"),
                self.child("web", "gate"),
            ],
            refill=self.fill,
        )
        self.failures = 0

    def child(self, name: str, *needs: str) -> ChildSpec:
        return ChildSpec(
            name=name,
            argv=[sys.executable, "-S", "-c", CHILD, name, str(self.journal)],
            log=self.path / f"{name}.log",
            ready=lambda: f"start {name}" in self.noted(),
            depends_on=needs,
        )

    def fill(self) -> None:
        if self.failures:
            self.failures -= 1
            self.journal.write_text("")
            raise RuntimeError("the bus went away")
        with self.journal.open("a") as file:
            file.write("fill\n")

    def noted(self) -> list[str]:
        return self.journal.read_text().splitlines() if self.journal.exists() else []

    def kill(self, name: str) -> None:
        pid = self.supervisor.child_pids()[name]
        self.journal.write_text("")
        os.kill(pid, signal.SIGKILL)
        until(lambda: self.supervisor.child_pids().get(name, pid) != pid)
        until(self.supervisor.all_ready)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    made.supervisor.start(20)
    yield made
    made.supervisor.stop()


@pytest.fixture
def supervise() -> Iterator[Callable[[ChildSpec], Supervisor]]:
    made: list[Supervisor] = []

    def one(*specs: ChildSpec) -> Supervisor:
        made.append(Supervisor(specs, refill=lambda: None))
        return made[-1]

    yield one
    for supervisor in made:
        supervisor.stop()


def test_children_start_in_order_and_stop_in_reverse(stack: Stack) -> None:
    order = stack.noted()
    assert sorted(order[:2]) == ["start bus", "start engine"]
    assert order[2:] == ["fill", "start gate", "start web"]
    pids = stack.supervisor.child_pids()
    assert list(pids) == ["engine", "bus", "gate", "web"]
    stack.journal.write_text("")
    stack.supervisor.stop()
    assert stack.noted() == ["stop web", "stop gate", "stop bus", "stop engine"]
    assert stack.supervisor.child_pids() == {}
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.crash
@pytest.mark.parametrize("name", ["engine", "gate"])
def test_only_the_killed_child_is_restarted(stack: Stack, name: str) -> None:
    before = stack.supervisor.child_pids()
    stack.kill(name)
    assert stack.noted() == [f"start {name}"]
    after = stack.supervisor.child_pids()
    assert {other for other in before if before[other] != after[other]} == {name}


@pytest.mark.crash
def test_the_death_of_the_bus_stops_workers_until_it_is_filled(stack: Stack) -> None:
    before = stack.supervisor.child_pids()
    stack.kill("bus")
    noted = stack.noted()
    assert sorted(noted[:2]) == ["stop gate", "stop web"]
    assert noted[2:] == ["start bus", "fill", "start gate", "start web"]
    after = stack.supervisor.child_pids()
    assert before["engine"] == after["engine"]


@pytest.mark.crash
def test_a_failed_filling_starts_the_bus_anew(stack: Stack) -> None:
    stack.failures = 1
    stack.kill("bus")
    until(lambda: stack.supervisor.all_ready() and "start web" in stack.noted())
    assert stack.noted() == ["stop bus", "start bus", "fill", "start gate", "start web"]


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path, supervise: Callable[..., Supervisor]) -> None:
    log = tmp_path / "log"
    spec = ChildSpec(
        "stubborn",
        [sys.executable, "-S", "-c", STUBBORN],
        log,
        ready=lambda: b"up" in log.read_bytes(),
        stop_seconds=0.3,
    )
    supervisor = supervise(spec)
    supervisor.start(20)
    pid = supervisor.child_pids()["stubborn"]
    supervisor.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_that_never_serves_is_named(tmp_path: Path, supervise: Callable[..., Supervisor]) -> None:
    spec = ChildSpec("broken", [sys.executable, "-S", "-c", "raise SystemExit('no luck')"], tmp_path / "log", ready=lambda: False)
    with pytest.raises(ChildNotReady, match="no luck") as caught:
        supervise(spec).start(1.5)
    assert caught.value.name == "broken"


def test_an_unknown_dependency_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'nobody'"):
        Supervisor([ChildSpec("a", ["/bin/true"], tmp_path / "log", depends_on=["nobody"])], refill=lambda: None)


PARENT = """
import sys
from pathlib import Path
from console.embedded.child import ChildSpec
from console.embedded.supervisor import Supervisor
journal = Path(sys.argv[1])
specs = [ChildSpec(name, [sys.executable, "-S", "-c", sys.argv[2], name, str(journal)], journal.with_suffix(".log"),
                   ready=lambda: journal.exists()) for name in ("engine", "bus", "web")]
supervisor = Supervisor(specs, refill=lambda: None)
supervisor.start(20)
print(*supervisor.child_pids().values(), flush=True)
supervisor.wait()
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


@pytest.mark.crash
@pytest.mark.skipif(sys.platform != "linux", reason="foreign programs die with a killed parent on Linux only")
def test_children_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PARENT, str(tmp_path / "journal"), CHILD]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(pids) == 3
    until(lambda: all(gone(pid) for pid in pids))


@pytest.mark.crash
def test_a_child_that_calls_the_helper_dies_with_its_parent(tmp_path: Path) -> None:
    child = "from console.embedded.process import die_with_parent; die_with_parent(); print('up', flush=True); input()"
    parent = (
        "import subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE, "
        "stdout=subprocess.PIPE); c.stdout.readline(); print(c.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", parent, child], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    until(lambda: gone(pid))


@pytest.mark.stack
@pytest.mark.crash
def test_the_real_bus_comes_back(tmp_path: Path, supervise: Callable[..., Supervisor]) -> None:
    port = free_port()
    bus = ChildSpec("bus", bus_argv(port), tmp_path / "bus.log", ready=lambda: bus_is_ready(port), stop_seconds=0)
    supervisor = supervise(bus)
    supervisor.start(20)
    pid = supervisor.child_pids()["bus"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: supervisor.child_pids().get("bus", pid) != pid and bus_is_ready(port))


def test_a_child_that_ends_again_and_again_is_told_with_its_last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.embedded.supervisor.GIVE_UP", 4)
    seen: list[tuple[PartState, ...]] = []
    said: list[str] = []
    words = 'import sys; print(\'{"message": "no room", "detail": "disk full"}\'); sys.exit(4)'
    spec = ChildSpec("broken", [sys.executable, "-S", "-c", words], tmp_path / "log", ready=lambda: False)
    (tmp_path / "log").write_text("of an earlier life\n")
    supervisor = Supervisor([spec], lambda: None, watch=seen.append, alarm=lambda one: said.append(one.en))
    with pytest.raises(ChildNotReady, match="disk full") as caught:  # long before the time-out: it is hopeless
        supervisor.start(60)
    assert caught.value.name == "broken"
    (last,) = seen[-1]
    assert (last.failures, last.reason, last.state) == (4, "no room: disk full", "waiting")
    trouble = last.trouble(datetime.now(UTC))
    assert trouble is not None
    assert "4 times in a row: no room: disk full" in trouble.en
    assert said[0].startswith("broken ended (4): no room: disk full")
    assert len(said) == 3  # the first ones, and then no flood
    write_health(tmp_path, 17, seen[-1])
    assert read_health(tmp_path, 17) == [last]
    assert read_health(tmp_path, 18) == []
    assert (tmp_path / "health.json").stat().st_mode & 0o077 == 0


def test_what_a_child_logs_as_an_error_is_said_at_once(tmp_path: Path, supervise: Callable[..., Supervisor]) -> None:
    said: list[str] = []
    line = '{"level": "error", "message": "acts/3/7 was not written by the gate"}'
    code = f"import time; print('plain'); print('''{line}''', flush=True); time.sleep(60)"
    spec = ChildSpec("projector", [sys.executable, "-S", "-c", code], tmp_path / "log")
    supervisor = Supervisor([spec], lambda: None, alarm=lambda one: said.append(one.en))
    supervisor.start(20)
    try:
        until(lambda: said == ["projector: acts/3/7 was not written by the gate"], 10)
    finally:
        supervisor.stop()


def test_a_part_that_comes_up_again_and_stays_is_no_trouble() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    part = PartState("gate", "starting", now, 1, 1, now, "killed", Path("log"))
    assert part.trouble(now + GRACE) is None
    late = part.trouble(now + 2 * GRACE)
    assert late is not None
    assert "not ready since 2026-11-01T00:00:00Z (starting)" in late.en
    assert replace(part, state="ready", failures=2).trouble(now + 2 * GRACE) is None
    assert replace(part, state="ready", failures=3).trouble(now) is not None
