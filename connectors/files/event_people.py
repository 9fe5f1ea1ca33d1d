"""Persons in an event that comes as JSON: ids become pseudonyms, names masks, and nothing of either stays elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any, Final

from connectors.files.context import Context
from connectors.files.outcome import Event, RowRefused
from connectors.files.people import KEPT_AS_STATED, replaced
from connectors.files.subject import Number, checked_number, pseudonym, valid_number
from connectors.persons import REDACTED, Secrets, is_personal_number, mask
from schemas import registry
from schemas.identifiers import normalise
from schemas.persons import all_person_fields, person_fields
from schemas.sentence import Sentence

ALL_MASKS: Final = frozenset(one.mask for one in all_person_fields())
_ALL_PSEUDONYMS: Final = frozenset(one.pseudonym for one in all_person_fields())
"""An object that says no event, or a wrong one, may hold the fields of any; so may a correction."""
_CORRECTION: Final = "ActCorrected"


def pseudonymise(event_name: str, event: Event, context: Context, purpose: str) -> None:
    """No document number and no name of a person passes: ids become pseudonyms, names masks. Raises RowRefused."""
    header = event["header"]
    natural = header["subject_kind"] == "natural_person" or header["subject_id"].startswith("person:")
    secrets = secrets_of(event)
    if natural:
        name, header["subject_name"] = header["subject_name"], mask(header["subject_name"])
        header["subject_id"] = _person_id(
            header["subject_id"], event.get("subject_document_type"), name, "header.subject_id", context, purpose
        )
    elif is_personal_number(normalise(header["subject_id"])):
        raise RowRefused(
            "bad_identifier",
            "header.subject_id",
            Sentence(
                "应填组织代码处是身份证号：请填统一社会信用代码；是自然人的，subject_kind 请填 natural_person",
                "a person's identity number stands where an organisation's code belongs: "
                "send the 统一社会信用代码; for a natural person set subject_kind to natural_person",
            ),
        )
    if event_name == _CORRECTION:
        _pseudonymise_correction(event["fields"], context, purpose)
    people = person_fields(event_name)
    masks = {person.mask for person in people}
    for field in masks:
        if event.get(field):
            event[field] = mask(event[field]) if isinstance(event[field], str) else [mask(one) for one in event[field]]
    for field in registry.fields_of(event_name):
        if field not in KEPT_AS_STATED and field not in masks:
            event[field] = replaced(event[field], secrets.hide_names)
    _no_number_left(event, secrets, {"subject_id", *(person.pseudonym for person in people)})
    for person in people:
        field, given = person.pseudonym, event.get(person.pseudonym)
        if given and person.many:
            event[field] = [_mentioned(one, field, context, purpose) for one in given]
        elif given:
            wrong = _is_number(given) and valid_number("", given, "") is None
            event[field] = None if wrong else _mentioned(given, field, context, purpose)


def _pseudonymise_correction(fields: dict[str, str], context: Context, purpose: str) -> None:
    """A correction's new values are JSON texts; those of fields for persons are treated as the fields themselves."""
    for field in fields.keys() & ALL_MASKS:
        fields[field] = _changed(field, fields[field], mask)
    for field in fields.keys() & _ALL_PSEUDONYMS:
        change = partial(_mentioned, field=field, context=context, purpose=purpose)
        fields[field] = _changed(field, fields[field], change)


def _changed(field: str, text: str, change: Callable[[str], str]) -> str:
    try:
        return json.dumps(replaced(json.loads(text), change), ensure_ascii=False)
    except ValueError:
        advice = Sentence(
            "{field} 的新值不是 JSON：文字须加引号，例如 {example}",
            "the new value of {field} is no JSON: write a text in quotes, as in {example}",
        )
    raise RowRefused("undecodable", "fields", advice.of(field=field, example=f'"{field}": "\\"张*\\""'))


def _corrected(event: Mapping[str, Any], wanted: frozenset[str]) -> list[Any]:
    """The new values that a correction, if it is one, gives fields for persons."""
    fields = event.get("fields")
    return [_loaded(fields[field]) for field in sorted(fields.keys() & wanted)] if isinstance(fields, dict) else []


def _loaded(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        return text


def _mentioned(given: str, field: str, context: Context, purpose: str) -> str:
    return _person_id(given, "", "", field, context, purpose) if _is_number(given) else given


def _is_number(given: str) -> bool:
    return is_personal_number(normalise(given))


def _person_id(given: str, stated: str | None, name: str, field: str, context: Context, purpose: str) -> str:
    if not given or given.startswith("person:"):
        return given
    number: Number | None = checked_number(field, stated or "", given, name)
    if number is None:
        starred = Sentence(
            "自然人的证件号码被星号遮盖：请填写完整号码，或化名（person:…）",
            "the person's document number is starred out: send the whole number, or a pseudonym (person:…)",
        )
        raise RowRefused("bad_identifier", field, starred)
    return pseudonym(number, field, purpose, context)


def _no_number_left(event: Event, secrets: Secrets, skipped: set[str]) -> None:
    """A declared number may stand only where it becomes a pseudonym."""
    if not secrets.numbers:
        return
    for group in (event["header"], event):
        for field, value in group.items():
            if field not in skipped and field != "header" and any(secrets.hold_number(text) for text in _texts(value)):
                again = Sentence(
                    "自然人的证件号码还出现在其他字段中：请从那里删去",
                    "a person's document number also stands in another field: take it out there",
                )
                raise RowRefused("personal_data", field, again)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    if isinstance(value, int | Decimal):
        return [str(value)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []


def _untagged(given: Any) -> Any:
    return next(iter(given.values())) if isinstance(given, dict) and len(given) == 1 else given


def secrets_of(event: Mapping[str, Any]) -> Secrets:
    """Names and numbers of persons in an event or in the object that was to be one."""
    header = event.get("header")
    header = header if isinstance(header, dict) else {}
    subject_id = _untagged(header.get("subject_id"))
    kind = _untagged(header.get("subject_kind"))
    natural = kind == "natural_person" or (isinstance(subject_id, str) and subject_id.startswith("person:"))
    names = _texts([_untagged(event.get(field)) for field in ALL_MASKS] + _corrected(event, ALL_MASKS))
    numbers = list[str]()
    named = [_untagged(event.get(field)) for field in _ALL_PSEUDONYMS] + _corrected(event, _ALL_PSEUDONYMS)
    for one in _texts([subject_id, *named]):
        if not one.startswith("person:") and (is_personal_number(normalise(one)) or (natural and one == subject_id)):
            numbers.append(one)
    if natural or numbers:
        names += _texts(_untagged(header.get("subject_name")))
    return Secrets.of(names, numbers)


def masked(value: Any) -> Any:
    """What stands in a field for masks, masked, however it is wrapped."""
    value = _untagged(value)
    if isinstance(value, list):
        return [masked(one) for one in value]
    return mask(value) if isinstance(value, str) else REDACTED
