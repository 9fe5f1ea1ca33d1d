"""The policy as a whole: all tables, checked against each other, with one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Final

from projections.calendar import Calendar, build
from projections.policy import authorities, deadlines, grades, lists, severity
from projections.policy.table import PolicyError, Row, read_rows
from schemas.catalogue import KINDS
from schemas.registry import fields_of

TABLES: Final = ("authorities", "calendar", "deadlines", "grades", "lists", "severity")


@dataclass(frozen=True)
class Policy:
    """Everything that is law or policy and not event. ``digest`` (SHA-256, hex) changes with any byte of any table."""

    authorities: authorities.Authorities
    deadlines: deadlines.Deadlines
    grades: grades.Grades
    lists: lists.Lists
    severity: severity.Severity
    calendar: Calendar
    digest: str


def load(texts: Mapping[str, str]) -> Policy:
    """The policy of table texts by table name; a table that is not given is the packaged one. Raises PolicyError."""
    for name in texts:
        if name not in TABLES:
            raise PolicyError(f"{name}.toml", "the file", f"there is no such policy table; known: {', '.join(TABLES)}")
    all_texts = {name: texts.get(name) or _packaged_text(name) for name in TABLES}
    classes = authorities.load(all_texts["authorities"])
    categories = frozenset(fields_of("PenaltyImposed")["penalty_categories"]["values"])
    return Policy(
        authorities=classes,
        deadlines=deadlines.load(all_texts["deadlines"], KINDS | PLANNED_KINDS, classes.ids),
        grades=grades.load(all_texts["grades"]),
        lists=lists.load(all_texts["lists"], classes.ids),
        severity=severity.load(all_texts["severity"], categories),
        calendar=_calendar(all_texts["calendar"]),
        digest=hashlib.sha256("\0".join(f"{name}\0{all_texts[name]}" for name in TABLES).encode()).hexdigest(),
    )


PLANNED_KINDS: Final = frozenset(
    {
        "compulsory_measure",
        "confirmation",
        "levy",
        "benefit",
        "adjudication",
        "compensation",
        "reward",
    }
)
"""Kinds of acts that the law names and that no event makes yet; a deadline may already speak of them."""


@cache
def packaged() -> Policy:
    """The default policy."""
    return load({})


def _packaged_text(name: str) -> str:
    return resources.files("projections.policy").joinpath(f"{name}.toml").read_text(encoding="utf-8")


def _calendar(text: str) -> Calendar:
    added: dict[date, bool] = {}
    last: date | None = None
    for row in read_rows("calendar.toml", text, "year"):
        end = row.day("covers_until")
        if end is None:
            raise row.fail("write covers_until = 2027-12-31 (the last day that the notice covers)")
        row.text("notice")
        for key, worked in (("days_off", False), ("make_up_days", True)):
            for day in row.texts(key):
                added[_iso(row, key, day)] = worked
        last = max(last or end, end)
        row.done()
    return build(added, last)


def _iso(row: Row, key: str, day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise row.fail(f'{key} holds {day!r}, which is no date; write "2027-02-06"') from None
