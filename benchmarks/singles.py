"""Single acts, one at a time: what each costs in all processes beyond what these use while nothing comes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from threading import Event
from typing import Final

from benchmarks.data import Said
from benchmarks.feeding import Feeder, messages
from benchmarks.figures import percentile
from benchmarks.processes import Cpu, used
from benchmarks.stacks import Running

_IDLE_SECONDS: Final = 2.0
_BETWEEN_SECONDS: Final = (0.05, 0.25)
_LONGER: Final = 1.5
_AFTER_SECONDS: Final = 0.5
"""What an act causes after it is visible (positions, merges) belongs to its cost."""


@dataclass(frozen=True, slots=True)
class Cost:
    """``spent`` by role over so many acts and ``seconds``, ``idle`` by role in a second without any; ``visible``: seconds
    from sending until the view shows it, of other acts."""

    acts: int
    seconds: float
    spent: Mapping[str, Cpu]
    idle: Mapping[str, Cpu]
    visible: tuple[float, ...]

    def milliseconds(self, role: str = "") -> float:
        """Processor time an act, of one role or of all but the broker."""
        roles = [role] if role else [one for one in self.spent if one != "broker"]
        net = sum(self.spent[one].total - self.idle.get(one, Cpu()).total * self.seconds for one in roles if one in self.spent)
        return max(0.0, net * 1000 / max(self.acts, 1))

    @property
    def idle_share(self) -> float:
        """Of one core, that all but the broker use while nothing comes."""
        return sum(one.total for role, one in self.idle.items() if role != "broker")


def each_costs(stack: Running, feeder: Feeder, acts: Sequence[Said], label: str, seed: int = 0) -> Cost:
    """Sends acts one by one, with a short pause of random length before each: the first half looking for each in the view
    all the time, which costs the engine, the other half looking only when it should be there. Raises NotDone."""
    pause, random = Event(), Random(seed)
    half = (len(acts) + 1) // 2
    visible = []
    for at, said in enumerate(acts[:half]):
        pause.wait(random.uniform(*_BETWEEN_SECONDS))
        visible.append(feeder.one(said, f"{label}-{at}"))
    patient = _LONGER * percentile(visible, 50)
    feeder.settle()
    pause.wait(_AFTER_SECONDS)
    idle = _idle(stack)
    before, began = stack.cpu(), time.perf_counter()
    for at, said in enumerate(acts[half:], half):
        pause.wait(random.uniform(*_BETWEEN_SECONDS))
        feeder.push(messages([said], f"{label}-{at}"))
        pause.wait(patient)
        feeder.settle()
    pause.wait(_AFTER_SECONDS)
    return Cost(len(acts) - half, time.perf_counter() - began, used(stack.cpu(), before), idle, tuple(visible))


def _idle(stack: Running) -> dict[str, Cpu]:
    before = stack.cpu()
    Event().wait(_IDLE_SECONDS)
    return {role: Cpu(one.user / _IDLE_SECONDS, one.system / _IDLE_SECONDS) for role, one in used(stack.cpu(), before).items()}
