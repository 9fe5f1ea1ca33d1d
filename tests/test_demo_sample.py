"""The demo's sample is what its script makes, is made up visibly, and its codes pass the checks of the product."""

from __future__ import annotations

import csv
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from connectors.files.context import context_for
from connectors.files.mapping import map_row
from connectors.files.outcome import MappedRow, Refused
from connectors.files.profile_loader import load_profile
from connectors.files.readers import read_rows
from connectors.files.rows import Row
from console.demo import cast, make_sample
from projections.admission import judge
from projections.admission.rules import rules_of
from projections.policy import packaged
from schemas.catalogue import BY_NAME
from schemas.identifiers import identify, is_identity_number, is_uscc, party_id
from schemas.registry import fields_of, header_fields
from streams.sources import load_sources
from tests.screen import SCREEN

SAMPLE = make_sample.FOLDER
COMMITTED = sorted(path.name for path in SAMPLE.iterdir() if path.suffix != ".md")
_BY_PREFIX = {
    "registry": "registry",
    "licences": "licence-2018",
    "penalties": "penalty-2018",
    "commitments": "commitment",
    "listings": "listing",
    "notices": "events",
    "inspections": "events",
    "followups": "events",
}
PROFILES = {name: _BY_PREFIX[name.split(".")[0].split("-")[0]] for name in COMMITTED if name != "sources.toml"}
TODAY = date(2026, 11, 1)
BAD = re.compile(r"故意出错（(\w+)）")


def _content(path: Path) -> object:
    if path.suffix == ".xlsx":
        return [list(row) for row in load_workbook(path, read_only=False).active.iter_rows(values_only=True)]
    return path.read_bytes()


def _rows(name: str) -> list[dict[str, str]]:
    if name.endswith(".xlsx"):
        _, header, *rows = load_workbook(SAMPLE / name).active.iter_rows(values_only=True)
        return [{str(key): "" if cell is None else str(cell) for key, cell in zip(header, row, strict=True)} for row in rows]
    with (SAMPLE / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _events(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines()]


class Pseudonyms:
    """Stands in for the vault."""

    def pseudonym(self, document_type: str, number: str, name: str, purpose: str, now: datetime) -> str:
        return f"person:sample-{number[-8:]}"


def _mapped(name: str) -> list[tuple[str, MappedRow]]:
    """Each row's remark, and what its profile makes of it."""
    profile = load_profile(PROFILES[name])
    context = context_for(
        profile,
        screen=SCREEN,
        source_id=next(iter(cast.authorities().values())).code,
        source_name="示例",
        now=datetime(2026, 11, 1, tzinfo=UTC),
        vault=Pseudonyms(),
    )
    rows = [row for row in read_rows(SAMPLE / name, profile) if isinstance(row, Row)]
    return [(str(row.cells.get("备注", "")), map_row(profile, row, context)) for row in rows]


ROWS = [name for name in COMMITTED if name.endswith((".csv", ".xlsx"))]
EVENTS = [name for name in COMMITTED if name.endswith(".jsonl")]


def test_the_script_makes_the_committed_files(tmp_path: Path) -> None:
    make_sample.make(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == COMMITTED
    for name in COMMITTED:
        assert _content(tmp_path / name) == _content(SAMPLE / name), f"{name}: run python -m console.demo.make_sample"


@pytest.mark.parametrize("name", ROWS)
def test_every_row_says_that_it_is_made_up(name: str) -> None:
    assert all(row["备注"].startswith("虚构示例数据") for row in _rows(name))


@pytest.mark.parametrize("name", ROWS)
def test_names_show_that_they_are_made_up(name: str) -> None:
    named = {"行政相对人名称", "企业名称", "主体名称", "承诺主体", "法定代表人", "许可机关", "处罚机关", "列入机关", "承诺受理单位"}
    cells = [cell for row in _rows(name) for column, cell in row.items() if column in named]
    assert cells
    assert all("示" in cell for cell in cells if cell)


@pytest.mark.parametrize("name", ROWS)
def test_codes_are_valid_but_never_given_out(name: str) -> None:
    for row in _rows(name):
        for column, cell in row.items():
            code = cell.replace(" ", "").replace("-", "").upper()
            if is_uscc(code):
                assert code[8:10] == "XJ", column
            if is_identity_number(code):
                assert code[:6] == "370421", column
                assert code[6:9] == "190", column


def test_the_cast_passes_every_check() -> None:
    subjects, authorities = cast.subjects(), cast.authorities().values()
    assert len({one.code for one in subjects}) == len({one.name for one in subjects}) == 100
    assert all(is_uscc(one.code) and is_identity_number(one.head.number) for one in subjects)
    assert len(authorities) >= 5
    assert all(party_id(one.code, one.name) == one.code for one in authorities)


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith(("penalties", "licences", "listings"))])
def test_bad_identifiers_are_bad_and_the_others_are_not(name: str) -> None:
    columns = (
        "行政相对人代码_1（统一社会信用代码）",
        "行政相对人代码_2（工商注册号）",
        "行政相对人代码_3（组织机构代码）",
        "统一社会信用代码",
    )
    for row in _rows(name):
        found = identify([row.get(column) for column in columns])
        stated = BAD.search(row["备注"])
        person = row.get("行政相对人类别") == "自然人"
        expected = stated.group(1) if stated else "unidentified_subject" if person else ""
        if expected in {"bad_identifier", "unidentified_subject", ""}:
            assert getattr(found, "reason", "") == expected, row["备注"]


