"""Workbooks of three kinds say the same: what a cell holds, on which row, on which sheet; and what cannot be read says so.

calamine and openpyxl are held against each other, as two readings of the same .xlsx; the other kinds against calamine's.
"""

from __future__ import annotations

import csv
import gc
import os
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P, S
from python_calamine import CalamineWorkbook

from connectors.files import UnreadableFile, load_profile, read_rows
from connectors.files.books import open_book, xlsx
from connectors.files.books.parts import look_at
from connectors.files.books.sheets import Sheets
from connectors.files.values import BadValue, read_date, text_of
from tests.connectors.files.book_writers import DAY, WRITERS, Cell, Failed, write_xlsx
from tests.connectors.files.builders import FIRM
from tests.connectors.files.test_real_files import FOLDER

KINDS = pytest.mark.parametrize("kind", WRITERS)


def texts(book: Sheets) -> dict[str, list[list[str]]]:
    """Every sheet's rows as texts, without what is empty at their ends."""
    found = {one.title: [_trimmed([text_of(cell) for cell in cells]) for cells in one.rows] for one in book.sheets}
    book.close()
    return {title: _trimmed(rows) for title, rows in found.items()}


def _trimmed(items: list[Any]) -> list[Any]:
    while items and not items[-1]:
        items = items[:-1]
    return items


def read(path: Path) -> dict[str, list[list[str]]]:
    return texts(open_book(path))


def by_calamine(path: Path) -> dict[str, list[list[str]]]:
    return texts(xlsx._by_calamine(path, look_at(path)))


CELLS: list[tuple[Any, str]] = [
    ("00123", "00123"),
    ("330100000111310", "330100000111310"),
    ("913709001234567890", "913709001234567890"),
    (330100000111310, "330100000111310"),
    (330100000111310.0, "330100000111310"),
    (1, "1"),
    (1.0, "1"),
    (1.5, "1.5"),
    (0.1 + 0.2, "0.3"),
    (-0.07, "-0.07"),
    (12345678.9, "12345678.9"),
    (True, "true"),
    (False, "false"),
    ("TRUE", "TRUE"),
    (Cell(0.256, "0.00%"), "0.256"),
    (Cell(12345.678, '"¥"#,##0.00'), "12345.678"),
    (Cell(36, '0"个月"'), "36"),
    (date(2018, 7, 1), "2018-07-01"),
    (date(2099, 12, 31), "2099-12-31"),
    (datetime(2018, 7, 1, 8, 30, 15), "2018-07-01 08:30:15"),  # noqa: DTZ001
    (datetime(2018, 7, 1), "2018-07-01"),  # noqa: DTZ001
    (time(8, 30), "08:30:00"),
    ("甲\n乙", "甲\n乙"),
    ("=1+1", "=1+1"),
    ("#REF!", "#REF!"),
    ("东岳“体育”有限公司〔2021〕", "东岳“体育”有限公司〔2021〕"),
    ("𠮷野家", "𠮷野家"),
    ("<&>", "<&>"),
    (Failed("#REF!"), "#REF!"),
    (Failed("#N/A"), "#N/A"),
    (Failed("#DIV/0!"), "#DIV/0!"),
    (None, ""),
]


@KINDS
@pytest.mark.parametrize("from_1904", [False, True])
def test_every_cell_is_read_as_it_was_written(tmp_path: Path, kind: str, from_1904: bool) -> None:
    rows = [[given, "结束"] for given, _ in CELLS]
    found = read(WRITERS[kind](tmp_path / f"a{kind}", {"数据": rows}, from_1904=from_1904))
    assert found == {"数据": [[text, "结束"] for _, text in CELLS]}


@KINDS
def test_without_error_cells_too(tmp_path: Path, kind: str) -> None:
    """An .xlsx of such cells alone goes the quick way."""
    cells = [(given, text) for given, text in CELLS if not isinstance(given, Failed)]
    path = WRITERS[kind](tmp_path / f"a{kind}", {"数据": [[given, "结束"] for given, _ in cells]})
    assert kind != ".xlsx" or look_at(path).plain
    assert read(path) == {"数据": [[text, "结束"] for _, text in cells]}


