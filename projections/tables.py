"""Declaring tables: a room says which columns it has and how they are filled; DDL, writer, verify and docs follow.

There are two grains. ``act_rows`` has one row per (subject, act); every room may add columns to it, plain ones or arrays.
Other tables have a subject's rows, replaced as a whole. Of each key the row with the higher version counts.
"""

from __future__ import annotations

import hashlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import import_module, resources
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import orjson

import projections
import schemas
from projections.columns import COLUMNS
from schemas.sentence import Sentence, Told

if TYPE_CHECKING:
    from projections.acts.fold import SaidAct
    from projections.policy import Policy

ACT_ROWS: Final = "act_rows"
_NULLABLE: Final = re.compile(r"Nullable\(|LowCardinality\(Nullable\(")
_SYNCED: Final = ", fsync_after_insert = 1, fsync_part_directory = 1"
_CODE: Final = (".py", ".toml", ".sql", ".avsc")


class UnknownColumn(Told, LookupError):
    """A column that no dictionary explains: ``name``, of the room ``room``."""

    says = Sentence(
        "projections/{room} 的列 {name} 没有类型和说明；请在 projections/{room}/columns.py 中补上",
        "column {name} of projections/{room} has no type and comment; add it to projections/{room}/columns.py",
    )

    def __init__(self, room: str, name: str) -> None:
        self.room, self.name = room, name
        super().__init__(room=room, name=name)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its ClickHouse type and its comment, "中文 / English"."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of projections; ``key`` is what it is ordered by."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    comment: str
    granularity: int = 1024

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.columns)


@dataclass(frozen=True, slots=True)
class ActColumns:
    """What a room adds to ``act_rows``: ``names`` with the ``values`` of an act, in that order. With a ``prefix`` they are
    arrays, and the values parallel lists. ``order`` says where they stand."""

    names: tuple[str, ...]
    values: Callable[[SaidAct, Policy], Sequence[Any]]
    prefix: str = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class SubjectTable:
    """A table with a subject's rows: plain ``names`` (``version`` is added), and arrays by prefix."""

    name: str
    comment: str
    key: tuple[str, ...] = ("subject_id",)
    names: tuple[str, ...] = ()
    arrays: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def rooms() -> tuple[str, ...]:
    """The rooms of projections/, found by looking."""
    return tuple(sorted(one.name for one in pkgutil.iter_modules(projections.__path__) if one.ispkg))


def parts_of_rooms(module: str) -> Iterator[tuple[str, ModuleType]]:
    """(room, module) of every room that has a module of this name."""
    for room in rooms():
        if resources.files(projections).joinpath(room, f"{module}.py").is_file():
            yield room, import_module(f"projections.{room}.{module}")


def column(room: str, name: str) -> Column:
    """A column as its room explains it, else as all do. Raises UnknownColumn."""
    own: Mapping[str, tuple[str, str]] = next((part.COLUMNS for found, part in parts_of_rooms("columns") if found == room), {})
    if name not in own and name not in COLUMNS:
        raise UnknownColumn(room, name)
    return Column(name, *(own.get(name) or COLUMNS[name]))


@cache
def act_columns() -> tuple[tuple[str, ActColumns], ...]:
    """(room, what it adds to ``act_rows``), in the order of the columns."""
    found = [(room, part.ACT_COLUMNS) for room, part in parts_of_rooms("table") if hasattr(part, "ACT_COLUMNS")]
    return tuple(sorted(found, key=lambda one: (one[1].order, one[0])))


@cache
def registered() -> tuple[Table, ...]:
    """Every table of a generation, by name."""
    found = [_subject_table(room, one) for room, part in parts_of_rooms("table") for one in getattr(part, "TABLES", ())]
    return tuple(sorted([_act_rows(), *found], key=lambda one: one.name))


def table(name: str) -> Table:
    """A table by its name; raises KeyError for one that does not exist."""
    return {one.name: one for one in registered()}[name]


def _act_rows() -> Table:
    columns = [column("acts", name) for name in ("subject_id", "act_id", "version", "facts")]
    for room, added in act_columns():
        columns += _arrays(room, added.prefix, added.names) if added.prefix else [column(room, name) for name in added.names]
    comment = "行政行为（更正后）及由其推算的一切，每个主体每个行为一行 / acts as corrected with all that follows of each"
    return Table(ACT_ROWS, ("subject_id", "act_id"), tuple(columns), comment)


def _subject_table(room: str, one: SubjectTable) -> Table:
    columns = [column(room, name) for name in (*one.key, "version", *one.names)]
    for prefix, names in one.arrays.items():
        columns += _arrays(room, prefix, names)
    return Table(one.name, one.key, tuple(columns), one.comment)


def _arrays(room: str, prefix: str, names: Sequence[str]) -> list[Column]:
    explained = (column(room, name) for name in names)
    return [Column(f"{prefix}.{one.name}", f"Array({one.type})", one.comment) for one in explained]


def create_table(one: Table, database: str, *, cluster: str = "") -> str:
    """The statement that makes a table; replicated where a cluster is named. Without replicas inserts are synced: what is
    remembered as projected must outlive a loss of power."""
    lines = ",\n".join(f"    `{each.name}` {each.type} COMMENT {quoted(each.comment)}{_codec(each)}" for each in one.columns)
    where = f" ON CLUSTER {quoted(cluster)}" if cluster else ""
    engine = f"{'Replicated' if cluster else ''}ReplacingMergeTree(version)"
    key = ", ".join(f"`{name}`" for name in one.key)
    return (
        f"CREATE TABLE IF NOT EXISTS `{database}`.`{one.name}`{where}\n(\n{lines}\n)\nENGINE = {engine}\nORDER BY ({key})\n"
        f"SETTINGS index_granularity = {one.granularity}{'' if cluster else _SYNCED}\nCOMMENT {quoted(one.comment)}"
    )


def _codec(one: Column) -> str:
    return " CODEC(ZSTD(1))" if one.name in ("content", "facts") else ""


def quoted(text: str) -> str:
    """A ClickHouse string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def row_digest(values: Sequence[Any]) -> str:
    """SHA-256 (hex) of a row's values, the same whether they come from a fold or from a table."""
    return hashlib.sha256(orjson.dumps(values, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no digest of {type(value).__name__}")


@cache
def code_digest() -> str:
    """SHA-256 (hex) over the code and data of schemas/ and projections/: what a generation depends on beside the policy and
    the calendar that are in use."""
    told = hashlib.sha256()
    for package in (schemas, projections):
        for name, content in sorted(_sources(resources.files(package), package.__name__)):
            told.update(f"{name}\0{len(content)}\0".encode() + content)
    return told.hexdigest()


def _sources(folder: Any, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        if entry.is_dir() and entry.name not in ("__pycache__", "released"):
            yield from _sources(entry, name)
        elif entry.name.endswith(_CODE):
            yield name, entry.read_bytes()
