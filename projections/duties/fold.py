"""Duties about acts and whether they were fulfilled in time (semantics: duties and deadlines)."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from projections.acts.fold import Act, Dated
from projections.calendar import Calendar
from projections.dates import first_of, shanghai_date
from projections.duties.deadlines import Deadline, deadlines_of, in_force
from projections.policy import Policy
from projections.policy.authorities import authorities_of

STATUSES: Final = ("met", "met_late", "pending", "overdue", "void", "lapsed", "exempt", "unknown")


class Duty(NamedTuple):
    """One duty about an act with the event that caused it. It says beforehand what holds on every day: a status is a
    look-up by these dates. ``ended_on`` is the day of revocation; None for a duty to withdraw, which a revocation does not
    end. What says of the act comes first, what the row of the act keeps of the duty after it."""

    act_id: str
    kind: str
    authority_id: str
    authority_name: str
    source_id: str
    source_name: str
    duty: str
    cause_event_id: str
    started_on: date
    due_on: date
    fulfilled_on: date | None
    ended_on: date | None
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
        if self.ended_on is not None and self.ended_on <= day:
            return "void" if self.ended_on <= self.due_on else "lapsed"
        if self.unknown:
            return "unknown"
        return "pending" if day <= self.due_on else "overdue"

    def days_overdue_on(self, day: date) -> int:
        """Calendar days from due_on to fulfilled_on or the day, where the duty is or was late; else 0."""
        if self.status_on(day) not in ("overdue", "met_late", "lapsed"):
            return 0
        return ((first_of(self.fulfilled_on, day) or day) - self.due_on).days


def duties_of(act: Act, policy: Policy) -> list[Duty]:
    """The duties about one act, by the policy's rows in force on their starting dates."""
    header, rules = (
        act.content["header"],
        deadlines_of(policy).fitting(act.kind, class_of(act, policy), act.header["jurisdiction"]),
    )
    found: list[Duty] = []
    if not rules:
        return found
    start: date = header["occurred_on"]
    imported, revoked_on = header["imported"], act.revoked_on
    if rule := in_force(rules.get("disclose"), start):
        shown = act.disclosed_on
        exempt = bool((header["disclosure_exempt_basis"] or "").strip())
        unknown = imported and shown is None
        found.append(_duty(act, act.event_id, start, shown, revoked_on, exempt, unknown, rule, policy.calendar))
    if not imported and (rule := in_force(rules.get("report"), start)):
        recorded_on = shanghai_date(act.recorded_order[0])
        found.append(_duty(act, act.event_id, start, recorded_on, revoked_on, False, False, rule, policy.calendar))
    for cause in _withdrawal_causes(act):
        if rule := in_force(rules.get("withdraw"), cause.on):
            withdrawn_on = _withdrawn_on(act, cause)
            found.append(_duty(act, cause.event_id, cause.on, withdrawn_on, None, False, False, rule, policy.calendar))
    return found


def class_of(act: Act, policy: Policy) -> str | None:
    """The class of the act's authority, by its name."""
    return authorities_of(policy).class_of(act.authority_name)


def _withdrawal_causes(act: Act) -> list[Dated]:
    """The revocation and the corrections of the act itself, where the act was public that day."""
    if not act.disclosed:
        return []
    causes = list(act.corrections)
    if act.revocation:
        causes.append(Dated(act.revocation.event_id, act.revocation.on))
    return [cause for cause in causes if act.public_on(cause.on)]


def _withdrawn_on(act: Act, cause: Dated) -> date | None:
    withdrawn = (one.on for one in act.withdrawn if one.on >= cause.on)
    again = (one.on for one in act.disclosed if cause in act.corrections and one.on > cause.on)
    return min((*withdrawn, *again), default=None)


def _duty(
    act: Act, cause: str, start: date, done: date | None, ended: date | None, exempt: bool, unknown: bool,
    rule: Deadline, calendar: Calendar,
) -> Duty:  # fmt: skip
    header, due = act.content["header"], calendar.due(start, rule.amount, rule.unit)
    return Duty(
        act.act_id, act.kind, header["authority_id"], act.authority_name, header["source_id"], header["source_name"],
        rule.duty, cause, start, due.on, done, ended, exempt, unknown, due.provisional, rule.id, rule.legal_basis,
    )  # fmt: skip
