"""An admitted event as it stands on the log, and the ids that it mentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from schemas.registry import fields_of


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """One admitted event. ``recorded_at`` is UTC; ``value`` is the decoded event, its header under ``header``."""

    event_id: str
    name: str
    partition: int
    offset: int
    recorded_at: datetime
    value: Mapping[str, Any]

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
    found = [event["header"]["subject_id"]]
    for field in mention_fields(name):
        value = event.get(field)
        found += [value] if isinstance(value, str) else value or []
    return tuple(dict.fromkeys(one for one in found if one))
