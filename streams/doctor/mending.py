"""Filling holes and lost tails of the log from the bus while it lives, or from a backup; and what followed from them.

A place is filled only by a record that agrees with its witnesses and its neighbours. Landing again is harmless, so a run
that died is simply run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from connectors.archive.log_archive import LogArchive
from connectors.clickhouse.client import connect
from connectors.clickhouse.engine import Engine
from connectors.clickhouse.examination import Examination
from connectors.clickhouse.store import Store
from connectors.kafka import end_offsets
from projections.tables import code_digest
from schemas.instants import moment
from schemas.log_record import LogRecord
from schemas.records import LandedEvent
from schemas.sentence import Sentence
from streams.doctor.accepting import Witness, accepted
from streams.doctor.findings import Finding, HoleInLog, TailLost
from streams.generations import FORMER, LIVE, lacking, policy_of
from streams.log import read_until
from streams.rebuild import Address, fill
from streams.topics import ACTS, ACTS_PARTITIONS

_ROWS_AT_ONCE: Final = 5_000
ON_BUS: Final = Sentence(
    "总线运行中且止于此前，不能补入；请停止 `xinji up` 后再修复",
    "the bus runs and ends before it: stop `xinji up`, then repair again",
)
NOWHERE: Final = Sentence("总线和备份中都没有", "neither the bus nor a backup has it")


@dataclass(frozen=True, slots=True)
class NotFilled:
    """Places of the log that stay empty, and why."""

    partition: int
    first: int
    last: int
    why: Sentence


@dataclass(slots=True)
class Mended:
    """What was filled: places by partition, and the subjects of their events; and what was not."""

    filled: dict[int, list[int]] = field(default_factory=dict)
    subjects: set[str] = field(default_factory=set)
    left: list[NotFilled] = field(default_factory=list)

    @property
    def records(self) -> int:
        return sum(map(len, self.filled.values()))


@dataclass(frozen=True, slots=True)
class Places:
    """Places to be filled. ``every``: each that can be; else only what follows on the log's end without a gap."""

    partition: int
    first: int
    last: int
    every: bool


def places_of(wrong: Sequence[Finding]) -> list[Places]:
    """What of some findings can be filled. A tail that only receipts or a backup name is filled without leaving a hole in it;
    one that had been reached is a hole as it is."""
    found: list[Places] = []
    for one in wrong:
        match one:
            case HoleInLog():
                found.append(Places(one.partition, one.first, one.last, True))
            case TailLost():
                found.append(Places(one.partition, one.first, one.last, one.known_by == "progress"))
    return sorted(found, key=lambda one: (one.partition, one.first))


def mend(address: Address, bootstrap: str, backup: LogArchive | None, wrong: Sequence[Finding]) -> Mended:
    """Fills what can be filled, and makes anew what the projections say of the subjects concerned. ``bootstrap`` is empty where
    no bus runs. Raises what store and broker raise."""
    client = connect(address.clickhouse, address.database, cluster=address.cluster)
    done = Mended()
    try:
        store, examination = Store(client, address.database), Examination(Engine(client, address.database))
        ends = end_offsets(bootstrap, ACTS, range(ACTS_PARTITIONS)) if bootstrap else None
        for places in places_of(wrong):
            candidates = _Candidates(bootstrap, ends, backup, places)
            _fill_places(store, examination, candidates, places, done)
        if done.subjects:
            _evaluate(store, done.subjects)
    finally:
        client.close()
    return done


class _Candidates:
    """Records for some places, from the bus first."""

    def __init__(self, bootstrap: str, ends: Mapping[int, int] | None, backup: LogArchive | None, places: Places) -> None:
        self._bootstrap, self._backup, self._places = bootstrap, backup, places
        self.bus_end = None if ends is None else ends.get(places.partition, 0)

    def by_offset(self) -> Iterator[tuple[int, list[LogRecord]]]:
        """What there is for each place, in their order."""
        from_bus, from_backup = self._from_bus(), self._from_backup()
        bus, backup = next(from_bus, None), next(from_backup, None)
        for offset in range(self._places.first, self._places.last + 1):
            while bus is not None and bus.offset < offset:
                bus = next(from_bus, None)
            while backup is not None and backup.offset < offset:
                backup = next(from_backup, None)
            yield offset, [one for one in (bus, backup) if one is not None and one.offset == offset]

    def _from_bus(self) -> Iterator[LogRecord]:
        partition, first, last = self._places.partition, self._places.first, self._places.last
        if self.bus_end is not None and self.bus_end > first:
            yield from read_until(self._bootstrap, {partition: min(self.bus_end, last + 1)}, {partition: first})

    def _from_backup(self) -> Iterator[LogRecord]:
        if self._backup is not None:
            places = self._places
            yield from (one.record for one in self._backup.records(places.partition, places.first, places.last))


def _fill_places(store: Store, examination: Examination, candidates: _Candidates, places: Places, done: Mended) -> None:
    partition = places.partition
    witnesses = examination.witnesses(partition, places.first, places.last)
    times = examination.recorded(partition, places.first, places.last)
    after, before = (None if one is None else moment(one) for one in times)
    rows: list[LandedEvent] = []
    for offset, records in candidates.by_offset():
        if candidates.bus_end is not None and offset >= candidates.bus_end:
            found: LandedEvent | Sentence = ON_BUS
        else:
            found = _first_accepted(records, witnesses.get(offset, ()), after, before)
        if isinstance(found, LandedEvent):
            rows.append(found)
            after = found.recorded_at
            done.filled.setdefault(partition, []).append(offset)
            done.subjects.add(found.subject_id)
            if len(rows) >= _ROWS_AT_ONCE:
                store.land(rows)
                rows = []
        elif places.every:
            _leave(done, NotFilled(partition, offset, offset, found))
        else:
            done.left.append(NotFilled(partition, offset, places.last, found))
            break
    store.land(rows)


def _first_accepted(
    records: Sequence[LogRecord], witnesses: Sequence[Witness], after: datetime | None, before: datetime | None
) -> LandedEvent | Sentence:
    why: Sentence = NOWHERE
    for record in records:
        found = accepted(record, witnesses, after, before)
        if isinstance(found, LandedEvent):
            return found
        why = found
    return why


def _leave(done: Mended, one: NotFilled) -> None:
    """Neighbouring places that stay empty for one reason are said together."""
    if done.left and (last := done.left[-1]).partition == one.partition and (last.last + 1, last.why) == (one.first, one.why):
        done.left[-1] = NotFilled(last.partition, last.first, one.last, one.why)
    else:
        done.left.append(one)


def _evaluate(store: Store, subjects: set[str]) -> None:
    """The rows of these subjects in every generation of this code: acts may have been evaluated while their events were away."""
    for one in store.generations():
        if one.state in (LIVE, FORMER) and one.code_digest == code_digest() and not lacking(store, one.number):
            fill(store, one.number, policy_of(one), store.events_of(subjects))
