"""Persons at the edge: masks, document numbers, and finding them where they should not stand (semantics, section 9).

Nothing here keeps, logs or quotes a name or a number. Pseudonyms come from the vault, which callers pass in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from schemas.identifiers import is_identity_number, is_registration_number, is_uscc, normalise

IDENTITY_CARD: Final = "身份证"
REDACTED: Final = "***"
_RESEMBLES: Final = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]\Z")
_RESEMBLES_OLD: Final = re.compile(r"[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}\Z")
_IN_TEXT: Final = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9]\d{9}(?![0-9A-Za-z])"
)
_ORGANISATION: Final = re.compile(
    r"公司|企业|合伙|合作社|事务所|中心|集团|委员会|协会|学校|医院|政府|银行|商行|经营部|门市|超市|饭店|有限|[局院厂店部社行馆站]$"
)
_TYPES: Final = (
    (IDENTITY_CARD, ("身份证", "公民身份号码", "居民身份证")),
    ("护照", ("护照",)),
    ("港澳居民来往内地通行证", ("港澳",)),
    ("台湾居民来往大陆通行证", ("台湾", "台胞")),
)
_FOREIGN: Final = "外国人"


class Pseudonyms(Protocol):
    """What gives a person's pseudonym: the vault, or a stand-in in tests."""

    def pseudonym(self, document_type: str, number: str, name: str, purpose: str, now: datetime) -> str:
        """``person:…``, the same for the same document type and number. ``now`` is aware."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """A block whose pseudonyms are made durable at once at its end; use none of them before."""
        ...


def mask(name: str) -> str:
    """A person's name as it may be shown: the first character and a star. A mask stays as it is."""
    given = name.strip()
    return f"{given[0]}*" if given else ""


def normalise_number(number: str) -> str:
    """A document number as it is compared: NFKC, upper case, without white space and hyphens."""
    return normalise(number)


def document_type(stated: str, number: str) -> str:
    """The type that a number is kept under, however the file spells it. A valid identity number is an identity card."""
    if is_identity_number(normalise_number(number)):
        return IDENTITY_CARD
    if _FOREIGN in stated:
        return "外国人永久居留身份证"
    for name, words in _TYPES:
        if any(word in stated for word in words):
            return name
    return stated.strip() or IDENTITY_CARD


def is_masked_number(number: str) -> bool:
    """Whether the source has already starred the number out, so that it identifies nobody."""
    return "*" in number or "＊" in number


def is_personal_number(code: str, natural: bool = False) -> bool:
    """Whether a normalised code is a person's identity number, or one with a typing error, and not an organisation's code.

    Fifteen digits may be an identity number of before 1999 or a registration number: the latter where its check digit
    says so, unless the row is of a ``natural`` person.
    """
    if _RESEMBLES.match(code):
        return not is_uscc(code)
    return bool(_RESEMBLES_OLD.match(code)) and (natural or not is_registration_number(code))


def is_organisation_name(name: str) -> bool:
    """Whether a name is plainly an organisation's (a partnership's representative may be a company)."""
    return bool(_ORGANISATION.search(name))


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one row says of persons: to be kept out of everything that leaves. Its repr shows nothing."""

    names: frozenset[str] = field(default=frozenset(), repr=False)
    numbers: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, names: Iterable[str], numbers: Iterable[str]) -> Secrets:
        """Secrets of declared cells: names of two characters or more, no organisation's; numbers of six or more."""
        told = frozenset(name for name in names if len(name) > 1 and "*" not in name and not is_organisation_name(name))
        given = [number for number in numbers if len(number) > 5 and not is_masked_number(number)]
        return cls(told, frozenset(form for number in given for form in (number, normalise_number(number))))

    def __bool__(self) -> bool:
        return bool(self.names or self.numbers)

    def hide_names(self, text: str) -> str:
        """The text with declared names masked."""
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, mask(name))
        return text

    def hold_number(self, text: str) -> bool:
        """Whether a declared number stands in the text, however it is spaced."""
        if not self.numbers:
            return False
        plain = normalise_number(text)
        return any(number in text or number in plain for number in self.numbers)

    def scrub(self, text: str) -> str:
        """The text without declared names and numbers, and without what looks like an identity or mobile number."""
        for number in sorted(self.numbers, key=len, reverse=True):
            text = text.replace(number, REDACTED)
        text = REDACTED if self.hold_number(text) else self.hide_names(text)
        return _IN_TEXT.sub(REDACTED, text)
