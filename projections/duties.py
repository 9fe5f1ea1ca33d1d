"""Duties about acts and whether they were fulfilled in time (semantics: duties and deadlines)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from projections.acts import Act, Dated
from projections.calendar import Calendar
from projections.dates import first_of, shanghai_date
from projections.policy import Policy

STATUSES: Final = ("met", "met_late", "pending", "overdue", "void", "lapsed", "exempt", "unknown")


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty about an act with the event that caused it. It says beforehand what holds on every day: a status is a
    look-up by these dates. ``revoked_on`` is None for a duty to withdraw, which a revocation does not end."""

    act_id: str
    duty: str
    cause_event_id: str
    kind: str
    authority_id: str
    authority_name: str
    source_id: str
    source_name: str
    started_on: date
    due_on: date
    fulfilled_on: date | None
    revoked_on: date | None
    exempt: bool
    unknown: bool
    provisional: bool
    rule_id: str
    legal_basis: str

    def status_on(self, day: date) -> str | None:
        """The status on a day, None before the duty started."""
        if day < self.started_on:
            return None
        if self.exempt:
            return "exempt"
        if self.fulfilled_on is not None and self.fulfilled_on <= day:
            return "met" if self.fulfilled_on <= self.due_on else "met_late"
        if self.revoked_on is not None and self.revoked_on <= day:
            return "void" if self.revoked_on <= self.due_on else "lapsed"
        if self.unknown:
            return "unknown"
        return "pending" if day <= self.due_on else "overdue"

    def days_overdue_on(self, day: date) -> int:
        """Calendar days from due_on to fulfilled_on or the day, where the duty is or was late; else 0."""
        if self.status_on(day) not in ("overdue", "met_late", "lapsed"):
            return 0
        return ((first_of(self.fulfilled_on, day) or day) - self.due_on).days


def duties_of(act: Act, policy: Policy) -> Iterator[Duty]:
    """The duties about one act, by the policy's rows in force on their starting dates."""
    imported = act.header["imported"]
    disclose = _duty(
        act,
        "disclose",
        act.event_id,
        act.occurred_on,
        act.disclosed_on,
        policy,
        revoked_on=act.revoked_on,
        exempt=bool((act.header["disclosure_exempt_basis"] or "").strip()),
        unknown=imported and act.disclosed_on is None,
    )
    if disclose:
        yield disclose
    if not imported:
        report = _duty(
            act, "report", act.event_id, act.occurred_on, shanghai_date(act.recorded_order[0]), policy, revoked_on=act.revoked_on
        )
        if report:
            yield report
    for cause in _withdrawal_causes(act):
        withdraw = _duty(act, "withdraw", cause.event_id, cause.on, _withdrawn_on(act, cause), policy)
        if withdraw:
            yield withdraw


def _withdrawal_causes(act: Act) -> Iterator[Dated]:
    """The revocation and the corrections of the act itself, where the act was public that day."""
    causes = list(act.corrections)
    if act.revocation:
        causes.append(Dated(act.revocation.event_id, act.revocation.on))
    return (cause for cause in causes if act.public_on(cause.on))


def _withdrawn_on(act: Act, cause: Dated) -> date | None:
    withdrawn = (one.on for one in act.withdrawn if one.on >= cause.on)
    again = (one.on for one in act.disclosed if cause in act.corrections and one.on > cause.on)
    return min((*withdrawn, *again), default=None)


def _duty(
    act: Act,
    duty: str,
    cause: str,
    start: date,
    fulfilled_on: date | None,
    policy: Policy,
    *,
    revoked_on: date | None = None,
    exempt: bool = False,
    unknown: bool = False,
) -> Duty | None:
    header = act.header
    authority_class = policy.authorities.class_of(act.authority_name)
    rule = policy.deadlines.find(duty, act.kind, authority_class, header["jurisdiction"], start)
    if rule is None:
        return None
    due = _due(policy.calendar, start, rule.amount, rule.unit)
    return Duty(
        act_id=act.act_id,
        duty=duty,
        cause_event_id=cause,
        kind=act.kind,
        authority_id=header["authority_id"],
        authority_name=act.authority_name,
        source_id=header["source_id"],
        source_name=header["source_name"],
        started_on=start,
        due_on=due[0],
        fulfilled_on=fulfilled_on,
        revoked_on=revoked_on,
        exempt=exempt,
        unknown=unknown,
        provisional=due[1],
        rule_id=rule.id,
        legal_basis=rule.legal_basis,
    )


def _due(calendar: Calendar, start: date, amount: int, unit: str) -> tuple[date, bool]:
    due = calendar.due(start, amount, unit)
    return due.on, due.provisional
