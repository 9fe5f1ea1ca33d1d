"""The kind's own rules: required fields, dates, amounts, enumerations, lists and terms (semantics: admission, rule 4).

What an event's schema says is read once per event name; a check then costs some microseconds. The folds use the same
rules to judge whether a correction leaves an act valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol

import orjson

from projections.admission.entitlement import split_act_id
from projections.admission.keeping import AMOUNT_LIMIT, ID_LIMIT, IDS, REQUIRED_HEADER, keeps_rules
from projections.admission.plan import Plan, Values, plan_of
from projections.admission.reasons import Rejection
from projections.dates import EARLIEST, LATEST
from schemas.catalogue import KINDS
from schemas.labels import label
from schemas.sentence import EMPTY, Sentence

_WHOLE: Final = 100
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_LONGEST: Final = Sentence("，最多 {longest} 个月（该名单的最长期限）", " and at most {longest}, the longest of this list")


class ListTerm(Protocol):
    """What admission needs of a list."""

    @property
    def longest_term_months(self) -> int | None: ...


class ListCatalogue(Protocol):
    """The policy's catalogue of lists (projections.policy.lists.Lists is one)."""

    def find(self, list_id: str, on: date, /) -> ListTerm | None: ...


class AmountBounds(Protocol):
    """The policy's bounds of amounts, in yuan (projections.admission.amounts.Amounts is one)."""

    @property
    def lowest(self) -> Decimal: ...

    def most(self, field: str, on: date, /) -> Decimal | None: ...


class Rules(Protocol):
    """The rules that are policy (projections.admission.rules makes them of one)."""

    @property
    def lists(self) -> ListCatalogue: ...
    @property
    def amounts(self) -> AmountBounds: ...


def kind_problem(name: str, event: Mapping[str, Any], rules: Rules, today: date | None) -> Rejection | None:
    """The first of the kind's own rules that an event breaks, None when it keeps them all.

    ``today`` is the civil date of admission in Asia/Shanghai; None skips the rule that nothing occurs in the future (a
    fold does not ask what day it is). Raises KeyError for a name that is not an event of this product.
    """
    plan, header = plan_of(name), event["header"]
    latest, lowest = today or LATEST, rules.amounts.lowest
    return (
        (None if keeps_rules(name, event, header, latest, lowest) else _broken(plan, event, header, rules, today))
        or (_listed(plan, event, header["occurred_on"], rules.lists) if plan.has_list else None)
        or (_correction(event["fields"]) if plan.corrects else None)
    )


def _broken(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any], rules: Rules, today: date | None) -> Rejection | None:
    return (
        _missing(plan, event, header)
        or _dates(plan, event, header, today)
        or _amounts(plan, event, header["occurred_on"], rules.amounts)
        or _percents(plan, event)
        or _catalogued(plan, event, header)
        or _ids(plan.name, header)
    )


def _missing(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any]) -> Rejection | None:
    for field in REQUIRED_HEADER:
        if not header[field].strip():
            return _is_missing(plan, f"header.{field}")
    for field in plan.required:
        value = event[field]
        if not (isinstance(value, str) and value.strip()):
            return _is_missing(plan, field)
    for one in plan.required_if:
        if event[one.other] in one.values and not (event[one.field] or "").strip():
            needed = Sentence(
                "“{other}”为 {value} 时，“{field}”为必填：请补填", "{field} is required where {other} is {value}: fill it in"
            )
            said = needed.of(field=label(plan.name, one.field), other=label(plan.name, one.other), value=event[one.other])
            return Rejection("missing_field", one.field, said)
    if plan.corrects and not event["fields"]:
        names_none = Sentence(
            "更正至少要写明一个字段及其新值（JSON 文本）", "a correction names at least one field and its new value, as JSON text"
        )
        return Rejection("missing_field", "fields", names_none)
    return None


def _is_missing(plan: Plan, field: str) -> Rejection:
    required = Sentence("“{field}”为必填：请补填", "{field} is required: fill it in")
    return Rejection("missing_field", field, required.of(field=label(plan.name, field)))


