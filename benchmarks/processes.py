"""Running processes as the system sees them: processor time of a process and its children, and its peak of memory.

Where the system has no /proc, nothing is known: figures are zero.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK: Final = os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")
_FIXED_WORK: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Cpu:
    """Processor seconds, of the program itself and of the system on its behalf."""

    user: float = 0.0
    system: float = 0.0

    @property
    def total(self) -> float:
        return self.user + self.system

    def __add__(self, other: Cpu) -> Cpu:
        return Cpu(self.user + other.user, self.system + other.system)

    def __sub__(self, other: Cpu) -> Cpu:
        return Cpu(self.user - other.user, self.system - other.system)

    def per(self, count: int) -> Cpu:
        """Microseconds for each of so many."""
        return Cpu(self.user * 1e6 / max(count, 1), self.system * 1e6 / max(count, 1))


@dataclass(frozen=True, slots=True)
class _Stat:
    parent: int
    cpu: Cpu


def cpu(pid: int) -> Cpu:
    """What a process and all its children used so far, those that ended included."""
    return sum((own_cpu(one) for one in [pid, *(child for _, child in descendants(pid))]), Cpu())


def own_cpu(pid: int) -> Cpu:
    """What a process used so far, with its children that ended."""
    stat = _stat(pid)
    return stat.cpu if stat else Cpu()


def descendants(pid: int) -> list[tuple[int, int]]:
    """Children that run now, and theirs: each with its parent, parents first."""
    children: dict[int, list[int]] = {}
    for one in _running():
        if stat := _stat(one):
            children.setdefault(stat.parent, []).append(one)
    found: list[tuple[int, int]] = []
    waiting = [pid]
    while waiting:
        parent = waiting.pop(0)
        mine = children.get(parent, [])
        found += [(parent, one) for one in mine]
        waiting += mine
    return found


def command_line(pid: int) -> list[str]:
    """The arguments that a process was started with; empty for one that is gone."""
    try:
        return (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def peak_bytes(pid: int) -> int:
    """The most memory that a process ever held (VmHWM); its children apart."""
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def used(after: Mapping[str, Cpu], before: Mapping[str, Cpu]) -> dict[str, Cpu]:
    """What each process used between two looks; one that was not there at first began at nothing."""
    return {name: spent - before.get(name, Cpu()) for name, spent in after.items()}


def _running() -> Iterable[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()] if _PROC.is_dir() else []


def _stat(pid: int) -> _Stat | None:
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    user, system, children_user, children_system = (int(fields[at]) / _TICK for at in (11, 12, 13, 14))
    return _Stat(int(fields[1]), Cpu(user + children_user, system + children_system))


def pace() -> float:
    """Milliseconds of processor time for a fixed piece of work: on a machine that others use too, the same work costs more."""
    began, left = time.process_time(), _FIXED_WORK
    while left:
        left -= 1
    return (time.process_time() - began) * 1000


def load() -> float:
    """Processes that ran or wanted to run, the average of the last minute."""
    return os.getloadavg()[0]
