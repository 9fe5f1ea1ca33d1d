"""Submission messages and the statements in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from projections.admission import REASONS, Rejection, holds_personal_number
from projections.admission.judge import undecodable
from schemas import wire
from schemas.about import NOTHING, About, decode_about
from schemas.sentence import Sentence, literal
from streams.topics import SOURCE_ID, UNREGISTERED, sender

INDEX_HEADER: Final = "xinji_index"
"""On a message that a gate passed on: the places of its statements in the batch that they were sent in, as JSON."""
_LONGEST_MESSAGE: Final = 1000
_LARGEST_INDEX: Final = 2**32 - 1
_BATCH_ID: Final = re.compile(r"[!-~]{1,300}\Z")
"""A UUID is expected; another one of printable ASCII will do, anything else is treated as none."""
_PLACE: Final = re.compile(r"submissions\.[A-Za-z0-9._-]{1,200}/\d+/\d+\Z")
"""What stands for a batch id where the sender gave none."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A message of a topic ``submissions.<source_id>``; ``fingerprint``, ``index`` and ``about`` are those of its
    headers, if any; ``bus`` is the life of the bus in which its place means something."""

    source_id: str
    topic: str
    partition: int
    offset: int
    value: bytes
    fingerprint: str | None = None
    index: bytes | None = None
    about: bytes | None = None
    bus: str = ""

    @property
    def own_id(self) -> str:
        """What stands for a batch id where the sender gave none."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(slots=True)
class Item:
    """One statement of a message: (sender, batch_id, index) names it in receipts. ``source_id`` is who says that it sent
    it, ``refused``: the connector could not make an event of it, or the message cannot be read. ``bus``: where the batch id is
    a place, the life of the bus that it is of. Not frozen: one is made
    of every statement, and freezing triples that."""

    message: Submission
    sender: str
    source_id: str
    batch_id: str
    index: int
    value: bytes
    fingerprint: str | None
    origin: str
    refused: Rejection | None
    about: About = NOTHING
    bus: str = ""


def items_of(message: Submission) -> Iterator[Item]:
    """The statements of a message. One that cannot be read is a single refused item that holds all its bytes."""
    own = sender(message.topic), message.source_id
    try:
        batch = wire.decode_batch(message.value)
    except wire.Undecodable:
        advice = Sentence(
            "请发送 SubmissionBatch（schemas/transport）或本产品的单个事件",
            "send a SubmissionBatch (schemas/transport) or one framed event of this product",
        )
        yield Item(message, *own, message.own_id, 0, message.value, None, "", undecodable(advice), bus=message.bus)
        return
    if batch is None:
        yield Item(message, *own, message.own_id, 0, message.value, message.fingerprint, "", None, bus=message.bus)
        return
    if message.source_id == UNREGISTERED and SOURCE_ID.match(batch["source_id"]):
        own = sender(message.topic, batch["source_id"]), batch["source_id"]  # who says it is; the topic alone entitles
    batch_id = batch["batch_id"] if _BATCH_ID.match(batch["batch_id"]) else message.own_id
    bus = message.bus if _PLACE.match(batch_id) else ""  # also of what a gate passed on
    items, abouts = batch["items"], decode_about(message.about)
    for at, (index, item) in enumerate(zip(_places(message.index, len(items)), items, strict=True)):
        refused = _refusal(item["refused"]) if item["refused"] is not None else None
        about = abouts.get(at, NOTHING) if abouts else NOTHING
        yield Item(message, *own, batch_id, index, item["value"], item["fingerprint"], item["origin"] or "", refused, about, bus)


def _places(header: bytes | None, count: int) -> Sequence[int]:
    """Where the items stood in the batch that was sent. Anybody can write a header, so it must make sense."""
    if header is None:
        return range(count)
    try:
        told = orjson.loads(header)
    except orjson.JSONDecodeError:
        return range(count)
    sound = isinstance(told, list) and len(told) == count and all(type(one) is int and 0 <= one <= _LARGEST_INDEX for one in told)
    return told if sound and len(set(told)) == count else range(count)


def _refusal(refused: Mapping[str, Any]) -> Rejection:
    """A connector's refusal, as far as it keeps to the closed list of reasons and quotes no number of a person."""
    reason = refused["reason"] if refused["reason"] in REASONS else "undecodable"
    field, stated = refused["field"], (refused["message_zh"][:_LONGEST_MESSAGE], refused["message"][:_LONGEST_MESSAGE])
    if any(map(holds_personal_number, (field, *stated))):
        why = Sentence("报送端无法将该行转成事件：{why}", "the connector could not make an event of this row: {why}")
        return Rejection(reason, "", why.of(why=REASONS[reason]))
    return Rejection(reason, field, literal(*stated))
