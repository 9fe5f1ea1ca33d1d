"""The projector's process: consumes the log from what is projected, batch by batch, until it is told to stop.

ClickHouse away or busy: the batch is tried again until it succeeds. Anything else ends the process with an error, and
whoever supervises it starts it again; nothing is skipped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event
from typing import Final

from connectors.clickhouse.errors import ClickHouseProblem
from streams.evaluation import Evaluator
from streams.log import LogRecord, consumer_at, poll_batch
from streams.ports import Store
from streams.projector.core import project
from streams.topics import ACTS_PARTITIONS

log = logging.getLogger("xinji.projector")
_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 5.0


class GenerationChanged(RuntimeError):
    """Another policy generation was registered; this process must start anew to load it."""

    def __init__(self, own: int, current: int) -> None:
        self.own, self.current = own, current
        super().__init__(f"policy generation {current} is in force and this projector has {own}; it must be started again")


def patiently(action: Callable[[], None], stop: Event) -> None:
    """Does something with ClickHouse, again and again while it is away or busy, until ``stop``."""
    wait = _FIRST_WAIT
    while not stop.is_set():
        try:
            return action()
        except ClickHouseProblem as problem:
            if not problem.transient:
                raise
            log.warning("waiting for ClickHouse", extra={"detail": str(problem), "seconds": wait})
            stop.wait(wait)
            wait = min(_LONGEST_WAIT, wait * 2)
    return None


def _project(store: Store, evaluator: Evaluator, records: Sequence[LogRecord]) -> None:
    current = store.generations()[-1].generation
    if current != evaluator.generation:
        raise GenerationChanged(evaluator.generation, current)
    project(store, evaluator, records)


def run(bootstrap: str, store: Store, evaluator: Evaluator, stop: Event, batch: int) -> None:
    """Projects until ``stop`` is set. Raises KafkaException, NotOfTheGate, ClickHouseRefused."""
    done = store.progress("projected")
    starts = {partition: done[partition][0] if partition in done else 0 for partition in range(ACTS_PARTITIONS)}
    log.info("projecting", extra={"starts": starts, "policy": evaluator.digest, "generation": evaluator.generation})
    reader = consumer_at(bootstrap, starts)
    try:
        while not stop.is_set():
            records = poll_batch(reader, batch, 0.5)
            if records:
                patiently(partial(_project, store, evaluator, records), stop)
    finally:
        reader.close()
