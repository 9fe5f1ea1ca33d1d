"""Landing: records of the log as rows of ``act_log``; what is none of the gate's is set aside (streams.strays)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from schemas import wire
from schemas.catalogue import BY_NAME
from schemas.identifiers import subject_kind
from schemas.log_record import LogRecord, NotOfTheGate
from schemas.logged import LoggedEvent, mentions
from schemas.ports import Store
from schemas.records import LandedEvent, Positions
from streams.projector.core import Batch
from streams.strays import Stray, Strays, absent, stray

_kind = lru_cache(maxsize=100_000)(subject_kind)
"""Files state many acts of one subject, and to read a code costs more than to remember it."""


@dataclass(slots=True)
class Sifted:
    """Records of the log: the rows and events of those that the gate wrote, the others, and how far they reach."""

    rows: list[LandedEvent] = field(default_factory=list)
    events: list[LoggedEvent] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    reached: Positions = field(default_factory=dict)


def sift(records: Iterable[LogRecord], known: Mapping[int, tuple[int, datetime]], now: datetime) -> Sifted:
    """Tells the gate's records from others. ``known``: where each partition is read from, and when the last event before that
    was recorded; an offset that is left out between there and a record is a stray too (a transaction's marker stands on one).
    A stray's own time is not believed: it counts as recorded with the event before it, or ``now`` (UTC) where there is none.
    """
    found = Sifted()
    for record in records:
        before = found.reached.get(record.partition) or known.get(record.partition) or (0, now)
        for offset in range(before[0], record.offset):
            found.strays.append(absent(record.partition, offset))
        recorded = record.recorded_at
        try:
            row, event = landed(record)
        except NotOfTheGate as problem:
            found.strays.append(stray(record, problem.detail))
            recorded = before[1]
        else:
            found.rows.append(row)
            found.events.append(event)
        if record.offset >= before[0]:
            found.reached[record.partition] = (record.offset + 1, recorded)
    return found


def land(store: Store, found: Sifted, strays: Strays, *, tell: bool = True) -> Batch:
    """Lands what was sifted. ``tell``: marks it as landed at once; else whoever evaluates it does.

    Raises what the store raises; the same may then be given again.
    """
    strays.set_aside(store, found.strays)
    store.land(found.rows)
    if tell:
        store.advance({("landed", 0): found.reached})
    return Batch(found.events, found.reached, untold=not tell)


def positions(records: Iterable[LogRecord]) -> Positions:
    """Per partition the next offset after these records, and when the last of them was recorded."""
    reached: Positions = {}
    for record in records:
        if record.offset + 1 > reached.get(record.partition, (0, record.recorded_at))[0]:
            reached[record.partition] = (record.offset + 1, record.recorded_at)
    return reached


def landed(record: LogRecord) -> tuple[LandedEvent, LoggedEvent]:
    """The row and the decoded event of one record; raises NotOfTheGate for a record that the gate did not write."""
    event, fingerprint, digest = record.read()
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
        digest,
        wire.value_digest(record.value),
        fingerprint,
        mentions(event.name, event.value),
        event.text,
        record.headers,
        record.value,
    )
    return row, event


def sound(records: Iterable[LogRecord], passed: list[tuple[int, int]]) -> Sequence[tuple[LandedEvent, LoggedEvent]]:
    """Rows and events of the records that the gate wrote; the places of the others are added to ``passed``."""
    found = []
    for record in records:
        try:
            found.append(landed(record))
        except NotOfTheGate:
            passed.append((record.partition, record.offset))
    return found
