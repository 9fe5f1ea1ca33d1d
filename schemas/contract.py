"""The rules of the house for a schema file, beyond Avro's: what every other part relies on when it reads the attributes.

The release tool asks before anything is pinned, so that whoever writes a new event is told all that is missing at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.folders import BATCH, Schema
from schemas.registry import NAMESPACE
from schemas.sentence import Sentence, Told

_HAN: Final = re.compile(r"[㐀-鿿]")
_STRING: Final = ("string", ["null", "string"])
_STRINGS: Final = {"type": "array", "items": "string"}
_DATE: Final = {"type": "int", "logicalType": "date"}
_DATES: Final = (_DATE, ["null", _DATE])
_PRIMITIVE: Final = ("string", "boolean", "int", "long")
_LOGICAL: Final = ("date", "timestamp-millis", "decimal")
_OF_RECORD: Final = frozenset(
    {"type", "name", "namespace", "doc", "fields", "number", "zh", "kind", "own_date", "told_apart_by", "about", "not_about"}
)
_OF_FIELD: Final = frozenset(
    {
        "name",
        "type",
        "doc",
        "default",
        "values",
        "unit",
        "mention",
        "person",
        "mask_of",
        "document_type_of",
        "not_before",
        "required_if",
        "openness",
    }
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One rule that a schema breaks. ``path`` names the field, empty for the record itself."""

    path: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path or 'the record'}: {self.advice}"


class Broken(Told, ValueError):
    """A schema breaks rules of the house. ``flaws`` are all of them."""

    says = Sentence(
        "事件 {name} 的模式不完整：\n{flaws}",
        "the schema of {name} is not complete:\n{flaws}",
    )

    def __init__(self, name: str, flaws: tuple[Flaw, ...]) -> None:
        self.name, self.flaws = name, flaws
        super().__init__(name=name, flaws="\n".join(f"  {flaw}" for flaw in flaws))


def check(name: str, schema: Schema) -> None:
    """Raises Broken unless a schema (the header inlined) keeps the rules."""
    found = flaws(schema)
    if found:
        raise Broken(name, found)


def flaws(schema: Schema) -> tuple[Flaw, ...]:
    """Every rule that a schema breaks; of the batch only its docs are asked for."""
    found = list(_documented("", schema))
    if schema["name"] != BATCH:
        fields = {field["name"]: field for field in schema["fields"]}
        found += [*_record(schema, fields)]
        for name, field in fields.items():
            if name != "header":
                found += [
                    Flaw(name, advice) for advice in (*_type(field), *_values(field), *_attributes(field), *_person(field, fields))
                ]
    return tuple(found)


def in_both_languages(doc: str) -> bool:
    """Chinese, a slash, English: there is a slash with Chinese before it and only English after it."""
    cuts = [found.start() for found in re.finditer("/ ", doc)]
    return any(_HAN.search(doc[:cut]) and re.search("[A-Za-z]", doc[cut:]) and doc[cut:].isascii() for cut in cuts)


