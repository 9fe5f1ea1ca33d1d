"""OpenDocument .ods: its content.xml, row by row, in bounded memory."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby, repeat
from operator import itemgetter
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, iterparse
from zipfile import BadZipFile, ZipFile

from connectors.files.books.limits import Budget, Checked
from connectors.files.books.sheets import UNCOMPUTED, Cells, Sheet, Sheets, damaged, guarded

ROWS: Final = 1_048_576
COLUMNS: Final = 16_384
"""What a sheet may have; a damaged or made-up count of repeats goes no further."""

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_DURATION: Final = re.compile(r"(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?\Z")
_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a clock's time has no zone
_FAILED: Final = re.compile(r"#[A-Z/0]+[!?A]|Err:\d+")
"""What is shown where a formula has failed; some programs type such a cell as the number 0."""
_DAMAGE: Final = (BadZipFile, ParseError, zlib.error, OSError, EOFError, KeyError, ValueError, NotImplementedError, RuntimeError)


def ods_sheets(path: Path) -> Sheets:
    """The sheets of an .ods workbook. Raises UnreadableFile."""
    try:
        archive = ZipFile(path)
    except _DAMAGE as problem:
        raise damaged(path, problem) from None
    try:
        count = sum(1 for event, one in _elements(archive) if event == "start" and one.tag == f"{_TABLE}table")
    except _DAMAGE as problem:
        archive.close()
        raise damaged(path, problem) from None

    def sheets() -> Iterator[Sheet]:
        looks: dict[int, _OdsLook] = {}
        for (number, title), rows in groupby(guarded(path, _all_rows(archive, looks), _DAMAGE), key=itemgetter(0)):
            look = looks[number]
            yield Sheet(title, (cells for _, cells in rows), look.hidden, look.hidden_rows)

    return Sheets(count > 1, sheets(), archive.close)


def _elements(archive: ZipFile) -> Iterator[tuple[str, Element]]:
    """Starts and ends of elements; rows are forgotten once they have been given."""
    with archive.open("content.xml") as content:
        table: Element | None = None
        for event, element in iterparse(Checked(content, Budget(Path(archive.filename or ""))), ("start", "end")):
            yield event, element
            if event == "start" and element.tag == f"{_TABLE}table":
                table = element
            elif event == "end" and element.tag == f"{_TABLE}table-row" and table is not None:
                element.clear()
                table.clear()


@dataclass
class _OdsLook:
    """What is known of a sheet so far: rows that are hidden, and columns whose cell of an earlier row covers the next ones."""

    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    covering: dict[int, tuple[int, Any]] = field(default_factory=dict)
    """By column (from 1): how many rows more, and what the cell holds."""


def _all_rows(archive: ZipFile, looks: dict[int, _OdsLook]) -> Iterator[tuple[tuple[int, str], Cells]]:
    """Every row with its sheet's position and title. Empty rows are held back until another follows."""
    sheet, given, empty, look, unseen = (0, ""), 0, 0, _OdsLook(), set[str]()
    for event, element in _elements(archive):
        if event == "end" and element.tag == f"{_STYLE}style":
            if any(one.get(f"{_TABLE}display") == "false" for one in element):
                unseen.add(element.get(f"{_STYLE}name", ""))
        elif event == "start" and element.tag == f"{_TABLE}table":
            sheet, given, empty = (sheet[0] + 1, element.get(f"{_TABLE}name", "")), 0, 0
            look = looks[sheet[0]] = _OdsLook(element.get(f"{_TABLE}style-name", "") in unseen)
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            times, cells = _repeats(element, "rows", ROWS), _cells(element, look.covering)
            if not cells:
                empty += times
                continue
            yield from repeat((sheet, ()), min(empty, ROWS - given))
            given, empty = min(given + empty, ROWS), 0
            if element.get(f"{_TABLE}visibility", "visible") != "visible":
                look.hidden_rows.update(range(given + 1, min(given + times, ROWS) + 1))
            yield from repeat((sheet, cells), min(times, ROWS - given))
            given += min(times, ROWS - given)


def _cells(row: Element, covering: dict[int, tuple[int, Any]]) -> list[Any]:
    """The cells of a row up to the last that holds something; covered ones say what the cell above them says."""
    found: list[Any] = []
    empty = 0
    for cell in row:
        times, at = _repeats(cell, "columns", COLUMNS), len(found) + empty + 1
        if cell.tag == f"{_TABLE}table-cell":
            content = _value(cell)
            covering.pop(at, None)
            if (rows := _spanned(cell)) > 1 and content is not None:
                covering[at] = rows - 1, content
        else:
            left, content = covering.pop(at, (0, None))
            if left > 1:
                covering[at] = left - 1, content
        if content is None:
            empty += times
            continue
        found += [None] * min(empty, COLUMNS - len(found))
        found += [content] * min(times, COLUMNS - len(found))
        empty = 0
    return found


def _spanned(cell: Element) -> int:
    return min(int(cell.get(f"{_TABLE}number-rows-spanned", "1")), ROWS)


def _repeats(element: Element, what: str, most: int) -> int:
    return max(1, min(int(element.get(f"{_TABLE}number-{what}-repeated", "1")), most))


def _value(cell: Element) -> Any:
    """What a cell holds, by its type; what does not say what its type promises comes as text, and its row is refused for it."""
    shown = "\n".join(_shown(paragraph) for paragraph in cell if paragraph.tag == f"{_TEXT}p")
    kind = cell.get(f"{_OFFICE}value-type", "string")
    if kind not in _READ or _FAILED.match(shown):
        uncomputed = not shown and cell.get(f"{_TABLE}formula") and cell.get(f"{_OFFICE}value-type") is None
        return UNCOMPUTED if uncomputed else shown or None
    attribute, convert = _READ[kind]
    given = cell.get(f"{_OFFICE}{attribute}", "")
    try:
        return convert(given)
    except (ValueError, OverflowError):
        return given or shown or None


def _day(given: str) -> date:
    return datetime.fromisoformat(given) if "T" in given else date.fromisoformat(given)


def _time(given: str) -> time | timedelta | str:
    found = _DURATION.match(given)
    if not found:
        return given
    sign, days, hours, minutes, seconds, fraction = found.groups(default="0")
    span = timedelta(
        days=int(days), hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=int(f"{fraction:0<6}"[:6])
    )
    if sign == "-":
        return -span
    return (_MIDNIGHT + span).time() if span < _DAY else span


_READ: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "float": ("value", float),
    "percentage": ("value", float),
    "currency": ("value", float),
    "date": ("date-value", _day),
    "time": ("time-value", _time),
    "boolean": ("boolean-value", "true".__eq__),
}


def _shown(element: Element) -> str:
    """The text of a paragraph with its spaces, tabs and line breaks; without notes and their authors."""
    parts = [element.text or ""]
    for child in element:
        match child.tag.removeprefix(_TEXT):
            case "s":
                parts.append(" " * int(child.get(f"{_TEXT}c", "1")))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "span" | "a" | "ruby" | "ruby-base":
                parts.append(_shown(child))
        parts.append(child.tail or "")
    return "".join(parts)
