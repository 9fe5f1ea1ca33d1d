"""Rows to the items of a submission batch, each with its place."""

from __future__ import annotations

import json
from pathlib import Path

from connectors.files import items_of, load_profile, submissions
from connectors.files.outcome import Mapped
from connectors.files.rows import BrokenRow, Row
from connectors.files.submit_items import row_items
from connectors.vault import Vault, create_key
from schemas import registry, wire
from tests.connectors.files.builders import NOW, PENALTY, context, event, identity, write_csv


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
    (one,) = items_of("a.jsonl", profile, [BrokenRow(3, "the line is not JSON")], context(profile))
    assert one.item["refused"] == {"reason": "undecodable", "field": "", "message": "the line is not JSON"}
    assert json.loads(one.item["value"]) == {"row": "3"}


def test_what_cannot_be_encoded_is_refused_without_its_values() -> None:
    found = event("penalty-2018", PENALTY)
    found["remark"] = "half a pair \ud800"
    (item,) = row_items(Mapped((("PenaltyImposed", found),)), "a.csv:2")
    assert item["refused"]["reason"] == "undecodable" and item["value"] == b"{}"


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
