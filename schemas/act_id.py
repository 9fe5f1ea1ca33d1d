"""The id of an act: ``kind / authority id / document number``, unique within its subject (semantics: words)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from schemas.catalogue import BY_NAME

_CENT: Final = Decimal("0.01")
_YEAR: Final = re.compile(r"[(\[【〔〖{<《〈［](\s*(?:19|20)\d{2}\s*)[)\]】〕〗}>》〉］]")


def normalise_document_number(number: str) -> str:
    """A document number as it stands in an act id: NFKC, spaces removed, the year in brackets 〔〕."""
    return _YEAR.sub(lambda year: f"〔{year.group(1)}〕", re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)))


def act_id(name: str, event: Mapping[str, Any]) -> str:
    """The act id of a making event: by its document number, else by the source's own key, else by a digest over
    subject, date and the fields that tell such acts apart. Raises KeyError for an event that makes no act."""
    kind = BY_NAME[name].kind
    if kind is None:
        raise KeyError(name)
    header = event["header"]
    number = normalise_document_number(event.get("document_number") or "")
    own_key = header.get("source_event_id")
    last = number or (f"key:{header['source_id']}:{own_key}" if own_key else f"digest:{_digest(name, event)}")
    return f"{kind}/{header['authority_id']}/{last}"


def _digest(name: str, event: Mapping[str, Any]) -> str:
    header = event["header"]
    parts = [header["subject_id"], header["occurred_on"].isoformat()]
    entry = BY_NAME[name]
    told = [(field, _text(event.get(field))) for field in entry.told_apart_by]
    # Where the schema names no fields, one that a later version adds must not change the ids of before: empty ones are left out.
    parts += [f"{field}={text}" for field, text in told if text or not entry.by_rule]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\x1e".join(f"{key}={value[key]}" for key in sorted(value))
    if isinstance(value, list | tuple):
        return "\x1e".join(map(str, value))
    if isinstance(value, Decimal):
        return str(value.quantize(_CENT))
    return "" if value is None else str(value)
