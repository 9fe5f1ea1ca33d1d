"""Generations: begun, built, followed, switched to, left, dropped; and what a projector may do meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Event, Thread
from typing import Any

import pytest

from benchmarks.data import life
from benchmarks.inside import Recorder
from projections import tables
from schemas.log_record import LogRecord
from schemas.records import Generation
from streams import generations
from streams.generations import (
    BUILDING,
    CLOSING,
    DROPPED,
    FORMER,
    LEASE,
    LIVE,
    GenerationChanged,
    LiveOne,
    Made,
    NoGeneration,
    NoSuchGeneration,
    OtherCode,
    Turn,
    begin,
    change,
    demand_live,
    drop,
    live,
    policy_of,
)
from streams.policies import load_made
from streams.projector.core import Projector
from streams.rebuild import Follower, abandon, fill, switch
from tests.deadline import until
from tests.memory_store import MemoryStore
from tests.projector.landing import land

RECORDS = list(Recorder({}).records(said for number in range(4) for said in life(number)))
START = datetime(2026, 11, 1, tzinfo=UTC)
MADE = load_made(None)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    ticks = count()
    return lambda: START + timedelta(milliseconds=next(ticks))


@pytest.fixture
def shown() -> list[int]:
    return []


@pytest.fixture
def store(clock: Callable[[], datetime]) -> Iterator[MemoryStore]:
    """A store whose first generation is live and has half of the records."""
    made = MemoryStore()
    switch(made, begin(made, MADE, clock()).number, lambda _: None, clock, 1_000)
    project(made, 1, RECORDS[:20])
    yield made


def project(store: MemoryStore, number: int, records: list[LogRecord]) -> None:
    projector = Projector(store, number, MADE.policy, 1_000)
    batch = land(store, records)
    projector.write(projector.evaluate(batch.events))
    store.advance({("projected", number): batch.reached})


def rows(store: MemoryStore, number: int) -> dict[str, list[tuple[object, ...]]]:
    target = store.projections(number)
    return {one.name: list(target.read_rows(one.name, one.column_names, one.key)) for one in tables.registered()}


def test_before_the_first_there_is_none() -> None:
    store = MemoryStore()
    assert live(store) is None
    with pytest.raises(NoGeneration, match="xinji migrate"):
        demand_live(store)


def test_a_new_one_has_tables_of_its_own_and_is_not_live(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    new = begin(store, MADE, clock())
    assert new.number == 2
    assert demand_live(store).number == 1
    assert len(store.projections(2).statements) == 1 + len(tables.registered())


def test_built_and_switched_to_it_shows_what_the_live_one_showed(
    store: MemoryStore, clock: Callable[[], datetime], shown: list[int]
) -> None:
    new = begin(store, MADE, clock())
    fill(store, new.number, MADE.policy, store.all_events())
    assert rows(store, 2) == rows(store, 1)
    store.advance({("projected", 2): store.progress("landed")})
    project(store, 1, RECORDS[20:])
    done = switch(store, 2, shown.append, clock, 1_000)
    assert shown == [2]
    assert rows(store, 2) == rows(store, 1)
    assert demand_live(store) == done
    assert done.marks == {partition: offset for partition, (offset, _) in store.progress("projected", 1).items()}
    assert [one.state for one in store.generations()] == [FORMER, LIVE]


def test_going_back_is_the_same_command_and_brings_up_what_was_missed(
    store: MemoryStore, clock: Callable[[], datetime], shown: list[int]
) -> None:
    switch(store, begin(store, MADE, clock()).number, shown.append, clock, 1_000)
    project(store, 2, RECORDS[20:])
    switch(store, 1, shown.append, clock, 1_000)
    assert shown == [2, 1]
    assert rows(store, 1) == rows(store, 2)
    switch(store, 1, shown.append, clock, 1_000)
    assert shown == [2, 1, 1]
    assert demand_live(store).number == 1


def test_a_switch_that_died_half_way_is_done_by_doing_it_again(
    store: MemoryStore, clock: Callable[[], datetime], shown: list[int]
) -> None:
    def dies(_: int) -> None:
        raise ConnectionError

    number = begin(store, MADE, clock()).number
    with pytest.raises(ConnectionError):
        switch(store, number, dies, clock, 1_000)
    switch(store, number, shown.append, clock, 1_000)
    assert shown == [number]
    assert demand_live(store).number == number


def test_following_takes_in_what_landed_since(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    follower = Follower(store, begin(store, MADE, clock()), 1_000)
    assert follower.follow() == 20
    project(store, 1, RECORDS[20:])
    assert follower.follow() == len(RECORDS) - 20
    assert follower.follow() == 0
    assert rows(store, 2) == rows(store, 1)


def test_other_code_is_refused_by_name(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    one = demand_live(store)
    assert policy_of(one).digest == MADE.policy.digest
    monkeypatch.setattr(generations, "code_digest", lambda: "another")
    with pytest.raises(OtherCode, match="generation 1 is made by code"):
        policy_of(one)
    assert Made(MADE.policy, MADE.texts).digest != one.digest


def test_the_live_one_cannot_be_dropped_and_others_can(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    begin(store, MADE, clock())
    with pytest.raises(LiveOne):
        drop(store, 1, clock())
    drop(store, 2, clock())
    with pytest.raises(NoSuchGeneration, match="no generation 2; there are 1"):
        drop(store, 2, clock())
    assert store.generations()[1].state == DROPPED
    assert begin(store, MADE, clock()).number == 3


def test_what_was_begun_and_never_finished_can_be_cleared_away(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    begin(store, MADE, clock())
    assert abandon(store, clock) == [2]
    assert abandon(store, clock) == []


def closing(store: MemoryStore, clock: Callable[[], datetime], lease: timedelta) -> Generation:
    one = begin(store, MADE, clock())
    return change(store, one, CLOSING, clock(), lease_until=clock() + lease)


def test_a_round_waits_until_the_one_that_is_closing_has_its_events(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    one = closing(store, clock, LEASE)
    reached = land(store, RECORDS).reached
    turn, done = Turn(store, 1, Event(), clock), Event()
    waiting = Thread(target=lambda: (turn.wait(reached), done.set()), daemon=True)
    waiting.start()
    assert not done.wait(0.3)
    Follower(store, one, 1_000).follow()
    until(done.is_set, what="the round begins")
    waiting.join(5)


def test_a_lease_that_ran_out_holds_nobody_up(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    closing(store, clock, -LEASE)
    Turn(store, 1, Event(), clock).wait(land(store, RECORDS).reached)


def test_a_round_of_a_generation_that_is_not_live_ends_its_projector(store: MemoryStore, clock: Callable[[], datetime]) -> None:
    switch(store, begin(store, MADE, clock()).number, lambda _: None, clock, 1_000)
    with pytest.raises(GenerationChanged, match="generation 2 is live"):
        Turn(store, 1, Event(), clock).wait({})


class DyingStore:
    """The store until its n-th call: then whatever asks it dies, as ClickHouse or the process might."""

    def __init__(self, store: MemoryStore, calls: int) -> None:
        self._store, self.left = store, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name == "projections":
            return found

        def called(*arguments: Any, **named: Any) -> Any:
            if self.left <= 0:
                raise ConnectionError(name)
            self.left -= 1
            return found(*arguments, **named)

        return called


def whole_rebuild(store: Any, clock: Callable[[], datetime], show: Callable[[int], None]) -> None:
    """What `xinji rebuild` does, with the live projector going on in between."""
    new = begin(store, MADE, clock())
    until_then = store.progress("landed")
    fill(store, new.number, MADE.policy, store.all_events())
    store.advance({("projected", new.number): until_then})
    project(store, 1, RECORDS[20:30])
    switch(store, new.number, show, clock, 1_000)


@pytest.mark.parametrize("calls", range(60))
def test_whatever_dies_at_whatever_step_no_reader_sees_fewer_facts(calls: int, clock: Callable[[], datetime]) -> None:
    store, shown = MemoryStore(), [0]
    switch(store, begin(store, MADE, clock()).number, shown.append, clock, 1_000)
    project(store, 1, RECORDS[:20])
    before = rows(store, 1)
    dying = DyingStore(store, calls)
    with suppress(ConnectionError):
        whole_rebuild(dying, clock, shown.append)
    assert all(len(rows(store, shown[-1])[table]) >= len(some) for table, some in before.items())
    number = demand_live(store).number
    switch(store, number, shown.append, clock, 1_000)
    project(store, number, RECORDS[20:])
    assert shown[-1] == number
    abandon(store, clock)
    assert [one.state for one in store.generations() if one.state in (BUILDING, CLOSING)] == []
    whole_rebuild(store, clock, shown.append)
    assert rows(store, shown[-1]) == rows(store, number)
