"""A record of the log: the topic ``acts``, which the gate alone writes."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from schemas import wire
from schemas.logged import LoggedEvent

TOPIC: Final = "acts"


class NotOfTheGate(RuntimeError):
    """A record of the log that the gate did not write, with its place. The log must be written by the gate alone."""

    def __init__(self, partition: int, offset: int, detail: str) -> None:
        self.partition, self.offset, self.detail = partition, offset, detail
        super().__init__(
            f"{TOPIC}/{partition}/{offset} was not written by the gate ({detail}). Only the gate may write to {TOPIC}: "
            "find out who else did, and take the right to write away from them"
        )


class LogRecord(NamedTuple):
    """One record of the log as it stands there, enough to produce it again: place, key, raw bytes, headers, and recorded_at
    (UTC, milliseconds), which is its timestamp."""

    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    recorded_at: datetime

    def header(self, name: str) -> str:
        """A header's text; raises NotOfTheGate where it is missing."""
        for key, value in self.headers:
            if key == name:
                return value.decode()
        raise NotOfTheGate(self.partition, self.offset, f"it has no header {name}")

    @property
    def event_id(self) -> str:
        return self.header("ce_id")

    @property
    def fingerprint(self) -> str:
        return self.header(wire.FINGERPRINT_HEADER)

    def decoded(self) -> LoggedEvent:
        """The event; raises NotOfTheGate where the bytes are none."""
        return self.read()[0]

    def read(self) -> tuple[LoggedEvent, str]:
        """The event and the fingerprint of its schema; raises NotOfTheGate where the bytes are none."""
        named = dict(self.headers)
        try:
            event_id, fingerprint = named["ce_id"].decode(), named[wire.FINGERPRINT_HEADER].decode()
            name, value = wire.decode(self.value, fingerprint)
        except KeyError as missing:
            raise NotOfTheGate(self.partition, self.offset, f"it has no header {missing}") from missing
        except wire.Undecodable as problem:
            raise NotOfTheGate(self.partition, self.offset, problem.detail) from problem
        return LoggedEvent(event_id, name, self.partition, self.offset, self.recorded_at, value), fingerprint
