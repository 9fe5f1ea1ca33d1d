"""Whether today's schema reads every released version of itself, and reads the same from it (BACKWARD_TRANSITIVE).

The rules are those of Avro schema resolution (Avro specification, "Schema Resolution"), narrowed by what a log for ever
needs: a field is never removed, since what it holds would be gone from every replay; a default never changes once a
released version relied on it, since old bytes would say something else; a type changes only by int becoming long or by
more branches in a union, where the value read stays equal. Logical types are compared by themselves, for the parsing
canonical form, and so the fingerprint, leaves them, the precision and the scale out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from fastavro.schema import expand_schema

from schemas.registry import Schema
from schemas.sentence import Sentence, Told

Rule = Literal[
    "record_renamed",
    "field_removed",
    "default_missing",
    "default_changed",
    "default_unread",
    "type_changed",
    "logical_type_changed",
    "type_unsupported",
]

_PRIMITIVE: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing in which the current schema breaks with a released one. ``path`` names the field, as in
    ``header.occurred_on``; ``advice`` says what to write instead."""

    rule: Rule
    path: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: {self.advice}"


class Incompatible(Told, ValueError):
    """A current schema cannot take the place of what was released. ``violations`` are all of them, each once."""

    says = Sentence(
        "{name} 与已发布的版本不兼容：\n{violations}",
        "{name} breaks with a released version:\n{violations}",
    )

    def __init__(self, name: str, violations: tuple[Violation, ...]) -> None:
        self.name, self.violations = name, violations
        super().__init__(name=name, violations="\n".join(f"  {each}" for each in violations))


def check(name: str, current: Schema, released: Iterable[Schema]) -> None:
    """Raises Incompatible unless ``current`` reads every one of the ``released`` schemas as it was meant."""
    found = violations(current, released)
    if found:
        raise Incompatible(name, found)


def violations(current: Schema, released: Iterable[Schema]) -> tuple[Violation, ...]:
    """All that is wrong with ``current``, each once; schemas stand alone (the header inlined).

    Raises fastavro's SchemaParseException for what is no Avro schema, such as a default of another type than its field.
    """
    now = _expanded(current)
    before = [_expanded(schema) for schema in released]
    found = [each for old in before for each in _resolve(now["name"], old, now)]
    found += _changed_defaults(now, before)
    found += _unsupported(now["name"], now)
    return tuple(dict.fromkeys(found))


def _expanded(schema: Schema) -> Schema:
    expanded: Any = expand_schema(schema)
    loaded: Schema = expanded
    return loaded


def _resolve(path: str, old: Any, new: Any) -> Iterator[Violation]:
    olds, news = _branches(old), _branches(new)
    for branch in olds:
        match = next((each for each in news if _readable(branch, each)), None)
        if match is None:
            yield _type_changed(path, old, new, branch, news)
        else:
            yield from _resolve_branch(path, branch, match)


def _type_changed(path: str, old: Any, new: Any, branch: Mapping[str, Any], news: list[Mapping[str, Any]]) -> Violation:
    renamed = [each["name"] for each in news if branch["type"] == "record" and each["type"] == "record"]
    if renamed:
        return Violation("record_renamed", path, f"a record keeps its full name: name it {branch['name']} again, not {renamed[0]}")
    return Violation(
        "type_changed",
        path,
        f"the log holds {_shown(old)} and {_shown(new)} cannot read it: give the type back, "
        "and add a field with another name for the new meaning",
    )


def _resolve_branch(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Violation]:
    if _logical(old) != _logical(new):
        yield Violation(
            "logical_type_changed", path, f"the same bytes would mean something else: write {_shown(old)} again, not {_shown(new)}"
        )
    match old["type"]:
        case "array":
            yield from _resolve(f"{path}[]", old["items"], new["items"])
        case "map":
            yield from _resolve(f"{path}{{}}", old["values"], new["values"])
        case "record":
            yield from _resolve_fields(path, old, new)


