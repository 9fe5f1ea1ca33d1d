"""Codes of organisations and their checks. Nothing is repaired: a code is valid or it is not.

Sources: GB 32100-2015 (统一社会信用代码), GB 11714-1997 (组织机构代码), 工商行政管理注册号编制规则 with GB/T 17710
(ISO 7064 MOD 11,10), GB 11643-1999 (公民身份号码).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Final

from stdnum.iso7064 import mod_11_2, mod_11_10

from schemas.sentence import Sentence

_BETWEEN: Final = re.compile(r"[\s\-‐-―−]")
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_VALUE: Final = {char: int(char, 36) for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_USCC_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE: Final = {char: value for value, char in enumerate(_USCC_ALPHABET)}
_USCC: Final = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}\Z")
_ORG: Final = re.compile(r"[0-9A-Z]{8}[0-9X]\Z")
_REGNO: Final = re.compile(r"[0-9]{15}\Z")
_IDENTITY: Final = re.compile(r"[1-8][0-9]{16}[0-9X]\Z")
_PERSON: Final = re.compile(r"person:[A-Za-z0-9_-]{8,64}\Z")
_SUSPECT: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "V": "U"})

KIND_BY_PREFIX: Final = {
    "11": "state_organ",
    "12": "public_institution",
    "13": "social_organisation",
    "19": "other_organisation",
    "51": "social_organisation",
    "52": "social_organisation",
    "53": "social_organisation",
    "59": "other_organisation",
    "91": "enterprise",
    "92": "individual_business",
    "93": "cooperative",
    "21": "other_organisation",
    "29": "other_organisation",
    "31": "other_organisation",
    "32": "other_organisation",
    "33": "other_organisation",
    "34": "other_organisation",
    "35": "other_organisation",
    "39": "other_organisation",
    "41": "other_organisation",
    "49": "other_organisation",
    "54": "social_organisation",
    "55": "social_organisation",
    "61": "other_organisation",
    "62": "other_organisation",
    "69": "other_organisation",
    "71": "other_organisation",
    "72": "other_organisation",
    "79": "other_organisation",
    "81": "social_organisation",
    "89": "other_organisation",
    "A1": "other_organisation",
    "A9": "other_organisation",
    "N1": "cooperative",
    "N2": "cooperative",
    "N3": "cooperative",
    "N9": "other_organisation",
    "Y1": "other_organisation",
}
"""Registering body and class of organisation (first two characters of a USCC) to the kind of subject."""


def normalise(code: str) -> str:
    """A code as it is read: NFKC, upper case, without white space and hyphens."""
    if code.isascii() and code.isalnum():
        return code.upper()
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", code)).upper()


def is_uscc(code: str) -> bool:
    """A valid USCC: alphabet, check digit, organisation code inside, known prefix. ``code`` is normalised."""
    if not _USCC.match(code) or code[:2] not in KIND_BY_PREFIX or not code[2:8].isdigit() or not is_organisation_code(code[8:17]):
        return False
    return _USCC_ALPHABET[-sum(map(mul, _USCC_WEIGHTS, map(_USCC_VALUE.__getitem__, code))) % 31] == code[17]


def is_organisation_code(code: str) -> bool:
    """A valid 9-character organisation code (GB 11714). ``code`` is normalised."""
    if not _ORG.match(code):
        return False
    total = sum(map(mul, _ORG_WEIGHTS, map(_ORG_VALUE.__getitem__, code)))
    return code[-1] == "0123456789X0"[11 - total % 11]


def is_registration_number(code: str) -> bool:
    """A valid 15-digit registration number (check digit by GB/T 17710). ``code`` is normalised."""
    return bool(_REGNO.match(code)) and mod_11_10.is_valid(code)


def is_identity_number(code: str) -> bool:
    """An 18-character resident identity number (GB 11643) with a real birth date and a valid check digit.

    The region is not looked up: numbers outlive the regions that gave them out.
    """
    if not _IDENTITY.match(code) or not mod_11_2.is_valid(code):
        return False
    try:
        date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    return True


def is_subject_id(subject_id: str) -> bool:
    """Whether an id may name a subject on the log: a USCC, or a regno:, org: or person: id."""
    prefix, _, rest = subject_id.partition(":")
    match prefix:
        case "regno":
            return is_registration_number(rest)
        case "org":
            return is_organisation_code(rest)
        case "person":
            return bool(_PERSON.match(subject_id))
        case _:
            return is_uscc(subject_id)


def subject_kind(subject_id: str, stated: str = "unknown") -> str:
    """Kind of a subject: from the code's prefix where there is one, else as stated."""
    if subject_id.startswith("person:"):
        return "natural_person"
    return KIND_BY_PREFIX.get(subject_id[:2], stated) if is_uscc(subject_id) else stated


