"""The projector's process: consumes the log from what is projected, lands it batch by batch, and evaluates what landed
beside, until it is told to stop.

ClickHouse away or busy: the batch is tried again until it succeeds. Anything else ends the process with an error, and
whoever supervises it starts it again; nothing is skipped.
"""

from __future__ import annotations

import logging
from functools import partial
from threading import Condition, Event, Thread
from typing import Final

from schemas.ports import Store
from streams.evaluation import Evaluator
from streams.log import consumer_at, poll_batch
from streams.patience import Stopped, patiently
from streams.projector.core import Landed, evaluate, land
from streams.topics import ACTS_PARTITIONS

log = logging.getLogger("xinji.projector")
_LOOK_SECONDS: Final = 0.5
_JOIN_SECONDS: Final = 20.0
_SUBJECTS_WAITING: Final = 5_000


class GenerationChanged(RuntimeError):
    """Another policy generation was registered; this process must start anew to load it."""

    def __init__(self, own: int, current: int) -> None:
        self.own, self.current = own, current
        super().__init__(f"policy generation {current} is in force and this projector has {own}; it must be started again")


class Evaluating(Thread):
    """Evaluates what has landed, while the next batches land. Batches that wait are taken together: a subject that all of
    them touch is evaluated once. ``problem`` is what ended it, None while it works."""

    def __init__(self, store: Store, evaluator: Evaluator, stop: Event) -> None:
        super().__init__(name="evaluating", daemon=True)
        self._store, self._evaluator, self._stop_asked = store, evaluator, stop
        self._waiting: Landed | None = None
        self._changed = Condition()
        self.problem: BaseException | None = None

    def give(self, batch: Landed) -> None:
        """Hands a batch over; waits while too many subjects wait."""
        with self._changed:
            self._changed.wait_for(lambda: self._has_room() or self._over())
            self._waiting = self._waiting.and_then(batch) if self._waiting else batch
            self._changed.notify_all()

    def run(self) -> None:
        """Until ``stop``, or an error that does not pass by itself."""
        try:
            while (batch := self._take()) is not None:
                patiently(partial(self._evaluate, batch), self._stop_asked)
        except Stopped:
            return
        except BaseException as problem:
            self.problem = problem
            with self._changed:
                self._changed.notify_all()

    def _take(self) -> Landed | None:
        with self._changed:
            while self._waiting is None and not self._over():
                self._changed.wait(_LOOK_SECONDS)
            batch, self._waiting = self._waiting, None
            self._changed.notify_all()
            return None if self._stop_asked.is_set() else batch

    def _evaluate(self, batch: Landed) -> None:
        current = self._store.generations()[-1].generation
        if current != self._evaluator.generation:
            raise GenerationChanged(self._evaluator.generation, current)
        evaluate(self._store, self._evaluator, batch)

    def _has_room(self) -> bool:
        return self._waiting is None or len(self._waiting.touched) < _SUBJECTS_WAITING

    def _over(self) -> bool:
        return self._stop_asked.is_set() or self.problem is not None


def run(bootstrap: str, store: Store, evaluator: Evaluator, stop: Event, batch: int) -> None:
    """Lands and projects until ``stop`` is set. Raises KafkaException, NotOfTheGate, ClickHouseRefused, GenerationChanged."""
    done = store.progress("projected")
    starts = {partition: done[partition][0] if partition in done else 0 for partition in range(ACTS_PARTITIONS)}
    log.info("projecting", extra={"starts": starts, "policy": evaluator.digest, "generation": evaluator.generation})
    evaluating = Evaluating(store, evaluator, stop)
    evaluating.start()
    reader = consumer_at(bootstrap, starts)
    try:
        while not stop.is_set() and evaluating.problem is None:
            records = poll_batch(reader, batch, 0.5)
            if records:
                evaluating.give(patiently(partial(land, store, records), stop))
    except Stopped:
        log.info("stopped while ClickHouse was away")
    finally:
        stop.set()
        reader.close()
        evaluating.join(_JOIN_SECONDS)
    if evaluating.problem is not None:
        raise evaluating.problem
