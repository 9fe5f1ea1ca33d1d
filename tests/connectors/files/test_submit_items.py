"""Rows to the items of a submission batch, each with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.files import items_of, load_profile, submissions
from connectors.files.outcome import Mapped
from connectors.files.rows import BrokenRow, Row
from connectors.files.submit_items import row_items
from connectors.vault import Vault, create_key
from schemas import registry, wire
from schemas.sentence import Sentence
from tests.connectors.files.builders import NOW, PENALTY, context, event, identity, write_csv
from tests.screen import SCREEN


def test_a_file_to_batches(tmp_path: Path) -> None:
    bad = {**PENALTY, "处罚决定日期": "2022-09-31"}
    path = write_csv(tmp_path / "处罚.csv", [list(PENALTY), list(PENALTY.values()), list(bad.values())], "gb18030")
    profile = load_profile("penalty-2018")
    found = list(submissions(path, profile, context(profile, {"disclosed_on": "2021-04-10"})))
    assert [(one.file, one.row, one.item["origin"], one.refused) for one in found] == [
        ("处罚.csv", 2, "处罚.csv:2", False),
        ("处罚.csv", 2, "处罚.csv:2", False),
        ("处罚.csv", 3, "处罚.csv:3", True),
    ]
    act, disclosed, refusal = (one.item for one in found)
    assert act["fingerprint"] == registry.fingerprint_of("PenaltyImposed")
    assert wire.decode(act["value"], act["fingerprint"])[0] == "PenaltyImposed"
    assert wire.decode(disclosed["value"], disclosed["fingerprint"])[0] == "ActDisclosed"
    assert refusal["fingerprint"] is None and refusal["refused"]["reason"] == "bad_date"
    assert json.loads(refusal["value"])["处罚决定日期"] == "2022-09-31"
    batch = {"batch_id": "b", "source_id": "local", "items": [act, disclosed, refusal]}
    assert wire.decode_batch(wire.encode_batch(batch)) == batch


def test_broken_lines_are_undecodable_and_show_no_content() -> None:
    profile = load_profile("events")
    (one,) = items_of("a.jsonl", profile, [BrokenRow(3, Sentence("该行不是 JSON", "the line is not JSON"))], context(profile))
    assert one.item["refused"] == {
        "reason": "undecodable",
        "field": "",
        "message": "the line is not JSON",
        "message_zh": "该行不是 JSON",
    }
    assert json.loads(one.item["value"]) == {"row": "3"}


def test_what_cannot_be_encoded_is_refused_without_its_values() -> None:
    found = event("penalty-2018", PENALTY)
    found["remark"] = "half a pair \ud800"
    (item,) = row_items(load_profile("penalty-2018"), Row(2, {}), Mapped((("PenaltyImposed", found),)), "a.csv:2", SCREEN)
    assert item["refused"]["reason"] == "undecodable" and item["value"] == b"{}"


@pytest.mark.parametrize(
    "column", ["备注", "违法事实", "行政处罚决定书文号", "处罚内容", "处罚机关", "行政相对人名称", "一个没有人知道的栏"]
)
@pytest.mark.parametrize(
    "number", [identity(199), "13812345678", f"{identity(199)[:6]} {identity(199)[6:14]} {identity(199)[14:]}"]
)
def test_a_number_in_any_column_does_not_leave(column: str, number: str) -> None:
    profile = load_profile("penalty-2018")
    row = Row(2, PENALTY | {column: f"{PENALTY.get(column, '')} {number}"}, sheet=number)
    items = list(items_of(f"{number}.csv", profile, [row], context(profile)))
    assert [(one.item["refused"]["reason"], one.key) for one in items] == [("personal_data", "")]
    batch = wire.encode_batch({"batch_id": "b", "source_id": "local", "items": [one.item for one in items]})
    assert number.encode() not in batch and "行政处罚决定书文号" in batch.decode(errors="replace")


def test_a_number_in_an_event_or_a_broken_value_does_not_leave() -> None:
    profile = load_profile("events")
    number = identity(199)
    for cells in (
        {"event": "PenaltyImposed", "remark": number},
        {"event": "PenaltyImposed", number: 1},
        {"event": "PenaltyImposed", "header": {"occurred_on": number}},
        {"event": number, "x": 13812345678},
    ):
        items = list(items_of("a.jsonl", profile, [Row(1, cells)], context(profile)))
        sent = wire.encode_batch({"batch_id": "b", "source_id": "local", "items": [one.item for one in items]})
        assert number.encode() not in sent and b"13812345678" not in sent


def test_two_pushes_of_a_file_with_persons_are_byte_for_byte_the_same(tmp_path: Path) -> None:
    create_key(tmp_path / "key")
    profile = load_profile("penalty-2018")
    row = Row(2, {**PENALTY, "行政相对人类别": "自然人", "行政相对人代码_1(统一社会信用代码)": "", "证件号码": identity(9)})
    values = []
    for _ in range(2):
        with Vault.open(tmp_path / "vault.db", tmp_path / "key") as vault:
            (one,) = items_of("a.csv", profile, [row], context(profile, vault=vault))
            values.append(one.item["value"])
            assert not one.refused
    assert values[0] == values[1] and NOW is not None
