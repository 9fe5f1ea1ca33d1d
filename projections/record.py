"""The record of one subject: the one fold that live projections, rebuild, replay and audit share.

    record(subject, as_of, known_at) = fold(policy, { e in log : e mentions subject, e.recorded_at <= known_at }) at as_of

It is a function of the set of events: they may come late, twice, and in any order between different acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from projections.acts import Act, Waiting, fold_act
from projections.duties import Duty, duties_of
from projections.entries import Entry, entries_of
from projections.grades import GradeInterval, grades_of
from projections.policy import Policy
from projections.statements import once_each
from schemas.identifiers import subject_kind
from schemas.logged import LoggedEvent


@dataclass(frozen=True)
class SubjectRecord:
    """What the log says of one subject. Everything is dated; nothing depends on a clock.

    ``names`` are (since, name), ascending; ``events`` are the subject's events in recorded order, each once.
    """

    subject_id: str
    kind: str
    names: tuple[tuple[date, str], ...]
    events: tuple[LoggedEvent, ...]
    acts: tuple[Act, ...]
    waiting: tuple[Waiting, ...]
    duties: tuple[Duty, ...]
    entries: tuple[Entry, ...]
    grades: tuple[GradeInterval, ...]

    def name_on(self, day: date) -> str:
        """The name that was in use on a day: of the latest act dated by then, else the first known."""
        known = [name for since, name in self.names if since <= day]
        return known[-1] if known else (self.names[0][1] if self.names else "")

    def grade_on(self, day: date) -> GradeInterval | None:
        return next((one for one in self.grades if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)), None)


def known(events: Iterable[LoggedEvent], known_at: datetime) -> list[LoggedEvent]:
    """The events that were recorded by a moment, inclusive (``known_at`` carries its time zone)."""
    return [event for event in events if event.recorded_at <= known_at]


def fold(subject_id: str, events: Iterable[LoggedEvent], policy: Policy) -> SubjectRecord:
    """The record of a subject from the events about it, in any order and repetition; events of others are left aside."""
    own = once_each(event for event in events if event.header["subject_id"] == subject_id)
    by_act: dict[str, list[LoggedEvent]] = {}
    for event in own:
        by_act.setdefault(event.header["act_id"], []).append(event)
    folded = [fold_act(act_id, about, policy.lists) for act_id, about in by_act.items()]
    acts = sorted((one for one in folded if isinstance(one, Act)), key=lambda one: (one.occurred_on, one.act_id))
    waiting = sorted((one for one in folded if isinstance(one, Waiting)), key=lambda one: one.act_id)
    entries = entries_of(acts, policy)
    return SubjectRecord(
        subject_id=subject_id,
        kind=subject_kind(subject_id, _stated_kind(acts)),
        names=_names(acts, own),
        events=tuple(own),
        acts=tuple(acts),
        waiting=tuple(waiting),
        duties=tuple(duty for act in acts for duty in duties_of(act, policy)),
        entries=tuple(entries),
        grades=tuple(grades_of(acts, entries, policy)),
    )


def _stated_kind(acts: list[Act]) -> str:
    stated = [act.header["subject_kind"] for act in acts if act.header["subject_kind"] != "unknown"]
    return stated[-1] if stated else "unknown"


def _names(acts: list[Act], events: list[LoggedEvent]) -> tuple[tuple[date, str], ...]:
    """Names by the day of the act that states them. Only acts count where there is one, so that the order in which
    events about different acts were recorded does not matter."""
    stated = [(act.occurred_on, act.act_id, act.header["subject_name"]) for act in acts]
    if not stated:
        stated = sorted((one.header["occurred_on"], one.event_id, one.header["subject_name"]) for one in events)
    names: list[tuple[date, str]] = []
    for since, _, name in stated:
        if name and (not names or names[-1][1] != name):
            if names and names[-1][0] == since:
                names.pop()
            if not names or names[-1][1] != name:
                names.append((since, name))
    return tuple(names)
