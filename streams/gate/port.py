"""What the gate needs from outside: the store, and the log to which it writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from schemas.records import ClosingRow, Found, Positions, ReceiptRow, RejectionRow, Statement

Headers = tuple[tuple[str, bytes], ...]


class GateStore(Protocol):
    """The part of the store that the gate uses (connectors.clickhouse.gate_store.GateStore)."""

    def progress(self, stage: str) -> Positions: ...
    def free_space(self) -> int: ...
    def generation_states(self) -> list[tuple[int, str, int, int | None]]: ...

    def look_up(
        self, acts: Iterable[tuple[str, str]], ids: Iterable[tuple[str, str]], batches: Iterable[tuple[str, str]], *, progress: bool
    ) -> Found:
        """Everything known of these (subject_id, act_id), (source_id, source_event_id) and (sender, batch_id), in as few
        statements as possible. Progress and statements need not be of one moment."""

    def unanswered(self, since: Mapping[int, datetime]) -> list[Statement]:
        """Per partition, what was recorded at or after a time and no receipt names as admitted."""

    def remember_ids(self, statements: Sequence[Statement], /) -> None:
        """Keeps source_event_ids that came only in duplicates, each with the place of the first statement."""

    def write_receipts(self, receipts: Sequence[ReceiptRow], /) -> None: ...
    def write_rejections(self, rejections: Sequence[RejectionRow], /) -> None: ...
    def write_closings(self, closings: Sequence[ClosingRow], /) -> None: ...


class Record(NamedTuple):
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
