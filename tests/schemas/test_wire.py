"""The wire format: what goes in comes out, and a stranger's bytes are refused with a reason."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import registry, release, wire
from schemas.catalogue import BY_NAME
from tests.schemas.values import event as events
from tests.schemas.values import value as values

NAMES = list(BY_NAME)
ADDED_BY_PUSH = {"source_event_id": "other", "submitted_at": datetime(2026, 1, 2, 3, 4, 5, 6000, UTC), "sequence": 7}
FULL = {name: release.full(name) for name in NAMES}
FRAMED = {name: wire.encode(name, event) for name, event in FULL.items()}
PENALTY = FRAMED["PenaltyImposed"]


def with_header(event: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**event, "header": {**event["header"], **fields}}


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_round_trip(name: str, data: st.DataObject) -> None:
    event = data.draw(events(name))
    value = wire.encode(name, event)
    assert wire.decode(value) == (name, event)
    assert wire.decode(value, registry.fingerprint_of(name)) == (name, event)
    assert value[:5] == b"\x00" + BY_NAME[name].number.to_bytes(4, "big")


@pytest.mark.parametrize("name", NAMES)
def test_a_foreign_client_reads_it_with_the_schema_alone(name: str) -> None:
    read: Any = fastavro.schemaless_reader(io.BytesIO(FRAMED[name][5:]), fastavro.parse_schema(registry.source(name)), None)
    assert read == FULL[name]


def test_fields_left_out_get_their_defaults() -> None:
    event = {"header": {"occurred_on": FULL["ActDisclosed"]["disclosed_on"]}, "disclosed_on": FULL["ActDisclosed"]["disclosed_on"]}
    _, read = wire.decode(wire.encode("ActDisclosed", event))
    assert read["channel"] is None
    assert read["header"]["subject_kind"] == "unknown"
    assert read["header"]["legal_basis"] == []


@pytest.mark.parametrize(
    ("value", "fingerprint", "detail"),
    [
        (b"", None, "does not begin"),
        (b"\x00\x00\x00\x00", None, "does not begin"),
        (b"\x01" + PENALTY[1:], None, "does not begin"),
        ("处罚,2018".encode(), None, "does not begin"),
        (PENALTY[:5], None, "not a PenaltyImposed"),
        (PENALTY[:-1], None, "not a PenaltyImposed"),
        (PENALTY + b"\x00", None, "1 bytes stand after the end"),
        (b"\x00" + (999).to_bytes(4, "big") + PENALTY[5:], None, "unknown schema id 999"),
        (b"\x00" + registry.BATCH_NUMBER.to_bytes(4, "big") + PENALTY[5:], None, "unknown schema id 1001"),
        (PENALTY, "0" * 64, "unknown schema fingerprint 000"),
        (PENALTY, "", "unknown schema fingerprint"),
        (PENALTY, registry.schema_fingerprint(registry.batch_source()), "unknown schema fingerprint"),
        (b"\x00\x00\x00\x00\x03" + b"\x02\x04\xff\xfe", None, "UnicodeDecodeError"),
        (b"\x00\x00\x00\x00\x03" + b"\x04" * 40, None, "not a PenaltyImposed"),
    ],
    ids=lambda case: None,
)
def test_undecodable(value: bytes, fingerprint: str | None, detail: str) -> None:
    with pytest.raises(wire.Undecodable, match=detail) as caught:
        wire.decode(value, fingerprint)
    assert detail in caught.value.detail
    assert "frame the event with a schema from schemas/events" in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_truncation_is_seen(name: str) -> None:
    for end in range(len(FRAMED[name])):
        with pytest.raises(wire.Undecodable):
            wire.decode(FRAMED[name][:end])


@settings(max_examples=300, deadline=None)
@given(number=st.integers(1, len(NAMES)), body=st.binary(max_size=200))
def test_a_strangers_bytes_raise_nothing_else(number: int, body: bytes) -> None:
    try:
        name, event = wire.decode(b"\x00" + number.to_bytes(4, "big") + body)
    except wire.Undecodable:
        return
    assert wire.decode(wire.encode(name, event)) == (name, event)


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(NAMES), at=st.integers(5, 400), byte=st.integers(0, 255))
def test_a_damaged_event_raises_nothing_else(name: str, at: int, byte: int) -> None:
    damaged = bytearray(FRAMED[name])
    damaged[5 + (at - 5) % (len(damaged) - 5)] = byte
    try:
        wire.decode(bytes(damaged))
    except wire.Undecodable as problem:
        assert problem.detail


def test_the_fingerprint_decides_not_the_number() -> None:
    """A registry of somebody else's gives its own ids."""
    foreign = b"\x00" + (4711).to_bytes(4, "big") + PENALTY[5:]
    assert wire.decode(foreign, registry.fingerprint_of("PenaltyImposed")) == ("PenaltyImposed", FULL["PenaltyImposed"])


