"""The ClickHouse side of the meaning: numbered migrations and views, rendered from packaged SQL. Reads nothing else.

A migration is applied once and never edited afterwards (its digest is taken of the text as packaged). Views are created
anew on every migrate: a plain one that shows today in Asia/Shanghai, and a twin ``<name>_as_of(d = '2018-06-30')`` from
the same template. Placeholders: ``{database}``, ``{on_cluster}``, ``{replicated}``; in views also ``{day}`` and
``{view:<name>}``, the query of another view.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

PROJECTION_TABLES: Final = ("subject_rows", "act_rows", "duty_rows", "list_rows", "grade_rows")
"""Tables that the projector writes, one row per subject: what a rebuild writes anew."""

REBUILT_TABLES: Final = (*PROJECTION_TABLES, "responsible_rows")
"""Tables that a rebuild exchanges; ``responsible_rows`` is filled from ``list_rows`` by a materialized view."""

_TODAY: Final = "toDate32(now('Asia/Shanghai'))"
_AS_OF: Final = "{d:Date32}"
_FILE_NAME: Final = re.compile(r"(?P<number>\d{4})_(?P<name>\w+)\.sql")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`|(?P<comment>--[^\n]*)|(?P<end>;[ \t]*(?:\n|\Z))|.", re.DOTALL)
_VIEW: Final = re.compile(
    r"CREATE OR REPLACE VIEW \{database\}\.(?P<name>\w+) \{on_cluster\}\n\(\n(?P<columns>.*?)\n\)\nAS\n"
    r"(?P<query>.*)\nCOMMENT '(?P<comment>(?:[^']|'')*)'\s*;?\s*\Z",
    re.DOTALL,
)
_COLUMN: Final = re.compile(r" {4}`(?P<name>\w+)` (?P<type>.+?) COMMENT '(?P<comment>(?:[^']|'')*)',?")
_LEFT_OVER: Final = re.compile(r"\{[a-z_]+(?::[a-z_]+)?\}")


class BadTemplate(ValueError):
    """A packaged SQL file has not the form that it must have: a programming error. ``file`` and ``detail`` say where."""

    def __init__(self, file: str, detail: str) -> None:
        self.file, self.detail = file, detail
        super().__init__(f"projections/sql/{file}: {detail}; correct the file")


class BadIdentifier(ValueError):
    """A database or cluster name that is no plain identifier; ``name`` is what was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name!r} cannot name a database or cluster; use letters, digits and underscores")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step, rendered: ``statements`` are run in order. ``digest`` is the SHA-256 (hex) of the file's text."""

    number: int
    name: str
    digest: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view: its ClickHouse type and its comment, "中文 / English"."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class View:
    """A view as analysts see it. ``twin`` is the name of its dated form, None where it has none; both have the columns."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    query: str
    twin: str | None


def split_statements(text: str) -> tuple[str, ...]:
    """Statements of a SQL file: they end with ``;`` at the end of a line. Comments are left out, quoted text is kept."""
    found, current = [], ""
    for token in _TOKEN.finditer(text):
        if token["end"] is not None:
            found.append(current.strip())
            current = ""
        elif token["comment"] is None:
            current += token[0]
    return tuple(one for one in (*found, current.strip()) if one)


def migrations(database: str, cluster: str = "") -> tuple[Migration, ...]:
    """All migrations in order, rendered for a database; ``cluster`` names the ClickHouse cluster, empty for one server.

    Raises BadIdentifier for a name that is none, BadTemplate for a file with an unknown placeholder.
    """
    names = _names(database, cluster)
    return tuple(
        Migration(
            number=int(match["number"]),
            name=match["name"],
            digest=hashlib.sha256(text.encode()).hexdigest(),
            statements=tuple(_fill(file, statement, names) for statement in split_statements(text)),
        )
        for file, text in _migration_texts()
        if (match := _FILE_NAME.fullmatch(file)) is not None
    )


def view_statements(database: str, cluster: str = "") -> tuple[str, ...]:
    """Statements that create every view anew, plain and dated. Raises as ``migrations``."""
    names = _names(database, cluster)
    found = []
    for view in catalogue_of_views():
        columns = ",\n".join(f"    `{one.name}` {one.type} COMMENT {_quoted(one.comment)}" for one in view.columns)
        plain = f"CREATE OR REPLACE VIEW {{database}}.{view.name} {{on_cluster}}\n(\n{columns}\n)\nAS\n"
        found.append(_view_statement(plain, view.query, view.comment, {**names, "{day}": _TODAY}))
        if view.twin is not None:
            dated = f"CREATE OR REPLACE VIEW {{database}}.{view.twin} {{on_cluster}}\nAS\n"
            found.append(_view_statement(dated, view.query, view.comment, {**names, "{day}": _AS_OF}))
    return tuple(found)


@cache
def catalogue_of_views() -> tuple[View, ...]:
    """Every view with its columns, types and comments, in the order of their names. Raises BadTemplate."""
    parsed = {view.name: view for view in (_parse_view(file, text) for file, text in _view_texts())}
    return tuple(_with_included(view, parsed) for view in parsed.values())


def _names(database: str, cluster: str) -> Mapping[str, str]:
    for one in (database, cluster or "none"):
        if not _NAME.fullmatch(one):
            raise BadIdentifier(one)
    return {
        "{database}": f"`{database}`",
        "{on_cluster}": f"ON CLUSTER '{cluster}'" if cluster else "",
        "{replicated}": "Replicated" if cluster else "",
    }


def _fill(file: str, text: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    if (left := _LEFT_OVER.search(text)) is not None:
        raise BadTemplate(file, f"unknown placeholder {left[0]}")
    return text


def _view_statement(head: str, query: str, comment: str, values: Mapping[str, str]) -> str:
    return _fill("views", f"{head}{query}\nCOMMENT {_quoted(comment)}", values)


def _parse_view(file: str, text: str) -> View:
    match = _VIEW.search(text)
    if match is None or f"{match['name']}.sql" != file:
        raise BadTemplate(f"views/{file}", "expected CREATE OR REPLACE VIEW <file name> with columns, query and comment")
    columns = []
    for line in match["columns"].splitlines():
        column = _COLUMN.fullmatch(line)
        if column is None:
            raise BadTemplate(f"views/{file}", f"not a column with type and comment: {line.strip()}")
        columns.append(Column(column["name"], column["type"], column["comment"].replace("''", "'")))
    return View(match["name"], match["comment"].replace("''", "'"), tuple(columns), match["query"], None)


def _with_included(view: View, parsed: Mapping[str, View]) -> View:
    query = re.sub(r"\{view:(\w+)\}", lambda found: f"(\n{parsed[found[1]].query}\n)", view.query)
    return View(view.name, view.comment, view.columns, query, f"{view.name}_as_of" if "{day}" in query else None)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


@cache
def _migration_texts() -> tuple[tuple[str, str], ...]:
    return tuple(sorted((one.name, one.read_text("utf-8")) for one in files(__name__).iterdir() if _FILE_NAME.fullmatch(one.name)))


@cache
def _view_texts() -> tuple[tuple[str, str], ...]:
    folder = files(__name__).joinpath("views")
    return tuple(sorted((one.name, one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".sql")))
