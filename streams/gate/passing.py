"""Statements that came by the wrong partition are passed on to the gate that writes theirs, under the same batch and index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import orjson

from schemas import wire
from schemas.about import ABOUT_HEADER, encode_about
from streams.gate.outcomes import Outcome, PassedOn
from streams.gate.port import Record
from streams.gate.submissions import INDEX_HEADER

_MOST: Final = 200
_MOST_BYTES: Final = 700_000


def passing_records(outcomes: Iterable[Outcome]) -> Iterator[Record]:
    """Messages for the same topics, each to the partition of its statements. What came in one batch for one partition
    stays together and in its order."""
    parts: dict[tuple[str, str, int], list[PassedOn]] = {}
    for one in outcomes:
        if isinstance(one, PassedOn):
            parts.setdefault((one.item.message.topic, one.item.batch_id, one.partition), []).append(one)
    for (topic, batch_id, partition), together in parts.items():
        for some in _slices(together):
            yield _message(topic, batch_id, partition, some)


def _slices(passed: list[PassedOn]) -> Iterator[list[PassedOn]]:
    part: list[PassedOn] = []
    size = 0
    for one in passed:
        if part and (len(part) >= _MOST or size + len(one.item.value) > _MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.item.value)
    if part:
        yield part


def _message(topic: str, batch_id: str, partition: int, passed: list[PassedOn]) -> Record:
    items = [
        {"value": one.item.value, "fingerprint": one.item.fingerprint, "origin": one.item.origin or None, "refused": None}
        for one in passed
    ]
    value = wire.encode_batch({"batch_id": batch_id, "source_id": passed[0].item.source_id, "items": items})
    index = [one.item.index for one in passed]
    headers = [(INDEX_HEADER, orjson.dumps(index))]
    if (about := encode_about(one.item.about for one in passed)) is not None:
        headers.append((ABOUT_HEADER, about))
    tag = f"{topic}/{partition}/{batch_id}/{index[0]}"
    return Record(topic, partition, passed[0].subject_id.encode(), value, tuple(headers), None, tag)
