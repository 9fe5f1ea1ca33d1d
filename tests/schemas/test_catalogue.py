"""The catalogue and the schema files say the same, and every field says what it is in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from schemas import registry
from schemas.catalogue import BY_NAME, KINDS, event_type
from schemas.logged import mention_fields, mentions

HAN = re.compile(r"[㐀-鿿]")
FILES = sorted(path.name for folder in ("avsc", "transport") for path in resources.files("schemas").joinpath(folder).iterdir())
STRING = ["string", ["null", "string"]]
STRINGS = {"type": "array", "items": "string"}


def read(file: str) -> dict[str, Any]:
    folder = "transport" if file == "SubmissionBatch.avsc" else "avsc"
    loaded: dict[str, Any] = json.loads(resources.files("schemas").joinpath(folder, file).read_text(encoding="utf-8"))
    return loaded


def records(schema: Any) -> Iterator[dict[str, Any]]:
    """Every record in a schema, itself first."""
    if isinstance(schema, list):
        for branch in schema:
            yield from records(branch)
    elif isinstance(schema, dict):
        if schema["type"] == "record":
            yield schema
            for field in schema["fields"]:
                yield from records(field["type"])
        for inner in ("items", "values", "type"):
            if isinstance(schema.get(inner), dict | list) and schema["type"] != "record":
                yield from records(schema[inner])


def in_both_languages(doc: str) -> bool:
    """Chinese, a slash, English: there is a slash with Chinese before it and only English after it."""
    cuts = [found.start() for found in re.finditer("/ ", doc)]
    return any(HAN.search(doc[:cut]) and re.search("[A-Za-z]", doc[cut:]) and doc[cut:].isascii() for cut in cuts)


@pytest.mark.parametrize("doc", ["罚款", "a fine", "罚款/a fine", "a fine / 罚款", "罚款 / 罚", "/ fine", ""])
def test_one_language_is_not_both(doc: str) -> None:
    assert not in_both_languages(doc)


@pytest.mark.parametrize("file", FILES)
def test_every_record_and_field_is_described_in_both_languages(file: str) -> None:
    found = list(records(read(file)))
    described = [(record["name"], record.get("doc", "")) for record in found]
    described += [(f"{record['name']}.{field['name']}", field.get("doc", "")) for record in found for field in record["fields"]]
    assert [where for where, doc in described if not in_both_languages(doc)] == []


def test_the_batch_is_described_to_its_depth() -> None:
    assert [record["name"] for record in records(read("SubmissionBatch.avsc"))] == ["SubmissionBatch", "SubmissionItem", "Refusal"]


def test_every_file_has_its_entry() -> None:
    assert set(FILES) == {f"{name}.avsc" for name in (*BY_NAME, "Header", "SubmissionBatch")}


def test_numbers_names_and_kinds_are_unique() -> None:
    events = list(BY_NAME.values())
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert len({event.zh for event in events}) == len(events)
    kinds = [event.kind for event in events if event.makes_act]
    assert len(set(kinds)) == len(kinds)
    assert set(kinds) == KINDS


def test_a_name_that_is_no_event() -> None:
    with pytest.raises(KeyError):
        event_type("Header")


@pytest.mark.parametrize("name", BY_NAME)
def test_a_schema_is_named_and_begins_as_all_do(name: str) -> None:
    schema = read(f"{name}.avsc")
    assert (schema["type"], schema["name"], schema["namespace"]) == ("record", name, registry.NAMESPACE)
    assert schema["doc"].startswith(BY_NAME[name].zh[:2])
    assert (schema["fields"][0]["name"], schema["fields"][0]["type"]) == ("header", "xinji.acts.Header")
    names = [field["name"] for field in schema["fields"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", BY_NAME)
def test_what_the_catalogue_names_is_there(name: str) -> None:
    event, fields = BY_NAME[name], registry.fields_of(name)
    assert event.own_date is None or fields[event.own_date]["type"] == {"type": "int", "logicalType": "date"}
    assert set(event.told_apart_by) <= set(fields)
    assert len(set(event.told_apart_by)) == len(event.told_apart_by)
    assert event.makes_act == ("document_number" in fields)
    assert event.makes_act or event.told_apart_by == ()


@pytest.mark.parametrize("name", BY_NAME)
def test_fields_have_the_types_that_the_product_knows(name: str) -> None:
    for field, schema in {**registry.fields_of(name), **registry.header_fields()}.items():
        kind = schema["type"]
        if isinstance(kind, list):
            assert kind[0] == "null", field
            assert len(kind) == 2, field
            assert schema["default"] is None, field
            kind = kind[1]
        if isinstance(kind, dict) and kind["type"] in ("array", "map"):
            assert kind is schema["type"], f"{field}: an array or map is never null"
            assert "string" in (kind.get("items"), kind.get("values")), field
        elif isinstance(kind, dict):
            assert kind["logicalType"] in ("date", "timestamp-millis", "decimal"), field
        else:
            assert kind in ("string", "boolean", "int", "long"), field


@pytest.mark.parametrize("name", BY_NAME)
def test_lists_of_values_stand_on_strings_and_hold_the_default(name: str) -> None:
    for field, schema in {**registry.fields_of(name), **registry.header_fields()}.items():
        if "values" in schema:
            assert schema["type"] in [*STRING, STRINGS], field
            assert len(set(schema["values"])) == len(schema["values"]), field
            assert schema["default"] in (None, [], *schema["values"]), field
        known = {"name", "type", "doc", "default", "values", "mention", "person"}
        assert set(schema) <= known, f"{field}: an attribute that nobody reads"


@pytest.mark.parametrize("name", BY_NAME)
def test_mentions_and_persons_are_text(name: str) -> None:
    fields = registry.fields_of(name)
    assert mention_fields(name) == tuple(field for field, schema in fields.items() if schema.get("mention") is True)
    for field in mention_fields(name):
        assert fields[field]["type"] in [*STRING, STRINGS], field
    for field, schema in fields.items():
        if schema.get("person"):
            assert schema["person"] == "mask", field
            assert schema["type"] in STRING, field


def test_mentions_are_the_subject_and_whom_the_fields_name_each_once() -> None:
    event = {
        "header": {"subject_id": "S"},
        "legal_representative_id": "person:a",
        "responsible_persons": ["person:b", "person:a", "S", ""],
    }
    assert mentions("ListingDecided", event) == ("S", "person:a", "person:b")
    assert mentions("ListingDecided", {"header": {"subject_id": "S"}, "legal_representative_id": None}) == ("S",)
    assert mentions("ActDisclosed", {"header": {"subject_id": "S"}}) == ("S",)
