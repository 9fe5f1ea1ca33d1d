"""What the gate decides, without I/O: from submissions and what is known to outcomes. Deterministic given ``now``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from projections.admission import (
    Decoded,
    Duplicate,
    ListCatalogue,
    Rejection,
    Source,
    decide_repeat,
    decode,
    holds_personal_number,
    judge,
)
from projections.admission.entitlement import NOT_REGISTERED
from projections.admission.judge import undecodable
from projections.admission.repeats import distinct
from projections.dates import shanghai_date
from schemas import wire
from schemas.event_id import event_id
from schemas.identifiers import is_subject_id
from schemas.partition import partition_of
from schemas.records import ReceiptRow, Statement
from streams.gate.submissions import Item, Submission, items_of
from streams.gate.window import ActKey, IdKey, Memory, RecordedClock

_LONGEST_EVENT = 900_000
"""Bytes; with its headers an event must fit into a record of Kafka's default size (1 MiB)."""
_UNCONFIRMED = 1 << 62
"""Offsets of statements of this take before the log has confirmed them: behind everything that stands on it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An item that keeps every rule but may be a repeat."""

    item: Item
    decoded: Decoded

    @property
    def act_key(self) -> ActKey:
        header = self.decoded.event["header"]
        return header["source_id"], header["subject_id"], header["act_id"]

    @property
    def id_key(self) -> IdKey:
        header = self.decoded.event["header"]
        return header["source_id"], header["source_event_id"] or ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that is not admitted. Event, act and subject as far as they could be read."""

    item: Item
    rejection: Rejection
    source_id: str
    event: str = ""
    act_id: str = ""
    subject_id: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """An item that enters the log. ``on_log``: it need not be produced (again): it stands there since before a crash and
    was never answered, or the same message stands twice in the take."""

    item: Item
    decoded: Decoded
    statement: Statement
    on_log: bool


@dataclass(frozen=True, slots=True)
class Repeated:
    """An item that says again what ``first`` said; ``first`` may be of the same take (its offset is then unconfirmed)."""

    item: Item
    first: Statement


@dataclass(frozen=True, slots=True)
class Answered:
    """An item that was answered before, as its message came again: it gets the same receipt."""

    item: Item
    receipt: ReceiptRow


Outcome = Rejected | Admitted | Repeated | Answered


def examine(
    submissions: Iterable[Submission],
    sources: Mapping[str, Source],
    lists: ListCatalogue,
    now: datetime,
) -> list[Judged | Rejected]:
    """Decodes and judges every statement of some messages, in their order. ``now`` is UTC."""
    today = shanghai_date(now)
    found: list[Judged | Rejected] = []
    for message in submissions:
        source = sources.get(message.source_id)
        before: Judged | Rejected | None = None
        for item in items_of(message):
            if isinstance(before, Rejected) and item.origin and item.origin == before.item.origin:
                before = replace(before, item=item)  # a row whose act is refused says nothing else either
            else:
                before = _examine(item, source, lists, today)
            found.append(before)
    return found


def _examine(item: Item, source: Source | None, lists: ListCatalogue, today: date) -> Judged | Rejected:
    if item.refused is not None:
        refused = item.refused if source is not None or item.refused.reason == "undecodable" else NOT_REGISTERED
        return Rejected(item, refused, item.message.source_id)
    if len(item.value) > _LONGEST_EVENT:
        return Rejected(
            item, undecodable(f"an event has at most {_LONGEST_EVENT} bytes: shorten its texts"), item.message.source_id
        )
    decoded = decode(item.value, item.fingerprint)
    if isinstance(decoded, Rejection):
        return Rejected(item, decoded, item.message.source_id)
    problem = judge(decoded.name, decoded.event, source, lists, today)
    return Judged(item, decoded) if problem is None else _rejected(Judged(item, decoded), problem)


def _rejected(judged: Judged, problem: Rejection) -> Rejected:
    """Ids are kept in clear only if they cannot hold a number of a person, which is no part of a subject's valid id."""
    header = judged.decoded.event["header"]
    act_id, subject_id = ("" if holds_personal_number(header[field]) else header[field] for field in ("act_id", "subject_id"))
    if problem.reason in ("unidentified_subject", "bad_identifier") or not is_subject_id(subject_id):
        subject_id = ""
    if problem.reason == "personal_data" and problem.field == "header.act_id":
        act_id = ""
    return Rejected(judged.item, problem, judged.item.message.source_id, judged.decoded.name, act_id, subject_id)


