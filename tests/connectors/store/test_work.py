"""What the workers remember: the same in ClickHouse and in its twin in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from schemas.instants import milliseconds
from schemas.ports import Store
from schemas.records import Generation, ReceiptRow, RejectionRow
from tests.connectors.store.events import EVERY_BYTE, START

ADMITTED = ReceiptRow("s", "batch", 0, "admitted", "e1", "acts", 3, 7, START, "aa", "", "", "", START)
REJECTED = ReceiptRow("s", "batch", 1, "rejected", "", "", None, None, None, "bb", "bad_date", "f", "no date", START, "不是日期")
REJECTION = RejectionRow(
    "batch",
    1,
    "bad_date",
    "occurred_on",
    "no date",
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
    "不是日期",
)
LATER = START + timedelta(milliseconds=1)


def test_progress_only_moves_forward(store: Store) -> None:
    assert store.progress("landed") == {}
    store.advance({("landed", 0): {0: (5, START), 1: (2, START)}, ("projected", 2): {0: (1, START)}})
    store.advance({("landed", 0): {0: (4, LATER), 1: (3, LATER)}})
    store.advance({("projected", 1): {0: (9, START)}, ("projected", 2): {}})
    assert store.progress("landed") == {0: (5, START), 1: (3, LATER)}
    assert store.progress("projected", 2) == {0: (1, START)}
    assert store.progress("projected", 3) == {}


def test_receipts_come_back_by_index_and_are_replaced(store: Store) -> None:
    store.write_receipts([REJECTED, ADMITTED])
    store.write_receipts([replace(ADMITTED, batch_id="other"), replace(ADMITTED, source_id="t", outcome="duplicate")])
    assert store.read_receipts("s", "batch") == [ADMITTED, REJECTED]
    again = replace(ADMITTED, outcome="duplicate")
    store.write_receipts([again])
    assert store.read_receipts("s", "batch") == [again, REJECTED]
    assert store.read_receipts("s", "none") == store.read_receipts("s") == []
    assert [one.batch_id for one in store.read_receipts("s", "other", "batch")] == ["batch", "batch", "other"]


def test_rejections_come_newest_first_with_their_bytes(store: Store) -> None:
    newer = replace(REJECTION, index=2, received_at=LATER, source_id="dept-2")
    store.write_rejections([REJECTION, newer])
    store.write_rejections([REJECTION])
    assert store.list_rejections() == [newer, REJECTION]
    assert store.list_rejections("dept-1") == [REJECTION]
    assert store.list_rejections(limit=1) == [newer]
    assert store.list_rejections("dept-3") == []


def test_a_generation_is_what_was_written_of_it_last(store: Store) -> None:
    one = Generation(7, "d", "c", "{}", {"lists": "文"}, "building", START, {})
    store.write_generation(one)
    closing = replace(one, state="closing", changed_at=LATER, marks={0: 5, 11: 2}, lease_until=LATER)
    store.write_generation(closing)
    assert [each for each in store.generations() if each.number == 7] == [closing]
    assert (7, "closing", milliseconds(LATER), milliseconds(LATER)) in store.generation_states()


def test_counts_for_those_who_wait(store: Store) -> None:
    assert store.count_receipts("s", []) == store.count_receipts("s", ["batch"]) == {}
    store.write_receipts([ADMITTED, REJECTED])
    store.write_receipts([ADMITTED, replace(ADMITTED, source_id="t", index=7)])
    store.write_rejections([REJECTION])
    assert store.count_receipts("s", ["batch", "other"]) == {"batch": 2}
    assert store.counts()["rejection_log"] == 1
