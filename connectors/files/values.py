"""How cells are read: text, civil dates, amounts in yuan, numbers. Pure; raises BadValue with the reason code of a refusal.

In source files any date in 2099 means open, read as None (semantics, section 3).
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from connectors.files.books.sheets import From1904
from schemas.sentence import Sentence, Told

OPEN_YEAR: Final = 2099
WAN: Final = Decimal(10_000)
CENT: Final = Decimal("0.01")
UNITS: Final = {"yuan": Decimal(1), "wan_yuan": WAN}
"""Units of amounts in files, as factors to yuan."""

DEFAULT_NULLS: Final = ("", "—", "— —", "-", "--", "―", "/", "\\", "无", "空", "暂无", "null", "NULL", "N/A", "#N/A", "*")
"""Marks for "nothing" seen in real files."""

DATE_FORMATS: Final[dict[str, re.Pattern[str]]] = {
    "2018-07-01": re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})"),
    "2018/7/1": re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})"),
    "2018.7.1": re.compile(r"(\d{4})\.(\d{1,2})\.(\d{1,2})"),
    "20180701": re.compile(r"(\d{4})(\d{2})(\d{2})"),
    "2018年7月1日": re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]"),
}
EXCEL: Final = "excel"
"""Name of the format "serial number of a day as Excel counts" (days after 1899-12-30)."""
ALL_DATES: Final = (*DATE_FORMATS, EXCEL)

_EPOCH_OF_1904: Final = date(1904, 1, 1)
_FIRST_DAY: Final = 10_000
_LAST_DAY: Final = 99_999
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_SERIAL: Final = re.compile(r"\d{5}")
_TIME: Final = re.compile(r"[T ]?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\Z")
_AMOUNT: Final = re.compile(
    r"(?:人民币|RMB|CNY)?¥?([+-]?)¥?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(亿元|亿|万元|万|元)?整?\Z", re.IGNORECASE
)
_CELL_UNITS: Final = {"亿元": WAN * WAN, "亿": WAN * WAN, "万元": WAN, "万": WAN, "元": Decimal(1)}
_WHOLE: Final = re.compile(r"([+-]?\d{1,9})(?:\.0+)?\Z")
_TERM: Final = re.compile(r"([+-]?\d{1,6})(个月|月|年)\Z")
_TRUE: Final = frozenset({"true", "1", "是", "y", "yes"})
_FALSE: Final = frozenset({"false", "0", "否", "n", "no"})
_EDGES: Final = " \t\r\n\v\f\u3000\u00a0\ufeff\u200b"


class BadValue(Told, ValueError):
    """A cell cannot be read: ``reason`` is a code of semantics section 5; ``problem`` does not quote the cell."""

    def __init__(self, reason: str, problem: Sentence) -> None:
        self.reason, self.problem = reason, problem
        super().__init__(said=problem)


def text_of(cell: Any) -> str:
    """A cell as text: numbers as a spreadsheet shows them (15 significant digits), dates as ISO, edges stripped."""
    if isinstance(cell, str):
        return cell.strip(_EDGES)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, list):
        return ";".join(text_of(one) for one in cell)
    return json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, dict) else str(cell).strip(_EDGES)


def squeeze(text: str) -> str:
    """Text for comparison: NFKC and without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def is_null(text: str, nulls: frozenset[str]) -> bool:
    """Whether a text is a mark for nothing; ``nulls`` are squeezed."""
    return not text or (len(text) < 12 and squeeze(text) in nulls)


def read_date(cell: Any, formats: tuple[str, ...] = ALL_DATES) -> date | None:
    """A civil date (Asia/Shanghai), None for any day of 2099. Raises BadValue (bad_date)."""
    if isinstance(cell, From1904) and EXCEL in formats and _FIRST_DAY <= cell <= _LAST_DAY:
        return _EPOCH_OF_1904 + timedelta(days=int(cell))
    found = cell.date() if isinstance(cell, datetime) else cell if isinstance(cell, date) else _date_of(text_of(cell), formats)
    return None if found.year == OPEN_YEAR else found


