"""Excel .xlsx: by calamine, which is about twenty times as fast, where it reads all there is; else by openpyxl.

calamine gives an error cell (#REF!) as an empty one, and holds a whole sheet as a full grid: one stray cell far out makes
it take gigabytes, or abort the process. A look at the raw XML finds both beforehand (docs/decisions/0019).
"""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from connectors.files.books.sheets import Cells, Sheet, Sheets, damaged, guarded

GRID_CELLS: Final = 4_000_000
"""Cells of the grid from A1 to the last used cell, up to which calamine reads a sheet: some 400 MB."""
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
_CHUNK: Final = 1 << 20
_OVERLAP: Final = 64
_ERROR: Final = re.compile(rb"""=\s*(?:"e"|'e')""")
_CELL: Final = re.compile(rb"""r=["']([A-Z]{1,3})(\d{1,7})["']""")
_ANY_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s>]")
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def xlsx_sheets(path: Path) -> Sheets:
    """The sheets of an .xlsx workbook. Raises UnreadableFile."""
    try:
        return _by_calamine(path) if _is_plain(path) else _by_openpyxl(path)
    except _DAMAGE as problem:
        raise damaged(path, problem) from None


def _is_plain(path: Path) -> bool:
    """Whether no sheet holds an error cell, and every one's grid is of bearable size."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith(".xml")]
        return all(_is_plain_part(archive, name) for name in names)


def _is_plain_part(archive: ZipFile, name: str) -> bool:
    columns, last, kept = set[bytes](), 0, b""
    with archive.open(name) as part:
        while chunk := part.read(_CHUNK):
            text = kept + chunk
            if text.startswith(_MARKS) or _ERROR.search(text):
                return False
            found = _CELL.findall(text)
            if not found and _ANY_CELL.search(text):
                return False  # cells without their place: the grid's size is not known
            columns.update(column for column, _ in found)
            last = max(last, max((int(row) for _, row in found), default=0))
            kept = text[-_OVERLAP:]
    return last * max(map(_position, columns), default=0) <= GRID_CELLS


def _position(column: bytes) -> int:
    position = 0
    for letter in column:
        position = position * 26 + letter - 64
    return position


def _by_calamine(path: Path) -> Sheets:
    with path.open("rb") as file:  # not by its path: calamine, and openpyxl too, go by the suffix
        book = CalamineWorkbook.from_filelike(file)
    titles = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]

    def sheets() -> Iterator[Sheet]:
        for title in titles:
            yield title, guarded(path, _grid(book, title), _DAMAGE)

    return Sheets(len(titles) > 1, sheets(), book.close)


def _grid(book: CalamineWorkbook, title: str) -> Iterator[Cells]:
    sheet: CalamineSheet = book.get_sheet_by_name(title)
    before = [""] * sheet.start[1] if sheet.start else []  # calamine gives rows from 1 on, columns from the first used
    for cells in sheet.iter_rows():
        yield before + cells


def _by_openpyxl(path: Path) -> Sheets:
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
            yield sheet.title, guarded(path, _quietly(sheet.iter_rows(values_only=True)), _DAMAGE)

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
