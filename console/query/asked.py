"""A query as somebody gives it: its text, its parameters, and what is not to be asked here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from schemas.sentence import Sentence, Told

_READS: Final = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(select|with|show|describe|desc|explain|exists)\b", re.IGNORECASE | re.DOTALL
)
_OWN_FORMAT: Final = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
_PLACE: Final = re.compile(r"\{\s*(\w+)\s*:")


class BadQuery(Told, ValueError):
    """The query, or how it was given, is not to be taken: ``detail`` says why and what to do."""

    says = Sentence("{detail}", "{detail}")

    def __init__(self, detail: Sentence) -> None:
        self.detail = detail
        super().__init__(detail=detail)


@dataclass(frozen=True, slots=True)
class Query:
    """One reading statement, with the values of its parameters {name:Type} as text."""

    text: str
    parameters: Mapping[str, str]


def read_query(text: str, parameters: Mapping[str, str]) -> Query:
    """The query in a text. Raises BadQuery for what does not read, names a FORMAT, or has not the parameters that are given."""
    stripped = text.strip().rstrip(";").rstrip()
    if not stripped:
        raise BadQuery(Sentence("没有查询语句；请写一条 SELECT", "there is no query; write a SELECT"))
    if not _READS.match(stripped):
        raise BadQuery(
            Sentence(
                "此处只能查询（SELECT、WITH、SHOW、DESCRIBE、EXPLAIN）；投影由工作进程写入",
                "only reading queries are allowed here (SELECT, WITH, SHOW, DESCRIBE, EXPLAIN); projections are written by workers",
            )
        )
    if _OWN_FORMAT.search(stripped):
        raise BadQuery(
            Sentence(
                "查询语句自带 FORMAT，请删去，改用 --format",
                "the query names a FORMAT of its own; leave it out and write --format",
            )
        )
    places = dict.fromkeys(_PLACE.findall(stripped))
    if unknown := [name for name in parameters if name not in places]:
        raise BadQuery(_no_place(unknown, places))
    return Query(stripped, parameters)


def _no_place(unknown: Iterable[str], places: Iterable[str]) -> Sentence:
    known = ", ".join(places)
    has = Sentence("其中有 {known}", "it has {known}").of(known=known) if known else Sentence("其中没有参数", "it has none")
    return Sentence(
        "查询语句中没有参数 {unknown}（{has}）；请在语句中写 {{名称:类型}}，例如 {{d:Date}}",
        "the query has no parameter {unknown} ({has}); write {{name:Type}} in it, such as {{d:Date}}",
    ).of(unknown=", ".join(unknown), has=has)


def read_parameters(given: Iterable[str]) -> dict[str, str]:
    """Parameters as options give them, ``name=value``. Raises BadQuery."""
    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name.isidentifier():
            raise BadQuery(
                Sentence("--param {one} 的写法不对；请写 --param 名称=值", "--param {one}: write --param name=value").of(one=one)
            )
        if name in found:
            raise BadQuery(Sentence("参数 {name} 给了两次", "parameter {name} is given twice; give it once").of(name=name))
        found[name] = value
    return found


def query_text(argument: str | None, file: Path | None, stdin: TextIO) -> str | None:
    """The text of the query: the argument, or the file's, or for ``-`` what comes on standard input; None where none is given.
    Raises BadQuery."""
    if argument is not None and file is not None:
        raise BadQuery(Sentence("查询语句和 -f 只能给一个", "give the query as an argument or by -f, not both"))
    if argument == "-":
        return stdin.read()
    if file is None:
        return argument
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        unread = Sentence(
            "读不了 {file}：{problem}；请给出 UTF-8 文本文件", "{file} cannot be read: {problem}; give a text file in UTF-8"
        )
        raise BadQuery(unread.of(file=file, problem=problem)) from problem
