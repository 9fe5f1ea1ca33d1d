"""Files as people send them: encodings, delimiters, titles above the header, several sheets, broken lines."""

from __future__ import annotations

import gc
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.files import BrokenRow, NoHeader, Row, UnreadableFile, load_profile, read_rows
from connectors.files.values import text_of
from tests.connectors.files.builders import FIRM, write_csv

HEADER = ["企业名称", "统一社会信用代码", "成立日期"]
FIRST = ["东岳“体育”有限公司", FIRM, "2018-07-01"]


def rows(path: Path, profile: str = "registry") -> list[Row | BrokenRow]:
    return list(read_rows(path, load_profile(profile)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    found = rows(write_csv(tmp_path / "a.csv", [HEADER, FIRST], encoding, delimiter))
    assert [(row.number, dict(row.cells)) for row in found if isinstance(row, Row)] == [(2, dict(zip(HEADER, FIRST, strict=True)))]


def test_titles_blank_rows_and_line_breaks(tmp_path: Path) -> None:
    header = ["企业\n名称", " 统一社会\u3000信用代码 ", "成立日期"]
    found = rows(write_csv(tmp_path / "a.csv", [["某市企业名录"], [], header, [], FIRST, ["", "", ""], ["丙\n丁", "", ""]]))
    assert [row.number for row in found] == [5, 7]
    assert isinstance(found[0], Row) and list(found[0].cells) == ["企业 名称", "统一社会 信用代码", "成立日期"]


def test_too_many_cells_break_the_row_and_too_few_are_empty(tmp_path: Path) -> None:
    found = rows(write_csv(tmp_path / "a.csv", [HEADER, [*FIRST, "李四机密"], FIRST[:1], [*FIRST, ""]]))
    assert isinstance(found[0], BrokenRow) and "李四" not in repr(found[0])
    assert isinstance(found[1], Row) and found[1].cells["成立日期"] is None
    assert isinstance(found[2], Row)


def test_repeated_and_unnamed_columns_keep_their_cells(tmp_path: Path) -> None:
    found = rows(write_csv(tmp_path / "a.csv", [[*HEADER, "备注", "备注", "", "x"], [*FIRST, "1", "2", "3", "4"]]))
    assert isinstance(found[0], Row)
    assert dict(list(found[0].cells.items())[3:]) == {"备注": "1", "备注#2": "2", "column 6": "3", "x": "4"}


def test_no_header_says_what_is_looked_for_and_quotes_no_cell(tmp_path: Path) -> None:
    with pytest.raises(NoHeader) as caught:
        rows(write_csv(tmp_path / "a.csv", [["张三丰", "13800138000"]]))
    assert "统一社会信用代码" in str(caught.value) and "张三丰" not in str(caught.value)
    with pytest.raises(NoHeader):
        rows(write_csv(tmp_path / "b.csv", [["张三丰"], []]))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0"),
        ("a.pdf", b""),
        ("a.xlsx", b"not a zip"),
        ("a.csv", b"\xff\xff\x80abc"),
        ("missing.csv", None),
        ("nul.csv", b"a,b\n\x00"),
        ("a", b""),
    ],
)
def test_unreadable_files_say_what_to_do(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile) as caught:
        rows(tmp_path / name)
    assert name in str(caught.value) and ";" in str(caught.value)


def workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, content in sheets.items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    book.save(path)
    return path


def test_excel_with_title_dates_and_a_sheet_of_notes(tmp_path: Path) -> None:
    content: list[list[Any]] = [
        ["某市企业名录"],
        [None],
        HEADER,
        ["甲", FIRM, date(2018, 7, 1)],
        [None, None, None],
        ["乙", 330100000111310.0, 43282],
    ]
    found = rows(workbook(tmp_path / "a.xlsx", {"说明": [["填表说明"]], "数据": content}))
    assert [(row.number, row.sheet, row.place) for row in found] == [(4, "数据", "数据!4"), (6, "数据", "数据!6")]
    assert isinstance(found[0], Row) and text_of(found[0].cells["成立日期"]) == "2018-07-01"


def test_one_sheet_has_no_sheet_name_and_a_book_without_header_is_refused(tmp_path: Path) -> None:
    assert rows(workbook(tmp_path / "a.xlsx", {"数据": [HEADER, FIRST]}))[0].place == "2"
    with pytest.raises(NoHeader):
        rows(workbook(tmp_path / "b.xlsx", {"数据": [["填表说明"], ["x"]]}))


def test_a_reader_left_early_closes_its_file(tmp_path: Path) -> None:
    for path in (
        workbook(tmp_path / "a.xlsx", {"数据": [HEADER, FIRST, FIRST]}),
        write_csv(tmp_path / "a.csv", [HEADER, FIRST, FIRST]),
    ):
        reader = read_rows(path, load_profile("registry"))
        next(reader)
        del reader
    gc.collect()  # a ResourceWarning would be an error


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1.10}\n\n{"张三丰": \n[1]\n{"a": NaN}\n', encoding="utf-8")
    found = rows(path, "events")
    assert [row.number for row in found] == [1, 3, 4, 5]
    assert isinstance(found[0], Row) and str(found[0].cells["a"]) == "1.10"
    assert all(isinstance(row, BrokenRow) for row in found[1:]) and "张三丰" not in repr(found)
    with pytest.raises(UnreadableFile):
        rows(write_csv(tmp_path / "a.csv", [HEADER]), "events")
