"""The profile ``events``: JSON Lines of events, one object a line, as Avro JSON or plainer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from connectors.files import avro_json
from connectors.files.context import Context
from connectors.files.disclosure import disclosure
from connectors.files.errors import unknown_name
from connectors.files.outcome import Event, Mapped, MappedRow, Refused, RowRefused
from connectors.files.people import KEPT_AS_STATED, replaced
from connectors.files.rows import Row
from connectors.files.subject import Number, checked_number, pseudonym, valid_number
from connectors.persons import REDACTED, Secrets, is_personal_number, mask
from schemas import registry
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME
from schemas.identifiers import is_subject_id, normalise, party_id

_PREFIX: Final = "xinji.acts."
_CODE_PREFIXES: Final = ("regno", "org")
_SAFE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z_.]{0,59}\Z")
_PERSON_LISTS: Final = ("responsible_persons",)
_PERSON_IDS: Final = ("legal_representative_id",)
_MASKS: Final = ("legal_representative", "responsible_person_masks")


def map_object(row: Row, context: Context, profile: str) -> MappedRow:
    """The event that a JSON object is, and its disclosure where ``--set disclosed_on`` gives the day."""
    try:
        name, fields = _named(row.cells)
        return Mapped(_events(name, fields, context, profile))
    except RowRefused as refusal:
        secrets = _secrets(_content(row.cells))
        return Refused(refusal.reason, refusal.field, secrets.scrub(refusal.message), _raw(row.cells, secrets))


def _named(cells: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The event's name and its fields: {"event": name, …} or {"xinji.acts.Name": {…}}."""
    if "event" in cells:
        stated, fields = cells["event"], {key: given for key, given in cells.items() if key != "event"}
    elif len(cells) == 1:
        ((stated, fields),) = cells.items()
    else:
        raise RowRefused(
            "missing_field", "event", f'the object does not say which event it is: add "event": one of {", ".join(sorted(BY_NAME))}'
        )
    name = stated.removeprefix(_PREFIX) if isinstance(stated, str) else ""
    if name not in BY_NAME:
        shown = name if _SAFE_NAME.match(name) else "(not a name)"
        raise RowRefused("undecodable", "event", unknown_name("event", shown, BY_NAME))
    if not isinstance(fields, dict):
        raise RowRefused("undecodable", name, "write the event's fields as an object")
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
    _pseudonymise(name, event, context, f"file connector, profile {profile}")
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


def _pseudonymise(event_name: str, event: Event, context: Context, purpose: str) -> None:
    """No document number and no name of a person passes: ids become pseudonyms, names masks. Raises RowRefused."""
    header = event["header"]
    natural = header["subject_kind"] == "natural_person" or header["subject_id"].startswith("person:")
    secrets = _secrets(event)
    if natural:
        name, header["subject_name"] = header["subject_name"], mask(header["subject_name"])
        header["subject_id"] = _person_id(
            header["subject_id"], event.get("subject_document_type"), name, "header.subject_id", context, purpose
        )
    elif is_personal_number(normalise(header["subject_id"])):
        raise RowRefused(
            "bad_identifier",
            "header.subject_id",
            "a person's identity number stands where an organisation's code belongs: "
            "send the 统一社会信用代码; for a natural person set subject_kind to natural_person",
        )
    for field in _MASKS:
        if event.get(field):
            event[field] = mask(event[field]) if isinstance(event[field], str) else [mask(one) for one in event[field]]
    for field in registry.fields_of(event_name):
        if field not in KEPT_AS_STATED and field not in _MASKS:
            event[field] = replaced(event[field], secrets.hide_names)
    _no_number_left(event, secrets)
    for field in _PERSON_IDS:
        if event.get(field):
            wrong = _is_number(event[field]) and valid_number("", event[field], "") is None
            event[field] = None if wrong else _mentioned(event[field], field, context, purpose)
    for field in _PERSON_LISTS:
        if event.get(field):
            event[field] = [_mentioned(one, field, context, purpose) for one in event[field]]


def _mentioned(given: str, field: str, context: Context, purpose: str) -> str:
    return _person_id(given, "", "", field, context, purpose) if _is_number(given) else given


def _is_number(given: str) -> bool:
    return is_personal_number(normalise(given))


def _person_id(given: str, stated: str | None, name: str, field: str, context: Context, purpose: str) -> str:
    if not given or given.startswith("person:"):
        return given
    number: Number | None = checked_number(field, stated or "", given, name)
    if number is None:
        raise RowRefused(
            "bad_identifier", field, "the person's document number is starred out: send the whole number, or a pseudonym (person:…)"
        )
    return pseudonym(number, field, purpose, context)


def _no_number_left(event: Event, secrets: Secrets) -> None:
    """A declared number may stand only where it becomes a pseudonym."""
    if not secrets.numbers:
        return
    skipped = {"subject_id", *_PERSON_IDS, *_PERSON_LISTS}
    for group in (event["header"], event):
        for field, value in group.items():
            if field not in skipped and field != "header" and any(secrets.hold_number(text) for text in _texts(value)):
                raise RowRefused(
                    "personal_data", field, "a person's document number also stands in another field: take it out there"
                )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, int | Decimal):
        return [str(value)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _content(cells: Mapping[str, Any]) -> Mapping[str, Any]:
    only = next(iter(cells.values())) if len(cells) == 1 else cells
    return only if isinstance(only, dict) else cells


def _untagged(given: Any) -> Any:
    return next(iter(given.values())) if isinstance(given, dict) and len(given) == 1 else given


def _secrets(event: Mapping[str, Any]) -> Secrets:
    """Names and numbers of persons in an event or in the object that was to be one."""
    header = event.get("header")
    header = header if isinstance(header, dict) else {}
    subject_id = _untagged(header.get("subject_id"))
    kind = _untagged(header.get("subject_kind"))
    natural = kind == "natural_person" or (isinstance(subject_id, str) and subject_id.startswith("person:"))
    names, numbers = _texts([_untagged(event.get(field)) for field in _MASKS]), list[str]()
    for one in _texts([subject_id, *(_untagged(event.get(field)) for field in (*_PERSON_IDS, *_PERSON_LISTS))]):
        if not one.startswith("person:") and (is_personal_number(normalise(one)) or (natural and one == subject_id)):
            numbers.append(one)
    if natural or numbers:
        names += _texts(_untagged(header.get("subject_name")))
    return Secrets.of(names, numbers)


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
    if key in _MASKS:
        return _masked(_untagged(value))
    return _shown(value, known, scrub)


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(one) for one in value]
    return mask(value) if isinstance(value, str) else REDACTED


def _number(value: int, scrub: Callable[[str], str]) -> Any:
    return value if scrub(str(value)) == str(value) else REDACTED
