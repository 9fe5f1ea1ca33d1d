"""Values of an answer as each form has them, by the ClickHouse type of their column."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import orjson
import pyarrow as pa

_WRAPPED: Final = re.compile(r"(?:LowCardinality|Nullable)\((.*)\)\Z", re.DOTALL)
_AS_IT_IS: Final = re.compile(r"String|Enum(8|16)\(.*|U?Int(8|16|32|64)|Float(32|64)", re.DOTALL)
_SUB_SECONDS: Final = {0: "s", 1: "ms", 2: "ms", 3: "ms", 4: "us", 5: "us", 6: "us"}
_ARROW: Final = {
    "String": pa.string(),
    "Bool": pa.bool_(),
    "Date": pa.date32(),
    "Date32": pa.date32(),
    "Float32": pa.float32(),
    "Float64": pa.float64(),
    **{f"{sign}Int{bits}": getattr(pa, f"{sign.lower()}int{bits}")() for sign in ("", "U") for bits in (8, 16, 32, 64)},
}


def bare(kind: str) -> str:
    """A type without what says how it is kept, and whether there may be nulls."""
    while (found := _WRAPPED.match(kind)) is not None:
        kind = found[1]
    return kind


def is_plain(kind: str) -> bool:
    """Whether values of the type are texts or numbers that need no other form."""
    return _AS_IT_IS.fullmatch(bare(kind)) is not None


def as_json(value: Any) -> str:
    """A value as JSON: days and times in ISO form, decimals and what JSON has no form of as text."""
    return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS).decode()


def json_bytes(value: Any) -> bytes:
    """The same in UTF-8."""
    return orjson.dumps(value, default=_other, option=orjson.OPT_NON_STR_KEYS)


def _other(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else list(value) if isinstance(value, tuple) else str(value)


def text_of(value: Any) -> str:
    """A value as text, for forms that have only texts: null is empty, days and times in ISO form, arrays and such as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return as_json(value) if isinstance(value, list | tuple | dict) else str(_other(value))


def json_value(kind: str) -> Callable[[Any], Any] | None:
    """What a column's values need before they can be JSON; None for nothing."""
    return str if re.fullmatch(r"U?Int(128|256)", bare(kind)) else None


def arrow_of(kind: str) -> pa.DataType | None:
    """The Arrow type for a column's values; None where they are to be kept as text."""
    kind = bare(kind)
    if kind.startswith(("Enum8(", "Enum16(")):
        return pa.string()
    if (found := re.fullmatch(r"Decimal\((\d+), (\d+)\)", kind)) is not None:
        precision, scale = int(found[1]), int(found[2])
        return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
    if kind == "DateTime" or kind.startswith("DateTime("):
        return pa.timestamp("s", "UTC")
    if (found := re.match(r"DateTime64\((\d)", kind)) is not None:
        return pa.timestamp(_SUB_SECONDS.get(int(found[1]), "ns"), "UTC")
    if (found := re.fullmatch(r"Array\((.*)\)", kind, re.DOTALL)) is not None:
        inner = arrow_of(found[1])
        return None if inner is None else pa.list_(inner)
    return _ARROW.get(kind)
