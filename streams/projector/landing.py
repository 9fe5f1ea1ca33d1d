"""A record of the log as a row of ``act_log``."""

from __future__ import annotations

from projections.rows import content_json
from schemas import wire
from schemas.catalogue import BY_NAME
from schemas.identifiers import subject_kind
from schemas.logged import LoggedEvent, mentions
from schemas.records import LandedEvent
from streams.log import LogRecord


def landed(record: LogRecord) -> tuple[LandedEvent, LoggedEvent]:
    """The row and the decoded event of one record; raises NotOfTheGate for a record that the gate did not write."""
    event = record.decoded()
    header = event.header
    row = LandedEvent(
        topic_partition=record.partition,
        topic_offset=record.offset,
        recorded_at=record.recorded_at,
        event_id=event.event_id,
        event=event.name,
        kind=BY_NAME[event.name].kind or "",
        act_id=header["act_id"],
        subject_id=header["subject_id"],
        subject_name=header["subject_name"],
        subject_kind=subject_kind(header["subject_id"], header["subject_kind"]),
        authority_id=header["authority_id"],
        authority_name=header["authority_name"] or header["authority_id"].removeprefix("name:"),
        source_id=header["source_id"],
        source_name=header["source_name"],
        source_event_id=header["source_event_id"] or "",
        occurred_on=header["occurred_on"],
        imported=header["imported"],
        content_digest=wire.content_digest(event.name, event.value),
        value_sha256=wire.value_digest(record.value),
        fingerprint=record.fingerprint,
        mentions=mentions(event.name, event.value),
        content=content_json(event.value),
        headers=record.headers,
        value=record.value,
    )
    return row, event
