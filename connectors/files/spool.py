"""The rows of a file as they were read, before anything of it is sent: in memory up to some megabytes, beyond that on disk.

What must be known of the whole file first (which row of an act is the last, whether it can be read to its end) costs memory
neither for its rows nor for its acts. The files have no name, so nothing stays behind however the process ends.
"""

from __future__ import annotations

import hashlib
import marshal
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from struct import Struct
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any, Final, NamedTuple

from connectors.files.errors import FileError
from connectors.files.submit_items import Said, Submission
from schemas.about import NOTHING, About, Place
from schemas.sentence import Sentence

_IN_MEMORY: Final = 8_000_000
_CACHE_KIBIBYTES: Final = 16_000
_REFUSED: Final = ("reason", "field", "message", "message_zh")
_LENGTH: Final = Struct("<I")
_TABLE: Final = (
    "CREATE TABLE said (act BLOB PRIMARY KEY, file INTEGER, sheet TEXT, number INTEGER, content BLOB, earlier BLOB) WITHOUT ROWID"
)


class NoRoom(FileError):
    """The directory of temporary files is full: ``directory``."""

    says = Sentence(
        "临时目录 {directory} 已满，放不下读出的行；请腾出空间，或用环境变量 TMPDIR 指定另一个目录，再推送一次",
        "the directory of temporary files {directory} is full, and the rows that were read do not fit; free some space, or name "
        "another directory by TMPDIR, and push again",
    )

    def __init__(self, directory: str) -> None:
        self.directory = directory
        super().__init__(directory=directory)


class RowPlace(NamedTuple):
    """A row of the files of a push: the file's number in it, the sheet, and the row's number."""

    file: int
    sheet: str
    number: int


class _Last(NamedTuple):
    """The last row of an act, and what it says; ``earlier``: what the last row of an earlier file said."""

    place: RowPlace
    content: bytes
    earlier: bytes | None


class Spool:
    """Rows in their order, each with the items that it made."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close
        self.rows = 0

    def add(self, items: list[Submission]) -> None:
        """A row: its items. Raises NoRoom."""
        first = items[0]
        record = marshal.dumps((first.file, first.row, first.sheet, [_plain(one) for one in items]))
        with _room():
            self._file.write(_LENGTH.pack(len(record)) + record)
        self.rows += 1

    def __iter__(self) -> Iterator[list[Submission]]:
        self._file.seek(0)
        while length := self._file.read(_LENGTH.size):
            file, row, sheet, kept = marshal.loads(self._file.read(*_LENGTH.unpack(length)))
            yield [_submission(file, row, sheet, *one) for one in kept]

    def finish(self) -> None:
        """To be called when all rows were added. Raises NoRoom."""
        with _room():
            self._file.flush()

    def close(self) -> None:
        """Gives the room back; what was not written yet is no loss then."""
        with suppress(OSError):
            self._file.close()


def _plain(one: Submission) -> tuple[Any, ...]:
    item, refused, about = one.item, one.item["refused"], one.about
    why = None if refused is None else tuple(refused[name] for name in _REFUSED)
    answers = tuple((place.batch_id, place.index) for place in about.answers)
    told = None if about == NOTHING else (answers, about.event, about.act_id, about.subject_id)
    said = None if one.said is None else tuple(one.said)
    return item["value"], item["fingerprint"], item["origin"], why, one.key, one.act_id, told, said


def _submission(
    file: str,
    row: int,
    sheet: str,
    value: bytes,
    fingerprint: str | None,
    origin: str | None,
    why: tuple[str, ...] | None,
    key: str,
    act_id: str,
    told: tuple[Any, ...] | None,
    said: tuple[str, ...] | None,
) -> Submission:
    refused = None if why is None else dict(zip(_REFUSED, why, strict=True))
    item = {"value": value, "fingerprint": fingerprint, "origin": origin, "refused": refused}
    about = NOTHING if told is None else About(tuple(Place(*one) for one in told[0]), *told[1:])
    return Submission(file, row, sheet, item, key, act_id, about, None if said is None else Said(*said))


class ActsSaid:
    """Which row of a push stated an act last, and what it said of it. Rows whose source gave the statement an id of its own are
    none of its business: the gate knows such a statement again."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a file without a name, which the engine removes
        for setting in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIBIBYTES}"):
            self._db.execute(f"PRAGMA {setting}")
        self._db.execute(_TABLE)
        self._db.execute("BEGIN")

    def note(self, place: RowPlace, items: list[Submission]) -> bool:
        """Takes note of a row; whether an earlier file said something else of its act. Raises NoRoom."""
        if (act := _act_of(items)) is None:
            return False
        content, earlier, before = content_of(items), None, self._find(act)
        if before is not None:
            earlier = before.earlier if before.place.file == place.file else before.content
        with _room():
            self._db.execute("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?, ?, ?)", (act, *place, content, earlier))
        return earlier is not None and earlier != content

    def replaced_by(self, file: int, items: list[Submission]) -> RowPlace | None:
        """The later row of the same file that says something else of the row's act, None where the row counts."""
        if (act := _act_of(items)) is None or (last := self._find(act)) is None:
            return None
        return last.place if last.place.file == file and last.content != content_of(items) else None

    def close(self) -> None:
        """Gives the room back."""
        self._db.close()

    def _find(self, act: bytes) -> _Last | None:
        rows = self._db.execute("SELECT * FROM said WHERE act = ?", (act,)).fetchall()
        return _Last(RowPlace(*rows[0][1:4]), *rows[0][4:]) if rows else None


def content_of(items: Iterable[Submission]) -> bytes:
    """What makes two rows equal: all that their statements say."""
    return hashlib.sha256("".join(one.said.digest for one in items if one.said is not None).encode()).digest()[:16]


def _act_of(items: list[Submission]) -> bytes | None:
    """The act that a row states, None where it states none, or gives its statement an id."""
    said = items[0].said
    if said is None or not said.makes_act or said.source_event_id:
        return None
    return hashlib.sha256("\0".join((said.source_id, said.subject_id, said.act_id)).encode()).digest()[:16]


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError):
        raise NoRoom(gettempdir()) from None
