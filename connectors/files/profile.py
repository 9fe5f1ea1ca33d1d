"""Mapping profiles: which event a file's rows make, and where each field stands. Data, not code (TOML)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from connectors.files.values import ALL_DATES, DEFAULT_NULLS, squeeze
from schemas.registry import fields_of, header_fields

CODE_FIELDS: Final = (
    "registration_number",
    "organisation_code",
    "tax_number",
    "institution_certificate_number",
    "social_organisation_number",
)
"""Fields of some events that keep the codes of a subject beside its id."""
CODE_ROLES: Final = ("code", *CODE_FIELDS)
COMPUTED: Final = frozenset({"act_id", "subject_id", "source_id", "source_name", "imported"})
"""Header fields that no column gives, unless a profile says so."""
EXTRA_FIELDS: Final = ("disclosed_on", "disclosed_channel")
"""Not fields of the event: they make an ActDisclosed beside it."""
SEPARATORS: Final = ";；、,，\n"
CITATION_SEPARATORS: Final = ";；\n"


@dataclass(frozen=True, slots=True)
class FieldType:
    """What a field holds: ``base`` is text, date, amount, whole, flag, list or map."""

    base: str
    nullable: bool
    values: tuple[str, ...] = ()
    default: Any = None
    required: bool = False


def normal_header(header: str) -> str:
    """A header as it is compared: NFKC, without white space and line breaks, Latin letters folded."""
    return squeeze(header).casefold()


def _base(schema: Any) -> str:
    if isinstance(schema, list):
        return _base(next(branch for branch in schema if branch != "null"))
    if isinstance(schema, str):
        return {"string": "text", "int": "whole", "long": "whole", "boolean": "flag"}[schema]
    logical = {"date": "date", "decimal": "amount", "timestamp-millis": "time"}.get(schema.get("logicalType", ""))
    return logical or {"array": "list", "map": "map"}[schema["type"]]


@cache
def field_types(event: str) -> Mapping[str, FieldType]:
    """Types of all fields that a row of this event may fill: its own, the header's and those of a disclosure."""
    found = {"disclosed_on": FieldType("date", True), "disclosed_channel": FieldType("text", True)}
    for name, schema in {**header_fields(), **fields_of(event)}.items():
        found[name] = FieldType(
            _base(schema["type"]),
            isinstance(schema["type"], list),
            tuple(schema.get("values", ())),
            schema.get("default"),
            "default" not in schema,
        )
    return MappingProxyType(found)


@cache
def required_fields(event: str) -> tuple[str, ...]:
    """Fields of an event (and its header) that have no default."""
    return tuple(name for name, kind in field_types(event).items() if kind.required)


@dataclass(frozen=True, slots=True)
class Variant:
    """Other values for an enumeration where the file has one of these columns (an older version of a form)."""

    when_any: frozenset[str]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """Where a field stands and how it is read. ``values`` maps squeezed texts to codes; an empty code means null."""

    name: str
    type: FieldType
    columns: tuple[str, ...]
    unit: str = "yuan"
    values: Mapping[str, str] = field(default_factory=dict)
    other: tuple[str, ...] = ()
    unmatched: str | None = None
    separators: str = SEPARATORS
    unless_set: frozenset[str] = frozenset()
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, eq=False)
class Profile:
    """One mapping profile. Column names in it are normalised (normal_header). Compared by identity."""

    name: str
    title: str
    event: str | None
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    persons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    nulls: frozenset[str] = frozenset(map(squeeze, DEFAULT_NULLS))
    dates: tuple[str, ...] = ALL_DATES
    shown_columns: tuple[str, ...] = ()
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column names as the profile writes them, by table and name: ``fields.occurred_on``."""

    @property
    def holds_events(self) -> bool:
        """Whether the file's lines are events themselves (profile ``events``), not rows to map."""
        return self.event is None

    def known_headers(self) -> frozenset[str]:
        """All normalised column names that the profile knows."""
        groups = [spec.columns for spec in self.fields.values()] + [*self.codes.values(), *self.persons.values()]
        return frozenset(column for group in groups for column in group) | self.ignored
