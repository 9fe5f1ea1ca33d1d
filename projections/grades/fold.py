"""The grade timeline of a subject: its score and grade on every day, with reasons (semantics: grades)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from projections.acts.fold import Act, SaidAct
from projections.grades.beginnings import beginnings_of
from projections.grades.grades import grades_policy
from projections.grades.points import Point, counting, points_of
from projections.grades.sums import Sums
from projections.lists.fold import Entry, ceilings_of
from projections.policy import Policy


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """What counted: points from an event by a rule, live on ``[valid_from, valid_to)``."""

    event_id: str
    rule_id: str
    points: float
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class GradeInterval:
    """One grade on ``[valid_from, valid_to)`` by a version; ``ceiling``: the effect of a list that caps it then."""

    grade: str
    grade_name: str
    score: float
    ceiling: str | None
    valid_from: date
    valid_to: date | None
    policy_version: str
    _counted: tuple[tuple[date, Point], ...] = field(compare=False, repr=False)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What counts in it. It is looked up when it is asked for: a subject of many acts has many intervals with as many
        reasons each."""
        day = self.valid_from
        live = (
            Reason(one.event_id, one.rule_id, one.points, one.valid_from, one.valid_to)
            for dated, one in self._counted
            if one.version == self.policy_version and one.valid_from <= day < one.valid_to and dated <= day
        )
        return tuple(sorted(live, key=lambda one: (one.valid_from, one.event_id, one.rule_id)))


def grades_of(said: Iterable[SaidAct], entries: Iterable[Entry], policy: Policy, *, person: bool) -> list[GradeInterval]:
    """The intervals, for people and for replay. A natural person has none."""
    if person:
        return []
    sums = Sums(grades_policy(policy))
    counted: list[tuple[date, Point]] = []
    for one in said:
        if isinstance(one.act, Act):
            points, dated = points_of(one, policy), one.act.occurred_on
            sums.add(dated, begins_grades(one.act, policy), counting(points))
            counted += [(dated, point) for point in points]
    together = tuple(counted)
    return [GradeInterval(*one, together) for one in sums.intervals(ceilings_of(entries))]


def begins_grades(act: Act, policy: Policy) -> bool:
    """Whether a subject has grades from this act's day on: not by a void one, nor by kinds that the policy leaves out."""
    return not act.void and act.kind not in beginnings_of(policy)
