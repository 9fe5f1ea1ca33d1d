"""Migrations against the real engine: once each, never rewritten; and every name explained in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.migrating import DatabaseNewer, MigrationChanged, applied_migrations, migrate
from connectors.clickhouse.migrations import Migration, migrations
from connectors.clickhouse.store import rows_database
from projections.tables import registered
from projections.views import catalogue_of_views
from tests.sql.test_templates import BILINGUAL


def test_migrating_again_applies_nothing(engine: Client, database: str) -> None:
    numbered = migrations(database)
    assert migrate(engine, database, numbered) == ()
    assert applied_migrations(engine, database) == {one.number: one.digest for one in numbered}


def test_a_database_that_was_never_migrated_has_none(engine: Client) -> None:
    assert applied_migrations(engine, "nowhere") == {}


def test_a_changed_migration_is_refused_before_anything_is_done(engine: Client, database: str) -> None:
    first, *rest = migrations(database)
    changed = replace(first, digest="0" * 64, statements=("DROP TABLE nothing",))
    with pytest.raises(MigrationChanged, match="new migration") as caught:
        migrate(engine, database, [changed, *rest])
    assert (caught.value.number, caught.value.applied) == (first.number, first.digest)


def test_a_newer_database_is_refused(engine: Client, database: str) -> None:
    with pytest.raises(DatabaseNewer) as caught:
        migrate(engine, database, migrations(database)[:-1])
    assert caught.value.numbers == (len(migrations(database)),)


def test_a_migration_that_failed_half_way_is_run_again(engine: Client, new_database: Callable[[], str]) -> None:
    name = new_database()
    extra = Migration(99, "extra", "d", (f"CREATE TABLE IF NOT EXISTS {name}.extra (a UInt8) ENGINE = Memory", "NONSENSE"))
    with pytest.raises(RuntimeError, match="refuses"):
        migrate(engine, name, [*migrations(name), extra])
    assert 99 not in applied_migrations(engine, name)
    mended = replace(extra, statements=extra.statements[:1])
    assert migrate(engine, name, [*migrations(name), mended]) == (99,)


def test_every_table_view_and_column_is_explained_in_both_languages(engine: Client, database: str) -> None:
    databases = f"database IN ('{database}', '{rows_database(database, 1)}')"
    found = engine.query(f"SELECT name, comment FROM system.tables WHERE {databases}").result_rows
    tables = {str(name): str(comment) for name, comment in found}
    columns = engine.query(f"SELECT table, name, comment FROM system.columns WHERE {databases}").result_rows
    assert {"migrations", "act_log", "blacklist", "blacklist_as_of", *(one.name for one in registered())} <= set(tables)
    assert [name for name, comment in tables.items() if not BILINGUAL.fullmatch(comment)] == []
    assert [(table, name) for table, name, comment in columns if not BILINGUAL.fullmatch(comment)] == []


def test_tables_have_the_columns_that_are_declared(engine: Client, database: str) -> None:
    for table in registered():
        described = engine.query(f"DESCRIBE {rows_database(database, 1)}.{table.name}").result_rows
        assert [(name, one_line(type_), comment) for name, type_, _, _, comment, *_ in described] == [
            (column.name, column.type, column.comment) for column in table.columns
        ]


def test_views_show_the_columns_of_the_catalogue_and_need_no_conversion(engine: Client, database: str) -> None:
    for view in catalogue_of_views():
        wanted = [(column.name, column.type, column.comment) for column in view.columns]
        described = engine.query(f"DESCRIBE {database}.{view.name}").result_rows
        assert [(name, one_line(type_), comment) for name, type_, _, _, comment, *_ in described] == wanted
        if view.twin is not None:
            described = engine.query(f"DESCRIBE (SELECT * FROM {database}.{view.twin}(d = '2020-01-01'))").result_rows
            assert [(name, one_line(type_)) for name, type_, *_ in described] == [one[:2] for one in wanted]


def one_line(type_: str) -> str:
    """A type as DESCRIBE prints it over several lines, on one."""
    return " ".join(type_.split()).replace("Tuple( ", "Tuple(")
