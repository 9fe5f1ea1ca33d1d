"""What became of submissions: receipts and rejections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from connectors.clickhouse.engine import Engine
from schemas.instants import moment
from schemas.records import ClosingRow, ReceiptRow, RejectionRow

_RECEIPT: Final = tuple(one.name for one in fields(ReceiptRow))
_REJECTION: Final = tuple(one.name for one in fields(RejectionRow))
_CLOSING: Final = tuple(one.name for one in fields(ClosingRow))
_TIMES: Final = ("recorded_at", "received_at")


class Work:
    """The tables receipts, rejection_log and rejection_closings."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write_receipts(self, receipts: Sequence[ReceiptRow]) -> None:
        """One row per (source_id, batch_id, index); writing one again replaces it."""
        self._engine.insert("receipts", _RECEIPT, _columns(_RECEIPT, receipts))

    def read_receipts(self, source_id: str, *batch_ids: str) -> list[ReceiptRow]:
        """The receipts of some batches of a source, by batch, index and time; fewer than their statements while the gate is
        still at work."""
        if not batch_ids:
            return []
        rows = self._engine.query(
            f"SELECT {_selected(_RECEIPT)} FROM {self._engine.table('receipts')} FINAL "
            "WHERE source_id = {source:String} AND batch_id IN {batches:Array(String)} "
            "ORDER BY batch_id, index, receipts.received_at",
            {"source": source_id, "batches": list(batch_ids)},
        )
        return [ReceiptRow(*_read(_RECEIPT, row)) for row in rows]

    def write_rejections(self, rejections: Sequence[RejectionRow]) -> None:
        """One row per place and (batch_id, index); writing one again replaces it."""
        self._engine.insert("rejection_log", _REJECTION, _columns(_REJECTION, rejections))

    def write_closings(self, closings: Sequence[ClosingRow]) -> None:
        """Rejections that were answered; writing one again is harmless."""
        self._engine.insert("rejection_closings", _CLOSING, _columns(_CLOSING, closings))

    def list_rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionRow]:
        """The newest rejections, of one source or of all."""
        rows = self._engine.query(
            f"SELECT {_selected(_REJECTION)} FROM {self._engine.table('rejection_log')} FINAL "
            "WHERE {any:Bool} OR source_id = {source:String} "
            "ORDER BY rejection_log.received_at DESC, topic, topic_partition, topic_offset, batch_id, index "
            "LIMIT {limit:UInt32}",
            {"any": source is None, "source": source or "", "limit": limit},
            {"bytes": "bytes"},
        )
        return [RejectionRow(*_read(_REJECTION, row)) for row in rows]


def _selected(names: Iterable[str]) -> str:
    return ", ".join(f"toUnixTimestamp64Milli({name})" if name in _TIMES else f"`{name}`" for name in names)


def _columns(names: Sequence[str], rows: Sequence[Any]) -> list[Sequence[Any]]:
    return list(zip(*map(attrgetter(*names), rows), strict=True))


def _read(names: Sequence[str], row: Sequence[Any]) -> list[Any]:
    return [moment(value) if name in _TIMES and value is not None else value for name, value in zip(names, row, strict=True)]
