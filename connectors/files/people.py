"""Other persons of a row (semantics, section 9): representatives and responsible persons, masked and kept out of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connectors.files.outcome import RowRefused
from connectors.files.profile import CODE_FIELDS, field_types
from connectors.files.subject import Number, Subject, checked_number, valid_number
from connectors.files.view import View
from connectors.persons import document_type, mask

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
        "legal_representative",
        "list",
        *CODE_FIELDS,
    }
)
"""Fields where a person's name is not replaced: ids, and names of organisations and places, which may hold it by chance."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers of a row's other persons, which the vault turns into ids."""

    representative: Number | None = None
    responsible: tuple[Number, ...] = ()


def people_of(view: View, name: str, values: dict[str, Any]) -> Numbers:
    """Put masks into the fields for persons (``extra`` where the event has none) and return the numbers. Raises RowRefused."""
    types = field_types(name)
    if "subject_document_type" in types and values.get("subject_document_type") is None:
        values["subject_document_type"] = _shown_type(view.person("subject_document_type"), view.person("subject_number"))
    return Numbers(_representative(view, types, values), _responsible(view, types, values))


def _shown_type(stated: str, number: str) -> str | None:
    return document_type(stated, number) if stated or number else None


def _representative(view: View, types: Any, values: dict[str, Any]) -> Number | None:
    headers = [header for header in view.plan.persons["legal_representative"] if view.text(header)]
    has_field = "legal_representative" in types
    if has_field and headers and values["legal_representative"] is None:
        values["legal_representative"] = mask(view.text(headers.pop(0)))
    values["extra"] |= {header: view.masked_names(header) for header in headers}
    if not has_field:
        return None
    number = view.person("legal_representative_number")
    stated = view.person("legal_representative_document_type")
    if values["legal_representative_document_type"] is None:
        values["legal_representative_document_type"] = stated or None
    if values["legal_representative_id"] is not None:
        return None
    # A wrong number of someone else is no reason to refuse an act of the subject: the mask stays, the number goes.
    return valid_number(stated, number, view.person("legal_representative"))


def _responsible(view: View, types: Any, values: dict[str, Any]) -> tuple[Number, ...]:
    names, numbers = view.parts("responsible_names"), view.parts("responsible_numbers")
    if not names and not numbers:
        return ()
    if "responsible_persons" not in types or not numbers or values["responsible_persons"]:
        values["extra"] |= {
            header: view.masked_names(header) for header in view.plan.persons["responsible_names"] if view.text(header)
        }
        return ()
    if names and len(names) != len(numbers):
        raise RowRefused(
            "missing_field",
            "responsible_persons",
            f"{len(names)} names of responsible persons and {len(numbers)} numbers "
            "do not pair: give one number for each name, in the same order",
        )
    types_stated = view.parts("responsible_document_types")
    stated = types_stated if len(types_stated) == len(numbers) else types_stated[:1] * len(numbers)
    found = [
        checked_number("responsible_persons", kind, number, name)
        for kind, number, name in zip(stated or [""] * len(numbers), numbers, names or [""] * len(numbers), strict=True)
    ]
    if any(one is None for one in found):
        raise RowRefused(
            "bad_identifier",
            "responsible_persons",
            "a number of a responsible person is starred out: send the whole number, or leave all of them out",
        )
    values["responsible_person_masks"] = [mask(one.name) for one in found if one]
    return tuple(one for one in found if one)


def check_list(name: str, values: dict[str, Any]) -> None:
    """A given responsible person has a mask beside it: pad with empty masks so that both lists pair."""
    if "responsible_persons" in field_types(name):
        short = len(values["responsible_persons"]) - len(values["responsible_person_masks"])
        values["responsible_person_masks"] = values["responsible_person_masks"] + [""] * short


def given_name(name: str, subject: Subject) -> str:
    """The subject's name as given by ``--set``, masked for a natural person."""
    return mask(name) if subject.natural else name


def hide(view: View, name: str, values: dict[str, Any]) -> None:
    """Take declared names out of the row's texts; a declared number in any of them refuses the row (personal_data)."""
    secrets = view.secrets
    if not secrets:
        return
    for field in (*field_types(name), "extra"):
        value = values.get(field)
        for text in _texts(value):
            if secrets.hold_number(text):
                raise RowRefused(
                    "personal_data",
                    field,
                    "a person's document number also stands in another column of the row: "
                    "take it out there (the declared column keeps it)",
                )
        if field not in KEPT_AS_STATED:
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
