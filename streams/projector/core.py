"""One round of the projector: fold the acts that some events are about, then the subjects that these acts concern.

A round touches what its events touch and no more: of each act the statements about it, of each subject the facts of its
acts, which recent subjects have in memory. Rows are replaced by rows that know more, so a round may be repeated after a
crash, or done by two projectors at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from projections.evaluation import SubjectState, evaluate_act
from projections.facts import ActFacts
from projections.policy import Policy
from projections.tables import registered
from schemas import wire
from schemas.logged import LoggedEvent
from schemas.ports import ProjectionRows, Store
from schemas.records import Positions, StoredEvent
from streams.projector.subjects import Subjects

ACT_ROWS: Final = "act_rows"
Act = tuple[str, str]
"""(subject_id, act_id)"""
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(slots=True)
class Batch:
    """Events that have landed, and how far the log is read with them. ``untold``: their landing is not marked yet."""

    events: list[LoggedEvent] = field(default_factory=list)
    reached: Positions = field(default_factory=dict)
    untold: bool = False

    def add(self, later: Batch) -> None:
        """Takes a later batch in."""
        self.events += later.events
        self.reached |= later.reached
        self.untold = self.untold or later.untold


class Projector:
    """Evaluates events for one generation. Not for several threads at once; ``most_acts`` bounds the memory of subjects."""

    def __init__(self, store: Store, generation: int, policy: Policy, most_acts: int) -> None:
        self._store, self._policy, self.generation = store, policy, generation
        self._rows: ProjectionRows = store.projections(generation)
        self.subjects = Subjects(most_acts)

    def evaluate(self, events: Sequence[LoggedEvent]) -> Rows:
        """The rows that these events change, by table. Raises what the store raises; nothing is written yet."""
        by_act: dict[Act, list[LoggedEvent]] = {}
        for event in events:
            header = event.header
            by_act.setdefault((header["subject_id"], header["act_id"]), []).append(event)
        states = self._states(dict.fromkeys(subject_id for subject_id, _ in by_act))
        self._add_earlier(by_act, states)
        rows: Rows = {ACT_ROWS: []}
        for (subject_id, act_id), about in by_act.items():
            done = evaluate_act(subject_id, act_id, about, self._policy)
            states[subject_id].put(done.facts)
            rows[ACT_ROWS].append(done.row)
        for state in states.values():
            for table, changed in state.changed_rows().items():
                rows.setdefault(table, []).extend(changed)
        self.subjects.keep(states)
        return rows

    def write(self, rows: Rows) -> None:
        """Writes rows, one insert a table, those of the acts last: whoever finds an act's facts finds all that follows."""
        write_rows(self._rows, rows)

    def forget(self) -> None:
        """Drops what it remembers of subjects: another projector may have gone on with them."""
        self.subjects.clear()

    def _states(self, subject_ids: Iterable[str]) -> dict[str, SubjectState]:
        found: dict[str, SubjectState] = {}
        unknown: list[str] = []
        for subject_id in subject_ids:
            state = self.subjects.take(subject_id)
            if state is None:
                unknown.append(subject_id)
            else:
                found[subject_id] = state
        facts: dict[str, list[ActFacts]] = {}
        if unknown:
            for subject_id, act_id, version, text in self._rows.facts(unknown):
                facts.setdefault(subject_id, []).append(ActFacts.from_text(act_id, version, text))
        for subject_id in unknown:
            # the acts' rows are written last: what follows of the facts in them stands
            found[subject_id] = SubjectState(subject_id, self._policy, facts.get(subject_id, ()), written=True)
        return found

    def _add_earlier(self, by_act: Mapping[Act, list[LoggedEvent]], states: Mapping[str, SubjectState]) -> None:
        """An act of which facts are known has earlier statements: they are read again, and counted once by the fold."""
        known = [act for act in by_act if states[act[0]].facts_of(act[1]) is not None]
        if known:
            for event in map(decoded, self._store.events_of_acts(known)):
                by_act[event.header["subject_id"], event.header["act_id"]].append(event)


def write_rows(target: ProjectionRows, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    """Writes complete rows, one insert a table, those of the acts last."""
    tables = sorted(registered(), key=lambda one: one.name == ACT_ROWS)
    for table in tables:
        if rows.get(table.name):
            target.write_rows(table.name, table.column_names, rows[table.name])


def whole_subject(subject_id: str, events: Iterable[LoggedEvent], policy: Policy) -> Rows:
    """Every row of a subject, from all events about it."""
    by_act: dict[str, list[LoggedEvent]] = {}
    for event in events:
        by_act.setdefault(event.header["act_id"], []).append(event)
    done = [evaluate_act(subject_id, act_id, about, policy) for act_id, about in by_act.items()]
    rows = SubjectState(subject_id, policy, (one.facts for one in done)).rows()
    return {**rows, ACT_ROWS: [one.row for one in done]}


def decoded(stored: StoredEvent) -> LoggedEvent:
    """A stored event, decoded from its original bytes."""
    name, value = wire.decode(stored.value, stored.fingerprint)
    return LoggedEvent(stored.event_id, name, stored.partition, stored.offset, stored.recorded_at, value)
