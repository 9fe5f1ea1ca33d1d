"""Repeats: is a statement new, the same again, or a contradiction (semantics: admission)?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from projections.admission.reasons import Rejection
from schemas.sentence import Sentence


class Known(Protocol):
    """What admission needs of a statement that stands on the log. ``event`` is the event's name; recorded_at is UTC."""

    @property
    def event(self) -> str: ...
    @property
    def content_digest(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...


K = TypeVar("K", bound=Known)


@dataclass(frozen=True, slots=True)
class New:
    """To be admitted. ``earlier``: how many statements the source made about the act before."""

    earlier: int


@dataclass(frozen=True, slots=True)
class Duplicate(Generic[K]):
    """The same again: ``first`` is the statement as it was first recorded, whose receipt the sender gets again."""

    first: K


def decide_repeat(
    name: str,
    content_digest: str,
    source_event_id: str,
    about_act: Iterable[K],
    with_id: Iterable[K],
) -> New | Duplicate[K] | Rejection:
    """What a statement is, given what is known of its source: ``about_act`` are the source's statements about the same
    subject and act, ``with_id`` those for which it used the same ``source_event_id`` (empty: it gave none). Both may be
    in any order and hold a statement twice, as the log may after a crash: it counts once, where it was first recorded."""
    if source_event_id:
        used = distinct(with_id)
        same = next((one for one in used if one.content_digest == content_digest and one.event == name), None)
        if same is not None:
            return Duplicate(same)
        if used:
            return Rejection(
                "conflicting_duplicate",
                "header.source_event_id",
                Sentence(
                    "该陈述编号（source_event_id）已用于其他内容：新的陈述请用新编号，更正请报送 ActCorrected",
                    "this source_event_id was used for other content: give a new statement a new id, or send an ActCorrected",
                ),
            )
    said = distinct(about_act)
    latest = next((one for one in reversed(said) if one.event == name), None)
    if latest is not None and latest.content_digest == content_digest:
        return Duplicate(latest)
    return New(len(said))


def distinct(statements: Iterable[K]) -> list[K]:
    """Each statement once, where it was first recorded, in recorded order."""
    first: dict[str, K] = {}
    for one in statements:
        known = first.get(one.event_id)
        if known is None or _order(one) < _order(known):
            first[one.event_id] = one
    return sorted(first.values(), key=_order) if len(first) > 1 else list(first.values())


def _order(one: Known) -> tuple[datetime, int, int]:
    return one.recorded_at, one.partition, one.offset
