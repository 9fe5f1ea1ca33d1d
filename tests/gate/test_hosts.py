"""Both hosts, over twins of their clients: nothing is ever acknowledged past what is unacknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import TopicPartition
from faust.transport.consumer import Consumer
from faust.types import TP

from connectors.settings import Settings
from streams.gate.app import Parts
from streams.gate.faust_host import Agent
from streams.gate.ownership import Disowned, Ownership, Unknown
from streams.gate.plain_host import PlainHost
from streams.gate.submissions import Submission

TOPICS = ("submissions.a", "submissions.unregistered")


class Taken:
    """Stands for Takes: notes what it was given, and may do something else with some of it."""

    def __init__(self) -> None:
        self.given: list[tuple[int, int]] = []
        self.at: dict[int, Callable[[], None]] = {}

    def take(self, submissions: Sequence[Submission]) -> None:
        for one in submissions:
            self.at.pop(one.offset, lambda: None)()
        self.given += [(one.partition, one.offset) for one in submissions]


def parts_of(taken: Taken, owned: Ownership) -> Parts:
    settings = Settings(session_timeout=0.1)
    return Parts(settings, TOPICS, owned, taken, Event())  # type: ignore[arg-type]


class FaustWorld:
    """A stream that delivers from what is acknowledged, whenever partitions are given."""

    def __init__(self, taken: Taken) -> None:
        self.owned = Ownership(1.0)
        self.agent = Agent(parts_of(taken, self.owned))
        self.app = SimpleNamespace(consumer_generation_id=0)
        self.acked: list[tuple[int, int]] = []
        self.batches: list[list[Any]] = []

    def deliver(self, *places: tuple[int, int]) -> None:
        generation = self.app.consumer_generation_id
        self.batches.append(
            [
                SimpleNamespace(
                    value=b"v",
                    message=SimpleNamespace(topic=TOPICS[0], partition=p, offset=o, headers=(), generation_id=generation),
                )
                for p, o in places
            ]
        )

    async def noack_take(self, *_: Any, **__: Any) -> AsyncIterator[list[Any]]:
        while self.batches:
            yield self.batches.pop(0)

    async def ack(self, event: Any) -> None:
        self.acked.append((event.message.partition, event.message.offset))

    def assign(self, *partitions: int) -> None:
        self.app.consumer_generation_id += 1
        assigned = [SimpleNamespace(topic=topic, partition=one) for topic in TOPICS for one in partitions]
        asyncio.run(self.agent.on_assigned(self.app, assigned, signal=None))

    def run(self) -> None:
        asyncio.run(self.agent.admit(self))


def test_faust_acknowledges_in_order_what_was_taken() -> None:
    taken = Taken()
    world = FaustWorld(taken)
    world.assign(0, 1)
    world.deliver((0, 0), (1, 0), (0, 1))
    world.run()
    assert world.acked == taken.given == [(0, 0), (1, 0), (0, 1)]


def test_faust_acknowledges_nothing_of_an_earlier_assignment() -> None:
    taken = Taken()
    world = FaustWorld(taken)
    world.assign(0, 1)
    world.deliver((0, 0), (1, 0))
    world.assign(1)
    world.deliver((1, 0))
    world.run()
    assert world.acked == taken.given == [(1, 0)]


def test_faust_takes_nothing_after_a_take_that_came_to_nothing() -> None:
    taken = Taken()
    world = FaustWorld(taken)
    world.assign(0)
    taken.at[0] = _disown  # the group does not count this gate, but tells nothing either
    world.deliver((0, 0))
    world.deliver((0, 1))
    with pytest.raises(Unknown):
        world.run()
    assert not world.acked


def test_faust_acknowledges_nothing_when_partitions_went_during_the_take() -> None:
    taken = Taken()
    world = FaustWorld(taken)
    world.assign(0)
    taken.at[1] = world.owned.take_away
    world.deliver((0, 0), (0, 1))
    world.run()
    assert not world.acked


def test_faust_takes_only_partitions_of_which_every_topic_was_given() -> None:
    taken = Taken()
    world = FaustWorld(taken)
    world.owned.give({1})
    world.deliver((0, 0), (1, 0))
    world.run()
    assert world.acked == taken.given == [(1, 0)]


def test_what_faust_commits_of_acknowledgements_in_order() -> None:
    """What the gate relies on: the next offset after those acknowledged without a gap; nothing when there are none."""
    place = TP(TOPICS[0], 0)
    acked: dict[TP, list[int]] = {place: []}
    state = SimpleNamespace(_acked=acked, _gap={place: None}, _committed_offset={place: None}, _acked_index={place: set()})

    def next_commit() -> int | None:
        offset: int | None = Consumer._new_offset(state, place)
        return offset

    assert next_commit() is None
    for offset in range(3):
        acked[place].append(offset)
        assert next_commit() == offset + 1
        acked[place] = list(range(offset + 1))
    acked[place] = [3, 4, 6]  # 5 is under way
    assert next_commit() == 5


class PlainWorld:
    """A consumer of confluent-kafka's, with a group behind it."""

    def __init__(self, taken: Taken) -> None:
        self.owned = Ownership(1.0)
        self.parts = parts_of(taken, self.owned)
        self.host = PlainHost(self.parts, self)  # type: ignore[arg-type]
        self.messages: list[Any] = []
        self.commits: list[tuple[int, int]] = []
        self.events: list[Callable[[], None]] = []
        self.idle = 0

    def deliver(self, *places: tuple[int, int]) -> None:
        self.messages += [_message(*place) for place in places]

    # the consumer
    def subscribe(self, topics: list[str], **callbacks: Any) -> None:
        self.callbacks = callbacks

    def poll(self, wait: float = 0) -> Any:
        if self.events:
            self.events.pop(0)()
        if self.messages:
            return self.messages.pop(0)
        self.idle += 1
        if self.idle > 5:
            self.parts.stop.set()
        return None

    def consume(self, count: int, wait: float) -> list[Any]:
        some, self.messages = self.messages[:count], self.messages[count:]
        return some

    def commit(self, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition]:
        self.commits += [(one.partition, one.offset) for one in offsets]
        return []

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        return partitions

    def assignment(self) -> list[TopicPartition]:
        return []

    def assign(self, *_: Any) -> None: ...
    def unassign(self) -> None: ...
    def pause(self, *_: Any) -> None: ...
    def resume(self, *_: Any) -> None: ...
    def close(self) -> None: ...

    # the group
    def give(self, *partitions: int) -> None:
        given = [TopicPartition(topic, one) for topic in TOPICS for one in partitions]
        self.callbacks["on_assign"](self, given)

    def revoke(self) -> None:
        self.callbacks["on_revoke"](self, [])


