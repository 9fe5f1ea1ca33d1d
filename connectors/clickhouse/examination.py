"""What an examination of the log asks: receipts without their event, rows that no event explains, how far everything is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from connectors.clickhouse.engine import Engine
from schemas.records import Astray, Unexplained

_RECEIPT: Final = (
    "source_id, batch_id, index, outcome, event_id, value_sha256, assumeNotNull(topic_partition), assumeNotNull(topic_offset)"
)
_PLACES_AT_ONCE: Final = 2_000
_KEYS_SHOWN: Final = 100
Row = TypeVar("Row")


class Examination:
    """Questions that cost a look at everything. Whoever lands writes meanwhile, so what is found is looked at twice."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._log = engine.table("act_log")

    def ends(self) -> dict[int, int]:
        """Per partition the offset behind the last row of the log; a stray keeps its offset taken."""
        place = "SELECT topic_partition, topic_offset FROM"
        rows = self._engine.query(
            f"SELECT topic_partition, max(topic_offset) + 1 FROM ({place} {self._log} UNION ALL {place} "
            f"{self._engine.table('stray_records')}) GROUP BY topic_partition"
        )
        return dict(sorted((int(partition), int(end)) for partition, end in rows))

    def astray(self) -> list[Astray]:
        """Receipts that say ``admitted`` or ``duplicate`` and whose event does not stand at the place that they name, with the
        bytes that they name; by place."""
        rows = self._engine.query(
            f"SELECT DISTINCT topic_partition FROM {self._engine.table('receipts')} WHERE topic_partition IS NOT NULL ORDER BY 1"
        )
        return [one for (partition,) in rows for one in _twice(partial(self._astray_of, int(partition)))]

    def _astray_of(self, partition: int) -> list[Astray]:
        rows = self._engine.query(
            f"SELECT {_RECEIPT} FROM {self._engine.table('receipts')} FINAL WHERE outcome IN ('admitted', 'duplicate') "
            "AND topic_partition = {partition:Int32} AND (assumeNotNull(topic_offset), sipHash64(event_id, value_sha256)) NOT IN "
            f"(SELECT topic_offset, sipHash64(event_id, value_sha256) FROM {self._log} "
            "WHERE topic_partition = {partition:Int32}) ORDER BY topic_offset, source_id, batch_id, index",
            {"partition": partition},
        )
        stands = self._standing(partition, sorted({int(row[-1]) for row in rows}))
        return [replace(Astray(*row), stands=stands.get(row[-1], "")) for row in rows]

    def _standing(self, partition: int, offsets: Sequence[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for start in range(0, len(offsets), _PLACES_AT_ONCE):
            rows = self._engine.query(
                f"SELECT topic_offset, min(event_id) FROM {self._log} WHERE topic_partition = {{partition:Int32}} "
                "AND topic_offset IN {offsets:Array(Int64)} GROUP BY topic_offset",
                {"partition": partition, "offsets": list(offsets[start : start + _PLACES_AT_ONCE])},
            )
            found |= {int(offset): str(event_id) for offset, event_id in rows}
        return found

    def unexplained(self, rows: Engine, tables: Mapping[str, Sequence[str]]) -> list[Unexplained]:
        """Rows of a generation's tables (the columns of its key by name) of whose subject, or act, the log says nothing."""
        found: list[Unexplained] = []
        for table, key in tables.items():
            strange = _twice(partial(self._strange, rows, table, key))
            if strange:
                found.append(Unexplained(table, len(strange), tuple(strange[:_KEYS_SHOWN])))
        return found

    def _strange(self, rows: Engine, table: str, key: Sequence[str]) -> list[tuple[str, ...]]:
        about = "subject_id, act_id" if "act_id" in key else "subject_id"
        found = rows.query(
            f"SELECT DISTINCT {', '.join(f'`{name}`' for name in key)} FROM {rows.table(table)} "
            f"WHERE ({about}) NOT IN (SELECT {about} FROM {self._log}) ORDER BY ALL"
        )
        return [tuple(map(str, row)) for row in found]

    def witnesses(self, partition: int, first: int, last: int) -> dict[int, list[tuple[str, str]]]:
        """What receipts and the index of the sources' ids say of places: (event id, SHA-256 of the bytes) by offset."""
        parameters: dict[str, Any] = {"partition": partition, "first": first, "last": last}
        rows = self._engine.query(
            "SELECT DISTINCT * FROM ("
            "SELECT assumeNotNull(topic_offset) AS place, event_id, value_sha256 FROM "
            f"{self._engine.table('receipts')} FINAL WHERE outcome = 'admitted' AND topic_partition = {{partition:Int32}} "
            "AND topic_offset BETWEEN {first:Int64} AND {last:Int64} UNION ALL "
            f"SELECT topic_offset AS place, event_id, value_sha256 FROM {self._engine.table('source_statements')} WHERE "
            "topic_partition = {partition:Int32} AND topic_offset BETWEEN {first:Int64} AND {last:Int64}) ORDER BY ALL",
            parameters,
        )
        found: dict[int, list[tuple[str, str]]] = {}
        for offset, event_id, digest in rows:
            found.setdefault(offset, []).append((event_id, digest))
        return found

    def recorded(self, partition: int, first: int, last: int) -> tuple[int | None, int | None]:
        """When the row before and the row behind some places were recorded, milliseconds since 1970; None where there is none."""
        rows = self._engine.query(
            "SELECT maxOrNullIf(toUnixTimestamp64Milli(recorded_at), topic_offset < {first:Int64}), "
            "minOrNullIf(toUnixTimestamp64Milli(recorded_at), topic_offset > {last:Int64}) "
            f"FROM {self._log} WHERE topic_partition = {{partition:Int32}}",
            {"partition": partition, "first": first, "last": last},
        )
        before, after = rows[0]
        return before, after


def _twice(look: Callable[[], list[Row]]) -> list[Row]:
    """What is there at both of two looks: the first may have been between two writes."""
    first = look()
    if not first:
        return []
    again = set(look())
    return [one for one in first if one in again]
