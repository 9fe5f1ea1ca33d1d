"""An admitted event as it stands on the log, and the ids that it mentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from schemas.content import content_json
from schemas.registry import fields_of


@dataclass(slots=True)
class LoggedEvent:
    """One admitted event. ``recorded_at`` is UTC; ``value`` is the decoded event, its header under ``header``. Nobody changes
    one: it is not frozen because one is made of every record, and making a frozen one costs four times as much."""

    event_id: str
    name: str
    partition: int
    offset: int
    recorded_at: datetime
    value: Mapping[str, Any]
    _text: str = field(default="", init=False, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The event as JSON (schemas.content). It is kept: ``act_log`` shows it, and the row of an act that it makes."""
        if not self._text:
            self._text = content_json(self.value)
        return self._text

    @property
    def header(self) -> Mapping[str, Any]:
        header: Mapping[str, Any] = self.value["header"]
        return header

    @property
    def recorded_order(self) -> tuple[datetime, int, int]:
        """Recorded order: (recorded_at, partition, offset)."""
        return self.recorded_at, self.partition, self.offset


@cache
def mention_fields(name: str) -> tuple[str, ...]:
    """Fields of an event that hold subject ids (marked ``"mention": true`` in its schema)."""
    return tuple(field for field, schema in fields_of(name).items() if schema.get("mention"))


def mentions(name: str, event: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids that an event mentions: its subject, and every id that its fields name."""
    subject_id: str = event["header"]["subject_id"]
    named = [value for one in mention_fields(name) if (value := event.get(one))]
    if not named:
        return (subject_id,) if subject_id else ()
    found = [subject_id]
    for value in named:
        found += [value] if isinstance(value, str) else value
    return tuple(dict.fromkeys(filter(None, found)))