def _date_of(text: str, formats: tuple[str, ...]) -> date:
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii() and formats[0] == "2018-07-01":
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text))
    for name in formats:
        found = DATE_FORMATS[name].match(plain) if name != EXCEL else None
        if found and (found.end() == len(plain) or _TIME.match(plain[found.end() :])):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                raise BadValue("bad_date", Sentence("日历上没有这一天，请更正", "no such day in the calendar")) from None
    if EXCEL in formats and _EXCEL_SERIAL.fullmatch(plain.split(".")[0]) and re.fullmatch(r"\d{5}(\.\d+)?", plain):
        return _EXCEL_EPOCH + timedelta(days=int(plain.split(".")[0]))
    no_date = Sentence("不是日期，请写成 {form} 的形式", "not a date; write it like {form}")
    raise BadValue("bad_date", no_date.of(form=formats[0]))


def read_amount(cell: Any, unit: str = "yuan") -> Decimal:
    """An amount in yuan with two decimals, exactly. A unit written in the cell wins over ``unit``. Raises BadValue (bad_amount)."""
    found = _AMOUNT.match(squeeze(text_of(cell)))
    if not found:
        no_amount = Sentence(
            "不是一个金额，请按该列的单位填写数字，如 1.5",
            "not one amount; write a number such as 1.5 in the unit that the column names",
        )
        raise BadValue("bad_amount", no_amount)
    sign, digits, own_unit = found.groups()
    factor = _CELL_UNITS[own_unit] if own_unit else UNITS[unit]
    yuan = Decimal(digits.replace(",", "")) * factor
    return cents(-yuan if sign == "-" else yuan)


def cents(yuan: Decimal) -> Decimal:
    """The amount with two decimals and at most 20 digits, as the schemas hold it. Raises BadValue (bad_amount)."""
    if not yuan.is_finite() or yuan.adjusted() > 17:
        raise BadValue("bad_amount", Sentence("整数部分超过 18 位，请更正", "more than 18 digits before the decimal point"))
    exact = yuan.quantize(CENT)
    if exact != yuan:
        too_fine = Sentence(
            "小于 1 分，请以元为单位、最多保留两位小数", "finer than 0.01 yuan; give at most two decimals of a yuan"
        )
        raise BadValue("bad_amount", too_fine)
    return exact


def read_whole(cell: Any) -> int:
    """A whole number; a term may be written 36个月 or 3年 and is read as months. Raises BadValue (bad_amount)."""
    text = squeeze(text_of(cell)).replace(",", "")
    if found := _WHOLE.match(text):
        return int(found[1])
    if found := _TERM.match(text):
        return int(found[1]) * (12 if found[2] == "年" else 1)
    raise BadValue("bad_amount", Sentence("不是整数，请填写整数，如 36", "not a whole number; write one such as 36"))


def read_flag(cell: Any) -> bool:
    """true/false, 是/否, 1/0. Raises BadValue (out_of_catalogue)."""
    text = squeeze(text_of(cell)).lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    neither = Sentence("请填“是”或“否”（也可填 true 或 false）", "neither 是 nor 否; write one of them, or true or false")
    raise BadValue("out_of_catalogue", neither)


def read_time(cell: Any) -> datetime:
    """A moment in UTC, from ISO 8601 text with its zone or from milliseconds since 1970. Raises BadValue (bad_date)."""
    try:
        if isinstance(cell, int) and not isinstance(cell, bool):
            return datetime.fromtimestamp(cell / 1000, UTC)
        found = datetime.fromisoformat(text_of(cell))
    except (ValueError, OverflowError, OSError):
        no_time = Sentence(
            "不是时间，请写成 2018-07-01T08:00:00+08:00 的形式", "not a time; write it like 2018-07-01T08:00:00+08:00"
        )
        raise BadValue("bad_date", no_time) from None
    if found.tzinfo is None:
        no_zone = Sentence(
            "时间缺少时区，请写成 2018-07-01T08:00:00+08:00 的形式",
            "the time has no zone; write it like 2018-07-01T08:00:00+08:00",
        )
        raise BadValue("bad_date", no_zone)
    return found.astimezone(UTC)


def split(text: str, separators: str) -> list[str]:
    """The parts of a cell with several values, each once, in their order."""
    parts = (part.strip(_EDGES) for part in re.split(f"[{re.escape(separators)}]", text))
    return list(dict.fromkeys(part for part in parts if part))
