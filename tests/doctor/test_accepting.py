"""A record is put back only where it is what stood there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schemas import wire
from schemas.event_id import event_id
from schemas.log_record import LogRecord
from schemas.partition import partition_of
from schemas.records import LandedEvent
from schemas.registry import fingerprint_of
from streams.doctor.accepting import accepted
from streams.topics import ACTS_PARTITIONS
from tests.core.builders import penalty

AT = datetime(2024, 3, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
_SAID = penalty("2024-02-01")
OWN = event_id(_SAID.value["header"]["source_id"], "", _SAID.act_id, _SAID.name, wire.content_digest(_SAID.name, _SAID.value), 0)


def record() -> LogRecord:
    event = penalty("2024-02-01")
    header = event.value["header"]
    value, subject = wire.encode(event.name, event.value), header["subject_id"].encode()
    headers = (
        ("ce_id", OWN.encode()),
        ("ce_source", header["source_id"].encode()),
        ("ce_subject", subject),
        ("ce_time", b"2024-03-01T08:00:00.000Z"),
        (wire.FINGERPRINT_HEADER, fingerprint_of(event.name).encode()),
    )
    return LogRecord(partition_of(header["subject_id"], ACTS_PARTITIONS), 5, subject, value, headers, AT)


def test_the_record_that_stood_there_is_taken() -> None:
    one = record()
    witness = (OWN, wire.value_digest(one.value))
    for witnesses in ((), (witness,), (witness, witness)):
        found = accepted(one, witnesses, AT - SECOND, AT + SECOND)
        assert isinstance(found, LandedEvent)
        assert (found.event_id, found.value, found.topic_offset) == (OWN, one.value, 5)


@pytest.mark.parametrize(
    ("changed", "witnesses", "after", "before", "why"),
    [
        ({}, [("e2", "aa")], None, None, "receipts"),
        ({}, [(OWN, "aa")], None, None, "receipts"),
        ({}, [], AT + SECOND, None, "neighbours"),
        ({}, [], None, AT - SECOND, "neighbours"),
        ({"value": b"\0\0\0\0\1"}, [], None, None, "gate"),
        ({"headers": ()}, [], None, None, "gate"),
        ({"key": b"other"}, [], None, None, "gate"),
        ({"partition": 99}, [], None, None, "gate"),
    ],
)
def test_any_other_is_not(
    changed: dict[str, object], witnesses: list[tuple[str, str]], after: datetime, before: datetime, why: str
) -> None:
    found = accepted(record()._replace(**changed), witnesses, after, before)
    assert not isinstance(found, LandedEvent)
    assert why in found.en
