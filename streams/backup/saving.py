"""One run of a backup: what is new since the last one, read while everything goes on, and the manifest written last.

Receipts and rejections are read before the log: whatever they name has landed by then where receipts wait for landing.
Files are never changed. A run that dies leaves the backup that was there; the next one writes over what it left.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from connectors.archive.files import BESIDE, BadBackup, Damage, checksum, make_directory, new_file
from connectors.archive.log_archive import LogArchive
from connectors.clickhouse.days import DAYS, Day, Days
from schemas.ports import Store
from schemas.sentence import Sentence, Told
from streams.backup.manifest import FILES, LOG, TABLES, Contents, Kept, count_rows, read_contents, write_contents
from streams.generations import live
from streams.holes import demand_whole

_HASHES: Final = 1 << 64
POLICY: Final = "policy/"
"""Files with this role are the live generation's policy tables."""


class NotWhole(Told, RuntimeError):
    """What ClickHouse gave of a table is not what it had counted. ``table`` and ``day`` say of what."""

    says = Sentence(
        "{table} {day} 读出的行数与统计不符；备份未改动，请重试",
        "{table} of {day} did not come whole; the backup is what it was. Run it again",
    )

    def __init__(self, table: str, day: str) -> None:
        self.table, self.day = table, day
        super().__init__(table=table, day=day)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a run added: records of the log, rows of tables, files; and how many files the backup has."""

    records: int
    rows: int
    new_files: int
    files: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What is saved besides the store: files by their role (their name in a data directory), and the vault. ``database`` is
    where the store's tables are."""

    database: str
    files: Mapping[str, Path]
    vault: Path | None = None


def save(store: Store, days: Days, sources: Sources, folder: Path, now: datetime, tell: Callable[[str], None]) -> Saved:
    """Brings a backup up to date; the caller sees to it that nobody else does. Raises LogHoles, OtherLog, BadBackup, NotWhole,
    and what the store raises."""
    make_directory(folder)
    for left in folder.rglob(f"*{BESIDE}"):
        left.unlink()
    before = read_contents(folder)
    if before is None and _strangers(folder):
        raise BadBackup(folder, [Damage("", "", Sentence("目录中有其他文件", "it holds other files"))])
    demand_whole(store)
    contents = before or Contents()
    known = {one.path for one in contents.files}
    rows = _save_tables(days, contents, folder, tell)
    contents.files = [one for one in contents.files if one.role in _table_roles(contents)] + _save_files(store, sources, folder)
    archive = LogArchive(folder / LOG)
    parts = len(archive.parts)
    tell(LOG)
    records = archive.add(store.log_rows(archive.starts()))
    contents.log, contents.database = archive.next_offsets, sources.database
    contents.created_at = now.isoformat(timespec="milliseconds")
    new = len({one.path for one in contents.files} - known) + len(archive.parts) - parts
    if new or before is None:
        write_contents(folder, contents)
        _sweep(folder, contents)
    return Saved(records, rows, new, len(contents.files) + len(archive.parts))


def _strangers(folder: Path) -> bool:
    return any(one.name not in (LOG, TABLES, FILES, "lock") for one in folder.iterdir())


def _table_roles(contents: Contents) -> set[str]:
    return {f"{table}/{day}" for table, days in contents.tables.items() for day in days}


def _save_tables(days: Days, contents: Contents, folder: Path, tell: Callable[[str], None]) -> int:
    written = 0
    for table in DAYS:
        tell(table)
        kept = contents.tables.setdefault(table, {})
        for day, now in days.days(table).items():
            had = kept.get(day)
            if had is not None and (had.rows, had.hash) == (now.rows, now.hash):
                continue
            since = -1 if had is None else had.newest
            new = now if had is None else days.newer(table, day, since)
            if had is not None and not _adds_up(had, new, now):
                since, new = -1, now  # rows were replaced, or came late: the day is written again
            written += _save_day(days, contents, folder, table, day, since, new)
            kept[day] = now
    return written


def _adds_up(had: Day, new: Day, now: Day) -> bool:
    return had.rows + new.rows == now.rows and (had.hash + new.hash) % _HASHES == now.hash


def _save_day(days: Days, contents: Contents, folder: Path, table: str, day: str, since: int, wanted: Day) -> int:
    role = f"{table}/{day}"
    path = f"{TABLES}/{table}/{day}-{len(contents.of_role(role)) + 1:06d}.avro"
    with new_file(folder / path) as file:
        for piece in days.avro(table, day, since):
            file.write(piece)
    rows = count_rows(folder / path)
    if rows < wanted.rows:
        raise NotWhole(table, day)
    contents.files.append(Kept(path, role, file.bytes, file.sha256, rows))
    return rows


def _save_files(store: Store, sources: Sources, folder: Path) -> list[Kept]:
    texts = {role: path.read_bytes() for role, path in sources.files.items() if path.exists()}
    if (current := live(store)) is not None:
        texts |= {f"{POLICY}{name}.toml": text.encode() for name, text in current.texts.items()}
    kept = [_save_bytes(folder, role, content) for role, content in texts.items()]
    if sources.vault is not None and sources.vault.exists():
        kept.append(_save_vault(folder, sources.vault))
    return kept


def _save_bytes(folder: Path, role: str, content: bytes) -> Kept:
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"{FILES}/{sha256[:16]}-{Path(role).name}"
    if not (folder / path).exists():
        with new_file(folder / path) as file:
            file.write(content)
    return Kept(path, role, len(content), sha256)


def _save_vault(folder: Path, vault: Path) -> Kept:
    """By SQLite's own copying, which takes what is committed while others write."""
    make_directory(folder / FILES)
    beside = folder / FILES / f"vault.db{BESIDE}"
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"{vault.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(beside)) as target,
    ):
        source.backup(target)
    length, sha256 = checksum(beside)
    path = f"{FILES}/{sha256[:16]}-vault.db"
    beside.replace(folder / path)
    return Kept(path, "vault.db", length, sha256)


def _sweep(folder: Path, contents: Contents) -> None:
    """Removes small files of which the manifest has newer ones."""
    named = {one.path for one in contents.files}
    for path in (folder / FILES).glob("*"):
        if str(path.relative_to(folder)) not in named:
            path.unlink()
