"""Excel .xls (97 to 2003), by xlrd."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

import xlrd
from xlrd.biffh import error_text_from_code

from connectors.files.books.sheets import Cells, Look, Merged, Sheet, Sheets, damaged, guarded, looked

_DAMAGE: Final = (
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    struct.error,
    AssertionError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
)
"""What xlrd raises for a file that is not what it should be."""
_FROM_1900: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a cell's moment has no zone
_FROM_1904: Final = datetime(1904, 1, 1)  # noqa: DTZ001
_DAY_MILLISECONDS: Final = 86_400_000
_NO_SUCH_DAY: Final = 60
"""1900-02-29, which the system of 1900 counts: days before it are one later."""


def xls_sheets(path: Path) -> Sheets:
    """The sheets of an .xls workbook. Raises UnreadableFile."""
    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True, formatting_info=True)
    except _DAMAGE as problem:
        raise damaged(path, problem) from None

    def sheets() -> Iterator[Sheet]:
        for position, title in enumerate(book.sheet_names()):
            try:
                look = _look(book.sheet_by_index(position))
            except _DAMAGE as problem:
                raise damaged(path, problem) from None
            yield looked(title, guarded(path, _rows(book, position), _DAMAGE), look, from_1904=bool(book.datemode))

    return Sheets(book.nsheets > 1, sheets(), book.release_resources)


def _look(sheet: Any) -> Look:
    merged = (
        Merged(column + 1, top + 1, end) for top, end, left, right in sheet.merged_cells for column in [left] if end - top > 1
    )
    hidden = frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
    return Look(bool(sheet.visibility), hidden, tuple(merged))


def _rows(book: Any, position: int) -> Iterator[Cells]:
    sheet = book.sheet_by_index(position)
    try:
        for row in range(sheet.nrows):
            kinds, values = sheet.row_types(row), sheet.row_values(row)
            yield [
                value if kind in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER) else _value(kind, value, bool(book.datemode))
                for kind, value in zip(kinds, values, strict=True)
            ]
    finally:
        book.unload_sheet(position)


def _value(kind: int, value: Any, from_1904: bool) -> Any:
    if kind == xlrd.XL_CELL_DATE:
        try:
            return _moment(value, from_1904)
        except (OverflowError, ValueError):
            return "#VALUE!"  # as the other kinds of workbook say of a day that no calendar has
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return error_text_from_code.get(value, "#ERROR!") if kind == xlrd.XL_CELL_ERROR else None


def _moment(value: float, from_1904: bool) -> datetime | time:
    """What a number shown as a date or a clock says, to the millisecond."""
    day, part = divmod(value, 1)
    rest = timedelta(milliseconds=round(part * _DAY_MILLISECONDS))
    if day == 0 and rest.days == 0:
        return (_FROM_1904 + rest).time()
    if not from_1904 and 0 < value < _NO_SUCH_DAY:
        day += 1
    return (_FROM_1904 if from_1904 else _FROM_1900) + timedelta(days=day) + rest