def _documented(path: str, schema: Any) -> Iterator[Flaw]:
    """Every record and field below a type says what it is."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _documented(path, branch)
    elif isinstance(schema, Mapping) and schema["type"] == "record":
        parts = [(path, schema), *((f"{path}.{field['name']}".lstrip("."), field) for field in schema["fields"])]
        for at, part in parts:
            if not in_both_languages(part.get("doc", "")):
                yield Flaw(at, 'say in "doc" what it is, in Chinese and English: "罚款金额（元） / fine, yuan"')
        for at, field in parts[1:]:
            yield from _documented(at, field["type"])
    elif isinstance(schema, Mapping):
        for inner in ("items", "values"):
            if isinstance(schema.get(inner), list | Mapping):
                yield from _documented(path, schema[inner])


def _record(schema: Schema, fields: Mapping[str, Schema]) -> Iterator[Flaw]:
    first = schema["fields"][0]
    inlined = first["type"].get("name") if isinstance(first["type"], Mapping) else first["type"]
    if (first["name"], inlined) not in (("header", "Header"), ("header", f"{NAMESPACE}.Header")):
        yield Flaw("", f'the first field is "header" of type "{NAMESPACE}.Header"')
    if schema.get("namespace") != NAMESPACE:
        yield Flaw("", f'its "namespace" is "{NAMESPACE}"')
    if len(fields) != len(schema["fields"]):
        yield Flaw("", "two fields have one name")
    yield from (Flaw("", f'nobody reads the attribute "{one}"') for one in sorted(set(schema) - _OF_RECORD))
    if "kind" in schema and "document_number" not in fields:
        yield Flaw("", 'an event that makes an act has a "kind" and a field document_number')
    if "about" in schema and "not_about" in schema:
        yield Flaw("", 'a follow-up says which kinds of acts take it ("about") or which do not ("not_about")')
    if "kind" in schema and {"about", "not_about"} & set(schema):
        yield Flaw("", '"about" and "not_about" are of follow-ups')
    own_date = schema.get("own_date")
    if own_date is not None and fields.get(own_date, {}).get("type") != _DATE:
        yield Flaw("", '"own_date" names a field of the event that is a date and not null')
    telling = schema.get("told_apart_by", [])
    if telling and "kind" not in schema:
        yield Flaw("", '"told_apart_by" is of events that make an act; a follow-up carries the act id')
    if not set(telling) <= set(fields) or len(set(telling)) != len(telling):
        yield Flaw("", '"told_apart_by" names fields of the event, each once')


def _type(field: Schema) -> Iterator[str]:
    kind = field["type"]
    if isinstance(kind, list):
        if kind[0] != "null" or len(kind) != 2 or field.get("default", "") is not None:
            yield 'an optional field is "type": ["null", …], "default": null'
        kind = kind[-1]
    if not isinstance(kind, Mapping):
        known = kind in _PRIMITIVE
    elif kind["type"] in ("array", "map"):
        known = kind is field["type"] and "string" in (kind.get("items"), kind.get("values"))
    else:
        known = kind.get("logicalType") in _LOGICAL
    if not known:
        yield "the product knows texts, flags, whole numbers, dates, times, decimals, and lists and maps (never null) of texts"


def _values(field: Schema) -> Iterator[str]:
    values = field.get("values")
    if values is None:
        return
    if field["type"] not in (*_STRING, _STRINGS):
        yield '"values" stand on a text or on a list of texts'
    if len(set(values)) != len(values) or field.get("default") not in (None, [], *values):
        yield '"values" are listed once each, the default among them'


def _attributes(field: Schema) -> Iterator[str]:
    yield from (f'nobody reads the attribute "{one}"' for one in sorted(set(field) - _OF_FIELD))
    if "required_if" in field and field["type"] != ["null", "string"]:
        yield '"required_if" stands on an optional text: {"other field": ["value", …]}'
    if field.get("unit") not in (None, "percent") or ("unit" in field and not _is_decimal(field["type"])):
        yield '"unit" is percent, of a decimal from 0 to 100; without it a decimal is an amount in yuan'
    if field.get("mention") not in (None, True) or ("mention" in field and field["type"] not in (*_STRING, _STRINGS)):
        yield '"mention": true stands on a text or on a list of texts that holds subject ids'
    if field.get("openness") not in (None, "government", "authorised"):
        yield '"openness" is government or authorised; what is public says nothing'


def _is_decimal(kind: Any) -> bool:
    branches = kind if isinstance(kind, list) else [kind]
    return any(isinstance(branch, Mapping) and branch.get("logicalType") == "decimal" for branch in branches)


def _person(field: Schema, fields: Mapping[str, Schema]) -> Iterator[str]:
    """Persons: a pseudonym and its mask name each other, and dates name dates."""
    name, person = field["name"], field.get("person")
    if person not in (None, "pseudonym", "mask"):
        yield '"person" is pseudonym or mask'
    if person == "pseudonym":
        many = field["type"] == _STRINGS
        if not field.get("mention") or not name.endswith("_persons" if many else "_id"):
            yield "a pseudonym is a mention, named …_id, or …_persons where it is a list"
        if [one.get("mask_of") for one in fields.values()].count(name) != 1:
            yield f'exactly one field is its mask: "person": "mask", "mask_of": "{name}"'
    other = fields.get(field.get("mask_of", ""), {})
    if (person == "mask") != ("mask_of" in field) or (person == "mask" and other.get("person") != "pseudonym"):
        yield 'a mask says whose it is: "mask_of" names the field with the pseudonym'
    elif person == "mask" and (other["type"] == _STRINGS) != (field["type"] == _STRINGS):
        yield "a mask is a list where its pseudonym is one, else a text"
    holder = field.get("document_type_of")
    if holder not in (None, "header.subject_id") and fields.get(holder, {}).get("person") != "pseudonym":
        yield '"document_type_of" names a pseudonym, or header.subject_id'
    for earlier in field.get("not_before", ()):
        dated = earlier == "occurred_on" or fields.get(earlier, {}).get("type") in _DATES
        if field["type"] not in _DATES or not dated:
            yield '"not_before" stands on a date and names dates: fields of the event, or occurred_on'
