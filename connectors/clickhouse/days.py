"""Tables of outcomes as ClickHouse itself writes them out and reads them in: Avro, by day, and what of a day is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clickhouse_connect.driver.binding import quote_identifier

from connectors.clickhouse.engine import Engine
from connectors.clickhouse.errors import translated

DAYS: Final[Mapping[str, str]] = {
    "receipts": "received_at",
    "rejection_log": "received_at",
    "rejection_closings": "closed_at",
    "source_statements": "recorded_at",
    "stray_records": "found_at",
    "verifications": "ended_at",
}
"""Tables that do not follow from the log, and the time by which their rows are told apart."""
DERIVED: Final = frozenset({"act_log", "act_mentions", "progress", "generations"})
"""Tables that are the log itself, follow from it, or are made anew."""
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Day:
    """The rows of one day (UTC): how many, the sum of their hashes (modulo 2**64), and the newest of their times (milliseconds
    since 1970). Sums of parts of a day add up to that of the day."""

    rows: int
    hash: int
    newest: int


class Days:
    """The tables of outcomes, by day."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, in their order."""
        return [str(row[0]) for row in self._engine.query(f"DESCRIBE TABLE {self._engine.table(table)}")]

    def days(self, table: str) -> dict[str, Day]:
        """What stands in a table by day (ISO)."""
        found = self._engine.query(self._summed(table, "true", "toString(toDate(at, 'UTC'))"))
        return {str(day): Day(int(rows), int(sum_), int(newest)) for day, rows, sum_, newest in found}

    def newer(self, table: str, day: str, than: int) -> Day:
        """What of a day is newer than a time."""
        found = self._engine.query(self._summed(table, _of_day(day, than), "1"))
        return Day(int(found[0][1]), int(found[0][2]), int(found[0][3])) if found else Day(0, 0, than)

    def _summed(self, table: str, condition: str, by: str) -> str:
        columns, time = ", ".join(map(quote_identifier, self.columns(table))), quote_identifier(DAYS[table])
        return (
            f"SELECT {by} AS part, count(), sum(hash), max(toUnixTimestamp64Milli(at)) FROM ("
            f"SELECT {time} AS at, sipHash64(tuple({columns})) AS hash FROM {self._engine.table(table)} FINAL) "
            f"WHERE {condition} GROUP BY part ORDER BY part"
        )

    def avro(self, table: str, day: str, than: int) -> Iterator[bytes]:
        """The rows of a day that are newer than a time, as an Avro container file."""
        columns = ", ".join(map(quote_identifier, self.columns(table)))
        condition = _of_day(day, than, quote_identifier(DAYS[table]))
        with (
            translated(self._engine.client.uri),
            self._engine.client.raw_stream(
                f"SELECT {columns} FROM {self._engine.table(table)} FINAL WHERE {condition} ORDER BY ALL",
                fmt="Avro",
                settings={"output_format_avro_codec": "deflate"},
            ) as stream,
        ):
            while piece := stream.read(_PIECE):
                yield piece

    def take_in(self, table: str, path: Path) -> None:
        """Inserts what ``avro`` wrote; rows that stand there already are replaced by themselves. Columns that an earlier version
        did not have get their defaults."""
        missing = {"input_format_avro_allow_missing_fields": 1}
        with translated(self._engine.client.uri), path.open("rb") as file:
            self._engine.client.raw_insert(self._engine.table(table), insert_block=file.read(), fmt="Avro", settings=missing)


def _of_day(day: str, than: int, time: str = "at") -> str:
    return f"toDate({time}, 'UTC') = '{day}' AND toUnixTimestamp64Milli({time}) > {int(than)}"
