"""A look at the raw parts of an .xlsx before a library reads them: what the libraries leave out, and what would break them.

The archive's own figures may lie, so every part is unpacked once, piece by piece, and nothing of it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

from connectors.files.books.limits import Budget, Checked, too_large
from connectors.files.books.sheets import Look, Merged
from schemas.sentence import Sentence

TEXT_BYTES: Final = 120_000_000
"""What the shared texts may unpack to; libraries hold them all in memory."""
GRID_CELLS: Final = 1_500_000
"""Cells of the grid from A1 to the last used cell, up to which calamine reads a sheet: some 150 MB."""
MERGED_ROWS: Final = 200_000
"""Rows that all merged cells of a sheet may cover; beyond it is no form that people filled in."""
_SMALL_PART: Final = 10_000_000
_OVERLAP: Final = 40_000
_ERROR: Final = re.compile(rb"""=\s*(?:"e"|'e')""")
_CELL: Final = re.compile(rb"""r=["']([A-Z]{1,3})(\d{1,7})["']""")
_ANY_CELL: Final = re.compile(rb"<(?:\w+:)?c[\s>]")
_ROW: Final = re.compile(rb"<(?:\w+:)?row\s([^>]*)>")
_NUMBER: Final = re.compile(rb"""(?:^|\s)r=["'](\d{1,7})["']""")
_HIDDEN: Final = re.compile(rb"""(?:^|\s)hidden=["'](?:1|true)["']""")
_MERGE: Final = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*ref=["']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})["']""")
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_TEXT_TYPE: Final = re.compile(rb"""(?:^|\s)t=["']str["']""")
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass
class PartLook:
    """What one part of the archive shows. ``plain``: calamine reads all there is, in bearable memory."""

    plain: bool = True
    hidden_rows: set[int] = field(default_factory=set)
    merged: set[Merged] = field(default_factory=set)
    uncomputed: dict[int, int] = field(default_factory=dict)

    def sheet(self, *, hidden: bool) -> Look:
        return Look(hidden, self.hidden_rows, tuple(self.merged), self.uncomputed)


@dataclass(frozen=True, slots=True)
class BookLook:
    """A whole book: its sheets by title, and whether it counts days from 1904."""

    plain: bool
    from_1904: bool
    sheets: Mapping[str, Look]


def look_at(path: Path) -> BookLook:
    """Raises UnreadableFile for what is too much or has a document type, and what zipfile and the XML parser raise."""
    with ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith((".xml", ".rels"))]
        budget = Budget(path)
        parts = {name: _part(path, archive, name, budget) for name in names}
        book = _small(path, archive, "xl/workbook.xml")
        targets = _targets(path, archive)
    sheets = {}
    for sheet in book.iter() if book is not None else ():
        if sheet.tag.rpartition("}")[2] == "sheet":
            part = parts.get(targets.get(sheet.get(_ID, ""), ""), PartLook())
            sheets[sheet.get("name", "")] = part.sheet(hidden=sheet.get("state", "visible") != "visible")
    properties = None if book is None else book.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904", "0") in ("1", "true")
    return BookLook(all(one.plain for one in parts.values()), from_1904, sheets)


def _part(path: Path, archive: ZipFile, name: str, budget: Budget) -> PartLook:
    look, grid, size = PartLook(), _Grid(), 0
    for text, fresh in _pieces(archive, name, budget):
        if not size and text.startswith(_MARKS):
            look.plain = False
        size += fresh
        if name.endswith("sharedStrings.xml") and size > TEXT_BYTES:
            texts = Sentence("文字解压后超过 {most:,} MB", "its texts unpack to more than {most:,} MB")
            raise too_large(path, texts.of(most=TEXT_BYTES // 1_000_000))
        _note(look, grid, text)
    look.plain = look.plain and grid.cells <= GRID_CELLS
    if sum(one.last - one.first for one in look.merged) > MERGED_ROWS:
        merged = Sentence("合并单元格覆盖超过 {most:,} 行", "merged cells cover more than {most:,} rows")
        raise too_large(path, merged.of(most=MERGED_ROWS))
    return look


def _pieces(archive: ZipFile, name: str, budget: Budget) -> Iterator[tuple[bytes, int]]:
    """A part piece by piece, with how much of each is new: it begins with the end of the one before, so that nothing is cut in
    two for who searches."""
    kept = b""
    with archive.open(name) as part:
        checked = Checked(part, budget)
        while chunk := checked.read():
            text = kept + chunk
            yield text, len(chunk)
            kept = text[-_OVERLAP:]


@dataclass
class _Grid:
    """The grid from A1 to the last used cell."""

    columns: set[bytes] = field(default_factory=set)
    last: int = 0

    @property
    def cells(self) -> int:
        return self.last * max(map(position, self.columns), default=0)


def _note(look: PartLook, grid: _Grid, text: bytes) -> None:
    cells = _CELL.findall(text)
    if _ERROR.search(text) or (not cells and _ANY_CELL.search(text)):
        look.plain = False  # an error cell, or cells without their place, so that the grid's size is not known
    grid.columns.update(column for column, _ in cells)
    grid.last = max(grid.last, max((int(row) for _, row in cells), default=0))
    for attributes in _ROW.findall(text) if b"hidden" in text else ():
        if _HIDDEN.search(attributes) and (number := _NUMBER.search(attributes)):
            look.hidden_rows.add(int(number[1]))
    for column, first, last in _MERGE.findall(text) if b"mergeCell" in text else ():
        if int(last) > int(first):
            look.merged.add(Merged(position(column), int(first), int(last)))
    for attributes in _FORMULA.findall(text) if b"<f" in text or b":f" in text else ():
        if not _TEXT_TYPE.search(attributes) and (place := _CELL.search(attributes)):
            look.uncomputed.setdefault(int(place[2]), position(place[1]))


def position(column: bytes) -> int:
    """The number of a column by its letters: A is 1."""
    found = 0
    for letter in column:
        found = found * 26 + letter - 64
    return found


def _small(path: Path, archive: ZipFile, name: str) -> Element | None:
    if name not in archive.namelist():
        return None
    with archive.open(name) as part:
        text = part.read(_SMALL_PART + 1)
    if len(text) > _SMALL_PART:
        part_too_large = Sentence("{name} 大于 {most} MB", "{name} is larger than {most} MB")
        raise too_large(path, part_too_large.of(name=name, most=_SMALL_PART // 1_000_000))
    return fromstring(text)


def _targets(path: Path, archive: ZipFile) -> dict[str, str]:
    """Parts of the archive by the ids with which the book names its sheets."""
    found = _small(path, archive, "xl/_rels/workbook.xml.rels")
    if found is None:
        return {}
    targets = {one.get("Id", ""): one.get("Target", "") for one in found}
    return {known: target.lstrip("/") if target.startswith("/") else f"xl/{target}" for known, target in targets.items()}
