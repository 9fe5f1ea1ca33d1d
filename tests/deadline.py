"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event


def until(condition: Callable[[], object], seconds: float = 60.0, what: str = "the condition") -> None:
    """Returns once the condition holds; fails, naming ``what`` was waited for, when it does not within these seconds."""
    deadline, pause = time.monotonic() + seconds, Event()
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        pause.wait(0.01)
