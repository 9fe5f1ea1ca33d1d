"""Forms as offices fill them in: merged cells, hidden rows, sums, formulas that nobody computed; and books made to break us."""

from __future__ import annotations

import csv
import resource
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TableProperties
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.files import BrokenRow, NoHeader, Notes, Row, UnreadableFile, load_profile, read_rows
from connectors.files.books import limits, parts
from connectors.files.forms import Form, column_letters
from connectors.files.values import read_date
from tests.connectors.files.builders import FIRM

HEADER = ["行政相对人名称", "行政相对人代码_1(统一社会信用代码)", "行政处罚决定书文号", "罚款金额（万元）", "处罚决定日期"]
PENALTY = load_profile("penalty-2018")


def row(number: int, fine: Any = 1.5, day: Any = "2021-03-04") -> list[Any]:
    return ["示例有限公司", FIRM, f"示罚〔2021〕{number}号", fine, day]


def book(path: Path, rows: list[list[Any]]) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for cells in rows:
        made.worksheets[0].append(cells)
    return made


def numbers(path: Path, notes: Notes | None = None) -> list[int]:
    return [one.number for one in read_rows(path, PENALTY, notes)]


def fines(path: Path) -> list[Any]:
    return [one.cells["罚款金额（万元）"] for one in read_rows(path, PENALTY) if isinstance(one, Row)]


def test_what_is_merged_over_rows_is_said_of_each(tmp_path: Path) -> None:
    made = book(tmp_path, [HEADER, row(1), row(2, None), row(3, None), row(4, 2)])
    made.worksheets[0].merge_cells("D2:D4")
    made.save(tmp_path / "a.xlsx")
    assert fines(tmp_path / "a.xlsx") == [1.5, 1.5, 1.5, 2]

    old = xlwt.Workbook()
    sheet = old.add_sheet("数据")
    for at, cells in enumerate([HEADER, row(1), row(2), row(3)]):
        for column, cell in enumerate(cells):
            if column != 3 or at < 1:
                sheet.write(at, column, cell)
    sheet.write_merge(1, 3, 3, 3, 1.5)
    old.save(str(tmp_path / "a.xls"))
    assert fines(tmp_path / "a.xls") == [1.5, 1.5, 1.5]

    ods = OpenDocumentSpreadsheet()
    table = Table(name="数据")
    for at, cells in enumerate([HEADER, row(1), row(2), row(3)]):
        made_row = TableRow()
        for column, cell in enumerate(cells):
            if column == 3 and at > 1:
                made_row.addElement(CoveredTableCell())
                continue
            more = {"numberrowsspanned": "3"} if (column, at) == (3, 1) else {}
            number = {"valuetype": "float", "value": str(cell)} if isinstance(cell, float) else {"valuetype": "string"}
            one = TableCell(**number, **more)
            one.addElement(P(text=str(cell)))
            made_row.addElement(one)
        table.addElement(made_row)
    ods.spreadsheet.addElement(table)
    ods.save(str(tmp_path / "a.ods"))
    assert fines(tmp_path / "a.ods") == [1.5, 1.5, 1.5]


def test_a_header_of_two_rows_is_one(tmp_path: Path) -> None:
    made = book(tmp_path, [[*HEADER[:3], "处罚", None], [None, None, None, *HEADER[3:]], row(1)])
    for place in ("A1:A2", "B1:B2", "C1:C2", "D1:E1"):
        made.worksheets[0].merge_cells(place)
    made.save(tmp_path / "a.xlsx")
    (one,) = read_rows(tmp_path / "a.xlsx", PENALTY)
    assert isinstance(one, Row)
    assert (one.number, list(one.cells)) == (3, HEADER)


def test_a_formula_that_nobody_computed_is_refused(tmp_path: Path) -> None:
    made = book(tmp_path, [HEADER, row(1, "=1+1"), row(2)])
    made.save(tmp_path / "a.xlsx")  # openpyxl writes formulas without their results
    broken, fine = read_rows(tmp_path / "a.xlsx", PENALTY)
    assert isinstance(broken, BrokenRow)
    assert "罚款金额（万元） holds a formula" in broken.problem.en
    assert isinstance(fine, Row)


@pytest.mark.parametrize("take", [False, True])
def test_hidden_rows_and_sheets_are_left_out_and_counted(tmp_path: Path, take: bool) -> None:
    made = book(tmp_path, [HEADER, row(1), row(2), row(3)])
    made.worksheets[0].row_dimensions[3].hidden = True
    other = made.create_sheet("附表")
    for cells in (HEADER, row(4), row(5)):
        other.append(cells)
    other.sheet_state = "veryHidden"
    made.save(tmp_path / "a.xlsx")
    notes = Notes(take_hidden=take)
    assert numbers(tmp_path / "a.xlsx", notes) == ([2, 3, 4, 2, 3] if take else [2, 4])
    left = {("a.xlsx", "Sheet", "hidden_row"): 1, ("a.xlsx", "附表", "hidden_sheet"): 2}
    assert notes.left_out == ({} if take else left)


