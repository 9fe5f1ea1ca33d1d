"""What the workers need from the outside, as protocols: connectors fulfil them, tests put twins in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from schemas.records import (
    Generation,
    LandedEvent,
    LogRecord,
    Positions,
    ReceiptRow,
    RejectionRow,
    Statement,
    StoredEvent,
)


class LogReader(Protocol):
    """Questions to the landed log. Wherever an event stands twice it is given once, at its lowest offset."""

    def landed(self) -> dict[int, int]:
        """Per partition the offset after the highest that has landed."""

    def statements(self, keys: Iterable[tuple[str, str]]) -> list[Statement]:
        """Every statement about these (subject_id, act_id)."""

    def statements_by_source_event_id(self, pairs: Iterable[tuple[str, str]]) -> list[Statement]:
        """Every statement that these (source_id, source_event_id) were used for."""

    def events_mentioning(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        """Every event that mentions any of the ids."""

    def events_of(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        """Every event whose own subject is one of the ids, one subject after the other."""

    def landed_rows(self, subject_ids: Iterable[str]) -> Iterator[LandedEvent]:
        """Every row of the landed log about these subjects as it stands, one that landed twice as often as it did."""

    def all_events(self, after: Mapping[int, int] | None = None, before: Mapping[int, int] | None = None) -> Iterator[StoredEvent]:
        """The log, one subject after the other, between next offsets per partition (``before`` None: to the end)."""

    def mentioned_ids(self, after: str = "", limit: int = 1_000) -> list[str]:
        """The next ids, in order, that any event mentions."""

    def log_records(self) -> Iterator[LogRecord]:
        """Every offset of the log once, by partition and offset, double events included."""


class LogWriter(Protocol):
    """Landing."""

    def land(self, events: Sequence[LandedEvent]) -> None:
        """Adds events in one insert; landing an offset again is harmless."""


class Progress(Protocol):
    """How far the workers are, and under which policy they work."""

    def progress(self, stage: str) -> Positions:
        """Partition -> (next offset, recorded_at of the last event) of a stage: 'landed' or 'projected'."""

    def advance(self, stage: str, positions: Mapping[int, tuple[int, datetime]]) -> None:
        """Remembers positions; one that is behind what is known changes nothing."""

    def generations(self) -> list[Generation]:
        """Every generation of policy and calendar, oldest first."""

    def current_generation(self, policy_digest: str, calendar_digest: str, now: datetime) -> int:
        """The generation of a policy and calendar; registers a new one when they are not those of the latest."""


class Outcomes(Protocol):
    """What became of submissions."""

    def write_receipts(self, receipts: Sequence[ReceiptRow]) -> None:
        """One row per (batch_id, index); writing one again replaces it."""

    def read_receipts(self, batch_id: str) -> list[ReceiptRow]:
        """The receipts of a batch that are there by now, by index."""

    def write_rejections(self, rejections: Sequence[RejectionRow]) -> None:
        """One row per place and (batch_id, index); writing one again replaces it."""

    def list_rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionRow]:
        """The newest rejections, of one source or of all."""


class ProjectionRows(Protocol):
    """The projection tables: one row per subject; the higher version counts, of equal ones the later written."""

    def write_rows(self, table: str, column_names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Writes rows; ``subject_id`` and ``version`` are among the columns."""

    def read_rows(
        self, table: str, column_names: Sequence[str], subject_ids: Iterable[str] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The row that counts of each subject, by subject id; all subjects when ``subject_ids`` is None."""

    def exchange_with(self, database: str, tables: Sequence[str]) -> None:
        """Exchanges tables with those of the same name in another database, each at once."""


class Overview(Protocol):
    """Counts, for those who wait and for people."""

    def count_receipts(self, batch_ids: Sequence[str]) -> dict[str, int]:
        """How many statements of each batch have their receipt; a batch without any is absent."""

    def counts(self) -> dict[str, int]:
        """Rows of the log, subjects, receipts and rejections."""

    def policy_digests(self) -> dict[str, int]:
        """How many subjects' rows were made under each policy digest."""


class Store(LogReader, LogWriter, Progress, Outcomes, ProjectionRows, Overview, Protocol):
    """Everything together: connectors.clickhouse.store.Store, and in tests tests.memory_store.MemoryStore."""
