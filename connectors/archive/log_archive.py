"""A folder with a copy of the log: files by partition and range of offsets, and a manifest. Files are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from fastavro import block_reader
from fastavro.write import Writer

from connectors.archive.files import BadBackup, Damage, Written, checksum, new_file, read_manifest, write_manifest
from connectors.archive.log_format import (
    AVRO,
    FORMAT,
    START,
    VERSION,
    Part,
    Position,
    as_avro,
    chained,
    digest,
    of_avro,
    wrong,
    wrong_places,
)  # fmt: skip
from schemas.log_record import TOPIC, LogRow
from schemas.sentence import Sentence, Told

MANIFEST: Final = "manifest.json"
_MOST_RECORDS: Final = 100_000
_MOST_BYTES: Final = 64 * 1024 * 1024
_BLOCK_BYTES: Final = 64 * 1024
_CODEC: Final = "deflate"
"""The one compression that every reader of Avro has."""

_MISSING: Final = Sentence("在日志中缺失", "is missing in the log")


class OtherLog(Told, RuntimeError):
    """The log is not the one that this archive holds the beginning of, or rows of it are missing or altered. ``partition`` and
    ``offset`` are where."""

    says = Sentence(
        "acts/{partition}/{offset} {detail}；未写入任何内容。请运行 `xinji doctor`，或备份到空目录",
        "acts/{partition}/{offset} {detail}; the copy was left as it was. Run `xinji doctor`, or back up into an empty directory",
    )

    def __init__(self, partition: int, offset: int, detail: Sentence) -> None:
        self.partition, self.offset, self.detail = partition, offset, detail
        super().__init__(partition=partition, offset=offset, detail=detail)


class LogArchive:
    """An archive in a folder; one that is empty or not there holds nothing. Raises BadBackup for a damaged manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        found = read_manifest(folder / MANIFEST, FORMAT, VERSION) or {"files": [], "positions": {}}
        self.parts = [Part(**one) for one in found["files"]]
        self.positions = {int(partition): Position(**one) for partition, one in found["positions"].items()}

    @property
    def next_offsets(self) -> dict[int, int]:
        """Per partition the first offset that is not here."""
        return {partition: one.next_offset for partition, one in self.positions.items()}

    def starts(self) -> dict[int, int]:
        """From where the log is to be read to go on: the last record that is here is looked at again."""
        return {partition: one.next_offset - 1 for partition, one in self.positions.items()}

    def add(self, rows: Iterable[LogRow]) -> int:
        """Adds the log from ``starts`` on, by partition and offset, and says how many records are new. Raises OtherLog. The
        manifest is written last; until then, and when it raises, the archive is what it was."""
        adding = _Adding(self.folder, dict(self.positions))
        with adding:
            for row in rows:
                adding.take(row)
        adding.demand_all(self.positions)
        if adding.parts:
            self.parts += adding.parts
            self.positions = adding.positions
            content = {
                "format": FORMAT,
                "version": VERSION,
                "topic": TOPIC,
                "files": [asdict(one) for one in self.parts],
                "positions": {str(partition): asdict(one) for partition, one in sorted(self.positions.items())},
            }
            write_manifest(self.folder / MANIFEST, content)
        return adding.records

    def records(self, partition: int | None = None, first: int = 0, last: int | None = None) -> Iterator[LogRow]:
        """Records in the order of the log; of one partition, and of a range of it, where they are given. Files are not checked."""
        for part in sorted(self.parts, key=lambda one: (one.partition, one.first)):
            if partition is not None and (
                part.partition != partition or part.last < first or (last is not None and part.first > last)
            ):
                continue
            for row, _ in self._rows(part):
                if row.record.offset >= first and (last is None or row.record.offset <= last):
                    yield row

    def damages(self) -> Iterator[Damage]:
        """Whatever is not as it was written, by file and place. Every byte is read."""
        chains: dict[int, bytes] = {}
        ends: dict[int, int] = {}
        for part in sorted(self.parts, key=lambda one: (one.partition, one.first)):
            if part.first != ends.get(part.partition, 0):
                yield Damage(part.path, f"{TOPIC}/{part.partition}/{ends.get(part.partition, 0)}", Sentence("缺失", "is missing"))
            ends[part.partition] = part.last + 1
            yield from self._damages_of(part, chains)
        for partition, position in self.positions.items():
            if ends.get(partition, 0) != position.next_offset or chains.get(partition, START).hex() != position.chain:
                place = f"{TOPIC}/{partition}"
                yield Damage(MANIFEST, place, Sentence("文件与清单的摘要不符", "the files are not what the manifest's chain says"))

    def _damages_of(self, part: Part, chains: dict[int, bytes]) -> Iterator[Damage]:
        path = self.folder / part.path
        try:
            length, found = checksum(path)
        except OSError as problem:
            yield Damage(
                part.path, "", Sentence("不能读取：{problem}", "cannot be read: {problem}").of(problem=type(problem).__name__)
            )
            return
        told = False
        reached = part.first

        def read() -> Iterator[tuple[LogRow, bytes]]:
            nonlocal reached
            for row, own in self._rows(part):
                chains[part.partition] = chained(chains.get(part.partition, START), own)
                reached += 1
                yield row, own

        try:
            for offset, flaw in wrong_places(part, read()):
                told = True
                yield Damage(part.path, f"{TOPIC}/{part.partition}/{offset}", flaw)
        except Exception as problem:  # whatever a decoder makes of damaged bytes
            told = True
            detail = Sentence("自此处起不能读取：{problem}", "cannot be read from here on: {problem}").of(
                problem=type(problem).__name__
            )
            yield Damage(part.path, f"{TOPIC}/{part.partition}/{reached}", detail)
        if not told and (length, found) != (part.bytes, part.sha256):
            yield Damage(part.path, "", Sentence("与清单的校验和不符", "is not what the manifest's checksum says"))

    def _rows(self, part: Part) -> Iterator[tuple[LogRow, bytes]]:
        with (self.folder / part.path).open("rb") as file:
            for block in block_reader(file, reader_schema=AVRO):
                for read in block:
                    one: Any = read
                    yield of_avro(one), one["digest"]


