"""Rows as Arrow, the format in which they go to ClickHouse: a quarter of the driver's own cost, on both sides.

ClickHouse takes null for a column that has none as that column's default, silently; here it is an error before it is sent.
Whole numbers that do not fit their column are errors too. Dates are Date32, amounts decimals, times DateTime64(3) in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa

from schemas.instants import milliseconds
from schemas.sentence import Sentence, Told

_PLAIN: Final[Mapping[str, pa.DataType]] = {
    "String": pa.binary(),
    "Bool": pa.bool_(),
    "Date32": pa.date32(),
    "Float64": pa.float64(),
    "Decimal(20, 2)": pa.decimal128(20, 2),
    "DateTime64(3, 'UTC')": pa.timestamp("ms", "UTC"),
    **{f"Int{bits}": getattr(pa, f"int{bits}")() for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": getattr(pa, f"uint{bits}")() for bits in (8, 16, 32, 64)},
}
_WRAPPED: Final = re.compile(r"(?P<wrapper>LowCardinality|Nullable|Array)\((?P<inner>.*)\)\Z", re.DOTALL)
_WRITE: Final = pa.ipc.IpcWriteOptions(compression="lz4")


class NoSuchColumn(Told, RuntimeError):
    """A column that the table does not have: the tables are of another version than the program."""

    says = Sentence(
        "表 {table} 没有列 {column}；请用将要写入的版本运行 `xinji migrate`",
        "table {table} has no column {column}; run `xinji migrate` with the version that is to write",
    )

    def __init__(self, table: str, column: str) -> None:
        self.table, self.column = table, column
        super().__init__(table=table, column=column)


class UnfitValue(Told, ValueError):
    """A value that its column cannot hold. ``column`` and ``detail`` say which and why."""

    says = Sentence(
        "{table}.{column} 放不下所给的值（{detail}）；这是程序错误，请报告",
        "{table}.{column} cannot hold what it was given ({detail}); this is an error of the program: report it",
    )

    def __init__(self, table: str, column: str, detail: str) -> None:
        self.table, self.column, self.detail = table, column, detail
        super().__init__(table=table, column=column, detail=detail)


def block(table: str, types: Mapping[str, str], names: Sequence[str], columns: Sequence[Sequence[Any]]) -> bytes:
    """An Arrow stream of one block, given column by column; ``types`` are the table's, by column. Raises NoSuchColumn and
    UnfitValue."""
    arrays = []
    for name, values in zip(names, columns, strict=True):
        if name not in types:
            raise NoSuchColumn(table, name)
        arrays.append(_array(table, name, types[name], values))
    data = pa.record_batch(arrays, names=list(names))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema, options=_WRITE) as writer:
        writer.write_batch(data)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _array(table: str, name: str, of: str, values: Sequence[Any]) -> pa.Array:
    arrow, moments = arrow_type(of), of in ("DateTime64(3, 'UTC')", "Nullable(DateTime64(3, 'UTC'))")
    try:
        if moments:
            made = pa.array([None if one is None else milliseconds(one) for one in values], pa.int64()).cast(arrow)
        else:
            made = _texts(values, arrow)
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as problem:
        raise UnfitValue(table, name, f"{type(problem).__name__}: {problem}") from problem
    if made.null_count and not of.startswith(("Nullable(", "LowCardinality(Nullable(")):
        raise UnfitValue(table, name, "null in a column without nulls")
    return made


def _texts(values: Sequence[Any], arrow: pa.DataType) -> pa.Array:
    """Texts go the faster way as text; bytes that need not be text go as they are."""
    if arrow == pa.binary() and values and isinstance(values[0], str):
        return pa.array(values, pa.string())
    return pa.array(values, arrow)


@lru_cache(maxsize=1_000)
def arrow_type(of: str) -> pa.DataType:
    """The Arrow type of a ClickHouse type; raises KeyError for one that this product's tables do not use."""
    wrapped = _WRAPPED.match(of)
    if wrapped is None:
        return _PLAIN[of]
    inner = arrow_type(wrapped["inner"])
    if wrapped["wrapper"] != "Array":
        return inner
    return pa.list_(pa.string() if inner == pa.binary() else inner)


def columns_of(table: pa.Table) -> list[list[Any]]:
    """A table that was read, as plain lists of its columns."""
    readers: list[Callable[[], list[Any]]] = [column.to_pylist for column in table.columns]
    return [read() for read in readers]
