"""One act from what was said about it (semantics: the event; correction, restatement, revocation)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from projections.acts.amendments import InvalidChange, amended, corrected_fields, difference, restates_identity, same_statement
from projections.acts.statements import Statement, Valid, effective, once_each
from projections.admission.kind import Rules, kind_problem
from projections.dates import shanghai_date
from schemas.catalogue import BY_NAME
from schemas.logged import LoggedEvent


@dataclass(frozen=True, slots=True)
class Dated:
    """A follow-up that says when something happened to the act."""

    event_id: str
    on: date


@dataclass(frozen=True, slots=True)
class Revocation:
    """The revocation that holds: effects end on ``on``; ``void``: the act was unlawful from the beginning."""

    event_id: str
    on: date
    void: bool
    reason: str | None


@dataclass(slots=True)
class Act:
    """An act as corrected. ``recorded_at`` (UTC) is when its making event was recorded; ``evidence`` are the ids of
    all statements that were taken into account, in recorded order. Nobody changes one: it is not frozen because one is made
    for each act that is evaluated, and making a frozen one costs five times as much."""

    act_id: str
    kind: str
    name: str
    event_id: str
    recorded_order: tuple[datetime, int, int]
    content: Mapping[str, Any]
    revocation: Revocation | None
    corrections: tuple[Dated, ...]
    disclosed: tuple[Dated, ...]
    withdrawn: tuple[Dated, ...]
    fulfilled: Dated | None
    irregularities: tuple[str, ...]
    evidence: tuple[str, ...]

    @property
    def header(self) -> Mapping[str, Any]:
        header: Mapping[str, Any] = self.content["header"]
        return header

    @property
    def occurred_on(self) -> date:
        day: date = self.content["header"]["occurred_on"]
        return day

    @property
    def authority_name(self) -> str:
        """The authority's name: as stated, else as its id gives it (``name:…``), else its id."""
        header = self.content["header"]
        stated: str = header["authority_name"]
        authority_id: str = header["authority_id"]
        return stated or authority_id.removeprefix("name:")

    @property
    def revoked_on(self) -> date | None:
        return self.revocation.on if self.revocation else None

    @property
    def void(self) -> bool:
        return self.revocation is not None and self.revocation.void

    @property
    def disclosed_on(self) -> date | None:
        """The earliest day of disclosure that is known."""
        return min(one.on for one in self.disclosed) if self.disclosed else None

    def public_on(self, day: date) -> bool:
        """Disclosed on or before a day, and not withdrawn between that disclosure and the day before it."""
        return bool(self.disclosed) and any(
            disclosed.on <= day and not any(disclosed.on <= gone.on < day for gone in self.withdrawn)
            for disclosed in self.disclosed
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Statements about an act that nobody has made yet."""

    act_id: str
    evidence: tuple[str, ...]


@dataclass(slots=True)
class SaidAct:
    """An act of a subject with the statements about it, each once, in recorded order. Not frozen, as Act."""

    subject_id: str
    act: Act | Waiting
    events: tuple[LoggedEvent, ...]
    memo: dict[str, Any] = field(default_factory=dict, compare=False)
    """What a room found of the act, where it is asked for more than once."""


def said_act(subject_id: str, act_id: str, events: Sequence[LoggedEvent], rules: Rules) -> SaidAct:
    """An act from events about it, in any order and repetition."""
    if len(events) == 1 and (kind := BY_NAME[events[0].name].kind) is not None:
        return SaidAct(subject_id, _as_made(act_id, kind, events[0]), (events[0],))
    once = once_each(events)
    return SaidAct(subject_id, fold_act(act_id, once, rules), tuple(once))


def _as_made(act_id: str, kind: str, making: LoggedEvent) -> Act:
    """The ordinary case: an act of which nothing is known but that it was made. The same as ``fold_act`` gives."""
    event_id, order = making.event_id, making.recorded_order
    return Act(act_id, kind, making.name, event_id, order, making.value, None, (), (), (), None, (), (event_id,))


def fold_act(act_id: str, events: list[LoggedEvent], rules: Rules) -> Act | Waiting:
    """The act of events that carry one act id; ``events`` are in recorded order, each once."""

    def valid(event: LoggedEvent, said_by: LoggedEvent, content: Mapping[str, Any]) -> bool:
        moved = content["header"]["occurred_on"] != event.header["occurred_on"]
        said_on = shanghai_date(said_by.recorded_at if moved else max(event.recorded_at, said_by.recorded_at))
        return kind_problem(event.name, content, rules, said_on) is None

    said = effective(events, valid)
    making = next((one for one in said if BY_NAME[one.name].makes_act), None)
    if making is None:
        return Waiting(act_id, tuple(event.event_id for event in events))
    content, corrections, irregular = _content(making, said, valid)
    kind = BY_NAME[making.name].kind
    assert kind is not None
    return Act(
        act_id=act_id,
        kind=kind,
        name=making.name,
        event_id=making.event.event_id,
        recorded_order=making.event.recorded_order,
        content=content,
        revocation=_revocation(said),
        corrections=corrections,
        disclosed=_dated(said, "ActDisclosed", "disclosed_on"),
        withdrawn=_dated(said, "DisclosureWithdrawn", "withdrawn_on"),
        fulfilled=_fulfilled(said) if _takes(kind, "CommitmentFulfilled") else None,
        irregularities=tuple(sorted(irregular | _conflicts(making, content, said) | _of_follow_ups(kind, content, said))),
        evidence=tuple(one.event.event_id for one in said),
    )


def _content(making: Statement, said: list[Statement], valid: Valid) -> tuple[Mapping[str, Any], tuple[Dated, ...], set[str]]:
    """The content after restatements and corrections in recorded order; the corrections that took effect."""
    content, previous, corrections = making.content, making.content, []
    irregular = {"invalid_correction"} if any(one.ineffective for one in said) else set()
    for one in said:
        if one is making or not _amends(one, making):
            continue
        try:
            if one.name == "ActCorrected":
                changes = corrected_fields(making.name, one.content["fields"])
            else:
                if restates_identity(previous, one.content):
                    irregular.add("identity_restated")
                changes, previous = difference(making.name, previous, one.content), one.content
            changed = amended(making.name, content, changes)
        except InvalidChange:
            irregular.add("invalid_correction")
            continue
        if changes and not valid(making.event, one.event, changed):
            irregular.add("invalid_correction")
            continue
        content = changed
        if one.name == "ActCorrected":
            corrections.append(Dated(one.event.event_id, one.content["header"]["occurred_on"]))
    return content, tuple(corrections), irregular


def _amends(one: Statement, making: Statement) -> bool:
    """A restatement by the source that made the act, or a correction of the act itself."""
    if one.name == "ActCorrected":
        return one.content["target_event_id"] in (None, making.event.event_id)
    return one.name == making.name and one.source_id == making.source_id


def _revocation(said: list[Statement]) -> Revocation | None:
    """The latest recorded revocation of the act."""
    for one in reversed(said):
        if one.name == "ActRevoked" and one.content["target_event_id"] is None:
            content = one.content
            return Revocation(one.event.event_id, content["revoked_on"], content["void_from_start"], content["reason"])
    return None


def _fulfilled(said: list[Statement]) -> Dated | None:
    """The earliest day on which the commitment was fulfilled, by what was said of it."""
    return next(iter(_dated(said, "CommitmentFulfilled", "fulfilled_on")), None)


def _takes(kind: str, follow_up: str) -> bool:
    """Whether acts of a kind take a follow-up of this name."""
    return BY_NAME[follow_up].taken_by(kind)


def _of_follow_ups(kind: str, content: Mapping[str, Any], said: Iterable[Statement]) -> set[str]:
    """Follow-ups that acts of this kind do not take have no effect; those dated before the act have, as they are given."""
    found = set()
    for one in said:
        if not BY_NAME[one.name].makes_act:
            if not _takes(kind, one.name):
                found.add("not_applicable")
            elif one.content.get("target_event_id") is None and one.occurred_on < content["header"]["occurred_on"]:
                found.add("before_act")
    return found


def _dated(said: Iterable[Statement], name: str, field: str) -> tuple[Dated, ...]:
    return tuple(
        sorted(
            (Dated(one.event.event_id, one.content[field]) for one in said if one.name == name),
            key=lambda one: (one.on, one.event_id),
        )
    )


def _conflicts(making: Statement, content: Mapping[str, Any], said: list[Statement]) -> set[str]:
    """Whether another source's latest making statement differs from the act as corrected."""
    latest = {
        (one.source_id, one.name): one
        for one in said
        if BY_NAME[one.name].makes_act and (one.source_id, one.name) != (making.source_id, making.name)
    }
    differing = any(one.name != making.name or not same_statement(one.content, content) for one in latest.values())
    return {"conflicting_sources"} if differing else set()
