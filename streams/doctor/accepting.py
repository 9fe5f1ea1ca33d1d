"""Whether a record may be put back into the log: it must be what stood at its place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from schemas.log_record import LogRecord, NotOfTheGate
from schemas.records import LandedEvent
from schemas.sentence import Sentence
from streams.projector.landing import landed

Witness = tuple[str, str]
"""An event's id and the SHA-256 of its bytes, as a receipt or an index names them."""


def accepted(
    record: LogRecord, witnesses: Sequence[Witness], after: datetime | None, before: datetime | None
) -> LandedEvent | Sentence:
    """The row of a record, or why it is not taken. ``witnesses`` say which event stood at its place; ``after`` and ``before``
    are the times of its neighbours, None where there is none."""
    try:
        row, _ = landed(record)
    except NotOfTheGate as problem:
        return Sentence("不是接收程序写入的：{detail}", "was not written by the gate: {detail}").of(detail=problem.detail)
    if any(one != (row.event_id, row.value_sha256) for one in witnesses):
        return Sentence("与回执所记的事件或摘要不符", "is not the event, or not the bytes, that receipts name")
    if (after is not None and record.recorded_at < after) or (before is not None and record.recorded_at > before):
        return Sentence("入库时间与前后记录不符", "its time does not lie between those of its neighbours")
    return row
