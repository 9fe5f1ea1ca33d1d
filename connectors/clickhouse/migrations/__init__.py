"""The numbered migrations of log, outcomes and work tables, rendered from packaged SQL. Reads nothing else.

A migration is applied once and never edited afterwards (its digest is taken of the text as packaged). Placeholders:
``{database}``, ``{on_cluster}``, ``{replicated}``. Tables of projections have no migrations: another declaration is another
generation.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from schemas.sentence import Sentence, Told

_FILE_NAME: Final = re.compile(r"(?P<number>\d{4})_(?P<name>\w+)\.sql")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TOKEN: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`|(?P<comment>--[^\n]*)|(?P<end>;[ \t]*(?:\n|\Z))|.", re.DOTALL)
_LEFT_OVER: Final = re.compile(r"\{[a-z_]+(?::[a-z_]+)?\}")


class BadTemplate(Told, ValueError):
    """A packaged SQL file has not the form that it must have: a programming error. ``file`` and ``detail`` say where."""

    says = Sentence(
        "{file}：{detail}；请改正该文件",
        "{file}: {detail}; correct the file",
    )

    def __init__(self, file: str, detail: str) -> None:
        self.file, self.detail = file, detail
        super().__init__(file=file, detail=detail)


class BadIdentifier(Told, ValueError):
    """A database or cluster name that is no plain identifier; ``name`` is what was given."""

    says = Sentence(
        "“{name}”不能用作数据库或集群名；只能用字母、数字和下划线",
        "{name!r} cannot name a database or cluster; use letters, digits and underscores",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name=name)


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step, rendered: ``statements`` are run in order. ``digest`` is the SHA-256 (hex) of the file's text."""

    number: int
    name: str
    digest: str
    statements: tuple[str, ...]


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


@cache
def _migration_texts() -> tuple[tuple[str, str], ...]:
    return tuple(sorted((one.name, one.read_text("utf-8")) for one in files(__name__).iterdir() if _FILE_NAME.fullmatch(one.name)))
