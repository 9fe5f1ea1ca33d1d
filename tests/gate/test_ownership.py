"""Several gates over one log: partitions come and go, takes are stalled, and the broker's answers are lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import Any

import orjson
import pytest

from schemas.partition import partition_of
from streams.gate.kafka_sink import NotDelivered
from streams.gate.ownership import Disowned, Ownership, held_of_all
from streams.gate.port import Record
from streams.gate.submissions import INDEX_HEADER, Submission
from streams.gate.takes import Takes
from streams.gate.work import Gate, LogTailLost
from streams.topics import ACTS
from tests.gate.fakes import NOW, OTHER, SUBJECT, FakeBus, batch, message, penalty
from tests.gate.test_gate import RULES, SEALER, SOURCES

MINE, THEIRS = partition_of(SUBJECT, 12), partition_of(OTHER, 12)


class Host:
    """A gate over a bus shared with others, and what its host knows. ``before`` is called before anything is produced."""

    def __init__(self, bus: FakeBus, partitions: Iterable[int] = range(12), *, lease: float = float("inf")) -> None:
        self.bus, self.now, self.member = bus, 0.0, True
        self.asked = 0
        self.owned = Ownership(lease, clock=lambda: self.now)
        self.owned.asked_by(self._ask)
        self.owned.give(partitions)
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        gate = Gate(
            bus, self, SOURCES, RULES, SEALER, after_landing=True, stop=Event(), clock=lambda: NOW, owned=self.owned
        )  # fmt: skip
        self.takes = Takes(gate, self.owned, bus.ends, Event())

    def _ask(self) -> bool:
        self.asked += 1
        return self.member

    def deliver(self, records: Sequence[Record]) -> Mapping[str, int]:
        before, self.before = self.before, lambda: None
        before()
        offsets = self.bus.deliver(records)
        after, self.after = self.after, lambda: None
        after()
        return offsets

    def take(self, *messages: Submission) -> None:
        self.takes.take(messages)


def answers(bus: FakeBus, batch_id: str) -> list[tuple[int, str]]:
    return [(row.index, row.reason or row.outcome) for row in bus.read_receipts(batch_id)]


def test_what_is_not_held_is_not_taken() -> None:
    bus = FakeBus()
    with pytest.raises(Disowned):
        Host(bus, {MINE}).take(message(batch([penalty()], "b1"), partition=MINE), message(penalty("2"), 1, partition=THEIRS))
    assert not bus.acts
    assert not bus.receipts


def test_a_partition_taken_away_while_deciding_is_not_written_to() -> None:
    bus = FakeBus()
    host = Host(bus)
    bus.look_up, looked_up = _then(bus.look_up, host.owned.take_away), bus.look_up  # type: ignore[method-assign]
    with pytest.raises(Disowned):
        host.take(message(batch([penalty()], "b1"), partition=MINE))
    bus.look_up = looked_up  # type: ignore[method-assign]
    assert not bus.acts
    assert not bus.receipts
    assert not bus.others


def test_a_partition_taken_away_while_producing_is_answered_by_its_next_owner() -> None:
    bus = FakeBus()
    old, new = Host(bus), Host(bus)
    old.after = old.owned.take_away
    with pytest.raises(Disowned):
        old.take(message(batch([penalty(), penalty()], "b1"), partition=MINE))
    assert not bus.receipts
    new.take(message(batch([penalty(), penalty()], "b1"), partition=MINE))
    assert answers(bus, "b1") == [(0, "admitted"), (1, "duplicate")]
    assert len(bus.acts) == 1


def test_a_stalled_gate_that_wakes_after_its_successor_began_writes_nothing() -> None:
    """SIGSTOP past the session time-out: the host has not heard of it yet, but the lease is over and the group says no."""
    bus = FakeBus()
    stalled, successor = Host(bus, lease=5.0), Host(bus, lease=5.0)
    stalled.take(message(batch([penalty("0")], "b0"), partition=MINE))

    def stop_and_wake() -> None:
        successor.take(message(batch([penalty()], "b1"), partition=MINE))
        stalled.now, stalled.member = 60.0, False

    bus.look_up = _then(bus.look_up, stop_and_wake)  # type: ignore[method-assign]
    with pytest.raises(Disowned):
        stalled.take(message(batch([penalty()], "b1"), partition=MINE))
    assert answers(bus, "b1") == [(0, "admitted")]
    assert len(bus.acts) == 2


def test_the_group_is_asked_only_when_its_word_is_old() -> None:
    host = Host(FakeBus(), lease=5.0)
    for number, now in enumerate((0.0, 1.0, 4.9, 5.0, 9.0, 10.0)):
        host.now = now
        host.take(message(batch([penalty(str(number))], f"b{number}"), number, partition=MINE))
    assert host.asked == 3
    host.owned.give(range(12))  # a new assignment is a new question
    host.take(message(batch([penalty("7")], "b7"), 7, partition=MINE))
    assert host.asked == 4


def test_orphans_are_adopted_by_partition_and_forgotten_with_it() -> None:
    bus = FakeBus()
    dying = Host(bus)
    dying.after = dying.owned.take_away
    with pytest.raises(Disowned):
        dying.take(message(batch([penalty(), penalty(header_fields={"subject_id": OTHER})], "b1"), partition=MINE))
    one, other = Host(bus, {MINE}), Host(bus, {THEIRS})
    one.take(message(batch([penalty()], "x"), partition=MINE))
    assert set(one.takes._gate._decider._orphans) == set()
    other.take(message(batch([penalty("9", {"subject_id": OTHER})], "y"), partition=THEIRS))
    assert {one.partition for one in other.takes._gate._decider._orphans.values()} == {THEIRS}
    other.owned.give({MINE})
    other.take(message(batch([penalty("8")], "z"), partition=MINE))
    assert not other.takes._gate._decider._orphans
    assert not len(other.takes._gate._window) or all(p == MINE for p in other.takes._gate._window._in_order)


def test_recorded_at_goes_on_where_the_last_owner_was() -> None:
    bus = FakeBus()
    early = Host(bus)
    early.takes._gate._clock = lambda: NOW.replace(year=2030)
    early.take(message(batch([penalty("1", {"occurred_on": NOW.date()})], "b1"), partition=MINE))
    Host(bus).take(message(batch([penalty("2")], "b2"), 1, partition=MINE))
    first, second = (one.timestamp_ms for one in bus.records[MINE])
    assert first == second


def test_a_rebalance_during_recovery_begins_it_again() -> None:
    bus = FakeBus()
    host = Host(bus, {MINE})
    bus.unanswered = _then(bus.unanswered, lambda: host.owned.give({MINE, THEIRS}))  # type: ignore[method-assign]
    Host(bus).take(message(batch([penalty("0")], "b0"), partition=MINE))
    with pytest.raises(Disowned):
        host.take(message(batch([penalty()], "b1"), partition=MINE))
    host.take(message(batch([penalty()], "b1"), partition=MINE))
    assert host.owned.unrecovered()[1] == frozenset()
    assert answers(bus, "b1") == [(0, "admitted")]


def test_a_time_out_after_the_broker_appended_appends_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.gate.takes._BETWEEN_TRIES", 0.0)
    bus = FakeBus()
    host = Host(bus)
    lost = iter([True])

    def time_out() -> None:
        if next(lost, False):
            raise NotDelivered(ACTS, "timed out", 1)

    host.after = time_out
    host.take(message(batch([penalty(), penalty("2"), penalty()], "b1"), partition=MINE))
    assert answers(bus, "b1") == [(0, "admitted"), (1, "admitted"), (2, "duplicate")]
    assert len(bus.acts) == 2


def test_a_statement_on_the_wrong_partition_is_answered_by_the_right_gate() -> None:
    bus = FakeBus()
    wrong, right = Host(bus, {MINE}), Host(bus, {THEIRS})
    values = [penalty("1", {"subject_id": OTHER}), penalty("2"), b"junk", penalty("3", {"subject_id": OTHER})]
    wrong.take(message(batch(values, "b1"), partition=MINE))
    assert answers(bus, "b1") == [(1, "admitted"), (2, "undecodable")]
    (passed,) = [one for one in bus.others if one.topic == "submissions.local"]
    assert (passed.partition, passed.headers) == (THEIRS, ((INDEX_HEADER, b"[0,3]"),))
    arrived = Submission("local", passed.topic, THEIRS, 0, passed.value, None, dict(passed.headers)[INDEX_HEADER])
    right.take(arrived)
    right.take(arrived)
    assert answers(bus, "b1") == [(0, "admitted"), (1, "admitted"), (2, "undecodable"), (3, "admitted")]
    assert len(bus.records[THEIRS]) == 2


def test_a_single_event_on_the_wrong_partition_keeps_its_name() -> None:
    bus = FakeBus()
    Host(bus, {MINE}).take(message(penalty("1", {"subject_id": OTHER}), 17, partition=MINE))
    (passed,) = [one for one in bus.others if one.topic == "submissions.local"]
    headers = dict(passed.headers)
    Host(bus, {THEIRS}).take(Submission("local", passed.topic, THEIRS, 0, passed.value, None, headers[INDEX_HEADER]))
    assert answers(bus, f"submissions.local/{MINE}/17") == [(0, "admitted")]


@pytest.mark.parametrize("header", [b"[0]", b"[0,0]", b"[0,-1]", b"[0,4294967296]", b"nonsense", b"[true,1]", b'{"0":1}'])
def test_a_strangers_index_must_make_sense(header: bytes) -> None:
    bus = FakeBus()
    value = batch([penalty("1"), penalty("2")], "b1")
    Host(bus).take(Submission("local", "submissions.local", MINE, 0, value, None, header))
    assert answers(bus, "b1") == [(0, "admitted"), (1, "admitted")]


def test_a_gate_that_holds_both_partitions_decides_at_once() -> None:
    bus = FakeBus()
    Host(bus, {MINE, THEIRS}).take(message(batch([penalty("1", {"subject_id": OTHER})], "b1"), partition=MINE))
    assert len(bus.records[THEIRS]) == 1
    assert [orjson.loads(one.value)["batch_id"] for one in bus.others] == ["b1"]


def test_a_log_shorter_than_what_has_landed_stops_admission() -> None:
    bus = FakeBus()
    host = Host(bus)
    host.take(message(batch([penalty("1"), penalty("2")], "b1"), partition=MINE))
    with pytest.raises(LogTailLost) as lost:
        Host(_cut(bus)).take(message(batch([penalty("3")], "b2"), partition=MINE))
    assert (lost.value.partition, lost.value.end, lost.value.landed) == (MINE, 1, 2)


def test_a_log_that_loses_its_tail_under_a_running_gate_stops_admission() -> None:
    bus = FakeBus()
    host = Host(bus)
    host.take(message(batch([penalty("1"), penalty("2"), penalty("3")], "b1"), partition=MINE))
    host.take(message(batch([penalty("4")], "b2"), 1, partition=MINE))
    bus.lands = False
    del bus.records[MINE][1:]
    with pytest.raises(LogTailLost):
        host.take(message(batch([penalty("5")], "b3"), 2, partition=MINE))
    assert not bus.read_receipts("b3")


def test_only_partitions_of_all_topics_are_held() -> None:
    assigned = [("a", 0), ("a", 1), ("b", 1), ("b", 2), ("elsewhere", 5)]
    assert held_of_all(("a", "b"), assigned) == {1}
    assert held_of_all(("a",), assigned) == {0, 1}
    assert held_of_all(("a", "b"), []) == frozenset()


def _then(action: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    """The action, and something that happens right after its first time."""
    rest = [then]

    def both(*given: Any, **named: Any) -> Any:
        done = action(*given, **named)
        if rest:
            rest.pop()()
        return done

    return both


def _cut(bus: FakeBus) -> FakeBus:
    """The bus after its last record was lost: what had landed stays in the store."""
    bus.ends = lambda partitions=range(12): {one: max(0, len(bus.records.get(one, ())) - 1) for one in partitions}  # type: ignore[method-assign]
    return bus