@pytest.mark.parametrize(
    "form",
    [
        "yyyy/m/d",
        'yyyy"年"m"月"d"日"',
        "[$-804]yyyy-mm-dd",
        '[DBNum1][$-804]yyyy"年"m"月"d"日"',
        "m/d",
        "d-mmm-yy",
        "[Red]yyyy-mm-dd",
    ],
)
@pytest.mark.parametrize("kind", [".xlsx", ".xls"])
def test_a_number_is_a_day_by_its_format(tmp_path: Path, kind: str, form: str) -> None:
    assert read(WRITERS[kind](tmp_path / f"a{kind}", {"数据": [[Cell(43282, form)]]})) == {"数据": [["2018-07-01"]]}


@pytest.mark.parametrize("kind", [".xlsx", ".xls"])
@pytest.mark.parametrize(("number", "day"), [(1, "1900-01-01"), (59, "1900-02-28"), (61, "1900-03-01"), (2958465, "9999-12-31")])
def test_days_at_the_ends_of_the_calendar(tmp_path: Path, kind: str, number: int, day: str) -> None:
    assert read(WRITERS[kind](tmp_path / f"a{kind}", {"数据": [[Cell(number, DAY)]]})) == {"数据": [[day]]}


@pytest.mark.parametrize("kind", [".xlsx", ".xls"])
@pytest.mark.parametrize("number", [2958466, 1e12, -1])
def test_a_number_that_is_no_day_is_refused(tmp_path: Path, kind: str, number: float) -> None:
    """Excel shows ##### there."""
    book = open_book(WRITERS[kind](tmp_path / f"a{kind}", {"数据": [[Cell(number, DAY)]]}))
    (sheet,) = book.sheets
    ((cell, *_),) = sheet.rows
    book.close()
    try:
        found = read_date(cell)
    except BadValue:
        return
    assert found is not None and found.year < 1900  # no act's date: the gate refuses it


@KINDS
def test_sheets_rows_and_columns_keep_their_places(tmp_path: Path, kind: str) -> None:
    content = {"空": [], "数据": [[], [], [None, None, "丙", 1], [], [None, "乙"]], "隐藏": [["x"]], "尾": [["y"], [], [None]]}
    path = WRITERS[kind](tmp_path / f"a{kind}", content, hidden=["隐藏"])
    found = {title: rows for title, rows in read(path).items() if rows}
    assert found == {"数据": [[], [], ["", "", "丙", "1"], [], ["", "乙"]], "隐藏": [["x"]], "尾": [["y"]]}
    book = open_book(path)
    assert book.several
    book.close()


@KINDS
def test_the_kind_is_told_by_the_content(tmp_path: Path, kind: str) -> None:
    path = WRITERS[kind](tmp_path / f"a{kind}", {"数据": [["x", Failed("#REF!")]]})
    for suffix in WRITERS:
        renamed = tmp_path / f"renamed{suffix}"
        renamed.write_bytes(path.read_bytes())
        assert read(renamed) == {"数据": [["x", "#REF!"]]}


@KINDS
def test_rows_of_a_profile(tmp_path: Path, kind: str) -> None:
    rows = [["某市企业名录"], ["企业名称", "统一社会信用代码", "成立日期"], ["甲", FIRM, date(2018, 7, 1)]]
    path = WRITERS[kind](tmp_path / f"a{kind}", {"说明": [["填表说明"]], "数据": rows})
    (row,) = read_rows(path, load_profile("registry"))
    assert (row.place, {name: text_of(cell) for name, cell in row.cells.items()}) == (  # type: ignore[union-attr]
        "数据!3",
        {"企业名称": "甲", "统一社会信用代码": FIRM, "成立日期": "2018-07-01"},
    )


@KINDS
def test_a_book_left_early_is_closed(tmp_path: Path, kind: str) -> None:
    rows = [["企业名称", "统一社会信用代码"], ["甲", FIRM], ["乙", FIRM]]
    reader = read_rows(WRITERS[kind](tmp_path / f"a{kind}", {"数据": rows}), load_profile("registry"))
    next(reader)
    del reader
    gc.collect()  # a ResourceWarning would be an error


# .xlsx: the two readers


