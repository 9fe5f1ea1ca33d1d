"""Two gates and three projectors on Apache Kafka, killed, stopped, woken and added while 20,000 acts of 12 sources come in.

Some acts are pushed twice, some arrive on the wrong partition. Afterwards everything acknowledged is there once, admission
times never decrease within a partition, and the rows are those that one replay gives.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from itertools import chain, cycle
from pathlib import Path
from random import Random
from subprocess import Popen

import pytest

from benchmarks.data import new_acts
from connectors.kafka import producer
from console.embedded.child import ChildSpec
from console.embedded.supervisor import Supervisor
from schemas.registry import fingerprint_of
from schemas.wire import FINGERPRINT_HEADER
from streams.topics import ACTS_PARTITIONS, submissions
from tests.deadline import until
from tests.integration.checks import clean, nothing_lost_or_doubled, settled
from tests.integration.cluster import ClusterStack
from tests.integration.made_up import ACTS_A_SUBJECT, penalties, write_csv
from tests.integration.stacks import START_SECONDS, XINJI, ended
from tests.kafka.broker import Broker

pytestmark = [pytest.mark.kafka, pytest.mark.crash]
SOURCES = 12
ROWS_OF_A_SOURCE = 1_600
WRONG = 800
SESSION = "6"
SEED = 20_145
HARM = (
    "add gate-2", "kill projector-1", "add projector-3", "kill gate-1", "freeze projector-2", "kill gate-2", "freeze gate-1",
)  # fmt: skip
SOURCE = '[[source]]\nid = "{}"\nname = "示例"\nkinds = ["*"]\nauthorities = ["*"]\non_behalf = true\n'


class ManyWorkers(ClusterStack):
    """A cluster whose gates and projectors have numbers: ``gate-1``, ``projector-2`` ... More may be added while it runs."""

    def __init__(self, directory: Path, broker: Broker) -> None:
        super().__init__(directory, broker)
        self.env |= {"XINJI_SOURCES": str(_sources(directory / "many.toml")), "XINJI_SESSION_TIMEOUT": SESSION}
        self._workers = Supervisor([self._worker(one) for one in ("gate-1", "projector-1", "projector-2")], lambda: None)
        self._added: list[Supervisor] = []

    def _worker(self, name: str) -> ChildSpec:
        argv = [sys.executable, "-W", "default", XINJI, "worker", name.partition("-")[0]]
        env = self.env | {"XINJI_MEMBER": name}
        return ChildSpec(name, argv, self.directory / "logs" / f"{name}.log", env, stop_seconds=20)

    def add(self, name: str) -> None:
        """One more worker."""
        more = Supervisor([self._worker(name)], lambda: None)
        more.start(START_SECONDS)
        self._added.append(more)

    def pid(self, part: str) -> int | None:
        found = [one.child_pids().get(part) for one in (self._engine, self._workers, *self._added)]
        return next((pid for pid in found if pid is not None), None)

    def stop(self) -> None:
        self.close()
        for one in self._added:
            one.stop()
        super().stop()


def _sources(path: Path) -> Path:
    ids = ["local", *(f"source-{number}" for number in range(SOURCES))]
    path.write_text("".join(SOURCE.format(one) for one in ids), encoding="utf-8")
    return path


@pytest.fixture
def many(kafka: Broker, tmp_path: Path) -> Iterator[ManyWorkers]:
    stack = ManyWorkers(tmp_path, kafka)
    try:
        stack.start()
        yield stack
    finally:
        for log in stack.logs:
            print(f"--- {log}\n{log.read_text(errors='replace')[-2500:]}")
        stack.stop()


def push(stack: ManyWorkers, folder: Path, source: int) -> Popen[str]:
    rows = ({**row, "公示日期": ""} for row in penalties(ROWS_OF_A_SOURCE, source * ROWS_OF_A_SOURCE // ACTS_A_SUBJECT))
    file = write_csv(folder / f"{source}.csv", rows)
    given = ("--profile", "penalty-2018", "--source", f"source-{source}", "--wait", "90", "--json")
    return stack.start_command("push", str(file), *given, "--receipts", str(file.with_suffix(".receipts")))


def send_to_wrong_partitions(stack: ManyWorkers) -> int:
    """Single events as a foreign client might send them: any partition."""
    random, sink = Random(SEED), producer(stack.bootstrap)
    said = new_acts(10_000, WRONG, 5_000_000)
    for one in said:
        headers = [(FINGERPRINT_HEADER, fingerprint_of(one.name).encode())]
        sink.produce(submissions("local"), partition=random.randrange(ACTS_PARTITIONS), value=one.value, headers=headers)
    assert sink.flush(30) == 0
    return len(said)


def test_everything_is_there_once_whatever_happens_to_the_workers(many: ManyWorkers, tmp_path: Path) -> None:
    first = ((source, "admitted") for source in range(SOURCES))
    again = ((source, "duplicates") for source in cycle(range(SOURCES)))
    wrong = send_to_wrong_partitions(many)
    harm, files = Harm(many), chain(first, again)
    pushing: list[tuple[Popen[str], str]] = []
    started = 0
    while pushing or started < SOURCES or not harm.done:
        while len(pushing) < 2 and (started <= SOURCES or not harm.done):  # one file at least comes twice
            source, outcome = next(files)
            pushing.append((push(many, tmp_path, source), outcome))
            started += 1
        harm.go_on()
        for one, outcome in [each for each in pushing if each[0].poll() is not None]:
            none = {"rows": ROWS_OF_A_SOURCE, "admitted": 0, "duplicates": 0, "rejected": []}
            assert ended(one).json == none | {outcome: ROWS_OF_A_SOURCE}
            pushing.remove((one, outcome))
        soon = time.monotonic() + 0.2
        until(lambda soon=soon: time.monotonic() > soon)
    check(many, tmp_path, wrong)


class Harm:
    """Something every few seconds, as long as there is something left."""

    def __init__(self, stack: ManyWorkers) -> None:
        self._stack, self._left, self._random = stack, list(HARM), Random(SEED)
        self._frozen: tuple[str, int, float] | None = None
        self._next = time.monotonic() + 4

    @property
    def done(self) -> bool:
        return not self._left and self._frozen is None

    def go_on(self) -> None:
        now = time.monotonic()
        if self._frozen is not None and now > self._frozen[2]:
            os.kill(self._frozen[1], signal.SIGCONT)
            self._frozen = None
        if now > self._next and self._frozen is None and self._left:
            what = self._left.pop(0)
            print(what)
            self._frozen = do_harm(self._stack, what)
            self._next = time.monotonic() + 3 + self._random.random() * 2


def do_harm(stack: ManyWorkers, what: str) -> tuple[str, int, float] | None:
    """Adds or kills a worker, or freezes one for longer than its session; then when to wake it."""
    verb, _, part = what.partition(" ")
    match verb:
        case "add":
            stack.add(part)
        case "kill":
            stack.kill(part)
        case "freeze":
            pid = stack.running(part)
            os.kill(pid, signal.SIGSTOP)
            return part, pid, time.monotonic() + float(SESSION) * 1.7
    return None


def check(stack: ManyWorkers, folder: Path, wrong: int) -> None:
    total = SOURCES * ROWS_OF_A_SOURCE + wrong
    until(lambda: stack.value("SELECT count() FROM xinji.acts") == total, 120, "every act admitted")
    settled(stack)
    for source in range(SOURCES):
        nothing_lost_or_doubled(stack, folder / f"{source}.receipts")
    decreasing = (
        "SELECT count() FROM (SELECT recorded_at, lagInFrame(recorded_at) OVER (PARTITION BY topic_partition ORDER BY topic_offset "
        "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before FROM xinji.act_log FINAL) WHERE recorded_at < before"
    )
    assert stack.value(decreasing) == 0, "admission times decrease within a partition"
    misplaced = (
        "SELECT count() FROM (SELECT subject_id FROM xinji.act_log GROUP BY subject_id HAVING uniqExact(topic_partition) > 1)"
    )
    assert stack.value(misplaced) == 0
    clean(stack)
