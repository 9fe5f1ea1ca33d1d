"""The store in memory, for tests of the parts above it: the same contract as connectors.clickhouse.store.Store.

It keeps what ClickHouse would answer, not how: rows replaced by key and version, double events counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from projections import tables
from schemas.instants import milliseconds, moment
from schemas.log_record import LogRecord, LogRow, placeholder
from schemas.records import (
    Generation,
    Hole,
    LandedEvent,
    Positions,
    ReceiptRow,
    RejectionRow,
    StoredEvent,
    StrayRecord,
    VerificationRow,
)


class MemoryStore:
    """Everything that Store does, in dictionaries of one process. Not for threads."""

    def __init__(self) -> None:
        self._log: dict[tuple[int, int], LandedEvent] = {}
        self._progress: dict[tuple[str, int], Positions] = {}
        self._receipts: dict[tuple[str, str, int, str], ReceiptRow] = {}
        self._rejections: dict[tuple[str, int, int, str, int, str], RejectionRow] = {}
        self._generations: dict[int, Generation] = {}
        self._strays: dict[tuple[int, int], StrayRecord] = {}
        self._projections: dict[int, MemoryRows] = {}
        self._verifications: list[VerificationRow] = []

    def land(self, events: Sequence[LandedEvent]) -> None:
        self._log.update({(one.topic_partition, one.topic_offset): one for one in events})

    def events_mentioning(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        wanted = set(subject_ids)
        naming = {(one.subject_id, one.act_id) for one in self._log.values() if not wanted.isdisjoint(one.mentions)}
        return iter([_stored(one) for one in self._once() if one.subject_id in wanted or (one.subject_id, one.act_id) in naming])

    def events_of_acts(self, acts: Iterable[tuple[str, str]]) -> Iterator[StoredEvent]:
        wanted = set(acts)
        return iter([_stored(one) for one in self._once() if (one.subject_id, one.act_id) in wanted])

    def events_of(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        wanted = set(subject_ids)
        return iter([_stored(one) for one in self._once() if one.subject_id in wanted])

    def landed_rows(self, subject_ids: Iterable[str]) -> Iterator[LandedEvent]:
        wanted = set(subject_ids)
        return iter([one for _, one in sorted(self._log.items()) if one.subject_id in wanted])

    def all_events(
        self,
        after: Mapping[int, int] | None = None,
        before: Mapping[int, int] | None = None,
        subjects: tuple[str, str | None] | None = None,
    ) -> Iterator[StoredEvent]:
        lower, (first, last) = after or {}, subjects or ("", None)
        chosen = [
            one
            for one in self._log.values()
            if one.topic_offset >= lower.get(one.topic_partition, 0)
            and (before is None or one.topic_offset < before.get(one.topic_partition, 0))
            and first <= one.subject_id
            and (last is None or one.subject_id < last)
        ]
        return iter([_stored(one) for one in _distinct(chosen)])

    def subject_ranges(self, count: int) -> list[tuple[str, str | None]]:
        ids = sorted({one.subject_id for one in self._log.values()})
        cuts = sorted({ids[len(ids) * part // count] for part in range(1, count)}) if ids else []
        return list(zip(["", *cuts], [*cuts, None], strict=True))

    def holes(self) -> list[Hole]:
        reached = [(partition, end) for stage in self._progress.values() for partition, (end, _) in stage.items()]
        told_of = {(one.topic_partition, one.topic_offset) for one in self._receipts.values() if one.outcome == "admitted"}
        taken = self._log.keys() | (self._strays.keys() - told_of)
        ends: dict[int, int] = {}
        for partition, end in (*reached, *((partition, offset + 1) for partition, offset in taken)):
            ends[partition] = max(ends.get(partition, 0), end)
        found: list[Hole] = []
        for partition, end in sorted(ends.items()):
            for offset in range(end):
                if (partition, offset) in taken:
                    continue
                told = sum((one.topic_partition, one.topic_offset) == (partition, offset) for one in self._receipts.values())
                if found and found[-1][0] == partition and found[-1].last == offset - 1:
                    found[-1] = found[-1]._replace(last=offset, receipts=found[-1].receipts + told)
                else:
                    found.append(Hole(partition, offset, offset, told))
        return found

    def log_records(self) -> Iterator[LogRecord]:
        for place in sorted(self._log.keys() | self._strays.keys()):
            if (one := self._log.get(place)) is not None:
                yield LogRecord(*place, one.subject_id.encode(), one.value, one.headers, one.recorded_at)
            else:
                yield placeholder(*place, self._strays[place].value_sha256, self._strays[place].found_at)

    def write_strays(self, strays: Sequence[StrayRecord]) -> None:
        for one in strays:
            before = self._strays.get(one.place)
            self._strays[one.place] = one._replace(acknowledged=one.acknowledged or (before is not None and before.acknowledged))

    def strays(self) -> list[StrayRecord]:
        return [one._replace(bytes=b"") for _, one in sorted(self._strays.items())]

    def acknowledge_strays(self) -> int:
        new = [one._replace(acknowledged=True) for one in self._strays.values() if not one.acknowledged]
        self.write_strays(new)
        return len(new)

    def log_rows(self, after: Mapping[int, int] | None = None) -> Iterator[LogRow]:
        for record in self.log_records():
            if record.offset >= (after or {}).get(record.partition, 0):
                if (one := self._log.get(record[:2])) is not None:
                    yield LogRow(record, one.event_id, one.value_sha256)
                else:
                    digest = self._strays[record[:2]].value_sha256
                    yield LogRow(record._replace(recorded_at=moment(0)), "", digest)

    def progress(self, stage: str, generation: int = 0) -> Positions:
        return dict(sorted(self._progress.get((stage, generation), {}).items()))

    def advance(self, reached: Mapping[tuple[str, int], Mapping[int, tuple[int, datetime]]]) -> None:
        for stage, positions in reached.items():
            known = self._progress.setdefault(stage, {})
            for partition, position in positions.items():
                if partition not in known or position[0] >= known[partition][0]:
                    known[partition] = position

    def write_receipts(self, receipts: Sequence[ReceiptRow]) -> None:
        self._receipts.update({(one.source_id, one.batch_id, one.index, one.bus): one for one in receipts})

    def read_receipts(self, source_id: str, *batch_ids: str) -> list[ReceiptRow]:
        return [one for key, one in sorted(self._receipts.items()) if key[0] == source_id and key[1] in batch_ids]

    def write_rejections(self, rejections: Sequence[RejectionRow]) -> None:
        for one in rejections:
            key = (one.topic, one.topic_partition, one.topic_offset, one.batch_id, one.index, one.bus)
            if key not in self._rejections or one.received_at >= self._rejections[key].received_at:
                self._rejections[key] = one

    def list_rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionRow]:
        by_key = [one for _, one in sorted(self._rejections.items()) if source is None or one.source_id == source]
        return sorted(by_key, key=lambda one: one.received_at, reverse=True)[:limit]

    def generations(self) -> list[Generation]:
        return [one for _, one in sorted(self._generations.items())]

    def generation_states(self) -> list[tuple[int, str, int, int | None]]:
        return [
            (one.number, one.state, milliseconds(one.changed_at), milliseconds(one.lease_until) if one.lease_until else None)
            for one in self.generations()
        ]

    def write_generation(self, one: Generation) -> None:
        known = self._generations.get(one.number)
        if known is None or one.changed_at > known.changed_at:
            self._generations[one.number] = one

    def projections(self, generation: int) -> MemoryRows:
        return self._projections.setdefault(generation, MemoryRows(f"memory_g{generation}"))

    def count_receipts(self, source_id: str, batch_ids: Sequence[str]) -> dict[str, int]:
        found = {batch: len(self.read_receipts(source_id, batch)) for batch in batch_ids}
        return {batch: count for batch, count in found.items() if count}

    def counts(self) -> dict[str, int]:
        return {"act_log": len(self._log), "receipts": len(self._receipts), "rejection_log": len(self._rejections)}

    def free_space(self) -> int:
        return 1_000_000_000_000

    def write_verification(self, one: VerificationRow) -> None:
        self._verifications.append(one)

    def last_verification(self) -> VerificationRow | None:
        return max(self._verifications, default=None)

    def _once(self) -> list[LandedEvent]:
        return _distinct(self._log.values())


class MemoryRows:
    """One generation's tables (schemas.ports.ProjectionRows)."""

    def __init__(self, database: str) -> None:
        self.database = database
        self.statements: list[str] = []
        self._rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}

    def write_rows(self, table: str, column_names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        kept, key = self._rows.setdefault(table, {}), tables.table(table).key
        for row in rows:
            given = dict(zip(column_names, row, strict=True))
            place = tuple(given[name] for name in key)
            before = kept.get(place)
            if before is None or given["version"] >= before["version"]:
                kept[place] = given

    def read_rows(
        self, table: str, column_names: Sequence[str], key: Sequence[str], subject_ids: Iterable[str] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        wanted = None if subject_ids is None else set(subject_ids)
        for row in sorted(self._rows.get(table, {}).values(), key=lambda row: [row[name] for name in key]):
            if wanted is None or row["subject_id"] in wanted:
                yield tuple(row[name] for name in column_names)

    def facts(self, subject_ids: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
        for row in self.read_rows("act_rows", ("subject_id", "act_id", "version", "facts"), ("subject_id", "act_id"), subject_ids):
            yield row[0], row[1], row[2], row[3]

    def columns(self) -> dict[str, dict[str, str]]:
        return {one.name: {each.name: each.type for each in one.columns} for one in tables.registered()} if self.statements else {}

    def create(self, statements: Iterable[str]) -> None:
        self.statements += statements

    def drop(self, cluster: str = "") -> None:
        self.statements.clear()
        self._rows.clear()


def _place(one: LandedEvent) -> tuple[int, int]:
    return one.topic_partition, one.topic_offset


def _distinct(events: Iterable[LandedEvent]) -> list[LandedEvent]:
    """Each event at its lowest offset, one subject after the other."""
    found: dict[str, LandedEvent] = {}
    for one in sorted(events, key=lambda one: (one.subject_id, *_place(one))):
        found.setdefault(one.event_id, one)
    return list(found.values())


def _stored(one: LandedEvent) -> StoredEvent:
    return StoredEvent(one.event_id, one.subject_id, *_place(one), one.recorded_at, one.fingerprint, one.mentions, one.value)