def _changed(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The book with one part of its archive rewritten."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert change(parts[part].decode()) != parts[part].decode()
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_kept_results_of_formulas(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"数据": [[1, 2, 3, 4]]})
    kept = {
        "A1": '<c r="A1"><f>1+1</f><v>2</v></c>',
        "B1": '<c r="B1" t="str"><f>"00"&amp;"7"</f><v>007</v></c>',
        "C1": '<c r="C1" t="b"><f>TRUE()</f><v>1</v></c>',
        "D1": '<c r="D1"><f>A1</f></c>',
    }

    def formulas(xml: str) -> str:
        for place, cell in kept.items():
            xml = re.sub(rf'<c r="{place}".*?</c>', cell, xml)
        return xml

    path = _changed(path, SHEET, formulas)
    assert look_at(path).plain
    assert read(path) == {"数据": [["2", "007", "true", "UNCOMPUTED"]]}
    assert texts(xlsx._by_openpyxl(path, look_at(path))) == read(path)


@pytest.mark.parametrize("mark", ['t="e"', "t='e'", 't = "e"'])
def test_an_error_kept_by_a_formula_is_seen(tmp_path: Path, mark: str) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"数据": [["x", 2]]})
    path = _changed(path, SHEET, lambda xml: re.sub(r'<c r="B1".*?</c>', f'<c r="B1" {mark}><f>C1</f><v>#REF!</v></c>', xml))
    assert read(path) == {"数据": [["x", "#REF!"]]}


def test_why_error_cells_are_not_left_to_calamine(tmp_path: Path) -> None:
    """It gives an empty cell. When this fails it has learnt to tell, and the look for errors may go."""
    assert by_calamine(write_xlsx(tmp_path / "a.xlsx", {"数据": [["x", Failed("#REF!")]]})) == {"数据": [["x"]]}


def test_a_stray_cell_far_out_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.worksheets[0].append(["企业名称", "统一社会信用代码"])
    book.worksheets[0].append(["甲", FIRM])
    book.worksheets[0]["XFD20000"] = " "
    book.save(path)
    assert not look_at(path).plain
    assert [row.number for row in read_rows(path, load_profile("registry"))] == [2]


def test_cells_without_their_places_are_read_the_careful_way(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"数据": [["甲", 1], ["乙", 2]]})
    path = _changed(path, SHEET, lambda xml: re.sub(r' r="[A-Z]*\d+"', "", xml))
    assert not look_at(path).plain
    assert read(path) == {"数据": [["甲", "1"], ["乙", "2"]]}


def test_cells_merged_over_rows_hold_their_value_in_each_row(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["甲", None, "丙"])
    sheet.append([None, None, "丁"])
    sheet.merge_cells("A1:B2")
    book.save(path)
    assert read(path)["Sheet"] == texts(xlsx._by_openpyxl(path, look_at(path)))["Sheet"] == [["甲", "", "丙"], ["甲", "", "丁"]]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="_\ufffe\uffff"), max_size=12)
VALUES = st.one_of(
    st.none(),
    TEXT,
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e12, 1e12).map(lambda number: float(f"{number:.12g}")),  # openpyxl writes 16 digits, and 15 are read
    st.booleans(),
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    st.datetimes(datetime(1900, 3, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),  # noqa: DTZ001
    st.times().map(lambda clock: clock.replace(microsecond=0)),
)
CONTENT = st.lists(st.lists(VALUES, max_size=5), max_size=6)


