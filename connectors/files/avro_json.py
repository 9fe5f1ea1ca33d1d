"""JSON to the values that an Avro schema wants: lenient in form, strict in meaning.

Unions may be tagged ({"string": "x"}) or plain; dates are ISO texts or days since 1970; times are ISO texts with a zone
or milliseconds; decimals are numbers, texts, or Avro-JSON byte strings ({"bytes": "\\u0001"}). Errors never quote a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from connectors.files.errors import did_you_mean, near
from connectors.files.outcome import RowRefused
from connectors.files.values import OPEN_YEAR, BadValue, cents, read_date, read_time
from schemas.sentence import Sentence, names

_EPOCH: Final = date(1970, 1, 1)
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?\Z")
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TAGS: Final = {
    "date": {"int", "date", "int.date"},
    "decimal": {"bytes", "decimal", "bytes.decimal"},
    "timestamp-millis": {"long", "timestamp-millis", "long.timestamp-millis"},
}
_BYTES: Final = ("bytes", "bytes.decimal")
_QUOTED: Final = 60
_ABSENT: Final = object()
_ADVICE: Final = {
    "string": Sentence("请写成文字", "write a text"),
    "boolean": Sentence("请写 true 或 false", "write true or false"),
}
_WHOLE: Final = Sentence("请写整数", "write a whole number")
_NO_AMOUNT: Final = Sentence("不是金额，请以元填写数字，如 1200.50", "not an amount; write a number of yuan such as 1200.50")


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """A record's fields, each with its default (where that is a plain value) and the types whose values it takes as they are."""

    names: frozenset[str]
    fields: tuple[tuple[str, Any, frozenset[type], Mapping[str, Any]], ...]
    schema: Mapping[str, Any]
    """Held, so that its id stays its own."""


_PLANS: Final[dict[int, _Plan]] = {}
_AS_IS: Final[dict[Any, type]] = {"null": type(None), "string": str, "boolean": bool}


def _plan(schema: Mapping[str, Any]) -> _Plan:
    found = _PLANS.get(id(schema))
    if found is None:
        fields = tuple(map(_planned, schema["fields"]))
        found = _PLANS[id(schema)] = _Plan(frozenset(field["name"] for field in schema["fields"]), fields, schema)
    return found


def _planned(field: Mapping[str, Any]) -> tuple[str, Any, frozenset[type], Mapping[str, Any]]:
    as_is, default = _as_is(field["type"]), field.get("default", _ABSENT)
    return field["name"], default if type(default) in as_is else _ABSENT, as_is, field


def _as_is(schema: Any) -> frozenset[type]:
    branches = schema if isinstance(schema, list) else [schema]
    plain = branches[:1] if "null" not in branches else ["null", *[one for one in branches if one != "null"][:1]]
    return frozenset(_AS_IS[one] for one in plain if isinstance(one, str) and one in _AS_IS)


def record(schema: Mapping[str, Any], given: Any, path: str = "") -> dict[str, Any]:
    """The record that a JSON object gives; fields with a default may be missing. Raises RowRefused."""
    if not isinstance(given, dict):
        raise _wrong(path, Sentence("请写成包含各字段的对象", "write an object with the record's fields"))
    plan = _plan(schema)
    if not plan.names >= given.keys():
        raise _unknown(next(key for key in given if key not in plan.names), schema, plan.names, path)
    found = {}
    for name, default, as_is, field in plan.fields:
        stated = given.get(name, default)
        found[name] = stated if type(stated) in as_is else _field(field, stated, f"{path}{name}")
    return found


def _unknown(key: str, schema: Mapping[str, Any], known: Iterable[str], path: str) -> RowRefused:
    found = near(key, known)
    unknown = Sentence(
        "{event} 没有字段 {field}{hint}（自有的列请放入 extra）",
        "{event} has no field {field}{hint} (put columns of your own into extra)",
    )
    said = unknown.of(event=schema["name"], field=f"{path}{key[:_QUOTED]}", hint=did_you_mean(found))
    return RowRefused("undecodable", f"{path}{key}"[:_QUOTED], said)


def _field(field: Mapping[str, Any], stated: Any, path: str) -> Any:
    if stated is _ABSENT:
        if "default" not in field:
            raise RowRefused("missing_field", path, Sentence("缺少 {path}：请补填", "{path} is missing: add it").of(path=path))
        default = field["default"]
        return type(default)(default) if isinstance(default, list | dict) else default
    return value(field["type"], stated, path)


