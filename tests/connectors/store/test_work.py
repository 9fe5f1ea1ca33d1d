"""What the workers remember: the same in ClickHouse and in its twin in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from schemas.ports import Store
from schemas.records import ReceiptRow, RejectionRow
from tests.connectors.store.events import EVERY_BYTE, START

ADMITTED = ReceiptRow("batch", 0, "admitted", "e1", "acts", 3, 7, START, "aa", "", "", "", START)
REJECTED = ReceiptRow("batch", 1, "rejected", "", "", None, None, None, "bb", "bad_date", "occurred_on", "改正日期", START)
REJECTION = RejectionRow(
    "batch",
    1,
    "bad_date",
    "occurred_on",
    "改正日期",
    "dept-1",
    "PenaltyImposed",
    "act",
    "a",
    "甲.xlsx:3",
    START,
    "submissions.dept-1",
    0,
    5,
    EVERY_BYTE,
)
LATER = START + timedelta(milliseconds=1)


def test_progress_only_moves_forward(store: Store) -> None:
    assert store.progress("landed") == {}
    store.advance("landed", {0: (5, START), 1: (2, START)})
    store.advance("landed", {0: (4, LATER), 1: (3, LATER)})
    store.advance("projected", {0: (1, START)})
    store.advance("projected", {})
    assert store.progress("landed") == {0: (5, START), 1: (3, LATER)}
    assert store.progress("projected") == {0: (1, START)}


def test_receipts_come_back_by_index_and_are_replaced(store: Store) -> None:
    store.write_receipts([REJECTED, ADMITTED])
    store.write_receipts([replace(ADMITTED, batch_id="other")])
    assert store.read_receipts("batch") == [ADMITTED, REJECTED]
    again = replace(ADMITTED, outcome="duplicate")
    store.write_receipts([again])
    assert store.read_receipts("batch") == [again, REJECTED]
    assert store.read_receipts("none") == []


def test_rejections_come_newest_first_with_their_bytes(store: Store) -> None:
    newer = replace(REJECTION, index=2, received_at=LATER, source_id="dept-2")
    store.write_rejections([REJECTION, newer])
    store.write_rejections([REJECTION])
    assert store.list_rejections() == [newer, REJECTION]
    assert store.list_rejections("dept-1") == [REJECTION]
    assert store.list_rejections(limit=1) == [newer]
    assert store.list_rejections("dept-3") == []


def test_a_generation_begins_when_policy_or_calendar_change(store: Store) -> None:
    asked = [("p", "c"), ("p", "c"), ("p", "d"), ("q", "d"), ("p", "c")]
    assert [store.current_generation(*digests, START) for digests in asked] == [1, 1, 2, 3, 4]
    assert [one.generation for one in store.generations()] == [1, 2, 3, 4]
    assert store.generations()[0].since == START


def test_counts_for_those_who_wait(store: Store) -> None:
    assert store.count_receipts([]) == store.count_receipts(["batch"]) == {}
    store.write_receipts([ADMITTED, REJECTED])
    store.write_receipts([ADMITTED])
    store.write_rejections([REJECTION])
    store.write_rows("subject_rows", ("subject_id", "version", "policy_digest"), [("a", 1, "p"), ("b", 1, "q"), ("c", 1, "q")])
    assert store.count_receipts(["batch", "other"]) == {"batch": 2}
    assert store.policy_digests() == {"p": 1, "q": 2}
    assert store.counts()["subject_rows"] == 3
    assert store.counts()["rejection_log"] == 1
