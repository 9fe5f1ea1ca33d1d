"""Each way to break with released bytes is found; each change that keeps them readable passes, and is read by fastavro."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from schemas import compat, registry, release, wire
from schemas.compat import Incompatible, check, violations

DATE = {"type": "int", "logicalType": "date"}
Schema = dict[str, Any]
Change = Callable[[Schema], None]


def decimal(precision: int, scale: int) -> Schema:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def base() -> Schema:
    header = {
        "type": "record",
        "name": "Header",
        "namespace": "t",
        "doc": "头 / header",
        "fields": [
            {"name": "subject", "type": "string"},
            {"name": "on", "type": DATE},
        ],
    }
    return {
        "type": "record",
        "name": "Fined",
        "namespace": "t",
        "fields": [
            {"name": "header", "type": header},
            {"name": "amount", "type": ["null", decimal(20, 2)], "default": None},
            {"name": "days", "type": ["null", "int"], "default": None},
            {"name": "reasons", "type": {"type": "array", "items": "string"}, "default": []},
            {"name": "extra", "type": {"type": "map", "values": "string"}, "default": {}},
            {"name": "state", "type": "string", "default": "valid", "values": ["valid", "invalid"]},
        ],
    }


VALUE = {
    "header": {"subject": "s", "on": date(2018, 6, 30)},
    "amount": Decimal("12.30"),
    "days": 7,
    "reasons": ["甲"],
    "extra": {"k": "v"},
    "state": "valid",
}


def field(schema: Schema, name: str) -> Schema:
    found: Schema = next(each for each in schema["fields"] if each["name"] == name)
    return found


def header(schema: Schema) -> Schema:
    found: Schema = field(schema, "header")["type"]
    return found


def changed(change: Change) -> Schema:
    schema = base()
    change(schema)
    return schema


def set_type(name: str, kind: Any, **default: Any) -> Change:
    return lambda schema: field(schema, name).update(type=kind, **default)


def add(**attributes: Any) -> Change:
    return lambda schema: schema["fields"].append({"name": "added", **attributes})


def remove(name: str) -> Change:
    return lambda schema: schema["fields"].remove(field(schema, name))


KEEPING: dict[str, Change] = {
    "nothing": lambda schema: None,
    "an optional field": add(type=["null", "string"], default=None),
    "an optional date": add(type=["null", DATE], default=None),
    "an optional field of the header": lambda schema: header(schema)["fields"].append(
        {"name": "added", "type": ["null", "long"], "default": None}
    ),
    "a field with a plain default": add(type="boolean", default=False),
    "a field in front": lambda schema: schema["fields"].insert(0, {"name": "added", "type": "string", "default": ""}),
    "another order": lambda schema: schema["fields"].reverse(),
    "other docs": lambda schema: schema.update(doc="罚款 / a fine"),
    "another value": lambda schema: field(schema, "state")["values"].append("objection"),
    "int to long": set_type("days", ["null", "long"]),
    "a field that may now be null": set_type("state", ["null", "string"]),
    "another branch": set_type("days", ["null", "int", "string"]),
    "a default that no released version relied on": lambda schema: field(schema, "state").update(default=""),
}

BREAKING: dict[str, tuple[Change, compat.Rule, str]] = {
    "a field without a default": (add(type="string"), "default_missing", "t.Fined.added"),
    "one in the header": (
        lambda schema: header(schema)["fields"].append({"name": "added", "type": "string"}),
        "default_missing",
        "t.Fined.header.added",
    ),
    "a field removed": (remove("reasons"), "field_removed", "t.Fined.reasons"),
    "a field of the header removed": (lambda schema: header(schema)["fields"].pop(0), "field_removed", "t.Fined.header.subject"),
    "a field renamed": (lambda schema: field(schema, "days").update(name="term"), "field_removed", "t.Fined.days"),
    "another type": (set_type("state", "int", default=0), "type_changed", "t.Fined.state"),
    "long for a string in a list": (set_type("reasons", {"type": "array", "items": "long"}), "type_changed", "t.Fined.reasons[]"),
    "long for a string in a map": (set_type("extra", {"type": "map", "values": "long"}), "type_changed", "t.Fined.extra{}"),
    "a list for one": (set_type("state", {"type": "array", "items": "string"}, default=[]), "type_changed", "t.Fined.state"),
    "null no longer": (set_type("days", "int", default=0), "type_changed", "t.Fined.days"),
    "a narrower number": (
        lambda schema: header(schema)["fields"].append({"name": "n", "type": "int", "default": 0}),
        "type_changed",
        "t.Fined.header.n",
    ),
    "text for bytes": (set_type("amount", ["null", "string"]), "type_changed", "t.Fined.amount"),
    "a number for a date": (
        lambda schema: field(header(schema), "on").update(type="int"),
        "logical_type_changed",
        "t.Fined.header.on",
    ),
    "a date for a number": (set_type("days", ["null", DATE]), "logical_type_changed", "t.Fined.days"),
    "another scale": (set_type("amount", ["null", decimal(20, 3)]), "logical_type_changed", "t.Fined.amount"),
    "another precision": (set_type("amount", ["null", decimal(18, 2)]), "logical_type_changed", "t.Fined.amount"),
    "bytes for a decimal": (set_type("amount", ["null", "bytes"]), "logical_type_changed", "t.Fined.amount"),
    "an enum": (add(type={"type": "enum", "name": "E", "symbols": ["a"]}, default="a"), "type_unsupported", "t.Fined.added"),
    "a fixed": (add(type=["null", {"type": "fixed", "name": "F", "size": 4}], default=None), "type_unsupported", "t.Fined.added"),
    "a date with a default": (add(type=DATE, default=0), "default_unread", "t.Fined.added"),
    "a decimal with a default": (add(type=decimal(20, 2), default="\u0000"), "default_unread", "t.Fined.added"),
    "another name": (lambda schema: schema.update(name="Charged"), "record_renamed", "t.Charged"),
    "another name of the header": (lambda schema: header(schema).update(name="Head"), "record_renamed", "t.Fined.header"),
}


@pytest.mark.parametrize("change", KEEPING.values(), ids=KEEPING.keys())
def test_what_keeps_old_bytes_readable_passes(change: Change) -> None:
    now, before = changed(change), base()
    check("Fined", now, [before])
    out = io.BytesIO()
    fastavro.schemaless_writer(out, before, VALUE)
    out.seek(0)
    read: Any = fastavro.schemaless_reader(out, fastavro.parse_schema(before), fastavro.parse_schema(now))
    assert {name: read[name] for name in VALUE if name != "header"} == {name: VALUE[name] for name in VALUE if name != "header"}
    assert read["header"].items() >= VALUE["header"].items()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("change", "rule", "path"), BREAKING.values(), ids=BREAKING.keys())
def test_what_breaks_old_bytes_is_found(change: Change, rule: compat.Rule, path: str) -> None:
    before = base()
    header(before)["fields"].append({"name": "n", "type": "long", "default": 0})
    now = changed(change)
    if not any(each["name"] == "n" for each in header(now)["fields"]):
        header(now)["fields"].append({"name": "n", "type": "long", "default": 0})
    with pytest.raises(Incompatible) as caught:
        check("Fined", now, [before])
    assert caught.value.name == "Fined"
    assert [(each.rule, each.path) for each in caught.value.violations] == [(rule, path)]
    assert all(str(each) in str(caught.value) and len(each.advice.split()) > 5 for each in caught.value.violations)


def test_every_released_version_counts_not_only_the_last() -> None:
    """The field of version 1, dropped by mistake in version 2, may not come back as something else."""
    first, second = base(), changed(remove("days"))
    now = changed(set_type("days", ["null", "string"]))
    assert violations(now, [second]) == ()
    assert [each.rule for each in violations(now, [first, second])] == ["type_changed"]


def test_a_default_that_older_bytes_are_read_with_stays() -> None:
    before, then = base(), changed(add(type="string", default="a"))
    now = changed(add(type="string", default="b"))
    assert [(each.rule, each.path) for each in violations(now, [before, then])] == [("default_changed", "t.Fined.added")]
    assert violations(then, [before, then]) == ()


def test_all_that_is_wrong_is_told_at_once_and_once() -> None:
    now = changed(set_type("state", "int", default=0))
    add(type="string")(now)
    assert [each.rule for each in violations(now, [base(), base()])] == ["type_changed", "default_missing"]


def test_an_old_event_is_read_with_a_schema_that_grew(monkeypatch: pytest.MonkeyPatch) -> None:
    written_with = registry.fingerprint_of("PenaltyImposed")
    value = wire.encode("PenaltyImposed", release.full("PenaltyImposed"))
    grown = copy.deepcopy(registry.source("PenaltyImposed"))
    grown["fields"].insert(3, {"name": "appealed", "type": "boolean", "default": False})
    header(grown)["fields"].append({"name": "region", "type": ["null", "string"], "default": None})
    check("PenaltyImposed", grown, registry.released("PenaltyImposed").values())
    writer, parsed = registry.writer_schema(written_with), fastavro.parse_schema(grown)
    monkeypatch.setattr(wire, "_reading", wire._reading.__wrapped__)
    monkeypatch.setattr(registry, "writer_schema", {written_with: writer}.__getitem__)
    monkeypatch.setattr(registry, "parsed", {"PenaltyImposed": parsed}.__getitem__)
    _, event = wire.decode(value, written_with)
    assert event["appealed"] is False
    assert event["header"]["region"] is None
    assert event["fine_amount"] == Decimal("50000.00")