@pytest.mark.parametrize(
    "change",
    [
        {"nope": "x"},
        {"fine_amount": 5.0},
        {"fine_amount": "5"},
        {"fine_amount": Decimal("0.005")},
        {"fine_amount": Decimal("1234567890123456789.00")},
        {"fine_amount": Decimal("NaN")},
        {"remark": 5},
        {"remark": "\ud800"},
        {"extra": {"a": 1}},
        {"extra": None},
        {"penalty_categories": None},
        {"valid_to": "2018-13-01"},
        {"header": None},
        {"header": {}},
    ],
    ids=str,
)
def test_unencodable(change: dict[str, Any]) -> None:
    with pytest.raises(wire.Unencodable) as caught:
        wire.encode("PenaltyImposed", {**FULL["PenaltyImposed"], **change})
    assert caught.value.name == "PenaltyImposed"
    assert caught.value.detail


def test_a_number_too_large_is_unencodable() -> None:
    with pytest.raises(wire.Unencodable, match="sequence"):
        wire.encode("ActDisclosed", with_header(FULL["ActDisclosed"], sequence=2**63))


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_does_not_see_what_a_push_adds(name: str) -> None:
    digest = wire.content_digest(name, FULL[name])
    for field, value in ADDED_BY_PUSH.items():
        assert wire.content_digest(name, with_header(FULL[name], **{field: value})) == digest
        assert wire.content_digest(name, with_header(FULL[name], **{field: None})) == digest
    assert FULL[name]["header"]["source_event_id"] is not None, "the event itself is left as it is"


@pytest.mark.parametrize("name", NAMES)
def test_the_digest_sees_everything_else(name: str) -> None:
    event = FULL[name]
    digest, minimal = wire.content_digest(name, event), release.minimal(name)
    for field in registry.header_fields().keys() - ADDED_BY_PUSH.keys() - minimal["header"].keys():
        header = {key: value for key, value in event["header"].items() if key != field}
        assert wire.content_digest(name, {**event, "header": header}) != digest, field
    for field in ("act_id", "subject_id", "subject_name", "authority_id", "authority_name", "source_id", "source_name"):
        assert wire.content_digest(name, with_header(event, **{field: "other"})) != digest, field
    for field in registry.fields_of(name).keys() - minimal.keys():
        left = {key: value for key, value in event.items() if key != field}
        default = registry.fields_of(name)[field]["default"]
        assert wire.content_digest(name, left) != digest or event[field] == default, field


def test_the_digest_does_not_see_the_order_of_a_maps_keys() -> None:
    event = FULL["PenaltyImposed"]
    one, other = ({**event, "extra": extra} for extra in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}))
    assert wire.content_digest("PenaltyImposed", one) == wire.content_digest("PenaltyImposed", other)


def test_the_digest_is_of_the_decoded_event_too() -> None:
    event = release.minimal("PenaltyImposed")
    assert wire.content_digest("PenaltyImposed", event) == wire.content_digest(
        "PenaltyImposed", wire.decode(wire.encode("PenaltyImposed", event))[1]
    )


def test_the_digest_of_a_value_is_of_its_bytes() -> None:
    assert wire.value_digest(PENALTY) == hashlib.sha256(PENALTY).hexdigest()


@settings(max_examples=50, deadline=None)
@given(values(registry.batch_source()).map(lambda batch: {**batch, "batch_id": "b"}))
def test_batches_round_trip(batch: dict[str, Any]) -> None:
    assert wire.decode_batch(wire.encode_batch(batch)) == batch


def test_a_framed_event_is_no_batch() -> None:
    assert wire.decode_batch(PENALTY) is None


@pytest.mark.parametrize("value", [b"", b"\x00\x00\x00", b"\x01\x00\x00\x03\xe8\x00", b"csv,row"])
def test_a_message_in_another_format(value: bytes) -> None:
    with pytest.raises(wire.Undecodable, match="does not begin"):
        wire.decode_batch(value)


def test_every_truncation_of_a_batch_is_seen() -> None:
    value = wire.encode_batch(release.full(registry.BATCH))
    for end in range(len(value)):
        with pytest.raises(wire.Undecodable):
            wire.decode_batch(value[:end])
