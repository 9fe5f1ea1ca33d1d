"""The reading of JSON by a schema, against a plain reading field by field: the same value or the same refusal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import avro_json
from connectors.files.errors import near
from connectors.files.outcome import RowRefused
from connectors.files.values import BadValue, read_date
from schemas import registry
from schemas.catalogue import BY_NAME
from tests.schemas.values import event as events

STRANGE: list[Any] = [
    None, 0, 7, -1, 2**31, 2**63, True, "", "x", "2021-03-04", "2099-12-31", "2021-02-30", "2021-3-4", "２０２１-03-04",
    "2021-W01-1", "1200.50", Decimal("1.50"), Decimal("1.505"), [], ["x"], [1], [None], {}, {"x": "y"}, {"x": 1},
    {"string": "x"}, {"int": 18700},
    {"int.date": "2021-03-04"}, {"bytes": "\x04\xe2"}, {"boolean": True}, {"null": None}, {"long": "x"},
]  # fmt: skip
DATE = {"type": "int", "logicalType": "date"}


def plainly(schema: Mapping[str, Any], given: Any, path: str = "") -> dict[str, Any]:
    """A record read with nothing worked out beforehand."""
    if not isinstance(given, dict):
        raise RowRefused("undecodable", path, f"{path} is of the wrong type: write an object with the record's fields")
    fields = {field["name"]: field for field in schema["fields"]}
    for key in given:
        if key not in fields:
            found = near(key, fields)
            hint = f"; did you mean {', '.join(found)}?" if found else ""
            message = f"{schema['name']} has no field {path}{key[:60]}{hint} (put columns of your own into extra)"
            raise RowRefused("undecodable", f"{path}{key}"[:60], message)
    return {name: _field(field, given, f"{path}{name}") for name, field in fields.items()}


def _field(field: Mapping[str, Any], given: Mapping[str, Any], path: str) -> Any:
    name, schema = field["name"], field["type"]
    if name not in given:
        if "default" not in field:
            raise RowRefused("missing_field", path, f"{path} is missing: add it")
        default = field["default"]
        return type(default)(default) if isinstance(default, list | dict) else default
    if isinstance(schema, dict) and schema["type"] == "record":
        return plainly(schema, given[name], f"{path}.")
    return avro_json.value(schema, given[name], path)


def outcome(read: Any, name: str, given: Any) -> Any:
    try:
        found = read(registry.source(name), given)
    except RowRefused as refusal:
        return refusal.reason, refusal.field, str(refusal.sentence)
    return found, list(found), [type(one) for one in found.values()], list(found["header"])


def as_json(draw: Any, value: Any) -> Any:
    """A value as JSON may say it."""
    if isinstance(value, datetime):
        return draw(st.sampled_from([value.isoformat(), int(value.timestamp() * 1000)]))
    if isinstance(value, date):
        return draw(st.sampled_from([value.isoformat(), {"int": (value - date(1970, 1, 1)).days}]))
    if isinstance(value, dict):
        return {key: as_json(draw, one) for key, one in value.items()}
    return draw(st.sampled_from([value, {"string": value}])) if isinstance(value, str) else value


@pytest.mark.parametrize("name", BY_NAME)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_record_is_read_as_if_field_by_field(name: str, data: st.DataObject) -> None:
    given = as_json(data.draw, data.draw(events(name)))
    for place in (given, given["header"]):
        for field in data.draw(st.lists(st.sampled_from(sorted(place)), max_size=6, unique=True)):
            del place[field]
        for field in data.draw(st.lists(st.sampled_from([*sorted(place), "remarks", "header"]), max_size=2, unique=True)):
            place[field] = data.draw(st.sampled_from(STRANGE))
        if "header" not in given:
            break
        if not isinstance(given["header"], dict):
            break
    assert outcome(avro_json.record, name, given) == outcome(plainly, name, given)


def test_every_field_with_every_strange_value() -> None:
    for name in BY_NAME:
        for field in registry.fields_of(name):
            for strange in STRANGE:
                given = {"header": {}, field: strange}
                assert outcome(avro_json.record, name, given) == outcome(plainly, name, given), (name, field, strange)


def test_two_records_share_no_default() -> None:
    first, second = (avro_json.record(registry.source("ActDisclosed"), {"header": {"occurred_on": "2021-03-04", "subject_id": "x",
        "authority_id": "y", "act_id": "z"}, "disclosed_on": "2021-03-04"}) for _ in range(2))  # fmt: skip
    first["header"]["legal_basis"].append("x")
    assert second["header"]["legal_basis"] == []


@given(
    st.dates().map(date.isoformat)
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)
    | st.from_regex(r"\d{4}-\d\d-\d\d\n?", fullmatch=True)
    | st.text("0123456789-W ", max_size=11)
    | st.integers(-(10**6), 10**7)
)
def test_dates(given: Any) -> None:
    def expected() -> Any:
        if isinstance(given, int):
            return date(1970, 1, 1) + timedelta(days=given)
        if not avro_json._ISO.match(given):
            raise BadValue("bad_date", "")
        return read_date(given) or date.fromisoformat(given)

    try:
        day = expected()
    except (BadValue, OverflowError, ValueError):
        with pytest.raises((RowRefused, ValueError)):
            avro_json.value(DATE, given, "x")
        return
    assert avro_json.value(DATE, given, "x") == day
