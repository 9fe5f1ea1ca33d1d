"""Samples the process that has this folder on PYTHONPATH: which module's code each thread runs, weighted by processor time.

Python imports a module of this name at start. Nothing is sampled but in a worker or the engine, and where
XINJI_BENCH_SAMPLES names a directory; there, a file for the process holds seconds by place so far.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from types import FrameType

ROOMS = ("schemas", "projections", "connectors", "streams", "console")
EVERY_SECONDS = 0.005
WRITE_SECONDS = 0.5
NATIVE = "(threads outside Python)"
_PARTS = ("gate", "projector", "engine")


def _place(frame: FrameType | None) -> str:
    """The product's innermost module that is running; without one, the innermost package."""
    innermost = frame.f_globals.get("__name__", "?") if frame is not None else "?"
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name.partition(".")[0] in ROOMS:
            return name
        frame = frame.f_back
    return f"({innermost.partition('.')[0]})"


class _Sampler(threading.Thread):
    def __init__(self, path: Path) -> None:
        super().__init__(name="samples", daemon=True)
        self._path = path
        self._seconds: dict[str, float] = {}
        self._known: dict[int, float] = {}
        self._of_threads = 0.0

    def run(self) -> None:
        mine, pause, written = threading.get_ident(), threading.Event(), 0.0
        while not pause.wait(EVERY_SECONDS):
            for ident, frame in sys._current_frames().items():
                self._add(ident, "" if ident == mine else _place(frame))
            if (now := time.monotonic()) - written > WRITE_SECONDS:
                written = now
                self._write()

    def _add(self, ident: int, place: str) -> None:
        try:
            spent = time.clock_gettime(time.pthread_getcpuclockid(ident))
        except OSError:
            return
        more = spent - self._known.get(ident, 0.0)
        self._known[ident] = spent
        if more > 0:
            self._of_threads += more
            if place:
                self._seconds[place] = self._seconds.get(place, 0.0) + more

    def _write(self) -> None:
        native = max(0.0, time.process_time() - self._of_threads)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(self._seconds | {NATIVE: native}))
        beside.replace(self._path)


def _begin() -> None:
    directory = os.environ.get("XINJI_BENCH_SAMPLES")
    words = Path("/proc/self/cmdline").read_bytes().decode(errors="replace").split("\0") if directory else []
    part = next((one for one in _PARTS if one in words), None)
    if directory and part:
        _Sampler(Path(directory) / f"{part}-{os.getpid()}.json").start()


_begin()
