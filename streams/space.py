"""Room on the disk of the log: admission stops while there is some left, for the projector still has to write what follows."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

MEGABYTE: Final = 1_000_000
_EVERY_SECONDS: Final = 2.0


class Room:
    """Whether the store's disk has less than ``least`` bytes free; ``free`` is asked at most every two seconds, and never
    when ``least`` is 0."""

    def __init__(self, free: Callable[[], int], least: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._free, self._least, self._monotonic = free, least, monotonic
        self._asked: float | None = None
        self._short = False

    def is_short(self) -> bool:
        """Raises what the store raises."""
        now = self._monotonic()
        if self._least and (self._asked is None or now - self._asked >= _EVERY_SECONDS):
            self._short, self._asked = self._free() < self._least, now
        return self._short
