"""Other persons of a row (semantics, section 9): representatives and responsible persons, masked and kept out of the rest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from connectors.files.outcome import RowRefused
from connectors.files.profile import CODE_FIELDS, field_types
from connectors.files.roles import PEOPLE, Roles, roles_of
from connectors.files.subject import Number, Subject, checked_number, valid_number
from connectors.files.view import View
from connectors.persons import document_type, mask
from schemas.labels import label
from schemas.persons import PersonField, person_fields
from schemas.sentence import Sentence

KEPT_AS_STATED: Final = frozenset(
    {
        "subject_id",
        "subject_name",
        "subject_kind",
        "authority_id",
        "authority_name",
        "source_id",
        "source_name",
        "act_id",
        "document_number",
        "registered_address",
        "data_source_name",
        "data_source_id",
        "registration_authority",
        "supervising_office",
        "list",
        *CODE_FIELDS,
    }
)
"""Fields where a person's name is not replaced: ids, and names of organisations and places, which may hold it by chance.
Masks are not replaced either."""


Numbers = dict[str, tuple[Number, ...]]
"""Numbers of a row's other persons by the field that takes their pseudonyms, which the vault gives."""


def people_of(view: View, name: str, values: dict[str, Any]) -> Numbers:
    """Put masks into the fields for persons (``extra`` where the event has none) and return the numbers. Raises RowRefused."""
    if "subject_document_type" in field_types(name) and values.get("subject_document_type") is None:
        values["subject_document_type"] = _shown_type(view.person("subject_document_type"), view.person("subject_number"))
    places = {roles_of(person): person for person in person_fields(name)}
    found: Numbers = {}
    for roles in PEOPLE:
        place = places.get(roles)
        numbers = _several(view, name, roles, place, values) if roles.many else _one(view, roles, place, values)
        if place and numbers:
            found[place.pseudonym] = numbers
    return found


def _shown_type(stated: str, number: str) -> str | None:
    return document_type(stated, number) if stated or number else None


def _one(view: View, roles: Roles, place: PersonField | None, values: dict[str, Any]) -> tuple[Number, ...]:
    headers = [header for header in view.plan.persons[roles.name] if view.text(header)]
    if place and headers and values[place.mask] is None:
        values[place.mask] = mask(view.text(headers.pop(0)))
    values["extra"] |= {header: view.masked_names(header) for header in headers}
    if not place:
        return ()
    stated = view.person(roles.document_type)
    if place.document_type and values[place.document_type] is None:
        values[place.document_type] = stated or None
    if values[place.pseudonym] is not None:
        return ()
    # A wrong number of someone else is no reason to refuse an act of the subject: the mask stays, the number goes.
    number = valid_number(stated, view.person(roles.number), view.person(roles.name))
    return (number,) if number else ()


def _several(view: View, name: str, roles: Roles, place: PersonField | None, values: dict[str, Any]) -> tuple[Number, ...]:
    names, numbers = view.parts(roles.name), view.parts(roles.number)
    if not names and not numbers:
        return ()
    if not place or not numbers or values[place.pseudonym]:
        values["extra"] |= {header: view.masked_names(header) for header in view.plan.persons[roles.name] if view.text(header)}
        return ()
    if names and len(names) != len(numbers):
        raise RowRefused(
            "missing_field",
            place.pseudonym,
            Sentence(
                "“{field}”有 {names} 个姓名、{numbers} 个号码，数目不一致：请按相同次序为每个姓名填一个号码",
                "{names} names and {numbers} numbers of {field} do not pair: give one number for each name, in the same order",
            ).of(field=label(name, place.pseudonym), names=len(names), numbers=len(numbers)),
        )
    types_stated = view.parts(roles.document_type)
    stated = types_stated if len(types_stated) == len(numbers) else types_stated[:1] * len(numbers)
    found = [
        checked_number(place.pseudonym, kind, number, called)
        for kind, number, called in zip(stated or [""] * len(numbers), numbers, names or [""] * len(numbers), strict=True)
    ]
    if any(one is None for one in found):
        raise RowRefused(
            "bad_identifier",
            place.pseudonym,
            Sentence(
                "“{field}”有号码被星号遮盖：请填写完整号码，或全部不填",
                "a number of {field} is starred out: send the whole number, or leave all of them out",
            ).of(field=label(name, place.pseudonym)),
        )
    values[place.mask] = [mask(one.name) for one in found if one]
    return tuple(one for one in found if one)


def check_lists(name: str, values: dict[str, Any]) -> None:
    """A given pseudonym of a list has a mask beside it: pad with empty masks so that both lists pair."""
    for place in person_fields(name):
        if place.many:
            short = len(values[place.pseudonym]) - len(values[place.mask])
            values[place.mask] = values[place.mask] + [""] * short


def given_name(name: str, subject: Subject) -> str:
    """The subject's name as given by ``--set``, masked for a natural person."""
    return mask(name) if subject.natural else name


def hide(view: View, name: str, values: dict[str, Any]) -> None:
    """Take declared names out of the row's texts; a declared number in any of them refuses the row (personal_data)."""
    secrets = view.secrets
    if not secrets:
        return
    kept = KEPT_AS_STATED | {place.mask for place in person_fields(name)}
    for field in (*field_types(name), "extra"):
        value = values.get(field)
        for text in _texts(value):
            if secrets.hold_number(text):
                raise RowRefused(
                    "personal_data",
                    field,
                    Sentence(
                        "自然人的证件号码还出现在该行的其他列中：请从那一列删去（证件号码列保留）",
                        "a person's document number also stands in another column of the row: "
                        "take it out there (the declared column keeps it)",
                    ),
                )
        if field not in kept:
            values[field] = replaced(value, secrets.hide_names)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, int | Decimal):
        return [str(value)]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def replaced(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: change(text) for key, text in value.items()}
    return [change(one) if isinstance(one, str) else one for one in value] if isinstance(value, list) else value
