"""Runs numbered migrations, once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.errors import translated
from schemas.sentence import Sentence, Told, names

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS {database}.migrations {on_cluster}
(
    `number` UInt32 COMMENT '迁移序号 / number of the migration',
    `name` String COMMENT '迁移名称 / its name',
    `digest` String COMMENT '迁移文本的 SHA-256 / SHA-256 of its text',
    `applied_at` DateTime64(3, 'UTC') COMMENT '执行时间（UTC） / when it was applied (UTC)'
)
ENGINE = {replicated}ReplacingMergeTree(applied_at)
ORDER BY number
COMMENT '已执行的数据库迁移 / migrations that were applied'
"""


class MigrationLike(Protocol):
    """A rendered migration (connectors.clickhouse.migrations.Migration)."""

    @property
    def number(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def statements(self) -> tuple[str, ...]: ...


class MigrationChanged(Told, RuntimeError):
    """The text of an applied migration is not what was applied. ``number``, ``name``, ``applied`` and ``given`` digests."""

    says = Sentence(
        "迁移 {number:04d}_{name} 执行时的摘要是 {applied}，现在是 {given}；请恢复原文，改动另写一个迁移",
        "migration {number:04d}_{name} was applied with digest {applied} and now has {given}; restore its text and write the "
        "change as a new migration",
    )

    def __init__(self, number: int, name: str, applied: str, given: str) -> None:
        self.number, self.name, self.applied, self.given = number, name, applied, given
        super().__init__(number=number, name=name, applied=applied[:12], given=given[:12])


class DatabaseNewer(Told, RuntimeError):
    """The database has migrations that this version does not know: ``numbers``."""

    says = Sentence(
        "数据库 {database} 已执行更新版本的迁移 {numbers}；请运行该版本，或恢复较早的数据库副本",
        "database {database} has migrations {numbers} of a newer version; run that version, or restore an older copy of the "
        "database",
    )

    def __init__(self, database: str, numbers: Sequence[int]) -> None:
        self.database, self.numbers = database, tuple(numbers)
        super().__init__(database=database, numbers=names(numbers))


def migrate(
    client: Client,
    database: str,
    migrations: Sequence[MigrationLike],
    cluster: str = "",
) -> tuple[int, ...]:
    """Brings a database up to date; returns the numbers applied now. Running it again applies nothing.

    Everything is checked before anything is changed. A crash half-way is mended by running it again: statements are
    idempotent. Raises MigrationChanged, DatabaseNewer and the errors of connectors.clickhouse.errors.
    """
    with translated(client.uri):
        _prepare(client, database, cluster)
        waiting = _waiting(database, _applied(client, database), migrations)
        for one in waiting:
            for statement in one.statements:
                _run(client, statement)
            now = int(datetime.now(UTC).timestamp() * 1000)
            client.insert(
                "migrations",
                [(one.number, one.name, one.digest, now)],
                column_names=["number", "name", "digest", "applied_at"],
                database=database,
            )
    return tuple(one.number for one in waiting)


def run_statements(client: Client, statements: Iterable[str]) -> None:
    """Runs statements one after the other. Raises the errors of connectors.clickhouse.errors."""
    with translated(client.uri):
        for one in statements:
            _run(client, one)


def applied_migrations(client: Client, database: str) -> dict[int, str]:
    """Numbers and digests of applied migrations; empty for a database that was never migrated."""
    with translated(client.uri):
        known = client.query(
            "SELECT count() FROM system.tables WHERE database = {database:String} AND name = 'migrations'",
            parameters={"database": database},
        )
        return _applied(client, database) if known.result_rows[0][0] else {}


def _prepare(client: Client, database: str, cluster: str) -> None:
    on_cluster = f"ON CLUSTER {quote_identifier(cluster)}" if cluster else ""
    named = quote_identifier(database)
    _run(client, f"CREATE DATABASE IF NOT EXISTS {named} {on_cluster}")
    values = {"{database}": named, "{on_cluster}": on_cluster, "{replicated}": "Replicated" if cluster else ""}
    statement = _TABLE
    for placeholder, value in values.items():
        statement = statement.replace(placeholder, value)
    _run(client, statement)


def _run(client: Client, statement: str) -> None:
    client.command(statement, use_database=False)


def _applied(client: Client, database: str) -> dict[int, str]:
    rows = client.query(f"SELECT number, digest FROM {quote_identifier(database)}.migrations FINAL ORDER BY number")
    return {int(number): str(digest) for number, digest in rows.result_rows}


def _waiting(database: str, applied: dict[int, str], migrations: Sequence[MigrationLike]) -> tuple[MigrationLike, ...]:
    for one in migrations:
        if applied.get(one.number, one.digest) != one.digest:
            raise MigrationChanged(one.number, one.name, applied[one.number], one.digest)
    unknown = sorted(set(applied) - {one.number for one in migrations})
    if unknown:
        raise DatabaseNewer(database, unknown)
    return tuple(one for one in migrations if one.number not in applied)
