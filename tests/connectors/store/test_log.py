"""What the landed log answers: the same from ClickHouse and from its twin in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from connectors.clickhouse.engine import chunks
from schemas.instants import NaiveTime, milliseconds, moment
from schemas.log_record import LogRecord
from schemas.ports import Store
from schemas.records import Hole, ReceiptRow, StoredEvent, StrayRecord
from tests.connectors.store.events import EVERY_BYTE, START, landed
from tests.memory_store import MemoryStore


def ids(events: Iterable[StoredEvent]) -> list[tuple[str, int, int]]:
    return [(one.event_id, one.partition, one.offset) for one in events]


@pytest.fixture
def filled(store: Store) -> Store:
    store.land([landed(0, 0, "a", "e1"), landed(0, 1, "a", "e2", ("person:1",)), landed(1, 0, "b", "e3", ("a",))])
    store.land([landed(0, 2, "a", "e1"), landed(1, 1, "b", "e4")])
    store.land([landed(1, 1, "b", "e4")])
    return store


def test_events_mentioning_gives_each_once_at_its_lowest_offset(filled: Store) -> None:
    everything = [("e1", 0, 0), ("e2", 0, 1), ("e3", 1, 0), ("e4", 1, 1)]
    assert sorted(ids(filled.events_mentioning(["a"]))) == everything  # e3 names it, and e4 is about the same act
    assert sorted(ids(filled.events_mentioning(["person:1"]))) == everything[:2]
    assert sorted(ids(filled.events_mentioning(["a", "b", "person:1"]))) == [
        ("e1", 0, 0),
        ("e2", 0, 1),
        ("e3", 1, 0),
        ("e4", 1, 1),
    ]
    assert ids(filled.events_mentioning([])) == ids(filled.events_mentioning(["none"])) == []


def test_a_stored_event_carries_what_a_fold_needs(filled: Store) -> None:
    one = max(filled.events_mentioning(["person:1"]), key=lambda event: event.offset)
    assert one == StoredEvent("e2", "a", 0, 1, START + timedelta(milliseconds=1), "cc", ("a", "person:1"), EVERY_BYTE)


def test_events_of_asks_for_the_events_own_subject(filled: Store) -> None:
    assert ids(filled.events_of(["a", "person:1"])) == [("e1", 0, 0), ("e2", 0, 1)]


def test_all_events_go_by_subject_and_respect_positions(filled: Store) -> None:
    everything = [("e1", 0, 0), ("e2", 0, 1), ("e3", 1, 0), ("e4", 1, 1)]
    assert ids(filled.all_events()) == everything
    assert ids(filled.all_events(before={0: 1, 1: 1})) == [("e1", 0, 0), ("e3", 1, 0)]
    assert ids(filled.all_events(before={1: 2})) == everything[2:]
    assert ids(filled.all_events(before={})) == []
    assert ids(filled.all_events(after={0: 1}, before={0: 2})) == [("e2", 0, 1)]


def test_log_records_hold_every_offset_with_exact_bytes(filled: Store) -> None:
    records = list(filled.log_records())
    assert [(one.partition, one.offset) for one in records] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]
    headers = (("ce_id", b"1"), ("ce_source", "一局".encode()))
    start = 1_709_280_000_001
    assert records[2] == LogRecord(0, 2, b"a", EVERY_BYTE, headers, moment(start + 2))


def test_log_rows_go_on_from_positions(filled: Store) -> None:
    assert [one.record for one in filled.log_rows()] == list(filled.log_records())
    some = [(one.record.partition, one.record.offset, one.event_id, one.value_sha256) for one in filled.log_rows({0: 1, 1: 2})]
    assert some == [(0, 1, "e2", "bb"), (0, 2, "e1", "bb")]


def test_a_whole_log_has_no_holes(filled: Store) -> None:
    assert filled.holes() == []
    filled.advance({("landed", 0): {0: (3, START), 1: (2, START)}})
    assert filled.holes() == []


def test_holes_are_gaps_and_a_tail_that_had_landed(store: Store) -> None:
    store.land([landed(2, number, "a", f"e{number}") for number in (1, 2, 2, 5, 6)])
    store.land([landed(7, 0, "a", "e70")])
    store.advance({("landed", 0): {2: (9, START), 7: (1, START)}, ("projected", 3): {2: (7, START), 9: (2, START)}})
    lost = [
        ("s", "b", number, "admitted", f"e{number}", "acts", 2, number, START, "", "", "", "", START) for number in (0, 3, 4, 7, 5)
    ]
    store.write_receipts([ReceiptRow(*one) for one in lost])
    assert store.holes() == [Hole(2, 0, 0, 1), Hole(2, 3, 4, 2), Hole(2, 7, 8, 1), Hole(9, 0, 1, 0)]


def test_strays_keep_their_offsets_until_a_receipt_says_that_an_event_stood_there(store: Store) -> None:
    store.land([landed(2, number, "a", f"e{number}") for number in (0, 2, 5)])
    strays = [StrayRecord(2, number, START, "garbage", f"{number:064}", number, bytes([255, number])) for number in (1, 3, 4)]
    store.write_strays(strays)
    store.write_strays(strays[:1])
    assert store.strays() == [one._replace(bytes=b"") for one in strays]
    assert store.holes() == []
    assert [(one.offset, one.value, dict(one.headers).get("xinji_stray")) for one in store.log_records()] == [
        (0, EVERY_BYTE, None), (1, b"", b"%064d" % 1), (2, EVERY_BYTE, None), (3, b"", b"%064d" % 3), (4, b"", b"%064d" % 4),
        (5, EVERY_BYTE, None),
    ]  # fmt: skip
    assert (store.acknowledge_strays(), store.acknowledge_strays()) == (3, 0)
    store.write_strays(strays[1:])  # found again, after a crash
    assert all(one.acknowledged for one in store.strays())
    store.write_receipts([ReceiptRow("s", "b", 0, "admitted", "e4", "acts", 2, 4, START, "", "", "", "", START)])
    assert store.holes() == [Hole(2, 4, 4, 1)]


def test_bytes_of_every_kind_come_back_as_they_were(store: Store) -> None:
    values = [b"", b"\x00", b"'\\\n\t", "中".encode(), b"\xff\xfe", EVERY_BYTE * 300]
    store.land([landed(0, number, "a", f"e{number}", value=value) for number, value in enumerate(values)])
    assert [one.value for one in store.log_records()] == values
    assert [one.value for one in store.events_mentioning(["a"])] == values


def test_every_statement_about_an_act_mentions_whom_any_of_them_names(store: Store) -> None:
    store.land([landed(0, 0, "a", "e1", ("person:1",), act_id="x"), landed(0, 1, "a", "e2", act_id="x")])
    store.land([landed(0, 2, "a", "e3", act_id="y")])
    assert ids(store.events_mentioning(["person:1"])) == [("e1", 0, 0), ("e2", 0, 1)]


def test_events_of_acts_are_those_about_them(filled: Store) -> None:
    act = "penalty/name:某局/〔2024〕1号"
    assert sorted(ids(filled.events_of_acts([("b", act), ("a", "another")]))) == [("e3", 1, 0), ("e4", 1, 1)]
    assert ids(filled.events_of_acts([])) == []


def test_ranges_of_subjects_are_whole_and_apart(store: Store) -> None:
    store.land([landed(0, number, f"s{number:03}", f"e{number}") for number in range(200)])
    ranges = store.subject_ranges(4)
    assert len(ranges) == 4
    found = [one.event_id for part in ranges for one in store.all_events(subjects=part)]
    assert sorted(found) == sorted(f"e{number}" for number in range(200))
    assert MemoryStore().subject_ranges(3) == [("", None)]


def test_landing_nothing_is_nothing(store: Store) -> None:
    store.land([])
    assert list(store.log_records()) == []


def test_many_ids_are_asked_in_chunks(store: Store) -> None:
    count = 4_500
    store.land([landed(0, number, f"s{number}", f"e{number}", act_id=f"行为/{number}") for number in range(count)])
    subjects = [f"s{number}" for number in range(count)]
    assert len({one.event_id for one in store.events_mentioning(subjects)}) == count
    acts = [(f"s{number}", f"行为/{number}") for number in range(count)]
    assert len({one.event_id for one in store.events_of_acts(acts)}) == count


def test_chunks_respect_number_and_bytes() -> None:
    assert list(chunks([])) == []
    assert list(chunks(["b", "a", "b"])) == [["a", "b"]]
    assert [len(one) for one in chunks(f"{number:05}" for number in range(4_001))] == [2_000, 2_000, 1]
    long = [f"{number}" + "长" * 10_000 for number in range(7)]
    assert all(sum(len(one.encode()) for one in chunk) < 100_000 for chunk in chunks(long))


def test_times_keep_their_millisecond() -> None:
    for number in range(1_700_000_000_000, 1_700_000_002_000):
        assert milliseconds(moment(number)) == number
    with pytest.raises(NaiveTime, match="no time zone"):
        milliseconds(datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None))
