"""What the gate needs from outside: the store, and the log to which it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.records import Positions, ReceiptRow, RejectionRow, Statement

Headers = tuple[tuple[str, bytes], ...]


class GateStore(Protocol):
    """The part of the store that the gate uses (connectors.clickhouse.gate_store.GateStore)."""

    def progress(self, stage: str) -> Positions: ...
    def statements(self, keys: Iterable[tuple[str, str]]) -> list[Statement]: ...
    def statements_by_source_event_id(self, pairs: Iterable[tuple[str, str]]) -> list[Statement]: ...
    def count_receipts(self, batch_ids: Sequence[str]) -> dict[str, int]: ...
    def read_receipts(self, batch_id: str) -> list[ReceiptRow]: ...
    def unanswered(self, since: datetime) -> list[Statement]: ...
    def write_receipts(self, receipts: Sequence[ReceiptRow], /) -> None: ...
    def write_rejections(self, rejections: Sequence[RejectionRow], /) -> None: ...


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record to be produced. ``partition`` None: any; ``timestamp_ms`` None: now; ``tag`` names it to the caller."""

    topic: str
    partition: int | None
    key: bytes
    value: bytes
    headers: Headers
    timestamp_ms: int | None
    tag: str


class Sink(Protocol):
    """Where records go. Returns when all are safe, with the offset of each by its tag; raises when one is not."""

    def deliver(self, records: Sequence[Record]) -> Mapping[str, int]: ...
