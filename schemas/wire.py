"""Bytes on the log: the Confluent wire format (a zero byte, a 4-byte big-endian schema id, an Avro datum).

We decode by the schema fingerprint that travels in a Kafka header; the id serves foreign clients. Where a record has no
fingerprint, the id is read as the event's number in the catalogue.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

import orjson
from fastavro import schemaless_reader, schemaless_writer

from schemas import registry
from schemas.catalogue import BY_NAME, BY_NUMBER
from schemas.decoder import Decoder, decoder
from schemas.encoder import Encoder, encoder
from schemas.sentence import Sentence, Told
from schemas.stated import stated

FINGERPRINT_HEADER: Final = "xinji_schema"
CONTENT_TYPE: Final = "application/vnd.confluent.avro"
_PREFIX: Final = struct.Struct(">bI")

Event = Mapping[str, Any]


class Undecodable(Told, ValueError):
    """The bytes are not an event of this product. ``detail`` says what is wrong with them."""

    says = Sentence(
        "{detail}；请用 schemas/events 中的模式编码，并附模式指纹",
        "{detail}; frame the event with a schema from schemas/events and send its fingerprint",
    )

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail=detail)


class Unencodable(Told, ValueError):
    """The value does not fit its schema. ``detail`` says which field."""

    says = Sentence(
        "{name} 无法编码：{detail}",
        "{name}: {detail}",
    )

    def __init__(self, name: str, detail: str) -> None:
        self.name, self.detail = name, detail
        super().__init__(name=name, detail=detail)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How one schema's values are read."""

    name: str
    writer: registry.Schema
    decoder: Decoder | None


def encode(name: str, event: Event) -> bytes:
    """The framed bytes of an event with its current schema; raises Unencodable."""
    prefix, quick = _writing(name)
    if quick is not None:
        framed = bytearray(prefix)
        try:
            quick(event, framed)
        except Exception:  # fastavro says below what is wrong, and fills in what has a default
            framed.clear()
        if framed:
            return bytes(framed)
    out = io.BytesIO()
    out.write(prefix)
    try:
        schemaless_writer(out, registry.parsed(name), event, strict_allow_default=True)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as problem:
        raise Unencodable(name, str(problem)) from problem
    return out.getvalue()


@cache
def _writing(name: str) -> tuple[bytes, Encoder | None]:
    """How values of an event's current schema are written: what they begin with, and the encoder."""
    return _PREFIX.pack(0, BY_NAME[name].number), encoder(registry.parsed(name))


def decode(value: bytes, fingerprint: str | None = None) -> tuple[str, dict[str, Any]]:
    """Event name and decoded event of framed bytes; raises Undecodable. Reads every released version."""
    if len(value) < _PREFIX.size or value[0] != 0:
        raise Undecodable("the value does not begin with the Confluent wire format's zero byte and schema id")
    reading = _reading(_name_of(value), None) if fingerprint is None else _known_reading(fingerprint)
    if reading.decoder is not None:
        try:
            event, end = reading.decoder(value, _PREFIX.size)
        except Exception:  # fastavro says below what is wrong
            end = -1
        if end == len(value):
            return reading.name, event
    return reading.name, _read(reading, value)


def _read(reading: _Reading, value: bytes) -> dict[str, Any]:
    body = io.BytesIO(value)
    body.seek(_PREFIX.size)
    reader = registry.parsed(reading.name)
    try:
        event: Any = schemaless_reader(body, reading.writer, None if reading.writer is reader else reader)
    except Exception as problem:  # fastavro raises many kinds for bytes of a stranger; each means the same here
        raise Undecodable(f"the bytes are not a {reading.name}: {type(problem).__name__} {problem}".rstrip()) from problem
    if body.tell() != len(value):
        raise Undecodable(f"{len(value) - body.tell()} bytes stand after the end of the {reading.name}")
    read: dict[str, Any] = event
    return read


def _name_of(value: bytes) -> str:
    """The event's name by the number in the prefix."""
    number = _PREFIX.unpack_from(value)[1]
    if number not in BY_NUMBER:
        raise Undecodable(f"unknown schema id {number}")
    return BY_NUMBER[number].name


def _known_reading(fingerprint: str) -> _Reading:
    try:
        return _reading(None, fingerprint)
    except registry.UnknownFingerprint as problem:
        raise Undecodable(f"unknown schema fingerprint {problem.fingerprint}") from problem


@cache
def _reading(name: str | None, fingerprint: str | None) -> _Reading:
    """How values of an event's current schema, or of the schema of a fingerprint, are read."""
    found, writer = registry.writer_schema(registry.fingerprint_of(name or "") if fingerprint is None else fingerprint)
    return _Reading(found, writer, decoder(writer, registry.parsed(found)))


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
    writer = registry.batch_writers().get(_PREFIX.unpack_from(value)[1])
    if writer is None:
        return None
    body = io.BytesIO(value)
    body.seek(_PREFIX.size)
    try:
        current = registry.batch_schema()
        batch: Any = schemaless_reader(body, writer, None if writer is current else current)
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
    text = orjson.dumps([name, stated(name, event)], default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NAIVE_UTC)
    return hashlib.sha256(text).hexdigest()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"no canonical form for {type(value).__name__}")


def value_digest(value: bytes) -> str:
    """SHA-256 (hex) of a record's value, as it stands in a receipt."""
    return hashlib.sha256(value).hexdigest()
