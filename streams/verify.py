"""Verify: replay the whole log up to one fixed position with the same folds, and compare with what ClickHouse holds.

One partition at a time: all events of a subject are on one partition, so memory holds a twelfth of the log. What moved on
while it was read is looked at again at a later position.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from threading import Event
from typing import Any, Final

from connectors.kafka import end_offsets
from projections.rows import GENERATION_STEP, TABLES, digest
from schemas.logged import LoggedEvent
from schemas.ports import Store
from schemas.records import LandedEvent
from streams.evaluation import Evaluator
from streams.log import LogRecord, read_until
from streams.projector.landing import landed
from streams.topics import ACTS, ACTS_PARTITIONS

ACT_LOG: Final = "act_log"
PERSONS: Final = "responsible_rows"
_ATTEMPTS: Final = 5
_SETTLE_SECONDS: Final = 120.0


class NotSettled(RuntimeError):
    """The projector has not reached the fixed position. ``behind`` is the number of records by partition."""

    def __init__(self, behind: dict[int, int]) -> None:
        self.behind = behind
        super().__init__(
            f"the projector is {sum(behind.values())} records behind and did not catch up within {_SETTLE_SECONDS:.0f} s; "
            "look at `xinji status`, start the projector if it is down, and verify again"
        )


@dataclass
class Verdict:
    """One table's comparison: how many keys the replay and ClickHouse have, and which differ and how."""

    table: str
    replayed: int = 0
    live: int = 0
    differing: dict[str, str] = field(default_factory=dict)
    _sums: dict[str, int] = field(default_factory=lambda: {"replayed": 0, "live": 0})

    def compare(self, key: str, replayed: str | None, live: str | None) -> None:
        """Takes one key's digests, None where it is missing."""
        for side, value in (("replayed", replayed), ("live", live)):
            if value is not None:
                self._sums[side] ^= int(hashlib.sha256(f"{key}\0{value}".encode()).hexdigest(), 16)
        self.replayed += replayed is not None
        self.live += live is not None
        if replayed == live:
            return
        if live is None:
            self.differing[key] = "missing in ClickHouse"
        elif replayed is None:
            self.differing[key] = "in ClickHouse and not in the log"
        else:
            self.differing[key] = "other content in ClickHouse than the log gives"

    def digest(self, side: str) -> str:
        """Digest over all keys of a side (``replayed`` or ``live``), independent of their order."""
        return f"{self._sums[side]:064x}"


@dataclass
class Verification:
    """The result: verdicts by table, the position, the subjects compared, and those that never stood still meanwhile."""

    positions: dict[int, int]
    verdicts: dict[str, Verdict]
    unsettled: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)

    @property
    def clean(self) -> bool:
        return not self.unsettled and not any(verdict.differing for verdict in self.verdicts.values())


def verify(bootstrap: str, store: Store, evaluator: Evaluator, subjects: Collection[str] | None = None) -> Verification:
    """Compares all subjects, or only some. Raises NotSettled, LogSilent, NotOfTheGate and what the store raises."""
    ends = _settled(bootstrap, store)
    result = Verification(ends, {name: Verdict(name) for name in (ACT_LOG, *(table.name for table in TABLES), PERSONS)})
    wanted: Collection[str] | None = subjects
    seen = result.compared
    for _ in range(_ATTEMPTS):
        moved: set[str] = set()
        for partition, end in ends.items():
            moved |= _partition(bootstrap, store, evaluator, partition, end, wanted, result, seen)
        result.unsettled = wanted_again = moved
        if not moved:
            break
        wanted, ends = wanted_again, _settled(bootstrap, store)
    if subjects is None:
        _strangers(store, result, seen | result.unsettled)
    return result


def _settled(bootstrap: str, store: Store) -> dict[int, int]:
    """The end of the log now, once everything before it is projected."""
    ends = end_offsets(bootstrap, ACTS, range(ACTS_PARTITIONS))
    deadline = time.monotonic() + _SETTLE_SECONDS
    pause = Event()
    while True:
        done = store.progress("projected")
        behind = {p: end - done[p][0] if p in done else end for p, end in ends.items()}
        behind = {partition: records for partition, records in behind.items() if records > 0}
        if not behind:
            return ends
        if time.monotonic() > deadline:
            raise NotSettled(behind)
        pause.wait(0.1)


