"""Hypothesis strategies for values that fit a schema."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from schemas import registry

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(["", "行政处罚〔2018〕1号", "\x00"])


def event(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any value that fits an event's schema, every field there."""
    return value(registry.source(name))


def value(schema: Any) -> st.SearchStrategy[Any]:
    """Any value of a type; times are UTC in whole milliseconds, amounts have the schema's scale, as decoding gives them."""
    if isinstance(schema, list):
        return st.one_of(*(value(branch) for branch in schema))
    kind = schema if isinstance(schema, str) else schema.get("logicalType") or schema["type"]
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "int":
            return st.integers(-(2**31), 2**31 - 1)
        case "long":
            return st.integers(-(2**63), 2**63 - 1)
        case "string":
            return TEXT
        case "bytes":
            return st.binary(max_size=12)
        case "date":
            return st.dates(date(1, 1, 1), date(9999, 12, 31))
        case "timestamp-millis":
            naive = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - Hypothesis wants bounds so
            return naive.map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000, tzinfo=UTC))
        case "decimal":
            most = 10 ** schema["precision"] - 1
            return st.integers(-most, most).map(lambda unscaled: Decimal(unscaled).scaleb(-schema["scale"]))
        case "array":
            return st.lists(value(schema["items"]), max_size=3)
        case "map":
            return st.dictionaries(TEXT, value(schema["values"]), max_size=3)
        case "record":
            return st.fixed_dictionaries({field["name"]: value(field["type"]) for field in schema["fields"]})
    raise AssertionError(f"no strategy for {schema}")
