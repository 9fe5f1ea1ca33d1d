"""When a rejection is closed, and by which event, of the real engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.refusals import Wanted
from connectors.clickhouse.store import Store
from schemas.about import Place
from schemas.records import ClosingRow, LandedEvent, ReceiptRow, RejectionRow
from tests.connectors.store.events import START, landed

ACT = "penalty/name:某局/〔2024〕1号"


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


REJECTION = RejectionRow(
    "b", 0, "bad_date", "occurred_on", "改正日期", "dept-1", "PenaltyImposed", ACT, "s1", "甲.xlsx:3", at(1),
    "submissions.dept-1", 0, 5, b"sealed", value_sha256="aa",
)  # fmt: skip


@pytest.fixture
def store(engine: Client, database: str) -> Store:
    return Store(engine, database)


def later(offset: int = 0, **changes: Any) -> LandedEvent:
    return landed(0, offset, "s1", f"e{offset}")._replace(**{"recorded_at": at(9)} | changes)


def closed(store: Store) -> dict[str, str]:
    return {str(Place(one.batch_id, one.index)): one.closed_by for one in store.refusals(Wanted(state="closed"), 100)}


def test_an_answer_closes_its_rejection_and_earlier_ones_of_the_same_row(store: Store) -> None:
    other = {"act_id": "", "subject_id": ""}
    store.write_rejections(
        [
            replace(REJECTION, **other),
            replace(REJECTION, batch_id="again", received_at=at(2), **other),
            replace(REJECTION, batch_id="after", received_at=at(30), **other),
            replace(REJECTION, batch_id="other row", origin="甲.xlsx:4", **other),
            replace(REJECTION, batch_id="other text", value_sha256="bb", **other),
            replace(REJECTION, batch_id="other source", source_id="dept-2", **other),
            replace(REJECTION, batch_id="old", value_sha256="", **other),
            replace(REJECTION, batch_id="old too", value_sha256="", **other),
        ]
    )
    assert closed(store) == {}
    store.write_closings([ClosingRow("dept-1", "again", 0, "e1", at(20)), ClosingRow("dept-1", "again", 0, "e2", at(25))])
    store.write_closings([ClosingRow("dept-1", "old", 0, "e3", at(20)), ClosingRow("dept-2", "b", 0, "e4", at(20))])
    assert closed(store) == {"b/0": "e1", "again/0": "e1", "old/0": "e3"}
    first = next(one for one in store.refusals(Wanted(), 100) if one.batch_id == "b")
    assert (first.state, first.closed_at) == ("closed", at(20))


@pytest.mark.parametrize(
    ("changes", "closes"),
    [
        ({}, True),
        ({"recorded_at": at(0)}, False),
        ({"recorded_at": at(1)}, False),
        ({"source_id": "dept-2"}, False),
        ({"subject_id": "s2"}, False),
        ({"act_id": "other"}, False),
        ({"event": "ActDisclosed", "kind": ""}, False),
    ],
)
def test_a_later_statement_about_the_same_act_closes_it(store: Store, changes: dict[str, Any], closes: bool) -> None:
    store.write_rejections([REJECTION])
    store.land([later(**changes)])
    assert closed(store) == ({"b/0": "e0"} if closes else {})


def test_a_row_that_made_no_event_is_answered_by_the_act(store: Store) -> None:
    store.write_rejections([replace(REJECTION, event="")])
    store.land([later(0, event="ActDisclosed", kind="")])
    assert closed(store) == {}
    store.land([later(1)])
    assert closed(store) == {"b/0": "e1"}


def test_without_a_subject_the_act_alone_says_nothing(store: Store) -> None:
    """One document may have gone to several firms: by its number alone the other firm's act would close the wrong one's."""
    store.write_rejections([replace(REJECTION, subject_id=""), replace(REJECTION, batch_id="c", act_id="")])
    store.land([later()])
    assert closed(store) == {}
    assert store.unsettled("dept-1", ["甲.xlsx"]) == {("甲.xlsx:3", ACT): (Place("b", 0),)}
    assert store.unsettled("dept-2", ["甲.xlsx"]) == store.unsettled("dept-1", ["甲"]) == {}


def test_the_same_source_event_id_closes_it(store: Store) -> None:
    store.write_rejections(
        [replace(REJECTION, subject_id="", source_event_id="x"), replace(REJECTION, batch_id="c", subject_id="")]
    )
    store.land([later(source_event_id="x", act_id="other", subject_id="s2")])
    assert closed(store) == {"b/0": "e0"}


def test_rejections_by_what_they_were(store: Store) -> None:
    rows = [
        REJECTION,
        replace(REJECTION, index=1, reason="bad_amount", received_at=at(2), origin="乙.csv:9"),
        replace(REJECTION, batch_id="c", source_id="dept-2", received_at=at(3), origin="甲.xlsx:季:4"),
    ]
    store.write_rejections(rows)
    store.write_closings([ClosingRow("dept-1", "b", 1, "e", at(4))])

    def found(**wanted: Any) -> list[str]:
        return [f"{one.batch_id}/{one.index}" for one in store.refusals(Wanted(**wanted), 10)]

    assert found() == ["c/0", "b/1", "b/0"]
    assert found(source="dept-1") == ["b/1", "b/0"]
    assert found(batch="c") == ["c/0"]
    assert found(file="甲.xlsx") == ["c/0", "b/0"]
    assert found(file="甲") == []
    assert found(since=at(2), before=at(3)) == ["b/1"]
    assert found(reasons=("bad_amount", "bad_date")) == found()
    assert found(reasons=("bad_amount",)) == found(state="closed") == ["b/1"]
    assert found(state="open", source="dept-1", file="甲.xlsx", since=at(0)) == ["b/0"]
    assert [one.index for one in store.refusals(Wanted(source="dept-1"), 1)] == [1]


def test_answers_of_a_batch_and_of_a_file(store: Store) -> None:
    receipt = ReceiptRow("dept-1", "b", 0, "admitted", "e0", "acts", 0, 0, at(1), "aa", "", "", "", at(1), origin="甲.xlsx:2")
    refused = ReceiptRow(
        "dept-1", "b", 1, "rejected", "", "", None, None, None, "bb", "bad_date", "f", "m", at(1), origin="甲.xlsx:3"
    )
    store.land([later()])
    store.write_receipts([receipt, refused, replace(receipt, batch_id="c", origin="甲.xlsx2:2", source_id="dept-2")])
    store.write_rejections([replace(REJECTION, index=1, act_id="")])
    store.write_closings([ClosingRow("dept-1", "b", 1, "e0", at(4))])
    first, second = store.answers(batch="b")
    assert store.answers(file="甲.xlsx") == store.answers(file="甲.xlsx", source="dept-1") == [first, second]
    assert store.answers(file="甲.xlsx", source="dept-2") == store.answers(batch="none") == []
    assert (first.act_id, first.topic_offset, first.recorded_at, first.closed_by) == (ACT, 0, at(1), "")
    assert (second.act_id, second.topic_offset, second.recorded_at) == ("", None, None)
    assert (second.reason, second.closed_by, second.closed_at) == ("bad_date", "e0", at(4))


def test_what_is_missing_between_answers(store: Store) -> None:
    receipt = ReceiptRow("dept-1", "b", 0, "admitted", "e0", "acts", 0, 0, at(1), "aa", "", "", "", at(1), origin="甲.xlsx:2")
    huge = replace(receipt, batch_id="huge", index=2**32 - 1, origin="乙.csv:1")
    store.write_receipts([receipt, replace(receipt, index=3), replace(receipt, index=3), replace(receipt, batch_id="whole"), huge])
    assert store.missing(batch="b") == store.missing(file="甲.xlsx") == [("dept-1", "b", 1), ("dept-1", "b", 2)]
    assert store.missing(batch="whole") == store.missing(batch="huge") == store.missing(file="甲.xlsx", source="other") == []


def test_how_many_there_are(store: Store) -> None:
    assert store.count_refusals() == (0, 0)
    store.write_rejections([REJECTION, replace(REJECTION, index=1, value_sha256="bb")])
    store.write_closings([ClosingRow("dept-1", "b", 1, "e", at(4))])
    assert store.count_refusals() == (2, 1)
