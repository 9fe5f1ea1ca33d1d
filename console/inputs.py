"""What a push is given: files, folders, patterns, and the standard input, as files in their order."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from connectors.files import SUFFIXES
from schemas.sentence import Sentence, Told

STDIN: Final = "-"
FORMATS: Final = ("csv", "tsv", "xlsx", "xls", "ods", "jsonl")
NOT_A_TABLE: Final = Sentence("不是表格文件，也不是 .jsonl", "no table and no .jsonl")
A_FOLDER: Final = Sentence("是下级文件夹，请单独推送", "a folder inside; push it by its own name")
_STARTS: Final = ((b"PK\x03\x04", "xlsx"), (b"\xd0\xcf\x11\xe0", "xls"), (b"{", "jsonl"))


class NoInput(Told, ValueError):
    """Nothing to push at ``given``."""

    says = Sentence("{given}：没有这样的文件", "{given}: there is no such file")

    def __init__(self, given: str) -> None:
        self.given = given
        super().__init__(given=given)


class NothingInside(Told, ValueError):
    """A folder, or a pattern, without a file that can be pushed."""

    says = Sentence(
        "{given}：里面没有可推送的文件（表格或 .jsonl）", "{given}: there is no file inside that can be pushed (a table or .jsonl)"
    )

    def __init__(self, given: str) -> None:
        self.given = given
        super().__init__(given=given)


@dataclass(frozen=True, slots=True)
class Input:
    """A file, and the name by which it is told."""

    path: Path
    shown: str


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of a push, each once, and what was left out of its folders: names and why."""

    files: tuple[Input, ...]
    left_out: tuple[tuple[str, Sentence], ...] = ()


@contextmanager
def inputs(given: Sequence[str], kind: str, stdin: BinaryIO) -> Iterator[Inputs]:
    """The files that are meant, as long as the block lasts: the standard input becomes one. ``kind``: of FORMATS, of what comes
    by the standard input; empty: what its beginning shows, else csv. Raises NoInput, NothingInside."""
    with TemporaryDirectory(prefix="xinji-") as folder:
        files: dict[Path, Input] = {}
        left_out: list[tuple[str, Sentence]] = []
        for one in given:
            found = [_from_stdin(stdin, kind, Path(folder))] if one == STDIN else list(_inside(one, left_out))
            if not found:
                raise NothingInside(one)
            files |= {each.path: each for each in found if each.path not in files}
        yield Inputs(tuple(files.values()), tuple(left_out))


def _inside(given: str, left_out: list[tuple[str, Sentence]]) -> Iterator[Input]:
    path = Path(given)
    if path.is_dir():
        yield from _readable(sorted(path.iterdir()), left_out)
    elif path.exists():
        yield Input(path, given)
    elif has_magic(given):
        yield from _readable(map(Path, sorted(glob(given, recursive=True))), left_out)  # noqa: PTH207 - as the shell does it
    else:
        raise NoInput(given)


def _readable(paths: Iterable[Path], left_out: list[tuple[str, Sentence]]) -> Iterator[Input]:
    for path in paths:
        if path.is_dir():
            left_out.append((str(path), A_FOLDER))
        elif path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$")):
            yield Input(path, str(path))
        else:
            left_out.append((str(path), NOT_A_TABLE))


def _from_stdin(stdin: BinaryIO, kind: str, folder: Path) -> Input:
    beside = folder / "stdin"
    with beside.open("wb") as file:
        shutil.copyfileobj(stdin, file, 1 << 20)
    return Input(beside.rename(folder / f"stdin.{kind or _seen(beside)}"), "stdin")


def _seen(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((kind for mark, kind in _STARTS if start.startswith(mark)), "csv")
