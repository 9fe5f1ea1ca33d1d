"""A record of the log: the topic ``acts``, which the gate alone writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from schemas import wire
from schemas.event_id import event_id
from schemas.logged import LoggedEvent
from schemas.partition import partition_of
from schemas.sentence import Sentence, Told

TOPIC: Final = "acts"
PARTITIONS: Final = 12
"""Never changed afterwards: a subject's events keep their order because its key keeps its partition."""
STRAY_HEADER: Final = "xinji_stray"
_FIRST: Final = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
_LAST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_MOST_HEADERS: Final = 64
_MOST_EARLIER: Final = 16
_OF_A_STATEMENT: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class NotOfTheGate(Told, RuntimeError):
    """A record of the log that the gate did not write, with its place. The log must be written by the gate alone."""

    says = Sentence(
        "{place} 不是接收程序写入的（{detail}）。只有接收程序可以写 {topic}：请查明是谁写的，并收回其写权限",
        "{place} was not written by the gate ({detail}). Only the gate may write to {topic}: find out who else did, and take "
        "the right to write away from them",
    )

    def __init__(self, partition: int, offset: int, detail: str) -> None:
        self.partition, self.offset, self.detail = partition, offset, detail
        super().__init__(place=f"{TOPIC}/{partition}/{offset}", detail=detail, topic=TOPIC)


class Sound(NamedTuple):
    """What is read out of a record that the gate wrote: the event, the fingerprint of its schema, its content's digest."""

    event: LoggedEvent
    fingerprint: str
    content_digest: str


class LogRecord(NamedTuple):
    """One record of the log as it stands there, enough to produce it again: place, key, raw bytes, headers, and recorded_at
    (UTC, milliseconds), which is its timestamp."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    recorded_at: datetime

    def decoded(self) -> LoggedEvent:
        """The event; raises NotOfTheGate where it is none of the gate's."""
        return self.read().event

    def read(self) -> Sound:
        """The event and what names it; raises NotOfTheGate for a record that the gate cannot have written: bytes that are no
        event, or a key, partition, header, time or id that does not follow from them."""
        named = dict(self.headers)
        try:
            fingerprint = named[wire.FINGERPRINT_HEADER].decode()
            name, value = wire.decode(self.value, fingerprint)
            event = LoggedEvent(named["ce_id"].decode(), name, self.partition, self.offset, self.recorded_at, value)
        except KeyError as missing:
            raise self._foreign(f"it has no header {missing}") from missing
        except UnicodeDecodeError as problem:
            raise self._foreign("a header is no text") from problem
        except wire.Undecodable as problem:
            raise self._foreign(problem.detail) from problem
        digest = wire.content_digest(name, value)
        self._demand_stamped(named, event)
        self._demand_own_id(event, digest)
        return Sound(event, fingerprint, digest)

    def _demand_stamped(self, named: dict[str, bytes], event: LoggedEvent) -> None:
        """Key, partition and headers are what the gate makes of an event."""
        header = event.header
        subject_id = header["subject_id"]
        if self.key != subject_id.encode() or named.get("ce_subject") != self.key:
            raise self._foreign("its key is not its subject")
        if self.partition != partition_of(subject_id, PARTITIONS):
            raise self._foreign("its subject lies on another partition")
        if named.get("ce_source") != header["source_id"].encode():
            raise self._foreign("its header names another source")
        if len(self.headers) > _MOST_HEADERS:
            raise self._foreign(f"it has {len(self.headers)} headers")
        told = self.recorded_at.isoformat(timespec="milliseconds")[:-6]
        if named.get("ce_time") != f"{told}Z".encode() or not _FIRST < self.recorded_at < _LAST:
            raise self._foreign("its timestamp is not the time at which the gate says that it recorded it")

    def _demand_own_id(self, event: LoggedEvent, digest: str) -> None:
        """Its id is that of its statement. How many of the act its source had made before stands nowhere in it: each took an
        offset of this partition, and of one that had many before it nothing is asked, since each costs a digest."""
        header = event.header
        told = header["source_id"], header["source_event_id"] or "", header["act_id"], event.name, digest
        if event_id(*told, 0) == event.event_id:
            return
        tried = range(1, min(self.offset, _MOST_EARLIER) + 1)
        unknown = self.offset > _MOST_EARLIER and _OF_A_STATEMENT.fullmatch(event.event_id)
        if told[1] or not (unknown or any(event_id(*told, earlier) == event.event_id for earlier in tried)):
            raise self._foreign("its event id does not follow from its bytes")

    def _foreign(self, detail: str) -> NotOfTheGate:
        return NotOfTheGate(self.partition, self.offset, detail)


def placeholder(partition: int, offset: int, value_sha256: str, found_at: datetime) -> LogRecord:
    """What keeps a stray's offset taken when the log is put on a bus again: a record that is none of the gate's either."""
    return LogRecord(partition, offset, b"", b"", ((STRAY_HEADER, value_sha256.encode()),), found_at)


class LogRow(NamedTuple):
    """A record of the log with what ``act_log`` says of it: the id of its event, and the SHA-256 (hex) of its value."""

    record: LogRecord
    event_id: str
    value_sha256: str
