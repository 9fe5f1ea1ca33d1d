"""What readers yield: a row of a file, or a place in it that is no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.about import Place
from schemas.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a person sees it in the file, and raw cells by header. Its repr shows no cell.

    In CSV and Excel the number is that of the spreadsheet row (the header of a plain file is 1, its first data row 2);
    in JSON Lines it is the line. ``sheet`` is named where several sheets of a workbook give rows. In a form of refused
    rows ``answers`` are the rejections that it answers, and ``original`` is its place in the first file.
    """

    number: int
    cells: Mapping[str, Any] = field(repr=False)
    sheet: str = ""
    answers: tuple[Place, ...] = ()
    original: str = ""

    @property
    def place(self) -> str:
        """``sheet!row`` or ``row``."""
        return f"{self.sheet}!{self.number}" if self.sheet else str(self.number)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row or line that cannot be taken apart. ``problem`` says why, and what to do, without quoting it."""

    number: int
    problem: Sentence
    sheet: str = ""

    @property
    def place(self) -> str:
        """``sheet!row`` or ``row``."""
        return f"{self.sheet}!{self.number}" if self.sheet else str(self.number)