def value(schema: Any, given: Any, path: str) -> Any:
    """One value by its schema. Raises RowRefused."""
    if isinstance(schema, list):
        return _union(schema, given, path)
    if isinstance(schema, str):
        return _primitive(schema, given, path)
    if logical := schema.get("logicalType"):
        try:
            return _logical(logical, given)
        except BadValue as problem:
            at = Sentence("{path}：{problem}", "{path}: {problem}")
            raise RowRefused(problem.reason, path, at.of(path=path, problem=problem.problem)) from None
    match schema["type"]:
        case "array":
            if not isinstance(given, list):
                raise _wrong(path, Sentence("请写成列表", "write a list"))
            return [value(schema["items"], one, path) for one in given]
        case "map":
            if not isinstance(given, dict):
                raise _wrong(path, Sentence("请写成“名称: 值”的对象", "write an object of names and values"))
            return {key: value(schema["values"], given[key], path) for key in sorted(given)}
        case _:
            return record(schema, given, f"{path}.")


def _union(branches: list[Any], given: Any, path: str) -> Any:
    if given is None:
        if "null" in branches:
            return None
        raise _wrong(path, Sentence("此处不能为 null", "null cannot stand here"))
    branch = next(one for one in branches if one != "null")
    if isinstance(given, dict) and len(given) == 1:
        ((tag, inner),) = given.items()
        if tag not in _tags(branch):
            tagged = Sentence("类型标记只能是：{tags}", "the tag must be one of: {tags}")
            raise _wrong(path, tagged.of(tags=names(sorted(_tags(branch)))))
        # a bytes tag says that the text holds bytes, not digits
        return value(branch, given if tag in _BYTES and isinstance(inner, str) else inner, path)
    found = value(branch, given, path)
    return None if isinstance(found, date) and _is_date(branch) and found.year == OPEN_YEAR else found


def _is_date(branch: Any) -> bool:
    return isinstance(branch, dict) and branch.get("logicalType") == "date"


def _tags(branch: Any) -> set[str]:
    if isinstance(branch, str):
        return {branch}
    return _TAGS.get(branch.get("logicalType", ""), {branch["type"]})


def _primitive(schema: str, given: Any, path: str) -> Any:
    match schema:
        case "string" if isinstance(given, str):
            return given
        case "boolean" if isinstance(given, bool):
            return given
        case "int" | "long" if isinstance(given, int | Decimal) and not isinstance(given, bool) and given == int(given):
            limit = 1 << (31 if schema == "int" else 63)
            if -limit <= given < limit:
                return int(given)
    raise _wrong(path, _ADVICE.get(schema, _WHOLE))


def _logical(logical: str, given: Any) -> Any:
    match logical:
        case "date":
            return _date(given)
        case "timestamp-millis":
            return read_time(given)
        case _:
            return _decimal(given)


def _date(given: Any) -> date:
    if isinstance(given, int) and not isinstance(given, bool):
        try:
            return _EPOCH + timedelta(days=given)
        except OverflowError:
            no_day = Sentence("1970-01-01 起的天数不对应任何日期", "the number of days since 1970-01-01 is no day of the calendar")
            raise BadValue("bad_date", no_day) from None
    if type(given) is str and len(given) == 10 and given[4] == given[7] == "-" and given.isascii():
        try:
            return date.fromisoformat(given)
        except ValueError:
            pass
    if not isinstance(given, str) or not _ISO.match(given):
        raise BadValue("bad_date", Sentence("不是日期，请写成 2018-07-01 的形式", "not a date; write it like 2018-07-01"))
    return read_date(given) or date.fromisoformat(given)


def _decimal(given: Any) -> Decimal:
    if isinstance(given, dict):
        ((tag, inner),) = given.items() if len(given) == 1 else [("", None)]
        if tag not in _BYTES or not isinstance(inner, str):
            raise BadValue("bad_amount", _NO_AMOUNT)
        try:
            return Decimal(int.from_bytes(inner.encode("latin-1"), signed=True)).scaleb(-2)
        except UnicodeEncodeError:
            no_bytes = Sentence(
                "不是 Avro 的 decimal 字节，请以元填写数字，如 1200.50",
                "not Avro's bytes of a decimal; write a number of yuan such as 1200.50",
            )
            raise BadValue("bad_amount", no_bytes) from None
    if isinstance(given, bool) or not isinstance(given, int | Decimal | str):
        raise BadValue("bad_amount", _NO_AMOUNT)
    if isinstance(given, str) and not _NUMBER.match(given):
        raise BadValue("bad_amount", _NO_AMOUNT)
    return cents(Decimal(given))


def _wrong(path: str, advice: Sentence) -> RowRefused:
    wrong = Sentence("{path} 的类型不对：{advice}", "{path} is of the wrong type: {advice}")
    return RowRefused("undecodable", path, wrong.of(path=path, advice=advice))
