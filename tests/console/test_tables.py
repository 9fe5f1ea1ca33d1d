"""Tables fit the terminal, ids stay whole, an empty one says so; a record as people read it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from rich.cells import cell_len
from rich.console import Console

from console.act_summary import _is_text
from console.record_view import plain_record, show_record
from console.tables import Column, Line, show_block, show_rows
from projections.record import fold
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of
from schemas.sentence import Sentence
from streams.policies import load_made
from tests.core import builders as make

ACT = "penalty/11370400XJ9000057J/枣示人社罚〔2019〕0002号"
EVENT = "69364124-8bc8-5d54-97c9-09c74192b848"
LONG = "当事人危险作业场所没有按要求整改，" * 8
COLUMNS = (
    Column(Sentence("行为", "act"), whole=True),
    Column(Sentence("说明", "what")),
    Column(Sentence("事件", "event"), whole=True),
)
_CODES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def _chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XINJI_LANG", "zh")
    yield


def terminal(width: int) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=True, soft_wrap=True, highlight=False)


def text(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return _CODES.sub("", out.file.getvalue())


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_rows_fit_and_ids_stay_whole(width: int) -> None:
    out = terminal(width)
    show_rows(out, COLUMNS, [(ACT, LONG, EVENT), (ACT, None, EVENT)])
    shown = text(out)
    assert shown.count(ACT) == shown.count(EVENT) == 2
    assert max(map(cell_len, shown.splitlines())) <= max(width, 2 + 6 + cell_len(ACT))
    assert shown.count("危") == LONG.count("危")
    assert "—" in shown


def test_wide_and_pipes_wrap_nothing() -> None:
    out = terminal(80)
    show_rows(out, COLUMNS, [(ACT, LONG, EVENT)], wide=True)
    assert LONG in text(out)
    pipe = Console(file=io.StringIO(), width=80, soft_wrap=True, highlight=False)
    show_rows(pipe, COLUMNS, [(ACT, LONG, EVENT)])
    assert any(ACT in line and LONG in line and EVENT in line for line in text(pipe).splitlines())


def test_an_empty_table_says_that_it_is_empty() -> None:
    out = terminal(80)
    show_rows(out, COLUMNS, [], title=Sentence("名单", "listings"))
    assert text(out) == "名单\n（无）\n"


def test_a_block_goes_on_below_itself() -> None:
    out = terminal(40)
    show_block(out, [Line("行为", ACT, whole=True), Line("说明", LONG)], indent=2)
    lines = text(out).splitlines()
    assert lines[0] == f"  行为  {ACT}"
    assert all(line.startswith("        ") for line in lines[2:])
    assert "".join(line.strip() for line in lines[1:]).removeprefix("说明").strip() == LONG


@pytest.mark.parametrize("width", [80, 200])
def test_a_record_says_what_an_auditor_asks_first(width: int) -> None:
    made = make.penalty(
        "2020-03-02",
        document_number="枣示罚〔2020〕7号",
        violation_type="无照经营",
        violation_facts="当事人未取得营业执照从事经营活动。",
        penalty_basis="《无证无照经营查处办法》第十三条",
        penalty_categories=["fine", "warning"],
        penalty_content="处以罚款一万二千元",
        fine_amount=Decimal("12000.50"),
        confiscated_amount=Decimal(300),
    )
    log = make.log_of(made, make.disclosed(made, "2020-03-05"))
    policy = load_made(None).policy
    record = plain_record(fold(make.SUBJECT, log.events, policy), [], log.events, {}, date(2021, 1, 1))
    (act,) = record["acts"]
    assert act["document_number"] == "枣示罚〔2020〕7号"
    assert act["done"] == ["fine", "warning", "处以罚款一万二千元"]
    assert act["ground"] == ["无照经营", "当事人未取得营业执照从事经营活动。"]
    assert act["legal_basis"][0] == "《无证无照经营查处办法》第十三条"
    assert act["amounts"] == {"fine_amount": Decimal("12000.50"), "confiscated_amount": Decimal(300)}
    out = terminal(width)
    show_record(record, out)
    shown = text(out)
    for told in (
        "2020-03-02  行政处罚  有效  枣示罚〔2020〕7号",
        make.SPORT[1],
        "罚款金额 12,000.50 元；没收违法所得、没收非法财物的金额 300.00 元",
        "无照经营；当事人未取得营业执照从事经营活动。",
        "《无证无照经营查处办法》第十三条",
        "2020-03-05",
        made.act_id,
        *(one.event_id for one in log.events),
    ):
        assert told in shown, told
    assert max(map(cell_len, shown.splitlines())) <= width


def test_no_person_and_no_number_is_among_what_was_done() -> None:
    """Of each event that makes an act: no list has to be told of a new one."""
    for name in (one.name for one in BY_NAME.values() if one.makes_act):
        told = {field for field, schema in fields_of(name).items() if _is_text(schema)}
        assert told, name
        assert not {one for one in told if "person" in one or "legal_representative" in one or one.endswith(("_id", "_sha256"))}
