"""The projection tables of one generation: of each key the row that knows more counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from clickhouse_connect.driver.binding import quote_identifier

from connectors.clickhouse.engine import Engine, chunks
from connectors.clickhouse.errors import translated
from connectors.clickhouse.tables import columns_of_database


class Projected:
    """Writing and reading projection rows, whatever their columns (schemas.ports.ProjectionRows)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def database(self) -> str:
        """The generation's own database."""
        return self._engine.database

    def write_rows(self, table: str, column_names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Writes rows in one insert; ``version`` is one of the columns."""
        self._engine.insert(table, column_names, list(zip(*rows, strict=True)))

    def read_rows(
        self, table: str, column_names: Sequence[str], key: Sequence[str], subject_ids: Iterable[str] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The row that counts of each key, by key; of all subjects when ``subject_ids`` is None."""
        select = f"SELECT {', '.join(map(quote_identifier, column_names))} FROM {self._engine.table(table)} FINAL"
        order = f"ORDER BY {', '.join(map(quote_identifier, key))}"
        if subject_ids is None:
            yield from map(tuple, self._engine.stream(f"{select} {order}"))
            return
        for some in chunks(subject_ids):
            rows = self._engine.query(f"{select} WHERE subject_id IN {{ids:Array(String)}} {order}", {"ids": some})
            yield from map(tuple, rows)

    def facts(self, subject_ids: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
        """(subject_id, act_id, version, facts) of every act of these subjects, of each the row that knows most."""
        for some in chunks(subject_ids):
            columns = self._engine.columns(
                f"SELECT subject_id, act_id, version, facts FROM {self._engine.table('act_rows')} "
                "WHERE subject_id IN {ids:Array(String)}",
                {"ids": some},
            )
            best: dict[tuple[str, str], tuple[int, str]] = {}
            for subject_id, act_id, version, facts in zip(*columns, strict=True):
                known = best.get((subject_id, act_id))
                if known is None or version > known[0]:
                    best[subject_id, act_id] = version, facts
            for (subject_id, act_id), (version, facts) in best.items():
                yield subject_id, act_id, version, facts

    def columns(self) -> dict[str, dict[str, str]]:
        """The types of columns by table and name, of the tables that are there."""
        return columns_of_database(self._engine.client, self.database)

    def create(self, statements: Iterable[str]) -> None:
        """Makes the generation's database and tables; running it again is harmless."""
        self._run(statements)

    def drop(self, cluster: str = "") -> None:
        """Removes the database with everything in it."""
        where = f" ON CLUSTER {quote_identifier(cluster)}" if cluster else ""
        self._run([f"DROP DATABASE IF EXISTS {quote_identifier(self.database)}{where} SYNC"])

    def _run(self, statements: Iterable[str]) -> None:
        with translated(self._engine.client.uri):
            for statement in statements:
                self._engine.client.command(statement, use_database=False)
