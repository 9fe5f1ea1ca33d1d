"""Landing: records of the log as rows of ``act_log``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from schemas import wire
from schemas.catalogue import BY_NAME
from schemas.identifiers import subject_kind
from schemas.log_record import LogRecord
from schemas.logged import LoggedEvent, mentions
from schemas.ports import Store
from schemas.records import LandedEvent, Positions
from streams.projector.core import Batch

_kind = lru_cache(maxsize=100_000)(subject_kind)
"""Files state many acts of one subject, and to read a code costs more than to remember it."""


def land(store: Store, records: Sequence[LogRecord], *, tell: bool = True) -> Batch:
    """Lands some records. ``tell``: marks them as landed at once; else whoever evaluates them does.

    Raises what the store raises, and NotOfTheGate; the records may then be given again.
    """
    rows, events = [], []
    for record in records:
        row, event = landed(record)
        rows.append(row)
        events.append(event)
    reached = positions(records)
    store.land(rows)
    if tell:
        store.advance({("landed", 0): reached})
    return Batch(events, reached, untold=not tell)


def positions(records: Iterable[LogRecord]) -> Positions:
    """Per partition the next offset after these records, and when the last of them was recorded."""
    reached: Positions = {}
    for record in records:
        if record.offset + 1 > reached.get(record.partition, (0, record.recorded_at))[0]:
            reached[record.partition] = (record.offset + 1, record.recorded_at)
    return reached


def landed(record: LogRecord) -> tuple[LandedEvent, LoggedEvent]:
    """The row and the decoded event of one record; raises NotOfTheGate for a record that the gate did not write."""
    event, fingerprint = record.read()
    header = event.value["header"]
    subject_id, authority_id = header["subject_id"], header["authority_id"]
    row = LandedEvent(
        record.partition,
        record.offset,
        record.recorded_at,
        event.event_id,
        event.name,
        BY_NAME[event.name].kind or "",
        header["act_id"],
        subject_id,
        header["subject_name"],
        _kind(subject_id, header["subject_kind"]),
        authority_id,
        header["authority_name"] or authority_id.removeprefix("name:"),
        header["source_id"],
        header["source_name"],
        header["source_event_id"] or "",
        header["occurred_on"],
        header["imported"],
        wire.content_digest(event.name, event.value),
        wire.value_digest(record.value),
        fingerprint,
        mentions(event.name, event.value),
        event.text,
        record.headers,
        record.value,
    )
    return row, event
