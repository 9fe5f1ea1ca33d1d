"""The projector's process: lands the log batch by batch and evaluates what landed beside, until it is told to stop.

ClickHouse away or busy: the batch is tried again until it succeeds. Anything else ends the process with an error, and
whoever supervises it starts it again; nothing is skipped without a row that says so (streams.strays). Several may run: a
consumer group shares the partitions out, and what one leaves another takes up from the position in ClickHouse. One that was
thought dead and goes on does no harm: its rows know less and lose, or know as much and are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from threading import Condition, Event, Thread
from typing import Final

from schemas.logged import LoggedEvent
from schemas.ports import Store
from schemas.records import Positions
from streams.log import LogConsumer
from streams.patience import Stopped, patiently
from streams.projector.core import Batch, Projector, Rows
from streams.projector.landing import land, sift
from streams.readiness import Readiness
from streams.strays import Strays

log = logging.getLogger("xinji.projector")
_LOOK_SECONDS: Final = 0.5
_JOIN_SECONDS: Final = 20.0
_EVENTS_WAITING: Final = 20_000
_FEW: Final = 64
"""So few events are evaluated at once, and their landing is told together with their projection: one insert less."""

Tell = Callable[[Sequence[LoggedEvent], Rows], None]


class Evaluating(Thread):
    """Evaluates what has landed, while the next batches land. Batches that wait are taken together, so that a subject and an
    act that many of them touch are evaluated once. ``problem`` is what ended it, None while it works.

    ``turn`` is called before a batch is evaluated, with the batch: it may wait, and raises what ends the projector. ``tell`` is
    called after it, with its events and the rows that were written.
    """

    def __init__(
        self, store: Store, projector: Projector, stop: Event, turn: Callable[[Batch], None], tell: Tell = lambda events, rows: None
    ) -> None:
        super().__init__(name="evaluating", daemon=True)
        self._store, self._projector, self._stop_asked, self._turn, self._tell = store, projector, stop, turn, tell
        self._waiting: Batch | None = None
        self._busy = False
        self._changed = Condition()
        self.problem: BaseException | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is evaluated."""
        with self._changed:
            return self._waiting is None and not self._busy

    def give(self, batch: Batch) -> None:
        """Hands a batch over; waits while too many events wait. Raises Stopped."""
        self._wait_until(lambda: self._waiting is None or len(self._waiting.events) < _EVENTS_WAITING)
        with self._changed:
            if self._waiting is None:
                self._waiting = batch
            else:
                self._waiting.add(batch)
            self._changed.notify_all()

    def drain(self) -> None:
        """Returns when everything given is projected. Raises Stopped."""
        self._wait_until(lambda: self._waiting is None and not self._busy)

    def run(self) -> None:
        """Until ``stop``, or an error that does not pass by itself."""
        try:
            while (batch := self._take()) is not None:
                self._evaluate(batch)
                with self._changed:
                    self._busy = False
                    self._changed.notify_all()
        except Stopped:
            return
        except BaseException as problem:
            self.problem = problem
        finally:
            with self._changed:
                self._changed.notify_all()

    def _wait_until(self, holds: Callable[[], bool]) -> None:
        """A stop is looked for again and again: whoever asks for it cannot wake this condition."""
        with self._changed:
            while not holds() and not self._over():
                self._changed.wait(_LOOK_SECONDS)
            if self._over():
                raise Stopped

    def _take(self) -> Batch | None:
        with self._changed:
            while self._waiting is None and not self._over():
                self._changed.wait(_LOOK_SECONDS)
            batch, self._waiting = self._waiting, None
            self._busy = batch is not None
            self._changed.notify_all()
            return None if self._stop_asked.is_set() else batch

    def _evaluate(self, batch: Batch) -> None:
        patiently(partial(self._turn, batch), self._stop_asked)
        rows = patiently(partial(self._projector.evaluate, batch.events), self._stop_asked)
        patiently(partial(self._projector.write, rows), self._stop_asked)
        reached = {("projected", self._projector.generation): batch.reached}
        if batch.untold:
            reached["landed", 0] = batch.reached
        patiently(partial(self._store.advance, reached), self._stop_asked)
        self._tell(batch.events, rows)

    def _over(self) -> bool:
        return self._stop_asked.is_set() or self.problem is not None or not self.is_alive()


def run(
    store: Store,
    projector: Projector,
    consumer: LogConsumer,
    stop: Event,
    batch: int,
    turn: Callable[[Batch], None],
    strays: Strays,
    ready: Readiness | None = None,
    tell: Tell = lambda events, rows: None,
) -> None:
    """Lands and projects until ``stop`` is set; what the gate did not write is set aside. ``ready`` is told when it reads.
    Raises KafkaException, LogShorter, ClickHouseRefused, GenerationChanged."""
    evaluating = Evaluating(store, projector, stop, turn, tell)
    evaluating.start()
    known: Positions = {}
    ready = ready or Readiness()

    def starts() -> dict[int, int]:
        """Where to begin with partitions that come: behind what is projected, once nothing of before is under way."""
        evaluating.drain()
        projector.forget()
        done = patiently(partial(store.progress, "projected", projector.generation), stop)
        landed = patiently(partial(store.progress, "landed"), stop)
        consumer.demand({partition: offset for partition, (offset, _) in landed.items()})
        known.clear()
        known.update(done)
        return {partition: offset for partition, (offset, _) in done.items()}

    try:
        consumer.start(starts)
        while not stop.is_set() and evaluating.problem is None:
            records = consumer.poll(batch, _LOOK_SECONDS)
            ready.tell(consumer.owned)
            if records:
                together = len(records) <= _FEW and evaluating.idle
                found = sift(records, known, strays.clock())
                evaluating.give(patiently(partial(land, store, found, strays, tell=not together), stop))
                known.update(found.reached)
    except Stopped:
        log.info("stopped while it waited")
    finally:
        stop.set()
        consumer.close()
        evaluating.join(_JOIN_SECONDS)
    if evaluating.problem is not None:
        raise evaluating.problem