class Decider:
    """Decides which statements of a take are new. It knows what was produced before a crash and never answered
    (``orphans``): such a statement, when its message comes again, is admitted where it stands instead of being taken for
    a repeat of itself, so that a crash changes neither outcomes nor event ids."""

    def __init__(self, partitions: int, clock: RecordedClock, orphans: Iterable[Statement] = ()) -> None:
        self._partitions = partitions
        self._clock = clock
        self._orphans = {one.event_id: one for one in distinct(orphans)}

    def adopt(self, orphans: Iterable[Statement]) -> None:
        """Replaces what is known of unanswered statements, after a start or a rebalance."""
        self._orphans = {one.event_id: one for one in distinct(orphans)}

    def decide(
        self,
        examined: Iterable[Judged | Rejected],
        known: Iterable[Statement],
        answered: Mapping[tuple[str, int], ReceiptRow],
        now: datetime,
    ) -> list[Outcome]:
        """The outcome of each item, in order. ``known``: the statements that the store and the window hold for the items'
        keys; ``answered``: earlier receipts of the same (batch_id, index); ``now`` is UTC."""
        memory = Memory(known)
        outcomes: list[Outcome] = []
        admitted: dict[tuple[str, int], Admitted] = {}
        for one in examined:
            item = one.item
            earlier = admitted.get((item.batch_id, item.index))
            if earlier is not None and earlier.item.value == item.value:  # the same message twice in one take
                outcomes.append(replace(earlier, on_log=True))
                continue
            outcome = _as_before(one, answered) or (
                one if isinstance(one, Rejected) else self._decide(one, memory, now, len(outcomes))
            )
            if isinstance(outcome, Answered):
                self._orphans.pop(outcome.receipt.event_id, None)
            elif isinstance(outcome, Admitted):
                self._orphans.pop(outcome.statement.event_id, None)
                memory.add([outcome.statement])
                admitted[item.batch_id, item.index] = outcome
            outcomes.append(outcome)
        return outcomes

    def _decide(self, judged: Judged, memory: Memory, now: datetime, at: int) -> Outcome:
        name, digest, (source_id, own_id) = judged.decoded.name, judged.decoded.content_digest, judged.id_key
        with_id = memory.with_id(judged.id_key)
        for one in with_id:
            if one.event_id in self._orphans and one.content_digest == digest and one.event == name:
                return Admitted(judged.item, judged.decoded, self._orphans[one.event_id], on_log=True)
        about = [one for one in memory.about(judged.act_key) if one.event_id not in self._orphans]
        verdict = decide_repeat(name, digest, own_id, about, with_id)
        if isinstance(verdict, Rejection):
            return _rejected(judged, verdict)
        if isinstance(verdict, Duplicate):
            return Repeated(judged.item, verdict.first)
        given = event_id(source_id, own_id, judged.act_key[2], name, digest, verdict.earlier)
        if given in self._orphans:
            return Admitted(judged.item, judged.decoded, self._orphans[given], on_log=True)
        return Admitted(judged.item, judged.decoded, self._statement(judged, given, now, at), on_log=False)

    def _statement(self, judged: Judged, given: str, now: datetime, at: int) -> Statement:
        source_id, subject_id, act_id = judged.act_key
        partition = partition_of(subject_id, self._partitions)
        return Statement(
            source_id=source_id,
            act_id=act_id,
            subject_id=subject_id,
            event=judged.decoded.name,
            content_digest=judged.decoded.content_digest,
            source_event_id=judged.id_key[1],
            event_id=given,
            partition=partition,
            offset=_UNCONFIRMED + at,
            recorded_at=self._clock.at(partition, now),
            value_sha256=wire.value_digest(judged.item.value),
        )


def _as_before(one: Judged | Rejected, answered: Mapping[tuple[str, int], ReceiptRow]) -> Answered | None:
    """The earlier answer to the same item of the same batch. Rejections are judged again: what they lacked may be there
    now. A batch id that was used for other content answers nothing."""
    receipt = answered.get((one.item.batch_id, one.item.index))
    if receipt is None or receipt.outcome not in ("admitted", "duplicate"):
        return None
    return Answered(one.item, receipt) if receipt.value_sha256 == wire.value_digest(one.item.value) else None


def confirm(outcomes: Sequence[Outcome], offsets: Mapping[str, int]) -> list[Outcome]:
    """The outcomes with the offsets that the log gave to what was produced (by event id)."""
    confirmed: list[Outcome] = []
    for one in outcomes:
        match one:
            case Admitted(statement=said) if said.offset >= _UNCONFIRMED:
                confirmed.append(Admitted(one.item, one.decoded, _placed(said, offsets[said.event_id]), one.on_log))
            case Repeated(first=said) if said.offset >= _UNCONFIRMED:
                confirmed.append(Repeated(one.item, _placed(said, offsets[said.event_id])))
            case _:
                confirmed.append(one)
    return confirmed


def _placed(said: Statement, offset: int) -> Statement:
    """``dataclasses.replace`` takes eight times as long, for every event that is admitted."""
    return Statement(
        said.source_id, said.act_id, said.subject_id, said.event, said.content_digest, said.source_event_id,
        said.event_id, said.partition, offset, said.recorded_at, said.value_sha256,
    )  # fmt: skip
