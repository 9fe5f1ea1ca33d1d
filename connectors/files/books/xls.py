"""Excel .xls (97 to 2003), by xlrd."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import xlrd
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel
from xlrd.biffh import error_text_from_code

from connectors.files.books.sheets import Cells, Sheet, Sheets, damaged, guarded

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


def xls_sheets(path: Path) -> Sheets:
    """The sheets of an .xls workbook. Raises UnreadableFile."""
    try:
        book = xlrd.open_workbook(path, logfile=io.StringIO(), on_demand=True)
    except _DAMAGE as problem:
        raise damaged(path, problem) from None

    def sheets() -> Iterator[Sheet]:
        for position, title in enumerate(book.sheet_names()):
            yield title, guarded(path, _rows(book, position), _DAMAGE)

    return Sheets(book.nsheets > 1, sheets(), book.release_resources)


def _rows(book: Any, position: int) -> Iterator[Cells]:
    sheet = book.sheet_by_index(position)
    epoch = CALENDAR_MAC_1904 if book.datemode else CALENDAR_WINDOWS_1900
    try:
        for row in range(sheet.nrows):
            kinds, values = sheet.row_types(row), sheet.row_values(row)
            yield [
                value if kind in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER) else _value(kind, value, epoch)
                for kind, value in zip(kinds, values, strict=True)
            ]
    finally:
        book.unload_sheet(position)


def _value(kind: int, value: Any, epoch: Any) -> Any:
    if kind == xlrd.XL_CELL_DATE:
        try:
            return from_excel(value, epoch)
        except (OverflowError, ValueError):
            return "#VALUE!"  # as the other kinds of workbook say of a day that no calendar has
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return error_text_from_code.get(value, "#ERROR!") if kind == xlrd.XL_CELL_ERROR else None
