"""A disk that is full, for real: nothing that was acknowledged is lost, and everything goes on once there is room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deadline import until
from tests.integration.checks import clean, nothing_lost_or_doubled
from tests.integration.made_up import penalties, write_csv
from tests.integration.stacks import EmbeddedStack, ended
from tests.small_disk import Ballast

pytestmark = [pytest.mark.stack, pytest.mark.crash]
MEGABYTES = 400
ROWS = 20_000
FULL_AFTER = 8_000_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[EmbeddedStack]:
    """A stack, not started yet, whose engine's directory is a small disk."""
    stack = EmbeddedStack(tmp_path, disk_megabytes=MEGABYTES)
    yield stack
    stack.stop()


def engine_disk(stack: EmbeddedStack, leave: int) -> Ballast:
    return Ballast(stack.running("engine"), stack.data / "engine", leave=leave)


def test_a_full_disk_loses_nothing(small: EmbeddedStack, tmp_path: Path) -> None:
    small.env["XINJI_FREE_SPACE"] = "0"  # nobody watches: the disk gets full under whoever writes
    small.start()
    file, receipts = write_csv(tmp_path / "acts.csv", penalties(ROWS, 1)), tmp_path / "receipts.jsonl"
    ballast = engine_disk(small, FULL_AFTER)
    push = small.start_command("push", str(file), "--profile", "penalty-2018", "--json", "--receipts", str(receipts))
    waits = small.data / "logs" / "projector.log"
    until(lambda: "free some space" in waits.read_text(), what="the disk full")
    ballast.throw_off()
    said = ended(push).json
    assert said["admitted"] == ROWS
    nothing_lost_or_doubled(small, receipts)
    clean(small)
    assert small.run("status", "--json").json["healthy"]


def test_admission_stops_before_the_disk_is_full(small: EmbeddedStack, tmp_path: Path) -> None:
    small.env["XINJI_FREE_SPACE"] = str(MEGABYTES // 4)
    small.start()
    ballast = engine_disk(small, MEGABYTES * 1_000_000 // 8)
    file = write_csv(tmp_path / "acts.csv", penalties(10, 1))
    push = small.start_command("push", str(file), "--profile", "penalty-2018", "--json")
    until(lambda: "nearly full" in (small.data / "logs" / "gate.log").read_text(), what="admission waiting")
    said = small.run("status", code=1)
    assert "admission waits" in said.out
    assert small.value("SELECT count() FROM receipts") == 0
    ballast.throw_off()
    assert ended(push).json["admitted"] == 10
    assert small.run("status", "--json").json["disk_nearly_full"] is False
