"""The shape of a ClickHouse statement, as far as the engine's front must know it. Pure: bytes in, facts out.

Only what decides how a statement is run is read here (its first word, where an INSERT's data begin, the format it asks
for); the engine itself parses the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_TOKEN = re.compile(
    rb"""
      (?P<blank>\s+|--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
    | (?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.|``)*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9][0-9A-Za-z_.]*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_TAIL_FORMAT = re.compile(rb"\bFORMAT\s+(?P<name>\w+)(?P<settings>\s+SETTINGS\s[^()]*)?\s*;?\s*\Z", re.IGNORECASE)
_TAIL_LENGTH = 2_000
_NO_RESULT = frozenset(
    {
        "ALTER",
        "ATTACH",
        "CREATE",
        "DELETE",
        "DETACH",
        "DROP",
        "EXCHANGE",
        "GRANT",
        "INSERT",
        "OPTIMIZE",
        "RENAME",
        "REVOKE",
        "SET",
        "SYSTEM",
        "TRUNCATE",
        "UNDROP",
        "UPDATE",
        "USE",
    }
)
_SELECTS = frozenset({"SELECT", "WITH", "FROM", "("})


class InsertBy(Enum):
    """Where an INSERT takes its rows from."""

    DATA = "data in a format, after the statement"
    VALUES = "literal values, part of the statement"
    SELECT = "a query, part of the statement"
    INPUT = "a query over input(), which the embedded engine cannot feed"
    UNSAID = "the statement says neither a format nor a query"


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT taken apart: ``statement[:head_end]`` goes to the engine, ``statement[data_start:]`` are its data.

    ``format`` is empty unless ``by`` is DATA.
    """

    by: InsertBy
    head_end: int
    data_start: int
    format: str = ""


@dataclass(frozen=True, slots=True)
class TailFormat:
    """A trailing FORMAT clause: its name and where it starts in the statement."""

    name: str
    start: int


def first_word(sql: bytes) -> str:
    """The statement's first word in upper case, ``(`` for a bracketed query, empty for a blank statement."""
    for token in _tokens(sql):
        return token.group().decode("ascii", "replace").upper()
    return ""


def words(sql: bytes) -> Iterator[str]:
    """Names, strings and marks of a statement in their order. A name in quotes is bare; a string keeps its quotes."""
    for token in _tokens(sql):
        text = token.group().decode("utf-8", "replace")
        yield text[1:-1] if text[0] in '`"' and len(text) > 1 else text


def is_select(sql: bytes) -> bool:
    """True for a query that may stand in brackets as a subquery, and that the engine can stream."""
    return first_word(sql) in _SELECTS


def has_result(sql: bytes) -> bool:
    """True for a statement that answers with a result set, be it empty."""
    return first_word(sql) not in _NO_RESULT


def changes_session(sql: bytes) -> bool:
    """True for a statement whose effect would outlive it on its engine connection (SET, USE, temporary objects)."""
    words = [token.group().upper() for token, _ in zip(_tokens(sql), range(4), strict=False)]
    return bool(words) and (words[0] in (b"SET", b"USE") or b"TEMPORARY" in words)


def tail_format(sql: bytes) -> TailFormat | None:
    """The FORMAT clause a query ends with, or None."""
    offset = max(0, len(sql) - _TAIL_LENGTH)
    found = _TAIL_FORMAT.search(sql, offset)
    return TailFormat(found.group("name").decode(), found.start()) if found else None


def is_many(sql: bytes) -> bool:
    """True when something other than blanks and comments follows a semicolon."""
    if b";" not in sql.rstrip(b"; \t\r\n"):
        return False
    ended = False
    for token in _tokens(sql):
        if token.group() == b";":
            ended = True
        elif ended:
            return True
    return False


def split_insert(sql: bytes) -> Insert | None:
    """Take an INSERT apart, or None when the statement is not one.

    Data begin after the format's name, the blanks behind it and one line end, as in ClickHouse's own parser; they are
    never looked at.
    """
    tokens = _tokens(sql)
    start = next(tokens, None)
    if start is None or start.group().upper() != b"INSERT":
        return None
    depth = 0
    for token in tokens:
        mark = token.group()
        depth += (mark == b"(") - (mark == b")")
        if depth or token.lastgroup != "word":
            continue
        word = mark.upper()
        if word == b"VALUES":
            return Insert(InsertBy.VALUES, len(sql), len(sql))
        if word in (b"SELECT", b"WITH", b"INFILE"):
            return Insert(_select_kind(tokens), len(sql), len(sql))
        if word == b"FORMAT":
            return _format_data(sql, token.start(), next(tokens, None))
    return Insert(InsertBy.UNSAID, len(sql), len(sql))


def from_file(head: bytes, path: str, format: str) -> bytes:
    """An INSERT that reads its rows from a file; ``head`` is the statement up to where its data or its FORMAT began."""
    depth, place = 0, len(head)
    for token in _tokens(head):
        mark = token.group()
        depth += (mark == b"(") - (mark == b")")
        if not depth and token.lastgroup == "word" and mark.upper() == b"SETTINGS":
            place = token.start()
            break
    return b"%b\nFROM INFILE '%b'\n%b\nFORMAT %b" % (head[:place], path.encode(), head[place:].rstrip(b"; \t\r\n"), format.encode())


def _select_kind(rest: Iterator[re.Match[bytes]]) -> InsertBy:
    before = b""
    for token in rest:
        if token.group() == b"(" and before == b"INPUT":
            return InsertBy.INPUT
        before = token.group().upper()
    return InsertBy.SELECT


def _format_data(sql: bytes, head_end: int, name: re.Match[bytes] | None) -> Insert:
    if name is None or name.lastgroup != "word":
        return Insert(InsertBy.UNSAID, len(sql), len(sql))
    if name.group().upper() == b"VALUES":
        return Insert(InsertBy.VALUES, len(sql), len(sql))
    at = name.end()
    while sql[at : at + 1] in (b" ", b"\t", b"\f"):
        at += 1
    at += sql[at : at + 1] == b"\r"
    at += sql[at : at + 1] == b"\n"
    return Insert(InsertBy.DATA, head_end, at, name.group().decode())


def _tokens(sql: bytes) -> Iterator[re.Match[bytes]]:
    return (token for token in _TOKEN.finditer(sql) if token.lastgroup != "blank")
