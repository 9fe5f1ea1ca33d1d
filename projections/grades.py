"""The grade timeline of a subject: its score and grade on every day, with reasons (semantics: grades)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from projections.acts import Act
from projections.dates import add_months, first_of
from projections.entries import Entry
from projections.policy import Policy
from projections.policy.grades import Rule, Version


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """What counted: points from an event by a rule, live on ``[valid_from, valid_to)``; a ceiling has no points."""

    event_id: str
    rule_id: str
    points: float
    valid_from: date
    valid_to: date | None

    def live_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class GradeInterval:
    """One grade on ``[valid_from, valid_to)``. ``policy_version`` is the version in force when it begins."""

    grade: str
    score: float
    valid_from: date
    valid_to: date | None
    policy_version: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Contribution:
    """A reason in its group; an act counts only from its own day ``dated`` on, whatever its follow-ups say."""

    reason: Reason
    group: str
    dated: date

    def live_on(self, day: date) -> bool:
        return self.dated <= day and self.reason.live_on(day)


def grades_of(acts: Sequence[Act], entries: Iterable[Entry], policy: Policy) -> list[GradeInterval]:
    """The intervals, ascending, without gaps from the first graded day on; empty when the subject has no act."""
    if not acts:
        return []
    start = max(policy.grades.first_day, min(act.occurred_on for act in acts))
    versions = policy.grades.versions
    ends = [version.effective_from for version in versions[1:]] + [None]
    ceilings = list(_ceilings(acts, entries))
    intervals: list[GradeInterval] = []
    for version, end in zip(versions, ends, strict=True):
        begin = max(start, version.effective_from)
        if end is None or begin < end:
            for interval in _within(version, begin, end, list(_contributions(acts, version, policy)), ceilings):
                _append(intervals, interval)
    return intervals


def _append(intervals: list[GradeInterval], new: GradeInterval) -> None:
    """Adjacent days with the same score, grade and reasons are one interval."""
    last = intervals[-1] if intervals else None
    if last and (last.score, last.grade, last.reasons) == (new.score, new.grade, new.reasons):
        intervals[-1] = GradeInterval(last.grade, last.score, last.valid_from, new.valid_to, last.policy_version, last.reasons)
    else:
        intervals.append(new)


def _within(
    version: Version, begin: date, end: date | None, contributions: list[_Contribution], ceilings: list[tuple[str, Reason]]
) -> Iterator[GradeInterval]:
    """The intervals of ``[begin, end)`` under one version: between any two days on which something starts or ends."""
    reasons = [one.reason for one in contributions] + [reason for _, reason in ceilings]
    changes = {day for reason in reasons for day in (reason.valid_from, reason.valid_to) if day is not None}
    changes |= {one.dated for one in contributions}
    days = [begin, *sorted(day for day in changes if begin < day and (end is None or day < end))]
    for day, following in zip(days, [*days[1:], end], strict=True):
        live = [one for one in contributions if one.live_on(day)]
        score, grade = _evaluate(version, live, {effect for effect, reason in ceilings if reason.live_on(day)})
        shown = tuple(
            sorted(
                [one.reason for one in live] + [reason for _, reason in ceilings if reason.live_on(day)],
                key=lambda one: (one.valid_from, one.event_id, one.rule_id),
            )
        )
        yield GradeInterval(grade, score, day, following, version.id, shown)


def _evaluate(version: Version, live: list[_Contribution], effects: set[str]) -> tuple[float, str]:
    sums: dict[str, float] = {}
    for one in live:
        sums[one.group] = sums.get(one.group, 0) + one.reason.points
    total = version.base + sum(max(-version.caps[group], min(version.caps[group], points)) for group, points in sums.items())
    score = max(0.0, min(100.0, total))
    grade = version.grade(score)
    for effect in effects:
        if effect in version.ceilings:
            grade = version.lower(grade, version.ceilings[effect])
    return score, grade


def _contributions(acts: Iterable[Act], version: Version, policy: Policy) -> Iterator[_Contribution]:
    for act in acts:
        if act.void:
            continue
        for rule in version.rules.get(act.name, ()):
            if _meets(act, rule, policy):
                yield from _steps(rule, act, act.event_id, act.occurred_on)
        if act.fulfilled:
            for rule in version.rules.get("CommitmentFulfilled", ()):
                yield from _steps(rule, act, act.fulfilled.event_id, act.fulfilled.on)


def _meets(act: Act, rule: Rule, policy: Policy) -> bool:
    return all(_value(act, field, policy) in values for field, values in rule.when)


def _value(act: Act, field: str, policy: Policy) -> str | None:
    if field == "severity" and act.name == "PenaltyImposed":
        person = act.header["subject_id"].startswith("person:") or act.header["subject_kind"] == "natural_person"
        return policy.severity.of(act.content, act.occurred_on, person=person)
    value: str | None = act.content[field]
    return value


def _steps(rule: Rule, act: Act, event_id: str, counted_from: date) -> Iterator[_Contribution]:
    """The rule's steps from a day on, until the act is revoked."""
    for step in rule.steps:
        start = add_months(counted_from, step.after_months)
        end = first_of(add_months(counted_from, step.until_months), act.revoked_on)
        if end is not None and start < end:
            yield _Contribution(Reason(event_id, rule.id, step.points, start, end), rule.group, act.occurred_on)


def _ceilings(acts: Iterable[Act], entries: Iterable[Entry]) -> Iterator[tuple[str, Reason]]:
    event_ids = {act.act_id: act.event_id for act in acts}
    for entry in entries:
        if entry.effect in ("serious", "watch") and entry.listed_from != entry.listed_to:
            yield (
                entry.effect,
                Reason(event_ids[entry.entry_id], f"ceiling-{entry.effect}", 0.0, entry.listed_from, entry.listed_to),
            )
