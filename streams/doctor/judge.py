"""What follows from what was read: pure, from plain data to findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.clickhouse.declared import Tables, differences
from schemas.records import Astray, Hole, Unexplained
from streams.doctor.findings import (
    BusShorter,
    ColumnsDiffer,
    Finding,
    HoleInLog,
    ReceiptAstray,
    RowsUnexplained,
    TableMissing,
    TailLost,
    TooOpen,
)

PRIVATE: Final = 0o077
"""What nobody but the owner may: any right of the group and of others."""


@dataclass(frozen=True, slots=True)
class LogState:
    """What was read of the log. Offsets are next offsets by partition. ``bus`` is None where no bus runs, ``backup`` where
    none was given; ``ends`` are those of ``act_log``."""

    ends: Mapping[int, int]
    holes: Sequence[Hole]
    astray: Sequence[Astray]
    bus: Mapping[int, int] | None = None
    backup: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """The tables and views that one database should have, and those that it has. ``kind``: log or projection."""

    name: str
    kind: str
    wanted: Tables
    found: Tables
    views: frozenset[str] = frozenset()
    views_found: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FileMode:
    """A file or directory that only its owner may reach, and its mode."""

    path: str
    mode: int
    directory: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was read. ``log`` is None where tables are missing without which it cannot be read."""

    databases: Sequence[Database] = ()
    log: LogState | None = None
    rows: str = ""
    unexplained: Sequence[Unexplained] = ()
    files: Sequence[FileMode] = field(default=())


def findings(seen: Evidence) -> list[Finding]:
    """Everything that is wrong, the log first."""
    return [
        *(of_tables(seen.databases)),
        *(of_log(seen.log) if seen.log is not None else ()),
        *(RowsUnexplained(seen.rows, one.table, one.count, one.keys) for one in seen.unexplained),
        *(of_files(seen.files)),
    ]


def of_tables(databases: Iterable[Database]) -> Iterator[Finding]:
    """Tables and views that are missing, and tables with other columns."""
    for one in databases:
        for table in one.wanted:
            if table not in one.found:
                yield TableMissing(one.name, table, one.kind)
        for view in sorted(one.views - one.views_found):
            yield TableMissing(one.name, view, "view")
        wrong = differences(one.wanted, one.found)
        for table in dict.fromkeys(each.table for each in wrong):
            yield ColumnsDiffer(one.name, table, one.kind, tuple(each for each in wrong if each.table == table))


def of_log(state: LogState) -> Iterator[Finding]:
    """Holes, lost tails, and receipts without their event."""
    known = dict(state.ends)
    told: set[Astray] = set()
    for hole in state.holes:
        receipts = tuple(one for one in state.astray if _within(one, hole.partition, hole.first, hole.last))
        told.update(receipts)
        if hole.first >= state.ends.get(hole.partition, 0):
            known[hole.partition] = hole.last + 1
            yield TailLost(hole.partition, hole.first, hole.last, "progress", receipts)
        else:
            yield HoleInLog(hole.partition, hole.first, hole.last, receipts)
    left = [one for one in state.astray if one not in told and not _under_way(one, state, known)]
    for partition in sorted({one.partition for one in left} | set(state.backup or ())):
        first = known.get(partition, 0)
        beyond = tuple(one for one in left if one.partition == partition and one.offset >= first)
        yield from _tail(state, partition, first, beyond)
        yield from (ReceiptAstray(one) for one in left if one.partition == partition and one.offset < first)
    for partition, end in (state.bus or {}).items():
        if end < state.ends.get(partition, 0):
            yield BusShorter(partition, end, state.ends[partition])


def _tail(state: LogState, partition: int, first: int, receipts: tuple[Astray, ...]) -> Iterator[Finding]:
    """What receipts name behind the end of the log, or a backup has that neither log nor bus have."""
    by_receipts = max((one.offset + 1 for one in receipts), default=0)
    by_backup = (state.backup or {}).get(partition, 0)
    if by_backup <= (state.bus or {}).get(partition, 0):
        by_backup = 0
    if max(by_receipts, by_backup) > first:
        known_by = "receipts" if by_receipts >= by_backup else "backup"
        yield TailLost(partition, first, max(by_receipts, by_backup) - 1, known_by, receipts)


def _under_way(one: Astray, state: LogState, known: Mapping[int, int]) -> bool:
    """On a cluster receipts come before landing: what stands on the bus behind the end of the log is on its way."""
    return known.get(one.partition, 0) <= one.offset < (state.bus or {}).get(one.partition, 0)


def _within(one: Astray, partition: int, first: int, last: int) -> bool:
    return one.partition == partition and first <= one.offset <= last


def of_files(files: Iterable[FileMode]) -> Iterator[Finding]:
    """Files and directories that others may reach."""
    for one in files:
        if one.mode & PRIVATE:
            yield TooOpen(one.path, f"{one.mode:04o}", "0700" if one.directory else "0600")
