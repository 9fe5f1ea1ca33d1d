"""One peer at a time on the same topic: started, watched until it has emitted every state, stopped."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from benchmarks.peers.entrants import ROOT, Peer
from benchmarks.peers.topic import States, Watch
from benchmarks.processes import Cpu, cpu, pace
from connectors.kafka import create_topics
from console.embedded.process import start_process, stop_process
from streams.topics import ACTS, ACTS_PARTITIONS

_LOOK_SECONDS: Final = 0.1
_WARM_UP: Final = 1 / 2
"""Of the acts: what a peer spends on starting and on the first of them (Java compiles itself) is left out."""


class PeerFailed(RuntimeError):
    """A peer ended, took too long, or came to other states. Carries the end of its log."""

    def __init__(self, name: str, what: str, log: Path) -> None:
        self.name, self.what = name, what
        self.tail = log.read_text(errors="replace")[-4000:] if log.exists() else ""
        super().__init__(f"{name}: {what}; its log ends with:\n{self.tail}")


@dataclass(frozen=True, slots=True)
class Result:
    """``acts`` after the warm-up: the processor time of the peer's processes and the seconds that they took;
    ``pace``: what a fixed piece of work cost right after it (benchmarks.processes.pace)."""

    peer: Peer
    acts: int
    cpu: Cpu
    seconds: float
    subjects: int
    pace: float

    @property
    def rate(self) -> float:
        return self.acts / self.seconds


def run(peer: Peer, bootstrap: str, directory: Path, acts: int, wanted: States, patience: float) -> Result:
    """Raises PeerFailed, and what building the peer raises."""
    slug = re.sub(r"\W+", "-", peer.name.lower()).strip("-")
    argv, target, log = list(peer.argv()), f"states-{slug}", directory / f"{slug}.log"
    create_topics(bootstrap, {target: ACTS_PARTITIONS})
    state = directory / slug
    state.mkdir()
    process = start_process(argv, log, _told(bootstrap, target, slug, directory / "schemas.json", state))
    watch = Watch(bootstrap, target)
    try:
        until = _Until(watch, lambda: process.poll() is None, time.monotonic() + patience)
        began, spent, first = until.emitted(int(acts * _WARM_UP)), cpu(process.pid), until.count
        ended, after = until.emitted(acts), cpu(process.pid)
        paced = pace()
        found = watch.states()
    except TimeoutError as late:
        raise PeerFailed(peer.name, str(late), log) from None
    finally:
        stop_process(process, 10.0)
        watch.close()
    if found != wanted:
        differing = sum(found.get(key) != state for key, state in wanted.items())
        raise PeerFailed(peer.name, f"{differing} of {len(wanted)} states are not what the acts lead to", log)
    return Result(peer, until.count - first, after - spent, ended - began, len(found), paced)


def _told(bootstrap: str, target: str, group: str, schemas: Path, state: Path) -> dict[str, str]:
    told = {"bootstrap": bootstrap, "source": ACTS, "target": target, "group": group, "schemas": schemas, "state": state}
    return {f"PEER_{name.upper()}": str(value) for name, value in told.items()} | {
        "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    }


@dataclass(slots=True)
class _Until:
    """Waits until a peer has emitted so many states; raises TimeoutError when it ends or the time is up."""

    watch: Watch
    lives: Callable[[], bool]
    deadline: float
    count: int = 0

    def emitted(self, wanted: int) -> float:
        pause = Event()
        while (count := self.watch.emitted()) < wanted:
            if not self.lives():
                raise TimeoutError(f"it ended after {count} of {wanted} states")
            if time.monotonic() > self.deadline:
                raise TimeoutError(f"only {count} of {wanted} states in time")
            pause.wait(_LOOK_SECONDS)
        self.count = count
        return time.monotonic()
