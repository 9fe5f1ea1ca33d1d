"""Policy ``grades``: how a score is counted and what grade it earns (semantics: grades; GB/T 45255-2025)."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from projections.policy.table import PolicyError, Row, read_rows
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of

CONDITIONS: Final = {"severity": ("minor", "general", "serious")}
"""Conditions that are worked out rather than read from a field of the act."""
CEILINGS: Final = ("serious", "watch")
POINTS_TO_FOLLOW_UPS: Final = ("CommitmentFulfilled",)
"""Follow-up events that earn points of their own, from their own occurred_on."""


@dataclass(frozen=True, slots=True)
class Step:
    """Points from ``after_months`` (inclusive) to ``until_months`` (exclusive) after the day counted from."""

    points: float
    after_months: int
    until_months: int


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for an event: a making event's act as corrected, or a follow-up by its own occurred_on."""

    id: str
    group: str
    event: str
    when: tuple[tuple[str, frozenset[str]], ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Version:
    """One version of the whole evaluation. ``thresholds`` descend; ``caps`` by group."""

    id: str
    effective_from: date
    base: float
    thresholds: tuple[tuple[str, str, float], ...]
    caps: dict[str, float]
    ceilings: dict[str, str]
    rules: dict[str, tuple[Rule, ...]]

    def grade(self, score: float) -> str:
        """The grade of a score: the first threshold that is not above it."""
        return next(grade for grade, _, least in self.thresholds if least <= score)

    def lower(self, one: str, other: str) -> str:
        """The lower of two grades."""
        order = [grade for grade, _, _ in self.thresholds]
        return max(one, other, key=order.index)


@dataclass(frozen=True)
class Grades:
    """The versions, ascending by effective_from."""

    versions: tuple[Version, ...]

    @property
    def first_day(self) -> date:
        return self.versions[0].effective_from


def load(text: str, file: str = "grades.toml") -> Grades:
    """Reads the table; raises PolicyError."""
    versions = [_version(row) for row in read_rows(file, text, "version")]
    if not versions:
        raise PolicyError(file, "the file", "write at least one [[version]]")
    for one, other in pairwise(versions):
        if other.effective_from <= one.effective_from:
            raise PolicyError(file, other.id, "versions must stand in the order of effective_from, each later than the one before")
    return Grades(tuple(versions))


def _version(row: Row) -> Version:
    effective_from = row.day("effective_from")
    if effective_from is None:
        raise row.fail("write effective_from = 2019-07-09 (the first day of the version)")
    thresholds = tuple(_threshold(one) for one in row.rows("threshold"))
    if not thresholds or any(better[2] <= worse[2] or better[0] == worse[0] for better, worse in pairwise(thresholds)):
        raise row.fail("write the thresholds from the best grade to the worst, each with a lower `from`")
    if thresholds[-1][2] != 0:
        raise row.fail("the last threshold must have from = 0, so that every score has a grade")
    caps: dict[str, float] = {}
    for one in row.rows("group"):
        group = _unique(one, one.text("id"), caps)
        caps[group] = _cap(one)
    rules: dict[str, tuple[Rule, ...]] = {}
    for one in row.rows("rule"):
        rule = _rule(one, caps)
        _unique(one, rule.id, [known.id for several in rules.values() for known in several])
        rules[rule.event] = (*rules.get(rule.event, ()), rule)
    ceilings: dict[str, str] = {}
    for one in row.rows("ceiling"):
        effect = _unique(one, one.one_of("effect", CEILINGS), ceilings)
        ceilings[effect] = one.one_of("grade", [grade for grade, _, _ in thresholds])
        one.done()
    row.text("legal_basis")
    version = Version(row.text("id"), effective_from, _base(row), thresholds, caps, ceilings, rules)
    row.done()
    return version


def _base(row: Row) -> float:
    base = row.number("base", least=0)
    if base > 100:
        raise row.fail(f"base = {base:g} is beyond the scale; write a number from 0 to 100")
    return base


def _unique(row: Row, name: str, known: Container[str]) -> str:
    if name in known:
        raise row.fail(f"{name} stands twice in this version; keep one, or give the other a name of its own")
    return name


def _threshold(row: Row) -> tuple[str, str, float]:
    found = row.text("grade"), row.text("name"), row.number("from", least=0)
    row.done()
    return found


def _cap(row: Row) -> float:
    cap = row.number("cap", least=0)
    row.text("name", "")
    row.done()
    return cap


def _rule(row: Row, groups: dict[str, float]) -> Rule:
    event = row.one_of("event", [one.name for one in BY_NAME.values() if one.makes_act or one.name in POINTS_TO_FOLLOW_UPS])
    rule = Rule(
        row.text("id"), row.one_of("group", groups), event, _conditions(row, event), tuple(_step(one) for one in row.rows("step"))
    )
    if not rule.steps:
        raise row.fail("write at least one [[version.rule.step]] with points, after_months and until_months")
    row.done()
    return rule


def _conditions(row: Row, event: str) -> tuple[tuple[str, frozenset[str]], ...]:
    field = row.text("field", "")
    values = row.texts("in")
    if not field:
        if values:
            raise row.fail('write field = "…": the field whose values `in` names')
        return ()
    if not BY_NAME[event].makes_act:
        raise row.fail(f"{event} is no act of its own and takes no condition; leave out field and in")
    allowed = CONDITIONS.get(field) if event == "PenaltyImposed" else None
    if allowed is None:
        schema = fields_of(event).get(field)
        if schema is None:
            raise row.fail(f"{event} has no field {field!r}; write one of: {', '.join(fields_of(event))}")
        if schema["type"] not in ("string", ["null", "string"]):
            raise row.fail(f"{field} of {event} is no text; a condition compares texts")
        allowed = schema.get("values")
    for value in values:
        if allowed and value not in allowed:
            raise row.fail(f"{field} is never {value!r}; write some of: {', '.join(allowed)}")
    if not values:
        raise row.fail(f'write in = ["…"]: the values of {field} that the rule is for')
    return ((field, frozenset(values)),)


def _step(row: Row) -> Step:
    step = Step(row.number("points"), row.needed("after_months"), row.needed("until_months", least=1))
    if step.points * 2 != int(step.points * 2):
        raise row.fail(f"points = {step.points} must be whole or a half")
    if step.until_months <= step.after_months:
        raise row.fail("until_months must be greater than after_months")
    row.done()
    return step
