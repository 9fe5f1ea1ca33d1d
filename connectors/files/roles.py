"""Columns of persons in files: the roles that the table ``persons`` of a profile may give them.

The roles follow from the places for persons in the schemas of all events: a column's role is the same whichever event the
file makes, and a role that the event has no place for goes, masked, into ``extra``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schemas.persons import PersonField, all_person_fields


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of the columns of one person, or of a list of persons."""

    name: str
    document_type: str
    number: str
    many: bool


def roles_of(person: PersonField) -> Roles:
    """The roles of a place for persons: ``person``, ``person_number`` …, of a list ``person_names``, ``person_numbers`` …"""
    role = person.role
    if person.many:
        return Roles(f"{role}_names", f"{role}_document_types", f"{role}_numbers", many=True)
    return Roles(role, f"{role}_document_type", f"{role}_number", many=False)


PEOPLE: Final[tuple[Roles, ...]] = tuple(dict.fromkeys(map(roles_of, all_person_fields())))
"""The roles of all persons but the subject."""
NUMBER_ROLES: Final = ("subject_number", *(one.number for one in PEOPLE))
"""Columns whose numbers go to the vault and nowhere else."""
NAME_ROLES: Final = (*(one.name for one in PEOPLE), "masked")
"""Columns whose names are masked wherever they stand."""
PERSON_ROLES: Final = (
    "subject_document_type",
    "subject_number",
    *(role for one in PEOPLE for role in (one.name, one.document_type, one.number)),
    "masked",
    "dropped",
)
