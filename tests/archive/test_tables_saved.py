"""Whoever adds a table says whether a backup holds it."""

from __future__ import annotations

from connectors.clickhouse.days import DAYS, DERIVED
from connectors.clickhouse.declared import declared
from connectors.clickhouse.migrations import migrations


def test_every_table_is_saved_or_follows_from_what_is() -> None:
    tables = {one.name: one.columns for one in declared(migrations("x"))}
    assert tables.keys() == DAYS.keys() | DERIVED
    assert {table: tables[table][time] for table, time in DAYS.items()} == dict.fromkeys(DAYS, "DateTime64(3, 'UTC')")
