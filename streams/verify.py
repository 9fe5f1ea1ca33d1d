"""Verify: replay the whole log up to one fixed position with the same folds, and compare with what ClickHouse holds.

One partition at a time, some hundred subjects at once: all events of a subject are on one partition, so memory holds the
bytes of one partition for each process. What moved on while it was read is looked at again at a later position.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from threading import Event
from typing import Any, Final

from connectors.kafka import end_offsets
from projections.policy import Policy
from projections.tables import Table, registered, row_digest
from schemas.log_record import LogRecord
from schemas.logged import LoggedEvent
from schemas.ports import ProjectionRows, Store
from schemas.records import LandedEvent
from schemas.sentence import Sentence, Told
from streams.comparison import Verdict
from streams.generations import demand_live, of_number, policy_of
from streams.log import read_until
from streams.projector.core import whole_subject
from streams.projector.landing import sound
from streams.rebuild import Address
from streams.topics import ACTS, ACTS_PARTITIONS

ACT_LOG: Final = "act_log"
_ATTEMPTS: Final = 5
_SETTLE_SECONDS: Final = 120.0
_SUBJECTS_AT_ONCE: Final = 500
_TELL_SECONDS: Final = 0.5


class NotSettled(Told, RuntimeError):
    """The projector has not reached the fixed position. ``behind`` is the number of records by partition."""

    says = Sentence(
        "投影程序落后 {behind} 条，{seconds:.0f} 秒内未赶上；请看 `xinji status`，投影程序未运行的请启动，然后重新核对",
        "the projector is {behind} records behind and did not catch up within {seconds:.0f} s; look at `xinji status`, start "
        "the projector if it is down, and verify again",
    )

    def __init__(self, behind: dict[int, int]) -> None:
        self.behind = behind
        super().__init__(behind=sum(behind.values()), seconds=_SETTLE_SECONDS)


@dataclass
class Verification:
    """The result: verdicts by table, the position, the subjects compared, and those that never stood still meanwhile."""

    generation: int
    positions: dict[int, int]
    verdicts: dict[str, Verdict]
    unsettled: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    strays: set[tuple[int, int]] = field(default_factory=set)
    """Places (partition, offset) on the log that the gate did not write: they are passed over."""

    @property
    def clean(self) -> bool:
        return not self.unsettled and not any(verdict.differing for verdict in self.verdicts.values())

    def take(self, part: _Part) -> None:
        """Adds what was found in one partition."""
        for name, verdict in part.verdicts.items():
            self.verdicts[name].add(verdict)
        self.compared |= part.compared
        self.strays.update(part.strays)


@dataclass
class _Part:
    """What was found in one partition; ``moved``: subjects of which ClickHouse knew more by then."""

    verdicts: dict[str, Verdict]
    compared: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    strays: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Task:
    """One partition to be compared, up to an offset; ``wanted``: only these subjects."""

    address: Address
    bootstrap: str
    generation: int
    partition: int
    end: int
    wanted: frozenset[str] | None


def verify(
    address: Address,
    bootstrap: str,
    subjects: Collection[str] | None = None,
    workers: int = 1,
    tell: Callable[[int, int], None] = lambda more, records: None,
) -> Verification:
    """Compares all subjects, or only some, with the live generation, by ``workers`` processes. ``tell`` is called now and then
    with how many more records were compared, and how many there are in all. Raises NoGeneration, OtherCode,
    NotSettled, LogSilent and what the store raises."""
    store = address.open()
    generation = demand_live(store)
    policy_of(generation)
    result = Verification(generation.number, {}, _verdicts())
    wanted = None if subjects is None else frozenset(subjects)
    for _ in range(_ATTEMPTS):
        ends = _settled(bootstrap, store, generation.number)
        result.positions = result.positions or ends
        tasks = [_Task(address, bootstrap, generation.number, partition, end, wanted) for partition, end in ends.items() if end]
        moved: set[str] = set()
        for part in _run(tasks, workers, partial(_told, tell, sum(result.positions.values()))):
            result.take(part)
            moved |= part.moved
        result.unsettled, wanted = moved, frozenset(moved)
        if not moved:
            break
    if subjects is None:
        _strangers(store, generation.number, result)
    return result


def _run(tasks: list[_Task], workers: int, tell: Callable[[int], None]) -> Iterator[_Part]:
    if workers == 1 or len(tasks) < 2:
        for task in tasks:
            yield compare_partition(task, tell)
        return
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", 0)
    with ProcessPoolExecutor(min(workers, len(tasks)), context, _share, (counter,)) as pool:
        running = {pool.submit(_compare_shared, task) for task in tasks}
        told = 0
        while running:
            done, running = wait(running, _TELL_SECONDS, FIRST_COMPLETED)
            known = counter.value
            tell(known - told)
            told = known
            for one in done:
                yield one.result()


def _told(tell: Callable[[int, int], None], records: int, more: int) -> None:
    tell(more, records)


_counters: list[Any] = []
"""In a process that shares the work: the count of records that all of them compared."""


def _share(counter: Any) -> None:
    _counters.append(counter)


def _compare_shared(task: _Task) -> _Part:
    (counter,) = _counters

    def count(more: int) -> None:
        with counter.get_lock():
            counter.value += more

    return compare_partition(task, count)


def _verdicts() -> dict[str, Verdict]:
    return {name: Verdict(name) for name in (ACT_LOG, *(table.name for table in registered()))}


def _settled(bootstrap: str, store: Store, generation: int) -> dict[int, int]:
    """The end of the log now, once everything before it is projected."""
    ends = end_offsets(bootstrap, ACTS, range(ACTS_PARTITIONS))
    deadline = time.monotonic() + _SETTLE_SECONDS
    pause = Event()
    while True:
        done = store.progress("projected", generation)
        behind = {p: end - done[p][0] if p in done else end for p, end in ends.items()}
        behind = {partition: records for partition, records in behind.items() if records > 0}
        if not behind:
            return ends
        if time.monotonic() > deadline:
            raise NotSettled(behind)
        pause.wait(0.1)


def compare_partition(task: _Task, tell: Callable[[int], None] = lambda more: None) -> _Part:
    """Compares the subjects of one partition; ``tell`` is called with how many more records were compared."""
    store = task.address.open()
    policy = policy_of(of_number(store, task.generation))
    by_subject: dict[str, list[LogRecord]] = {}
    for record in read_until(task.bootstrap, {task.partition: task.end}):
        subject_id = record.key.decode(errors="replace")  # a stray's may be no text
        if task.wanted is None or subject_id in task.wanted:
            by_subject.setdefault(subject_id, []).append(record)
    part = _Part(_verdicts())
    waiting = iter(by_subject.items())
    while some := dict(islice(waiting, _SUBJECTS_AT_ONCE)):
        _compare(store, store.projections(task.generation), policy, some, task.end, part)
        tell(sum(map(len, some.values())))
    return part


def _compare(
    store: Store, rows: ProjectionRows, policy: Policy, by_subject: Mapping[str, list[LogRecord]], end: int, part: _Part
) -> None:
    logged = {subject_id: sound(records, part.strays) for subject_id, records in by_subject.items()}
    live = {table.name: _live(rows, table, logged) for table in registered()}
    replayed = _replayed({subject_id: [event for _, event in pairs] for subject_id, pairs in logged.items() if pairs}, policy)
    moved = {
        key.subject_id
        for name, found in live.items()
        for key, (version, _) in found.items()
        if key in replayed[name] and version > replayed[name][key][0]
    }
    part.moved |= moved
    for name, found in live.items():
        for key in found.keys() | replayed[name].keys():
            if key.subject_id not in moved:
                part.verdicts[name].compare(key.text, *(side[key][1] if key in side else None for side in (replayed[name], found)))
    settled = [row for subject_id, pairs in logged.items() if subject_id not in moved for row, _ in pairs]
    _compare_log(store, settled, logged.keys() - moved, end, part.verdicts[ACT_LOG])
    part.compared |= {subject_id for subject_id, pairs in logged.items() if pairs} - moved


@dataclass(frozen=True, slots=True)
class _Key:
    """A row's key; ``subject_id`` is whose record it belongs to."""

    subject_id: str
    text: str


