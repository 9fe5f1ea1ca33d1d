"""The workbook of refused rows: a sheet for each sheet, its header row and cells as they stood there, and the added columns.

Texts are written as texts, whatever they begin with: nobody's formula is computed in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final

from connectors.files import marks
from connectors.files.books.cells import text_cell
from connectors.files.books.sheets import From1904
from connectors.files.forms import column_letters
from connectors.files.rows import Row
from connectors.files.values import text_of

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_LONGEST_TITLE: Final = 31
_NOT_IN_TITLES: Final = re.compile(r"[\\*?:/\[\]]")
_FIRST_YEAR: Final = 1900
_WIDTHS: Final = {marks.REASON: 24, marks.COLUMN: 24, marks.ADVICE: 60, marks.ORIGINAL_ROW: 14}


class Book:
    """A workbook that grows by rows, each on the sheet of its file and sheet. ``several``: titles name the file, too."""

    def __init__(self, *, several: bool) -> None:
        from openpyxl import Workbook  # here, as it takes a quarter of a second

        self._book: Workbook = Workbook(write_only=True)
        self._several = several
        self._sheets: dict[tuple[str, str], WriteOnlyWorksheet] = {}

    def add(self, file: str, row: Row, header: tuple[str, Sequence[Any]], added: Sequence[str]) -> None:
        """One row under its header, which begins a sheet the first time."""
        sheet = self._sheets.get((file, row.sheet))
        if sheet is None:
            sheet = self._begun(file, row, header)
        if any(isinstance(one, From1904) for one in row.cells.values()):
            from openpyxl.utils.datetime import CALENDAR_MAC_1904

            self._book.epoch = CALENDAR_MAC_1904
        sheet.append([_cell(sheet, one) for one in (*row.cells.values(), *added)])

    def save(self, file: IO[bytes]) -> None:
        self._book.save(file)

    def _begun(self, file: str, row: Row, header: tuple[str, Sequence[Any]]) -> WriteOnlyWorksheet:
        title, cells = header
        sheet = self._book.create_sheet(self._title(file, title))
        self._sheets[file, row.sheet] = sheet
        stood = [one for one in cells if not marks.is_added(one)][: len(row.cells)]
        names = [*stood, *marks.ADDED]
        for at, name in enumerate(marks.ADDED, len(stood) + 1):
            column = sheet.column_dimensions[column_letters(at)]
            column.width = _WIDTHS.get(name, 10)
            column.hidden = name == marks.PLACES
        sheet.freeze_panes = "A2"
        sheet.append([_cell(sheet, one) for one in names])
        return sheet

    def _title(self, file: str, title: str) -> str:
        shown = f"{file} {title}".strip() if self._several or not title else title
        plain = _NOT_IN_TITLES.sub(" ", shown)[:_LONGEST_TITLE].strip("' ") or "1"
        taken = {one.casefold() for one in self._book.sheetnames}
        found, count = plain, 1
        while found.casefold() in taken:
            count += 1
            found = f"{plain[: _LONGEST_TITLE - len(str(count)) - 1]} {count}"
        return found


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    """A cell as openpyxl takes it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | int | float | Decimal | time | timedelta):
        return float(value) if isinstance(value, From1904) else value
    if isinstance(value, date | datetime) and value.year >= _FIRST_YEAR:
        return value
    return text_cell(sheet, value if isinstance(value, str) else text_of(value))
