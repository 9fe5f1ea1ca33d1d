"""What every kind of workbook gives: titled sheets of rows, and one error whatever is wrong with the file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from connectors.files.errors import UnreadableFile
from schemas.sentence import Sentence

T = TypeVar("T")
Cells = Sequence[Any]
"""A row from column A on: text, int or float, bool, date, datetime, time, timedelta; None or "" where nothing stands."""


class Uncomputed:
    """A cell with a formula whose result the file does not hold: some programs write books without computing them."""

    def __repr__(self) -> str:
        return "UNCOMPUTED"


UNCOMPUTED: Final = Uncomputed()


class From1904(float):
    """A plain number in a book that counts days from 1904: where it stands for a day, it is that system's."""


class Merged(NamedTuple):
    """Cells of one column that are one cell, over rows ``first`` to ``last``; rows and columns count from 1."""

    column: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Look:
    """What a sheet's cells do not say: whether people see it, which of its rows, and what is merged or not computed."""

    hidden: bool = False
    hidden_rows: Collection[int] = frozenset()
    merged: tuple[Merged, ...] = ()
    uncomputed: Mapping[int, int] = field(default_factory=dict)
    """Of each such row the first column."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its title, its rows from row 1 on, and which of them are hidden (known once a row has been read)."""

    title: str
    rows: Iterable[Cells]
    hidden: bool = False
    hidden_rows: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheets:
    """An open workbook. ``sheets`` is read in order; the rows of one sheet before the next is asked for."""

    several: bool
    sheets: Iterator[Sheet]
    close: Callable[[], None]


def looked(title: str, rows: Iterable[Cells], look: Look, *, from_1904: bool = False) -> Sheet:
    """A sheet whose merged cells say the same in every row that they cover, as people read them."""
    changed = look.merged or look.uncomputed or from_1904
    return Sheet(title, _as_shown(rows, look, from_1904) if changed else rows, look.hidden, look.hidden_rows)


def _as_shown(rows: Iterable[Cells], look: Look, from_1904: bool) -> Iterator[Cells]:
    waiting = sorted(look.merged, key=lambda one: one.first, reverse=True)
    covering: dict[int, tuple[int, Any]] = {}
    for number, given in enumerate(rows, 1):
        cells = [From1904(one) if _is_number(one) else one for one in given] if from_1904 else list(given)
        if number in look.uncomputed:
            _put(cells, look.uncomputed[number], UNCOMPUTED)
        covering = {column: one for column, one in covering.items() if one[0] >= number}
        for column, (_, value) in covering.items():
            if column > len(cells) or cells[column - 1] in (None, ""):
                _put(cells, column, value)
        while waiting and waiting[-1].first <= number:
            one = waiting.pop()
            if one.first == number and one.column <= len(cells):
                covering[one.column] = one.last, cells[one.column - 1]
        yield cells


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _put(cells: list[Any], column: int, value: Any) -> None:
    cells.extend([None] * (column - len(cells)))
    cells[column - 1] = value


def guarded(path: Path, rows: Iterable[T], damage: tuple[type[Exception], ...]) -> Iterator[T]:
    """The rows; a damaged part of the file met on the way is an UnreadableFile."""
    try:
        yield from rows
    except damage as problem:
        raise damaged(path, problem) from None


def damaged(path: Path, problem: Exception) -> UnreadableFile:
    """A workbook that cannot be read, or not to its end; where the problem says itself what is wrong, that."""
    if isinstance(problem, UnreadableFile):
        return problem
    broken = Sentence(
        "工作簿已损坏（{kind}）；请用表格软件打开后另存为 .xlsx",
        "is a damaged workbook ({kind}); open it in a spreadsheet and save it as .xlsx",
    )
    return UnreadableFile(path, broken.of(kind=type(problem).__name__))
