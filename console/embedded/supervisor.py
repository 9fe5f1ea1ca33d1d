"""A small supervisor of the embedded stack's processes. It knows ``bus`` and ``engine`` by name; the rest are workers.

- A child that dies, or isn't ready in time, is started again after a pause: 0.2 s, doubling to 5 s, and 0.2 s again
  once it has been ready for a while. It waits until what it depends on is ready.
- The bus keeps nothing, so its death stops every worker. Workers start only when the bus is ready *and* filled
  (``refill``, called also at the first start); when filling fails, the bus is killed and all begins again.
- The death of the engine restarts the engine only.
- It never gives a child up once all were ready. Before that, a child that ends GIVE_UP times in a row ends the start.
- How every child is, is told whenever it changes (``watch``), and what a child logs as an error, at once (``alarm``).
- ``stop`` ends the children in reverse order: SIGTERM, then SIGKILL after the child's ``stop_seconds``.
- Children die with this process however it ends (see ``process``). They are all started from one thread, since Linux
  ties a child's life to the thread that started it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from console.embedded.child import (
    BUS,
    PAUSE_SECONDS,
    Child,
    ChildNotReady,
    ChildSpec,
    NotFilled,
    runs,
    says_ready,
    tail_of,
)
from console.embedded.health import ENDED, Failures, PartState, alarm_of, last_words, new_lines
from console.embedded.process import start_process, stop_process
from schemas.sentence import Sentence, plain

MAX_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 10.0
TICK_SECONDS = 0.05
LISTEN_SECONDS = 0.25
GIVE_UP = 5

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Supervisor:
    """Runs the children, given in the order of starting. ``refill`` fills an empty bus; it may raise anything. ``watch`` is
    given the state of all children whenever one changes, ``alarm`` what is to be said at once; ``clock`` gives the time in UTC.
    """

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        refill: Callable[[], None],
        *,
        watch: Callable[[Sequence[PartState]], None] = lambda _: None,
        alarm: Callable[[Sentence], None] = lambda _: None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._children = {spec.name: Child(spec, changed=clock()) for spec in specs}
        self._watch, self._alarm, self._clock = watch, alarm, clock
        self._told: tuple[PartState, ...] = ()
        self._listen_at = 0.0
        for spec in specs:
            for needed in spec.depends_on:
                if needed not in self._children:
                    raise ValueError(f"{spec.name} depends on {needed!r}, which is not among the children")
        self._refill = refill
        self._filled = BUS not in self._children
        self._unfilled: Exception | None = None
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self, seconds: float = 120.0) -> None:
        """Start the children and return when all are ready. Raises ChildNotReady, or NotFilled (at once for a problem that says
        of itself that it is ``lasting``), having stopped what had started."""
        self._thread.start()
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not getattr(self._unfilled, "lasting", False) and self._hopeless() is None:
            if self._up.wait(TICK_SECONDS):
                return
        if (problem := self._unfilled) is not None:
            self.stop()
            raise NotFilled(problem) from problem
        late = self._hopeless() or next(child for child in self._children.values() if not child.ready)
        self.stop()
        raise ChildNotReady(late.spec.name, late.spec.log, tail_of(late.spec.log))

    def stop(self) -> None:
        """End the children in reverse order and the supervision. Harmless when done already."""
        self._stopping.set()
        try:
            with self._lock:
                for child in reversed(self._children.values()):
                    self._end(child)
        finally:
            self._ended.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until ``stop`` was called, at most these seconds; True when it was."""
        return self._stopping.wait(seconds)

    def child_pids(self) -> dict[str, int]:
        """Process ids of the children that run now."""
        with self._lock:
            children = self._children.values()
            return {c.spec.name: c.process.pid for c in children if c.process is not None and c.process.poll() is None}

    def all_ready(self) -> bool:
        """True when every child is ready and the bus is filled."""
        with self._lock:
            return self._filled and all(c.ready and runs(c) for c in self._children.values())

    def states(self) -> tuple[PartState, ...]:
        """How the children are."""
        with self._lock:
            return tuple(child.shown() for child in self._children.values())

    def _hopeless(self) -> Child | None:
        return next((child for child in self._children.values() if child.failures.count >= GIVE_UP), None)

    def _run(self) -> None:
        self._supervise()
        # this thread's end would kill the children at once, before they could stop in order
        self._ended.wait()

    def _supervise(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            with self._lock:
                if self._stopping.is_set():
                    return
                self._bury()
                self._raise_up()
                self._look()
            self._listen()
            # not under the lock: it may take long, and stop() must get through
            self._fill()
            if self.all_ready():
                self._up.set()

    def _listen(self) -> None:
        """Say what changed, and what the children log as errors."""
        now = time.monotonic()
        if now >= self._listen_at:
            self._listen_at = now + LISTEN_SECONDS
            for child in self._children.values():
                child.heard, lines = new_lines(child.spec.log, child.heard)
                for said in filter(None, map(alarm_of, lines)):
                    self._alarm(plain(f"{child.spec.name}: {said}"))
        if (states := self.states()) != self._told:
            self._told = states
            self._watch(states)

    def _bury(self) -> None:
        """Note what has died."""
        for child in self._children.values():
            if child.process is not None and (code := child.process.poll()) is not None:
                _log.warning("%s ended with %s", child.spec.name, code)
                self._gone(child, last_words(child.spec.log, child.log_start), code)

    def _gone(self, child: Child, reason: str, code: object) -> None:
        now = time.monotonic()
        if child.ready and now - child.since > STEADY_SECONDS:
            child.pause = PAUSE_SECONDS
        if child.failures.add(reason, self._clock()):
            self._alarm(ENDED.of(name=child.spec.name, code=code, reason=reason, n=child.failures.count, log=child.spec.log))
        child.process, child.ready, child.changed = None, False, self._clock()
        child.not_before = now + child.pause
        child.pause = min(child.pause * 2, MAX_PAUSE_SECONDS)
        if child.spec.name == BUS:
            self._filled = False
            workers = [worker for worker in reversed(self._children.values()) if worker.is_worker]
            # all are told first: one that hangs without its bus must not keep the others up
            for worker in workers:
                if worker.process is not None:
                    worker.process.terminate()
            for worker in workers:
                self._end(worker)

    def _raise_up(self) -> None:
        """Start what may start."""
        for child in self._children.values():
            if child.process is None and time.monotonic() >= child.not_before and self._may_start(child):
                child.log_start = child.spec.log.stat().st_size if child.spec.log.exists() else 0
                child.heard = max(child.heard, child.log_start)
                argv = child.spec.argv
                try:
                    child.process = start_process(argv() if callable(argv) else argv, child.spec.log, child.spec.env)
                except OSError as problem:
                    _log.exception("%s can't be started", child.spec.name)
                    self._gone(child, str(problem), "-")
                    continue
                child.since, child.changed = time.monotonic(), self._clock()
                _log.info("%s started as process %d", child.spec.name, child.process.pid)

    def _may_start(self, child: Child) -> bool:
        if child.is_worker and not self._filled:
            return False
        return all(self._children[needed].ready for needed in child.spec.depends_on)

    def _look(self) -> None:
        """Ask the children that are not ready yet; kill one that takes too long."""
        for child in self._children.values():
            if child.ready and child.failures.count and time.monotonic() - child.since > STEADY_SECONDS:
                child.failures = Failures()
            if child.process is None or child.ready:
                continue
            if says_ready(child):
                child.ready, child.since, child.changed = True, time.monotonic(), self._clock()
                _log.info("%s is ready", child.spec.name)
            elif time.monotonic() - child.since > child.spec.ready_seconds:
                _log.warning("%s is not ready after %g s", child.spec.name, child.spec.ready_seconds)
                self._end(child)
                self._gone(child, last_words(child.spec.log, child.log_start), f"> {child.spec.ready_seconds:g} s")

    def _fill(self) -> None:
        needed = [child for child in self._children.values() if not child.is_worker]
        if self._filled or self._stopping.is_set() or not all(child.ready and runs(child) for child in needed):
            return
        bus = self._children[BUS]
        filled_process = bus.process
        try:
            self._refill()
        except Exception as problem:
            self._unfilled = problem
            if not self._stopping.is_set():
                _log.exception("the bus could not be filled; it is started anew")
            with self._lock:
                self._end(bus)
                self._gone(bus, str(problem)[:300], type(problem).__name__)
            return
        self._unfilled = None
        with self._lock:
            self._filled = bus.process is filled_process and runs(bus)

    def _end(self, child: Child) -> None:
        process, child.process, child.ready = child.process, None, False
        if process is None:
            return
        child.changed = self._clock()
        if child.spec.stop_seconds <= 0:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        stop_process(process, child.spec.stop_seconds)
        _log.info("%s was stopped", child.spec.name)