def _dates(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any], today: date | None) -> Rejection | None:
    occurred_on = header["occurred_on"]
    if not _is_day(occurred_on):
        return _out_of_range(plan, "header.occurred_on")
    if today is not None and occurred_on > today:
        return Rejection(
            "bad_date",
            "header.occurred_on",
            Sentence(
                "日期晚于今天（上海时间 {today}）：请待发生后再报送，或更正日期",
                "the date lies after today ({today}, Asia/Shanghai): send the statement when it has occurred, or correct the date",
            ).of(today=today),
        )
    for field in plan.dates:
        value = event[field]
        if value is not None and not _is_day(value):
            return _out_of_range(plan, field)
    if plan.own_date is not None and event[plan.own_date] != occurred_on:
        differ = Sentence(
            "“{own}”与“{occurred}”应为同一天：请改成一致", "{own} and {occurred} are the same day here: set both to it"
        )
        own, occurred = label(plan.name, plan.own_date), label(plan.name, "header.occurred_on")
        return Rejection("bad_date", plan.own_date, differ.of(own=own, occurred=occurred))
    for first, second in plan.ordered:
        start = occurred_on if first == "occurred_on" else event[first]
        end = event[second]
        if start is not None and end is not None and end < start:
            before = Sentence(
                "“{second}”早于“{first}”：请更正其中有误的一个", "{second} is before {first}: correct whichever is wrong"
            )
            said = before.of(second=label(plan.name, second), first=label(plan.name, first))
            return Rejection("bad_date", second, said)
    return None


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime) and EARLIEST <= value <= LATEST


def _out_of_range(plan: Plan, field: str) -> Rejection:
    range_ = Sentence(
        "“{field}”应在 {first} 至 {last} 之间；没有截止日的请留空",
        "{field} is a date from {first} to {last}; leave an open end empty",
    )
    return Rejection("bad_date", field, range_.of(field=label(plan.name, field), first=EARLIEST, last=LATEST))


def _amounts(plan: Plan, event: Mapping[str, Any], on: date, bounds: AmountBounds) -> Rejection | None:
    for field in plan.amounts:
        value = event[field]
        if value is None:
            continue
        if not isinstance(value, Decimal) or not value.is_finite() or abs(value) >= AMOUNT_LIMIT:
            too_long = Sentence(
                "“{field}”以元为单位，整数部分最多 18 位：请更正",
                "{field} is an amount in yuan with at most 18 digits before the point: correct it",
            )
            return Rejection("bad_amount", field, too_long.of(field=label(plan.name, field)))
        if value < 0:
            return Rejection(
                "bad_amount",
                field,
                Sentence(
                    "“{field}”为负数：请以元填写不小于 0 的金额；减免的，请撤销或更正原行为",
                    "{field} is negative: state the amount in yuan, 0 or more, and revoke or correct the act where it was lowered",
                ).of(field=label(plan.name, field)),
            )
        if value > bounds.lowest and (most := bounds.most(field, on)) is not None and value > most:
            return Rejection(
                "bad_amount",
                field,
                Sentence(
                    "“{field}”超过 {most:,} 元，不在合理范围内：请核对单位，常见原因是把元填在了万元栏",
                    "{field} is more than {most:,} yuan, beyond any known act: check the unit; yuan under 万元 is the usual cause",
                ).of(field=label(plan.name, field), most=most),
            )
    return None


def _percents(plan: Plan, event: Mapping[str, Any]) -> Rejection | None:
    for field in plan.percents:
        value = event[field]
        if value is not None and not (isinstance(value, Decimal) and value.is_finite() and 0 <= value <= _WHOLE):
            percentage = Sentence("“{field}”应为 0 到 100 的百分数：请更正", "{field} is a percentage from 0 to 100: correct it")
            return Rejection("bad_amount", field, percentage.of(field=label(plan.name, field)))
    return None


