"""One batch of the log: land it, evaluate the subjects that it touches, write their rows, remember how far.

The order matters. What has landed but is not marked as projected is evaluated again after a crash; landing and writing
twice is harmless, because readers keep one row per place and the row that knows most.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from projections.rows import TABLES
from schemas import wire
from schemas.logged import LoggedEvent
from schemas.ports import Store
from schemas.records import Positions, StoredEvent
from streams.evaluation import Evaluator
from streams.log import LogRecord
from streams.projector.landing import landed

KEY_COLUMNS: Final = ("subject_id", "version", "policy_digest")
SUBJECTS_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Landed:
    """What landed: the subjects that it touches, and how far the log is read with it."""

    touched: frozenset[str]
    reached: Positions

    def and_then(self, later: Landed) -> Landed:
        """This batch and a later one together."""
        return Landed(self.touched | later.touched, {**self.reached, **later.reached})


def land(store: Store, records: Sequence[LogRecord]) -> Landed:
    """Lands one batch. Raises what the store raises, and NotOfTheGate; the batch may then be given again."""
    rows = [landed(record)[0] for record in records]
    reached = positions(records)
    store.land(rows)
    store.advance("landed", reached)
    return Landed(frozenset(row.subject_id for row in rows), reached)


def evaluate(store: Store, evaluator: Evaluator, batch: Landed) -> None:
    """Writes the rows of the subjects that a batch touches. Raises what the store raises; it may then be given again."""
    write_subjects(store, evaluator, sorted(batch.touched))
    store.advance("projected", batch.reached)


def positions(records: Iterable[LogRecord]) -> Positions:
    """Per partition the next offset after these records, and when the last of them was recorded."""
    reached: Positions = {}
    for record in records:
        if record.offset + 1 > reached.get(record.partition, (0, record.recorded_at))[0]:
            reached[record.partition] = (record.offset + 1, record.recorded_at)
    return reached


def write_subjects(store: Store, evaluator: Evaluator, subject_ids: Iterable[str]) -> None:
    """Evaluates subjects over all their landed events and writes their rows."""
    waiting = iter(subject_ids)
    while some := list(islice(waiting, SUBJECTS_AT_ONCE)):
        by_subject: dict[str, list[LoggedEvent]] = {}
        for stored in store.events_of(some):
            by_subject.setdefault(stored.subject_id, []).append(decoded(stored))
        write_rows(store, (evaluator.rows(subject_id, events) for subject_id, events in by_subject.items()))


def write_rows(store: Store, evaluated: Iterable[dict[str, list[Any]]]) -> None:
    """Writes complete rows, one insert a table."""
    by_table: dict[str, list[list[Any]]] = {}
    for subject in evaluated:
        for table, row in subject.items():
            by_table.setdefault(table, []).append(row)
    for one in TABLES:
        if one.name in by_table:
            store.write_rows(one.name, (*KEY_COLUMNS, *one.columns), by_table[one.name])


def decoded(stored: StoredEvent) -> LoggedEvent:
    """A stored event, decoded from its original bytes."""
    name, value = wire.decode(stored.value, stored.fingerprint)
    return LoggedEvent(stored.event_id, name, stored.partition, stored.offset, stored.recorded_at, value)
