"""Files to rows: CSV (UTF-8, GB 18030, UTF-16 with a mark; comma, semicolon or tab), workbooks, JSON Lines."""

from __future__ import annotations

import codecs
import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from connectors.files import books, marks
from connectors.files.books.sheets import UNCOMPUTED, Cells, Sheet
from connectors.files.errors import NOT_OPENED, NoHeader, UnreadableFile
from connectors.files.forms import HIDDEN_ROW, HIDDEN_SHEET, Form, Notes, column_letters
from connectors.files.profile import Profile, normal_header
from connectors.files.rows import BrokenRow, Row
from connectors.files.values import text_of
from schemas.sentence import Sentence, literal

HEADER_ROWS: Final = 30
"""How far down the header row may stand: titles, notes and empty rows come before it."""
CSV_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt"})
LINES_SUFFIXES: Final = frozenset({".jsonl", ".ndjson"})
SUFFIXES: Final = CSV_SUFFIXES | LINES_SUFFIXES | books.SUFFIXES
"""Of all files that are read."""
FURTHER_ROWS: Final = 500
"""So far it is looked for, to say where it stands."""
LONGEST_LINE: Final = 2_000_000
"""Characters of a line of JSON."""
_LONG_LINE: Final = Sentence(
    "该行超过 {most:,} 个字符；请精简文字", "the line has more than {most:,} characters; state the act in fewer words"
)
MOST_COLUMNS: Final = 16_384
"""What a sheet of Excel has."""
_NOTHING: Final = b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"
"""Marks of encodings and blanks, in any encoding."""
_DELIMITERS: Final = ",;\t"
_CHUNK: Final = 1 << 20


def read_rows(path: Path, profile: Profile, notes: Notes | None = None) -> Iterator[Row | BrokenRow]:
    """The rows of a file in their order; ``notes`` says what to take and learns what was left out. Raises UnreadableFile,
    NoHeader (at once or while reading)."""
    notes = notes or Notes()
    suffix = path.suffix.lower()
    if suffix in LINES_SUFFIXES:
        return _json_lines(path)
    if profile.holds_events:
        lines = Sentence(
            "映射方案 {profile} 读取 JSON Lines；请将文件命名为 .jsonl，或换用其他方案",
            "the profile {profile} reads JSON Lines; name the file .jsonl, or choose another profile",
        )
        raise UnreadableFile(path, lines.of(profile=profile.name))
    if suffix in CSV_SUFFIXES:
        return _csv_rows(path, profile, notes)
    if suffix in books.SUFFIXES:
        return _book_rows(path, profile, notes)
    wps = Sentence("不读取 .et 文件；请另存为 .xlsx", "files of the kind .et are not read; save it as .xlsx")
    kind = Sentence(
        "不读取 {suffix} 类型的文件；请提供 .csv、.xlsx、.xls、.ods 或 .jsonl 文件",
        "files of the kind {suffix} are not read; give a .csv, .xlsx, .xls, .ods or .jsonl file",
    ).of(suffix=suffix or Sentence("无扩展名", "(no suffix)"))
    raise UnreadableFile(path, wps if suffix == ".et" else kind)


def encoding_of(path: Path) -> str:
    """The encoding of a text file: by its mark, else UTF-8 where all of it is, else GB 18030. Raises UnreadableFile."""
    try:
        _check_text(path)
        with path.open("rb") as file:
            start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for encoding in ("utf-8-sig", "gb18030"):
            if _decodes(path, encoding):
                return encoding
    except OSError as problem:
        raise UnreadableFile(path, NOT_OPENED.of(why=problem.strerror)) from problem
    neither = Sentence(
        "文字编码既不是 UTF-8 也不是 GB 18030；请另存为 CSV UTF-8",
        "is text in neither UTF-8 nor GB 18030; save it again as CSV UTF-8",
    )
    raise UnreadableFile(path, neither)


