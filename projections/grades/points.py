"""The points that one act gives, by every version of the evaluation (semantics: grades)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from projections.acts.fold import Act, SaidAct
from projections.dates import add_months
from projections.grades.grades import Counted, grades_policy
from projections.grades.severity import severity_of_penalty
from projections.grades.sums import Counting
from projections.policy import Policy


class Point(NamedTuple):
    """Points from an event by a rule of a version, live on ``[valid_from, valid_to)`` and not before its act's own day."""

    version: str
    group: str
    event_id: str
    rule_id: str
    points: float
    valid_from: date
    valid_to: date


def points_of(said: SaidAct, policy: Policy) -> tuple[Point, ...]:
    """All points of an act that are live on any day on which their version is in force; none of a void act."""
    return _points_of(said.act, policy) if isinstance(said.act, Act) else ()


class PointColumns(NamedTuple):
    """The points of an act as they are kept: what the sums of its subject need, and the columns of its row."""

    sums: tuple[Counting, ...]
    versions: tuple[str, ...]
    events: tuple[str, ...]
    rules: tuple[str, ...]
    points: tuple[float, ...]
    starts: tuple[date, ...]
    ends: tuple[date, ...]


NONE: Final = PointColumns((), (), (), (), (), (), ())


def point_columns(said: SaidAct, policy: Policy) -> PointColumns:
    """The points of an act. Acts of which nothing else was said have the same ones as others of their kind and day."""
    act = said.act
    if not isinstance(act, Act):
        return NONE
    if (found := said.memo.get("counted")) is None:
        found = said.memo["counted"] = _as_made(act, policy) if len(said.events) == 1 else _kept(_points_of(act, policy))
    kept: PointColumns = found
    return kept


def _as_made(act: Act, policy: Policy) -> PointColumns:
    earning = grades_policy(policy).by_event.get(act.name)
    if earning is None:
        return NONE
    known = policy.remembered("points of acts as made")
    key = (act.name, act.occurred_on, *(_value(act, field, policy) for field in earning.by_field))
    found: PointColumns | None = known.get(key)
    if found is None:
        found = known[key] = _kept(_points_of(act, policy))
    if not found.events:
        return NONE
    return PointColumns(found[0], found[1], (act.event_id,) * len(found.events), *found[3:])


def _kept(points: tuple[Point, ...]) -> PointColumns:
    if not points:
        return NONE
    versions, _, events, rules, values, starts, ends = zip(*points, strict=True)
    return PointColumns(counting(points), versions, events, rules, values, starts, ends)


def counting(points: Iterable[Point]) -> tuple[Counting, ...]:
    """What the sums of the subject need of points."""
    return tuple((one[0], one[1], one[4], one[5], one[6]) for one in points)


def _points_of(act: Act, policy: Policy) -> tuple[Point, ...]:
    by_event = grades_policy(policy).by_event
    counted = by_event.get(act.name)
    if (counted is None and act.fulfilled is None) or act.void:
        return ()
    found: list[Point] = []
    if counted is not None:
        earned = list(counted.always)
        for field, by_value in counted.by_field.items():
            if (value := _value(act, field, policy)) is not None:
                earned += by_value.get(value, ())
        _count(found, earned, act, act.event_id, act.occurred_on)
    if act.fulfilled is not None and (counted := by_event.get("CommitmentFulfilled")) is not None:
        _count(found, counted.always, act, act.fulfilled.event_id, act.fulfilled.on)
    return tuple(found)


def _value(act: Act, field: str, policy: Policy) -> str | None:
    content = act.content
    if field == "severity" and act.name == "PenaltyImposed":
        return severity_of_penalty(content, policy)
    value: str | None = content[field]
    return value


def _count(found: list[Point], earned: Iterable[Counted], act: Act, event_id: str, counted_from: date) -> None:
    """The steps from a day on, until the act is revoked, as far as they are live while their version is in force."""
    revoked_on, dated = act.revoked_on, act.occurred_on
    for version, group, rule_id, points, after_months, until_months, begin, end in earned:
        start, until = add_months(counted_from, after_months), add_months(counted_from, until_months)
        if revoked_on is not None and revoked_on < until:
            until = revoked_on
        live = max(start, dated)
        if max(live, begin) < until and (end is None or live < end):
            found.append(Point(version, group, event_id, rule_id, points, start, until))
