"""Projection rows: the row that knows more wins, in ClickHouse and in its twin in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from clickhouse_connect.driver.client import Client

from connectors.clickhouse.store import Store
from projections import sql
from schemas.ports import Store as StorePort
from tests.memory_store import MemoryStore

COLUMNS = (
    "subject_id",
    "version",
    "policy_digest",
    "intervals.grade",
    "intervals.score",
    "intervals.valid_from",
    "intervals.valid_to",
    "intervals.policy_version",
    "intervals.reasons",
)


def row(subject_id: str, version: int, grade: str) -> tuple[object, ...]:
    reasons = [[("e1", "penalty", -10.5, date(2020, 1, 1), None)], []]
    days = [date(2020, 1, 1), date(2021, 1, 1)]
    return (subject_id, version, "p", [grade, "B"], [79.5, 80.0], days, [days[1], None], ["v", "v"], reasons)


def test_the_row_with_the_higher_version_counts(store: StorePort) -> None:
    store.write_rows("grade_rows", COLUMNS, [row("b", 2, "C"), row("a", 1, "C")])
    store.write_rows("grade_rows", COLUMNS, [row("b", 1, "D"), row("a", 1, "A")])
    store.write_rows("grade_rows", COLUMNS, [])
    assert list(store.read_rows("grade_rows", COLUMNS)) == [row("a", 1, "A"), row("b", 2, "C")]
    assert list(store.read_rows("grade_rows", ("version",), ["b", "none"])) == [(2,)]


def test_the_twin_in_memory_exchanges_with_its_neighbour() -> None:
    live, rebuilt = MemoryStore(), MemoryStore()
    live.neighbours["rebuilt"] = rebuilt
    rebuilt.write_rows("grade_rows", COLUMNS, [row("a", 1, "A")])
    live.exchange_with("rebuilt", sql.REBUILT_TABLES)
    assert list(live.read_rows("grade_rows", COLUMNS)) == [row("a", 1, "A")]
    assert list(rebuilt.read_rows("grade_rows", COLUMNS)) == []


def test_a_rebuild_exchanges_tables_under_the_views(engine: Client, new_database: Callable[[], str]) -> None:
    live, rebuilt = new_database(), new_database()
    old, new = Store(engine, live), Store(engine, rebuilt)
    old.write_rows("grade_rows", COLUMNS, [row("a", 1, "C")])
    new.write_rows("grade_rows", COLUMNS, [row("a", 1, "A")])
    new.write_rows("list_rows", LISTED, [listed("a", 1, ["person:1"])])
    old.exchange_with(rebuilt, sql.REBUILT_TABLES)
    grades = f"SELECT grade FROM {live}.grades_as_of(d = '2020-06-01')"
    assert engine.query(grades).result_rows == [("A",)]
    assert engine.query(f"SELECT grade FROM {rebuilt}.grades WHERE valid_to IS NOT NULL").result_rows == [("C",)]
    persons = f"SELECT subject_id FROM {live}.list_entries WHERE role = 'responsible' ORDER BY subject_id"
    assert engine.query(persons).result_rows == [("person:1",)]
    # What is written afterwards still reaches the index by person and the views of the live database.
    old.write_rows("list_rows", LISTED, [listed("b", 1, ["person:2"])])
    old.write_rows("grade_rows", COLUMNS, [row("a", 2, "D")])
    assert engine.query(persons).result_rows == [("person:1",), ("person:2",)]
    assert engine.query(grades).result_rows == [("D",)]


LISTED = (
    "subject_id",
    "version",
    "responsible_ever",
    "entries.entry_id",
    "entries.effect",
    "entries.member_id",
    "entries.role",
    "entries.listed_from",
    "entries.listed_to",
)


def listed(subject_id: str, version: int, persons: list[str], ever: list[str] | None = None) -> tuple[object, ...]:
    members = [subject_id, *persons]
    size = len(members)
    return (
        subject_id,
        version,
        persons if ever is None else ever,
        ["entry"] * size,
        ["serious"] * size,
        members,
        ["subject", *["responsible"] * len(persons)],
        [date(2020, 1, 1)] * size,
        [None] * size,
    )


def test_a_person_who_is_no_longer_named_loses_the_entry(engine: Client, database: str) -> None:
    store = Store(engine, database)
    store.write_rows("list_rows", LISTED, [listed("a", 1, ["person:1", "person:2"])])
    store.write_rows("list_rows", LISTED, [listed("a", 2, ["person:2"], ever=["person:1", "person:2"])])
    found = engine.query(f"SELECT subject_id, listed_subject_id FROM {database}.list_entries ORDER BY subject_id")
    assert found.result_rows == [("a", "a"), ("person:2", "a")]
    assert engine.query(f"SELECT subject_id FROM {database}.blacklist").result_rows == [("a",)]
