"""Policy ``grades``: how a score is counted and what grade it earns (semantics: grades; GB/T 45255-2025)."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple

from projections.policy import Policy
from projections.policy.table import PolicyError, Row, read_rows
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of

CONDITIONS: Final = {"severity": ("minor", "general", "serious", "special")}
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


class Evaluated(NamedTuple):
    """A score with its grade and the grade's name in both languages."""

    grade: str
    grade_name: str
    score: float


class Known(dict[float, Evaluated]):
    """Grades by total of points, remembered: totals are few, and asked for at every interval."""

    def __init__(self, version: Version, ceiling: str | None) -> None:
        super().__init__()
        self._version, self._ceiling = version, ceiling

    def __missing__(self, total: float) -> Evaluated:
        found = self[total] = self._version.evaluate(total, self._ceiling)
        return found


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

    @cached_property
    def groups(self) -> Mapping[str, int]:
        """The number of each group."""
        return {group: number for number, group in enumerate(self.caps)}

    @cached_property
    def caps_in_order(self) -> tuple[float, ...]:
        """The caps by number of the group."""
        return tuple(self.caps.values())

    @cached_property
    def under(self) -> Mapping[str | None, Known]:
        """By the ceiling (the effect of a list, None: without one): the grade of each total of points."""
        return {ceiling: Known(self, ceiling) for ceiling in (None, *self.ceilings)}

    def evaluate(self, total: float, ceiling: str | None) -> Evaluated:
        """Score and grade of a total of points under a ceiling: the first threshold not above the score, no better than the
        ceiling allows."""
        score = max(0.0, min(100.0, total))
        at = next(number for number, (_, _, least) in enumerate(self.thresholds) if least <= score)
        if ceiling is not None:
            at = max(at, next(number for number, (grade, _, _) in enumerate(self.thresholds) if grade == self.ceilings[ceiling]))
        grade, name, _ = self.thresholds[at]
        return Evaluated(grade, name, score)

    @cached_property
    def strictest_first(self) -> tuple[str, ...]:
        """The effects of lists that cap the grade, the one with the lowest grade first."""
        order = [grade for grade, _, _ in self.thresholds]
        return tuple(sorted(self.ceilings, key=lambda effect: order.index(self.ceilings[effect]), reverse=True))


@dataclass(frozen=True)
class Grades:
    """The versions, ascending by effective_from."""

    versions: tuple[Version, ...]

    @cached_property
    def periods(self) -> tuple[tuple[Version, date, date | None], ...]:
        """(version, in force from, until the next one's first day)."""
        ends = [*(version.effective_from for version in self.versions[1:]), None]
        return tuple((version, version.effective_from, end) for version, end in zip(self.versions, ends, strict=True))

    @property
    def first_day(self) -> date:
        return self.versions[0].effective_from

    @cached_property
    def by_event(self) -> Mapping[str, Counting]:
        """What counts an event, over all versions: one look at a field of an act then finds every step that it earns."""
        found: dict[str, Counting] = {}
        for version, start, end in self.periods:
            for rules in version.rules.values():
                for rule in rules:
                    steps = [
                        Counted(version.id, rule.group, rule.id, one.points, one.after_months, one.until_months, start, end)
                        for one in rule.steps
                    ]
                    counting = found.setdefault(rule.event, Counting([], {}))
                    if not rule.when:
                        counting.always.extend(steps)
                    for name, values in rule.when:
                        for value in values:
                            counting.by_field.setdefault(name, {}).setdefault(value, []).extend(steps)
        return found


class Counted(NamedTuple):
    """A step of a rule, with the version that it belongs to and the days on which that is in force."""

    version: str
    group: str
    rule_id: str
    points: float
    after_months: int
    until_months: int
    start: date
    end: date | None


class Counting(NamedTuple):
    """The steps that an event earns always, and those that it earns by the value of a field."""

    always: list[Counted]
    by_field: dict[str, dict[str, list[Counted]]]


def grades_policy(policy: Policy) -> Grades:
    """The versions in a policy."""
    return policy.table("grades", Grades)


def load(text: str, known: Mapping[str, Any], file: str = "grades.toml") -> Grades:
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
