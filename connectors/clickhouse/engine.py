"""Small tools that every part of the store uses: running queries, column-wise inserts, chunks of ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.arrow import block, columns_of
from connectors.clickhouse.errors import translated

# A parameter is one form field, and the server takes at most 128 KiB of it (http_max_field_value_size).
_CHUNK_BYTES: Final = 90_000
_CHUNK_ITEMS: Final = 2_000
_BLOCK_ROWS: Final = 8_192
_PLAIN_TUPLES: Final = {"Tuple": "tuple"}


def chunks(items: Iterable[str]) -> Iterator[list[str]]:
    """Distinct ids in sorted chunks that fit in one query parameter."""
    current: list[str] = []
    size = 0
    for one in sorted(set(items)):
        # Quotes and backslashes are escaped twice on their way; the rest of a parameter stays as long as it is.
        length = len(one.encode()) + 3 * (one.count("\\") + one.count("'")) + 4
        if current and (len(current) == _CHUNK_ITEMS or size + length > _CHUNK_BYTES):
            yield current
            current, size = [], 0
        current.append(one)
        size += length
    if current:
        yield current


class Engine:
    """A client and a database, with the driver's errors translated."""

    def __init__(self, client: Client, database: str) -> None:
        self.client = client
        self.database = database
        self._types: dict[str, Mapping[str, str]] = {}

    def table(self, name: str) -> str:
        """The quoted full name of a table, safe in SQL."""
        return f"{quote_identifier(self.database)}.{quote_identifier(name)}"

    def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None, formats: Mapping[str, str] | None = None
    ) -> Sequence[Sequence[Any]]:
        """All rows of a query, named tuples as plain ones. ``formats`` maps columns to the driver's read formats (``bytes``)."""
        with translated(self.client.uri):
            found = self.client.query(
                sql, parameters=dict(parameters or {}), column_formats=dict(formats or {}), query_formats=_PLAIN_TUPLES
            )
            rows: Sequence[Sequence[Any]] = found.result_rows
            return rows

    def stream(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        formats: Mapping[str, str] | None = None,
        types: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Iterator[Sequence[Any]]:
        """Rows of a query, block by block: memory stays flat. ``types`` maps ClickHouse types to read formats.

        It holds its connection until it is read to its end or closed; the embedded engine has few.
        """
        with (
            translated(self.client.uri),
            self.client.query_row_block_stream(
                sql,
                parameters=dict(parameters or {}),
                column_formats=dict(formats or {}),
                query_formats=_PLAIN_TUPLES | dict(types or {}),
                settings={"max_block_size": _BLOCK_ROWS, **(settings or {})},
            ) as blocks,
        ):
            for block in blocks:
                yield from block

    def columns(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[list[Any]]:
        """A query's answer column by column, texts as text: the cheap way to read many rows at once."""
        with translated(self.client.uri):
            return columns_of(self.client.query_arrow(sql, parameters=dict(parameters or {}), use_strings=True))

    def insert(self, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        """One insert block, given column by column; nothing for no rows. Raises NoSuchColumn and UnfitValue."""
        if not columns or not columns[0]:
            return
        with translated(self.client.uri):
            data = block(table, self._column_types(table), names, columns)
            self.client.raw_insert(self.table(table), column_names=list(names), insert_block=data, fmt="ArrowStream")

    def _column_types(self, table: str) -> Mapping[str, str]:
        if table not in self._types:
            described = self.client.query(f"DESCRIBE TABLE {self.table(table)}")
            self._types[table] = {str(row[0]): str(row[1]) for row in described.result_rows}
        return self._types[table]
