"""What a backup consists of: files by what they are, and for tables what of each day is in them. Pure, but for the manifest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from fastavro import block_reader

from connectors.archive.files import BadBackup, Damage, checksum, read_manifest, write_manifest
from connectors.archive.log_archive import LogArchive
from connectors.clickhouse.days import Day
from schemas.sentence import Sentence

FORMAT: Final = "xinji-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
LOG: Final = "log"
TABLES: Final = "tables"
FILES: Final = "files"


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a backup. ``role``: the table and day, or what the file is in a data directory (``vault.key``). ``rows`` of a
    table's file, 0 of others."""

    path: str
    role: str
    bytes: int
    sha256: str
    rows: int = 0


@dataclass(slots=True)
class Contents:
    """A backup as its manifest says: its files, what of each table and day they hold, and the log's next offsets then."""

    created_at: str = ""
    database: str = ""
    log: dict[int, int] = field(default_factory=dict)
    files: list[Kept] = field(default_factory=list)
    tables: dict[str, dict[str, Day]] = field(default_factory=dict)

    def of_role(self, role: str) -> list[Kept]:
        """The files of a role, in the order in which they were written."""
        return sorted((one for one in self.files if one.role == role), key=lambda one: one.path)


def read_contents(folder: Path) -> Contents | None:
    """The manifest of a backup; None where there is none. Raises BadBackup."""
    found = read_manifest(folder / MANIFEST, FORMAT, VERSION)
    if found is None:
        return None
    return Contents(
        found["created_at"],
        found["database"],
        {int(partition): offset for partition, offset in found["log"].items()},
        [Kept(**one) for one in found["files"]],
        {table: {day: Day(**one) for day, one in days.items()} for table, days in found["tables"].items()},
    )


def demand_contents(folder: Path) -> Contents:
    """The manifest of a backup. Raises BadBackup where there is none."""
    found = read_contents(folder)
    if found is None:
        raise BadBackup(folder, [Damage(MANIFEST, "", Sentence("不存在", "is not there: no backup was finished here"))])
    return found


def write_contents(folder: Path, contents: Contents) -> None:
    """Writes the manifest: from now on this is the backup."""
    plain: dict[str, Any] = asdict(contents)
    plain["log"] = {str(partition): offset for partition, offset in sorted(contents.log.items())}
    write_manifest(folder / MANIFEST, {"format": FORMAT, "version": VERSION, **plain})


def damages(folder: Path) -> Iterator[Damage]:
    """Whatever of a backup is not as it was written. Every byte is read. Raises BadBackup for a damaged manifest."""
    contents = demand_contents(folder)
    archive = LogArchive(folder / LOG)
    for one in archive.damages():
        yield Damage(f"{LOG}/{one.file}", one.place, one.detail)
    for partition, end in contents.log.items():
        if archive.next_offsets.get(partition, 0) < end:
            yield Damage(
                f"{LOG}/manifest.json", f"acts/{partition}", Sentence("短于备份清单所述", "is shorter than the manifest says")
            )
    for kept in contents.files:
        yield from _damages_of(folder, kept)


def _damages_of(folder: Path, kept: Kept) -> Iterator[Damage]:
    try:
        found = checksum(folder / kept.path)
    except OSError as problem:
        yield Damage(kept.path, "", Sentence("不能读取：{problem}", "cannot be read: {problem}").of(problem=type(problem).__name__))
        return
    if found != (kept.bytes, kept.sha256):
        place = _broken_block(folder / kept.path) if kept.path.endswith(".avro") else ""
        yield Damage(kept.path, place, Sentence("与清单的校验和不符", "is not what the manifest's checksum says"))
    elif kept.path.endswith(".avro") and (rows := count_rows(folder / kept.path)) != kept.rows:
        yield Damage(
            kept.path, "", Sentence("有 {rows} 行而非 {wanted}", "has {rows} rows, not {wanted}").of(rows=rows, wanted=kept.rows)
        )


def count_rows(path: Path) -> int:
    """The rows of an Avro file, by what its blocks say."""
    with path.open("rb") as file:
        return sum(block.num_records for block in block_reader(file))


def _broken_block(path: Path) -> str:
    """Which rows cannot be read, as far as that can be told."""
    row = 0
    try:
        with path.open("rb") as file:
            for block in block_reader(file):
                before = row
                for _ in block:
                    row += 1
                row = before + block.num_records
    except Exception:  # whatever a decoder makes of damaged bytes
        return f"#{row}"
    return ""
