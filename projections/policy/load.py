"""The policy as a whole: all tables, checked against each other, with one digest.

A policy table is a file ``<name>.toml`` in a room of projections/, with a module of the same name beside it whose
``load(text, known)`` reads it; ``NEEDS`` there names the tables that are loaded before it and given to it as ``known``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module, resources
from types import MappingProxyType, ModuleType
from typing import Any, Final, TypeVar

from projections.calendar import Calendar
from projections.policy.table import PolicyError

T = TypeVar("T")
_ROOT: Final = "projections"
_MOST_REMEMBERED: Final = 50_000


@dataclass(frozen=True)
class Policy:
    """Everything that is law or policy and not event. ``texts`` are the tables as written; ``digest`` (SHA-256, hex) changes
    with any byte of any of them."""

    tables: Mapping[str, Any]
    texts: Mapping[str, str]
    calendar: Calendar
    digest: str
    _remembered: dict[str, dict[Any, Any]] = field(default_factory=dict, compare=False, repr=False)

    def remembered(self, what: str) -> dict[Any, Any]:
        """What somebody worked out under this policy and may be asked for again; emptied when it is large."""
        found = self._remembered.setdefault(what, {})
        if len(found) > _MOST_REMEMBERED:
            found.clear()
        return found

    def table(self, name: str, of: type[T]) -> T:
        """A table as its own module reads it."""
        found = self.tables[name]
        assert isinstance(found, of)
        return found


def load(texts: Mapping[str, str]) -> Policy:
    """The policy of table texts by table name; a table that is not given is the packaged one. Raises PolicyError."""
    modules = _modules()
    for name in texts:
        if name not in modules:
            raise PolicyError(f"{name}.toml", "the file", f"there is no such policy table; known: {', '.join(modules)}")
    all_texts = {**packaged_texts(), **texts}
    known: dict[str, Any] = {}
    for name in _order(modules):
        known[name] = modules[name].load(all_texts[name], known)
    told = "\0".join(f"{name}\0{all_texts[name]}" for name in sorted(modules))
    digest = hashlib.sha256(told.encode()).hexdigest()
    return Policy(MappingProxyType(known), MappingProxyType(all_texts), known["calendar"], digest)


@cache
def packaged() -> Policy:
    """The default policy."""
    return load({})


@cache
def packaged_texts() -> Mapping[str, str]:
    """The packaged tables as written, by name."""
    return MappingProxyType({name: text for _, name, text in sorted(_files(), key=lambda one: one[1])})


def _files() -> Iterator[tuple[str, str, str]]:
    """(room, name, text) of every policy table."""
    for room in resources.files(_ROOT).iterdir():
        if room.is_dir():
            for file in room.iterdir():
                if file.name.endswith(".toml"):
                    yield room.name, file.name.removesuffix(".toml"), file.read_text(encoding="utf-8")


@cache
def _modules() -> Mapping[str, ModuleType]:
    return {name: import_module(f"{_ROOT}.{room}.{name}") for room, name, _ in sorted(_files(), key=lambda one: one[1])}


def _order(modules: Mapping[str, ModuleType]) -> Iterable[str]:
    return TopologicalSorter({name: getattr(module, "NEEDS", ()) for name, module in modules.items()}).static_order()