def _check_text(path: Path) -> None:
    """Raises UnreadableFile for a file with nothing in it, and for one that is no text at all."""
    something, marked = False, False
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            marked = marked or (file.tell() <= _CHUNK and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)))
            something = something or bool(chunk.strip(_NOTHING))
            if not marked and b"\x00" in chunk:
                binary = Sentence(
                    "含有 NUL 字节，不是文本（可能是工作簿，或没有标记的 UTF-16）；请另存为 CSV UTF-8，或直接推送工作簿",
                    "holds NUL bytes, so it is no text (a workbook, or UTF-16 without its mark); "
                    "save it as CSV UTF-8, or push the workbook itself",
                )
                raise UnreadableFile(path, binary)
    if not something:
        empty = Sentence(
            "文件是空的；请确认是否选对文件、是否已保存",
            "is empty; check that it is the file that you meant, and that it was saved",
        )
        raise UnreadableFile(path, empty)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _csv_rows(path: Path, profile: Profile, notes: Notes) -> Iterator[Row | BrokenRow]:
    encoding = encoding_of(path)
    delimiter = _delimiter(path, encoding, profile)
    with path.open(encoding=encoding, newline="") as file:
        rows = _parsed(path, csv.reader(file, delimiter=delimiter))
        yield from _under_header(path, profile, Sheet("", rows), notes, several=False)


