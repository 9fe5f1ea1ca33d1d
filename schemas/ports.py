"""What the workers need from the outside, as protocols: connectors fulfil them, tests put twins in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from schemas.log_record import LogRecord, LogRow
from schemas.records import (
    Generation,
    Hole,
    LandedEvent,
    Positions,
    ReceiptRow,
    RejectionRow,
    StoredEvent,
    StrayRecord,
    VerificationRow,
)


class LogReader(Protocol):
    """Questions to the landed log. Wherever an event stands twice it is given once, at its lowest offset."""

    def events_mentioning(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        """Every event about any of the ids, or about an act of which any statement names one."""

    def events_of_acts(self, acts: Iterable[tuple[str, str]]) -> Iterator[StoredEvent]:
        """Every event about these (subject_id, act_id)."""

    def events_of(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        """Every event whose own subject is one of the ids, one subject after the other."""

    def landed_rows(self, subject_ids: Iterable[str]) -> Iterator[LandedEvent]:
        """Every row of the landed log about these subjects as it stands, one that landed twice as often as it did."""

    def all_events(
        self,
        after: Mapping[int, int] | None = None,
        before: Mapping[int, int] | None = None,
        subjects: tuple[str, str | None] | None = None,
    ) -> Iterator[StoredEvent]:
        """The log, one subject after the other, between next offsets per partition (``before`` None: to the end); only of a
        range of subject ids where one is given (its second None: to the end)."""

    def subject_ranges(self, count: int) -> list[tuple[str, str | None]]:
        """At most ``count`` ranges of subject ids with about as many events each."""

    def holes(self) -> list[Hole]:
        """Places of the log of which the rows are missing, in its order: gaps, and a tail that had landed."""

    def log_records(self) -> Iterator[LogRecord]:
        """Every offset of the log once, by partition and offset, double events included; strays as ``placeholder`` makes them."""


class Strays(Protocol):
    """Places of the log on which no event of the gate stands."""

    def write_strays(self, strays: Sequence[StrayRecord]) -> None:
        """Adds some; one that is there stays as it is, but for becoming acknowledged."""

    def strays(self) -> list[StrayRecord]:
        """All of them in the order of the log, without their bytes."""

    def acknowledge_strays(self) -> int:
        """Takes note of all that nobody has taken note of; how many these were."""

    def log_rows(self, after: Mapping[int, int] | None = None) -> Iterator[LogRow]:
        """The same from next offsets per partition on, with what the rows say of ids and digests."""


class LogWriter(Protocol):
    """Landing."""

    def land(self, events: Sequence[LandedEvent]) -> None:
        """Adds events in one insert; landing an offset again is harmless."""


class Progress(Protocol):
    """How far the workers are."""

    def progress(self, stage: str, generation: int = 0) -> Positions:
        """Partition -> (next offset, recorded_at of the last event) of a stage: 'landed', or 'projected' of a generation."""

    def advance(self, reached: Mapping[tuple[str, int], Mapping[int, tuple[int, datetime]]]) -> None:
        """Remembers positions by (stage, generation); one that is behind what is known changes nothing."""


class Generations(Protocol):
    """Which projections there are, by what they were made, and which are live."""

    def generations(self) -> list[Generation]:
        """Every generation as it is now, by number."""

    def generation_states(self) -> list[tuple[int, str, int, int | None]]:
        """(number, state, changed_at, lease_until) of every generation, times in milliseconds since 1970."""

    def write_generation(self, one: Generation, /) -> None:
        """Adds a generation, or what changed of it; ``changed_at`` must be later than before."""

    def projections(self, generation: int, /) -> ProjectionRows:
        """The projection tables of one generation."""


class Outcomes(Protocol):
    """What became of submissions."""

    def write_receipts(self, receipts: Sequence[ReceiptRow]) -> None:
        """One row per (source_id, batch_id, index); writing one again replaces it."""

    def read_receipts(self, source_id: str, *batch_ids: str) -> list[ReceiptRow]:
        """The receipts of some batches of a source that are there by now, by batch and index."""

    def write_rejections(self, rejections: Sequence[RejectionRow]) -> None:
        """One row per place and (batch_id, index); writing one again replaces it."""

    def list_rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionRow]:
        """The newest rejections, of one source or of all."""


class ProjectionRows(Protocol):
    """The projection tables of one generation; of each key the row with the higher version counts."""

    @property
    def database(self) -> str:
        """Where they are."""

    def write_rows(self, table: str, column_names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Writes rows; the key's columns and ``version`` are among the columns."""

    def read_rows(
        self, table: str, column_names: Sequence[str], key: Sequence[str], subject_ids: Iterable[str] | None = None
    ) -> Iterator[tuple[Any, ...]]:
        """The row that counts of each key, by key; of all subjects when ``subject_ids`` is None."""

    def facts(self, subject_ids: Iterable[str]) -> Iterator[tuple[str, str, int, str]]:
        """(subject_id, act_id, version, facts) of every act of these subjects."""

    def columns(self) -> dict[str, dict[str, str]]:
        """The types of columns by table and name, of the tables that are there."""

    def create(self, statements: Iterable[str], /) -> None:
        """Makes database and tables; running it again is harmless."""

    def drop(self, cluster: str = "") -> None:
        """Removes the database with everything in it."""


class Overview(Protocol):
    """Counts and room, for those who wait and for people."""

    def count_receipts(self, source_id: str, batch_ids: Sequence[str]) -> dict[str, int]:
        """How many statements of each batch of a source have their receipt; a batch without any is absent."""

    def counts(self) -> dict[str, int]:
        """Rows of the log, receipts and rejections."""

    def free_space(self) -> int:
        """Bytes that are free where the log is kept; of several disks the fullest."""


class Verifications(Protocol):
    """Verifications of the whole log."""

    def write_verification(self, one: VerificationRow, /) -> None:
        """Writes one down."""

    def last_verification(self) -> VerificationRow | None:
        """The one that ended last, None where there was none."""


class Store(LogReader, LogWriter, Strays, Progress, Generations, Outcomes, Overview, Verifications, Protocol):
    """Everything together (connectors.clickhouse.store.Store); the tests have a twin in memory."""
