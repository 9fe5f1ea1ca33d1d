"""Reading profiles: TOML to Profile, with errors that name file, key and what to write."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from connectors.files import values as reading
from connectors.files.errors import BadProfile, UnknownProfile, UnreadableFile, unknown_name
from connectors.files.profile import (
    CITATION_SEPARATORS,
    CODE_FIELDS,
    CODE_ROLES,
    SEPARATORS,
    FieldSpec,
    FieldType,
    Profile,
    Variant,
    field_types,
    normal_header,
)
from connectors.files.read_field import read_text_value
from connectors.files.roles import PERSON_ROLES
from schemas.catalogue import BY_NAME
from schemas.persons import personal_fields
from schemas.sentence import Sentence, names

_TOP: Final = ("title", "event", "format", "nulls", "dates", "ignore", "fields", "codes", "persons", "constants")
_FIELD_KEYS: Final = ("columns", "unit", "values", "other", "unmatched", "separators", "unless_set", "variants")
_VARIANT_KEYS: Final = ("when_any", "values")
_IMPLICIT_NOT: Final = {"act_id", "subject_id", "source_id", "source_name", "imported", "extra", *CODE_FIELDS}

_KEY: Final = Sentence("键", "key")
_EVENT: Final = Sentence("事件", "event")
_FIELD_OF: Final = Sentence("{event} 的字段", "field of {event}")
_SOME_DATE: Final = Sentence("请至少写其中之一：{formats}", "name at least one of: {formats}")


@cache
def shipped() -> tuple[str, ...]:
    """Names of the profiles that come with the product."""
    folder = resources.files("connectors").joinpath("profiles")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


def load_profile(name: str | Path) -> Profile:
    """A shipped profile by its name, or one of your own by the path of its .toml file.

    Raises UnknownProfile, UnreadableFile, BadProfile.
    """
    text_name = str(name)
    if text_name in shipped():
        return _shipped(text_name)
    path = Path(name)
    if path.suffix != ".toml" or not path.is_file():
        raise UnknownProfile(text_name, shipped())
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        unread = Sentence(
            "无法读取（{kind}）；请将方案另存为 UTF-8 文本", "cannot be read ({kind}); save the profile as UTF-8 text"
        )
        raise UnreadableFile(path, unread.of(kind=type(problem).__name__)) from problem
    return parse_profile(path.stem, text, str(path))


@cache
def _shipped(name: str) -> Profile:
    text = resources.files("connectors").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8")
    return parse_profile(name, text, f"{name}.toml")


def parse_profile(name: str, text: str, file: str) -> Profile:
    """A profile from its TOML text; ``file`` is what errors name. Raises BadProfile."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        no_toml = Sentence(
            "{problem}；请改正该处（中文键名要加引号）", "{problem}; correct the text there (keys in Chinese stand in quotes)"
        )
        raise BadProfile(file, "TOML", no_toml.of(problem=problem)) from problem
    return _Loader(file).profile(name, raw)


