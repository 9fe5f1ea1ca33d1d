"""What no statement may do over HTTP, whoever asks, and the engine does not hinder: read and write files of this machine
by the function ``file``, INTO OUTFILE and FROM INFILE. And what a reader may ask at all.

It is looked for in the statement as the engine itself reads it and writes it anew (``formatQuery``): without comments, with
every string and name in one form. What cannot be read so is not run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from console.embedded.access import Role
from console.embedded.lanes import EngineError
from console.embedded.sql import words

if TYPE_CHECKING:
    from chdb.state.sqlitelike import Connection

_FORMAT: Final = "SELECT formatQuery({xinji_statement:String})"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
"""Parameters are read like fields of a tab-separated file."""
_SUSPECT: Final = re.compile(rb"file|\\|identifier", re.IGNORECASE)
"""A name may be written with escapes within quotes, or given as a parameter; else there is nothing to find."""
_NO_FILE: Final = "the function file() is not allowed here; a column of that name is written with its table: t.file"
_READS: Final = frozenset({"SELECT", "WITH", "FROM", "(", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN"})
_OWN_WORDS: Final = re.compile(r": In scope SELECT formatQuery\(.*", re.DOTALL)


def check(session: Connection, statement: bytes, params: Mapping[str, str], role: Role) -> None:
    """Raises EngineError (497) for a statement that this role may not make, and the engine's own for one it cannot read."""
    if role is Role.OWNER and not _SUSPECT.search(statement):
        return
    found = list(words(_as_read(session, statement)))
    if role is not Role.OWNER and (not found or found[0].upper() not in _READS):
        raise _denied(
            "only queries are answered here (SELECT, SHOW, DESCRIBE, EXISTS, EXPLAIN); whoever writes must know the secret"
        )
    if any(map(_is_file, _identifiers(found, params))):
        raise _denied(_NO_FILE)
    for before, word, after in zip(["", *found], found, [*found[1:], ""], strict=False):
        if word.upper() in ("OUTFILE", "INFILE") and after.startswith("'"):
            raise _denied("INTO OUTFILE and FROM INFILE are not allowed here; the answer is yours to store")
        if word == "file" and before != ".":
            raise _denied(_NO_FILE)
        if role is Role.READER and word.lower() in ("processes", "processlist"):
            raise _denied("what others ask is not shown to readers")


def _identifiers(found: Sequence[str], params: Mapping[str, str]) -> list[str]:
    """The values of parameters that stand for a name: {name:Identifier}."""
    named = zip(found, found[1:], found[2:], found[3:], strict=False)
    return [params.get(name, "") for opened, name, colon, kind in named if (opened, colon, kind) == ("{", ":", "Identifier")]


def _is_file(name: str) -> bool:
    return "\\" in name or name.strip('`" \t\r\n') == "file"


def _as_read(session: Connection, statement: bytes) -> bytes:
    try:
        text = statement.decode("utf-8").translate(_ESCAPES)
        answer: bytes = session.query(_FORMAT, "RawBLOB", params={"xinji_statement": text}).bytes()
    except UnicodeDecodeError as problem:
        raise EngineError.own(62, f"Syntax error: the statement is not UTF-8 ({problem})", "SYNTAX_ERROR") from problem
    except RuntimeError as problem:
        error = EngineError.of(problem)
        raise EngineError(error.code, _OWN_WORDS.sub("", error.message)) from problem
    return answer


def _denied(text: str) -> EngineError:
    return EngineError.own(497, text, "ACCESS_DENIED")
