"""A glance at the raw bytes of an event, which nearly always says that no number of a person can stand in it.

Whatever the search of its strings (projections.admission.personal) would find must be suspected here; the rest is saved
that search. A number has eleven digits or more, with at most two gaps between each; Avro writes texts as plain UTF-8.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Final

GAP: Final = r"[ \t\u00a0\u2000-\u200d\u3000\ufeff\-\u2010-\u2015\u2212\uff0d]"
"""What may stand between two digits of a number."""
_RUN: Final = b"0" * 11
_ASCII_GAPS: Final = b" \t-"
_DIGITS_ALIKE: Final = bytes(ord("0") if chr(byte).isdecimal() else ord("x") for byte in range(128)) + b"x" * 128


def _beyond_ascii(pattern: str) -> re.Pattern[bytes]:
    """Finds the characters beyond ASCII that a pattern of one character allows, in UTF-8."""
    found = re.compile(pattern).findall("".join(map(chr, (*range(128, 0xD800), *range(0xE000, sys.maxunicode + 1)))))
    return re.compile(b"|".join(_by_first_bytes(char.encode() for char in found)))


def _by_first_bytes(characters: Iterable[bytes]) -> Iterable[bytes]:
    last: dict[bytes, list[bytes]] = {}
    for one in characters:
        last.setdefault(one[:-1], []).append(b"\\x%02x" % one[-1])
    return (re.escape(first) + b"[" + b"".join(ends) + b"]" for first, ends in last.items())


_ELSEWHERE: Final = _beyond_ascii(rf"\d|{GAP}")


def may_hold_number(value: bytes) -> bool:
    """False only when no text in these bytes can hold eleven digits with at most two gaps between them, be they full-width
    or of another script, or hidden in the escapes of a JSON text."""
    alike = value.translate(_DIGITS_ALIKE, _ASCII_GAPS)
    return _RUN in alike or b"\\" in value or _ELSEWHERE.search(value) is not None
