"""Questions of people and of those who wait: how many receipts there are, how many rows, how much room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.clickhouse.engine import Engine

_COUNTED: Final = {
    "act_log": "count()",
    "receipts": "count()",
    "rejection_log": "count()",
}


class Overview:
    """Counts and room."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count_receipts(self, source_id: str, batch_ids: Sequence[str]) -> dict[str, int]:
        """How many statements of each batch of a source have their receipt; a batch without any is absent."""
        if not batch_ids:
            return {}
        rows = self._engine.query(
            f"SELECT batch_id, uniqExact(index) FROM {self._engine.table('receipts')} "
            "WHERE source_id = {source:String} AND batch_id IN {batches:Array(String)} GROUP BY batch_id",
            {"source": source_id, "batches": list(batch_ids)},
        )
        return {batch_id: int(count) for batch_id, count in rows}

    def counts(self) -> dict[str, int]:
        """Rows of the log (double landings included), receipts and rejections."""
        return {
            table: int(self._engine.query(f"SELECT {count} FROM {self._engine.table(table)}")[0][0])
            for table, count in _COUNTED.items()
        }

    def free_space(self) -> int:
        """Bytes that are free where ClickHouse keeps its tables; of several disks the fullest."""
        return int(self._engine.query("SELECT min(unreserved_space) FROM system.disks")[0][0])
