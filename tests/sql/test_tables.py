"""Tables that were dropped or altered behind our back: what is missing comes back, what is wrong is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.declared import TablesDiffer, declared, differences
from connectors.clickhouse.migrations import Migration, migrations, split_statements
from connectors.clickhouse.store import Store
from connectors.clickhouse.tables import columns_of_database, demand_columns, recreate
from projections.tables import registered
from schemas.records import LandedEvent
from streams.generations import lacking
from tests.connectors.store.events import landed


def statements() -> Iterator[LandedEvent]:
    yield landed(0, 0, "a", "e1", ("person:1",), source_event_id="s1")
    yield landed(0, 1, "a", "e2")


def test_what_is_declared_is_what_the_migrations_make(engine: Client, database: str) -> None:
    numbered = migrations(database)
    there = columns_of_database(engine, database)
    assert {one.name: one.columns for one in declared(numbered)} == {name: there[name] for name in there if name != "migrations"}
    demand_columns(engine, database, numbered)
    assert lacking(Store(engine, database), 1) == ()


@pytest.mark.parametrize("table", [one.name for one in declared(migrations("x"))])
def test_a_dropped_table_comes_back(engine: Client, database: str, table: str) -> None:
    numbered, store = migrations(database), Store(engine, database)
    store.land(list(statements()))
    before = columns_of_database(engine, database)
    indexes = {one: engine.query(f"SELECT * FROM {database}.{one}").result_rows for one in ("act_mentions", "source_statements")}
    assert all(map(len, indexes.values()))
    engine.command(f"DROP TABLE {database}.{table}")
    assert recreate(engine, database, numbered) == (table,)
    assert columns_of_database(engine, database) == before
    assert recreate(engine, database, numbered) == ()
    if table in indexes:
        assert engine.query(f"SELECT * FROM {database}.{table}").result_rows == indexes[table]


def test_wrong_columns_are_named(engine: Client, database: str) -> None:
    numbered = migrations(database)
    engine.command(f"ALTER TABLE {database}.receipts DROP COLUMN message")
    engine.command(f"ALTER TABLE {database}.act_log MODIFY COLUMN subject_name LowCardinality(String)")
    engine.command(f"ALTER TABLE {database}.act_log ADD COLUMN note String")
    with pytest.raises(TablesDiffer) as caught:
        demand_columns(engine, database, numbered)
    assert {(one.table, one.column, one.declared, one.found) for one in caught.value.columns} == {
        ("receipts", "message", "String", None),
        ("act_log", "subject_name", "String", "LowCardinality(String)"),
    }
    assert "receipts.message" in str(caught.value)


def test_a_table_of_the_projections_that_is_missing_or_wrong_is_found(engine: Client, database: str) -> None:
    store, (first, second, *_) = Store(engine, database), [one.name for one in registered() if one.name != "act_rows"]
    engine.command(f"DROP TABLE {database}_g1.{first}")
    engine.command(f"ALTER TABLE {database}_g1.{second} ADD COLUMN note String")
    assert lacking(store, 1) == (first, second)


def test_later_changes_of_a_table_belong_to_its_declaration() -> None:
    text = (
        "CREATE TABLE IF NOT EXISTS `x`.t ON CLUSTER 'c'\n(\n    `a` Nullable(DateTime64(3, 'UTC')) COMMENT 'a / a',\n"
        "    `b` String COMMENT 'b, b / b' CODEC(ZSTD(1)),\n    INDEX i a TYPE minmax\n)\n"
        "ENGINE = ReplacingMergeTree\nORDER BY a;\n"
        "ALTER TABLE `x`.t ADD COLUMN IF NOT EXISTS `c` Array(String) COMMENT 'c / c';\n"
        "ALTER TABLE `x`.t DROP COLUMN IF EXISTS `b`;\nALTER TABLE `x`.t MODIFY COLUMN `a` Int64;\n"
    )
    (table,) = declared([Migration(1, "t", "", split_statements(text))])
    assert (table.name, table.columns, len(table.statements)) == ("t", {"a": "Int64", "c": "Array(String)"}, 4)
    found = differences({"t": table.columns, "gone": {"a": "String"}}, {"t": {"a": "Int64", "d": "String"}})
    assert [(one.column, one.declared, one.found) for one in found] == [("c", "Array(String)", None), ("d", None, "String")]
