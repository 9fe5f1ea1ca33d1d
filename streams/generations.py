"""Generations of the projections: what each is made of, beginning one, switching to it, going back, dropping.

A generation is policy tables, calendar and code with one digest, and its tables in a database of its own. Which one is
live stands in the table ``generations``: of those marked live, the one that became it last. Workers take the policy from
there, so that all agree, and a worker whose code is another refuses the generation by name.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event
from typing import Final, Protocol

from projections.calendar import Calendar
from projections.policy import Policy, load
from projections.tables import code_digest, create_table, registered
from schemas.ports import Generations, Store
from schemas.records import Generation, Positions
from schemas.sentence import Sentence, Told, names

LIVE, BUILDING, CLOSING, FORMER, DROPPED = "live", "building", "closing", "former", "dropped"
LEASE: Final = timedelta(seconds=30)
_MILLISECOND: Final = timedelta(milliseconds=1)
_LOOK_SECONDS: Final = 0.05


class GenerationStates(Protocol):
    """Whoever can say which generations there are, cheaply."""

    def generation_states(self) -> list[tuple[int, str, int, int | None]]: ...


class NoGeneration(Told, RuntimeError):
    """There are no live projections yet."""

    says = Sentence(
        "还没有投影；请用 `xinji migrate` 建立第一代",
        "there are no projections yet; make the first generation with `xinji migrate`",
    )

    def __init__(self) -> None:
        super().__init__()


class OtherCode(Told, RuntimeError):
    """This program's folds and tables are not those that make generation ``number``."""

    says = Sentence(
        "第 {number} 代由程序 {needed} 生成，本程序是 {own}，不写入其中。请运行生成它的版本，或用本版本新建一代：`xinji rebuild`",
        "generation {number} is made by code {needed}, and this program has {own}: it writes nothing into it. Run the version "
        "that made it, or make a new generation with this one: `xinji rebuild`",
    )

    def __init__(self, number: int, own: str, needed: str) -> None:
        self.number, self.own, self.needed = number, own, needed
        super().__init__(number=number, needed=needed[:12], own=own[:12])


class NoSuchGeneration(Told, ValueError):
    """A number that names no generation that is there."""

    says = Sentence(
        "没有第 {number} 代；现有：{there}（`xinji generations list`）",
        "there is no generation {number}; there are {there}: `xinji generations list`",
    )

    def __init__(self, number: int, there: Sequence[int]) -> None:
        self.number, self.there = number, tuple(there)
        super().__init__(number=number, there=names(there) if there else Sentence("无", "none"))


class LiveOne(Told, ValueError):
    """The live generation cannot be dropped."""

    says = Sentence(
        "第 {number} 代在用；请先切换到另一代再删除：`xinji generations switch N`",
        "generation {number} is live; switch to another one before dropping it: `xinji generations switch N`",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number=number)


@dataclass(frozen=True)
class Made:
    """What a generation is made of: the policy with its calendar, and this program's code."""

    policy: Policy
    texts: Mapping[str, str]

    @property
    def code(self) -> str:
        return code_digest()

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over policy, calendar and code."""
        parts = "\0".join((self.policy.digest, self.policy.calendar.digest, self.code))
        return hashlib.sha256(parts.encode()).hexdigest()


def live(store: Generations) -> Generation | None:
    """The live generation, None before the first."""
    marked = [one for one in store.generations() if one.state == LIVE]
    return max(marked, key=lambda one: (one.changed_at, one.number), default=None)


def demand_live(store: Generations) -> Generation:
    """The live generation; raises NoGeneration."""
    found = live(store)
    if found is None:
        raise NoGeneration
    return found


def policy_of(generation: Generation) -> Policy:
    """The policy and calendar that a generation is made of, from its own texts; raises OtherCode where this program's folds
    would make something else of them."""
    if generation.code_digest != code_digest():
        raise OtherCode(generation.number, code_digest(), generation.code_digest)
    return replace(load(generation.texts), calendar=Calendar.from_text(generation.calendar))


def begin(store: Store, made: Made, now: datetime, cluster: str = "") -> Generation:
    """A new generation with its empty tables, in state building."""
    number = max((one.number for one in store.generations()), default=0) + 1
    target = store.projections(number)
    target.drop(cluster)  # what a run left that died before it said that it began
    tables = [create_table(table, target.database, cluster=cluster) for table in registered()]
    target.create([_create_database(target.database, cluster), *tables])
    new = Generation(number, made.digest, made.code, made.policy.calendar.text, dict(made.texts), BUILDING, now, {})
    store.write_generation(new)
    return new


def lacking(store: Store, number: int) -> tuple[str, ...]:
    """Tables of a generation of this code that are missing, or have not the columns that are declared."""
    there = store.projections(number).columns()
    return tuple(one.name for one in registered() if there.get(one.name) != {each.name: each.type for each in one.columns})


def _create_database(database: str, cluster: str) -> str:
    return f"CREATE DATABASE IF NOT EXISTS `{database}`" + (f" ON CLUSTER '{cluster}'" if cluster else "")


def change(store: Generations, one: Generation, state: str, now: datetime, **more: object) -> Generation:
    """Writes a generation's new state; later than whatever was written of any of them, whatever the clock says."""
    latest = max((other.changed_at for other in store.generations()), default=now)
    changed = replace(one, state=state, changed_at=max(now, latest + _MILLISECOND), **{"lease_until": None, **more})  # type: ignore[arg-type]
    store.write_generation(changed)
    return changed


