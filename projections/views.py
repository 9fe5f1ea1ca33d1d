"""Views: what analysts query. A view is a file ``<name>.sql`` in a room's folder views/.

It begins with its comment, a line ``-- columns: a, b, c``, and then the query. Types and comments of columns come from the
room's dictionary. ``{rows}`` is the database of the live generation, ``{log}`` that of log, outcomes and views, ``{day}`` the
day that is asked for, ``{view:<name>}`` the query of another view. A view that asks for a day has a twin
``<name>_as_of(d = '2018-06-30')``; the plain one shows today in Asia/Shanghai.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources
from itertools import takewhile
from typing import Final

import projections
from projections.tables import Column, column, quoted, rooms
from schemas.sentence import Sentence, Told

_TODAY: Final = "toDate32(now('Asia/Shanghai'))"
_AS_OF: Final = "{d:Date32}"
_COLUMNS: Final = "columns:"
_RIGHTS: Final = "DEFINER = CURRENT_USER SQL SECURITY DEFINER"
"""Whoever may ask a view needs no right to its tables."""
_INCLUDED: Final = re.compile(r"\{view:(\w+)\}")
_LEFT_OVER: Final = re.compile(r"\{[a-z_]+(?::[a-z_]+)?\}")


class BadView(Told, ValueError):
    """A packaged view has not the form that it must have: a programming error. ``file`` and ``detail`` say where."""

    says = Sentence(
        "{file}：{detail}；请改正该文件",
        "{file}: {detail}; correct the file",
    )

    def __init__(self, file: str, detail: str) -> None:
        self.file, self.detail = file, detail
        super().__init__(file=file, detail=detail)


@dataclass(frozen=True, slots=True)
class View:
    """A view as analysts see it. ``twin`` is the name of its dated form, None where it has none; both have the columns."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    query: str
    twin: str | None


@cache
def catalogue_of_views() -> tuple[View, ...]:
    """Every view with its columns, types and comments, in the order of their names. Raises BadView, UnknownColumn."""
    read = {view.name: view for view in _read()}
    whole: dict[str, View] = {}
    for name in TopologicalSorter({name: _INCLUDED.findall(view.query) for name, view in read.items()}).static_order():
        if name not in read:
            raise BadView(f"{name}.sql", "no such view, but another one includes it")
        view = read[name]
        query = _INCLUDED.sub(lambda found: f"(\n{whole[found[1]].query}\n)", view.query)
        whole[name] = View(view.name, view.comment, view.columns, query, f"{view.name}_as_of" if "{day}" in query else None)
    return tuple(whole[name] for name in sorted(whole))


def names_of_views() -> tuple[str, ...]:
    """Every name that can be asked for, dated forms among them."""
    return tuple(name for view in catalogue_of_views() for name in (view.name, view.twin) if name is not None)


def views(rows_database: str, views_database: str, *, cluster: str = "") -> list[str]:
    """Statements that create every view anew, plain and dated, over the tables of one generation."""
    names = {"{rows}": f"`{rows_database}`", "{log}": f"`{views_database}`"}
    where = f" ON CLUSTER {quoted(cluster)}" if cluster else ""
    statements = []
    for view in catalogue_of_views():
        columns = ",\n".join(f"    `{one.name}` {one.type} COMMENT {quoted(one.comment)}" for one in view.columns)
        head = f"CREATE OR REPLACE VIEW `{views_database}`"
        statements.append(_filled(view, f"{head}.{view.name}{where}\n(\n{columns}\n)\n{_RIGHTS}\nAS\n", {**names, "{day}": _TODAY}))
        if view.twin is not None:
            statements.append(_filled(view, f"{head}.{view.twin}{where}\n{_RIGHTS}\nAS\n", {**names, "{day}": _AS_OF}))
    return statements


def _filled(view: View, head: str, values: Mapping[str, str]) -> str:
    query = view.query
    for placeholder, value in values.items():
        query = query.replace(placeholder, value)
    if (left := _LEFT_OVER.search(query)) is not None:
        raise BadView(f"{view.name}.sql", f"unknown placeholder {left[0]}")
    return f"{head}{query}\nCOMMENT {quoted(view.comment)}"


def _read() -> list[View]:
    found = []
    for room in rooms():
        folder = resources.files(projections).joinpath(room, "views")
        if folder.is_dir():
            found += [_parsed(room, one.name, one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".sql")]
    return found


def _parsed(room: str, file: str, text: str) -> View:
    """The lines of comment at its head: the first is the view's, those from ``columns:`` on name its columns."""
    lines = text.splitlines()
    head = [line.removeprefix("--").strip() for line in takewhile(lambda line: line.startswith("--"), lines)]
    at = next((number for number, line in enumerate(head) if line.startswith(_COLUMNS)), None)
    if not at:
        raise BadView(file, "it begins with a comment of one line, then `-- columns: a, b, c`, then the query")
    listed = " ".join(head[at:]).removeprefix(_COLUMNS).split(",")
    columns = tuple(column(room, name.strip()) for name in listed)
    return View(file.removesuffix(".sql"), head[0], columns, "\n".join(lines[len(head) :]).strip(), None)
