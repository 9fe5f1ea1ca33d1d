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
_OF_MOBILE: Final = b"0" * 11
_OF_IDENTITY: Final = b"0" * 17
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
_LATE_GAP: Final = re.compile(rb"E0[0-3]")


_ASCII_MOBILE: Final = re.compile(rb"1[3-9][0-9](?:[0-9]{8}|[ -][0-9]{4}[ -][0-9]{4})")
_ASCII_IDENTITY: Final = re.compile(rb"[1-8](?:[ \t-]{0,2}[0-9]){16}[ \t-]{0,2}[0-9Xx]")
"""Nothing is said of what stands before and behind: among raw bytes that may be the length of a text, which looks like a digit
or a letter as well."""


def may_hold_number(value: bytes) -> bool:
    """False only when no text in these bytes can hold a mobile or identity-card number, be its digits and gaps full-width or
    of another script, or hidden in the escapes of a JSON text."""
    return b"\\" in value or _holds_elsewhere(value) or _ascii_may_hold(value)


def text_may_hold_number(text: str) -> bool:
    """The same of one text."""
    return _ascii_may_hold(text.encode()) if text.isascii() else may_hold_number(text.encode("utf-8", "surrogatepass"))


def _holds_elsewhere(value: bytes) -> bool:
    """What digits (first) and gaps beyond ASCII look like in UTF-8, a letter for a byte and ASCII left out. Looking for each
    form by itself takes a fifth of a search for all; that none is missed is tested over all of Unicode."""
    told = value.translate(_CLASSES, _ASCII)
    return (
        b"D" in told
        or b"Ca" in told
        or b"H00" in told
        or (b"F" in told and (b"Fc2" in told or b"Fc3" in told or b"Fc4" in told or b"Fbf" in told))
        or (b"E" in told and ((b"E0" in told and _LATE_GAP.search(told) is not None) or b"E13" in told))
    )


def _ascii_may_hold(value: bytes) -> bool:
    digits = value.translate(_DIGITS_ALIKE, _ASCII_GAPS)
    if _OF_MOBILE not in digits:
        return False
    return _ASCII_MOBILE.search(value) is not None or (_OF_IDENTITY in digits and _ASCII_IDENTITY.search(value) is not None)
