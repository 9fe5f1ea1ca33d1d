"""What the gate decides, without I/O: from submissions and what is known to outcomes. Deterministic given ``now``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from projections.admission import (
    Duplicate,
    Rejection,
    Rules,
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
from schemas.catalogue import BY_NAME
from schemas.event_id import event_id
from schemas.identifiers import is_subject_id
from schemas.partition import partition_of
from schemas.records import ReceiptRow, Statement
from schemas.sentence import Sentence
from streams.gate.outcomes import Admitted, Answered, Judged, Outcome, PassedOn, Rejected, Repeated
from streams.gate.submissions import Item, Submission, items_of
from streams.gate.window import Memory, RecordedClock, whole_milliseconds

_LONGEST_EVENT = 900_000
"""Bytes; with its headers an event must fit into a record of Kafka's default size (1 MiB)."""
_UNCONFIRMED = 1 << 62
"""Offsets of statements of this take before the log has confirmed them: behind everything that stands on it."""

AnswerKey = tuple[str, str, int, str]
"""(sender, batch_id, index, bus)"""


def examine(
    submissions: Iterable[Submission],
    sources: Mapping[str, Source],
    rules: Rules,
    now: datetime,
    partitions: int,
) -> list[Judged | Rejected]:
    """Decodes and judges every statement of some messages, in their order. ``now`` is UTC."""
    today = shanghai_date(now)
    found: list[Judged | Rejected] = []
    for message in submissions:
        source = sources.get(message.source_id)
        before: Judged | Rejected | None = None
        for item in items_of(message):
            if isinstance(before, Rejected) and item.origin and item.origin == before.item.origin:
                before = before.also(item)  # a row whose act is refused says nothing else either
            else:
                before = _examine(item, source, rules, today, partitions)
            found.append(before)
    return found


def _examine(item: Item, source: Source | None, rules: Rules, today: date, partitions: int) -> Judged | Rejected:
    if item.refused is not None:
        refused = item.refused if source is not None or item.refused.reason == "undecodable" else NOT_REGISTERED
        about = item.about
        return _rejected(item, about.event if about.event in BY_NAME else "", about.act_id, about.subject_id, "", refused)
    if len(item.value) > _LONGEST_EVENT:
        too_long = Sentence("一个事件最多 {limit} 字节：请精简文字", "an event has at most {limit} bytes: shorten its texts")
        return Rejected(item, undecodable(too_long.of(limit=_LONGEST_EVENT)))
    decoded = decode(item.value, item.fingerprint)
    if isinstance(decoded, Rejection):
        return Rejected(item, decoded)
    name, event = decoded.name, decoded.event
    header = event["header"]
    problem = judge(name, event, source, rules, today, item.value)
    if problem is not None:
        return _rejected(item, name, header["act_id"], header["subject_id"], header["source_event_id"] or "", problem)
    source_id, subject_id = header["source_id"], header["subject_id"]
    return Judged(
        item,
        name,
        decoded.content_digest,
        (source_id, subject_id, header["act_id"]),
        (source_id, header["source_event_id"] or ""),
        partition_of(subject_id, partitions),
    )


def _rejected(item: Item, name: str, act_id: str, subject_id: str, own_id: str, problem: Rejection) -> Rejected:
    """Ids are kept in clear only if they cannot hold a number of a person, which is no part of a subject's valid id."""
    act_id, subject_id, own_id = ("" if holds_personal_number(one) else one for one in (act_id, subject_id, own_id))
    if problem.reason in ("unidentified_subject", "bad_identifier") or not is_subject_id(subject_id):
        subject_id = ""
    if problem.reason == "personal_data" and problem.field == "header.act_id":
        act_id = ""
    return Rejected(item, problem, name, act_id, subject_id, own_id)


