"""What every kind of workbook gives: titled sheets of rows, and one error whatever is wrong with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from connectors.files.errors import UnreadableFile

T = TypeVar("T")
Cells = Sequence[Any]
"""A row from column A on: text, int or float, bool, date, datetime, time, timedelta; None or "" where nothing stands."""
Sheet = tuple[str, Iterable[Cells]]


@dataclass(frozen=True, slots=True)
class Sheets:
    """An open workbook. ``sheets`` is read in order; the rows of one sheet before the next is asked for."""

    several: bool
    sheets: Iterator[Sheet]
    close: Callable[[], None]


def guarded(path: Path, rows: Iterable[T], damage: tuple[type[Exception], ...]) -> Iterator[T]:
    """The rows; a damaged part of the file met on the way is an UnreadableFile."""
    try:
        yield from rows
    except damage as problem:
        raise damaged(path, problem) from None


def damaged(path: Path, problem: Exception) -> UnreadableFile:
    """A workbook that cannot be read, or not to its end."""
    return UnreadableFile(
        path, f"is a damaged or protected workbook ({type(problem).__name__})", "open it and save it as .xlsx, without a password"
    )