class _Loader:
    """Checks one file's tables; knows the file's name for its errors."""

    def __init__(self, file: str) -> None:
        self.file = file

    def profile(self, name: str, raw: Mapping[str, Any]) -> Profile:
        self._known(_KEY, "", raw, _TOP)
        title = self._text("title", raw.get("title", name))
        if raw.get("format", "rows") == "events":
            return Profile(name, title, None)
        if raw.get("format", "rows") != "rows":
            formats = Sentence(
                '请写 "rows"（一行一个行为）或 "events"（一行一个事件），或不写',
                'write "rows" (one act a row) or "events" (one event a line), or leave it out',
            )
            raise BadProfile(self.file, "format", formats)
        event = self._event(raw.get("event"))
        types = field_types(event)
        nulls = frozenset(map(reading.squeeze, self._texts("nulls", raw.get("nulls", list(reading.DEFAULT_NULLS)))))
        dates = self._dates(raw.get("dates", list(reading.ALL_DATES)))
        return Profile(
            name,
            title,
            event,
            fields=self._fields(event, self._table("fields", raw.get("fields", {})), types),
            codes=self._columns(
                "codes", raw.get("codes", {}), CODE_ROLES, implicit=("code", *(f for f in CODE_FIELDS if f in types))
            ),
            persons=self._columns("persons", raw.get("persons", {}), PERSON_ROLES),
            constants=self._constants(self._table("constants", raw.get("constants", {})), types, dates, event),
            ignored=frozenset(map(normal_header, self._texts("ignore", raw.get("ignore", [])))),
            nulls=nulls | {""},
            dates=dates,
            shown_columns=_shown(raw),
            written=_written(raw),
        )

    def _event(self, name: Any) -> str:
        if name is None:
            none = Sentence("未写；请写其中之一：{events}", "is missing; write one of: {events}")
            raise BadProfile(self.file, "event", none.of(events=names(sorted(BY_NAME))))
        if name not in BY_NAME:
            raise BadProfile(self.file, "event", unknown_name(_EVENT, str(name), BY_NAME))
        return str(name)

    def _fields(self, event: str, raw: Mapping[str, Any], types: Mapping[str, FieldType]) -> dict[str, FieldSpec]:
        personal = personal_fields(event)
        for name in raw:
            if name in personal:
                raise BadProfile(
                    self.file,
                    f"fields.{name}",
                    Sentence("属于自然人信息：请在 [persons] 中声明其列", "is about a person: declare its columns in [persons]"),
                )
            if name in CODE_FIELDS:
                raise BadProfile(
                    self.file,
                    f"fields.{name}",
                    Sentence("属于主体代码：请在 [codes] 中声明其列", "is a code of the subject: declare its columns in [codes]"),
                )
            if name not in types or name == "extra":
                options = set(types) - personal - set(CODE_FIELDS) - {"extra"}
                raise BadProfile(self.file, f"fields.{name}", unknown_name(_FIELD_OF.of(event=event), name, options))
        implicit = {name: () for name in types if name not in _IMPLICIT_NOT and name not in personal and name not in raw}
        found = {name: self._field(name, given, types[name]) for name, given in raw.items()}
        return found | {
            name: FieldSpec(name, types[name], (name.casefold(),), separators=_separators(name, types[name])) for name in implicit
        }

    def _field(self, name: str, raw: Any, kind: FieldType) -> FieldSpec:
        key = f"fields.{name}"
        table = {"columns": raw} if isinstance(raw, list) else self._table(key, raw)
        self._known(_KEY, key, table, _FIELD_KEYS)
        unit = self._text(f"{key}.unit", table.get("unit", "yuan"))
        if unit not in reading.UNITS:
            raise BadProfile(self.file, f"{key}.unit", unknown_name(Sentence("单位", "unit"), unit, reading.UNITS))
        if "unit" in table and kind.base != "amount":
            no_unit = Sentence(
                "只有金额有单位，而该字段类型是 {type}：请删去",
                "only amounts have a unit, and this field is a {type}: remove it",
            )
            raise BadProfile(self.file, f"{key}.unit", no_unit.of(type=kind.base))
        unmatched = table.get("unmatched")
        return FieldSpec(
            name,
            kind,
            (*map(normal_header, self._texts(f"{key}.columns", table.get("columns"))), name.casefold()),
            unit=unit,
            values=self._values(f"{key}.values", table.get("values", {}), kind),
            other=tuple(self._texts(f"{key}.other", table.get("other", []))),
            unmatched=None if unmatched is None else self._code(f"{key}.unmatched", unmatched, kind),
            separators=self._text(f"{key}.separators", table.get("separators", _separators(name, kind))),
            unless_set=frozenset(self._texts(f"{key}.unless_set", table.get("unless_set", []))),
            variants=tuple(self._variant(f"{key}.variants", one, kind) for one in table.get("variants", [])),
        )

    def _variant(self, key: str, raw: Any, kind: FieldType) -> Variant:
        table = self._table(key, raw)
        self._known(_KEY, key, table, _VARIANT_KEYS)
        columns = self._texts(f"{key}.when_any", table.get("when_any"))
        return Variant(frozenset(map(normal_header, columns)), self._values(f"{key}.values", table.get("values", {}), kind))

    def _values(self, key: str, raw: Any, kind: FieldType) -> dict[str, str]:
        table = self._table(key, raw)
        return {reading.squeeze(text): self._code(f"{key}.{text}", code, kind) for text, code in table.items()}

    def _code(self, key: str, code: Any, kind: FieldType) -> str:
        text = self._text(key, code)
        if text and kind.values and text not in kind.values:
            raise BadProfile(self.file, key, unknown_name(Sentence("取值", "value"), text, kind.values))
        return text

    def _columns(self, key: str, raw: Any, roles: tuple[str, ...], implicit: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
        table = self._table(key, raw)
        self._known(_KEY, key, table, roles)
        given = {role: tuple(map(normal_header, self._texts(f"{key}.{role}", columns))) for role, columns in table.items()}
        return {role: (*given.get(role, ()), *((role,) if role in implicit else ())) for role in roles}

    def _constants(
        self, raw: Mapping[str, Any], types: Mapping[str, FieldType], dates: tuple[str, ...], event: str
    ) -> dict[str, str]:
        personal = personal_fields(event)
        for name, text in raw.items():
            if name not in types or name in personal or name == "extra":
                raise BadProfile(
                    self.file, f"constants.{name}", unknown_name(_FIELD_OF.of(event=event), name, set(types) - personal)
                )
            try:
                read_text_value(self._text(f"constants.{name}", text), FieldSpec(name, types[name], ()), dates)
            except reading.BadValue as problem:
                raise BadProfile(self.file, f"constants.{name}", problem.problem) from problem
        return dict(raw)

    def _dates(self, raw: Any) -> tuple[str, ...]:
        formats = tuple(self._texts("dates", raw))
        for one in formats:
            if one not in reading.ALL_DATES:
                raise BadProfile(self.file, "dates", unknown_name(Sentence("日期格式", "date format"), one, reading.ALL_DATES))
        if not formats or formats == (reading.EXCEL,):
            raise BadProfile(self.file, "dates", _SOME_DATE.of(formats=names(reading.DATE_FORMATS)))
        return formats

    def _known(self, what: Sentence, key: str, raw: Mapping[str, Any], known: Iterable[str]) -> None:
        for name in raw:
            if name not in known:
                raise BadProfile(self.file, f"{key}.{name}".lstrip("."), unknown_name(what, name, known))

    def _table(self, key: str, raw: Any) -> Mapping[str, Any]:
        if not isinstance(raw, dict):
            raise BadProfile(self.file, key, Sentence("请写成“名称 = 值”的表", "write a table of names and values"))
        return raw

    def _texts(self, key: str, raw: Any) -> list[str]:
        if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
            texts = Sentence(
                '请写成文字列表，如 ["企业名称", "单位名称"]', 'write a list of texts, such as ["企业名称", "单位名称"]'
            )
            raise BadProfile(self.file, key, texts)
        return raw

    def _text(self, key: str, raw: Any) -> str:
        if not isinstance(raw, str):
            raise BadProfile(self.file, key, Sentence("请写成加引号的文字", "write a text in quotes"))
        return raw


def _separators(name: str, kind: FieldType) -> str:
    return SEPARATORS if kind.values else CITATION_SEPARATORS


def _written(raw: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        f"{table}.{name}": tuple(given if isinstance(given, list) else given.get("columns", ()))
        for table in ("fields", "codes", "persons")
        for name, given in raw.get(table, {}).items()
    }


def _shown(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Column names as the profile writes them, for the message about a missing header: the subject's before the rest."""
    fields = [spec if isinstance(spec, list) else spec.get("columns", []) for spec in raw.get("fields", {}).values()]
    return tuple(dict.fromkeys(group[0] for group in [*raw.get("codes", {}).values(), *fields] if group))
