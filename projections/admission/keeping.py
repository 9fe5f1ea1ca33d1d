"""Checks that are made for one event each (schemas/compiling.py): whether it keeps every rule that concerns its fields alone.

Nearly every statement does, and to ask each rule of each field takes five times as long. Of one that does not, or that is
written in an unusual way, projections.admission.kind says which rule is broken, if any: its answer counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from projections.admission.plan import Plan, Values, plan_of
from projections.dates import EARLIEST, LATEST
from schemas.compiling import compiled

REQUIRED_HEADER: Final = ("act_id", "authority_id")
IDS: Final = ("act_id", "source_event_id", "authority_id", "source_id")
ID_LIMIT: Final = 1000
"""Ids are asked for in queries and stand in headers and logs; the longest real ones have some 200 characters."""
AMOUNT_LIMIT: Final = Decimal(10) ** 18
"""Amounts are decimal(20, 2) in the schemas."""

Check = Callable[[Mapping[str, Any], Mapping[str, Any], date, Decimal], bool]


def keeps_rules(name: str, event: Mapping[str, Any], header: Mapping[str, Any], latest: date, most: Decimal) -> bool:
    """True only when an event keeps the rules for what must be there, dates, amounts, enumerations and ids. ``latest``: the
    last day on which it may have occurred; ``most``: an amount (yuan) that is plausible of every act. False says nothing."""
    try:
        return _check(name)(event, header, latest, most)
    except (TypeError, AttributeError):  # values of other types than the schema's
        return False


@cache
def _check(name: str) -> Check:
    plan = plan_of(name)
    lines = [*_header(plan), *_texts(plan), *_dates(plan), *_numbers(plan.amounts, "most"), *_numbers(plan.percents, "100")]
    lines += [line for values in plan.header_values for line in _catalogued("header", values)]
    lines += [line for values in plan.values for line in _catalogued("event", values)]
    if plan.corrects:
        lines.append("if not event['fields']: return False")
    names: dict[str, Any] = {"Decimal": Decimal, "date": date, "first": EARLIEST, "last": LATEST}
    names |= {_set_of(where, one): one.allowed for where, values in _enumerations(plan) for one in values}
    check: Check = compiled("event, header, latest, most", [*lines, "return True"], names, f"the rules of {name}")
    return check


def _header(plan: Plan) -> list[str]:
    lines = ["value = header['occurred_on']", "if type(value) is not date or not first <= value <= latest: return False"]
    for field in IDS:
        empty = "" if field in REQUIRED_HEADER else "value and "
        lines.append(f"value = header[{field!r}]")
        lines.append(
            f"if {empty}(not value or value.isspace() or len(value) > {ID_LIMIT} or not value.isprintable()): return False"
        )
    if plan.kind is not None:
        lines.append(f"if not header['act_id'].startswith({plan.kind + '/'!r}): return False")
    lines.append("value = header['jurisdiction']")
    lines.append("if value is not None and not (len(value) == 6 and value.isascii() and value.isdigit()): return False")
    return lines


def _texts(plan: Plan) -> list[str]:
    lines = [f"if not event[{field!r}].strip(): return False" for field in plan.required]
    lines += [
        f"if event[{one.other!r}] in {one.values!r} and not (event[{one.field!r}] or '').strip(): return False"
        for one in plan.required_if
    ]
    return lines


def _dates(plan: Plan) -> list[str]:
    lines = []
    for field in plan.dates:
        lines.append(f"value = event[{field!r}]")
        lines.append("if value is not None and (type(value) is not date or not first <= value <= last): return False")
    if plan.own_date is not None:
        lines.append(f"if event[{plan.own_date!r}] != header['occurred_on']: return False")
    for earlier, later in plan.ordered:
        start = "header['occurred_on']" if earlier == "occurred_on" else f"event[{earlier!r}]"
        lines.append(f"start, end = {start}, event[{later!r}]")
        lines.append("if start is not None and end is not None and end < start: return False")
    return lines


def _numbers(fields: tuple[str, ...], most: str) -> list[str]:
    lines = []
    for field in fields:
        lines.append(f"value = event[{field!r}]")
        held = f"type(value) is Decimal and value.is_finite() and 0 <= value <= {most}"
        lines.append(f"if value is not None and not ({held}): return False")
    return lines


def _enumerations(plan: Plan) -> tuple[tuple[str, tuple[Values, ...]], ...]:
    return ("header", plan.header_values), ("event", plan.values)


def _set_of(where: str, values: Values) -> str:
    return f"{where}_{values.field.removeprefix('header.')}"


def _catalogued(where: str, values: Values) -> list[str]:
    allowed = _set_of(where, values)
    held = f"type(value) is list and {allowed}.issuperset(value)" if values.many else f"type(value) is str and value in {allowed}"
    missing = "value is not None and " if values.optional else ""
    return [f"value = {where}[{values.field!r}]", f"if {missing}not ({held}): return False"]
