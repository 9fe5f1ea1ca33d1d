"""Whom a statement is about: the identifiers of the subject and of whoever else the statement mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from projections.admission.reasons import Rejection
from schemas.identifiers import Unidentified, identify, is_organisation_code, is_subject_id, normalise
from schemas.labels import label
from schemas.logged import mention_fields
from schemas.registry import fields_of
from schemas.sentence import Sentence

_LETTER_INSIDE: Final = re.compile(r"[0-9A-Z]*[A-Z][0-9A-Z]*[0-9A-Z]\Z")
_FORMS: Final = Sentence(
    "有效的统一社会信用代码、regno: 加 15 位注册号、org: 加组织机构代码，或 person: 加化名",
    "a valid 统一社会信用代码, regno: and a 15-digit 注册号, org: and a 组织机构代码, or person: and a pseudonym",
)


_is_valid = lru_cache(maxsize=50_000)(is_subject_id)
"""Files state many acts of one subject."""


def subject_problem(name: str, event: Mapping[str, Any]) -> Rejection | None:
    """``unidentified_subject`` or ``bad_identifier``, or None."""
    subject_id = event["header"]["subject_id"]
    if not subject_id.strip():
        nobody = Sentence("名称不能识别主体：请填写{forms}", "names identify nobody: state {forms}")
        return Rejection("unidentified_subject", "header.subject_id", nobody.of(forms=_FORMS))
    if not _is_valid(subject_id):
        return Rejection("bad_identifier", "header.subject_id", _advice(subject_id))
    return _contradiction(name, event, subject_id) or _mention_problem(name, event)


def _advice(subject_id: str) -> Sentence:
    """What to do about an invalid id. A code is quoted only where it cannot be a person's number: it has a letter
    before its last character."""
    code = normalise(subject_id)
    if _LETTER_INSIDE.match(code):
        found = identify((code,))
        if isinstance(found, Unidentified):
            return found.sentence
        if code != subject_id:
            return Sentence(
                "代码请用大写，不带空格和连字符：{code}", "write the code without spaces and hyphens, in upper case: {code}"
            ).of(code=code)
    return Sentence(
        "主体标识无效（格式或校验位不对）：请填写{forms}", "the identifier is not valid (form or check digit): state {forms}"
    ).of(forms=_FORMS)


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
        Sentence(
            "组织机构代码与主体代码指向两个不同的组织：请保留正确的一个",
            "the 组织机构代码 and the subject's code name two different organisations: keep the right one",
        ),
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
                    Sentence(
                        "“{field}”以标识指明其他主体：{forms}；名称或证件号码不是标识",
                        "{field} names others by their ids: {forms}; a name or a document number is none",
                    ).of(field=label(name, field), forms=_FORMS),
                )
    return None
