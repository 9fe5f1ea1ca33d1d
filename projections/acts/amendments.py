"""Changing the content of a statement: by a correction (field name to JSON text) or by a restatement (a difference).

Field names of an event and of its header share one name space here; a correction may write ``header.occurred_on`` too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from schemas.act_id import normalise_document_number
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of, header_fields
from schemas.sentence import Sentence, Told

Content = Mapping[str, Any]
Changes = dict[str, Any]

IDENTITY: Final = frozenset(
    {
        "act_id",
        "subject_id",
        "subject_kind",
        "authority_id",
        "authority_name",
        "document_number",
        "source_id",
        "source_name",
        "source_event_id",
        "submitted_at",
        "sequence",
        "target_event_id",
    }
)
"""Fields that no correction may name: such an act is revoked with void_from_start and stated anew."""
PUSHED: Final = frozenset({"source_id", "source_name", "source_event_id", "submitted_at", "sequence", "imported"})
"""Header fields that the push adds; they do not make two sources' statements differ."""
_NOT_RESTATED: Final = (IDENTITY - {"source_name"}) | {"imported"}
"""Fields that a restatement does not change."""


class InvalidChange(Told, ValueError):
    """A correction that cannot take effect. ``field`` is the first one at fault."""

    says = Sentence(
        "{field}：{detail}",
        "{field}: {detail}",
    )

    def __init__(self, field: str, detail: str) -> None:
        self.field, self.detail = field, detail
        super().__init__(field=field, detail=detail)


def corrected_fields(name: str, fields: Mapping[str, str]) -> Changes:
    """The changes that an ActCorrected asks of an event named ``name``, as Avro values; raises InvalidChange."""
    changes: Changes = {}
    for key, text in fields.items():
        field = key.removeprefix("header.")
        if field in IDENTITY:
            raise InvalidChange(field, "identifies the act and cannot be corrected")
        reader = _readers(name).get(field)
        if reader is None:
            raise InvalidChange(field, f"is no field of {name}")
        try:
            changes[field] = reader(json.loads(text))
        except (ValueError, TypeError, InvalidOperation) as problem:
            raise InvalidChange(field, f"does not take this value: {problem}") from problem
    return _with_own_date(name, changes)


def difference(name: str, previous: Content, latest: Content) -> Changes:
    """The fields in which a source's latest statement differs from its previous one, null included."""
    changes = {
        field: value
        for field, value in latest.items()
        if field != "header" and field not in _NOT_RESTATED and value != previous.get(field)
    }
    before = previous["header"]
    changes |= {
        field: value for field, value in latest["header"].items() if field not in _NOT_RESTATED and value != before.get(field)
    }
    return _with_own_date(name, changes)


def restates_identity(previous: Content, latest: Content) -> bool:
    """Whether a source's latest statement differs from its previous one in what identifies the act: it has no effect there."""
    before, after = previous["header"], latest["header"]
    if any(before[field] != after[field] for field in ("subject_kind", "authority_id", "authority_name")):
        return True
    one, other = previous.get("document_number") or "", latest.get("document_number") or ""
    return one != other and normalise_document_number(one) != normalise_document_number(other)


def same_statement(one: Content, other: Content) -> bool:
    """Whether two statements say the same of an act, what the push adds left aside."""
    ignored = PUSHED | {"act_id"}
    return _without(one, ignored) == _without(other, ignored)


def amended(name: str, content: Content, changes: Changes) -> dict[str, Any]:
    """The content with the changes made."""
    own = {field: value for field, value in changes.items() if field in fields_of(name)}
    shared = {field: value for field, value in changes.items() if field not in own}
    return {**content, **own, "header": {**content["header"], **shared}}


def _with_own_date(name: str, changes: Changes) -> Changes:
    own = BY_NAME[name].own_date
    if own is None or (own in changes) == ("occurred_on" in changes):
        return changes
    moved = changes[own] if own in changes else changes["occurred_on"]
    return {**changes, own: moved, "occurred_on": moved}


def _without(content: Content, ignored: frozenset[str]) -> dict[str, Any]:
    header = {field: value for field, value in content["header"].items() if field not in ignored}
    return {**content, "header": header}


@cache
def _readers(name: str) -> dict[str, Callable[[Any], Any]]:
    """Readers by field name; an event's own field goes before a header field of the same name."""
    own = {field: _reader(schema["type"]) for field, schema in fields_of(name).items()}
    return {field: _reader(schema["type"]) for field, schema in header_fields().items()} | own


def _reader(avro: Any) -> Callable[[Any], Any]:
    if isinstance(avro, list):
        inner = _reader(next(one for one in avro if one != "null"))
        return lambda value: None if value is None else inner(value)
    if isinstance(avro, str):
        return _exactly(_PRIMITIVES[avro])
    match avro.get("logicalType") or avro["type"]:
        case "date":
            return lambda value: date.fromisoformat(_exactly(str)(value))
        case "timestamp-millis":
            return lambda value: datetime.fromisoformat(_exactly(str)(value))
        case "decimal":
            return lambda value: _decimal(value, avro["scale"])
        case "array":
            return _array if avro["items"] == "string" else _records(avro["items"])
        case "map":
            return _map
    raise KeyError(f"no reader for the Avro type {avro}")


_PRIMITIVES: Final[dict[str, type]] = {"string": str, "boolean": bool, "int": int, "long": int}


def _exactly(wanted: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not wanted:
            raise TypeError(f"write a {wanted.__name__}, not {json.dumps(value)}")
        return value

    return read


def _decimal(value: Any, scale: int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError("write a number")
    amount = Decimal(str(value))
    if not amount.is_finite() or amount != amount.quantize(Decimal(1).scaleb(-scale)):
        raise ValueError(f"write a number with at most {scale} decimals")
    return amount.quantize(Decimal(1).scaleb(-scale))


def _array(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError("write a list of texts")
    return value


def _records(avro: Any) -> Callable[[Any], list[dict[str, Any]]]:
    readers = {field["name"]: _reader(field["type"]) for field in avro["fields"]}

    def read(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not all(isinstance(one, dict) and one.keys() == readers.keys() for one in value):
            raise TypeError(f"write a list of objects with {', '.join(readers)}")
        return [{name: reader(one[name]) for name, reader in readers.items()} for one in value]

    return read


def _map(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise TypeError("write an object of texts")
    return value
