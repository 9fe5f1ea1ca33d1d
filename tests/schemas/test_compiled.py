"""What is compiled for a schema does as fastavro does, or gives up."""

from __future__ import annotations

import copy
import io
from decimal import Decimal
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader, schemaless_writer
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import registry, release, stated, wire
from schemas.catalogue import BY_NAME
from schemas.decoder import decoder
from schemas.encoder import encoder
from tests.schemas.values import event as events

NAMES = list(BY_NAME)
QUICK = settings(max_examples=8, deadline=None)


def general(schema: Any, value: bytes, reader: Any = None) -> Any:
    return schemaless_reader(io.BytesIO(value), schema, reader)


def written(schema: Any, event: Any) -> bytes:
    out = io.BytesIO()
    schemaless_writer(out, schema, event, strict_allow_default=True)
    return out.getvalue()


def grown(name: str) -> Any:
    """A later version: new fields in event and header, a wider number, an optional text."""
    schema = copy.deepcopy(registry.source(name))
    added = [{"name": "later", "type": {"type": "array", "items": "string"}, "default": []}]
    schema["fields"] = [*schema["fields"][:2], *added, *schema["fields"][2:]]
    header = schema["fields"][0]["type"]
    header["fields"].append({"name": "region", "type": ["null", "string"], "default": None})
    header["fields"][1]["type"] = ["null", "string"]
    return parse_schema(schema)


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_an_event_has_the_bytes_and_the_values_that_fastavro_gives_it(name: str, data: st.DataObject) -> None:
    schema, event = registry.parsed(name), data.draw(events(name))
    encode, decode = encoder(schema), decoder(schema, schema)
    assert encode is not None
    assert decode is not None
    out = bytearray()
    encode(event, out)
    value = written(schema, event)
    assert bytes(out) == value
    read, end = decode(value, 0)
    assert (read, end) == (general(schema, value), len(value))
    assert repr(sorted(read.items())) == repr(sorted(general(schema, value).items())), "equal to the sign and the scale"


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_an_old_event_is_read_as_a_grown_schema_reads_it(name: str, data: st.DataObject) -> None:
    old, new = registry.parsed(name), grown(name)
    decode, event = decoder(old, new), data.draw(events(name))
    assert decode is not None
    value = written(old, event)
    assert decode(value, 0) == (general(old, value, new), len(value))


def test_what_is_new_is_a_value_of_its_own_each_time() -> None:
    decode = decoder(registry.parsed("ActDisclosed"), grown("ActDisclosed"))
    assert decode is not None
    value = written(registry.parsed("ActDisclosed"), release.full("ActDisclosed"))
    decode(value, 0)[0]["later"].append("x")
    assert decode(value, 0)[0]["later"] == []


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(NAMES), at=st.integers(0, 2000), put=st.binary(max_size=12), cut=st.integers(0, 3))
def test_of_damaged_bytes_it_reads_what_fastavro_reads_or_gives_up(name: str, at: int, put: bytes, cut: int) -> None:
    schema = registry.parsed(name)
    whole = written(schema, release.full(name))
    at %= len(whole)
    damaged = whole[:at] + put + whole[at + cut :]
    decode = decoder(schema, schema)
    assert decode is not None
    try:
        read, end = decode(damaged, 0)
    except Exception:
        return
    if end == len(damaged):
        assert read == general(schema, damaged)


@pytest.mark.parametrize("value", [b"\xff" * 12, b"\x80" * 11 + b"\x00", b"\x02\x01", b"\x02\x03abc", b"\x04"])
def test_it_gives_up_on_numbers_and_lengths_that_nobody_writes(value: bytes) -> None:
    schema = parse_schema(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", "string"]}, {"name": "b", "type": "long"}]}
    )
    decode = decoder(schema, schema)
    assert decode is not None
    with pytest.raises((ValueError, IndexError)):
        decode(value + b"\x00" * 3, 0)


@pytest.mark.parametrize(
    "kind", ["double", {"type": "enum", "name": "E", "symbols": ["A"]}, ["string", "null"], {"type": "array", "items": "long"}]
)
def test_types_that_no_event_has_are_left_to_fastavro(kind: Any) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": kind}]}
    assert decoder(schema, schema) is None
    assert encoder(schema) is None


@pytest.mark.parametrize(
    "later",
    [
        [{"name": "a", "type": ["null", "long"], "default": None}],
        [],
    ],
    ids=["another type", "a field gone"],
)
def test_a_schema_that_reads_otherwise_is_left_to_fastavro(later: list[Any]) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}
    assert decoder(schema, schema | {"fields": later}) is None


def test_the_quick_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise only a benchmark would notice that everything goes the general way."""
    events_of_all = {name: release.full(name) for name in NAMES}
    monkeypatch.setattr(wire, "schemaless_reader", None)
    monkeypatch.setattr(wire, "schemaless_writer", None)
    monkeypatch.setattr(stated, "_different", None)
    for name, event in events_of_all.items():
        value = wire.encode(name, event)
        assert wire.decode(value, registry.fingerprint_of(name)) == (name, event)
        assert len(wire.content_digest(name, event)) == 64


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(data=st.data())
def test_what_is_stated_is_the_same_either_way(name: str, data: st.DataObject) -> None:
    event = data.draw(events(name))
    header = dict.fromkeys(stated.ADDED_BY_PUSH)
    slowly = stated._different(event, registry.defaults_of(name)) | {
        "header": stated._different(event["header"], registry.header_defaults()) | header
    }
    assert stated.stated(name, event) == slowly
    assert stated.stated(name, event | {"another": 1}) == slowly | {"another": 1}
    swapped = {("another" if field == "remark" else field): value for field, value in event.items()}
    assert stated.stated(name, swapped).keys() >= {"header"}


def test_an_amount_keeps_its_scale() -> None:
    event = release.full("PenaltyImposed") | {
        "fine_amount": Decimal("-0.50"),
        "confiscated_amount": Decimal("99999999999999999.99"),
    }
    read = wire.decode(wire.encode("PenaltyImposed", event))[1]
    assert (str(read["fine_amount"]), str(read["confiscated_amount"])) == ("-0.50", "99999999999999999.99")
