"""The record of one subject: the one fold that live projections, rebuild, replay and audit share.

    record(subject, as_of, known_at) = fold(policy, { e in log : e mentions subject, e.recorded_at <= known_at }) at as_of

It is a function of the set of events: they may come late, twice, and in any order between different acts. The same two
levels as the projector's: each act from the statements about it, then the subject from its acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from projections.acts.fold import Act, SaidAct, Waiting, said_act
from projections.acts.statements import once_each
from projections.admission.rules import rules_of
from projections.duties.fold import Duty, duties_of
from projections.evaluation import facts_of
from projections.grades.fold import GradeInterval, grades_of
from projections.lists.facts import list_facts
from projections.lists.fold import Entry, entries_of
from projections.policy import Policy
from projections.subjects.fold import Names, Naming, name_on
from schemas.logged import LoggedEvent


@dataclass(frozen=True)
class SubjectRecord:
    """What the log says of one subject. Everything is dated; nothing depends on a clock.

    ``names`` are (since, name), ascending; ``events`` are the subject's events in recorded order, each once.
    """

    subject_id: str
    kind: str
    names: Names
    events: tuple[LoggedEvent, ...]
    acts: tuple[Act, ...]
    waiting: tuple[Waiting, ...]
    duties: tuple[Duty, ...]
    entries: tuple[Entry, ...]
    grades: tuple[GradeInterval, ...]

    def name_on(self, day: date) -> str:
        """The name that was in use on a day: of the latest act dated by then, else the first known."""
        return name_on(self.names, day)

    def grade_on(self, day: date) -> GradeInterval | None:
        return next((one for one in self.grades if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)), None)


def known(events: Iterable[LoggedEvent], known_at: datetime) -> list[LoggedEvent]:
    """The events that were recorded by a moment, inclusive (``known_at`` carries its time zone)."""
    return [event for event in events if event.recorded_at <= known_at]


def fold(subject_id: str, events: Iterable[LoggedEvent], policy: Policy) -> SubjectRecord:
    """The record of a subject from the events about it, in any order and repetition; events of others are left aside."""
    own = once_each(event for event in events if event.header["subject_id"] == subject_id)
    said = _said(subject_id, own, policy)
    acts = sorted((one.act for one in said if isinstance(one.act, Act)), key=lambda one: (one.occurred_on, one.act_id))
    waiting = sorted((one.act for one in said if isinstance(one.act, Waiting)), key=lambda one: one.act_id)
    listed = [facts for one in said if (facts := list_facts(one)) is not None]
    entries = entries_of(listed, {act.act_id: act.void for act in acts}, policy)
    naming = Naming(subject_id)
    for one in said:
        naming.add(facts_of(one, policy).stated)
    person = subject_id.startswith("person:") or naming.kind == "natural_person"
    return SubjectRecord(
        subject_id=subject_id,
        kind=naming.kind,
        names=naming.names,
        events=tuple(own),
        acts=tuple(acts),
        waiting=tuple(waiting),
        duties=tuple(duty for act in acts for duty in duties_of(act, policy)),
        entries=tuple(entries),
        grades=tuple(grades_of(said, entries, policy, person=person)),
    )


def _said(subject_id: str, events: Iterable[LoggedEvent], policy: Policy) -> list[SaidAct]:
    by_act: dict[str, list[LoggedEvent]] = {}
    for event in events:
        by_act.setdefault(event.header["act_id"], []).append(event)
    return [said_act(subject_id, act_id, about, rules_of(policy)) for act_id, about in by_act.items()]