def of_number(store: Generations, number: int) -> Generation:
    """A generation that is there; raises NoSuchGeneration."""
    there = {one.number: one for one in store.generations() if one.state != DROPPED}
    if number not in there:
        raise NoSuchGeneration(number, sorted(there))
    return there[number]


def drop(store: Store, number: int, now: datetime, cluster: str = "") -> None:
    """Removes a generation's tables for good. Raises NoSuchGeneration, LiveOne."""
    one = of_number(store, number)
    if (current := live(store)) is not None and current.number == number:
        raise LiveOne(number)
    change(store, one, DROPPED, now)
    store.projections(number).drop(cluster)


def behind(ahead: Positions, after: Positions) -> dict[int, int]:
    """By how many records one's positions are behind the other's, by partition."""
    found = {partition: offset - after[partition][0] if partition in after else offset for partition, (offset, _) in ahead.items()}
    return {partition: records for partition, records in found.items() if records > 0}


class GenerationChanged(Told, RuntimeError):
    """Another generation is live; this process must start anew to load it."""

    says = Sentence(
        "在用的已是第 {current} 代，而本进程为第 {own} 代工作，须重新启动",
        "generation {current} is live and this worker works for {own}; it must be started again",
    )

    def __init__(self, own: int, current: int) -> None:
        self.own, self.current = own, current
        super().__init__(own=own, current=current)


class StillLive:
    """For a gate, which admits by a generation's policy: now and then it asks whether that is still the live one."""

    def __init__(self, store: GenerationStates, number: int, every: float = 5.0) -> None:
        self._store, self._number, self._every = store, number, every
        self._asked = time.monotonic()

    def check(self) -> None:
        """Raises GenerationChanged when another generation is live; asks at most every some seconds."""
        now = time.monotonic()
        if now - self._asked >= self._every:
            demand_same(self._store.generation_states(), self._number)
            self._asked = now


def demand_same(states: Sequence[tuple[int, str, int, int | None]], number: int) -> None:
    """Raises GenerationChanged unless the live generation is this one."""
    current = max(((changed, one) for one, state, changed, _ in states if state == LIVE), default=(0, number))[1]
    if current != number:
        raise GenerationChanged(number, current)


class Turn:
    """Whether a projector of the live generation may go on with a round.

    While a generation is closing, whatever the live one shows must stand in the closing one before: the round waits until
    it does, or until the lease of whoever is switching runs out. A round that began before that was visible holds only
    events that had landed by then, and the closing generation is brought up to those before it is switched to.
    """

    def __init__(self, store: Store, number: int, stop: Event, clock: Callable[[], datetime]) -> None:
        self._store, self._number, self._stop, self._clock = store, number, stop, clock

    def wait(self, reached: Positions) -> None:
        """Returns when the round may begin; raises GenerationChanged, and what the store raises."""
        while not self._stop.is_set():
            closing = self._closing()
            if closing is None or not behind(reached, self._store.progress("projected", closing)):
                return
            self._stop.wait(_LOOK_SECONDS)

    def _closing(self) -> int | None:
        states = self._store.generation_states()
        demand_same(states, self._number)
        now = self._clock().timestamp() * 1000
        return next((number for number, state, _, lease in states if state == CLOSING and lease is not None and lease > now), None)
