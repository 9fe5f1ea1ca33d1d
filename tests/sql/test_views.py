"""Views against the real engine: days at their borders, what future days hide, and that look-ups use the index."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.store import Store
from projections.tables import registered
from projections.views import View, catalogue_of_views
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
        [one, two, one, one],
        [two, None, one, None],
        ["term", None, "removed", None],
    )
    Store(engine, database).projections(1).write_rows("list_rows", columns, [row])
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
        "intervals.grade_name",
        "intervals.ceiling",
    )
    days = [D("2019-07-09"), D("2020-01-01"), D("2250-01-01")]
    row: tuple[Any, ...] = (
        "a",
        1,
        ["A", "B", "C"],
        [90.0, 80.0, 60.5],
        days,
        [*days[1:], None],
        ["v"] * 3,
        ["优", "良", "中"],
        [None, "watch", None],
    )
    Store(engine, database).projections(1).write_rows("grade_rows", columns, [row])
    view = f"{database}.grades_as_of(d = '2020-01-01')"
    assert ask(engine, f"SELECT grade, valid_to FROM {view} ORDER BY valid_from") == [("A", days[1]), ("B", days[2])]
    holding = {"2019-07-08": [], "2019-07-09": ["A"], "2019-12-31": ["A"], "2020-01-01": ["B"], "2250-01-01": ["C"]}
    for day, wanted in holding.items():
        assert [grade for (grade,) in ask(engine, f"SELECT grade FROM {database}.current_grades_as_of(d = '{day}')")] == wanted
    assert ask(engine, f"SELECT grade, grade_name, score, ceiling FROM {database}.current_grades") == [("B", "良", 80.0, "watch")]


def test_reasons_of_a_grade_are_looked_up_in_the_acts_rows(engine: Client, database: str) -> None:
    rows = Store(engine, database).projections(1)
    days = [D("2019-07-09"), D("2020-01-01"), D("2021-01-01")]
    prefix = ("grade", "score", "valid_from", "valid_to", "policy_version")
    grades = ("subject_id", "version", *(f"intervals.{one}" for one in prefix))
    rows.write_rows("grade_rows", grades, [("a", 1, ["B"] * 3, [80.0, 70.0, 80.0], days, [*days[1:], None], ["v", "v", "w"])])
    counted = ("policy_version", "reason_event_id", "rule_id", "points", "counts_from", "counts_to")
    acts = ("subject_id", "act_id", "version", "made", "occurred_on", *(f"points.{one}" for one in counted))
    far = D("2023-01-01")
    rows.write_rows(
        "act_rows",
        acts,
        [
            ("a", "1", 1, True, days[1], ["v", "w"], ["e1"] * 2, ["r1"] * 2, [-10.0, -3.0], [days[1], days[1]], [far, far]),
            ("a", "2", 1, True, days[1], ["v"], ["e2"], ["r2"], [2.0], [days[0]], [far]),  # counts from before its act
            ("a", "3", 1, True, days[0], ["v"], ["e3"], ["r3"], [-5.0], [days[0]], [days[1]]),
            ("b", "1", 1, True, days[0], ["v"], ["e4"], ["r4"], [-5.0], [days[0]], [far]),
        ],
    )
    found = ask(engine, f"SELECT valid_from, reasons FROM {database}.grades WHERE subject_id = 'a' ORDER BY valid_from")
    assert [tuple(tuple(one.values()) for one in reasons) for _, reasons in found] == [
        (("e3", "r3", -5.0, days[0], days[1]),),
        (("e2", "r2", 2.0, days[0], far), ("e1", "r1", -10.0, days[1], far)),
        (("e1", "r1", -3.0, days[1], far),),
    ]


def test_subjects_count_what_began_by_the_day(engine: Client, database: str) -> None:
    rows = Store(engine, database).projections(1)
    days = [D("2018-01-01"), D("2018-02-01"), D("2018-03-01")]
    names = ("subject_id", "version", "name", "kind", "names.since", "names.called")
    rows.write_rows("subject_rows", names, [("a", 1, "新名", "enterprise", days[1:], ["旧名", "新名"])])
    acts = ("subject_id", "act_id", "version", "made", "occurred_on", "statements.said_on", "statements.said", "statements.makes")
    penalties, twice = [days[1], days[1], days[2]], ["PenaltyImposed", "PenaltyImposed", "ActDisclosed"]
    rows.write_rows(
        "act_rows",
        acts,
        [
            ("a", "1", 1, True, days[0], [days[0]], ["LicenceGranted"], [True]),
            ("a", "2", 3, True, days[1], penalties, twice, [True, False, False]),
        ],
    )
    query = "SELECT name, first_event, last_event, events, acts, licences, penalties, listings FROM {}"
    twin = query.format(f"{database}.subjects_as_of(d = '{{}}')")
    assert ask(engine, twin.format("2017-12-31")) == []
    assert ask(engine, twin.format("2018-01-31")) == [("新名", days[0], days[0], 1, 1, 1, 0, 0)]
    assert ask(engine, twin.format("2018-02-28")) == [("旧名", days[0], days[1], 3, 2, 1, 1, 0)]
    assert ask(engine, query.format(f"{database}.subjects")) == [("新名", days[0], days[2], 4, 2, 1, 1, 0)]


def test_act_states_hide_what_lies_after_the_day(engine: Client, database: str) -> None:
    columns = (
        "subject_id",
        "act_id",
        "version",
        "made",
        "occurred_on",
        "revoked_on",
        "disclosed_on",
        "irregularities",
    )
    made, disclosed, revoked = D("2018-01-01"), D("2018-01-05"), D("2018-02-01")
    row = ("a", "x", 1, True, made, revoked, disclosed, ["conflicting_sources"])
    waiting = ("a", "y", 1, False, made, None, None, [])
    Store(engine, database).projections(1).write_rows("act_rows", columns, [row, waiting])
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
    for table in registered():
        store.projections(1).write_rows(table.name, (*table.key, "version"), [("a",) * len(table.key) + (1,)])
    return database


BY_SUBJECT = tuple(view for view in catalogue_of_views() if view.twin is not None)


@pytest.mark.parametrize("view", BY_SUBJECT, ids=[view.name for view in BY_SUBJECT])
def test_a_subject_is_looked_up_by_primary_key(engine: Client, filled: str, view: View) -> None:
    for name in (view.name, f"{view.twin}(d = '2020-01-01')"):
        plan = ask(engine, f"EXPLAIN indexes = 1 SELECT * FROM {filled}.{name} WHERE subject_id = 'a'")
        lines = [line.strip(" │├└─") for (line,) in plan]
        reads = [line for line in lines if line.startswith("ReadFromMergeTree")]
        keys = [line for line in lines if line.startswith("Condition: (") and "_id in ['a', 'a']" in line]
        assert reads and len(keys) == len(reads), "\n".join(lines)


def test_acts_of_a_subject_are_read_in_the_tables_order(engine: Client, filled: str) -> None:
    plan = ask(engine, f"EXPLAIN indexes = 1 SELECT * FROM {filled}.acts WHERE subject_id = 'a'")
    assert any("Read type: InOrder" in line for (line,) in plan)
