"""A record as rows of the projection tables: one row per subject and table, replaced as a whole.

The columns stand in the order of the tables' definition (sql/migrations); nested columns are parallel lists.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

import orjson

from projections.acts import Act
from projections.entries import Entry
from projections.record import SubjectRecord
from schemas.catalogue import BY_NAME
from schemas.persons import all_person_fields, person_fields

GENERATION_STEP: Final = 1 << 40
"""A row's version: policy generation times this, plus the number of distinct events considered."""

Row = list[Any]

_PERSON: Final = re.compile(r"person:[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Table:
    """A projection table: its columns after subject_id, version and policy_digest, and how a record fills them.

    ``wanted`` says whether a subject has a row at all; it depends only on which events there are, so that a subject
    that once had a row keeps having one.
    """

    name: str
    columns: tuple[str, ...]
    values: Callable[[SubjectRecord], Row]
    wanted: Callable[[SubjectRecord], bool]


def rows(record: SubjectRecord) -> dict[str, Row]:
    """The rows of a record by table name, without subject_id, version and policy_digest."""
    return {table.name: table.values(record) for table in TABLES if table.wanted(record)}


def digest(row: Sequence[Any]) -> str:
    """SHA-256 (hex) of a row's values, the same whether they come from a fold or from a table."""
    return hashlib.sha256(json.dumps(_plain(row), ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case list() | tuple():
            return [_plain(one) for one in value]
        case bool():
            return int(value)
        case dict():
            return [_plain(one) for one in value.values()]
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case float():
            return value
        case _:
            return value


def content_json(content: Any) -> str:
    """A decoded event as JSON: dates and times in ISO form, decimals as text."""
    try:
        return orjson.dumps(content, default=_json_value, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()
    except TypeError:  # a whole number of more than 64 bits, which a correction may write
        return json.dumps(content, ensure_ascii=False, default=_json_value, separators=(",", ":"))


def _json_value(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _columns(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names)


def _parallel(items: Iterable[Any], *readers: Callable[[Any], Any]) -> Row:
    listed = list(items)
    return [list(map(reader, listed)) for reader in readers]


def _subject(record: SubjectRecord) -> Row:
    making = {act.event_id for act in record.acts}
    dated = sorted(record.events, key=lambda event: (event.header["occurred_on"], event.event_id))
    return [
        record.names[-1][1] if record.names else "",
        record.kind,
        *_parallel(record.names, lambda name: name[0], lambda name: name[1]),
        *_parallel(
            dated, lambda event: event.header["occurred_on"], lambda event: event.name, lambda event: event.event_id in making
        ),
    ]


def _acts(record: SubjectRecord) -> Row:
    return _parallel(
        record.acts,
        _get("act_id"),
        _get("kind"),
        _get("name"),
        _get("event_id"),
        _header("authority_id"),
        _get("authority_name"),
        _header("source_id"),
        _get("occurred_on"),
        _get("revoked_on"),
        _get("void"),
        _get("disclosed_on"),
        lambda act: list(act.irregularities),
        lambda act: list(act.evidence),
        lambda act: content_json(act.content),
    )


def _duties(record: SubjectRecord) -> Row:
    return _parallel(record.duties, *(_get(name) for name in _DUTY))


def _entries(record: SubjectRecord) -> Row:
    members: list[tuple[Entry, str, str, str]] = []
    for entry in record.entries:
        members.append((entry, record.subject_id, record.name_on(entry.listed_from), "subject"))
        members += [(entry, person, mask, "responsible") for person, mask in entry.responsible]
    columns = _parallel(
        members,
        _of("entry_id"),
        _of("list"),
        _of("list_name"),
        _of("effect"),
        lambda one: one[1],
        lambda one: one[2],
        lambda one: one[3],
        _of("authority_id"),
        _of("authority_name"),
        _of("source_id"),
        _of("listed_from"),
        _of("listed_to"),
        _of("end_reason"),
        lambda one: one[0].reason or "",
        lambda one: list(one[0].irregularities),
        lambda one: list(one[0].evidence),
        _of("legal_basis"),
    )
    return [*columns, _responsible_ever(record)]


def _responsible_ever(record: SubjectRecord) -> list[str]:
    """Every person that a listing of this subject, or a correction of one, ever named: who may have to be un-named."""
    found: set[str] = set()
    for event in record.events:
        for person in person_fields(event.name):
            found.update(person.pseudonyms(event.value) if person.many else ())
        if event.name == "ActCorrected":
            named = (event.value["fields"].get(person.pseudonym, "") for person in all_person_fields() if person.many)
            found.update(one for text in named for one in _PERSON.findall(text))
    return sorted(found)


def _grades(record: SubjectRecord) -> Row:
    return _parallel(
        record.grades,
        _get("grade"),
        _get("score"),
        _get("valid_from"),
        _get("valid_to"),
        _get("policy_version"),
        lambda interval: [(one.event_id, one.rule_id, one.points, one.valid_from, one.valid_to) for one in interval.reasons],
    )


def _get(name: str) -> Callable[[Any], Any]:
    return attrgetter(name)


def _of(name: str) -> Callable[[Any], Any]:
    return lambda member: getattr(member[0], name)


def _header(name: str) -> Callable[[Act], Any]:
    return lambda act: act.header[name]


def _has_listing(record: SubjectRecord) -> bool:
    return any(BY_NAME[event.name].kind == "listing" for event in record.events)


_DUTY: Final = (
    "act_id",
    "duty",
    "cause_event_id",
    "kind",
    "authority_id",
    "authority_name",
    "source_id",
    "source_name",
    "started_on",
    "due_on",
    "fulfilled_on",
    "revoked_on",
    "exempt",
    "unknown",
    "provisional",
    "rule_id",
    "legal_basis",
)

TABLES: Final = (
    Table(
        "subject_rows",
        (
            "name",
            "kind",
            *_columns("names", "since", "name"),
            *_columns("events", "occurred_on", "event", "makes_act"),
        ),
        _subject,
        lambda record: True,
    ),
    Table(
        "act_rows",
        _columns(
            "acts",
            "act_id",
            "kind",
            "event",
            "event_id",
            "authority_id",
            "authority_name",
            "source_id",
            "occurred_on",
            "revoked_on",
            "void",
            "disclosed_on",
            "irregularities",
            "evidence",
            "content",
        ),
        _acts,
        lambda record: True,
    ),
    Table("duty_rows", _columns("duties", *_DUTY), _duties, lambda record: True),
    Table(
        "list_rows",
        (
            *_columns(
                "entries",
                "entry_id",
                "list",
                "list_name",
                "effect",
                "member_id",
                "member_name",
                "role",
                "authority_id",
                "authority_name",
                "source_id",
                "listed_from",
                "listed_to",
                "end_reason",
                "reason",
                "irregularities",
                "evidence",
                "legal_basis",
            ),
            "responsible_ever",
        ),
        _entries,
        _has_listing,
    ),
    Table(
        "grade_rows",
        _columns(
            "intervals",
            "grade",
            "score",
            "valid_from",
            "valid_to",
            "policy_version",
            "reasons",
        ),
        _grades,
        lambda record: True,
    ),
)
