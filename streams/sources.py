"""The file of registered sources (信息提供单位登记表): who may push, what, and for whom."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from projections.admission.entitlement import ANY, Source
from schemas.catalogue import KINDS
from schemas.sentence import Sentence, Told, names
from streams.topics import SOURCE_ID, UNREGISTERED

DEFAULT: Final = """\
# 信息提供单位登记表 / registered sources. One [[source]] each:
#   id           as it stands in topic names and in header.source_id: a 统一社会信用代码 or a short name (A-Z a-z 0-9 . _ -)
#   name         名称 / name
#   kinds        kinds of acts that it may push, ["*"] for all, e.g. ["licence", "penalty"]
#   authorities  for whom it may push: ids of authorities, or patterns of their names ("*市场监督管理局"), ["*"] for all
#   on_behalf    true: its statements may name another source in header.source_id

[[source]]
id = "local"
name = "本机"
kinds = ["*"]
authorities = ["*"]
on_behalf = true
"""
_FIELDS: Final = frozenset({"id", "name", "kinds", "authorities", "on_behalf"})

_FILE: Final = Sentence("文件", "the file")


class SourcesError(Told, ValueError):
    """The file of sources is wrong: ``file``, ``entry`` (which one) and ``problem``."""

    says = Sentence(
        "{file}，{entry}：{problem}",
        "{file}, {entry}: {problem}",
    )

    def __init__(self, file: str, entry: Sentence, problem: Sentence) -> None:
        self.file, self.entry, self.problem = file, entry, problem
        super().__init__(file=file, entry=entry, problem=problem)


def load_sources(path: Path | None) -> dict[str, Source]:
    """The registered sources by id; without a file, the default of the embedded stack. Raises SourcesError."""
    if path is None:
        return parse_sources(DEFAULT, "sources")
    try:
        return parse_sources(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise SourcesError(
            str(path),
            _FILE,
            Sentence(
                "无法读取（{kind}）；请将 XINJI_SOURCES 设为 UTF-8 的 TOML 文件",
                "it cannot be read ({kind}); set XINJI_SOURCES to a TOML file in UTF-8",
            ).of(kind=type(problem).__name__),
        ) from problem


def parse_sources(text: str, file: str) -> dict[str, Source]:
    """The sources in a text; ``file`` is named in errors. Raises SourcesError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SourcesError(
            file, _FILE, Sentence("不是 TOML：{problem}", "it is not TOML: {problem}").of(problem=problem)
        ) from problem
    entries = table.pop("source", None)
    if table:
        more = Sentence("不认识 {names}；只能有 [[source]] 条目", "unknown {names}; it holds [[source]] entries only")
        raise SourcesError(file, _FILE, more.of(names=names(map(repr, table))))
    if not isinstance(entries, list) or not entries:
        none = Sentence(
            "没有登记任何单位；请添加 [[source]]，写明 id、name、kinds 和 authorities",
            "it registers no source; add a [[source]] with id, name, kinds and authorities",
        )
        raise SourcesError(file, _FILE, none)
    found: dict[str, Source] = {}
    for number, entry in enumerate(entries, start=1):
        label = Sentence("第 {number} 个单位", "source {number}").of(number=number)
        source = _source(file, label, entry)
        if source.id in found:
            twice = Sentence("{id} 登记了两次；请只保留一条", "{id} is registered twice; keep one entry")
            raise SourcesError(file, label, twice.of(id=source.id))
        found[source.id] = source
    return found


def _source(file: str, label: Sentence, entry: Any) -> Source:
    def fail(problem: Sentence) -> SourcesError:
        return SourcesError(file, label, problem)

    if not isinstance(entry, Mapping):
        raise fail(Sentence("请写成 [[source]] 表", "write it as a table, [[source]]"))
    if unknown := sorted(set(entry) - _FIELDS):
        field = Sentence("不认识字段 {name!r}；可用字段：{fields}", "unknown field {name!r}; the fields are {fields}")
        raise fail(field.of(name=unknown[0], fields=names(sorted(_FIELDS))))
    source_id, name, on_behalf = entry.get("id"), entry.get("name"), entry.get("on_behalf", False)
    if not isinstance(source_id, str) or not SOURCE_ID.match(source_id):
        no_id = Sentence(
            "id 为 1 至 200 个字母、数字、点、连字符或下划线，因为要用在主题名中",
            "id is 1 to 200 letters, digits, dots, hyphens or underscores, as it stands in a topic name",
        )
        raise fail(no_id)
    if source_id == UNREGISTERED:
        taken = Sentence(
            "id {id} 已用于未登记单位的提交；请另取一个",
            "id {id} is taken by what comes from sources that are not registered; choose another",
        )
        raise fail(taken.of(id=UNREGISTERED))
    label = Sentence("单位 {id}", "source {id}").of(id=source_id)
    if not isinstance(name, str) or not name.strip():
        raise fail(Sentence("缺少 name：请写单位名称", "name is missing: write the unit's name"))
    if not isinstance(on_behalf, bool):
        raise fail(Sentence("on_behalf 只能是 true 或 false", "on_behalf is true or false"))
    kinds, authorities = _texts(entry, "kinds", fail), _texts(entry, "authorities", fail)
    if wrong := sorted(set(kinds) - KINDS - {ANY}):
        kind = Sentence('不认识类别 {name!r}；可用：{kinds}，或 "*"', 'unknown kind {name!r}; use {kinds}, or "*"')
        raise fail(kind.of(name=wrong[0], kinds=names(sorted(KINDS))))
    return Source(source_id, name, frozenset(kinds), tuple(authorities), on_behalf)


def _texts(entry: Mapping[str, Any], field: str, fail: Any) -> list[str]:
    value = entry.get(field)
    if isinstance(value, list) and value and all(isinstance(one, str) and one.strip() for one in value):
        return value
    texts = Sentence(
        '{field} 应为非空的文字列表；["{any}"] 表示全部', '{field} is a list of texts that is not empty; ["{any}"] stands for all'
    )
    raise fail(texts.of(field=field, any=ANY))
