"""The profile ``events``: JSON Lines of events, one object a line, as Avro JSON or plainer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from connectors.files import avro_json
from connectors.files.context import Context
from connectors.files.disclosure import disclosure
from connectors.files.errors import unknown_name
from connectors.files.event_people import ALL_MASKS, masked, pseudonymise, secrets_of
from connectors.files.identity import about_event
from connectors.files.outcome import Event, Mapped, MappedRow, Refused, RowRefused
from connectors.files.rows import Row
from connectors.persons import REDACTED, Secrets
from schemas import registry
from schemas.about import NOTHING, About
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME
from schemas.identifiers import is_subject_id, normalise, party_id
from schemas.sentence import Sentence, names

_PREFIX: Final = "xinji.acts."
_CODE_PREFIXES: Final = ("regno", "org")
_SAFE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_.]{0,59}\Z")


def map_object(row: Row, context: Context, profile: str) -> MappedRow:
    """The event that a JSON object is, and its disclosure where ``--set disclosed_on`` gives the day."""
    try:
        name, fields = _named(row.cells)
        return Mapped(_events(name, fields, context, profile))
    except RowRefused as refusal:
        secrets = secrets_of(_content(row.cells))
        raw = _raw(row.cells, secrets)
        return Refused(refusal.reason, refusal.field, refusal.sentence.changed(secrets.scrub), raw, _about(row.cells, secrets))


def _about(cells: Mapping[str, Any], secrets: Secrets) -> About:
    try:
        found = about_event(*_named(cells))
    except RowRefused:
        return NOTHING
    subject_id = _read_id(found.subject_id) if found.subject_id else ""
    sound = is_subject_id(subject_id) and not subject_id.startswith("person:")
    same = found.act_id == secrets.scrub(found.act_id)
    return About((), found.event, found.act_id if same else "", subject_id if sound else "")


def raw_object(row: Row) -> bytes:
    """What a refusal keeps of an object: all but what it says of persons."""
    return _raw(row.cells, secrets_of(_content(row.cells)))


def _named(cells: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The event's name and its fields: {"event": name, …} or {"xinji.acts.Name": {…}}."""
    if "event" in cells:
        stated, fields = cells["event"], {key: given for key, given in cells.items() if key != "event"}
    elif len(cells) == 1:
        ((stated, fields),) = cells.items()
    else:
        unsaid = Sentence(
            '没有写明是哪种事件：请加上 "event"，取值为：{events}',
            'the object does not say which event it is: add "event": one of {events}',
        )
        raise RowRefused("missing_field", "event", unsaid.of(events=names(sorted(BY_NAME))))
    name = stated.removeprefix(_PREFIX) if isinstance(stated, str) else ""
    if name not in BY_NAME:
        shown = name if _SAFE_NAME.match(name) else "?"
        raise RowRefused("undecodable", "event", unknown_name(Sentence("事件", "event"), shown, BY_NAME))
    if not isinstance(fields, dict):
        raise RowRefused("undecodable", name, Sentence("请把事件的字段写成对象", "write the event's fields as an object"))
    return name, fields


def _events(name: str, fields: dict[str, Any], context: Context, profile: str) -> tuple[tuple[str, Event], ...]:
    given = context.given.get(name, {})
    event = avro_json.record(registry.source(name), _filled(name, fields, given))
    header = event["header"]
    for field, value in given.items():
        if field in header:
            header[field] = value
        elif field in event:
            event[field] = value
    header["subject_id"], header["authority_id"] = _read_id(header["subject_id"]), _read_id(header["authority_id"])
    header["source_id"], header["source_name"] = _source(header, context)
    header["imported"] = header["imported"] or (context.imported and "imported" not in given)
    if isinstance(event.get("extra"), dict):
        event["extra"] = dict(sorted(event["extra"].items()))
    pseudonymise(name, event, context, f"file connector, profile {profile}")
    if BY_NAME[name].makes_act and not header["act_id"]:
        header["act_id"] = act_id(name, event)
    return (name, event), *disclosure(name, event, given.get("disclosed_on"), given.get("disclosed_channel"))


def _read_id(given: str) -> str:
    """An id read as codes and names of rows are (semantics, section 2); what is then no id stays as it is: the gate judges it."""
    prefix, colon, rest = given.strip().partition(":")
    if colon and prefix == "name":
        return party_id(None, rest) or given
    plain = f"{prefix}:{normalise(rest)}" if colon and prefix in _CODE_PREFIXES else normalise(given)
    return plain if is_subject_id(plain) else given


def _source(header: Mapping[str, Any], context: Context) -> tuple[str, str]:
    if not header["source_id"]:
        return context.source_id, header["source_name"] or context.source_name
    same = header["source_id"] == context.source_id
    return header["source_id"], header["source_name"] or (context.source_name if same else "")


def _filled(name: str, fields: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Required fields from ``--set``, and a follow-up's own date and occurred_on from each other."""
    header = fields.get("header")
    header = dict(header) if isinstance(header, dict) else {} if header is None else header
    if not isinstance(header, dict):
        return fields
    filled = {**fields, "header": header}
    for field in given.keys() & {"occurred_on", "list", BY_NAME[name].own_date or ""}:
        place = header if field == "occurred_on" else filled
        place[field] = given[field].isoformat() if hasattr(given[field], "isoformat") else given[field]
    own = BY_NAME[name].own_date
    if own:
        occurred, stated = header.get("occurred_on"), filled.get(own)
        if occurred is None and stated is not None:
            header["occurred_on"] = stated
        elif stated is None and occurred is not None:
            filled[own] = occurred
    return filled


def _content(cells: Mapping[str, Any]) -> Mapping[str, Any]:
    only = next(iter(cells.values())) if len(cells) == 1 else cells
    return only if isinstance(only, dict) else cells


def _raw(cells: Mapping[str, Any], secrets: Secrets) -> bytes:
    """The object as JSON: persons masked, and nothing of fields that no event has."""
    known = {
        "event",
        "header",
        "extra",
        *registry.header_fields(),
        *(field for name in BY_NAME for field in registry.fields_of(name)),
        *(f"{_PREFIX}{name}" for name in BY_NAME),
        *BY_NAME,
        "string",
        "int",
        "long",
        "bytes",
        "boolean",
        "array",
        "map",
    }
    return json.dumps(_shown(cells, known, secrets.scrub), ensure_ascii=False, default=str).encode()


def _shown(value: Any, known: set[str], scrub: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, list):
        return [_shown(one, known, scrub) for one in value]
    if isinstance(value, Mapping):
        return {scrub(str(key)): _kept(str(key), one, known, scrub) for key, one in value.items()}
    return (
        value
        if value is None or isinstance(value, bool)
        else scrub(str(value))
        if not isinstance(value, int)
        else _number(value, scrub)
    )


def _kept(key: str, value: Any, known: set[str], scrub: Callable[[str], str]) -> Any:
    if key not in known:
        return REDACTED
    if key == "extra" and isinstance(value, Mapping):
        return {scrub(str(name)): _shown(one, known, scrub) for name, one in value.items()}
    if key in ALL_MASKS:
        return masked(value)
    return _shown(value, known, scrub)


def _number(value: int, scrub: Callable[[str], str]) -> Any:
    return value if scrub(str(value)) == str(value) else REDACTED
