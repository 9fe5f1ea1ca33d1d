"""Waiting until what was produced has landed, with as few questions as possible: each costs the embedded engine 2 ms."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

from schemas.records import Positions

log = logging.getLogger("xinji.gate")
_FIRST_GUESS: Final = 0.03
_SHORTEST: Final = 0.005
_LONGEST: Final = 0.25
_SAY_AFTER: Final = 5.0


class Landing:
    """``progress`` asks how far the log has landed; ``pause`` waits and may raise. Both may take long. The first question
    comes when landing is usually done, further ones in growing distances."""

    def __init__(self, progress: Callable[[], Positions], pause: Callable[[float], None]) -> None:
        self._progress, self._pause = progress, pause
        self._usual = _FIRST_GUESS

    def await_(self, ends: Mapping[int, int], check: Callable[[], None], *, produced: bool = True) -> Positions:
        """Returns progress once everything before these ends has landed. ``check`` is called after every wait;
        ``produced``: it was produced just now, so it is too early to ask at once."""
        began = said = time.monotonic()
        wait = self._usual * 0.8 if produced else 0.0
        while True:
            self._pause(wait)
            check()
            landed = self._progress()
            missing = {partition: end for partition, end in ends.items() if landed.get(partition, (0,))[0] < end}
            now = time.monotonic()
            if not missing:
                if produced:
                    self._usual += (min(now - began, _LONGEST) - self._usual) * 0.2
                return landed
            if now - said >= _SAY_AFTER:
                log.warning("waiting for the projector to land the acts", extra={"missing": missing})
                said = now
            wait = min(max(_SHORTEST, (now - began) * 0.3), _LONGEST)
