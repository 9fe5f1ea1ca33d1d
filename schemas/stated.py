"""What an event says beyond the defaults of its schema, which is what its digest is taken of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from schemas import registry
from schemas.compiling import compiled
from schemas.folders import Schema

ADDED_BY_PUSH: Final = ("source_event_id", "submitted_at", "sequence")
"""Header fields that a push adds to what is said."""

Fields = Mapping[str, Any]


def stated(name: str, event: Fields) -> dict[str, Any]:
    """The fields of an event, and in ``header`` those of its header, that are not at their defaults; what the push adds
    is there as None. An event may lack fields that have a default."""
    header = event["header"]
    if len(event) == len(registry.fields_of(name)) + 1 and len(header) == len(registry.header_fields()):
        try:
            return {**_of_event(name)(event), "header": _of_header()(header)}
        except KeyError:
            pass  # as many fields, but not the same
    own, common = registry.defaults_of(name), registry.header_defaults()
    return {**_different(event, own), "header": {**_different(header, common), **dict.fromkeys(ADDED_BY_PUSH)}}


def _different(fields: Fields, defaults: Fields) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if field not in defaults or value != defaults[field]}


@cache
def _of_event(name: str) -> Callable[[Fields], dict[str, Any]]:
    return _made(name, registry.fields_of(name), ())


@cache
def _of_header() -> Callable[[Fields], dict[str, Any]]:
    return _made("Header", registry.header_fields(), ADDED_BY_PUSH)


def _made(schema: str, fields: Mapping[str, Schema], left_out: tuple[str, ...]) -> Callable[[Fields], dict[str, Any]]:
    lines = [f"found = {dict.fromkeys(left_out)!r}"]
    for field, described in fields.items():
        lines.append(f"value = event[{field!r}]")
        default = described.get("default")
        differs = "value is not None" if default is None else f"value != {default!r}"
        if field not in left_out:
            lines.append(f"{f'if {differs}: ' if 'default' in described else ''}found[{field!r}] = value")
    made: Callable[[Fields], dict[str, Any]] = compiled("event", [*lines, "return found"], {}, schema)
    return made
