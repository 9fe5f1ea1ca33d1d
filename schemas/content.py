"""A decoded event as JSON text: dates and times in ISO form (UTC, milliseconds, Z), decimals as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson


def content_json(content: Mapping[str, Any]) -> str:
    """The JSON of an event's content."""
    try:
        header = content.get("header")
        if header is not None and header["submitted_at"] is None:  # no time in it: the library's form of dates is ours
            return orjson.dumps(content, default=_value).decode()
        return orjson.dumps(content, default=_value, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()
    except TypeError:  # a whole number of more than 64 bits, which a correction may write
        return json.dumps(content, ensure_ascii=False, default=_value, separators=(",", ":"))


def _value(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON form for {type(value).__name__}")
