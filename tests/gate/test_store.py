"""What only the gate asks of the store, of the real engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.clickhouse.client import connect
from connectors.clickhouse.gate_store import GateStore
from connectors.clickhouse.migrating import migrate
from connectors.clickhouse.migrations import migrations
from schemas.records import ReceiptRow, Statement
from tests.connectors.store.events import START, landed
from tests.embedded.conftest import start_front

pytestmark = pytest.mark.stack
LATER = START + timedelta(hours=2)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateStore]:
    front = start_front(tmp_path_factory.mktemp("engine"))
    try:
        client = connect(front.url, "xinji")
        migrate(client, "xinji", migrations("xinji"))
        yield GateStore(client, "xinji")
        client.close()
    finally:
        front.stop()


def answer(batch_id: str, index: int, **changes: object) -> ReceiptRow:
    row = ReceiptRow("dept-1", batch_id, index, "admitted", "e1", "acts", 0, 0, START, "bb", "", "", "", START)
    return replace(row, **changes)  # type: ignore[arg-type]


def test_one_look_up_finds_everything(store: GateStore) -> None:
    act = "penalty/name:某局/〔2024〕1号"
    store.land([landed(0, 0, "s1", "e1"), landed(0, 1, "s1", "e2", act_id="other"), landed(3, 0, "s2", "e3", source_event_id="x1")])
    store.advance({("landed", 0): {0: (1, START), 3: (1, START)}})
    store.advance({("landed", 0): {0: (2, LATER)}})
    store.write_receipts([answer("b", 0), answer("b", 1, outcome="rejected"), answer("b", 2, source_id="dept-2")])
    store.write_receipts([answer("b", 0, event_id="e9", received_at=LATER)])
    found = store.look_up({("s1", act)}, {("dept-1", "x1"), ("dept-2", "x1")}, {("dept-1", "b"), ("dept-1", "c")}, progress=True)
    assert sorted(one.event_id for one in found.statements) == ["e1", "e3"]
    assert [(one.index, one.event_id, one.received_at) for one in found.receipts] == [(0, "e9", LATER)]
    assert found.receipts[0] == answer("b", 0, event_id="e9", received_at=LATER)
    assert found.landed == {0: (2, LATER), 3: (1, START)}
    assert store.look_up([], [], [], progress=False) == ([], [], {})


def test_many_keys_at_once(store: GateStore) -> None:
    keys = {("s1", f"penalty/名\\'{number}") for number in range(3000)} | {("s1", "other")}
    ids = {("dept-1", f"id {number}") for number in range(2500)} | {("dept-1", "x1")}
    found = store.look_up(keys, ids, {("dept-1", f"batch-{number}") for number in range(800)}, progress=True)
    assert sorted(one.event_id for one in found.statements) == ["e2", "e3"]
    assert len(found.landed) == 2


def test_ids_of_duplicates_are_remembered(store: GateStore) -> None:
    (first,) = store.look_up({("s1", "other")}, [], [], progress=False).statements
    store.remember_ids([first._replace(source_event_id=own) for own in ("y1", "y2")])
    store.remember_ids([])
    for own in ("y1", "y2"):
        assert store.look_up([], {("dept-1", own)}, [], progress=False).statements == [first._replace(source_event_id=own)]
    assert store.look_up({("s1", "other")}, [], [], progress=False).statements == [first]


def test_what_nobody_answered_is_looked_for_by_partition(store: GateStore) -> None:
    assert [one.event_id for one in store.unanswered({0: START, 3: START})] == ["e2", "e3"]
    assert [one.event_id for one in store.unanswered({3: START})] == ["e3"]
    assert store.unanswered({3: LATER}) == store.unanswered({}) == []
    store.write_receipts([answer("late", 0, event_id="e3", topic_partition=3)])
    assert isinstance(store.unanswered({0: START})[0], Statement)
    assert store.unanswered({3: START}) == []