@given(CONTENT, st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_two_readings_of_one_xlsx(tmp_path: Path, rows: list[list[Any]], from_1904: bool) -> None:
    if from_1904:
        rows = [[None if isinstance(cell, date) and cell.year < 1905 else cell for cell in row] for row in rows]
    path = write_xlsx(tmp_path / "a.xlsx", {"数据": rows}, from_1904=from_1904)
    assert by_calamine(path) == texts(xlsx._by_openpyxl(path, look_at(path)))


@pytest.mark.parametrize("kind", [".xls", ".ods"])
@given(CONTENT)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_other_kinds_say_what_an_xlsx_says(tmp_path: Path, kind: str, rows: list[list[Any]]) -> None:
    expected = read(write_xlsx(tmp_path / "a.xlsx", {"数据": rows}))
    assert read(WRITERS[kind](tmp_path / f"a{kind}", {"数据": rows})).get("数据", []) == expected["数据"]


@pytest.mark.parametrize("kind", [".xls", ".ods"])
def test_a_second_opinion_on_the_other_kinds(tmp_path: Path, kind: str) -> None:
    """calamine reads them too, but for error cells."""
    rows = [[given] for given, _ in CELLS if not isinstance(given, Failed)]
    path = WRITERS[kind](tmp_path / f"a{kind}", {"数据": rows})
    second = [text_of(cells[0]) for cells in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows()]
    assert [cells[0] if cells else "" for cells in read(path)["数据"]] == _trimmed(second)


# .ods: repeats, merged cells, notes, spaces


def test_what_only_ods_has(tmp_path: Path) -> None:
    book = OpenDocumentSpreadsheet()
    table = Table(name="数据")
    merged, noted, spaced = TableCell(numbercolumnsspanned=2, valuetype="string"), TableCell(valuetype="string"), TableCell()
    merged.addElement(P(text="甲"))
    covered = CoveredTableCell(valuetype="string")
    covered.addElement(P(text="藏"))
    noted.addElement(P(text="乙"))
    spaced.addElement(P(text="a"))
    spaced.childNodes[0].addElement(S(c=3))
    spaced.childNodes[0].addText("b")
    for cells, times in [([merged, covered, noted], 1), ([TableCell(numbercolumnsrepeated=16384)], 3), ([spaced], 2)]:
        row = TableRow(numberrowsrepeated=times)
        for cell in cells:
            row.addElement(cell)
        table.addElement(row)
    padding = TableRow(numberrowsrepeated=1048570)
    padding.addElement(TableCell(numbercolumnsrepeated=16384))
    table.addElement(padding)
    book.spreadsheet.addElement(table)
    book.save(str(tmp_path / "a.ods"))
    assert read(tmp_path / "a.ods") == {"数据": [["甲", "", "乙"], [], [], [], ["a   b"], ["a   b"]]}


@pytest.mark.parametrize(
    ("kind", "attribute", "given"),
    [("date", "date-value", "2018-07-0-1"), ("float", "value", "1.5.2"), ("time", "time-value", "8:30"), ("float", "value", "")],
)
def test_an_ods_cell_that_is_not_of_its_type_is_text(tmp_path: Path, kind: str, attribute: str, given: str) -> None:
    path = WRITERS[".ods"](tmp_path / "a.ods", {"数据": [["x"], ["y"]]})
    cell = f'<table:table-cell office:value-type="{kind}" office:{attribute}="{given}"><text:p>所示</text:p></table:table-cell>'
    _changed(path, "content.xml", lambda xml: re.sub(r"<table:table-cell.*?</table:table-cell>", cell, xml, count=1))
    assert read(path) == {"数据": [[given or "所示"], ["y"]]}


# what cannot be read


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><table><tr><td>x</td></tr></table></html>", "web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", "web page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "damaged workbook"),
        (b"PK\x03\x04nothing", "damaged"),
        (b"", "is not an"),
        (b"a,b\n1,2\n", "is not an"),
    ],
)
@KINDS
def test_what_is_no_workbook_says_what_to_do(tmp_path: Path, kind: str, content: bytes, said: str) -> None:
    (tmp_path / f"a{kind}").write_bytes(content)
    with pytest.raises(UnreadableFile, match=said):
        read(tmp_path / f"a{kind}")


@KINDS
@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_damaged_book_is_unreadable_and_nothing_worse(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    path = tmp_path / f"a{kind}"
    if not path.exists():
        WRITERS[kind](path, {"数据": [[given for given, _ in CELLS]] * 3})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(1, len(content) - 1)) :]
    (tmp_path / f"damaged{kind}").write_bytes(content)
    with suppress(UnreadableFile):
        read(tmp_path / f"damaged{kind}")


@pytest.mark.skipif(not FOLDER.is_dir() and not os.environ.get("CI"), reason=f"no real files in {FOLDER}")
@KINDS
@pytest.mark.parametrize("file", ["ecommerce_serious_list_2017.csv", "financial_serious_list_2017_ocr.csv", "licences_sample.csv"])
def test_real_rows_in_a_book_are_the_rows_of_the_csv(tmp_path: Path, kind: str, file: str) -> None:
    with (FOLDER / file).open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.reader(source))
    expected = [_trimmed([text_of(cell) for cell in row]) for row in rows]
    assert read(WRITERS[kind](tmp_path / f"a{kind}", {"数据": rows}))["数据"] == _trimmed(expected)