class Decider:
    """Decides which statements of a take are new. It knows what was produced before a crash and never answered
    (orphans): such a statement, when its message comes again, is admitted where it stands instead of being taken for a
    repeat of itself, so that a crash changes neither outcomes nor event ids."""

    def __init__(self, clock: RecordedClock) -> None:
        self._clock = clock
        self._orphans: dict[str, Statement] = {}

    def adopt(self, orphans: Iterable[Statement]) -> None:
        """Takes note of unanswered statements, after partitions were given to this gate."""
        self._orphans |= {one.event_id: one for one in distinct(orphans)}

    def drop(self, partition: int) -> None:
        """Forgets the orphans of a partition."""
        self._orphans = {own: one for own, one in self._orphans.items() if one.partition != partition}

    def settle(self, outcomes: Iterable[Outcome]) -> None:
        """Orphans that were answered are orphans no more. To be called when the answers are safe."""
        if self._orphans:
            for one in outcomes:
                if isinstance(one, Admitted):
                    self._orphans.pop(one.statement.event_id, None)
                elif isinstance(one, Answered):
                    self._orphans.pop(one.receipt.event_id, None)

    def decide(
        self,
        examined: Iterable[Judged | Rejected],
        memory: Memory,
        answered: Mapping[AnswerKey, ReceiptRow],
        now: datetime,
        owns: Callable[[int], bool] = lambda partition: True,
    ) -> list[Outcome]:
        """The outcome of each item, in order. ``memory`` holds what store and window know for the items' keys;
        ``answered``: earlier receipts; ``now`` is UTC; ``owns`` tells the partitions that this gate may write to."""
        take = _Take(memory, dict(self._orphans), self._clock, whole_milliseconds(now))
        outcomes: list[Outcome] = []
        admitted: dict[AnswerKey, Admitted] = {}
        for one in examined:
            item = one.item
            key = item.sender, item.batch_id, item.index, item.bus
            earlier = admitted.get(key) if admitted else None
            outcome: Outcome | None = None
            if isinstance(one, Judged) and not owns(one.partition):
                outcome = PassedOn(item, one.partition, one.act_key[1])
            elif earlier is not None and earlier.item.value == item.value:  # the same message twice in one take
                outcome = Admitted(earlier.item, earlier.name, earlier.statement, on_log=True)
            elif answered:
                outcome = _as_before(item, answered.get(key))
                if isinstance(outcome, Answered):
                    take.orphans.pop(outcome.receipt.event_id, None)
            if outcome is None:
                outcome = one if isinstance(one, Rejected) else take.decide(one, len(outcomes))
                if isinstance(outcome, Admitted):
                    admitted[key] = outcome
            outcomes.append(outcome)
        return outcomes


class _Take:
    """The statements of one take, one after the other. ``orphans`` is a copy: a take may come to nothing."""

    def __init__(self, memory: Memory, orphans: dict[str, Statement], clock: RecordedClock, now: datetime) -> None:
        self.orphans = orphans
        self._memory, self._clock, self._now = memory, clock, now

    def decide(self, judged: Judged, at: int) -> Outcome:
        orphans, name, digest, own_id = self.orphans, judged.name, judged.digest, judged.id_key[1]
        with_id = self._memory.with_id(judged.id_key) if own_id else []
        about = self._memory.about(judged.act_key)
        if orphans:
            for one in with_id:
                if one.event_id in orphans and one.content_digest == digest and one.event == name:
                    return self._stands(judged, one.event_id)
            about = [one for one in about if one.event_id not in orphans]
        verdict = decide_repeat(name, digest, own_id, about, with_id)
        if isinstance(verdict, Rejection):
            return _rejected(judged.item, name, judged.act_key[2], judged.act_key[1], own_id, verdict)
        if isinstance(verdict, Duplicate):
            return self._repeated(judged, verdict.first, own_id if own_id and not with_id else "")
        given = event_id(judged.act_key[0], own_id, judged.act_key[2], name, digest, verdict.earlier)
        if given in orphans:
            return self._stands(judged, given)
        said = self._statement(judged, given, at)
        self._memory.add(said)
        return Admitted(judged.item, name, said, on_log=False)

    def _stands(self, judged: Judged, given: str) -> Admitted:
        said = self.orphans.pop(given)
        self._memory.add(said)
        return Admitted(judged.item, judged.name, said, on_log=True)

    def _repeated(self, judged: Judged, first: Statement, new_id: str) -> Repeated:
        """An id that came only in a duplicate is used too."""
        if new_id:
            self._memory.add(first._replace(source_event_id=new_id))
        return Repeated(judged.item, first, new_id)

    def _statement(self, judged: Judged, given: str, at: int) -> Statement:
        source_id, subject_id, act_id = judged.act_key
        return Statement(
            source_id,
            act_id,
            subject_id,
            judged.name,
            judged.digest,
            judged.id_key[1],
            given,
            judged.partition,
            _UNCONFIRMED + at,
            self._clock.at(judged.partition, self._now),
            wire.value_digest(judged.item.value),
        )


def _as_before(item: Item, receipt: ReceiptRow | None) -> Answered | None:
    """The earlier answer to the same item of the same batch. Rejections are judged again: what they lacked may be there
    now. A batch id that was used for other content answers nothing."""
    if receipt is None or receipt.outcome not in ("admitted", "duplicate"):
        return None
    return Answered(item, receipt) if receipt.value_sha256 == wire.value_digest(item.value) else None


def confirm(outcomes: Sequence[Outcome], offsets: Mapping[str, int]) -> list[Outcome]:
    """The outcomes with the offsets that the log gave to what was produced (by event id)."""
    confirmed: list[Outcome] = []
    for one in outcomes:
        match one:
            case Admitted(statement=said) if said.offset >= _UNCONFIRMED:
                confirmed.append(Admitted(one.item, one.name, _placed(said, offsets), one.on_log))
            case Repeated(first=said) if said.offset >= _UNCONFIRMED:
                confirmed.append(Repeated(one.item, _placed(said, offsets), one.new_id))
            case _:
                confirmed.append(one)
    return confirmed


def _placed(said: Statement, offsets: Mapping[str, int]) -> Statement:
    """``_replace`` takes three times as long, for every event that is admitted."""
    return Statement._make((*said[:8], offsets[said.event_id], *said[9:]))