def _message(partition: int, offset: int) -> Any:
    said = {"topic": TOPICS[0], "partition": partition, "offset": offset, "value": b"v", "headers": None, "error": None}
    return SimpleNamespace(**{name: lambda value=value: value for name, value in said.items()})  # type: ignore[misc]


def test_plain_commits_what_was_taken() -> None:
    taken = Taken()
    world = PlainWorld(taken)
    world.events.append(lambda: world.give(0, 1))
    world.deliver((0, 0), (1, 0), (0, 1))
    world.host.run()
    assert taken.given == [(0, 0), (1, 0), (0, 1)]
    assert world.commits == [(0, 2), (1, 1)]


def test_plain_commits_nothing_when_partitions_went_during_the_take() -> None:
    taken = Taken()
    world = PlainWorld(taken)
    world.events.append(lambda: world.give(0))
    taken.at[1] = world.owned.take_away
    world.deliver((0, 0), (0, 1))
    world.host.run()
    assert not world.commits


def test_plain_takes_nothing_after_a_take_that_came_to_nothing() -> None:
    taken = Taken()
    world = PlainWorld(taken)
    world.events.append(lambda: world.give(0))
    taken.at[0] = _disown
    world.deliver((0, 0))
    with pytest.raises(Unknown):
        world.host.run()
    assert not world.commits


def test_plain_is_a_member_as_long_as_the_broker_takes_its_commits() -> None:
    world = PlainWorld(Taken())
    assert not world.host.is_member()
    world.host._assigned(world, [TopicPartition(topic, 3) for topic in TOPICS])  # type: ignore[arg-type]
    assert world.host.is_member()
    assert world.commits == [(3, 0)]


def _disown() -> None:
    raise Disowned
