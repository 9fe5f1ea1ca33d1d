"""Writing an answer: CSV, JSON, JSON Lines, Parquet. Workbooks are written in workbook.py."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from console.query.asked import BadQuery
from console.query.result import Result
from console.query.values import arrow_of, is_plain, json_bytes, json_value, text_of
from console.query.workbook import write_xlsx
from schemas.sentence import Sentence


def write_csv(result: Result, file: BinaryIO) -> int:
    """RFC 4180 with a line of names; how many rows."""
    told = [None if is_plain(kind) else text_of for kind in result.types]
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    rows = 0
    try:
        writer = csv.writer(text)
        writer.writerow(result.names)
        for block in result.blocks:
            writer.writerows(_told(block, told))
            rows += len(block)
    finally:
        text.detach()
    return rows


def write_json(result: Result, file: BinaryIO) -> int:
    """One array of objects, a row a line."""
    return _objects(result, file, b"[", b",\n", b"]\n")


def write_jsonl(result: Result, file: BinaryIO) -> int:
    """JSON Lines: an object a line."""
    return _objects(result, file, b"", b"\n", b"\n")


def _objects(result: Result, file: BinaryIO, begin: bytes, between: bytes, end: bytes) -> int:
    names, told, rows = _distinct(result.names), [json_value(kind) for kind in result.types], 0
    file.write(begin)
    for block in result.blocks:
        lines = between.join(json_bytes(dict(zip(names, row, strict=True))) for row in _told(block, told))
        if lines:
            file.write(between + lines if rows else lines)
        rows += len(block)
    if rows or begin:
        file.write(end)
    return rows


def write_parquet(result: Result, file: BinaryIO) -> int:
    """Parquet with the columns' own types; what Parquet has no type of here (tuples, maps) is JSON text."""
    names, kinds = _distinct(result.names), [arrow_of(kind) for kind in result.types]
    told: list[Callable[[Any], Any] | None] = [_text_or_null if kind is None else None for kind in kinds]
    schema = pa.schema([(name, pa.string() if kind is None else kind) for name, kind in zip(names, kinds, strict=True)])
    rows = 0
    with pq.ParquetWriter(file, schema) as writer:
        for block in result.blocks:
            columns = zip(*_told(block, told), strict=True) if block else [()] * len(names)
            writer.write_table(pa.table([pa.array(one, field.type) for one, field in zip(columns, schema, strict=True)], schema))
            rows += len(block)
    return rows


def _told(block: Any, told: Sequence[Callable[[Any], Any] | None]) -> Iterator[Any]:
    """Rows with the values of some columns in another form."""
    changed = [(number, one) for number, one in enumerate(told) if one is not None]
    if not changed:
        return iter(block)
    return (_row(row, changed) for row in block)


def _row(row: Any, changed: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    values = list(row)
    for number, one in changed:
        values[number] = one(values[number])
    return values


def _text_or_null(value: Any) -> str | None:
    return None if value is None else text_of(value)


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise BadQuery(
            Sentence(
                "有两列都叫 {name}；请用 AS 另取名称", "two columns are called {name}; give one of them another name with AS"
            ).of(name=twice)
        )
    return names


WRITERS: Final[dict[str, Callable[[Result, BinaryIO], int]]] = {
    "csv": write_csv,
    "json": write_json,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}
"""How each form is written, by its name, which is the ending of such files too."""
BINARY: Final = ("parquet", "xlsx")


@contextmanager
def written_whole(path: Path, form: str) -> Iterator[BinaryIO]:
    """A file that gets its name only once all is written. CSV begins with a mark by which Excel reads it as UTF-8."""
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            if form == "csv":
                file.write(codecs.BOM_UTF8)
            yield file
        beside.replace(path)
    except OSError as problem:
        unwritten = Sentence("写不了 {path}：{problem}；请换个位置", "{path} cannot be written: {problem}; choose another place")
        raise BadQuery(unwritten.of(path=path, problem=problem.strerror or problem)) from problem
    finally:
        beside.unlink(missing_ok=True)
