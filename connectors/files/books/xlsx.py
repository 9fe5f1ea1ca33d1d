"""Excel .xlsx: by calamine, which is about twenty times as fast, where it reads all there is; else by openpyxl.

calamine gives an error cell (#REF!) as an empty one, and holds a whole sheet as a full grid: one stray cell far out makes
it take gigabytes, or abort the process. A look at the raw XML finds both beforehand (docs/decisions/0019), and what neither
library tells: hidden rows, merged cells, formulas that nobody computed.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from connectors.files.books.parts import BookLook, look_at
from connectors.files.books.sheets import Cells, Look, Sheet, Sheets, damaged, guarded, looked

_DAMAGE: Final = (
    BadZipFile,
    CalamineError,
    ParseError,
    zlib.error,
    OSError,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
)
"""What the two libraries raise for archives and XML that are not what they should be."""


def xlsx_sheets(path: Path) -> Sheets:
    """The sheets of an .xlsx workbook. Raises UnreadableFile."""
    try:
        look = look_at(path)
        return _by_calamine(path, look) if look.plain else _by_openpyxl(path, look)
    except _DAMAGE as problem:
        raise damaged(path, problem) from None


def _by_calamine(path: Path, look: BookLook) -> Sheets:
    with path.open("rb") as file:  # not by its path: calamine, and openpyxl too, go by the suffix
        book = CalamineWorkbook.from_filelike(file)
    titles = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]

    def sheets() -> Iterator[Sheet]:
        for title in titles:
            yield looked(
                title, guarded(path, _grid(book, title), _DAMAGE), look.sheets.get(title, Look()), from_1904=look.from_1904
            )

    return Sheets(len(titles) > 1, sheets(), book.close)


def _grid(book: CalamineWorkbook, title: str) -> Iterator[Cells]:
    sheet: CalamineSheet = book.get_sheet_by_name(title)
    before = [""] * sheet.start[1] if sheet.start else []  # calamine gives rows from 1 on, columns from the first used
    for cells in sheet.iter_rows():
        yield before + cells


def _by_openpyxl(path: Path, look: BookLook) -> Sheets:
    import openpyxl  # here, as it takes a quarter of a second, which a command on other files need not wait

    file = path.open("rb")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which say nothing about cells
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except BaseException:
        file.close()
        raise

    def sheets() -> Iterator[Sheet]:
        for sheet in book.worksheets:
            sheet.reset_dimensions()
            rows = guarded(path, _quietly(sheet.iter_rows(values_only=True)), _DAMAGE)
            yield looked(sheet.title, rows, look.sheets.get(sheet.title, Look()), from_1904=look.from_1904)

    return Sheets(len(book.worksheets) > 1, sheets(), file.close)


def _quietly(rows: Iterable[tuple[Any, ...]]) -> Iterator[Cells]:
    source = iter(rows)
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a day that no calendar has comes as #VALUE!, which the row is refused for
            cells = next(source, None)
        if cells is None:
            return
        yield cells
