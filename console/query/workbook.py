"""Writing an answer as an Excel workbook: days and times as Excel has them, texts as texts whatever they look like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final

from connectors.files.books.cells import LONGEST_CELL, text_cell
from console.query.asked import BadQuery
from console.query.result import Result
from console.query.values import text_of
from projections.dates import SHANGHAI
from schemas.sentence import Sentence

_MOST_ROWS: Final = 1_048_576
_DIGITS: Final = 15
"""Excel keeps no more digits of a number."""
_FIRST_DAY: Final = date(1900, 3, 1)
"""Excel takes 1900 for a leap year, and knows no day before."""


def write_xlsx(result: Result, file: BinaryIO) -> int:
    """One sheet with a line of names; how many rows. Times are those of Asia/Shanghai. Raises BadQuery for what a workbook cannot
    hold."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("xinji")
    sheet.freeze_panes = "A2"

    def cell(value: Any) -> Any:
        value = _excel(value)
        if isinstance(value, str):
            return text_cell(sheet, value, "\N{REPLACEMENT CHARACTER}")
        if isinstance(value, datetime):
            return _formatted(WriteOnlyCell(sheet, value), "yyyy-mm-dd hh:mm:ss")
        return _formatted(WriteOnlyCell(sheet, value), "yyyy-mm-dd") if isinstance(value, date) else value

    try:
        rows = _fill(sheet, cell, result)
    except BaseException:
        sheet.close()
        raise
    book.save(file)
    return rows


def _fill(sheet: Any, cell: Callable[[Any], Any], result: Result) -> int:
    sheet.append([cell(name) for name in result.names])
    rows = 0
    for block in result.blocks:
        rows += len(block)
        if rows >= _MOST_ROWS:
            raise BadQuery(
                Sentence(
                    "结果超过 Excel 的 1048576 行；请改用 csv 或 parquet，或加 LIMIT",
                    "the answer has more rows than Excel's 1048576; take csv or parquet, or add a LIMIT",
                )
            )
        for row in block:
            sheet.append([cell(value) for value in row])
    return rows


def _formatted(cell: Any, form: str) -> Any:
    cell.number_format = form
    return cell


def _excel(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 10**_DIGITS else str(value)
    if isinstance(value, Decimal):
        return value if len(value.as_tuple().digits) <= _DIGITS else str(value)
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
        return local if local.date() >= _FIRST_DAY else local.isoformat(" ")
    if isinstance(value, date):
        return value if value >= _FIRST_DAY else value.isoformat()
    text = text_of(value)
    if len(text) > LONGEST_CELL:
        raise BadQuery(
            Sentence(
                "有一个值超过 Excel 单元格的 32767 字；请改用 csv 或 parquet，或不查该列",
                "a value is longer than the 32767 characters of Excel's cell; take csv or parquet, or leave that column out",
            )
        )
    return text
