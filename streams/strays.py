"""Strays: what stands on the log and was not written by the gate. Each is set aside, and is an alarm; all else goes on."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from connectors.sealing import Sealer
from projections.admission import holds_personal_number
from schemas.log_record import STRAY_HEADER, LogRecord
from schemas.ports import Store
from schemas.records import StrayRecord
from schemas.wire import value_digest
from streams.topics import ACTS

log = logging.getLogger("xinji.strays")
_LONGEST_DETAIL: Final = 300
_NOTHING_THERE: Final = "no record stands there: a transaction's marker, or one that was removed"


class Stray(NamedTuple):
    """A place that no event of the gate stands on, and why; ``record`` is what stands there, if anything does."""

    partition: int
    offset: int
    detail: str
    record: LogRecord | None


def stray(record: LogRecord, detail: str) -> Stray:
    """What a record is that the gate did not write. What it says is not repeated where it may hold a number of a person."""
    told = "the bytes are no event" if holds_personal_number(detail) else detail[:_LONGEST_DETAIL]
    return Stray(record.partition, record.offset, told, record)


def absent(partition: int, offset: int) -> Stray:
    """An offset that the broker left out."""
    return Stray(partition, offset, _NOTHING_THERE, None)


class Strays:
    """Sets strays aside in the table ``stray_records``. ``sealer`` encrypts what they hold, which may be personal data; None: no
    key, and the bytes stay on the topic only. ``clock`` gives the time in UTC."""

    def __init__(self, sealer: Sealer | None, clock: Callable[[], datetime]) -> None:
        self._sealer, self.clock = sealer, clock

    def set_aside(self, store: Store, found: Sequence[Stray]) -> None:
        """Writes them down, and says so loudly. Raises what the store raises; the same may be given again."""
        if not found:
            return
        now = self.clock()
        store.write_strays([self._row(one, now) for one in found])
        for one in found:
            log.error(
                f"{ACTS}/{one.partition}/{one.offset} was not written by the gate and is set aside: "
                f"{one.detail}. `xinji strays` lists them",
                extra={"partition": one.partition, "offset": one.offset},
            )

    def _row(self, one: Stray, now: datetime) -> StrayRecord:
        if one.record is None:
            return StrayRecord(one.partition, one.offset, now, one.detail, "", 0, b"")
        if refilled := dict(one.record.headers).get(STRAY_HEADER):
            return StrayRecord(one.partition, one.offset, now, one.detail, refilled.decode("ascii", "replace")[:64], 0, b"")
        value = one.record.value
        sealed = self._sealer.seal(_plain(one.record)) if self._sealer else b""
        return StrayRecord(one.partition, one.offset, now, one.detail, value_digest(value), len(value), sealed)


def _plain(record: LogRecord) -> bytes:
    """Key, headers and value, as JSON with the bytes in base64."""
    headers = [[name, _text(value)] for name, value in record.headers]
    return orjson.dumps({"key": _text(record.key), "headers": headers, "value": _text(record.value)})


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
