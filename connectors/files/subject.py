"""Whom a row is about (semantics, sections 2 and 9): the id its codes give, or a natural person's pseudonym."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.files.context import Context
from connectors.files.outcome import RowRefused
from connectors.files.view import View
from connectors.persons import IDENTITY_CARD, document_type, is_masked_number, mask
from schemas.identifiers import Unidentified, identify, is_identity_number, normalise, subject_kind
from schemas.sentence import Sentence

_NO_VAULT = Sentence(
    "该行涉及自然人，须先化名，而化名库未配置：请设置 XINJI_VAULT 和 XINJI_VAULT_KEY",
    "the row needs a pseudonym for a natural person and no vault is configured: set XINJI_VAULT and XINJI_VAULT_KEY",
)


@dataclass(frozen=True, slots=True)
class Number:
    """A person's document number before the vault has seen it. Its repr shows nothing."""

    type: str
    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a row: its id, or the number that the vault turns into one."""

    subject_id: str
    natural: bool
    number: Number | None = None


def subject_of(view: View, given: Mapping[str, Any]) -> Subject:
    """Raises RowRefused (unidentified_subject, bad_identifier); no message holds a person's number."""
    natural = view.natural or given.get("subject_kind") == "natural_person"
    if "subject_id" in given:
        return Subject(given["subject_id"], natural or given["subject_id"].startswith("person:"))
    found = identify(view.subject_codes)
    if not isinstance(found, Unidentified):
        return Subject(found.subject_id, natural)
    if natural:
        return Subject("", True, _own_number(view))
    if found.reason == "bad_identifier":
        raise RowRefused(found.reason, "subject_id", found.sentence)
    if view.identity_numbers:
        raise RowRefused(
            "bad_identifier",
            "subject_id",
            Sentence(
                "应填组织代码处疑似身份证号：请填统一社会信用代码；是自然人的，行政相对人类别请填“自然人”",
                "what looks like a person's identity number stands where an organisation's code belongs: "
                "send the 统一社会信用代码; for a natural person state 行政相对人类别 自然人",
            ),
        )
    raise RowRefused(found.reason, "subject_id", found.sentence)


def _own_number(view: View) -> Number:
    number = view.person("subject_number")
    if not number:
        number = next((one for one in view.identity_numbers if is_identity_number(normalise(one))), "")
    if not number and view.identity_numbers:
        wrong = Sentence(
            "自然人的身份证号校验不通过：请在源数据中更正",
            "the identity number of the natural person fails its check: correct it at the source",
        )
        raise RowRefused("bad_identifier", "subject_id", wrong)
    if not number:
        raise RowRefused(
            "unidentified_subject",
            "subject_id",
            Sentence(
                "自然人没有证件号码，姓名不能识别主体：请补填证件类型和证件号码",
                "the natural person has no document number; names identify nobody: add 证件类型 and 证件号码",
            ),
        )
    kind = document_type(view.person("subject_document_type"), number)
    if is_masked_number(number) or not _is_number(kind, number):
        raise RowRefused(
            "bad_identifier",
            "subject_id",
            Sentence(
                "自然人的证件号码被星号遮盖或校验不通过：请填写完整、正确的号码",
                "the document number of the natural person is starred out or fails its check: send the whole, correct number",
            ),
        )
    name = view.subject_names[0][1] if view.subject_names else ""
    return Number(kind, number, name)


def _is_number(kind: str, number: str) -> bool:
    plain = normalise(number)
    return is_identity_number(plain) if kind == IDENTITY_CARD else len(plain) >= 5 and plain.isalnum()


def checked_number(field_name: str, stated_type: str, number: str, name: str) -> Number | None:
    """Another person's number, None where the source starred it out. Raises RowRefused (bad_identifier)."""
    if not number or is_masked_number(number):
        return None
    found = valid_number(stated_type, number, name)
    if found is None:
        raise RowRefused(
            "bad_identifier",
            field_name,
            Sentence(
                "自然人的证件号码校验不通过：请在源数据中更正，或写明证件类型，或留空",
                "a person's document number fails its check: correct it at the source, "
                "state the document's type, or leave the cell empty",
            ),
        )
    return found


def valid_number(stated_type: str, number: str, name: str) -> Number | None:
    """A person's number, None where it is empty, starred out, or fails its check."""
    kind = document_type(stated_type, number)
    return Number(kind, number, name) if not is_masked_number(number) and _is_number(kind, number) else None


def pseudonym(number: Number, field_name: str, purpose: str, context: Context) -> str:
    """The vault's pseudonym for a number. Raises RowRefused (personal_data) where there is no vault."""
    if context.vault is None:
        raise RowRefused("personal_data", field_name, _NO_VAULT)
    return context.vault.pseudonym(number.type, number.number, number.name, purpose, context.now)


def shown_name(view: View, subject: Subject, representative: str) -> str:
    """The subject's name as it may be shown: a mask for a natural person, and where it is only the operator's own name."""
    name = view.subject_names[0][1] if view.subject_names else ""
    return mask(name) if name and (subject.natural or name == representative) else name


def kind_of(subject_id: str, stated: str) -> str:
    """The subject's kind: from the code's prefix where there is one, else as stated."""
    known = stated and (stated != "natural_person" or subject_id.startswith("person:"))
    return subject_kind(subject_id, stated if known else "unknown")
