"""The gate's real process between the embedded bus and the embedded engine."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from schemas import wire
from tests.deadline import until
from tests.gate.fakes import OTHER, SUBJECT, batch, penalty
from tests.gate.stack import Stack, running

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module", params=["faust", "plain"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The same behaviour under both hosts."""
    with running(tmp_path_factory.mktemp("stack"), request.param) as parts:
        yield parts


def test_answers_batches_and_garbage_and_stops_cleanly(stack: Stack) -> None:
    gate = stack.gate()
    try:
        stack.push(os.urandom(300))
        stack.push(b"")
        stack.push(batch([penalty("s1"), penalty("s1"), b"\0\0\0\0\3junk", penalty("s2", fine_amount=None)], "stack-1"))
        stack.push(batch([penalty("s3")] * 3, "torn")[:-9])
        stack.push(penalty("s4"))
        stack.flush()
        until(lambda: bool(stack.store.read_receipts("local", "submissions.local/0/4")))
        assert [row.reason or row.outcome for row in stack.store.read_receipts("local", "stack-1")] == [
            "admitted", "duplicate", "undecodable", "admitted",
        ]  # fmt: skip
        assert [row.outcome for row in stack.store.read_receipts("local", "submissions.local/0/4")] == ["admitted"]
        assert {row.reason for row in stack.store.list_rejections()} == {"undecodable"}
        assert len(stack.store.list_rejections()) == 4
        assert gate.poll() is None
        first = stack.store.read_receipts("local", "stack-1")[0]
        (said,) = stack.store.look_up([(SUBJECT, _act("s1"))], [], [], progress=False).statements
        assert (said.event_id, said.partition, said.offset) == (first.event_id, first.topic_partition, first.topic_offset)
    finally:
        gate.send_signal(signal.SIGTERM)
        assert gate.wait(30) == 0


def test_our_own_failure_ends_the_process_and_rejects_nothing(stack: Stack) -> None:
    rejected = len(stack.store.list_rejections())
    stack.push(batch([penalty("own-1")], "own-1"))
    stack.flush()
    broken = stack.gate("broken", XINJI_DATABASE="absent")
    assert broken.wait(60) not in (0, None)
    gate = stack.gate("mended")
    try:
        until(lambda: bool(stack.store.read_receipts("local", "own-1")))
    finally:
        gate.terminate()
        assert gate.wait(30) == 0
    assert [row.outcome for row in stack.store.read_receipts("local", "own-1")] == ["admitted"]
    assert len(stack.store.list_rejections()) == rejected


@pytest.mark.crash
def test_kill_nine_loses_and_doubles_nothing(stack: Stack) -> None:
    """Batches in which acts are stated, changed and stated again, while the gate is killed again and again."""
    batches = {
        f"kill-{number}": [
            penalty(
                f"k{number}-{row // 3}",
                {"subject_id": (SUBJECT, OTHER)[row // 3 % 2]},
                remark=None if row % 3 != 1 else "b",
            )
            for row in range(150)
        ]
        for number in range(60)
    }
    before = _landed(stack)
    for batch_id, values in batches.items():
        stack.push(batch(values, batch_id))
    stack.flush()
    gate = stack.gate("killed")
    until(lambda: _landed(stack) > before)  # on the log and not answered
    gate.kill()
    gate.wait()
    gate = stack.gate("killed")
    until(lambda: bool(stack.store.read_receipts("local", "kill-0")))  # answered, perhaps not acknowledged
    gate.kill()
    gate.wait()
    gate = stack.gate("killed")
    before = _landed(stack)
    until(lambda: _landed(stack) > before or bool(stack.store.read_receipts("local", "kill-59")))
    gate.terminate()  # in the middle of its work
    assert gate.wait(30) == 0
    stack.push(batch([penalty("end")], "end"))
    stack.flush()
    gate = stack.gate("killed")
    try:
        until(lambda: bool(stack.store.read_receipts("local", "end")))
    finally:
        gate.terminate()
        assert gate.wait(30) == 0
    for batch_id, values in batches.items():
        receipts = stack.store.read_receipts("local", batch_id)
        assert [row.index for row in receipts] == list(range(len(values)))
        assert {row.outcome for row in receipts} == {"admitted"}
        assert [row.value_sha256 for row in receipts] == [wire.value_digest(value) for value in values]
    seen = Counter(row.event_id for batch_id in batches for row in stack.store.read_receipts("local", batch_id))
    assert set(seen.values()) == {1}
    keys = [((SUBJECT, OTHER)[act % 2], _act(f"k{number}-{act}")) for number in range(60) for act in range(50)]
    statements = stack.store.look_up(keys, [], [], progress=False).statements
    assert {one.event_id for one in statements} == set(seen)


def _landed(stack: Stack) -> int:
    return sum(offset for offset, _ in stack.store.progress("landed").values())


def _act(number: str) -> str:
    act: str = wire.decode(penalty(number))[1]["header"]["act_id"]
    return act


@pytest.mark.crash
def test_two_gates_share_the_partitions(stack: Stack) -> None:
    """Batches keyed as push does, and some on wrong partitions, while a second gate comes, one is killed, and it returns."""
    said = {
        f"two-{number}": [penalty(f"t{number}-{row}", {"subject_id": (SUBJECT, OTHER)[row % 2]}) for row in range(20)]
        for number in range(30)
    }
    gates = [stack.gate("one")]
    for number, (batch_id, values) in enumerate(said.items()):
        stack.push(batch(values, batch_id), partition=number % 12)
    stack.flush()
    gates.append(stack.gate("two"))
    until(lambda: bool(stack.store.read_receipts("local", "two-0")))
    gates[0].kill()
    gates[0].wait()
    gates.append(stack.gate("three"))
    try:
        until(lambda: all(len(stack.store.read_receipts("local", batch_id)) == 20 for batch_id in said), 120)
        stack.push(batch([penalty("late", {"subject_id": one}) for one in (SUBJECT, OTHER)], "late"), partition=5)
        stack.flush()
        until(lambda: len(stack.store.read_receipts("local", "late")) == 2)
    finally:
        for one in gates[1:]:
            one.terminate()
        assert [one.wait(30) for one in gates[1:]] == [0, 0]
    rows = stack.store.read_receipts("local", *said)
    assert {row.outcome for row in rows} == {"admitted"}
    assert len({row.event_id for row in rows}) == len(rows) == 600
    keys = [((SUBJECT, OTHER)[row % 2], _act(f"t{number}-{row}")) for number in range(30) for row in range(20)]
    landed = stack.store.look_up(keys, [], [], progress=False).statements
    assert {one.event_id for one in landed} == {row.event_id for row in rows}
    for partition in {one.partition for one in landed}:
        times = [one.recorded_at for one in sorted(landed, key=lambda one: one.offset) if one.partition == partition]
        assert times == sorted(times)
