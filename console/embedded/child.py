"""One process of the embedded stack: how it is run, how it is, and the errors that say that it did not come up."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from console.embedded.health import Failures, PartState, State
from schemas.sentence import Sentence, Told, sentence_of

BUS = "bus"
ENGINE = "engine"
PAUSE_SECONDS = 0.2
LOG_TAIL_BYTES = 2_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """How to run one child. ``argv[0]`` is a full path; a function is asked at every start. ``env`` is added to ours.

    ``ready`` answers quickly and often, True once the child serves; it is called on the supervisor's thread, and an
    exception counts as not ready. ``stop_seconds`` of 0 ends the child with SIGKILL at once.
    """

    name: str
    argv: Sequence[str] | Callable[[], Sequence[str]]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = lambda: True
    depends_on: Sequence[str] = ()
    ready_seconds: float = 60.0
    stop_seconds: float = 10.0


class ChildNotReady(Told):
    """The stack did not come up in time; ``name`` is the first child that was not ready, ``log`` its output."""

    says = Sentence(
        "{name} 未能就绪。其输出见 {log}，最后几行：\n{tail}",
        "{name} did not become ready. Its output is in {log}; the last of it:\n{tail}",
    )

    def __init__(self, name: str, log: Path, tail: str) -> None:
        super().__init__(name=name, log=log, tail=tail)
        self.name = name
        self.log = log


class NotFilled(Told):
    """The stack did not come up because the log could not be put on the bus; ``problem`` is why."""

    says = Sentence(
        "未能把日志放回总线：{problem}",
        "the log could not be put on the bus: {problem}",
    )

    def __init__(self, problem: Exception) -> None:
        super().__init__(problem=sentence_of(problem))
        self.problem = problem


@dataclass(slots=True)
class Child:
    """A child as the supervisor keeps it; times are of the monotonic clock, ``changed`` is UTC."""

    spec: ChildSpec
    process: subprocess.Popen[bytes] | None = None
    ready: bool = False
    since: float = 0.0
    not_before: float = 0.0
    pause: float = PAUSE_SECONDS
    log_start: int = 0
    heard: int = 0
    changed: datetime = field(kw_only=True)
    failures: Failures = field(default_factory=Failures)

    def shown(self) -> PartState:
        pid = self.process.pid if self.process is not None else None
        state: State = "ready" if self.ready else "waiting" if self.process is None else "starting"
        failing = self.failures.count, self.failures.since, self.failures.reason
        return PartState(self.spec.name, state, self.changed, pid, *failing, self.spec.log)

    @property
    def is_worker(self) -> bool:
        return self.spec.name not in (BUS, ENGINE)


def runs(child: Child) -> bool:
    """Whether its process is there."""
    return child.process is not None and child.process.poll() is None


def says_ready(child: Child) -> bool:
    """Whether it runs and serves; a check that fails says no."""
    try:
        return runs(child) and child.spec.ready()
    except Exception:
        _log.debug("%s: the readiness check failed", child.spec.name, exc_info=True)
        return False


def tail_of(log: Path) -> str:
    """The end of its output, for people."""
    try:
        return log.read_bytes()[-LOG_TAIL_BYTES:].decode("utf-8", "replace")
    except OSError as error:
        return str(error)
