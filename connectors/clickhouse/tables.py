"""The tables that stand in a database, and bringing back those of the log that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.declared import TablesDiffer, declared, differences
from connectors.clickhouse.errors import translated
from connectors.clickhouse.migrating import MigrationLike, applied_migrations, run_statements

_INDEXES: Final = {
    "act_mentions": (
        "INSERT INTO {database}.act_mentions (mentioned_id, subject_id, act_id) SELECT mentioned, subject_id, act_id "
        "FROM {database}.act_log ARRAY JOIN mentions AS mentioned WHERE mentioned != subject_id"
    ),
    "source_statements": (
        "INSERT INTO {database}.source_statements ({columns}) SELECT {columns} FROM {database}.act_log WHERE source_event_id != ''"
    ),
}
"""Indexes are written before the log by whoever lands; one that was lost follows from it."""


def columns_of_database(client: Client, database: str) -> dict[str, dict[str, str]]:
    """The types of columns by table and name; views are left out. Empty for a database that is not there."""
    with translated(client.uri):
        rows = client.query(
            "SELECT table, name, type FROM system.columns WHERE database = {database:String} AND table IN "
            "(SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree') "
            "ORDER BY table, position",
            parameters={"database": database},
        ).result_rows
    found: dict[str, dict[str, str]] = {}
    for table, name, type_ in rows:
        found.setdefault(table, {})[name] = " ".join(type_.split())
    return found


def views_of_database(client: Client, database: str) -> set[str]:
    """The names of the views that stand in a database."""
    with translated(client.uri):
        rows = client.query(
            "SELECT name FROM system.tables WHERE database = {database:String} AND engine = 'View'",
            parameters={"database": database},
        ).result_rows
    return {str(name) for (name,) in rows}


def recreate(client: Client, database: str, migrations: Sequence[MigrationLike]) -> tuple[str, ...]:
    """Makes tables of applied migrations again that are missing, and fills indexes from the log; returns their names.

    An index is filled again also where it was made and its filling was broken off: it is empty and the log is not.
    """
    applied = applied_migrations(client, database)
    wanted = declared(one for one in migrations if one.number in applied)
    there = columns_of_database(client, database)
    missing = [one for one in wanted if one.name not in there]
    run_statements(client, (statement for one in missing for statement in one.statements))
    made = {one.name for one in missing}
    for one in wanted:
        if one.name in _INDEXES and (one.name in made or _empty(client, database, one.name)):
            columns = ", ".join(quote_identifier(name) for name in one.columns)
            statement = _INDEXES[one.name].format(database=quote_identifier(database), columns=columns)
            run_statements(client, [statement])
    return tuple(one.name for one in missing)


def demand_columns(client: Client, database: str, migrations: Sequence[MigrationLike]) -> None:
    """Raises TablesDiffer where a column that is declared is missing or of another type. A column more harms nobody."""
    wanted = {one.name: one.columns for one in declared(migrations)}
    found = differences(wanted, columns_of_database(client, database))
    if wrong := [one for one in found if one.declared is not None]:
        raise TablesDiffer(database, wrong)


def _empty(client: Client, database: str, table: str) -> bool:
    with translated(client.uri):
        return not client.query(f"SELECT 1 FROM {quote_identifier(database)}.{quote_identifier(table)} LIMIT 1").result_rows
