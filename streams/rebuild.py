"""Rebuild: a new generation of all projections beside the live one, caught up, and then switched to.

Built by ranges of subjects, one process each; what lands meanwhile follows, round by round. Then the generation is marked
as closing: projectors of the live one begin nothing that the new one does not hold yet, so that from the moment it is live
no reader sees fewer facts than before. Whatever dies on the way leaves the live generation as it was.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from connectors.clickhouse.client import connect
from connectors.clickhouse.store import Store as ClickHouse
from projections.policy import Policy
from schemas.ports import Store
from schemas.records import Generation, Positions, StoredEvent
from streams.generations import (
    BUILDING,
    CLOSING,
    FORMER,
    LEASE,
    LIVE,
    Made,
    begin,
    behind,
    change,
    drop,
    lacking,
    live,
    of_number,
    policy_of,
)
from streams.holes import demand_whole
from streams.memory import collect_rarely
from streams.projector.core import Projector, Rows, decoded, whole_subject, write_rows

_ROWS_AT_ONCE: Final = 5_000
_EVENTS_AT_ONCE: Final = 5_000
_PARTS_OF_A_WORKER: Final = 4
Subjects = tuple[str, str | None]
"""A range of subject ids: from the first (inclusive) to the second (exclusive; None: to the end)."""


@dataclass(frozen=True, slots=True)
class Address:
    """How a process of its own reaches the store."""

    clickhouse: str
    database: str
    cluster: str = ""

    def open(self) -> Store:
        return ClickHouse(connect(self.clickhouse, self.database, cluster=self.cluster), self.database)


@dataclass(frozen=True, slots=True)
class Built:
    """How many subjects and events were evaluated."""

    subjects: int
    events: int

    def __add__(self, other: Built) -> Built:
        return Built(self.subjects + other.subjects, self.events + other.events)


def build(address: Address, number: int, workers: int, tell: Callable[[Built], None]) -> Built:
    """Fills a generation that is building with everything that has landed, by ``workers`` processes. Raises LogHoles
    where some of that is missing, and what they raise."""
    store = address.open()
    demand_whole(store)
    until: Positions = store.progress("landed")
    ends = {partition: offset for partition, (offset, _) in until.items()}
    done = Built(0, 0)
    parts = store.subject_ranges(workers * _PARTS_OF_A_WORKER) if until else []
    if workers == 1 or len(parts) < 2:
        return _built_here(store, number, parts, until)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=collect_rarely) as pool:
        for one in as_completed([pool.submit(build_range, address, number, part, ends) for part in parts]):
            done += one.result()
            tell(done)
    store.advance({("projected", number): until})
    return done


def _built_here(store: Store, number: int, parts: list[Subjects], until: Positions) -> Built:
    ends = {partition: offset for partition, (offset, _) in until.items()}
    done = fill(store, number, policy_of(of_number(store, number)), store.all_events(before=ends)) if parts else Built(0, 0)
    store.advance({("projected", number): until})
    return done


def build_range(address: Address, number: int, subjects: Subjects, before: Mapping[int, int]) -> Built:
    """Writes the rows of a range of subjects, from their events before these offsets."""
    store = address.open()
    policy = policy_of(of_number(store, number))
    return fill(store, number, policy, store.all_events(before=before, subjects=subjects))


def fill(store: Store, number: int, policy: Policy, events: Iterable[StoredEvent]) -> Built:
    """Writes the rows of whole subjects; ``events`` come one subject after the other."""
    target, done = store.projections(number), Built(0, 0)
    for rows, built in _chunks(events, policy):
        write_rows(target, rows)
        done += built
    return done


def _chunks(events: Iterable[StoredEvent], policy: Policy) -> Iterator[tuple[Rows, Built]]:
    """Rows of whole subjects, some thousand at a time."""
    rows: Rows = {}
    built = Built(0, 0)
    for subject_id, about in groupby(events, key=lambda one: one.subject_id):
        decoded_events = [decoded(one) for one in about]
        for table, some in whole_subject(subject_id, decoded_events, policy).items():
            rows.setdefault(table, []).extend(some)
        built += Built(1, len(decoded_events))
        if sum(map(len, rows.values())) >= _ROWS_AT_ONCE:
            yield rows, built
            rows, built = {}, Built(0, 0)
    if rows:
        yield rows, built


class Follower:
    """Keeps a generation that is not live up with what lands."""

    def __init__(self, store: Store, generation: Generation, most_acts: int) -> None:
        self._store, self._number = store, generation.number
        self._projector = Projector(store, generation.number, policy_of(generation), most_acts)

    def follow(self) -> int:
        """Projects what has landed and is not projected yet; how many events that were. Raises what the store raises."""
        done = self._store.progress("projected", self._number)
        until = self._store.progress("landed")
        after = {partition: offset for partition, (offset, _) in done.items()}
        if not behind(until, done):
            return 0
        before = {partition: offset for partition, (offset, _) in until.items()}
        count, some = 0, []
        for event in self._store.all_events(after=after, before=before):
            some.append(decoded(event))
            if len(some) >= _EVENTS_AT_ONCE:
                self._projector.write(self._projector.evaluate(some))
                count, some = count + len(some), []
        if some:
            self._projector.write(self._projector.evaluate(some))
        self._store.advance({("projected", self._number): until})
        return count + len(some)


def bring_up(
    address: Address, made: Made, show: Callable[[int], None], clock: Callable[[], datetime], workers: int, most_acts: int
) -> Generation:
    """The live generation, made by this policy, calendar and code: the one that is live where it is, an earlier one that
    was made so, else a new one. For whoever starts the parts and knows that nobody is at work on generations."""
    store = address.open()
    abandon(store, clock, address.cluster)
    current = live(store)
    if current is not None and current.digest == made.digest:
        show(current.number)
        return current
    former = [one for one in store.generations() if one.state == FORMER and one.digest == made.digest]
    earlier = [one.number for one in former if not lacking(store, one.number)]
    number = earlier[-1] if earlier else begin(store, made, clock(), address.cluster).number
    if not earlier:
        build(address, number, workers, lambda _: None)
    return switch(store, number, show, clock, most_acts)


def renew(
    address: Address, one: Generation, show: Callable[[int], None], clock: Callable[[], datetime], most_acts: int
) -> Generation:
    """A new generation of the same policy, calendar and code, switched to: for a live one of which tables were lost."""
    store = address.open()
    number = begin(store, Made(policy_of(one), one.texts), clock(), address.cluster).number
    build(address, number, 1, lambda _: None)
    return switch(store, number, show, clock, most_acts)


def switch(store: Store, number: int, show: Callable[[int], None], clock: Callable[[], datetime], most_acts: int) -> Generation:
    """Makes a generation the live one, brought up to everything that the live one shows; ``show`` points the views at it.

    Only the code that makes a generation can bring it up: to go back to one of another version, run that version. Repeating
    it after a crash is harmless. Raises NoSuchGeneration, OtherCode, and what the store raises.
    """
    one, current = of_number(store, number), live(store)
    if current is not None and current.number == number:
        show(number)
        return one
    follower = Follower(store, one, most_acts)
    while follower.follow() > _EVENTS_AT_ONCE:
        pass
    if current is not None:
        one = change(store, one, CLOSING, clock(), lease_until=clock() + LEASE)
        # what rounds that began before that may show has landed by now
        follower.follow()
        while one.lease_until is not None and clock() > one.lease_until - LEASE / 2:
            one = change(store, one, CLOSING, clock(), lease_until=clock() + LEASE)
            follower.follow()
    one = _made_live(store, one, current, clock)
    show(number)
    return one


def _made_live(store: Store, one: Generation, current: Generation | None, clock: Callable[[], datetime]) -> Generation:
    marks: Mapping[int, int] = {}
    if current is not None:
        marks = {partition: offset for partition, (offset, _) in store.progress("projected", current.number).items()}
    one = change(store, one, LIVE, clock(), marks=marks)
    if current is not None:
        change(store, current, FORMER, clock())
    return one


def abandon(store: Store, clock: Callable[[], datetime], cluster: str = "") -> list[int]:
    """Drops generations that somebody began and never finished; for whoever knows that nobody is at work on one. Returns
    their numbers."""
    left = [one.number for one in store.generations() if one.state in (BUILDING, CLOSING)]
    for number in left:
        drop(store, number, clock(), cluster)
    return left
