"""Files of a backup: written beside and renamed, for their owner alone, known by their SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from connectors.private import new_private
from schemas.sentence import Sentence, Told

BESIDE: Final = ".part"
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """Something of a backup that is not as it was written. ``place``: where in the file, or in the log; empty: the whole file."""

    file: str
    place: str
    detail: Sentence


class BadBackup(Told, ValueError):
    """Not a backup of this program, or a damaged one; ``damages`` says what and where."""

    says = Sentence(
        "{path} 不是完好的备份：{shown}；未作改动，请换用其他备份，或重新备份到空目录",
        "{path} is no sound backup: {shown}. Nothing was changed; use another one, or back up into an empty directory",
    )

    def __init__(self, path: Path, damages: list[Damage]) -> None:
        self.path, self.damages = path, tuple(damages)
        first = damages[0]
        shown = Sentence("{file} {place} {detail}", "{file} {place} {detail}").of(
            file=first.file, place=first.place, detail=first.detail
        )
        super().__init__(path=path, shown=shown)


class Written:
    """A file while it is written: counts and hashes what goes through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._sum, self.bytes = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        self.bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def seekable(self) -> bool:
        """What went through is hashed: nothing goes back."""
        return False

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


@contextmanager
def new_file(path: Path) -> Iterator[Written]:
    """A file that is there, whole and on disk, when the block ends, and not at all when it raises. Only its owner reads it."""
    make_directory(path.parent)
    beside = path.with_name(path.name + BESIDE)
    beside.unlink(missing_ok=True)
    try:
        with new_private(beside) as file:
            yield Written(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def make_directory(path: Path) -> None:
    """A directory for its owner alone, with those above it."""
    if not path.is_dir():
        make_directory(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def checksum(path: Path) -> tuple[int, str]:
    """Length and SHA-256 (hex) of a file."""
    told, length = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            told.update(piece)
            length += len(piece)
    return length, told.hexdigest()


def write_manifest(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a manifest with its own SHA-256, at once or not at all."""
    with new_file(path) as file:
        file.write(_canonical({**content, "sha256": _own(content)}) + b"\n")


def read_manifest(path: Path, format_: str, version: int) -> dict[str, Any] | None:
    """A manifest, None where there is none. Raises BadBackup for one that is damaged, or of another format or version."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        found: dict[str, Any] = json.loads(text)
        given = found.pop("sha256")
    except (ValueError, KeyError, AttributeError):
        given, found = "", {}
    if given != _own(found):
        raise BadBackup(path.parent, [Damage(path.name, "", Sentence("与其校验和不符", "is not what its own checksum says"))])
    if (found.get("format"), found.get("version")) != (format_, version):
        raise BadBackup(
            path.parent,
            [Damage(path.name, "", Sentence("是其他格式或版本", "is of another format or version: read it with that version"))],
        )
    return found


def _own(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
