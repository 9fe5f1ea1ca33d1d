"""Books for tests, one writer for each kind. A cell is a value, or a Cell with its number format."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.utils.datetime import CALENDAR_MAC_1904

Content = Mapping[str, Sequence[Sequence[Any]]]
DAY, MOMENT, CLOCK = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"


@dataclass(frozen=True)
class Cell:
    """A value shown by a number format."""

    value: Any
    form: str


@dataclass(frozen=True)
class Failed:
    """A formula whose kept result is an error."""

    error: str


def write_xlsx(path: Path, content: Content, *, from_1904: bool = False, hidden: Sequence[str] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    if from_1904:
        book.epoch = CALENDAR_MAC_1904
    for title, rows in content.items():
        sheet = book.create_sheet(title)
        if title in hidden:
            sheet.sheet_state = "hidden"
        for row, cells in enumerate(rows, 1):
            for column, given in enumerate(cells, 1):
                value = given.error if isinstance(given, Failed) else given.value if isinstance(given, Cell) else given
                cell = sheet.cell(row, column, value)
                if isinstance(given, Cell):
                    cell.number_format = given.form
                elif isinstance(value, str) and not isinstance(given, Failed):
                    cell.data_type = "s"  # a text that looks like a formula or an error is a text
    book.save(path)
    return path


_CODES = {"#NULL!": 0x00, "#DIV/0!": 0x07, "#VALUE!": 0x0F, "#REF!": 0x17, "#NAME?": 0x1D, "#NUM!": 0x24, "#N/A": 0x2A}


def write_xls(path: Path, content: Content, *, from_1904: bool = False, hidden: Sequence[str] = ()) -> Path:
    book = xlwt.Workbook()
    book.dates_1904 = from_1904
    for title, rows in content.items():
        sheet = book.add_sheet(title, cell_overwrite_ok=True)
        sheet.visibility = int(title in hidden)
        for row, cells in enumerate(rows):
            for column, given in enumerate(cells):
                _write_xls_cell(sheet.row(row), column, given)
    book.save(str(path))
    return path


def _write_xls_cell(row: Any, column: int, given: Any) -> None:
    match given:
        case None:
            return
        case Failed(error):
            row.set_cell_error(column, _CODES[error])
        case Cell(value, form):
            row.write(column, value, xlwt.easyxf(num_format_str=form))
        case datetime() | date() | time():
            form = {datetime: MOMENT, date: DAY, time: CLOCK}[type(given)]
            row.write(column, given, xlwt.easyxf(num_format_str=form))
        case _:
            row.write(column, given)


def write_ods(path: Path, content: Content, *, from_1904: bool = False, hidden: Sequence[str] = ()) -> Path:
    """``from_1904`` and ``hidden`` change nothing that an .ods file says of its cells."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = OpenDocumentSpreadsheet()
    for title, rows in content.items():
        table = Table(name=title)
        for cells in rows:
            row = TableRow()
            for given in cells:
                row.addElement(_ods_cell(given.value if isinstance(given, Cell) else given))
            table.addElement(row)
        book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


def _ods_cell(value: Any) -> Any:
    match value:
        case None:
            return TableCell()
        case Failed(error):
            cell = TableCell(valuetype="float", value="0")
            cell.addElement(P(text=error))
            return cell
        case bool():
            return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
        case int() | float():
            return TableCell(valuetype="float", value=repr(value))
        case datetime() | date():
            return TableCell(valuetype="date", datevalue=value.isoformat())
        case time():
            return TableCell(valuetype="time", timevalue=value.strftime("PT%HH%MM%SS"))
    cell = TableCell(valuetype="string")
    for line in value.split("\n"):
        cell.addElement(P(text=line))
    return cell


WRITERS: dict[str, Callable[..., Path]] = {".xlsx": write_xlsx, ".xls": write_xls, ".ods": write_ods}
