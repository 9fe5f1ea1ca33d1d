"""Which fields of an event name persons, as its schema says: a pseudonym for the log and a masked name for people.

The edge makes pseudonyms and masks of what sources send in these fields, the gate refuses what is neither, and nobody
else has to know a field by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from schemas.catalogue import BY_NAME
from schemas.registry import fields_of

SUBJECT: Final = "header.subject_id"
"""What ``document_type_of`` says of a document type that is the subject's own."""


@dataclass(frozen=True, slots=True)
class PersonField:
    """One place of an event for a person, or for a list of persons (``many``): the field of the pseudonym, that of the
    masked name, and that of the document's type where there is one. ``role`` is its name among the columns of files:
    ``legal_representative_id`` has the role legal_representative, ``responsible_persons`` the role responsible."""

    role: str
    pseudonym: str
    mask: str
    document_type: str | None
    many: bool

    def pseudonyms(self, event: Mapping[str, Any]) -> tuple[str, ...]:
        """The pseudonyms that stand here in an event."""
        value = event.get(self.pseudonym) or ()
        return (value,) if isinstance(value, str) else tuple(value)


@cache
def person_fields(name: str) -> tuple[PersonField, ...]:
    """The places for persons of an event, in the order of its schema."""
    fields = fields_of(name)
    masks = {schema["mask_of"]: field for field, schema in fields.items() if "mask_of" in schema}
    types = {schema["document_type_of"]: field for field, schema in fields.items() if "document_type_of" in schema}
    return tuple(
        PersonField(
            role=field.removesuffix("_persons").removesuffix("_id"),
            pseudonym=field,
            mask=masks[field],
            document_type=types.get(field),
            many=isinstance(schema["type"], dict),
        )
        for field, schema in fields.items()
        if schema.get("person") == "pseudonym"
    )


@cache
def all_person_fields() -> tuple[PersonField, ...]:
    """The places for persons of all events, one of each name."""
    return tuple(dict.fromkeys(one for name in BY_NAME for one in person_fields(name)))


@cache
def personal_fields(name: str) -> frozenset[str]:
    """Every field of an event that says something of a person: pseudonyms, masks and types of documents."""
    pairs = (part for one in person_fields(name) for part in (one.pseudonym, one.mask))
    return frozenset(pairs) | {field for field, schema in fields_of(name).items() if "document_type_of" in schema}
