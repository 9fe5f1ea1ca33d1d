"""The Avro schemas of the product: loaded from the package, parsed once, found by event name or by fingerprint.

A fingerprint is the SHA-256 (hex) of the schema's parsing canonical form (Avro specification, "Schema Fingerprints").
Every released version of an event stays in its folder's ``released/``, so that bytes written long ago can be read for ever.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from fastavro.schema import fingerprint, parse_schema, to_parsing_canonical_form

from schemas import folders
from schemas.catalogue import BY_NAME
from schemas.folders import BATCH as BATCH
from schemas.folders import Schema as Schema
from schemas.sentence import Sentence, Told

NAMESPACE: Final = "xinji.acts"


class UnknownFingerprint(Told, LookupError):
    """No released schema has this fingerprint."""

    says = Sentence(
        "本产品没有指纹为 {wanted} 的模式；请用 schemas/events 中的模式编码",
        "no schema of this product has the fingerprint {wanted}; encode with a schema from schemas/events",
    )

    def __init__(self, wanted: str) -> None:
        self.fingerprint = wanted
        super().__init__(wanted=wanted)


@cache
def header_source() -> Schema:
    """The shared header record, as written in its file (with docs and attributes)."""
    return folders.read_header()


@cache
def source(name: str) -> Schema:
    """One event's schema as written in its file, the header record put in place; raises KeyError for another name."""
    record = folders.read_schema(BY_NAME[name].name)
    record["fields"] = [{**field, "type": header_source()} if field["name"] == "header" else field for field in record["fields"]]
    return record


@cache
def parsed(name: str) -> Schema:
    """One event's current schema, parsed for fastavro."""
    schema: Schema = parse_schema(source(name))  # type: ignore[assignment]
    return schema


@cache
def fingerprint_of(name: str) -> str:
    """Fingerprint of an event's current schema."""
    return schema_fingerprint(source(name))


def schema_fingerprint(schema: Schema) -> str:
    """Fingerprint of any schema: SHA-256 of its parsing canonical form, in hex."""
    return fingerprint(to_parsing_canonical_form(schema), "SHA-256")


@cache
def released(name: str) -> dict[str, Schema]:
    """Every released version of an event, or of ``SubmissionBatch``, as written in its file, by its fingerprint."""
    return {schema_fingerprint(version): version for version in folders.read_released(name)}


@cache
def _by_fingerprint() -> dict[str, tuple[str, Schema]]:
    known: dict[str, tuple[str, Schema]] = {}
    for name in BY_NAME:
        for version, schema in released(name).items():
            known[version] = (name, parse_schema(schema))  # type: ignore[assignment]
        known[fingerprint_of(name)] = (name, parsed(name))
    return known


def writer_schema(wanted: str) -> tuple[str, Schema]:
    """Event name and schema of a fingerprint, current or released; raises UnknownFingerprint."""
    try:
        return _by_fingerprint()[wanted]
    except KeyError:
        raise UnknownFingerprint(wanted) from None


@cache
def fields_of(name: str) -> dict[str, Schema]:
    """The event's own fields by name (without the header), with their attributes (``doc``, ``values`` ...)."""
    return {field["name"]: field for field in source(name)["fields"] if field["name"] != "header"}


@cache
def header_fields() -> dict[str, Schema]:
    """The header's fields by name, with their attributes."""
    return {field["name"]: field for field in header_source()["fields"]}


@cache
def defaults_of(name: str) -> Schema:
    """The defaults of an event's own fields, for those that have one."""
    return {field: schema["default"] for field, schema in fields_of(name).items() if "default" in schema}


@cache
def header_defaults() -> Schema:
    """The defaults of the header's fields, for those that have one."""
    return {field: schema["default"] for field, schema in header_fields().items() if "default" in schema}


@cache
def batch_source() -> Schema:
    """The batch's schema as written in its file."""
    return folders.read_schema(BATCH)


@cache
def batch_schema() -> Schema:
    """Schema of a submission message that carries a batch of statements, parsed for fastavro."""
    schema: Schema = parse_schema(batch_source())  # type: ignore[assignment]
    return schema


BATCH_NUMBER: Final[int] = batch_source()["number"]
"""Schema id of a batch in the wire format; events have their own."""


@cache
def batch_writers() -> dict[int, Schema]:
    """The schemas with which batches may have been written, by schema id: released ones and today's."""
    numbers = {fingerprint: int(number) for number, _, _, fingerprint, _ in folders.read_pinned(BATCH)}
    former = {numbers[one]: parse_schema(schema) for one, schema in released(BATCH).items() if one in numbers}
    return {**former, BATCH_NUMBER: batch_schema()}  # type: ignore[dict-item]
