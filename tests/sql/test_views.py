"""Views against the real engine: days at their borders, what future days hide, and that look-ups use the index."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.store import Store
from projections import sql
from tests.connectors.store.events import landed

D = date.fromisoformat


def ask(engine: Client, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in engine.query(query).result_rows]


def test_blacklist_is_half_open(engine: Client, database: str) -> None:
    columns = (
        "subject_id",
        "version",
        "entries.entry_id",
        "entries.list",
        "entries.effect",
        "entries.member_id",
        "entries.role",
        "entries.listed_from",
        "entries.listed_to",
        "entries.end_reason",
    )
    one, two = D("2018-06-01"), D("2018-07-01")
    row = (
        "a",
        1,
        ["closed", "open", "empty", "watch"],
        ["x"] * 4,
        ["serious"] * 3 + ["watch"],
        ["a"] * 4,
        ["subject"] * 4,
        [one, two, one, one],
        [two, None, one, None],
        ["term", None, "removed", None],
    )
    Store(engine, database).write_rows("list_rows", columns, [row])
    for day, wanted in {
        "2018-05-31": set(),
        "2018-06-01": {"closed"},
        "2018-06-30": {"closed"},
        "2018-07-01": {"open"},
        "2299-12-31": {"open"},
    }.items():
        assert {entry for (entry,) in ask(engine, f"SELECT entry_id FROM {database}.blacklist_as_of(d = '{day}')")} == wanted
    assert ask(engine, f"SELECT subject_id, list, entry_id, listed_from, listed_to FROM {database}.blacklist") == [
        ("a", "x", "open", two, None)
    ]
    early = ask(engine, f"SELECT entry_id, listed_to FROM {database}.list_entries_as_of(d = '2018-06-01') ORDER BY entry_id")
    assert early == [("closed", two), ("empty", one), ("watch", None)]


def test_grades_that_began_by_the_day_and_the_one_that_holds(engine: Client, database: str) -> None:
    columns = (
        "subject_id",
        "version",
        "intervals.grade",
        "intervals.score",
        "intervals.valid_from",
        "intervals.valid_to",
        "intervals.policy_version",
        "intervals.reasons",
    )
    days = [D("2019-07-09"), D("2020-01-01"), D("2250-01-01")]
    row: tuple[Any, ...] = ("a", 1, ["A", "B", "C"], [90.0, 80.0, 60.5], days, [*days[1:], None], ["v"] * 3, [[], [], []])
    Store(engine, database).write_rows("grade_rows", columns, [row])
    view = f"{database}.grades_as_of(d = '2020-01-01')"
    assert ask(engine, f"SELECT grade, valid_to FROM {view} ORDER BY valid_from") == [("A", days[1]), ("B", days[2])]
    holding = {"2019-07-08": [], "2019-07-09": ["A"], "2019-12-31": ["A"], "2020-01-01": ["B"], "2250-01-01": ["C"]}
    for day, wanted in holding.items():
        assert [grade for (grade,) in ask(engine, f"SELECT grade FROM {database}.current_grades_as_of(d = '{day}')")] == wanted
    assert ask(engine, f"SELECT grade, score FROM {database}.current_grades") == [("B", 80.0)]


def test_subjects_count_what_began_by_the_day(engine: Client, database: str) -> None:
    columns = (
        "subject_id",
        "version",
        "name",
        "kind",
        "names.since",
        "names.name",
        "events.occurred_on",
        "events.event",
        "events.makes_act",
    )
    days = [D("2018-01-01"), D("2018-02-01"), D("2018-02-01"), D("2018-03-01")]
    events = ["LicenceGranted", "PenaltyImposed", "PenaltyImposed", "ActDisclosed"]
    row = ("a", 1, "新名", "enterprise", [days[1], days[3]], ["旧名", "新名"], days, events, [True, True, False, False])
    Store(engine, database).write_rows("subject_rows", columns, [row])
    query = "SELECT name, first_event, last_event, events, acts, licences, penalties, listings FROM {}"
    twin = query.format(f"{database}.subjects_as_of(d = '{{}}')")
    assert ask(engine, twin.format("2017-12-31")) == []
    assert ask(engine, twin.format("2018-01-31")) == [("新名", days[0], days[0], 1, 1, 1, 0, 0)]
    assert ask(engine, twin.format("2018-02-28")) == [("旧名", days[0], days[1], 3, 2, 1, 1, 0)]
    assert ask(engine, query.format(f"{database}.subjects")) == [("新名", days[0], days[3], 4, 2, 1, 1, 0)]


def test_act_states_hide_what_lies_after_the_day(engine: Client, database: str) -> None:
    columns = (
        "subject_id",
        "version",
        "acts.act_id",
        "acts.occurred_on",
        "acts.revoked_on",
        "acts.disclosed_on",
        "acts.void",
        "acts.irregularities",
        "acts.evidence",
    )
    made, disclosed, revoked = D("2018-01-01"), D("2018-01-05"), D("2018-02-01")
    row = ("a", 1, ["x"], [made], [revoked], [disclosed], [False], [["conflicting_sources"]], [["e1", "e2"]])
    Store(engine, database).write_rows("act_rows", columns, [row])
    query = f"SELECT disclosed_on, revoked_on, irregularities FROM {database}.act_states_as_of(d = '{{}}')"
    assert ask(engine, query.format("2017-12-31")) == []
    assert ask(engine, query.format("2018-01-04")) == [(None, None, ["conflicting_sources"])]
    assert ask(engine, query.format("2018-01-05")) == [(disclosed, None, ["conflicting_sources"])]
    assert ask(engine, query.format("2018-02-01")) == [(disclosed, revoked, ["conflicting_sources"])]


def test_acts_show_an_event_once_at_its_lowest_offset(engine: Client, database: str) -> None:
    store = Store(engine, database)
    store.land([landed(0, 5, "a", "e1"), landed(0, 6, "b", "e2")])
    store.land([landed(0, 3, "a", "e1"), landed(0, 5, "a", "e1")])
    assert ask(engine, f"SELECT event_id, topic_offset, content FROM {database}.acts ORDER BY event_id") == [
        ("e1", 3, '{"甲": "乙"}'),
        ("e2", 6, '{"甲": "乙"}'),
    ]
    assert ask(engine, f"SELECT count() FROM {database}.acts WHERE event_id = 'e1'") == [(1,)]
    assert ask(engine, f"SELECT count() FROM {database}.acts_as_of(d = '2024-02-28')") == [(0,)]
    assert ask(engine, f"SELECT count() FROM {database}.acts_as_of(d = '2024-02-29')") == [(2,)]


@pytest.fixture
def filled(engine: Client, database: str) -> str:
    """A row in every table, so that plans show the index."""
    store = Store(engine, database)
    store.land([landed(0, 1, "a", "e1")])
    for table in sql.PROJECTION_TABLES:
        columns, values = ("subject_id", "version"), ("a", 1)
        if table == "list_rows":
            columns, values = (*columns, "responsible_ever"), (*values, ["person:1"])  # type: ignore[assignment]
        store.write_rows(table, columns, [values])
    return database


BY_SUBJECT = tuple(view for view in sql.catalogue_of_views() if view.twin is not None)


@pytest.mark.parametrize("view", BY_SUBJECT, ids=[view.name for view in BY_SUBJECT])
def test_a_subject_is_looked_up_by_primary_key(engine: Client, filled: str, view: sql.View) -> None:
    for name in (view.name, f"{view.twin}(d = '2020-01-01')"):
        plan = ask(engine, f"EXPLAIN indexes = 1 SELECT * FROM {filled}.{name} WHERE subject_id = 'a'")
        lines = [line.strip(" │├└─") for (line,) in plan]
        reads = [line for line in lines if line.startswith("ReadFromMergeTree")]
        keys = [line for line in lines if line.startswith("Condition: (") and "_id in ['a', 'a']" in line]
        assert reads and len(keys) == len(reads), "\n".join(lines)


def test_acts_of_a_subject_are_read_in_the_tables_order(engine: Client, filled: str) -> None:
    plan = ask(engine, f"EXPLAIN indexes = 1 SELECT * FROM {filled}.acts WHERE subject_id = 'a'")
    assert any("Read type: InOrder" in line for (line,) in plan)
