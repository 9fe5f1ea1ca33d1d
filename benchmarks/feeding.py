"""Pushing as a Kafka client does, so that the client costs next to nothing: ready batches, one partition's acts in each,
no more of them on the way than a window holds; and waiting until everything is projected.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Final

from benchmarks.data import SOURCE, Said, new_acts
from benchmarks.stacks import Running
from connectors.kafka import producer
from schemas import wire
from schemas.partition import partition_of
from schemas.registry import fingerprint_of

TOPIC: Final = f"submissions.{SOURCE}"
PARTITIONS: Final = 12
BATCH: Final = 200
WINDOW: Final = 20_000
_MADE_AT_ONCE: Final = 20_000
_LOOK_SECONDS: Final = 0.5
_FLUSH_SECONDS: Final = 60.0
_PROJECTED: Final = (
    "SELECT sum(reached) FROM (SELECT topic_partition, max(next_offset) AS reached FROM progress "
    "WHERE stage = 'projected' GROUP BY topic_partition)"
)
_OUTCOMES: Final = "SELECT outcome, uniqExact(batch_id, index) FROM receipts GROUP BY outcome ORDER BY outcome"
_VISIBLE: Final = "SELECT count() FROM act_states WHERE subject_id = {subject:String} AND act_id = {act:String}"


class NotDone(RuntimeError):
    """What was pushed was not all projected in time. ``done`` of ``wanted`` are."""

    def __init__(self, stack: str, done: int, wanted: int, seconds: float) -> None:
        self.stack, self.done, self.wanted, self.seconds = stack, done, wanted, seconds
        super().__init__(f"{stack}: {done} of {wanted} acts are projected after {seconds:.0f} s (more time: --patience)")


@dataclass(frozen=True, slots=True)
class Message:
    """One submission message. ``partition``: of its acts on the log."""

    partition: int
    batch_id: str
    value: bytes
    acts: int


def messages(said: Sequence[Said], label: str, size: int = BATCH) -> list[Message]:
    """Statements in batches of at most so many, one partition's in each, in the order in which each began."""
    open_batches: dict[int, list[Said]] = {}
    found: list[Message] = []
    for one in said:
        partition = partition_of(one.subject_id, PARTITIONS)
        held = open_batches.setdefault(partition, [])
        held.append(one)
        if len(held) == size:
            found.append(_message(open_batches.pop(partition), partition, f"{label}-{len(found)}"))
    return found + [_message(held, partition, f"{label}-last-{partition}") for partition, held in open_batches.items()]


def _message(said: Sequence[Said], partition: int, batch_id: str) -> Message:
    items = [{"value": one.value, "fingerprint": fingerprint_of(one.name), "origin": None, "refused": None} for one in said]
    value = wire.encode_batch({"batch_id": batch_id, "source_id": SOURCE, "items": items})
    return Message(partition, batch_id, value, len(said))


def made(prior: int, count: int, first: int, size: int = BATCH) -> list[Message]:
    """Messages with new acts about subjects that have prior ones, made by one process a core."""
    starts = range(first, first + count, _MADE_AT_ONCE)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        parts = [pool.submit(_made, prior, min(_MADE_AT_ONCE, first + count - start), start, size) for start in starts]
        return [message for part in parts for message in part.result()]


def _made(prior: int, count: int, first: int, size: int) -> list[Message]:
    return messages(new_acts(prior, count, first), f"bench-{prior}-{first}", size)


def projected(stack: Running) -> int:
    """How many records of the log are projected; 0 before the tables are there."""
    try:
        return int(stack.query(_PROJECTED)[0][0] or 0)
    except OSError:
        return 0


def outcomes(stack: Running) -> dict[str, int]:
    """Receipts by outcome."""
    return {str(outcome): int(count) for outcome, count in stack.query(_OUTCOMES)}


def is_visible(stack: Running, said: Said) -> bool:
    """Whether the view of acts shows an act."""
    return int(stack.query(_VISIBLE, subject=said.subject_id, act=said.act_id)[0][0]) > 0


class Feeder:
    """Pushes to a stack. ``patience``: seconds to wait for what was pushed."""

    def __init__(self, stack: Running, patience: float) -> None:
        self._stack, self._patience = stack, patience
        self._producer = producer(stack.bootstrap, enable_idempotence=False, linger_ms=0, log_level=0, message_max_bytes=8 << 20)
        self._width = len(self._producer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions)
        self._wanted = projected(stack)
        self._pause = Event()

    def push(self, waiting: Iterable[Message], seconds: float = float("inf"), window: int = WINDOW) -> int:
        """Sends until there is nothing more, or the time is up; gives the number of acts sent."""
        ends, sent, look_at = time.monotonic() + seconds, 0, window
        for message in _while(waiting, lambda: time.monotonic() < ends):
            self._send(message)
            sent += message.acts
            if sent >= look_at:  # looked at seldom: looking costs the engine, too
                look_at = sent + window // 4
                self._until(lambda: projected(self._stack) + window >= self._wanted)
        self._producer.flush(_FLUSH_SECONDS)
        return sent

    def settle(self) -> None:
        """Waits until everything that was sent is projected. Raises NotDone."""
        self._until(lambda: projected(self._stack) >= self._wanted)

    def one(self, said: Said, label: str) -> float:
        """Sends one act by itself and gives the seconds until the view shows it. Raises NotDone."""
        (message,) = messages([said], label)
        began = time.perf_counter()
        self._send(message)
        self._producer.flush(_FLUSH_SECONDS)
        self._until(lambda: is_visible(self._stack, said), pause=0.002)
        return time.perf_counter() - began

    def _send(self, message: Message) -> None:
        partition = message.partition % self._width
        self._producer.produce(TOPIC, partition=partition, key=message.batch_id.encode(), value=message.value)
        self._producer.poll(0)
        self._wanted += message.acts

    def _until(self, condition: Callable[[], bool], pause: float = _LOOK_SECONDS) -> None:
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > self._patience:
                raise NotDone(self._stack.name, projected(self._stack), self._wanted, self._patience)
            self._pause.wait(pause)


def _while(messages: Iterable[Message], condition: Callable[[], bool]) -> Iterator[Message]:
    for message in messages:
        if not condition():
            return
        yield message
