"""What stands in a form and is no data: the header again, numbers of columns, sums, who filled it in; and what is hidden."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.files.books.sheets import Cells
from connectors.files.values import squeeze, text_of
from schemas.sentence import Sentence

HIDDEN_SHEET: Final = "hidden_sheet"
HIDDEN_ROW: Final = "hidden_row"
HEADER_AGAIN: Final = "header_again"
COLUMN_NUMBERS: Final = "column_numbers"
SUM: Final = "sum"
SIGNATURE: Final = "signature"
LEFT_OUT: Final = {
    HIDDEN_SHEET: Sentence("隐藏工作表中的行，如需推送加 --hidden", "rows of hidden sheets; --hidden takes them"),
    HIDDEN_ROW: Sentence("隐藏的行，如需推送加 --hidden", "hidden rows; --hidden takes them"),
    HEADER_AGAIN: Sentence("重复的表头", "the header again"),
    COLUMN_NUMBERS: Sentence("栏号行", "numbers of columns"),
    SUM: Sentence("合计行", "sums"),
    SIGNATURE: Sentence("填表说明行", "who filled the form in, and notes below it"),
}
"""Why rows are left out, in Chinese and English."""
_SUMS: Final = frozenset({"合计", "总计", "共计", "小计", "合计:", "总计:"})
_SIGNED: Final = re.compile(
    r"(?:填表人|填报人|制表人|审核人|复核人|经办人|负责人|填表单位|填报单位|制表单位|填表日期|填报日期|制表日期|"
    r"联系人|联系电话|单位负责人|填表说明|填报说明|注|备注|说明)\d*[:：]"
)
_FEWEST_NUMBERED: Final = 3
_MOST_SIGNED: Final = 6


@dataclass
class Notes:
    """What to take of files, and what was left out of them: rows by file, sheet and reason (a key of LEFT_OUT)."""

    take_hidden: bool = False
    left_out: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    headers: dict[str, tuple[str, Cells]] = field(default_factory=dict)
    """Of the file that is read, by what rows name as their sheet: the sheet's title and its header row, as it stands there."""

    def leave_out(self, file: str, sheet: str, why: str) -> None:
        self.left_out[file, sheet, why] += 1


class Form:
    """Rows under one header."""

    def __init__(self, header: Cells) -> None:
        self._header = _texts(header)

    def no_data(self, cells: Cells) -> str:
        """Why a row is no data, a key of LEFT_OUT; empty for data."""
        first = next((text for cell in cells if (text := squeeze(_text(cell)))), "")
        if not (first in self._header or first in _SUMS or _is_position(first, 1) or _SIGNED.match(first)):
            return ""
        texts = _texts(cells)
        filled = [text for text in texts if text]
        if texts == self._header:
            return HEADER_AGAIN
        if len(filled) >= _FEWEST_NUMBERED and all(_is_position(text, at) for at, text in enumerate(filled, 1)):
            return COLUMN_NUMBERS
        if first in _SUMS and all(map(_is_amount, filled[1:])):
            return SUM
        return SIGNATURE if _SIGNED.match(first) and len(filled) <= _MOST_SIGNED else ""


def _texts(cells: Cells) -> list[str]:
    texts = [squeeze(_text(cell)) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text(cell: Any) -> str:
    return "" if cell is None else text_of(cell)


def _is_position(text: str, at: int) -> bool:
    return text.strip("()[]栏列") == str(at)


def _is_amount(text: str) -> bool:
    return re.fullmatch(r"[-+]?[\d,.]+(?:万?元|件|条|户|家|人)?|[-/—]+", text) is not None


def column_letters(number: int) -> str:
    """The letters of a column as a spreadsheet names it: 1 is A."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
