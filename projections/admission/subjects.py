"""Whom a statement is about: the identifiers of the subject and of whoever else the statement mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from projections.admission.reasons import Rejection
from schemas.identifiers import Unidentified, identify, is_organisation_code, is_subject_id, normalise
from schemas.logged import mention_fields
from schemas.registry import fields_of

_LETTER_INSIDE: Final = re.compile(r"[0-9A-Z]*[A-Z][0-9A-Z]*[0-9A-Z]\Z")
_FORMS: Final = "a valid 统一社会信用代码, regno: and a 15-digit 注册号, org: and a 组织机构代码, or person: and a pseudonym"


_is_valid = lru_cache(maxsize=50_000)(is_subject_id)
"""Files state many acts of one subject."""


def subject_problem(name: str, event: Mapping[str, Any]) -> Rejection | None:
    """``unidentified_subject`` or ``bad_identifier``, or None."""
    subject_id = event["header"]["subject_id"]
    if not subject_id.strip():
        return Rejection("unidentified_subject", "header.subject_id", f"names identify nobody: state {_FORMS}")
    if not _is_valid(subject_id):
        return Rejection("bad_identifier", "header.subject_id", _advice(subject_id))
    return _contradiction(name, event, subject_id) or _mention_problem(name, event)


def _advice(subject_id: str) -> str:
    """What to do about an invalid id. A code is quoted only where it cannot be a person's number: it has a letter
    before its last character."""
    code = normalise(subject_id)
    if _LETTER_INSIDE.match(code):
        found = identify((code,))
        if isinstance(found, Unidentified):
            return found.message
        if code != subject_id:
            return f"write the code without spaces and hyphens, in upper case: {code}"
    return f"the identifier is not valid (form or check digit): state {_FORMS}"


@cache
def _has_organisation_code(name: str) -> bool:
    return "organisation_code" in fields_of(name)


def _contradiction(name: str, event: Mapping[str, Any], subject_id: str) -> Rejection | None:
    stated = event.get("organisation_code") if _has_organisation_code(name) else None
    if not stated:
        return None
    code = normalise(stated)
    inside = _organisation_code_of(subject_id)
    if inside is None or not is_organisation_code(code) or code == inside:
        return None
    return Rejection(
        "bad_identifier",
        "organisation_code",
        "the 组织机构代码 and the subject's code name two different organisations: keep the right one",
    )


def _organisation_code_of(subject_id: str) -> str | None:
    if subject_id.startswith("org:"):
        return subject_id.removeprefix("org:")
    return None if ":" in subject_id else subject_id[8:17]


def _mention_problem(name: str, event: Mapping[str, Any]) -> Rejection | None:
    for field in mention_fields(name):
        value = event.get(field)
        for one in (value,) if isinstance(value, str) else value or ():
            if one and not _is_valid(one):
                return Rejection(
                    "bad_identifier",
                    field,
                    f"{field} names others by their ids: {_FORMS}; a name or a document number is none",
                )
    return None
