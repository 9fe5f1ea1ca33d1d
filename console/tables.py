"""Tables for people: they fit the terminal, ids stay whole, and an empty one says that it is empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.language import here
from schemas.sentence import Sentence

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_LEAST: Final = 10
"""So many columns a cell that may wrap gets at least; where that is too much, rows are shown one below the other."""
_BORDER: Final = 3
_NOTHING: Final = Sentence("（无）", "(none)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head. ``whole``: what is in it is copied, as ids are, and neither cut nor wrapped."""

    head: Sentence
    whole: bool = False


def wide_option(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """The option of commands that show tables."""
    text = "表格不换行，不受终端宽度限制 / tables as wide as they need: nothing wraps"
    return click.option("--wide", is_flag=True, help=text)(command)


def show_rows(
    out: Console, columns: Sequence[Column], rows: Sequence[Sequence[Any]], *, title: Sentence | None = None, wide: bool = False
) -> None:
    """Prints rows, with their title where there is one. On a terminal they fit its width: what may wrap does, and where even
    that does not fit, each row is a block. ``wide``, and files and pipes, get them as wide as they are."""
    if title is not None:
        out.print(Text(here(title), style="bold"))
    if not rows:
        out.print(Text(here(_NOTHING)))
        return
    cells = [[_text(one) for one in row] for row in rows]
    heads = [here(column.head) for column in columns]
    widths = [max(_width(head), *map(_width, column)) for head, column in zip(heads, zip(*cells, strict=True), strict=True)]
    borders = _BORDER * len(columns) + 1
    if wide or not out.is_terminal:
        _print(out, _table(heads, [True] * len(columns), widths, cells), sum(widths) + borders)
        return
    least = [width if column.whole else min(width, _LEAST) for column, width in zip(columns, widths, strict=True)]
    if sum(least) + borders <= out.width:
        _print(out, _table(heads, [column.whole for column in columns], widths, cells), out.width)
        return
    for number, row in enumerate(cells):
        if number:
            out.print()
        show_block(out, [Line(head, one, column.whole) for head, one, column in zip(heads, row, columns, strict=True)])


@dataclass(frozen=True, slots=True)
class Line:
    """A name and a value; ``whole`` as of a column."""

    name: str
    value: str
    whole: bool = False


def show_block(out: Console, lines: Sequence[Line], *, indent: int = 0, wide: bool = False) -> None:
    """Prints names and values below each other; a value that is longer than the terminal's line goes on below itself."""
    left = max(_width(one.name) for one in lines)
    for one in lines:
        label = " " * (indent + left + 2)
        fits = wide or one.whole or not out.is_terminal
        parts = one.value.splitlines() if fits else _wrapped(out, one.value, max(20, out.width - len(label)))
        name = " " * indent + one.name
        for part in parts or [""]:
            out.print(Text(name + label[cell_len(name) :] + part, overflow="ignore", no_wrap=True))
            name = ""


def _wrapped(out: Console, value: str, room: int) -> list[str]:
    return [line.plain.rstrip() for line in Text(value).wrap(out, room)]


def _table(heads: Sequence[str], whole: Sequence[bool], widths: Sequence[int], cells: Sequence[Sequence[str]]) -> Table:
    table = Table()
    for head, stays, width in zip(heads, whole, widths, strict=True):
        table.add_column(Text(head), no_wrap=stays, overflow="fold", min_width=width if stays else None)
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def _print(out: Console, table: Table, width: int) -> None:
    """By a console of this width: one prints nothing wider than itself."""
    Console(
        file=out.file, width=width, highlight=False, soft_wrap=True, force_terminal=out.is_terminal, no_color=out.no_color
    ).print(table)


def _width(text: str) -> int:
    return max((cell_len(line) for line in text.splitlines()), default=0)


def _text(value: Any) -> str:
    if isinstance(value, Sentence):
        return here(value)
    text = "" if value is None else ", ".join(map(_text, value)) if isinstance(value, list | tuple) else str(value)
    return text or "—"