def party_id(code: str | None, name: str | None) -> str:
    """Id of an authority or source: its USCC where valid, else ``name:`` and the NFKC name, else the empty string."""
    normalised = normalise(code or "")
    if is_uscc(normalised):
        return normalised
    given = unicodedata.normalize("NFKC", name or "").strip()
    return f"name:{given}" if given else ""


@dataclass(frozen=True, slots=True)
class Identified:
    """A subject id found among a row's codes."""

    subject_id: str


@dataclass(frozen=True, slots=True)
class Unidentified:
    """No subject id: ``reason`` is ``unidentified_subject`` (no code at all) or ``bad_identifier``."""

    reason: str
    code: str
    sentence: Sentence

    @property
    def message(self) -> str:
        """What is wrong and what to do, in English."""
        return self.sentence.en


def identify(codes: Iterable[str | None]) -> Identified | Unidentified:
    """The subject that a row's codes name: the first valid one, a USCC before a registration number before an
    organisation code, wherever it stands. Two valid ones that contradict each other are ``bad_identifier``."""
    given = [code for code in (normalise(raw) for raw in codes if raw) if code]
    if not given:
        none = Sentence(
            "该行没有主体代码，名称不能识别主体：请补填统一社会信用代码",
            "the row has no code; names identify nobody: add the 统一社会信用代码",
        )
        return Unidentified("unidentified_subject", "", none)
    usccs = list(dict.fromkeys(code for code in given if is_uscc(code)))
    organisations = list(dict.fromkeys(code for code in given if is_organisation_code(code)))
    registrations = list(dict.fromkeys(code for code in given if is_registration_number(code)))
    contradiction = _contradiction(usccs, organisations)
    if contradiction:
        return Unidentified(
            "bad_identifier",
            " ".join(contradiction),
            Sentence(
                "{one} 与 {other} 指向两个不同的组织：请保留正确的一个",
                "{one} and {other} name two different organisations: keep the right one",
            ).of(one=contradiction[0], other=contradiction[1]),
        )
    if usccs:
        return Identified(usccs[0])
    if registrations:
        return Identified(f"regno:{registrations[0]}")
    if organisations:
        return Identified(f"org:{organisations[0]}")
    return Unidentified("bad_identifier", given[0], _advice(given[0]))


def _contradiction(usccs: list[str], organisations: list[str]) -> tuple[str, str] | None:
    for several in (usccs, organisations):
        if len(several) > 1:
            return several[0], several[1]
    if usccs and organisations and usccs[0][8:17] != organisations[0]:
        return usccs[0], organisations[0]
    return None


def _advice(code: str) -> Sentence:
    suggestion = code.translate(_SUSPECT)
    if suggestion != code and (is_uscc(suggestion) or is_registration_number(suggestion)):
        return Sentence(
            "{code} 不是有效代码，是否应为 {suggestion}？请在源数据中更正",
            "{code} is not a valid code; did you mean {suggestion}? Correct it at the source",
        ).of(code=code, suggestion=suggestion)
    if re.fullmatch(r"[0-9]{13}", code):
        return Sentence(
            "{code} 是 13 位旧注册号，没有校验位，不能可靠识别主体：请填统一社会信用代码",
            "{code} is a 13-digit registration number, which has no check digit and identifies nobody safely: send the USCC",
        ).of(code=code)
    if re.fullmatch(r"[0-9]{15}000", code):
        return Sentence(
            "{code} 末三位为 000：Excel 的数字只保留 15 位，后三位已丢失；请将该列设为文本格式后重新录入",
            "{code} ends in 000: Excel keeps only 15 digits of a number and the last three are lost; "
            "format the column as text (文本) and enter the code again",
        ).of(code=code)
    return Sentence(
        "{code} 不是有效的统一社会信用代码、15 位注册号或组织机构代码（格式或校验位不对）：请在源数据中更正",
        "{code} is not a valid 统一社会信用代码, 15-digit 注册号 or 组织机构代码: check digit or form is wrong",
    ).of(code=code)
