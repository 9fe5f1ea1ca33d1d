"""Columns that a form of refused rows has beside its own: why a row was refused, and which rejection the row answers.

Who reads such a form knows them by their names, which no form of an office has, and leaves them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from connectors.files.values import squeeze, text_of
from schemas.about import Place

REASON: Final = "信迹退回原因"
COLUMN: Final = "信迹有误的栏"
ADVICE: Final = "信迹处理办法"
ORIGINAL_ROW: Final = "信迹原文件行号"
PLACES: Final = "信迹退回标识"
ADDED: Final = (REASON, COLUMN, ADVICE, ORIGINAL_ROW, PLACES)
"""In their order, behind the columns of the form."""


def is_added(header: Any) -> bool:
    return isinstance(header, str) and squeeze(header) in ADDED


def parted(cells: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Place, ...], str]:
    """A row without the added columns, the rejections that it answers, and its place in the first file."""
    added = {squeeze(header): text_of(value) for header, value in cells.items() if is_added(header) and value is not None}
    rest = {header: value for header, value in cells.items() if not is_added(header)}
    return rest, read_places(added.get(PLACES, "")), added.get(ORIGINAL_ROW, "")


def read_places(text: str) -> tuple[Place, ...]:
    """Rejections as ``written`` writes them; what is none is left out."""
    return tuple(place for one in text.split() if (place := Place.read(one)) is not None)


def written(places: Iterable[Place]) -> str:
    """Each once, in order."""
    return " ".join(dict.fromkeys(map(str, places)))


def has_added(headers: Sequence[Any]) -> bool:
    return any(map(is_added, headers))