Found = dict[_Key, tuple[int, str]]
"""Version and digest of a row's values by its key."""


def _replayed(events: Mapping[str, list[LoggedEvent]], policy: Policy) -> dict[str, Found]:
    found: dict[str, Found] = {table.name: {} for table in registered()}
    tables = {table.name: table for table in registered()}
    for subject_id, about in events.items():
        for name, rows in whole_subject(subject_id, about, policy).items():
            for row in rows:
                key, entry = _entry(tables[name], row)
                found[name][key] = entry
    return found


def _live(rows: ProjectionRows, table: Table, subjects: Iterable[str]) -> Found:
    return dict(_entry(table, row) for row in rows.read_rows(table.name, table.column_names, table.key, subjects))


def _entry(table: Table, row: tuple[Any, ...]) -> tuple[_Key, tuple[int, str]]:
    named = dict(zip(table.column_names, row, strict=True))
    key = _Key(named["subject_id"], " ".join(str(named[name]) for name in table.key))
    version = named.pop("version")
    return key, (version, row_digest(tuple(named.values())))


def _compare_log(store: Store, expected: list[LandedEvent], subjects: Collection[str], end: int, verdict: Verdict) -> None:
    """``act_log`` against the log, row by row with every column: bytes, headers, time, and what was read out of them."""
    by_place = {(row.topic_partition, row.topic_offset): row for row in expected}
    there: dict[tuple[int, int], list[LandedEvent]] = {}
    for row in store.landed_rows(subjects):
        place = row.topic_partition, row.topic_offset
        if place in by_place:
            there.setdefault(place, []).append(row)
        elif row.topic_offset < end:
            verdict.compare(f"{row.event_id} ({place[0]}/{place[1]})", None, repr(row))
    for place, right in by_place.items():
        wrong = next((row for row in there.get(place, ()) if row != right), None)
        present = right if place in there and wrong is None else wrong
        verdict.compare(right.event_id, repr(right), None if present is None else repr(present))


def _strangers(store: Store, generation: int, result: Verification) -> None:
    """Rows of subjects that the log does not know."""
    seen, rows = result.compared | result.unsettled, store.projections(generation)
    for table in registered():
        names = tuple(dict.fromkeys(("subject_id", *table.key)))
        for row in rows.read_rows(table.name, names, table.key):
            if row[0] not in seen:
                result.verdicts[table.name].compare(" ".join(map(str, row)), None, repr(row))
