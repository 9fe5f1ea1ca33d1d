"""What the migrations declare: which tables there are, with which columns, and where the tables that stand there differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.clickhouse.migrating import MigrationLike
from schemas.sentence import Sentence, Told, listed

_NAMED: Final = r"(?:`\w+`|\w+)\.`?(?P<table>\w+)`?"
_CREATE: Final = re.compile(rf"CREATE TABLE IF NOT EXISTS {_NAMED}[^(]*\((?P<body>.*?)\n\)", re.DOTALL)
_ALTER: Final = re.compile(rf"ALTER TABLE {_NAMED}")
_COLUMN: Final = re.compile(r"`(?P<name>\w+)` (?P<type>.+?)(?= COMMENT | CODEC\(| DEFAULT | AFTER |,?\s*(?:\n|\Z))")
_CHANGE: Final = re.compile(rf"(?P<what>ADD|MODIFY) COLUMN (?:IF (?:NOT )?EXISTS )?{_COLUMN.pattern}")
_DROP: Final = re.compile(r"DROP COLUMN (?:IF EXISTS )?`(?P<name>\w+)`")


@dataclass(slots=True)
class Declared:
    """A table as the migrations leave it: the types of its columns by name, and the statements that make it, in order."""

    name: str
    columns: dict[str, str] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """A column that is not as declared. ``declared`` and ``found`` are types, None where there is none."""

    table: str
    column: str
    declared: str | None
    found: str | None


Tables = Mapping[str, Mapping[str, str]]
"""The types of columns by table and name."""


def declared(migrations: Iterable[MigrationLike]) -> tuple[Declared, ...]:
    """The tables that these migrations make, in the order in which they do."""
    found: dict[str, Declared] = {}
    for statement in (statement for one in migrations for statement in one.statements):
        if (made := _CREATE.match(statement)) is not None:
            table = found.setdefault(made["table"], Declared(made["table"]))
            table.columns |= {
                one["name"]: one["type"] for line in made["body"].splitlines() if (one := _COLUMN.match(line.strip()))
            }
            table.statements.append(statement)
        elif (changed := _ALTER.match(statement)) is not None:
            table = found[changed["table"]]
            table.columns |= {one["name"]: one["type"] for one in _CHANGE.finditer(statement)}
            for gone in _DROP.finditer(statement):
                table.columns.pop(gone["name"], None)
            table.statements.append(statement)
    return tuple(found.values())


def differences(wanted: Tables, found: Tables) -> list[ColumnDifference]:
    """Columns of tables that stand there and are not as declared; tables that are missing are left out."""
    return [
        ColumnDifference(table, column, columns.get(column), found[table].get(column))
        for table, columns in wanted.items()
        if table in found
        for column in dict.fromkeys((*columns, *found[table]))
        if columns.get(column) != found[table].get(column)
    ]


class TablesDiffer(Told, RuntimeError):
    """Tables of the log that have not the columns that this version reads and writes: ``columns`` says which."""

    says = Sentence(
        "数据库 {database} 的表与声明不符，未作改动：{columns}。请改回列的类型，或从备份恢复（docs/operations.md）",
        "tables of database {database} are not as declared ({columns}); nothing was changed. Give the columns back their "
        "types, or restore a back-up (docs/operations.md)",
    )

    lasting = True

    def __init__(self, database: str, columns: Sequence[ColumnDifference]) -> None:
        self.database, self.columns = database, tuple(columns)
        shown = listed(
            Sentence("{at} 应为 {declared}，现为 {found}", "{at}: declared {declared}, found {found}").of(
                at=f"{one.table}.{one.column}", declared=one.declared, found=one.found
            )
            for one in columns
        )
        super().__init__(database=database, columns=shown)
