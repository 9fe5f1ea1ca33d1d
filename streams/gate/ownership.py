"""Which partitions this gate may write to now. The host says so from its own thread; takes run in another.

A gate must not produce to a partition that another gate was given meanwhile. So everything that blocks is followed by
``require``, and producing is preceded by ``confirm``: it asks the group, unless the group said so less than half a session
time-out ago. A record that the broker does not take within the other half is given up (streams.gate.kafka_sink), so a
gate that was stopped and wakes after its successor began writes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from threading import Lock

from schemas.sentence import Sentence, Signal, Told

log = logging.getLogger("xinji.gate")


class Disowned(Signal):
    """A partition of the take was taken from this gate: what is not answered yet is its successor's, and nothing of the
    take may be acknowledged."""


class Unknown(Told, RuntimeError):
    """The group neither counts this gate among its members nor gives its partitions anew; ``seconds`` it was waited for."""

    says = Sentence(
        "消费组不再承认本接收程序，{seconds:g} 秒内没有变化；请检查消息服务。本进程将结束，请重新启动，未确认的提交届时处理",
        "the consumer group does not answer for this gate, and nothing changed for {seconds:g} s; check the brokers. The "
        "process ends and is to be started again; what it had not acknowledged is processed then",
    )

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(seconds=seconds)


class Ownership:
    """``lease``: for how many seconds the group's word holds; ``clock`` is monotonic and goes on while the process is
    stopped. Until ``asked_by`` says how the group is asked, this gate is no member."""

    def __init__(self, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease, self._clock = lease, clock
        self._ask: Callable[[], bool] = lambda: False
        self._lock = Lock()
        self._held: frozenset[int] = frozenset()
        self._new: frozenset[int] = frozenset()
        self._turn = 0
        self._confirmed = float("-inf")

    def asked_by(self, ask: Callable[[], bool]) -> None:
        """``ask`` asks the group whether this gate is still one of its members; it may block."""
        self._ask = ask

    @property
    def turn(self) -> int:
        """Changes with every change of partitions: a take holds on to the turn in which it began."""
        return self._turn

    @property
    def held(self) -> frozenset[int]:
        return self._held

    def holds(self, partition: int) -> bool:
        """Whether this gate may write to a partition (it may have to recover it first)."""
        return partition in self._held

    def give(self, partitions: Iterable[int]) -> None:
        """The group gave these partitions, and no others."""
        with self._lock:
            self._turn += 1
            self._held = self._new = frozenset(partitions)
            self._confirmed = float("-inf")

    def take_away(self) -> None:
        """The group took all partitions; it will give some again."""
        self.give(())

    def recover_again(self) -> None:
        """What is known of all partitions is doubtful."""
        with self._lock:
            self._new = self._held

    def unrecovered(self) -> tuple[int, frozenset[int]]:
        """The turn, and the partitions whose past this gate has not learned yet."""
        with self._lock:
            return self._turn, self._new

    def recovered(self, turn: int, partitions: frozenset[int]) -> None:
        """They are known now, if nothing changed since ``turn``; raises Disowned if it did."""
        with self._lock:
            if turn != self._turn:
                raise Disowned
            self._new -= partitions

    def require(self, turn: int) -> None:
        """Raises Disowned when anything changed since ``turn``."""
        if turn != self._turn:
            raise Disowned

    def changed_since(self, turn: int) -> bool:
        """Whether partitions came or went since ``turn``."""
        return turn != self._turn

    def confirm(self, turn: int) -> None:
        """Raises Disowned unless the group counts this gate among its members, and nothing changed since ``turn``."""
        self.require(turn)
        now = self._clock()
        if now - self._confirmed >= self._lease:
            if not self._ask():
                raise Disowned
            with self._lock:
                self._confirmed = now
        self.require(turn)


class AllPartitions(Ownership):
    """For a gate that is alone by its nature: a benchmark's, a test's."""

    def __init__(self, partitions: int) -> None:
        super().__init__(float("inf"))
        self.asked_by(lambda: True)
        self._held = self._new = frozenset(range(partitions))
        self._confirmed = 0.0


def held_of_all(topics: Iterable[str], assigned: Iterable[tuple[str, int]]) -> frozenset[int]:
    """The partitions of which every topic was given: only who reads all of them may write that partition of the log."""
    given: dict[str, set[int]] = {topic: set() for topic in topics}
    for topic, partition in assigned:
        if topic in given:
            given[topic].add(partition)
    held = frozenset.intersection(*map(frozenset, given.values()))
    if parted := set().union(*given.values()) - held:
        log.error(
            "partitions of some sources only were given: do all gates have the same file of sources, and the same host?",
            extra={"partitions": sorted(parted)},
        )
    return held
