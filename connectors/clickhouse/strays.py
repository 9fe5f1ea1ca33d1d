"""The table of strays: places of the log on which no event of the gate stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectors.clickhouse.engine import Engine
from connectors.clickhouse.errors import translated
from schemas.instants import moment
from schemas.records import StrayRecord

_NAMES: Final = StrayRecord._fields
_SHOWN: Final = (
    "topic_partition, topic_offset, toUnixTimestamp64Milli(found_at), detail, value_sha256, toInt64(size), '', acknowledged"
)


class Strays:
    """``stray_records``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write_strays(self, strays: Sequence[StrayRecord]) -> None:
        """Adds some; one that is there stays as it is, but for becoming acknowledged."""
        self._engine.insert("stray_records", _NAMES, list(zip(*strays, strict=True)))

    def strays(self) -> list[StrayRecord]:
        """All of them in the order of the log, without their bytes."""
        rows = self._engine.query(
            f"SELECT {_SHOWN} FROM {self._engine.table('stray_records')} FINAL ORDER BY topic_partition, topic_offset"
        )
        return [_stray(row) for row in rows]

    def acknowledge_strays(self) -> int:
        """Takes note of all that nobody has taken note of; how many these were."""
        table = self._engine.table("stray_records")
        ((count,),) = self._engine.query(f"SELECT count() FROM {table} FINAL WHERE NOT acknowledged")
        with_bytes = ", ".join(_NAMES[:-1])
        if count:
            with translated(self._engine.client.uri):
                self._engine.client.command(
                    f"INSERT INTO {table} ({with_bytes}, acknowledged) "
                    f"SELECT {with_bytes}, true FROM {table} FINAL WHERE NOT acknowledged"
                )
        return int(count)


def _stray(row: Sequence[Any]) -> StrayRecord:
    return StrayRecord(row[0], row[1], moment(row[2]), row[3], row[4], row[5], b"", bool(row[7]))
