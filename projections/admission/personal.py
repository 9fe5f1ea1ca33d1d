"""Personal data in what sources push: identity-card numbers, mobile numbers, names of persons that are not masked.

Free text is searched by pattern, no more is promised (semantics: publicity, repair, persons). An identity-card number
(GB 11643) has a province of GB/T 2260, a birth date and a check digit that are valid, and is not part of a longer run of
letters and digits. A mobile number is 1, 3-9 and nine digits that are the whole run. So a USCC, an organisation code or
a document number such as JY33202810257113 passes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

import orjson

from projections.admission.glance import GAP, may_hold_number, text_may_hold_number
from projections.admission.reasons import Rejection
from schemas.identifiers import is_uscc
from schemas.labels import label
from schemas.logged import mention_fields
from schemas.persons import all_person_fields, person_fields
from schemas.sentence import Sentence

_SHORTEST: Final = 11
_NO_TEXT: Final = frozenset({type(None), bool, int, float, date, datetime, Decimal})
_GAP: Final = rf"{GAP}{{0,2}}"
_ALNUM: Final = r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]"
_SUSPECT: Final = re.compile(rf"\d(?:{_GAP}\d){{10}}")


def _start(*labels: str) -> str:
    """Not inside a longer run, or right after a label such as ``tel``, which is not part of a number."""
    named = "".join(rf"|(?<=(?<!{_ALNUM}){label})" for label in labels)
    return rf"(?:(?<!{_ALNUM}){named})"


_IDENTITY: Final = re.compile(
    rf"{_start('id', 'sfz', 'sfzh')}(?=(\d(?:{_GAP}\d){{16}}{_GAP}[\dXxＸｘ])(?!{_ALNUM}))",
    re.IGNORECASE,
)
_MOBILE: Final = re.compile(
    rf"(?:{_start('tel', 'mob', 'phone', 'mobile')}|(?<=(?<!\d)[+＋]86)|(?<=(?<!\d)0086))"
    rf"(?=([1１][3-9３-９]\d(?:\d{{8}}|(?P<gap>[ \-‐‑–－\u3000])\d{{4}}(?P=gap)\d{{4}}))(?!{_ALNUM}))",
    re.IGNORECASE,
)
_AMOUNT_AFTER: Final = re.compile(r"[.．]\d|\s*(?:元|万元|亿元)")
_SERIAL: Final = re.compile(r"(?:19|20)\d\d[〕\])）】]\Z")
_PROVINCES: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_PLAIN_NAME: Final = re.compile(r"[一-鿿㐀-䶿·]{2,4}\Z")


def holds_personal_number(text: str) -> bool:
    """Whether a text holds an identity-card number or a mobile number."""
    if len(text) < _SHORTEST or not text_may_hold_number(text) or _SUSPECT.search(text) is None:
        return False
    return any(_is_identity(found.group(1)) for found in _IDENTITY.finditer(text)) or any(
        _is_mobile(text, found) for found in _MOBILE.finditer(text)
    )


def _is_identity(found: str) -> bool:
    number = "".join(char for char in unicodedata.normalize("NFKC", found).upper() if char.isalnum())
    if number[:2] not in _PROVINCES or number[6:8] not in ("18", "19", "20"):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    check = (1 - 2 * int(number[:-1], 13)) % 11  # ISO 7064 MOD 11-2, as base 13 in which 13 = 2 mod 11
    return number[-1] == "0123456789X"[check] and not is_uscc(number)


def _is_mobile(text: str, found: re.Match[str]) -> bool:
    gap, number, end = found.group("gap"), found.group(1), found.end(1)
    if gap is not None and gap not in " \u3000" and number[4:6] in ("19", "20"):
        return False  # 135-2021-0045 is a document number of a year
    if _AMOUNT_AFTER.match(text, end):
        return False
    return not (text.startswith("号", end) and _SERIAL.search(text[max(0, found.start(1) - 5) : found.start(1)]))


def personal_data_problem(name: str, event: Mapping[str, Any], value: bytes | None = None) -> Rejection | None:
    """``personal_data`` where a string of the event, however deep, holds a number of a person, or a declared name column
    an unmasked name. Field names in the answer are the schema's; a map's key is named only if it is clean itself.
    ``value``: the bytes that the event was decoded from; most of them say at a glance that there is nothing to look for."""
    if value is None or may_hold_number(value):
        for field, text in _suspects(name, event):
            if holds_personal_number(text):
                return Rejection(
                    "personal_data",
                    field,
                    Sentence(
                        "“{field}”中含身份证号或手机号：请在源数据中删去后重新报送",
                        "{field} holds an identity-card or mobile number: take it out at the source, and send it again",
                    ).of(field=label(name, field)),
                )
    return _unmasked(name, event)


def _suspects(name: str, event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The strings that may hold a number, with their fields."""
    pseudonyms, header = mention_fields(name), event["header"]
    for field, value in header.items():
        if field == "subject_id":
            yield "header.subject_id", _as_read(value)
        elif type(value) is str:
            if len(value) >= _SHORTEST and text_may_hold_number(value):
                yield f"header.{field}", value
        elif type(value) not in _NO_TEXT:
            yield from _within(f"header.{field}", value)
    for field, value in event.items():
        if type(value) in _NO_TEXT or value is header:
            continue
        if field in pseudonyms:
            for one in (value,) if isinstance(value, str) else value:
                yield field, _as_read(one)
        elif type(value) is not str:
            yield from _within(field, value)
        elif len(value) >= _SHORTEST and text_may_hold_number(value):
            yield field, value
    if name == "ActCorrected":
        for key, text in event["fields"].items():
            if "\\" in text:  # escapes in JSON text could hide digits
                yield from _within(f"fields.{key}", orjson.loads(text))


def _as_read(subject_id: str) -> str:
    """A pseudonym is random, so digits inside it mean nothing, unless it is a number of a person as a whole."""
    rest = subject_id.removeprefix("person:")
    return (
        subject_id
        if rest == subject_id or (rest[:1].isdigit() and len(rest) <= 24 and rest[:-1].replace("-", "").isdigit())
        else ""
    )


def _within(field: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield field, key
            yield from _within(f"{field}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _within(field, inner)


def _unmasked(name: str, event: Mapping[str, Any]) -> Rejection | None:
    header = event["header"]
    of_person = header["subject_id"].startswith("person:")
    if of_person and header["subject_name"] and "*" not in header["subject_name"]:
        return _not_masked(name, "header.subject_name")
    for person in person_fields(name):
        value = event.get(person.mask) or ()
        if any(map(_PLAIN_NAME.match, (value,) if isinstance(value, str) else value)):
            return _not_masked(name, person.mask)
    if name == "ActCorrected":
        for field in _all_masks() & event["fields"].keys():
            if any(_PLAIN_NAME.match(text) for _, text in _within(field, orjson.loads(event["fields"][field]))):
                return _not_masked(name, f"fields.{field}")
    return None


@cache
def _all_masks() -> frozenset[str]:
    """A correction may name a mask of any event."""
    return frozenset(one.mask for one in all_person_fields())


def _not_masked(name: str, field: str) -> Rejection:
    named = Sentence(
        "“{field}”中是自然人姓名：请报送掩码（如 张*）和化名",
        "{field} names a person: send the mask (张*) and the pseudonym instead",
    )
    return Rejection("personal_data", field, named.of(field=label(name, field)))