class _Adding:
    """Files that are being written, one at a time."""

    def __init__(self, folder: Path, positions: dict[int, Position]) -> None:
        self._folder, self.positions = folder, positions
        self.parts: list[Part] = []
        self.records = 0
        self._seen: set[int] = set()
        self._open: _OpenPart | None = None

    def take(self, row: LogRow) -> None:
        record, own = row.record, digest(row)
        position = self.positions.get(record.partition, Position(0, "", START.hex()))
        if record.partition in self.positions and record.partition not in self._seen:
            self._seen.add(record.partition)
            if record.offset != position.next_offset - 1:
                raise OtherLog(record.partition, position.next_offset - 1, _MISSING)
            if own.hex() != position.last:
                raise OtherLog(record.partition, record.offset, Sentence("与备份中的不同", "is not what the copy has there"))
            return
        self._seen.add(record.partition)
        if record.offset != position.next_offset:
            raise OtherLog(record.partition, position.next_offset, _MISSING)
        if (problem := wrong(row, None)) is not None:
            raise OtherLog(record.partition, record.offset, problem)
        if self._open is not None and not self._open.takes(record.partition):
            self._close()
        if self._open is None:
            self._open = _OpenPart(self._folder, record.partition, record.offset)
        self._open.write(row, own)
        chain = chained(bytes.fromhex(position.chain), own).hex()
        self.positions[record.partition] = Position(record.offset + 1, own.hex(), chain)
        self.records += 1

    def demand_all(self, before: Mapping[int, Position]) -> None:
        """The last record of each partition that is here must stand in the log."""
        for partition, position in before.items():
            if partition not in self._seen:
                raise OtherLog(partition, position.next_offset - 1, _MISSING)

    def __enter__(self) -> _Adding:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._close()
        elif self._open is not None:
            self._open.give_up()

    def _close(self) -> None:
        if self._open is not None:
            self.parts.append(self._open.close())
            self._open = None


class _OpenPart:
    """One file of a partition while it is written. Its name says its range once that is known."""

    def __init__(self, folder: Path, partition: int, first: int) -> None:
        self._folder, self._partition, self._first, self._last = folder, partition, first, first - 1
        self._path = folder / f"{partition:02d}" / f"{first:020d}.avro"
        self._bytes = 0
        self._stack = ExitStack()
        self._file: Written = self._stack.enter_context(new_file(self._path))
        self._writer = Writer(self._file, AVRO, codec=_CODEC, sync_interval=_BLOCK_BYTES)  # type: ignore[arg-type]

    def takes(self, partition: int) -> bool:
        few = self._last - self._first + 1 < _MOST_RECORDS and self._bytes < _MOST_BYTES
        return partition == self._partition and few

    def write(self, row: LogRow, own: bytes) -> None:
        self._writer.write(as_avro(row, own))
        self._last = row.record.offset
        self._bytes += len(row.record.value)

    def close(self) -> Part:
        self._writer.flush()
        self._stack.close()
        path = str(self._path.relative_to(self._folder))
        return Part(path, self._partition, self._first, self._last, self._file.bytes, self._file.sha256)

    def give_up(self) -> None:
        """Leaves nothing of an unfinished file."""
        self._stack.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)


def demand_sound(archive: LogArchive) -> None:
    """Raises BadBackup with every damage."""
    if found := list(archive.damages()):
        raise BadBackup(archive.folder, found)
