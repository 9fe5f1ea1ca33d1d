"""ClickHouse answering with errors, half answers or none: workers wait or start again, and nothing is lost.

Not in one module with tests on the shared stack: two stacks on one broker would be two gates of one group.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from console.embedded.bus import Bus
from console.embedded.ports import free_port
from tests.deadline import until
from tests.integration import proxy as faults
from tests.integration.cluster import ClusterStack
from tests.integration.conftest import EMBEDDED, KAFKA
from tests.integration.made_up import penalties, write_csv
from tests.integration.proxy import Proxy
from tests.integration.stacks import ended
from tests.integration.test_away import ROWS, pushed_whole

pytestmark = pytest.mark.crash
PASSING = (faults.BUSY, faults.GATEWAY, faults.CUT, faults.LOST, faults.REFUSED)


@pytest.fixture(params=[EMBEDDED, KAFKA])
def proxied(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[ClusterStack, Proxy]]:
    """Workers and commands that see ClickHouse through a proxy; on the embedded bus, or on Apache Kafka."""
    if request.param == "kafka":
        broker, bus = request.getfixturevalue("kafka"), None
    else:
        broker = bus = Bus(free_port(), tmp_path / "bus.log")
    port = free_port()
    stack = ClusterStack(tmp_path, broker, through=f"http://127.0.0.1:{port}")
    stack.env["XINJI_PROJECTOR_BATCH"] = "100"
    try:
        with Proxy(port, stack.clickhouse, lambda: faults.PASS) as before_engine:
            try:
                yield stack.start(), before_engine
            finally:
                before_engine.fault = lambda: faults.PASS
                stack.stop()
    finally:
        if bus is not None:
            bus.stop()


class Deck:
    """A third of the requests fails; the twentieth in a way that no waiting mends: the worker ends and starts again."""

    def __init__(self, random: Random) -> None:
        self._random, self._lock, self._drawn = random, threading.Lock(), 0

    def draw(self) -> str:
        with self._lock:
            self._drawn += 1
            if self._drawn == 20:
                return faults.BROKEN
            return self._random.choice(PASSING) if self._random.random() < 1 / 3 else faults.PASS


def test_errors_half_answers_and_no_answers(proxied: tuple[ClusterStack, Proxy], tmp_path: Path) -> None:
    """Every third request of the workers fails in one of six ways, after it was carried out or before."""
    stack, proxy = proxied
    file = write_csv(tmp_path / "acts.csv", penalties(ROWS, 30_000))
    proxy.fault = Deck(Random(20_260_401)).draw
    said = ended(
        stack.start_command(
            "push", str(file), "--profile", "penalty-2018", "--json", XINJI_CLICKHOUSE=stack.clickhouse, XINJI_BATCH_ROWS="20"
        )
    ).json
    proxy.fault = lambda: faults.PASS
    print(dict(proxy.did))
    assert all(proxy.did[one] for one in PASSING), f"too few requests for every fault: {proxy.did}"
    pushed_whole(stack, file, 0, said)


def test_a_push_waits_through_errors(proxied: tuple[ClusterStack, Proxy], tmp_path: Path) -> None:
    stack, proxy = proxied
    file = write_csv(tmp_path / "acts.csv", penalties(ROWS, 30_000))
    pushing = stack.start_command("push", str(file), "--profile", "penalty-2018", "--json")
    until(lambda: stack.landed() > 0, what="acts landed")
    for kind in PASSING:
        proxy.fault = lambda kind=kind: kind
        seen = proxy.did[kind]
        until(lambda kind=kind, seen=seen: proxy.did[kind] > seen + 2 or pushing.poll() is not None, what=kind)
        proxy.fault = lambda: faults.PASS
    pushed_whole(stack, file, 0, ended(pushing).json)
