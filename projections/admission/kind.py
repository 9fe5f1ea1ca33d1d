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

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


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
        or _catalogued(plan, event, header)
        or _ids(header)
    )


def _missing(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any]) -> Rejection | None:
    for field in REQUIRED_HEADER:
        if not header[field].strip():
            return Rejection("missing_field", f"header.{field}", f"header.{field} is required: fill it in")
    for field in plan.required:
        value = event[field]
        if not (isinstance(value, str) and value.strip()):
            return Rejection("missing_field", field, f"{field} is required: fill it in")
    if plan.corrects and not event["fields"]:
        return Rejection("missing_field", "fields", "a correction names at least one field and its new value, as JSON text")
    return None


def _dates(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any], today: date | None) -> Rejection | None:
    occurred_on = header["occurred_on"]
    if not _is_day(occurred_on):
        return _out_of_range("header.occurred_on")
    if today is not None and occurred_on > today:
        return Rejection(
            "bad_date",
            "header.occurred_on",
            f"the date lies after today ({today}, Asia/Shanghai): send the statement when it has occurred, or correct the date",
        )
    for field in plan.dates:
        value = event[field]
        if value is not None and not _is_day(value):
            return _out_of_range(field)
    if plan.own_date is not None and event[plan.own_date] != occurred_on:
        return Rejection("bad_date", plan.own_date, f"{plan.own_date} and header.occurred_on are the same day here: set both to it")
    for first, second in plan.ordered:
        start = occurred_on if first == "occurred_on" else event[first]
        end = event[second]
        if start is not None and end is not None and end < start:
            return Rejection("bad_date", second, f"{second} is before {first}: correct whichever is wrong")
    return None


def _is_day(value: Any) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime) and EARLIEST <= value <= LATEST


def _out_of_range(field: str) -> Rejection:
    return Rejection("bad_date", field, f"{field} is a date from {EARLIEST} to {LATEST}; leave an open end empty")


def _amounts(plan: Plan, event: Mapping[str, Any], on: date, bounds: AmountBounds) -> Rejection | None:
    for field in plan.amounts:
        value = event[field]
        if value is None:
            continue
        if not isinstance(value, Decimal) or not value.is_finite() or abs(value) >= AMOUNT_LIMIT:
            return Rejection(
                "bad_amount", field, f"{field} is an amount in yuan with at most 18 digits before the point: correct it"
            )
        if value < 0:
            return Rejection(
                "bad_amount",
                field,
                f"{field} is negative: state the amount in yuan, 0 or more, and revoke or correct the act where it was lowered",
            )
        if value > bounds.lowest and (most := bounds.most(field, on)) is not None and value > most:
            return Rejection(
                "bad_amount",
                field,
                f"{field} is more than {most:,} yuan, beyond any known act: check the unit; yuan under 万元 is the usual cause",
            )
    return None


def _catalogued(plan: Plan, event: Mapping[str, Any], header: Mapping[str, Any]) -> Rejection | None:
    for values in plan.header_values:
        value = header[values.field]
        if (values.many or type(value) is not str or value not in values.allowed) and not _allowed(value, values):
            return Rejection("out_of_catalogue", f"header.{values.field}", values.listed)
    for values in plan.values:
        value = event[values.field]
        if value is None or (type(value) is str and value in values.allowed and not values.many):
            continue
        if not _allowed(value, values):
            return Rejection("out_of_catalogue", values.field, values.listed + (", or other: and a text" if values.open else ""))
    code = header["jurisdiction"]
    if code is not None and not (isinstance(code, str) and len(code) == 6 and code.isascii() and code.isdigit()):
        return Rejection("out_of_catalogue", "header.jurisdiction", "header.jurisdiction is a code of GB/T 2260, 6 digits, or null")
    kind = split_act_id(header["act_id"])[0]
    if plan.kind is not None and kind != plan.kind and kind in KINDS:
        return Rejection(
            "out_of_catalogue",
            "header.act_id",
            f"header.act_id says {kind}, and this event makes a {plan.kind}: begin it with {plan.kind}/",
        )
    return None


def _ids(header: Mapping[str, Any]) -> Rejection | None:
    for field in IDS:
        value = header[field]
        if value and (len(value) > ID_LIMIT or (not value.isprintable() and _CONTROL.search(value))):
            return Rejection(
                "out_of_catalogue",
                f"header.{field}",
                f"header.{field} is an id: at most {ID_LIMIT} characters, none of them a control character",
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
            f"no list of this id is in force on {on}: use an id of the policy table lists, or correct header.occurred_on",
        )
    months = event["term_months"] if plan.has_term else None
    if months is None:
        return None
    longest = rule.longest_term_months
    if not isinstance(months, int) or months < 1 or (longest is not None and months > longest):
        upper = "" if longest is None else f" and at most {longest}, the longest of this list"
        return Rejection(
            "out_of_catalogue",
            "term_months",
            f"term_months is at least 1{upper}; leave it empty for the list's longest",
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
                'a new value is JSON text, so a text stands in quotes ("…"), a date is "2018-06-30", no value is null',
            )
    return None