def test_the_sample_has_the_bad_rows_that_it_promises() -> None:
    reasons = [found.group(1) for name in ROWS for row in _rows(name) if (found := BAD.search(row["备注"]))]
    assert len(reasons) == 15
    assert set(reasons) == {
        "bad_identifier",
        "unidentified_subject",
        "bad_date",
        "missing_field",
        "bad_amount",
        "personal_data",
        "out_of_catalogue",
    }


@pytest.mark.parametrize("name", EVENTS)
def test_events_have_only_fields_of_their_schemas(name: str) -> None:
    for event in _events(name):
        kind = BY_NAME[event["event"]]
        assert set(event) - {"event", "header"} <= set(fields_of(kind.name)), kind.name
        assert set(event["header"]) <= set(header_fields())
        assert is_uscc(event["header"]["subject_id"])
        assert bool(event["header"]["act_id"]) is not kind.makes_act
        if kind.own_date:
            assert event[kind.own_date] == event["header"]["occurred_on"]


def _reason(result: MappedRow) -> str:
    """Why the edge or the gate refuses a row, empty where it is admitted. Repeats aside."""
    if isinstance(result, Refused):
        return result.reason
    source, lists = load_sources(SAMPLE / "sources.toml")["local"], rules_of(packaged())
    problems = [judge(name, event, source, lists, TODAY) for name, event in result.events]
    return next((problem.reason for problem in problems if problem), "")


@pytest.mark.parametrize("name", ROWS + EVENTS)
def test_the_product_admits_it_all_but_what_is_wrong_on_purpose(name: str) -> None:
    results = _mapped(name)
    assert results
    for remark, result in results:
        stated = BAD.search(remark)
        assert _reason(result) == (stated.group(1) if stated else ""), (remark, result)


def test_the_sources_are_the_departments_and_one_that_pushes_for_them() -> None:
    sources = load_sources(SAMPLE / "sources.toml")
    assert set(sources) == {"local"} | {one.code for one in cast.authorities().values()}
    assert [source_id for source_id, source in sources.items() if source.on_behalf] == ["local"]


def test_follow_ups_are_about_acts_of_the_sample() -> None:
    ends = ("文书号", "决定书文号", "承诺编码")
    numbers = {row[column] for name in ROWS for row in _rows(name) for column in row if column.endswith(ends)}
    about = {event["header"]["act_id"].split("/")[2] for event in _events("followups.jsonl") if event["header"]["act_id"]}
    assert about
    assert about <= numbers
