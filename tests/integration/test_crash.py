"""SIGKILL at random moments while 20,000 acts are pushed: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from subprocess import Popen

import pytest

from tests.deadline import until
from tests.integration.checks import clean, nothing_lost_or_doubled
from tests.integration.made_up import ACTS_A_SUBJECT, penalties, write_csv
from tests.integration.stacks import EmbeddedStack, Stack, alive, ended

pytestmark = pytest.mark.crash
ROWS = 20_000
FEWER = 8_000
PARTS = ("gate", "projector", "engine", "bus")
"""Apache Kafka's broker stands in for the bus."""
SEED = int(os.environ.get("XINJI_CRASH_SEED") or 20_141)
"""Another one may be given by the environment; a failure prints what was killed when."""


def acts(folder: Path, block: int, rows: int) -> Path:
    """A file of acts about subjects that no other block has; one row, one event."""
    made = ({**row, "公示日期": ""} for row in penalties(rows, first_subject=block * ROWS // ACTS_A_SUBJECT))
    return write_csv(folder / "acts.csv", made)


def moments(random: Random, kills: int) -> Iterator[tuple[int, float]]:
    """When to kill: so many acts landed, and so many seconds later. Spread over the first seven tenths of the push."""
    for number in range(kills):
        yield int((number + random.random()) / kills * ROWS * 0.7), random.random() / 2


def push(stack: Stack, file: Path) -> Popen[str]:
    return stack.start_command(
        "push", str(file), "--profile", "penalty-2018", "--json", "--wait", "60", "--receipts", str(file.with_suffix(".receipts"))
    )


def kill_while(stack: Stack, part: str, pushing: Popen[str], kills: int) -> int:
    """Kills a part again and again until the push has ended; how many times it did."""
    print(f"seed {SEED}, {stack.kind}, {part}")
    base, killed = stack.landed(), 0
    for at, later in moments(Random(f"{SEED} {stack.kind} {part}"), kills):
        until(lambda at=at: pushing.poll() is not None or stack.landed() - base >= at, 120, f"{at} acts landed")
        moment = time.monotonic() + later
        until(lambda moment=moment: time.monotonic() >= moment or pushing.poll() is not None)
        if pushing.poll() is not None:
            break
        print(f"kill {part} {later:.3f} s after {at} acts, {stack.landed() - base} landed")
        stack.kill(part)
        killed += 1
        stack.running(part)
    return killed


def check(stack: Stack, file: Path, admitted: int, before: int = 0) -> None:
    receipts = file.with_suffix(".receipts")
    assert len(receipts.read_text(encoding="utf-8").splitlines()) == admitted
    nothing_lost_or_doubled(stack, receipts)
    found = clean(stack)
    assert found["projections"]["act_log"]["live"] == before + admitted == stack.value("SELECT count() FROM xinji.acts")
    assert stack.value("SELECT uniqExact(subject_id, act_id) FROM xinji.acts") == before + admitted


@pytest.mark.parametrize("part", PARTS)
def test_kill_nine_while_acts_are_pushed(stack: Stack, part: str, tmp_path: Path) -> None:
    file = acts(tmp_path, PARTS.index(part), ROWS)
    part = part if part in stack.parts else "broker"
    before = max(0, stack.landed())
    pushing = push(stack, file)
    killed = kill_while(stack, part, pushing, 2 if part in ("bus", "broker") else 3)
    told = ended(pushing).json
    assert told == {"rows": ROWS, "admitted": ROWS, "duplicates": 0, "rejected": []}
    assert killed > 0
    check(stack, file, ROWS, before)


def test_a_push_that_is_killed_may_be_run_again(stack: Stack, tmp_path: Path) -> None:
    file = acts(tmp_path, len(PARTS), FEWER)
    before = max(0, stack.landed())
    count = "SELECT count() FROM xinji.receipts FINAL"
    base = stack.value(count)
    pushing = push(stack, file)
    until(lambda: stack.value(count) > base, what="the first receipts")
    pushing.kill()
    ended(pushing, -signal.SIGKILL)
    acknowledged = stack.value(count) - base
    told = ended(push(stack, file)).json
    assert (told["rows"], told["admitted"] + told["duplicates"], told["rejected"]) == (FEWER, FEWER, [])
    assert told["duplicates"] >= acknowledged
    check(stack, file, FEWER, before)


@pytest.mark.stack
def test_the_whole_stack_is_killed_while_acts_are_pushed(tmp_path: Path) -> None:
    file = acts(tmp_path, 0, FEWER)
    stack = EmbeddedStack(tmp_path).start()
    try:
        pushing = push(stack, file)
        until(lambda: stack.landed() > 0, what="acts landed")
        children = [stack.running(part) for part in stack.parts]
        assert stack.signal(signal.SIGKILL) == -signal.SIGKILL
        until(lambda: not any(map(alive, children)), 10, "children gone with their parent")
        stack.start()
        assert ended(pushing).json == {"rows": FEWER, "admitted": FEWER, "duplicates": 0, "rejected": []}
        check(stack, file, FEWER)
    finally:
        stack.stop()
