"""ClickHouse away for a while, or answering with errors: workers wait or start again, and nothing is lost."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.deadline import until
from tests.integration.checks import clean, nothing_lost_or_doubled
from tests.integration.made_up import penalties, write_csv
from tests.integration.stacks import Stack, ended

pytestmark = pytest.mark.crash
ROWS = 2_000
EVENTS = ROWS * 13 // 10
"""Three of ten rows also say when the act was disclosed."""


def pushed_whole(stack: Stack, file: Path, before: int, said: object) -> None:
    assert said == {"rows": ROWS, "admitted": ROWS, "duplicates": 0, "rejected": []}
    nothing_lost_or_doubled(stack)
    assert clean(stack)["projections"]["act_log"]["live"] == before + EVENTS


def test_an_engine_that_stands_still_for_seconds(stack: Stack, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "acts.csv", penalties(ROWS, 10_000))
    before, gate, projector = max(0, stack.landed()), stack.running("gate"), stack.running("projector")
    engine = stack.running("engine")
    pushing = stack.start_command("push", str(file), "--profile", "penalty-2018", "--json")
    until(lambda: stack.landed() > before, what="acts landed")
    os.kill(engine, signal.SIGSTOP)
    try:
        awake = time.monotonic() + 4
        until(lambda: time.monotonic() > awake)
    finally:
        os.kill(engine, signal.SIGCONT)
    pushed_whole(stack, file, before, ended(pushing).json)
    assert (stack.pid("gate"), stack.pid("projector")) == (gate, projector), "a worker ended because ClickHouse was slow"


def test_an_engine_that_is_stopped_and_started_again(stack: Stack, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "acts.csv", penalties(ROWS, 20_000))
    before = max(0, stack.landed())
    pushing = stack.start_command("push", str(file), "--profile", "penalty-2018", "--json")
    for _ in range(2):
        until(lambda: stack.landed() > before or pushing.poll() is not None, what="acts landed")
        engine = stack.running("engine")
        os.kill(engine, signal.SIGTERM)
        until(lambda engine=engine: stack.pid("engine") not in (None, engine), what="another engine")
    pushed_whole(stack, file, before, ended(pushing).json)
