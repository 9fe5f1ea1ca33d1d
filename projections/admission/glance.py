"""A glance at the raw bytes of an event, which nearly always says that no number of a person can stand in it.

Whatever the search of its strings (projections.admission.personal) would find must be suspected here; the rest is saved
that search. A number has eleven digits or more, with at most two gaps between each, and so have many document numbers;
what begins like a mobile number or is as long as an identity-card number is rarer. Avro writes texts as plain UTF-8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

GAP: Final = r"[ \t\u00a0\u2000-\u200d\u3000\ufeff\-\u2010-\u2015\u2212\uff0d]"
"""What may stand between two digits of a number."""
_RUN: Final = b"0" * 11
_ASCII_GAPS: Final = b" \t-"
_DIGITS_ALIKE: Final = bytes(ord("0") if chr(byte).isdecimal() else ord("x") for byte in range(128)) + b"x" * 128


def _classes(classes: Mapping[str, Iterable[int]]) -> bytes:
    table = bytearray(b"." * 256)
    for letter, members in classes.items():
        for byte in members:
            table[byte] = ord(letter)
    return bytes(table)


_CLASSES: Final = _classes(
    {
        "D": (0xD9, 0xDB, 0xDF, 0xE0, 0xE1, 0xEA, 0xF0),  # first bytes of the digits of other scripts
        "C": (0xC2,), "E": (0xE2,), "H": (0xE3,), "F": (0xEF,),
        "0": (0x80,), "1": range(0x81, 0x8D), "2": (0x8D,), "3": range(0x90, 0x96), "4": range(0x96, 0x9A),
        "a": (0xA0,), "b": (0xBB,), "c": (0xBC,), "f": (0xBF,),
    }
)  # fmt: skip
_ASCII: Final = bytes(range(128))
_ELSEWHERE: Final = re.compile(rb"D|Fc[34]|Ca|E0[0-3]|E13|H00|Fbf|Fc2")
"""What digits (first) and gaps beyond ASCII look like in UTF-8, a letter for a byte and ASCII left out: the search takes a
quarter of that over the bytes themselves. That none is missed is tested over all of Unicode."""


_ASCII_NUMBER: Final = re.compile(
    rb"[1-8](?:(?<=1)[3-9][0-9](?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4})"  # a mobile number
    rb"|(?:[ \t-]{0,2}[0-9]){16}[ \t-]{0,2}[0-9Xx])"  # an identity-card number
)
"""It begins with one class of bytes: then the search skips at once what is none of them. Nothing is said of what stands
before and behind: among raw bytes that may be the length of a text, which looks like a digit or a letter as well."""


def may_hold_number(value: bytes) -> bool:
    """False only when no text in these bytes can hold a mobile or identity-card number, be its digits and gaps full-width or
    of another script, or hidden in the escapes of a JSON text."""
    if b"\\" in value or _ELSEWHERE.search(value.translate(_CLASSES, _ASCII)) is not None:
        return True
    return _ascii_may_hold(value)


def text_may_hold_number(text: str) -> bool:
    """The same of one text."""
    return _ascii_may_hold(text.encode()) if text.isascii() else may_hold_number(text.encode("utf-8", "surrogatepass"))


def _ascii_may_hold(value: bytes) -> bool:
    return _RUN in value.translate(_DIGITS_ALIKE, _ASCII_GAPS) and _ASCII_NUMBER.search(value) is not None
