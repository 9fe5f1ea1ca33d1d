"""Bytes on the log: the Confluent wire format (a zero byte, a 4-byte big-endian schema id, an Avro datum).

We decode by the schema fingerprint that travels in a Kafka header; the id serves foreign clients. Where a record has no
fingerprint, the id is read as the event's number in the catalogue.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson
from fastavro import schemaless_reader, schemaless_writer

from schemas import registry
from schemas.catalogue import BY_NAME, BY_NUMBER

FINGERPRINT_HEADER: Final = "xinji_schema"
CONTENT_TYPE: Final = "application/vnd.confluent.avro"
_PREFIX: Final = struct.Struct(">bI")
_ADDED_BY_PUSH: Final = ("source_event_id", "submitted_at", "sequence")

Event = Mapping[str, Any]


class Undecodable(ValueError):
    """The bytes are not an event of this product. ``detail`` says what is wrong with them."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"{detail}; frame the event with a schema from schemas/events and send its fingerprint")


class Unencodable(ValueError):
    """The value does not fit its schema. ``detail`` says which field."""

    def __init__(self, name: str, detail: str) -> None:
        self.name, self.detail = name, detail
        super().__init__(f"{name}: {detail}")


def encode(name: str, event: Event) -> bytes:
    """The framed bytes of an event with its current schema; raises Unencodable."""
    out = io.BytesIO()
    out.write(_PREFIX.pack(0, BY_NAME[name].number))
    try:
        schemaless_writer(out, registry.parsed(name), event, strict_allow_default=True)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as problem:
        raise Unencodable(name, str(problem)) from problem
    return out.getvalue()


def decode(value: bytes, fingerprint: str | None = None) -> tuple[str, dict[str, Any]]:
    """Event name and decoded event of framed bytes; raises Undecodable. Reads every released version."""
    if len(value) < _PREFIX.size or value[0] != 0:
        raise Undecodable("the value does not begin with the Confluent wire format's zero byte and schema id")
    _, number = _PREFIX.unpack_from(value)
    name, writer = _writer(number, fingerprint)
    body = io.BytesIO(value)
    body.seek(_PREFIX.size)
    reader = registry.parsed(name)
    try:
        event: Any = schemaless_reader(body, writer, None if writer is reader else reader)
    except Exception as problem:  # fastavro raises many kinds for bytes of a stranger; each means the same here
        raise Undecodable(f"the bytes are not a {name}: {type(problem).__name__} {problem}".rstrip()) from problem
    if body.tell() != len(value):
        raise Undecodable(f"{len(value) - body.tell()} bytes stand after the end of the {name}")
    return name, event


def _writer(number: int, fingerprint: str | None) -> tuple[str, registry.Schema]:
    if fingerprint is not None:
        try:
            return registry.writer_schema(fingerprint)
        except registry.UnknownFingerprint as problem:
            raise Undecodable(f"unknown schema fingerprint {problem.fingerprint}") from problem
    if number not in BY_NUMBER:
        raise Undecodable(f"unknown schema id {number}")
    name = BY_NUMBER[number].name
    return name, registry.parsed(name)


def encode_batch(batch: Event) -> bytes:
    """The framed bytes of a submission batch (transport/SubmissionBatch/schema.avsc)."""
    out = io.BytesIO()
    out.write(_PREFIX.pack(0, registry.BATCH_NUMBER))
    schemaless_writer(out, registry.batch_schema(), batch)
    return out.getvalue()


def decode_batch(value: bytes) -> dict[str, Any] | None:
    """The batch in a submission message, None when the message is a single framed event; raises Undecodable."""
    if len(value) < _PREFIX.size or value[0] != 0:
        raise Undecodable("the message does not begin with the Confluent wire format's zero byte and schema id")
    if _PREFIX.unpack_from(value)[1] != registry.BATCH_NUMBER:
        return None
    body = io.BytesIO(value)
    body.seek(_PREFIX.size)
    try:
        batch: Any = schemaless_reader(body, registry.batch_schema(), None)
    except Exception as problem:  # as in decode
        raise Undecodable(f"the bytes are not a batch: {type(problem).__name__} {problem}".rstrip()) from problem
    if body.tell() != len(value):
        raise Undecodable(f"{len(value) - body.tell()} bytes stand after the end of the batch")
    loaded: dict[str, Any] = batch
    return loaded


def content_digest(name: str, event: Event) -> str:
    """SHA-256 (hex) of a statement without source_event_id, submitted_at and sequence: what makes two statements equal.

    It is taken of the name and the fields that are not at their defaults, by name, so that neither the order of a map's
    keys nor a field that a later version of the schema adds makes an old statement another one.
    """
    header = {**_stated(event["header"], registry.header_defaults()), **dict.fromkeys(_ADDED_BY_PUSH)}
    said = {**_stated(event, registry.defaults_of(name)), "header": header}
    text = orjson.dumps([name, said], default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NAIVE_UTC)
    return hashlib.sha256(text).hexdigest()


def _stated(fields: Event, defaults: Event) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if field not in defaults or value != defaults[field]}


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"no canonical form for {type(value).__name__}")


def value_digest(value: bytes) -> str:
    """SHA-256 (hex) of a record's value, as it stands in a receipt."""
    return hashlib.sha256(value).hexdigest()
