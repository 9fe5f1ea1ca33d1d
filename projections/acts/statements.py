"""What was said about one act: every statement once, without those that were taken back, each as corrected.

A revocation with ``target_event_id`` takes one statement back; a correction with it corrects that one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from projections.acts.amendments import InvalidChange, amended, corrected_fields
from schemas.catalogue import BY_NAME
from schemas.logged import LoggedEvent

Content = Mapping[str, Any]
Valid = Callable[[LoggedEvent, LoggedEvent, Content], bool]
"""``valid(event, said_by, content)``: whether an event's content, as changed by what ``said_by`` says, is valid."""


@dataclass(frozen=True, slots=True)
class Statement:
    """An event about an act with its content as corrected; ``ineffective`` are corrections of it that had no effect."""

    event: LoggedEvent
    content: Content
    ineffective: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.event.name

    @property
    def occurred_on(self) -> date:
        day: date = self.content["header"]["occurred_on"]
        return day

    @property
    def source_id(self) -> str:
        source: str = self.event.header["source_id"]
        return source


def once_each(events: Iterable[LoggedEvent]) -> list[LoggedEvent]:
    """The events in recorded order, one that stands twice on the log at its lowest offset only."""
    kept: dict[str, LoggedEvent] = {}
    for event in sorted(events, key=lambda one: one.recorded_order):
        kept.setdefault(event.event_id, event)
    return list(kept.values())


def effective(events: list[LoggedEvent], valid: Valid) -> list[Statement]:
    """The statements about one act that hold, in recorded order. ``events`` are in recorded order, each once."""
    if not any(event.value.get("target_event_id") for event in events):
        return [Statement(event, event.value) for event in events]
    standing = _standing(events)
    corrections: dict[str, list[LoggedEvent]] = {}
    # a correction that names the making event is one of the act: it takes its turn among the restatements
    made_by = next((event.event_id for event in standing if BY_NAME[event.name].makes_act), None)
    for event in standing:
        target = event.value.get("target_event_id") if event.name == "ActCorrected" else None
        if target and target not in (event.event_id, made_by):
            corrections.setdefault(target, []).append(event)
    return [_corrected(event, corrections, valid, frozenset()) for event in standing]


def _standing(events: list[LoggedEvent]) -> list[LoggedEvent]:
    """Events that no standing revocation takes back. Where revocations take each other back, the later recorded stands."""
    takers: dict[str, list[LoggedEvent]] = {}
    for event in events:
        target = event.value.get("target_event_id") if event.name == "ActRevoked" else None
        if target:
            takers.setdefault(target, []).append(event)
    verdicts: dict[str, bool] = {}

    def stands(event: LoggedEvent, asking: frozenset[str]) -> bool:
        if event.event_id not in verdicts:
            path = asking | {event.event_id}
            verdicts[event.event_id] = not any(
                taker is not event and (taker.event_id in asking or stands(taker, path)) for taker in takers.get(event.event_id, ())
            )
        return verdicts[event.event_id]

    for event in reversed(events):
        stands(event, frozenset())
    return [event for event in events if verdicts[event.event_id]]


def _corrected(event: LoggedEvent, corrections: Mapping[str, list[LoggedEvent]], valid: Valid, asking: frozenset[str]) -> Statement:
    content, ineffective = event.value, []
    for correction in corrections.get(event.event_id, ()):
        if correction.event_id in asking:
            continue
        said = _corrected(correction, corrections, valid, asking | {event.event_id}).content
        try:
            changed = amended(event.name, content, corrected_fields(event.name, said["fields"]))
        except InvalidChange:
            ineffective.append(correction.event_id)
            continue
        if valid(event, correction, changed):
            content = changed
        else:
            ineffective.append(correction.event_id)
    return Statement(event, content, tuple(ineffective))
