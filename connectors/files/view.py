"""One row seen through its file's plan: texts by header, nulls taken out, and what it says of persons."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from connectors.files.plan import Plan, plan_for
from connectors.files.profile import Profile
from connectors.files.roles import NAME_ROLES, NUMBER_ROLES
from connectors.files.rows import Row
from connectors.files.values import is_null, split, squeeze, text_of
from connectors.persons import REDACTED, Secrets, is_organisation_name, is_personal_number, mask
from schemas.identifiers import is_identity_number, is_organisation_code, is_registration_number, is_uscc, normalise

NAME_SEPARATORS = ";；、,，\n/"
_USCC_ONLY_ROLES = ("tax_number", "institution_certificate_number", "social_organisation_number")


class View:
    """A row and its plan. Nothing here changes the row."""

    def __init__(self, profile: Profile, row: Row) -> None:
        self.profile, self.row = profile, row
        self.plan: Plan = plan_for(profile, tuple(row.cells))
        self._texts: dict[str, str] = {}
        self.code_cells = [(role, header, text, normalise(text)) for role, header in self.plan.codes if (text := self.text(header))]
        """Code columns that hold something: role, header, text, normalised."""
        self.subject_names = self._filled("subject_name")
        """Name columns of the subject that hold something: header, text."""
        self.stated_kind = self._kind()
        """What the file says of the subject's kind, empty where it says nothing."""
        stated_natural = self.stated_kind == "natural_person"
        personal = [is_personal_number(plain, stated_natural) for _, _, _, plain in self.code_cells]
        cells = list(zip(self.code_cells, personal, strict=True))
        self.organisation_codes = [cell[2] for cell, person in cells if not person]
        """Codes of the row that are not a person's identity number."""
        self.subject_codes = [
            plain for (role, _, _, plain), person in cells if not person and (role not in _USCC_ONLY_ROLES or is_uscc(plain))
        ]
        """Codes that may name the subject: a tax or certificate number may pass for a registration number by chance."""
        self.identity_numbers = [cell[2] for cell, person in cells if person]
        """Code cells that hold a person's identity number, or one with a typing error."""

    def text(self, header: str) -> str:
        """The cell's text, empty for a null mark."""
        found = self._texts.get(header)
        if found is None:
            text = text_of(self.row.cells[header])
            found = self._texts[header] = "" if is_null(text, self.profile.nulls) else text
        return found

    def first(self, headers: Iterable[str]) -> str:
        """The first text that is there."""
        return next((text for header in headers if (text := self.text(header))), "")

    def person(self, role: str) -> str:
        """The first text in a role's columns of persons."""
        return self.first(self.plan.persons[role])

    def parts(self, role: str) -> list[str]:
        """All values in a role's columns of persons."""
        return [part for header in self.plan.persons[role] for part in _every(self.text(header))]

    def _filled(self, field: str) -> list[tuple[str, str]]:
        plan = self.plan.by_name.get(field)
        return [(source.header, text) for source in plan.sources if (text := self.text(source.header))] if plan else []

    def _kind(self) -> str:
        stated = self._filled("subject_kind")
        return self.plan.by_name["subject_kind"].values.get(squeeze(stated[0][1]), stated[0][1]) if stated else ""

    @cached_property
    def natural(self) -> bool:
        """Whether the row is about a natural person: as stated, else by a person's number where there is no other code."""
        if self.stated_kind:
            return self.stated_kind == "natural_person"
        if self.organisation_codes:
            return False
        return bool(self.person("subject_number")) or any(is_identity_number(normalise(one)) for one in self.identity_numbers)

    @cached_property
    def secrets(self) -> Secrets:
        """Names and numbers in the columns declared as persons', and identity numbers that stand in code columns."""
        persons = self.plan.persons
        declared = any(persons[role] for role in (*NUMBER_ROLES, *NAME_ROLES, "dropped"))
        if not (declared or self.identity_numbers or self.natural or "姓名" in "".join(header for header, _ in self.subject_names)):
            return Secrets()
        numbers = [self.text(header) for role in (*NUMBER_ROLES, "dropped") for header in persons[role]]
        names = [self.text(header) for role in NAME_ROLES for header in persons[role]]
        if self.natural or any("姓名" in header and not is_organisation_name(text) for header, text in self.subject_names):
            names += [text for _, text in self.subject_names]
        if self.natural:
            numbers += [text for _, _, text, plain in self.code_cells if not is_code(plain)]
        return Secrets.of(
            [part for name in names for part in (name, *_every(name))],
            [part for number in (*numbers, *self.identity_numbers) for part in (number, *_every(number)) if part],
        )

    def masked_names(self, header: str) -> str:
        """The names of a cell, each masked."""
        return "、".join(mask(name) for name in _every(self.text(header)))

    def raw(self) -> bytes:
        """The row as JSON, header to text, without what it says of persons."""
        persons, secrets = self.plan.persons, self.secrets
        numbers = {header for role in (*NUMBER_ROLES, "dropped") for header in persons[role]}
        names = {header for role in NAME_ROLES for header in persons[role]}
        shown: dict[str, Any] = {}
        for header, cell in self.row.cells.items():
            text = text_of(cell)
            if header in numbers:
                shown[header] = REDACTED if text else ""
            else:
                shown[header] = self.masked_names(header) if header in names else secrets.scrub(text)
        return json.dumps(shown, ensure_ascii=False).encode()


def _every(text: str) -> list[str]:
    return split(text, NAME_SEPARATORS) if text else []


def is_code(plain: str) -> bool:
    """Whether a normalised code is an organisation's, by its check digit."""
    return is_uscc(plain) or is_registration_number(plain) or is_organisation_code(plain)
