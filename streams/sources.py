"""The file of registered sources (信息提供单位登记表): who may push, what, and for whom."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from projections.admission.entitlement import ANY, Source
from schemas.catalogue import KINDS
from streams.topics import SOURCE_ID, UNREGISTERED

DEFAULT: Final = """\
# 信息提供单位登记表 / registered sources. One [[source]] each:
#   id           as it stands in topic names and in header.source_id: a 统一社会信用代码 or a short name (A-Z a-z 0-9 . _ -)
#   name         名称 / name
#   kinds        kinds of acts that it may push, ["*"] for all, e.g. ["licence", "penalty"]
#   authorities  for whom it may push: ids of authorities, or patterns of their names ("*市场监督管理局"), ["*"] for all
#   on_behalf    true: its statements may name another source in header.source_id

[[source]]
id = "local"
name = "本机"
kinds = ["*"]
authorities = ["*"]
on_behalf = true
"""
_FIELDS: Final = frozenset({"id", "name", "kinds", "authorities", "on_behalf"})


class SourcesError(ValueError):
    """The file of sources is wrong: ``file``, ``entry`` (which one) and ``problem``."""

    def __init__(self, file: str, entry: str, problem: str) -> None:
        self.file, self.entry, self.problem = file, entry, problem
        super().__init__(f"{file}, {entry}: {problem}")


def load_sources(path: Path | None) -> dict[str, Source]:
    """The registered sources by id; without a file, the default of the embedded stack. Raises SourcesError."""
    if path is None:
        return parse_sources(DEFAULT, "the built-in sources")
    try:
        return parse_sources(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise SourcesError(
            str(path),
            "the file",
            f"it cannot be read ({type(problem).__name__}); set XINJI_SOURCES to a TOML file in UTF-8",
        ) from problem


def parse_sources(text: str, file: str) -> dict[str, Source]:
    """The sources in a text; ``file`` is named in errors. Raises SourcesError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SourcesError(file, "the file", f"it is not TOML: {problem}") from problem
    entries = table.pop("source", None)
    if table:
        raise SourcesError(file, "the file", f"unknown {', '.join(map(repr, table))}; it holds [[source]] entries only")
    if not isinstance(entries, list) or not entries:
        raise SourcesError(file, "the file", "it registers no source; add a [[source]] with id, name, kinds and authorities")
    found: dict[str, Source] = {}
    for number, entry in enumerate(entries, start=1):
        source = _source(file, f"source {number}", entry)
        if source.id in found:
            raise SourcesError(file, f"source {number}", f"{source.id} is registered twice; keep one entry")
        found[source.id] = source
    return found


def _source(file: str, label: str, entry: Any) -> Source:
    def fail(problem: str) -> SourcesError:
        return SourcesError(file, label, problem)

    if not isinstance(entry, Mapping):
        raise fail("write it as a table, [[source]]")
    if unknown := sorted(set(entry) - _FIELDS):
        raise fail(f"unknown field {unknown[0]!r}; the fields are {', '.join(sorted(_FIELDS))}")
    source_id, name, on_behalf = entry.get("id"), entry.get("name"), entry.get("on_behalf", False)
    if not isinstance(source_id, str) or not SOURCE_ID.match(source_id):
        raise fail("id is 1 to 200 letters, digits, dots, hyphens or underscores, as it stands in a topic name")
    if source_id == UNREGISTERED:
        raise fail(f"id {UNREGISTERED} is taken by what comes from sources that are not registered; choose another")
    label = f"source {source_id}"
    if not isinstance(name, str) or not name.strip():
        raise fail("name is missing: write the unit's name")
    if not isinstance(on_behalf, bool):
        raise fail("on_behalf is true or false")
    kinds, authorities = _texts(entry, "kinds", fail), _texts(entry, "authorities", fail)
    if wrong := sorted(set(kinds) - KINDS - {ANY}):
        raise fail(f'unknown kind {wrong[0]!r}; use {", ".join(sorted(KINDS))}, or "*"')
    return Source(source_id, name, frozenset(kinds), tuple(authorities), on_behalf)


def _texts(entry: Mapping[str, Any], field: str, fail: Any) -> list[str]:
    value = entry.get(field)
    if isinstance(value, list) and value and all(isinstance(one, str) and one.strip() for one in value):
        return value
    raise fail(f'{field} is a list of texts that is not empty; ["{ANY}"] stands for all')
