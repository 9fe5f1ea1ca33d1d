"""Refused rows as the form that they stood in, with columns that say why: corrected, it is pushed as any other file.

Its rows are read again from the files themselves, so that nothing of them is kept while a push runs. Books and CSV become an
.xlsx, JSON Lines stay such. What is written is what the office itself sent, persons and all: the file is its owner's alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, Final, Protocol

from connectors.files import marks
from connectors.files.books.cells import LONGEST_CELL
from connectors.files.forms import Notes
from connectors.files.plan import plan_for
from connectors.files.profile import Profile, normal_header
from connectors.files.readers import LINES_SUFFIXES, read_rows
from connectors.files.refused_book import Book
from connectors.files.rows import Row
from connectors.files.values import text_of
from connectors.private import new_private
from schemas.about import Place
from schemas.labels import label
from schemas.sentence import Sentence, Told

BOOK: Final = ".xlsx"
LINES: Final = ".jsonl"
_HEADER: Final = "header."


class BadForm(Told, ValueError):
    """Refused rows cannot be written to ``target``; ``detail`` says why, and what to do."""

    says = Sentence("退回的行无法写入 {target}：{detail}", "refused rows cannot be written to {target}: {detail}")

    def __init__(self, target: Path, detail: Sentence) -> None:
        self.target, self.detail = target, detail
        super().__init__(target=target, detail=detail)


@dataclass(frozen=True, slots=True)
class Why:
    """Why a row was refused: what people read of it, the field at fault, and its rejections."""

    reason: str
    field: str
    message: str
    places: tuple[Place, ...]


Refusals = Mapping[tuple[str, int], Why]
"""By sheet (as rows name it) and row."""


@dataclass(frozen=True, slots=True)
class Written:
    """Rows in the form, and rows that no form can hold: they are corrected in the file itself."""

    rows: int
    left: int


class Sheets(Protocol):
    """What a form is written to."""

    def add(self, file: str, row: Row, header: tuple[str, Sequence[Any]], added: Sequence[str]) -> None: ...
    def save(self, file: IO[bytes]) -> None: ...


def check_form(target: Path, files: Sequence[Path]) -> None:
    """Raises BadForm where the refused rows of these files could not be written there."""
    if any(one.exists() and target.exists() and one.samefile(target) for one in files):
        raise BadForm(target, Sentence("这正是要推送的文件，请另取名称", "that is a file which is pushed; give another name"))
    lines = {one.suffix.lower() in LINES_SUFFIXES for one in files}
    if lines == {True, False}:
        detail = Sentence(
            "JSON Lines 与表格文件请分开推送，退回的行各写一个文件",
            "push JSON Lines and tables apart: their refused rows go to files of two kinds",
        )
        raise BadForm(target, detail)
    wanted = LINES if lines == {True} else BOOK
    if target.suffix.lower() != wanted:
        raise BadForm(target, Sentence("请写以 {wanted} 结尾的文件名", "name a file that ends in {wanted}").of(wanted=wanted))
    if not target.absolute().parent.is_dir():
        raise BadForm(target, Sentence("没有这个文件夹", "there is no such folder"))


def write_form(
    target: Path, files: Sequence[Path], profile: Profile, take_hidden: bool, refusals: Mapping[str, Refusals]
) -> Written:
    """Writes the refused rows of these files, in their order, by the path as it was given. What stood there is replaced.
    Raises UnreadableFile, NoHeader, OSError."""
    form: Sheets = _Lines() if target.suffix.lower() == LINES else Book(several=len(files) > 1)
    rows = left = 0
    for path in files:
        wanted = dict(refusals.get(str(path), {}))
        notes = Notes(take_hidden=take_hidden)
        for row in read_rows(path, profile, notes) if wanted else ():
            why = wanted.pop((row.sheet, row.number), None)
            if why is None:
                continue
            if not isinstance(row, Row) or any(len(text_of(cell)) > LONGEST_CELL for cell in row.cells.values()):
                left += 1
                continue
            form.add(path.name, row, notes.headers.get(row.sheet, ("", ())), _added(profile, row, why))
            rows += 1
            if not wanted:
                break
        left += len(wanted)
    if rows:
        with _replacing(target) as file:
            form.save(file)
    return Written(rows, left)


def _added(profile: Profile, row: Row, why: Why) -> tuple[str, ...]:
    """What the added columns say, in their order. A row that answers rejections still does once it is corrected."""
    original = row.original or row.place
    return (
        why.reason,
        column_of(profile, tuple(row.cells), why.field),
        why.message,
        original,
        marks.written((*why.places, *row.answers)),
    )


def column_of(profile: Profile, headers: tuple[str, ...], field: str) -> str:
    """The columns from which a field is read, as the form names them; a field without one by its Chinese name, if any."""
    name = field.removeprefix(_HEADER)
    if profile.event is None or not name:
        return field
    plan = plan_for(profile, headers)
    found = [source.header for source in plan.by_name[name].sources] if name in plan.by_name else []
    if name == "subject_id":
        found = [header for _, header in plan.codes]
    if name == "extra" or name in headers:
        found = found or [name]
    if not found:
        found = [header for header in headers if normal_header(header) == normal_header(name)]
    return "、".join(found[:3]) or label(profile.event, field).zh


class _Lines:
    """JSON Lines: each object with the added keys."""

    def __init__(self) -> None:
        self._lines = TemporaryFile()  # noqa: SIM115 - closed with the form

    def add(self, file: str, row: Row, header: tuple[str, Sequence[Any]], added: Sequence[str]) -> None:
        told = dict(row.cells) | dict(zip(marks.ADDED, added, strict=True))
        self._lines.write(json.dumps(told, ensure_ascii=False, default=_number).encode() + b"\n")

    def save(self, file: IO[bytes]) -> None:
        self._lines.seek(0)
        copyfileobj(self._lines, file)
        self._lines.close()


def _number(value: Any) -> Any:
    """Readers give numbers with a point as Decimal. One that a float does not hold is written as text, which is read alike."""
    if not isinstance(value, Decimal):
        raise TypeError(f"no JSON form for {type(value).__name__}")
    return float(value) if Decimal(repr(float(value))) == value else str(value)


@contextmanager
def _replacing(target: Path) -> Iterator[IO[bytes]]:
    """A new file that its owner alone may read, in the place of what stood there once it is whole."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with new_private(beside) as file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