def _parsed(path: Path, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            if "field limit" in str(problem):
                longest = csv.field_size_limit()
                long = Sentence(
                    "第 {row} 行有单元格超过 {longest:,} 个字符；请补上其前的引号，或缩短内容",
                    "row {row} has a cell with more than {longest:,} characters; close the quotes before it, or shorten it",
                )
                raise UnreadableFile(path, long.of(row=row, longest=longest)) from None
            not_csv = Sentence(
                "第 {row} 行不是 CSV（{problem}）；请补全该处的引号后重新保存",
                "row {row} is not CSV ({problem}); close the quotes there and save the file again",
            )
            raise UnreadableFile(path, not_csv.of(row=row, problem=problem)) from None
        yield cells


def _delimiter(path: Path, encoding: str, profile: Profile) -> str:
    """The delimiter under which some row shows most known headers, then most cells."""
    known = profile.known_headers()
    best, chosen = (-1, -1), ","
    for delimiter in _DELIMITERS:
        with path.open(encoding=encoding, newline="") as file:
            rows = list(islice(_parsed(path, csv.reader(file, delimiter=delimiter)), HEADER_ROWS))
        score = max(((_known_cells(cells, known), len(cells)) for cells in rows), default=(0, 0))
        if score > best:
            best, chosen = score, delimiter
    return chosen


def _book_rows(path: Path, profile: Profile, notes: Notes) -> Iterator[Row | BrokenRow]:
    book = books.open_book(path)
    try:
        found, problem = 0, NoHeader(path, profile.name, profile.shown_columns)
        for sheet in book.sheets:
            try:
                for row in _under_header(path, profile, sheet, notes, several=book.several):
                    found += 1
                    yield row
            except NoHeader as missing:
                problem = missing if missing.at else problem
                continue  # a sheet of notes or code lists beside the data
            found += 1
        if not found:
            raise problem
    finally:
        book.close()


def _under_header(path: Path, profile: Profile, sheet: Sheet, notes: Notes, *, several: bool) -> Iterator[Row | BrokenRow]:
    source, known = iter(sheet.rows), profile.known_headers()
    first = list(islice(source, HEADER_ROWS))
    at = _header_at(first, known)
    if at is None:
        further = _header_at(list(islice(source, FURTHER_ROWS)), known)
        raise NoHeader(path, profile.name, profile.shown_columns, 0 if further is None else HEADER_ROWS + further + 1)
    headers, title = _headers(path, first[at], profile), sheet.title if several else ""
    form, again = Form(first[at]), marks.has_added(headers)
    notes.headers[title] = sheet.title, first[at]
    for number, cells in enumerate(chain(first[at + 1 :], source), at + 2):
        if not any(cell is not None and cell != "" and text_of(cell) for cell in cells):
            continue
        if why := _left_out(sheet, form, number, cells, notes):
            notes.leave_out(path.name, sheet.title, why)
        else:
            yield _row(number, headers, cells, title, again)


def _left_out(sheet: Sheet, form: Form, number: int, cells: Cells, notes: Notes) -> str:
    if not notes.take_hidden and (sheet.hidden or number in sheet.hidden_rows):
        return HIDDEN_SHEET if sheet.hidden else HIDDEN_ROW
    return form.no_data(cells)


def _row(number: int, headers: list[str], cells: Cells, sheet: str, again: bool) -> Row | BrokenRow:
    """``again``: the file is a form of refused rows."""
    beyond = cells[len(headers) :]
    if any(text_of(cell) for cell in beyond):
        too_many = Sentence(
            "该行有 {cells} 个单元格，而列名只有 {headers} 个；请给含分隔符的单元格加引号，或给每列加列名",
            "the row has {cells} cells under {headers} column names; put quotes around the cell that holds the delimiter, or "
            "name every column",
        )
        return BrokenRow(number, too_many.of(cells=len(cells), headers=len(headers)), sheet)
    if any(cell is UNCOMPUTED for cell in cells):
        at = next(header for header, cell in zip(headers, cells, strict=False) if cell is UNCOMPUTED)
        uncomputed = Sentence(
            "“{column}”列是公式，而文件中没有计算结果；请用表格软件打开并保存后重新推送",
            "the cell under {column} holds a formula whose result is not in the file; open the book in a spreadsheet, save it, "
            "and push it again",
        )
        return BrokenRow(number, uncomputed.of(column=at), sheet)
    padded = [*cells, *[None] * (len(headers) - len(cells))]
    found = dict(zip(headers, padded, strict=False))
    return _marked(number, found, sheet) if again else Row(number, found, sheet)


def _marked(number: int, found: Mapping[str, Any], sheet: str = "") -> Row:
    cells, answers, original = marks.parted(found)
    return Row(number, cells, sheet, answers, original)


def _header_at(rows: Sequence[Cells], known: frozenset[str]) -> int | None:
    """Index of the row with most known column names; at least two of them, or all the row has."""
    scores = [_known_cells(cells, known) for cells in rows]
    best = max(scores, default=0)
    if best == 0:
        return None
    at = scores.index(best)
    filled = sum(1 for cell in rows[at] if text_of(cell))
    return at if best >= 2 or filled == 1 else None


def _known_cells(cells: Cells, known: frozenset[str]) -> int:
    return len({header for cell in cells if isinstance(cell, str) and (header := normal_header(cell)) in known})


def _headers(path: Path, cells: Cells, profile: Profile) -> list[str]:
    """The names of columns. Two of one name, of which one would win in silence, are an error; remarks may have several."""
    if len(cells) > MOST_COLUMNS:
        wide = Sentence(
            "有 {columns:,} 列，最多读取 {most:,} 列；请删去空列",
            "has {columns:,} columns; at most {most:,} are read; delete the empty ones",
        )
        raise UnreadableFile(path, wide.of(columns=len(cells), most=MOST_COLUMNS))
    remarks = profile.fields["remark"].columns if "remark" in profile.fields else ()
    known = profile.known_headers().difference(remarks)
    names = [normal_header(text_of(cell)) for cell in cells]
    if twice := next((name for name, count in Counter(names).items() if count > 1 and name in known), ""):
        places = [column_letters(at) for at, name in enumerate(names, 1) if name == twice]
        repeated = Sentence(
            "“{column}”列出现不止一次（{places}）；请删去多余的列，或改其列名",
            "has the column {column} more than once ({places}); delete or rename those that are not meant",
        )
        raise UnreadableFile(path, repeated.of(column=twice, places=literal("、".join(places), " and ".join(places))))
    return _unique(cells)


def _unique(cells: Cells) -> list[str]:
    """Column names on one line each, every name once: a repeated one gets its count, an empty one its position."""
    names: list[str] = []
    while cells and not text_of(cells[-1]):
        cells = cells[:-1]
    for position, cell in enumerate(cells, 1):
        name = " ".join(text_of(cell).split()) or f"column {position}"
        count = sum(1 for other in names if other == name or other.startswith(f"{name}#"))
        names.append(f"{name}#{count + 1}" if count else name)
    return names


def _json_lines(path: Path) -> Iterator[Row | BrokenRow]:
    with path.open(encoding=encoding_of(path), newline="\n") as file:
        number = 0
        while line := file.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                    pass
                yield BrokenRow(number, _LONG_LINE.of(most=LONGEST_LINE))
            elif line.strip():
                yield _line(number, line)


def _line(number: int, line: str) -> Row | BrokenRow:
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError):  # without the cause: it quotes the line
        return BrokenRow(
            number, Sentence("该行不是 JSON；请每行写一个 JSON 对象", "the line is not JSON; write one JSON object on each line")
        )
    if not isinstance(found, dict):
        no_object = Sentence(
            "该行不是 JSON 对象；请每行写一个 JSON 对象", "the line is not a JSON object; write one JSON object on each line"
        )
        return BrokenRow(number, no_object)
    return _marked(number, found) if marks.has_added(list(found)) else Row(number, found)


def _no_constant(_: str) -> None:
    raise ValueError


_DECODER: Final = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
