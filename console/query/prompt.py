"""A prompt for queries, with history and completion. It ends with Ctrl-D, exit or quit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from console.output import say
from projections.views import catalogue_of_views
from schemas.sentence import Sentence

HISTORY: Final = "sql.history"
_KEYWORDS: Final = (
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "LIMIT", "JOIN", "LEFT", "ARRAY", "USING", "ON", "AND",
    "OR", "NOT", "IN", "BETWEEN", "LIKE", "ILIKE", "IS", "NULL", "AS", "DISTINCT", "WITH", "UNION", "ALL", "CASE", "WHEN",
    "THEN", "ELSE", "END", "DESC", "ASC", "OFFSET", "INTERVAL", "SHOW", "TABLES", "DESCRIBE", "EXPLAIN", "count", "sum",
    "avg", "min", "max", "uniqExact", "countIf", "sumIf", "any", "groupArray", "toYear", "toStartOfMonth", "toDate", "today",
    "now", "has", "notEmpty", "arrayJoin", "round", "quantile",
)  # fmt: skip
_WORD: Final = re.compile(r"\w*\Z")
_ASKED: Final = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)", re.IGNORECASE)
_AFTER_FROM: Final = re.compile(r"\b(?:FROM|JOIN)\s+\w*\Z", re.IGNORECASE)
_GREETING: Final = Sentence(
    "以分号结束一条查询；\\d 列出视图，\\d 视图 列出列；Tab 补全，Ctrl-C 停止查询，Ctrl-D 退出",
    "a semicolon ends a query; \\d lists the views, \\d VIEW its columns; Tab completes, Ctrl-C stops a query, Ctrl-D leaves",
)


class Words(Completer):
    """Views after FROM and JOIN; elsewhere the columns of the views that are named (of all, while none is), then keywords."""

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        found = _WORD.search(before)
        begun = found[0] if found else ""
        if not begun and not complete_event.completion_requested:
            return
        for word, what in candidates(before, document.text):
            if word.lower().startswith(begun.lower()):
                yield Completion(word, -len(begun), display_meta=what)


def candidates(before: str, text: str) -> Iterator[tuple[str, str]]:
    """(word, what it is) in the order in which they are offered. ``before`` is the text up to the cursor."""
    views = {name: view for view in catalogue_of_views() for name in (view.name, view.twin) if name}
    if _AFTER_FROM.search(before):
        for name, view in views.items():
            yield name if name == view.name else f"{name}(d = '", view.comment
        return
    asked = [views[name] for name in _ASKED.findall(text) if name in views]
    columns = {one.name: one.comment for view in asked or views.values() for one in view.columns}
    yield from columns.items()
    for word in _KEYWORDS:
        yield word, ""


def history(data: Path) -> History:
    """The queries of before, in a file that its owner alone may read; without a data directory those of this session."""
    if not data.is_dir():
        return InMemoryHistory()
    path = data / HISTORY
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    path.chmod(0o600)
    return FileHistory(str(path))


def statements(lines: Callable[[bool], str]) -> Iterator[str]:
    """Statements as they are typed: to a semicolon, or one line of ``\\`` or of leaving. ``lines`` gives the next line (told
    whether a statement has begun), and raises EOFError at the end and KeyboardInterrupt to begin again."""
    begun: list[str] = []
    while True:
        try:
            line = lines(bool(begun))
        except KeyboardInterrupt:
            begun.clear()
            continue
        except EOFError:
            return
        alone = line.strip()
        if not begun and (alone.startswith("\\") or alone.rstrip(";").lower() in ("exit", "quit")):
            if alone.rstrip(";").lower() in ("exit", "quit", "\\q"):
                return
            yield alone
            continue
        if alone or begun:
            begun.append(line)
        if alone.endswith(";"):
            yield "\n".join(begun)
            begun.clear()


def talk(data: Path, run: Callable[[str], None], describe: Callable[[str], None]) -> None:
    """Asks for queries and gives each to ``run``, and what follows ``\\d`` to ``describe``, until its user leaves."""
    session: PromptSession[str] = PromptSession(history=history(data), completer=Words(), complete_while_typing=False)
    say(_GREETING)
    for one in statements(lambda begun: session.prompt("   ... " if begun else "xinji> ")):
        if one.startswith("\\d"):
            describe(one[2:].strip().rstrip(";"))
        elif one.startswith("\\"):
            say(_GREETING)
        else:
            run(one)
