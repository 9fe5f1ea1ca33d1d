"""What an event's schema says of the rules of its kind: read once per event name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from schemas.catalogue import BY_NAME, is_amount
from schemas.labels import label
from schemas.registry import Schema, fields_of, header_fields
from schemas.sentence import Sentence, names

_LISTED: Final = Sentence("“{field}”只能取：{values}", "{field} is one of: {values}")


@dataclass(frozen=True, slots=True)
class Values:
    """An enumeration; ``many``: of the items of an array; ``open``: it has ``other``, so ``other:`` and a text is allowed too;
    ``optional``: the field may be null."""

    field: str
    allowed: frozenset[str]
    listed: Sentence
    open: bool
    many: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class RequiredIf:
    """A text that must be there where another field has one of these values."""

    field: str
    other: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is checked of one event name. Fields of the header and of the event are kept apart."""

    name: str
    kind: str | None
    own_date: str | None
    required: tuple[str, ...]
    required_if: tuple[RequiredIf, ...]
    dates: tuple[str, ...]
    ordered: tuple[tuple[str, str], ...]
    amounts: tuple[str, ...]
    percents: tuple[str, ...]
    header_values: tuple[Values, ...]
    values: tuple[Values, ...]
    has_list: bool
    has_term: bool
    corrects: bool


@cache
def plan_of(name: str) -> Plan:
    own, entry = fields_of(name), BY_NAME[name]
    return Plan(
        name=name,
        kind=entry.kind,
        own_date=entry.own_date,
        required=tuple(field for field, schema in own.items() if schema["type"] == "string" and "default" not in schema),
        required_if=tuple(
            RequiredIf(field, other, tuple(values))
            for field, schema in own.items()
            for other, values in schema.get("required_if", {}).items()
        ),
        dates=tuple(field for field, schema in own.items() if _logical(schema) == "date"),
        ordered=tuple((first, field) for field, schema in own.items() for first in schema.get("not_before", ())),
        amounts=tuple(field for field, schema in own.items() if is_amount(schema)),
        percents=tuple(field for field, schema in own.items() if schema.get("unit") == "percent"),
        header_values=_enumerations(name, header_fields(), "header."),
        values=_enumerations(name, own, ""),
        has_list="list" in own,
        has_term="term_months" in own,
        corrects=name == "ActCorrected",
    )


def _logical(schema: Schema) -> str | None:
    branches = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return next((branch["logicalType"] for branch in branches if isinstance(branch, dict) and "logicalType" in branch), None)


def _enumerations(name: str, fields: Mapping[str, Schema], prefix: str) -> tuple[Values, ...]:
    return tuple(
        Values(
            field,
            frozenset(schema["values"]),
            _LISTED.of(field=label(name, f"{prefix}{field}"), values=names(schema["values"])),
            "other" in schema["values"],
            isinstance(schema["type"], dict) and schema["type"]["type"] == "array",
            isinstance(schema["type"], list),
        )
        for field, schema in fields.items()
        if "values" in schema
    )
