"""A blank form of a profile: a workbook with the columns' names, and a sheet that explains them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from connectors.files.books.cells import text_cell
from connectors.files.profile_columns import ProfileColumn, heads_of
from schemas.sentence import Sentence

_FORM: Final = "填报"
_NOTES: Final = "说明 notes"
_HEADS: Final = ("列名 / column", "必填 / required", "含义 / meaning", "可填 / takes", "其他写法 / other names")
_YES: Final = Sentence("是", "yes")
_WIDTHS: Final = (34, 12, 60, 50, 60)
_MOST_SHOWN: Final = 40


def write_template(path: Path, columns: Sequence[ProfileColumn]) -> None:
    """Writes the blank form. Raises OSError."""
    from openpyxl import Workbook  # here, as it takes a quarter of a second

    book, heads = Workbook(write_only=True), heads_of(columns)
    form, notes = book.create_sheet(_FORM), book.create_sheet(_NOTES)
    form.freeze_panes = notes.freeze_panes = "A2"
    for at, head in enumerate(heads):
        form.column_dimensions[_letters(at)].width = max(12, 2 * len(head))
    for at, width in enumerate(_WIDTHS):
        notes.column_dimensions[_letters(at)].width = width
    form.append([text_cell(form, head) for head in heads])
    notes.append(list(_HEADS))
    for head, column in heads.items():
        takes = "、".join(column.texts[:_MOST_SHOWN])
        required = _YES.both if column.needed else ""
        others = [one for one in column.names if one != head]
        told = (_quoted([head]), required, column.what.both, takes, _quoted(others))
        notes.append([text_cell(notes, one) for one in told])
    book.save(path)


def _quoted(names: Sequence[str]) -> str:
    """Names in quotation marks, so that no reader takes a row of the notes for a header."""
    return "、".join(f"“{one}”" for one in names)


def _letters(at: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(at + 1))
