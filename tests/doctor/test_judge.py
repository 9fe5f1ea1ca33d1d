"""What the doctor makes of what was read: plain data in, findings out."""

from __future__ import annotations

import json

from connectors.clickhouse.declared import ColumnDifference
from console.output import as_json
from schemas.records import Astray, Hole, Unexplained
from streams.doctor.findings import (
    BusShorter,
    ColumnsDiffer,
    Finding,
    HoleInLog,
    ReceiptAstray,
    RowsUnexplained,
    TableMissing,
    TailLost,
    TooOpen,
    receipts_without_event,
)
from streams.doctor.judge import Database, Evidence, FileMode, LogState, findings
from streams.doctor.mending import Places, places_of


def receipt(partition: int, offset: int, stands: str = "") -> Astray:
    return Astray("s", "b", offset, "admitted", f"e{offset}", "aa", partition, offset, stands)


def of_log(**state: object) -> list[Finding]:
    return findings(Evidence(log=LogState(**{"ends": {}, "holes": (), "astray": (), **state})))  # type: ignore[arg-type]


def test_nothing_is_wrong_with_a_whole_log() -> None:
    assert of_log(ends={0: 9}, bus={0: 9}, backup={0: 7}) == []
    assert of_log(ends={0: 9}, bus={0: 12}) == []  # what is on the bus and not landed yet is on its way


def test_holes_and_tails_name_the_receipts_that_lost_their_event() -> None:
    state = {"ends": {0: 9, 1: 4}, "holes": [Hole(0, 3, 4, 1), Hole(1, 4, 5, 1)], "astray": [receipt(0, 3), receipt(1, 5)]}
    assert of_log(**state) == [
        HoleInLog(0, 3, 4, (receipt(0, 3),)),
        TailLost(1, 4, 5, "progress", (receipt(1, 5),)),
    ]
    assert receipts_without_event(of_log(**state)) == [receipt(0, 3), receipt(1, 5)]


def test_a_tail_may_be_known_by_receipts_or_a_backup_alone() -> None:
    assert of_log(ends={0: 2}, astray=[receipt(0, 2), receipt(0, 4)]) == [
        TailLost(0, 2, 4, "receipts", (receipt(0, 2), receipt(0, 4)))
    ]
    assert of_log(ends={0: 2}, backup={0: 5, 3: 1}) == [TailLost(0, 2, 4, "backup", ()), TailLost(3, 0, 0, "backup", ())]
    assert of_log(ends={0: 2}, backup={0: 5}, bus={0: 5, 3: 0}) == []


def test_receipts_of_what_is_on_its_way_are_none() -> None:
    assert of_log(ends={0: 2}, astray=[receipt(0, 2), receipt(0, 4)], bus={0: 4}) == [
        TailLost(0, 2, 4, "receipts", (receipt(0, 4),))
    ]


def test_a_place_that_another_event_has_is_named() -> None:
    other = receipt(0, 1, stands="e77")
    assert of_log(ends={0: 9}, astray=[other]) == [ReceiptAstray(other)]
    assert "e77" in ReceiptAstray(other).what.zh


def test_a_bus_that_ends_early_is_named() -> None:
    assert of_log(ends={0: 9, 1: 2}, bus={0: 7, 1: 2}) == [BusShorter(0, 7, 9)]


def test_tables_rows_and_modes() -> None:
    seen = Evidence(
        [
            Database("x", "log", {"a": {"n": "String"}, "b": {}}, {"a": {"n": "Int64"}}, frozenset({"v"}), frozenset()),
            Database("x_g1", "projection", {"r": {}}, {}),
        ],
        rows="x_g1",
        unexplained=[Unexplained("r", 3, (("k", "1"),))],
        files=[FileMode("/d", 0o755, True), FileMode("/d/key", 0o640, False), FileMode("/d/other", 0o600, False)],
    )
    assert findings(seen) == [
        TableMissing("x", "b", "log"),
        TableMissing("x", "v", "view"),
        ColumnsDiffer("x", "a", "log", (ColumnDifference("a", "n", "String", "Int64"),)),
        TableMissing("x_g1", "r", "projection"),
        RowsUnexplained("x_g1", "r", 3, (("k", "1"),)),
        TooOpen("/d", "0755", "0700"),
        TooOpen("/d/key", "0640", "0600"),
    ]


def test_every_finding_says_what_to_do_in_both_languages_and_has_a_form_for_programs() -> None:
    every: list[Finding] = [
        HoleInLog(0, 3, 4, (receipt(0, 3),)),
        TailLost(0, 3, 4, "receipts", ()),
        BusShorter(0, 1, 2),
        ReceiptAstray(receipt(0, 1)),
        TableMissing("x", "a", "log"),
        ColumnsDiffer("x", "a", "projection", (ColumnDifference("a", "n", "String", None),)),
        RowsUnexplained("x_g1", "r", 3, (("k", "1"),)),
        TooOpen("/d", "0755", "0700"),
    ]
    assert {type(one).__name__ for one in every} == {one.__name__ for one in Finding.__subclasses__()}
    for one in every:
        told = json.loads(as_json(one.plain()))
        assert told["finding"] == one.code != ""
        assert all(told[name] for name in ("message", "message_zh", "advice", "advice_zh"))


def test_what_can_be_filled() -> None:
    wrong: list[Finding] = [TailLost(1, 4, 5, "receipts", ()), HoleInLog(0, 3, 4, ()), TooOpen("/d", "0755", "0700")]
    assert places_of(wrong) == [Places(0, 3, 4, True), Places(1, 4, 5, False)]
    assert places_of([TailLost(1, 4, 5, "progress", ())]) == [Places(1, 4, 5, True)]
