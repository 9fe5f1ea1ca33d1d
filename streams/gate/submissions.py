"""Submission messages and the statements in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from projections.admission import REASONS, Rejection, holds_personal_number
from projections.admission.judge import undecodable
from schemas import wire
from streams.topics import UNREGISTERED

_LONGEST_MESSAGE: Final = 1000
_SOURCE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,200}\Z")
_BATCH_ID: Final = re.compile(r"[!-~]{1,200}\Z")
"""A UUID is expected; another one of printable ASCII will do, anything else is treated as none."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A message of a topic ``submissions.<source_id>``; ``fingerprint`` is that of its header, where it has one."""

    source_id: str
    topic: str
    partition: int
    offset: int
    value: bytes
    fingerprint: str | None = None

    @property
    def own_id(self) -> str:
        """What stands for a batch id where the sender gave none."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a message: (batch_id, index) names it in receipts. ``refused``: the connector could not make an
    event of it, or the message cannot be read."""

    message: Submission
    batch_id: str
    index: int
    value: bytes
    fingerprint: str | None
    origin: str
    refused: Rejection | None


def items_of(message: Submission) -> Iterator[Item]:
    """The statements of a message. One that cannot be read is a single refused item that holds all its bytes."""
    try:
        batch = wire.decode_batch(message.value)
    except wire.Undecodable:
        advice = "send a SubmissionBatch (schemas/transport) or one framed event of this product"
        yield Item(message, message.own_id, 0, message.value, None, "", undecodable(advice))
        return
    if batch is None:
        yield Item(message, message.own_id, 0, message.value, message.fingerprint, "", None)
        return
    if message.source_id == UNREGISTERED and _SOURCE_ID.match(batch["source_id"]):
        message = replace(message, source_id=batch["source_id"])  # who says it is; the topic alone entitles
    batch_id = batch["batch_id"] if _BATCH_ID.match(batch["batch_id"]) else message.own_id
    for index, item in enumerate(batch["items"]):
        refused = _refusal(item["refused"]) if item["refused"] is not None else None
        yield Item(message, batch_id, index, item["value"], item["fingerprint"], item["origin"] or "", refused)


def _refusal(refused: Mapping[str, Any]) -> Rejection:
    """A connector's refusal, as far as it keeps to the closed list of reasons and quotes no number of a person."""
    reason = refused["reason"] if refused["reason"] in REASONS else "undecodable"
    field, message = refused["field"], refused["message"][:_LONGEST_MESSAGE]
    if holds_personal_number(field) or holds_personal_number(message):
        field, message = "", f"the connector could not make an event of this row: {REASONS[reason].en}"
    return Rejection(reason, field, message)
