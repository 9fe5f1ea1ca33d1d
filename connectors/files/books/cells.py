"""Cells of workbooks that are written: a text is one, whatever it begins with, so that nobody's formula is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

LONGEST_CELL: Final = 32_767
"""Characters that a cell of Excel takes."""


def text_cell(sheet: WriteOnlyWorksheet, text: str, instead: str = "") -> Any:
    """A cell with a text, even where that begins with = or is the name of an error; ``instead`` stands for each character that no
    workbook can hold."""
    from openpyxl.cell import WriteOnlyCell  # here, as the library takes a quarter of a second
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    cell = WriteOnlyCell(sheet)
    cell.value = ILLEGAL_CHARACTERS_RE.sub(instead, text)
    cell.data_type = "s"
    return cell
