"""The catalogue is what the folders say, and every schema keeps the rules that the product relies on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas import contract, folders, registry, release
from schemas.catalogue import BY_NAME, KINDS, described, event_type
from schemas.contract import in_both_languages
from schemas.folders import BATCH, BadContract
from schemas.logged import mention_fields, mentions

ROOT = Path(__file__).resolve().parents[2] / "schemas"


def grown(name: str = "PenaltyImposed", field: dict[str, Any] | None = None, **of_record: Any) -> dict[str, Any]:
    """A schema with another field, or with other attributes of its record; one that is None is left out."""
    schema = json.loads(json.dumps(registry.source(name)))
    schema |= of_record
    if field is not None:
        schema["fields"].append({"name": "added", "type": ["null", "string"], "default": None, "doc": "新增 / added"} | field)
    return {key: value for key, value in schema.items() if value is not None}


def without(field: str) -> dict[str, Any]:
    """A schema that lacks a field."""
    schema = registry.source("PenaltyImposed")
    return schema | {"fields": [one for one in schema["fields"] if one["name"] != field]}


def advice(schema: dict[str, Any]) -> str:
    return "\n".join(map(str, contract.flaws(schema)))


@pytest.mark.parametrize("doc", ["罚款", "a fine", "罚款/a fine", "a fine / 罚款", "罚款 / 罚", "/ fine", ""])
def test_one_language_is_not_both(doc: str) -> None:
    assert not in_both_languages(doc)


@pytest.mark.parametrize("name", release.NAMES)
def test_every_schema_keeps_the_rules(name: str) -> None:
    contract.check(name, release.source(name))


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (grown(doc="a penalty"), "the record: say in"),
        (grown(field={"doc": "新增"}), "added: say in"),
        (grown(namespace="xinji"), 'its "namespace" is'),
        (grown(field={"name": "remark"}), "two fields have one name"),
        (grown(colour="red"), 'nobody reads the attribute "colour"'),
        (grown(kind=None), '"told_apart_by" is of events that make an act'),
        (without("document_number"), "an event that makes an act has"),
        (grown(about=["penalty"]), '"about" and "not_about" are of follow-ups'),
        (grown(field={"unit": "percent"}), '"unit" is percent, of a decimal'),
        (grown(field={"type": "string", "required_if": {"severity": ["minor"]}}), '"required_if" stands on an optional text'),
        (grown(own_date="valid_to"), '"own_date" names'),
        (grown(own_date="nothing"), '"own_date" names'),
        (grown(told_apart_by=["nothing"]), '"told_apart_by" names'),
        (grown("ActDisclosed", told_apart_by=["channel"]), '"told_apart_by" is of events'),
        (grown(field={"type": ["string", "null"], "default": ""}), "an optional field is"),
        (grown(field={"type": {"type": "enum", "name": "E", "symbols": ["A"]}}), "the product knows"),
        (grown(field={"type": "double"}), "the product knows"),
        (grown(field={"type": ["null", {"type": "array", "items": "string"}]}), "never null"),
        (grown(field={"values": ["a", "a"]}), "listed once each"),
        (grown(field={"type": "string", "values": ["a"], "default": "b"}), "the default among them"),
        (grown(field={"type": "boolean", "values": ["a"], "default": False}), '"values" stand on'),
        (grown(field={"nullable": True}), 'nobody reads the attribute "nullable"'),
        (grown(field={"mention": "yes"}), '"mention": true'),
        (grown(field={"openness": "public"}), '"openness" is'),
        (grown(field={"person": "name"}), '"person" is pseudonym or mask'),
        (grown(field={"person": "mask"}), "a mask says whose it is"),
        (grown(field={"mask_of": "legal_representative_id"}), "a mask says whose it is"),
        (grown(field={"person": "mask", "mask_of": "legal_representative_id"}), "legal_representative_id: exactly one field"),
        (grown(field={"name": "guarantor_id", "mention": True, "person": "pseudonym"}), "guarantor_id: exactly one field"),
        (grown(field={"mention": True, "person": "pseudonym"}), "a pseudonym is a mention, named"),
        (grown(field={"name": "guarantor_id", "person": "pseudonym"}), "a pseudonym is a mention, named"),
        (grown(field={"document_type_of": "remark"}), '"document_type_of" names'),
        (grown(field={"not_before": ["occurred_on"]}), '"not_before" stands on'),
        (grown(field={"type": ["null", {"type": "int", "logicalType": "date"}], "not_before": ["remark"]}), '"not_before" stands'),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_breaks_a_rule_is_told(schema: dict[str, Any], said: str) -> None:
    assert said in advice(schema)


def test_a_mask_is_a_list_where_its_pseudonym_is_one() -> None:
    schema = grown("ListingDecided")
    mask = next(field for field in schema["fields"] if field["name"] == "responsible_person_masks")
    mask |= {"type": ["null", "string"], "default": None}
    assert "a mask is a list where" in advice(schema)


def test_the_header_comes_first() -> None:
    schema = grown()
    schema["fields"].reverse()
    assert "the first field is" in advice(schema)


def test_the_batch_is_described_to_its_depth() -> None:
    schema = json.loads(json.dumps(registry.batch_source()))
    item = schema["fields"][2]["type"]["items"]
    item["fields"][3]["type"][1]["fields"][0]["doc"] = "reason"
    assert [flaw.path for flaw in contract.flaws(schema)] == ["items.refused.reason"]


def test_all_flaws_are_told_at_once() -> None:
    with pytest.raises(contract.Broken) as caught:
        contract.check("PenaltyImposed", grown(field={"doc": "x", "colour": "red"}, doc="x"))
    assert len(caught.value.flaws) == 3
    assert "the schema of PenaltyImposed is not complete" in str(caught.value)


def test_every_folder_is_an_event_and_holds_what_an_event_has() -> None:
    assert {folder.name for folder in (ROOT / "events").iterdir()} == set(BY_NAME)
    for name in (*BY_NAME, BATCH):
        assert {entry.name for entry in (ROOT / folders.place_of(name)).iterdir()} == {"schema.avsc", "sample.json", "released"}


def test_numbers_run_without_a_gap_for_an_event_is_never_taken_out() -> None:
    assert [event.number for event in BY_NAME.values()] == list(range(1, len(BY_NAME) + 1))
    assert len(KINDS) == sum(event.makes_act for event in BY_NAME.values())
    assert registry.BATCH_NUMBER == 1001


def test_a_name_that_is_no_event() -> None:
    with pytest.raises(KeyError):
        event_type("Header")


@pytest.mark.parametrize("name", BY_NAME)
def test_the_doc_begins_with_the_chinese_name(name: str) -> None:
    assert registry.source(name)["doc"].startswith(BY_NAME[name].zh[:2])


@pytest.mark.parametrize("missing", ["number", "zh"])
def test_a_schema_says_its_number_and_its_chinese_name(missing: str) -> None:
    with pytest.raises(BadContract, match=rf'schemas/events/PenaltyImposed: .*"{missing}"'):
        described(grown(**{missing: None}))


def test_a_schema_that_names_no_fields_is_told_apart_by_all_but_amounts_remark_and_extra() -> None:
    entry = described(
        grown("CommitmentBreached", {"type": ["null", {"type": "bytes", "logicalType": "decimal"}]}, told_apart_by=None)
    )
    assert (entry.told_apart_by, entry.by_rule) == (("commitment_act_id", "kind", "facts"), True)
    assert not event_type("CommitmentBreached").by_rule
    assert described(grown("ActRevoked")).told_apart_by == ()


def test_mentions_are_the_subject_and_whom_the_fields_name_each_once() -> None:
    event = {
        "header": {"subject_id": "S"},
        "legal_representative_id": "person:a",
        "responsible_persons": ["person:b", "person:a", "S", ""],
    }
    assert mention_fields("ListingDecided") == ("legal_representative_id", "responsible_persons")
    assert mentions("ListingDecided", event) == ("S", "person:a", "person:b")
    assert mentions("ListingDecided", {"header": {"subject_id": "S"}, "legal_representative_id": None}) == ("S",)
    assert mentions("ActDisclosed", {"header": {"subject_id": "S"}}) == ("S",)