def _resolve_fields(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Violation]:
    olds, news = _fields(old), _fields(new)
    for field in (each for each in olds if each not in news):
        yield Violation(
            "field_removed",
            f"{path}.{field}",
            "released events hold it, and a replay would lose it: put the field back "
            "(say in its doc that it is no longer filled; a rename is a new field beside the old one)",
        )
    for field, schema in news.items():
        if field in olds:
            yield from _resolve(f"{path}.{field}", olds[field]["type"], schema["type"])
        elif "default" not in schema:
            yield Violation(
                "default_missing",
                f"{path}.{field}",
                'released events lack it: give it a default, such as "type": ["null", …], "default": null',
            )


def _changed_defaults(now: Schema, before: list[Schema]) -> Iterator[Violation]:
    """A default that an older version is read with must stay as it was when the field came."""
    held = [_defaults(old["name"], old) for old in before]
    for path, default in _defaults(now["name"], now).items():
        relied_on = any(path not in version for version in held)
        earlier = [version[path] for version in held if path in version]
        if relied_on and any(each is not _ABSENT and each != default for each in earlier):
            yield Violation(
                "default_changed", path, f"events from before the field are read with its default: write {earlier[0]!r} again"
            )


def _defaults(path: str, schema: Any) -> dict[str, Any]:
    """Every field's path below a schema, to its default."""
    found: dict[str, Any] = {}
    for branch in _branches(schema):
        if branch["type"] == "array":
            found |= _defaults(f"{path}[]", branch["items"])
        elif branch["type"] == "map":
            found |= _defaults(f"{path}{{}}", branch["values"])
        elif branch["type"] == "record":
            for name, field in _fields(branch).items():
                found[f"{path}.{name}"] = field.get("default", _ABSENT)
                found |= _defaults(f"{path}.{name}", field["type"])
    return found


def _unsupported(path: str, schema: Any) -> Iterator[Violation]:
    for branch in _branches(schema):
        match branch["type"]:
            case "array":
                yield from _unsupported(f"{path}[]", branch["items"])
            case "map":
                yield from _unsupported(f"{path}{{}}", branch["values"])
            case "record":
                for name, field in _fields(branch).items():
                    yield from _unsupported(f"{path}.{name}", field["type"])
                    yield from _unread_default(f"{path}.{name}", field)
            case other if other not in _PRIMITIVE:
                yield Violation(
                    "type_unsupported",
                    path,
                    f'{other} does not grow without breaking readers: write a string and list what it may be in "values"',
                )


def _unread_default(path: str, field: Mapping[str, Any]) -> Iterator[Violation]:
    """fastavro hands a default out as the JSON says it: no date, no decimal, no bytes, no defaults inside a record."""
    default, branches = field.get("default"), _branches(field["type"])
    plain = all(not _logical(each)[0] and each["type"] not in ("bytes", "record") for each in branches)
    if default is not None and not plain:
        yield Violation(
            "default_unread",
            path,
            'released events would be read with the bare JSON of the default: write "type": ["null", …], "default": null',
        )


def _branches(schema: Any) -> list[Mapping[str, Any]]:
    """A type as its union branches, each with its type named under ``type``."""
    if isinstance(schema, list):
        return [branch for each in schema for branch in _branches(each)]
    if isinstance(schema, Mapping):
        return [schema] if isinstance(schema["type"], str) else _branches(schema["type"])
    return [{"type": schema}]


def _readable(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if old["type"] == "record":
        return bool(new["type"] == "record" and new["name"] == old["name"])
    return bool(new["type"] == old["type"] or (old["type"], new["type"]) == ("int", "long"))


def _logical(branch: Mapping[str, Any]) -> tuple[Any, ...]:
    logical = branch.get("logicalType")
    return (logical, branch.get("precision"), branch.get("scale", 0)) if logical == "decimal" else (logical,)


def _fields(record: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {field["name"]: field for field in record["fields"]}


def _shown(schema: Any) -> str:
    shown = []
    for branch in _branches(schema):
        logical, *numbers = _logical(branch)
        kind = branch["name"] if branch["type"] == "record" else branch["type"]
        shown.append(f"{kind} ({' '.join(map(str, [logical, *numbers]))})" if logical else kind)
    return " | ".join(shown)