def test_hidden_rows_of_the_other_kinds(tmp_path: Path) -> None:
    old = xlwt.Workbook()
    for title, hidden in (("一", 0), ("二", 1)):
        sheet = old.add_sheet(title)
        sheet.visibility = hidden
        for at, cells in enumerate([HEADER, row(1), row(2)]):
            for column, cell in enumerate(cells):
                sheet.write(at, column, cell)
        sheet.row(1).hidden = True
    old.save(str(tmp_path / "a.xls"))
    notes = Notes()
    assert numbers(tmp_path / "a.xls", notes) == [3]
    assert sorted(notes.left_out.values()) == [1, 2]

    ods = OpenDocumentSpreadsheet()
    unseen = Style(name="unseen", family="table")
    unseen.addElement(TableProperties(display="false"))
    ods.automaticstyles.addElement(unseen)
    for title, more in (("一", {}), ("二", {"stylename": unseen})):
        table = Table(name=title, **more)
        for at, cells in enumerate([HEADER, row(1), row(2)]):
            made_row = TableRow(**({"visibility": "collapse"} if at == 1 else {}))
            for cell in cells:
                one = TableCell(valuetype="string")
                one.addElement(P(text=str(cell)))
                made_row.addElement(one)
            table.addElement(made_row)
        ods.spreadsheet.addElement(table)
    ods.save(str(tmp_path / "a.ods"))
    notes = Notes()
    assert numbers(tmp_path / "a.ods", notes) == [3]
    assert sorted(notes.left_out.values()) == [1, 2]


def test_rows_of_the_form_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [
        ["某市行政处罚信息"],
        HEADER,
        ["1", "2", "3", "4", "5"],
        row(1),
        HEADER,
        row(2),
        ["合计", "", "", 3.0],
        ["填表人：张三", "", "审核人：李四"],
        ["合计有限公司", *row(3)[1:]],
        ["合计", *row(4)[1:]],
    ]
    book(tmp_path, rows).save(tmp_path / "a.xlsx")
    notes = Notes()
    assert numbers(tmp_path / "a.xlsx", notes) == [4, 6, 9, 10]
    assert {why: count for (_, _, why), count in notes.left_out.items()} == {
        "column_numbers": 1, "header_again": 1, "sum": 1, "signature": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "cells", [["1", "2"], ["1", "3", "2"], ["2021", "2", "3"], ["合计", "某公司"], ["备注"], ["注意：", *"甲乙丙丁戊己"], [""]]
)
def test_data_is_never_taken_for_the_form(cells: list[str]) -> None:
    assert Form(HEADER).no_data(cells) == ""


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[*HEADER, "罚款金额 （万元）"], [*row(1), 9]])
    with pytest.raises(UnreadableFile, match=r"more than once \(D and F\)"):
        numbers(tmp_path / "a.csv")
    assert [column_letters(one) for one in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]


def test_days_of_a_book_that_counts_from_1904(tmp_path: Path) -> None:
    made = book(tmp_path, [HEADER, row(1, day=date(2021, 3, 4)), row(2, day=42797)])
    made.epoch = CALENDAR_MAC_1904
    made.worksheets[0]["E2"].value = date(2021, 3, 4)
    made.save(tmp_path / "a.xlsx")
    days = [read_date(one.cells["处罚决定日期"]) for one in read_rows(tmp_path / "a.xlsx", PENALTY) if isinstance(one, Row)]
    assert days == [date(2021, 3, 4)] * 2


def zipped(path: Path, **changed: str) -> Path:
    """A small book with some of its parts replaced."""
    book(path, [HEADER, row(1)]).save(path.with_name("plain.xlsx"))
    with zipfile.ZipFile(path.with_name("plain.xlsx")) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            key = Path(name).stem
            target.writestr(name, changed.pop(key, "") or source.read(name))
        for key, text in changed.items():
            target.writestr(f"xl/{key}.xml", text)
    return path


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def test_a_cell_of_gigabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.xlsx", sheet1=SHEET.format(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 50_000_000}</t></is></c></row>')
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadableFile, match="32,767"):
        numbers(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_book_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 3_000_000)
    cells = "".join(f'<row r="{at}"><c r="A{at}"><v>1</v></c></row>' for at in range(1, 100_000))
    with pytest.raises(UnreadableFile, match="unpacks to more than 3 MB"):
        numbers(zipped(tmp_path / "a.xlsx", sheet1=SHEET.format(cells)))


def test_texts_beyond_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "TEXT_BYTES", 1_000_000)
    texts = "".join(f"<si><t>{at:0>40}</t></si>" for at in range(40_000))
    with pytest.raises(UnreadableFile, match="its texts unpack"):
        numbers(zipped(tmp_path / "a.xlsx", sharedStrings=f"<sst>{texts}</sst>"))


@pytest.mark.parametrize("part", ["sheet1", "sharedStrings", "workbook"])
def test_a_document_type_is_refused(tmp_path: Path, part: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + SHEET.format("")
    with pytest.raises(UnreadableFile, match="document type"):
        numbers(zipped(tmp_path / "a.xlsx", **{part: bomb}))


def test_a_password_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2000)
    with pytest.raises(UnreadableFile, match="protected by a password"):
        numbers(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"a,b\x00c\n", "NUL bytes"),
        (b'"' + b"x" * 200_000 + b'"\n', "more than 131,072 characters"),
        ((",".join(HEADER) + "," * 100_000 + "x\n").encode(), "has 100,005 columns"),
        (b"x\n" * 46 + (",".join(HEADER) + "\n" + ",".join(map(str, row(1)))).encode(), "stand in row 47"),
    ],
)  # fmt: skip
def test_each_fault_of_a_text_has_its_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises((UnreadableFile, NoHeader), match=said):
        numbers(tmp_path / "a.csv")
