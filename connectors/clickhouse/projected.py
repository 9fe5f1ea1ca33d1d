"""The projection tables: one row per subject, replaced as a whole by the row with the higher version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from clickhouse_connect.driver.binding import quote_identifier

from connectors.clickhouse.engine import Engine, chunks
from connectors.clickhouse.errors import translated


class Projected:
    """Writing and reading projection rows, whatever their columns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write_rows(self, table: str, column_names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Writes rows in one insert, column by column; ``version`` is one of the columns."""
        self._engine.insert(table, column_names, list(zip(*rows, strict=True)))

    def read_rows(
        self, table: str, column_names: Sequence[str], subject_ids: Iterable[str] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The row that counts of each subject, by subject id; all subjects when ``subject_ids`` is None."""
        select = f"SELECT {', '.join(map(quote_identifier, column_names))} FROM {self._engine.table(table)} FINAL "
        if subject_ids is None:
            yield from map(tuple, self._engine.stream(f"{select} ORDER BY subject_id"))
            return
        for some in chunks(subject_ids):
            where = "WHERE subject_id IN {ids:Array(String)} ORDER BY subject_id"
            yield from map(tuple, self._engine.query(f"{select} {where}", {"ids": some}))

    def exchange_with(self, database: str, tables: Sequence[str]) -> None:
        """Exchanges tables with those of the same name in another database, each at once; views then show the others."""
        other = Engine(self._engine.client, database)
        with translated(self._engine.client.uri):
            for one in tables:
                self._engine.client.command(f"EXCHANGE TABLES {self._engine.table(one)} AND {other.table(one)}")