def _partition(
    bootstrap: str,
    store: Store,
    evaluator: Evaluator,
    partition: int,
    end: int,
    wanted: Collection[str] | None,
    result: Verification,
    seen: set[str],
) -> set[str]:
    """Compares the subjects of one partition; returns those that moved on meanwhile."""
    by_subject: dict[str, list[LogRecord]] = {}
    for record in read_until(bootstrap, {partition: end}):
        subject_id = record.key.decode()
        if wanted is None or subject_id in wanted:
            by_subject.setdefault(subject_id, []).append(record)
    events = {subject_id: [record.decoded() for record in records] for subject_id, records in by_subject.items()}
    moved = _compare_rows(store, evaluator, events, result)
    _compare_log(store, {one: records for one, records in by_subject.items() if one not in moved}, end, result)
    _compare_persons(store, by_subject.keys() - moved, result)
    seen.update(events.keys() - moved)
    return moved


def _compare_rows(store: Store, evaluator: Evaluator, events: dict[str, list[LoggedEvent]], result: Verification) -> set[str]:
    replayed = {subject_id: evaluator.rows(subject_id, about) for subject_id, about in events.items()}
    live = {table.name: _live(store, table.name, table.columns, events) for table in TABLES}
    moved = {
        subject_id
        for subject_id, rows in replayed.items()
        if any((found := live[table].get(subject_id)) and found[0] > row[1] % GENERATION_STEP for table, row in rows.items())
    }
    for table in TABLES:
        for subject_id in events.keys() - moved:
            row, found = replayed[subject_id].get(table.name), live[table.name].get(subject_id)
            if row is not None or found is not None:
                expected = digest([row[1] % GENERATION_STEP, *row[3:]]) if row else None
                result.verdicts[table.name].compare(subject_id, expected, found[1] if found else None)
    return moved


def _live(store: Store, table: str, columns: Iterable[str], subjects: Iterable[str]) -> dict[str, tuple[int, str]]:
    """What ClickHouse holds: number of events considered and digest by subject."""
    found: dict[str, tuple[int, str]] = {}
    for subject_id, version, *values in store.read_rows(table, ("subject_id", "version", *columns), subjects):
        considered: Any = version % GENERATION_STEP
        found[subject_id] = considered, digest([considered, *values])
    return found


def _compare_log(store: Store, by_subject: dict[str, list[LogRecord]], end: int, result: Verification) -> None:
    """``act_log`` against the log, row by row with every column: bytes, headers, time, and what was read out of them."""
    verdict = result.verdicts[ACT_LOG]
    expected = {(one.partition, one.offset): landed(one)[0] for records in by_subject.values() for one in records}
    found: dict[tuple[int, int], set[str]] = {}
    for row in store.landed_rows(by_subject):
        place = row.topic_partition, row.topic_offset
        if place in expected:
            found.setdefault(place, set()).add(_row_digest(row))
        elif row.topic_offset < end:
            verdict.compare(f"{row.event_id} ({place[0]}/{place[1]})", None, _row_digest(row))
    for place, row in expected.items():
        right, there = _row_digest(row), found.get(place, set())
        verdict.compare(row.event_id, right, right if there == {right} else "".join(sorted(there)) or None)


def _row_digest(row: LandedEvent) -> str:
    return digest([getattr(row, one.name) for one in fields(row)])


def _compare_persons(store: Store, subjects: Collection[str], result: Verification) -> None:
    """The index of responsible persons against the rows of lists that it is made of (which are compared themselves)."""
    columns = next(table.columns for table in TABLES if table.name == "list_rows")[:-1]
    expected: dict[str, str] = {}
    for subject_id, version, persons, *entries in store.read_rows(
        "list_rows", ("subject_id", "version", "responsible_ever", *columns), subjects
    ):
        expected |= {f"{person} in {subject_id}": digest([version, *entries]) for person in persons}
    live = {
        f"{person} in {subject_id}": digest([version, *entries])
        for subject_id, person, version, *entries in store.read_rows(
            PERSONS, ("subject_id", "person_id", "version", *columns), subjects
        )
    }
    for key in expected.keys() | live.keys():
        result.verdicts[PERSONS].compare(key, expected.get(key), live.get(key))


def _strangers(store: Store, result: Verification, seen: set[str]) -> None:
    """Rows of subjects that the log does not know."""
    for name in (*(table.name for table in TABLES), PERSONS):
        for subject_id, version in store.read_rows(name, ("subject_id", "version")):
            if subject_id not in seen:
                result.verdicts[name].compare(subject_id, None, str(version))