def _catalogued(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any]) -> Rejection | None:
    for values in plan.header_values:
        value = header[values.field]
        if value is None and values.optional:
            continue
        if (values.many or type(value) is not str or value not in values.allowed) and not _allowed(value, values):
            return Rejection("out_of_catalogue", f"header.{values.field}", values.listed)
    for values in plan.values:
        value = event[values.field]
        if value is None or (type(value) is str and value in values.allowed and not values.many):
            continue
        if not _allowed(value, values):
            open_too = Sentence("{listed}，或 other: 加文字", "{listed}, or other: and a text").of(listed=values.listed)
            return Rejection("out_of_catalogue", values.field, open_too if values.open else values.listed)
    code = header["jurisdiction"]
    if code is not None and not (isinstance(code, str) and len(code) == 6 and code.isascii() and code.isdigit()):
        no_code = Sentence(
            "行政区划代码应为 GB/T 2260 的 6 位数字，或为空", "header.jurisdiction is a code of GB/T 2260, 6 digits, or null"
        )
        return Rejection("out_of_catalogue", "header.jurisdiction", no_code)
    kind = split_act_id(header["act_id"])[0]
    if plan.kind is not None and kind != plan.kind and kind in KINDS:
        return Rejection(
            "out_of_catalogue",
            "header.act_id",
            Sentence(
                "行政行为标识写的是 {stated}，而本事件属于 {kind}：请以 {kind}/ 开头",
                "header.act_id says {stated}, and this event makes a {kind}: begin it with {kind}/",
            ).of(stated=kind, kind=plan.kind),
        )
    return None


def _ids(name: str, header: Mapping[str, Any]) -> Rejection | None:
    for field in IDS:
        value = header[field]
        if value and (len(value) > ID_LIMIT or (not value.isprintable() and _CONTROL.search(value))):
            return Rejection(
                "out_of_catalogue",
                f"header.{field}",
                Sentence(
                    "“{field}”是标识：最多 {limit} 个字符，不得含控制字符",
                    "{field} is an id: at most {limit} characters, none of them a control character",
                ).of(field=label(name, f"header.{field}"), limit=ID_LIMIT),
            )
    return None


def _allowed(value: Any, values: Values) -> bool:
    if values.many and not isinstance(value, list | tuple):
        return False
    for one in value if values.many else (value,):
        if not isinstance(one, str):
            return False
        if one not in values.allowed and not (values.open and one.startswith("other:") and one[6:].strip()):
            return False
    return True


def _listed(plan: Plan, event: Mapping[str, Any], on: date, lists: ListCatalogue) -> Rejection | None:
    rule = lists.find(event["list"], on)
    if rule is None:
        return Rejection(
            "out_of_catalogue",
            "list",
            Sentence(
                "{on} 当日没有这一名单：请用政策表 lists 中的名单标识，或更正日期",
                "no list of this id is in force on {on}: use an id of the policy table lists, or correct header.occurred_on",
            ).of(on=on),
        )
    months = event["term_months"] if plan.has_term else None
    if months is None:
        return None
    longest = rule.longest_term_months
    if not isinstance(months, int) or months < 1 or (longest is not None and months > longest):
        upper = EMPTY if longest is None else _LONGEST.of(longest=longest)
        return Rejection(
            "out_of_catalogue",
            "term_months",
            Sentence(
                "期限至少 1 个月{upper}；留空则按该名单的最长期限",
                "term_months is at least 1{upper}; leave it empty for the list's longest",
            ).of(upper=upper),
        )
    return None


def _correction(fields: Mapping[str, str]) -> Rejection | None:
    """Whether each new value can be read as JSON. What the correction does is judged by the folds, not at the gate."""
    for field, text in fields.items():
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError:
            shown = f"fields.{field}" if field.isidentifier() and field.isascii() else "fields"
            return Rejection(
                "undecodable",
                shown,
                Sentence(
                    '新值应为 JSON 文本：文字加引号（"…"），日期如 "2018-06-30"，无值写 null',
                    'a new value is JSON text, so a text stands in quotes ("…"), a date is "2018-06-30", no value is null',
                ),
            )
    return None
