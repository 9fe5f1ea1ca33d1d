"""Waiting for ClickHouse: what it cannot do now is asked again until it can; what it refuses for good is an error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import Final, TypeVar

from connectors.clickhouse.errors import ClickHouseProblem
from schemas.sentence import Signal

log = logging.getLogger("xinji.patience")
T = TypeVar("T")
_FIRST_WAIT: Final = 0.2
_LONGEST_WAIT: Final = 5.0


class Stopped(Signal):
    """The worker was told to stop while it waited; what it was doing is unfinished and must not count as done."""


def patiently(action: Callable[[], T], stop: Event) -> T:
    """Does something with ClickHouse, again and again while it is away or busy (0.2 s between, doubling to 5 s).

    Raises Stopped once ``stop`` is set, and whatever does not pass by itself.
    """
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
    raise Stopped
