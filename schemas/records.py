"""Plain rows that go into the store and come out of it. Times are aware UTC with milliseconds; dates are civil, Shanghai."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

Positions = dict[int, tuple[int, datetime]]
"""Per partition: the next offset to work on, and recorded_at of the last event worked on."""


class LandedEvent(NamedTuple):
    """A row of ``act_log``, in the order of its columns: an event as the log holds it. ``kind`` and ``source_event_id`` are
    empty where there is none; ``content`` is JSON of the decoded event; ``value`` are the raw bytes, ``value_sha256`` their
    digest (hex)."""

    topic_partition: int
    topic_offset: int
    recorded_at: datetime
    event_id: str
    event: str
    kind: str
    act_id: str
    subject_id: str
    subject_name: str
    subject_kind: str
    authority_id: str
    authority_name: str
    source_id: str
    source_name: str
    source_event_id: str
    occurred_on: date
    imported: bool
    content_digest: str
    value_sha256: str
    fingerprint: str
    mentions: tuple[str, ...]
    content: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


class Statement(NamedTuple):
    """What the gate must know of an admitted event: who said what about which act, and its receipt. A tuple, since the
    gate makes one of every event and a frozen dataclass takes four times as long."""

    source_id: str
    act_id: str
    subject_id: str
    event: str
    content_digest: str
    source_event_id: str
    event_id: str
    partition: int
    offset: int
    recorded_at: datetime
    value_sha256: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What a fold needs to decode an event. ``mentions`` are all ids that it mentions, its subject among them."""

    event_id: str
    subject_id: str
    partition: int
    offset: int
    recorded_at: datetime
    fingerprint: str
    mentions: tuple[str, ...]
    value: bytes


class Hole(NamedTuple):
    """Offsets of a partition that stand on no row of the log though later ones, or receipts, do: from ``first`` to ``last``."""

    partition: int
    first: int
    last: int
    receipts: int
    """How many receipts say ``admitted`` of these places."""


class StrayRecord(NamedTuple):
    """A row of ``stray_records``, in the order of its columns: a place of the log that no event of the gate stands on.
    ``detail`` says why; ``value_sha256`` is empty where no record stands there at all; ``bytes`` are key, headers and value,
    encrypted, or empty without a key. ``acknowledged``: an operator has taken note, and it is no alarm any more."""

    topic_partition: int
    topic_offset: int
    found_at: datetime
    detail: str
    value_sha256: str
    size: int
    bytes: bytes
    acknowledged: bool = False

    @property
    def place(self) -> tuple[int, int]:
        return self.topic_partition, self.topic_offset


class VerificationRow(NamedTuple):
    """A row of ``verifications``: a verification of the whole log. ``ended_at`` is UTC; ``differing``: keys that differ, and
    subjects that never stood still."""

    ended_at: datetime
    generation: int
    records: int
    differing: int


@dataclass(frozen=True, slots=True)
class Astray:
    """A receipt that names a place and an event, and the event does not stand there. ``stands``: the id of the event that
    does, empty where none does. ``batch_id`` and ``index`` are those of the submission, ``source_id`` who sent it."""

    source_id: str
    batch_id: str
    index: int
    outcome: str
    event_id: str
    value_sha256: str
    partition: int
    offset: int
    stands: str = ""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Rows of a projection of whose subject or act the log says nothing: how many, and the keys of the first of them."""

    table: str
    count: int
    keys: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class ReceiptRow:
    """A row of ``receipts``, found by ``source_id`` (who sent it: streams.topics.sender), batch id and index; where the
    batch id is a place, ``bus`` is the life of the bus that it is of. A rejected
    statement has no event: empty texts, and None for place and time. Not frozen, as one is made of every statement."""

    source_id: str
    batch_id: str
    index: int
    outcome: str
    event_id: str
    topic: str
    topic_partition: int | None
    topic_offset: int | None
    recorded_at: datetime | None
    value_sha256: str
    reason: str
    field: str
    message: str
    received_at: datetime
    message_zh: str = ""
    origin: str = ""
    bus: str = ""


class Found(NamedTuple):
    """What a look-up of the gate found: statements about the acts and with the ids asked for (some may stand there
    twice), earlier receipts that name an event, and how far the log has landed."""

    statements: list[Statement]
    receipts: list[ReceiptRow]
    landed: Positions


@dataclass(frozen=True, slots=True)
class RejectionRow:
    """A row of ``rejection_log``; the place is that of the submission message, ``bytes`` are encrypted, ``value_sha256`` is
    the digest of what they were."""

    batch_id: str
    index: int
    reason: str
    field: str
    message: str
    source_id: str
    event: str
    act_id: str
    subject_id: str
    origin: str
    received_at: datetime
    topic: str
    topic_partition: int
    topic_offset: int
    bytes: bytes
    message_zh: str = ""
    source_event_id: str = ""
    value_sha256: str = ""
    bus: str = ""


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """A row of ``rejection_closings``: a rejection of a source, by batch and index, and the event that answers it."""

    source_id: str
    batch_id: str
    index: int
    event_id: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Generation:
    """Projections made by one policy, calendar and code, in a database of their own. ``texts`` are the policy tables as
    written, by name. ``state``: building, closing (about to be switched to), live, former, dropped. ``marks``: per partition
    the next offset that its predecessor had reached when it was switched to; before them it tells nobody anything.
    ``lease_until``: how long others wait for one that is closing."""

    number: int
    digest: str
    code_digest: str
    calendar: str
    texts: Mapping[str, str]
    state: str
    changed_at: datetime
    marks: Mapping[int, int]
    lease_until: datetime | None = None
