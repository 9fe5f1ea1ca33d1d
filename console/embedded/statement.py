"""Run a Call on a lane's thread: a whole answer, a stream of chunks, or an insert."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from console.embedded.call import Call
from console.embedded.guard import check
from console.embedded.lanes import EngineError, Lane
from console.embedded.sql import changes_session, from_file, has_result, is_select, tail_format

if TYPE_CHECKING:
    from chdb.state.sqlitelike import StreamingResult

# a streamed result is the blocks' encodings one after the other, which is a valid whole only in these formats
STREAMABLE = frozenset({"Native", "TabSeparated", "TSV", "CSV", "RowBinary", "JSONEachRow"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A statement's whole answer: ``format`` is None without a result set, ``summary`` as in X-ClickHouse-Summary."""

    body: bytes = b""
    format: str | None = None
    summary: dict[str, str] = field(default_factory=dict)


class Stream:
    """An open streamed result, for its lane's thread only. Its connection serves nothing else until it is closed."""

    def __init__(self, chunks: StreamingResult, first: bytes, format: str, forget: Callable[[], None]) -> None:
        self.first = first
        self.format = format
        self._chunks, self._forget, self._ended = chunks, forget, False

    def next(self) -> bytes | None:
        """The next chunk, None at the end. Raises EngineError when the query fails on its way."""
        chunk = _next_chunk(self._chunks)
        self._ended = chunk is None
        return chunk

    def close(self) -> None:
        """Cancel what is left."""
        self._chunks.close()  # type: ignore[no-untyped-call]
        if not self._ended:
            self._forget()


def result_format(call: Call) -> str | None:
    """The format of the call's result set, None when it has none."""
    if not only_reads(call):
        return None
    tail = tail_format(call.sql)
    return tail.name if tail else call.default_format


def only_reads(call: Call) -> bool:
    """Whether the call may be stopped half-way: it answers with rows and writes none."""
    return call.data is None and has_result(call.sql)


def run(lane: Lane, call: Call) -> Answer:
    """Run the call to its end. Raises EngineError."""
    check(lane.session(call.session), _whole(call), call.params, call.session.role)
    with _cleaned(lane, call):
        return _query(lane, call) if call.data is None else _insert(lane, call, call.data)


def open_stream(lane: Lane, call: Call) -> Stream | Answer:
    """Start a streamable query and fetch its first chunk, so that most errors come before the response's head.

    A query without rows comes back as an Answer. Raises EngineError.
    """
    check(lane.session(call.session), _whole(call), call.params, call.session.role)
    format = result_format(call) or call.default_format
    try:
        chunks = lane.session(call.session).send_query(_text(call.marked), format, params=call.params)
    except RuntimeError as error:
        raise EngineError.of(error) from error
    try:
        first = _next_chunk(chunks)
    except EngineError:
        chunks.close()  # type: ignore[no-untyped-call]
        lane.discard(call.session)
        raise
    if first is not None:
        return Stream(chunks, first, format, lambda: lane.discard(call.session))
    chunks.close()  # type: ignore[no-untyped-call]
    return Answer(_no_rows(lane, call, format), format)


def can_stream(call: Call) -> bool:
    """True when the caller allows it, the statement is a plain query and its format consists of blocks."""
    return call.may_stream and is_select(call.sql) and result_format(call) in STREAMABLE


@contextmanager
def _cleaned(lane: Lane, call: Call) -> Iterator[None]:
    """The connection is given up when the statement changed it, and when it failed: after a query that was stopped the next
    one would get an empty answer."""
    try:
        yield
    except EngineError:
        lane.discard(call.session)
        raise
    if changes_session(call.sql):
        lane.discard(call.session)


def _query(lane: Lane, call: Call) -> Answer:
    format = result_format(call)
    try:
        sql = call.marked if only_reads(call) else call.sql
        result = lane.session(call.session).query(_text(sql), call.default_format, params=call.params)
    except RuntimeError as error:
        raise EngineError.of(error) from error
    body: bytes = result.bytes() or b""
    if format and not body:
        body = _no_rows(lane, call, format)
    return Answer(
        body,
        format,
        _summary(
            read_rows=result.rows_read(),
            read_bytes=result.bytes_read(),
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
            seconds=result.elapsed(),
        ),
    )


def _whole(call: Call) -> bytes:
    return call.sql if call.data is None else call.sql + b" FORMAT " + call.data_format.encode()


def _insert(lane: Lane, call: Call, data: bytes) -> Answer:
    """Its rows go through a file in memory: the engine's way to append rows in a stream says that they are written also
    where the disk is full, a constraint is violated or a view fails (decision 0024)."""
    session = lane.session(call.session)
    try:
        with _as_file(data) as path:
            statement = from_file(call.sql, path, call.data_format)
            result = session.query(_text(statement), "Null", params=call.params)
    except RuntimeError as error:
        raise EngineError.of(error) from error
    rows, size, seconds = result.rows_written(), result.bytes_written(), result.elapsed()
    return Answer(summary=_summary(read_rows=rows, read_bytes=size, written_rows=rows, written_bytes=size, seconds=seconds))


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """The path of a file that has no name and is in no directory, for this process only."""
    file = os.memfd_create("rows", os.MFD_CLOEXEC)
    try:
        with open(file, "wb", closefd=False) as opened:
            opened.write(data)
        yield f"/proc/self/fd/{file}"
    finally:
        os.close(file)


def _no_rows(lane: Lane, call: Call, format: str) -> bytes:
    """What a server sends for a result without rows. The embedded engine sends nothing at all, so that a Native
    reader would not even learn the columns."""
    if format != "Native":
        return b""
    return _empty_native_block(_columns(lane, call))


def _columns(lane: Lane, call: Call) -> list[tuple[str, str]]:
    """(name, type) of a query's columns; empty for the rare statement that says neither."""
    tail = tail_format(call.sql)
    sql = call.sql[: tail.start] if tail else call.sql.rstrip(b"; \t\r\n")
    probe = b"DESCRIBE (" + sql + b"\n)" if is_select(sql) else sql
    session = lane.session(call.session)
    try:
        answer = session.query(_text(probe + b"\nFORMAT JSON"), "JSON", params=call.params).bytes()
    except RuntimeError:
        return []
    told = json.loads(answer)
    rows = told["data"] if is_select(sql) else told["meta"]
    return [(row["name"], row["type"]) for row in rows]


def _empty_native_block(columns: list[tuple[str, str]]) -> bytes:
    if not columns:
        return b""
    texts = (text.encode() for column in columns for text in column)
    return _varint(len(columns)) + _varint(0) + b"".join(_varint(len(text)) + text for text in texts)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _next_chunk(chunks: StreamingResult) -> bytes | None:
    try:
        for chunk in chunks:
            payload: bytes = chunk.bytes()
            if payload:
                return payload
    except RuntimeError as error:
        raise EngineError.of(error) from error
    return None


def _text(sql: bytes) -> str:
    # the engine's binding takes bytes as well as text; its annotation knows text only
    return sql  # type: ignore[return-value]


def _summary(*, read_rows: int, read_bytes: int, written_rows: int, written_bytes: int, seconds: float) -> dict[str, str]:
    return {
        "read_rows": str(read_rows),
        "read_bytes": str(read_bytes),
        "written_rows": str(written_rows),
        "written_bytes": str(written_bytes),
        "elapsed_ns": str(int(seconds * 1_000_000_000)),
    }
