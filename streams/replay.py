"""Replaying one subject's history from original bytes: out of ``act_log``, or out of the whole log on Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.kafka import end_offsets
from projections.acts.statements import once_each
from projections.lists.fold import Entry
from projections.policy import Policy
from projections.record import SubjectRecord, fold, known
from schemas.log_record import LogRecord, NotOfTheGate
from schemas.logged import LoggedEvent, mentions
from schemas.ports import Store
from schemas.wire import value_digest
from streams.log import read_until
from streams.projector.core import decoded
from streams.topics import ACTS, ACTS_PARTITIONS


@dataclass(frozen=True)
class History:
    """Everything that concerns one id: the events about it, and those about others that name it."""

    subject_id: str
    events: tuple[LoggedEvent, ...]
    evidence: dict[str, str]
    """SHA-256 (hex) of the original bytes by event id."""
    strays: tuple[tuple[int, int], ...] = ()
    """Places (partition, offset) on the log that the gate did not write: they were passed over."""

    def mentioning(self, known_at: datetime) -> list[LoggedEvent]:
        """The events that mention the id, recorded by a moment (inclusive), in recorded order, each once: about it, or about
        an act of which any statement names it."""
        seen = once_each(known(self.events, known_at))
        acts = {_act(event) for event in seen if self.subject_id in mentions(event.name, event.value)}
        return [event for event in seen if event.header["subject_id"] == self.subject_id or _act(event) in acts]

    def record(self, policy: Policy, known_at: datetime) -> SubjectRecord:
        """The subject's own record, as it was known at a moment (inclusive)."""
        return fold(self.subject_id, known(self.events, known_at), policy)

    def named_in(self, policy: Policy, known_at: datetime) -> list[tuple[str, Entry]]:
        """Entries of other subjects that name this id as a responsible person, with the subject listed."""
        seen = known(self.events, known_at)
        others = dict.fromkeys(event.header["subject_id"] for event in seen if event.header["subject_id"] != self.subject_id)
        return [
            (other, entry)
            for other in others
            for entry in fold(other, seen, policy).entries
            if any(person == self.subject_id for person, _ in entry.responsible)
        ]


def _act(event: LoggedEvent) -> tuple[str, str]:
    return event.header["subject_id"], event.header["act_id"]


@dataclass(frozen=True, slots=True)
class Difference:
    """An event that the index and the log do not agree about."""

    event_id: str
    detail: str


def history(store: Store, subject_id: str) -> History:
    """The history by the original bytes kept in ``act_log``, found by its indexes."""
    mentioning = list(store.events_mentioning([subject_id]))
    others = {one.subject_id for one in mentioning if one.subject_id != subject_id}
    stored = {one.event_id: one for one in [*mentioning, *store.events_of(others)]}
    return History(
        subject_id,
        tuple(decoded(one) for one in stored.values()),
        {one.event_id: value_digest(one.value) for one in stored.values()},
    )


def full_history(bootstrap: str, subject_id: str) -> History:
    """The history by reading every partition of the log to its end, trusting no index. Reads the log twice: once to
    learn which subjects' events name this one, once to collect them."""
    ends = end_offsets(bootstrap, ACTS, range(ACTS_PARTITIONS))
    owners, strays = {subject_id}, set[tuple[int, int]]()
    for _, event in _events(bootstrap, ends, strays):
        if subject_id in mentions(event.name, event.value):
            owners.add(event.header["subject_id"])
    found: dict[str, tuple[LoggedEvent, str]] = {}
    for record, event in _events(bootstrap, ends, strays):
        if event.header["subject_id"] in owners:
            found.setdefault(event.event_id, (event, value_digest(record.value)))
    return History(
        subject_id,
        tuple(event for event, _ in found.values()),
        {event_id: digest for event_id, (_, digest) in found.items()},
        tuple(sorted(strays)),
    )


def _events(bootstrap: str, ends: Mapping[int, int], strays: set[tuple[int, int]]) -> Iterator[tuple[LogRecord, LoggedEvent]]:
    """The log up to ``ends`` as events; the places of records that the gate did not write go into ``strays``."""
    for record in read_until(bootstrap, ends):
        try:
            yield record, record.decoded()
        except NotOfTheGate:
            strays.add((record.partition, record.offset))


def compare(index: History, log: History) -> list[Difference]:
    """Where the history by ``act_log`` is not the history by the log."""
    return [
        *_missing(index.evidence, log.evidence.keys(), "stands in act_log and not on the log"),
        *_missing(log.evidence, index.evidence.keys(), "stands on the log and not in act_log"),
        *_altered(index, log),
    ]


def _altered(index: History, log: History) -> Iterator[Difference]:
    landed = {event.event_id: event for event in index.events}
    for event in log.events:
        other = landed.get(event.event_id)
        if other is None:
            continue
        if index.evidence[event.event_id] != log.evidence[event.event_id]:
            yield Difference(event.event_id, "its bytes in act_log are not its bytes on the log")
        elif other != event:
            yield Difference(event.event_id, "its place, time or schema in act_log is not that on the log")


def _missing(have: Iterable[str], other: Iterable[str], detail: str) -> list[Difference]:
    known_there = set(other)
    return [Difference(event_id, detail) for event_id in have if event_id not in known_there]
