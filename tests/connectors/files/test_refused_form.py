"""Refused rows as the form that they stood in: the same cells, and what is read of them when they are pushed again."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import BadForm, Notes, Row, Why, check_form, items_of, load_profile, read_rows, write_form
from connectors.files.marks import ADDED, PLACES
from connectors.files.refused_form import Refusals, column_of
from schemas.about import Place
from tests.connectors.files.book_writers import write_xlsx
from tests.connectors.files.builders import PENALTY, context, write_csv

PROFILE = load_profile("penalty-2018")
HEADER = list(PENALTY)
FIRST = Place("b-1", 7)


def why(field: str = "occurred_on", *places: Place) -> Why:
    return Why("日期不存在", field, "请改正", places or (FIRST,))


def form(target: Path, path: Path, refusals: Refusals, profile: str = "penalty-2018") -> Path:
    write_form(target, [path], load_profile(profile), False, {str(path): refusals})
    return target


def row(**changed: Any) -> list[Any]:
    return list({**PENALTY, **changed}.values())


def read(path: Path, profile: str = "penalty-2018") -> list[Row]:
    found = list(read_rows(path, load_profile(profile), Notes()))
    assert all(isinstance(one, Row) for one in found)
    return found  # type: ignore[return-value]


def test_the_same_form_with_what_to_do(tmp_path: Path) -> None:
    rows = [["某市公示表"], HEADER, row(), row(处罚决定日期=date(2022, 9, 30)), row(备注=12.5), row()]
    path = write_xlsx(tmp_path / "处罚.xlsx", {"第3季 度": rows})
    target = form(tmp_path / "r.xlsx", path, {("", 5): why("fine_amount"), ("", 4): why()})
    assert target.stat().st_mode & 0o777 == 0o600
    sheet = openpyxl.load_workbook(target)["第3季 度"]
    header, first, second = sheet.iter_rows(values_only=True)
    assert header == (*HEADER, *ADDED)
    assert [str(one) for one in first[: len(HEADER)]] == row(处罚决定日期="2022-09-30 00:00:00")
    assert second[HEADER.index("备注")] == 12.5
    assert first[len(HEADER) :] == ("日期不存在", "处罚决定日期", "请改正", "4", "b-1/7")
    assert second[len(HEADER) + 1] == "罚款金额（万元）"
    assert sheet.column_dimensions[openpyxl.utils.get_column_letter(len(header))].hidden


def test_pushed_again_it_is_what_it_was(tmp_path: Path) -> None:
    """The added columns are no part of the event, and its last statement names the rejections."""
    path = write_csv(tmp_path / "处罚.csv", [[*HEADER, "片区"], [*row(), "东片"], [*row(处罚决定日期="x"), "西片"]], "gb18030")
    target = form(tmp_path / "r.xlsx", path, {("", 3): why()})
    (again,) = read(target)
    assert (again.cells["片区"], again.answers, again.original) == ("西片", (FIRST,), "3")
    stated = {**again.cells, "处罚决定日期": "2021-04-06"}
    given = context(PROFILE, {"disclosed_on": "2021-04-10"})
    act, disclosed = items_of("r.xlsx", PROFILE, [Row(2, stated, "", again.answers)], given)
    plain, _ = items_of("r.xlsx", PROFILE, [Row(2, stated)], given)
    assert act.item["value"] == plain.item["value"]
    assert (act.about.answers, disclosed.about.answers) == ((), (FIRST,))
    second = form(tmp_path / "r2.xlsx", target, {("", 2): why("occurred_on", Place("b-2", 0))})
    (once_more,) = read(second)
    assert (once_more.answers, once_more.original) == ((Place("b-2", 0), FIRST), "3")


def test_no_text_becomes_a_formula_or_an_error(tmp_path: Path) -> None:
    texts = ['=HYPERLINK("http://x")', "+1+1", "@SUM(A1)", "#REF!", "a\x01b"]
    path = write_csv(tmp_path / "a.csv", [HEADER, *(row(备注=one) for one in texts)])
    target = form(tmp_path / "r.xlsx", path, {("", at): why() for at in range(2, 7)})
    cells = [one[HEADER.index("备注")] for one in openpyxl.load_workbook(target).active.iter_rows(min_row=2)]  # type: ignore[union-attr]
    assert [(one.value, one.data_type) for one in cells] == [(one.replace("\x01", ""), "s") for one in texts]
    assert [one.cells["备注"] for one in read(target)] == [one.replace("\x01", "") for one in texts]


def test_days_of_a_book_from_1904_stay_the_same_days(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"1": [HEADER, row(处罚决定日期=date(2021, 4, 6), 公示截止期=42_829)]}, from_1904=True)
    target = form(tmp_path / "r.xlsx", path, {("", 2): why()})
    before, after = (next(items_of("a.xlsx", PROFILE, read(one), context(PROFILE))).item["value"] for one in (path, target))
    assert before == after


CELLS = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=12),
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.dates(date(1950, 1, 1), date(2098, 12, 31)),
)


@settings(max_examples=40, deadline=timedelta(seconds=2))
@given(st.lists(st.lists(CELLS, min_size=5, max_size=5), min_size=1, max_size=5))
def test_any_cells_are_read_as_before(tmp_path_factory: pytest.TempPathFactory, rows: list[list[Any]]) -> None:
    folder = tmp_path_factory.mktemp("form")
    names = ["行政相对人名称", "备注", "违法事实", "处罚机关", "别的"]
    path = write_xlsx(folder / "a.xlsx", {"1": [names, *rows]})
    before = {one.number: one.cells for one in read(path)}
    if before:
        after = read(form(folder / "r.xlsx", path, {("", number): why() for number in before}))
        assert [one.cells for one in after] == list(before.values())


def test_sheets_and_files_stay_apart(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for title in ("甲", "乙"):
        sheet = made.create_sheet(title)
        sheet.append(HEADER)
        sheet.append(row(备注=title))
    made.save(tmp_path / "a.xlsx")
    path, other = tmp_path / "a.xlsx", write_csv(tmp_path / "b.csv", [["备注", *HEADER[:3]], ["丙", "a", "b", "c"]])
    told = {str(path): {("甲", 2): why(), ("乙", 2): why()}, str(other): {("", 2): why()}}
    assert write_form(tmp_path / "r.xlsx", [path, other], PROFILE, False, told).rows == 3
    sheets = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert sheets.sheetnames == ["a.xlsx 甲", "a.xlsx 乙", "b.csv"]
    assert [one.sheet for one in read(tmp_path / "r.xlsx")] == sheets.sheetnames
    assert [one.cells["备注"] for one in read(tmp_path / "r.xlsx")] == ["甲", "乙", "丙"]


def test_json_lines_stay_lines(tmp_path: Path) -> None:
    lines = [{"event": "ActRevoked", "reason": "=1"}, {"event": "PenaltyImposed", "fine_amount": 12.34}]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines) + "no json\n", encoding="utf-8")
    target = tmp_path / "r.jsonl"
    told: dict[str, Refusals] = {str(path): {("", 2): why(), ("", 3): why()}}
    written = write_form(target, [path], load_profile("events"), False, told)
    assert (written.rows, written.left) == (1, 1)
    (found,) = map(json.loads, target.read_text("utf-8").splitlines())
    assert {name: found.pop(name) for name in ADDED}[PLACES] == "b-1/7"
    assert found == lines[1]
    (again,) = read(target, "events")
    assert (again.answers, again.cells.keys()) == ((FIRST,), lines[1].keys())


def test_rows_that_no_form_holds_are_counted(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [HEADER, [*row(), "zu viel"], row(备注="x" * 40_000), row()])
    written = write_form(tmp_path / "r.xlsx", [path], PROFILE, False, {str(path): {("", at): why() for at in (2, 3, 4, 99)}})
    assert (written.rows, written.left) == (1, 3)
    none = write_form(tmp_path / "none.xlsx", [path], PROFILE, False, {str(path): {("", 2): why()}})
    assert (none.rows, none.left, (tmp_path / "none.xlsx").exists()) == (0, 1, False)


def test_what_stood_there_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path, target = write_csv(tmp_path / "a.csv", [HEADER, row()]), tmp_path / "r.xlsx"
    target.write_text("before", "utf-8")
    form(target, path, {("", 2): why()})
    assert target.stat().st_mode & 0o777 == 0o600
    assert len(read(target)) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "r.xlsx"]


@pytest.mark.parametrize(
    ("target", "files", "told"),
    [
        ("r.csv", ["a.csv"], ".xlsx"),
        ("r.xlsx", ["a.jsonl"], ".jsonl"),
        ("r.xlsx", ["a.jsonl", "a.csv"], "apart"),
        ("a.xlsx", ["a.xlsx"], "another name"),
        ("none/r.xlsx", ["a.csv"], "no such folder"),
    ],
)
def test_where_no_form_can_be_written(tmp_path: Path, target: str, files: list[str], told: str) -> None:
    for one in files:
        (tmp_path / one).touch()
    with pytest.raises(BadForm, match=told):
        check_form(tmp_path / target, [tmp_path / one for one in files])


def test_fields_are_named_as_the_form_names_them() -> None:
    headers = tuple(HEADER)
    assert column_of(PROFILE, headers, "header.occurred_on") == "处罚决定日期"
    assert column_of(PROFILE, headers, "subject_id") == "行政相对人代码_1(统一社会信用代码)"
    assert column_of(PROFILE, headers, "licence_affected") == "暂扣或吊销证照名称及编号"
    assert column_of(PROFILE, headers, "") == ""
