"""Two levels of folds, as the projector runs them: one act from the statements about it, and a subject from its acts' facts.

One more statement costs the fold of one act, and of its subject only what the act's facts change. What a subject's folds
need of an act is kept as ``ActFacts``: in the projector's memory, and as text in ``act_rows``. Rows come out complete, in
the order of their tables' columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from projections.acts.fold import Act, SaidAct, said_act
from projections.admission.rules import rules_of
from projections.facts import NOTHING, ActFacts, Kept, Row, Rows, Subject, SubjectFold
from projections.grades.fold import begins_grades
from projections.grades.grades import grades_policy
from projections.grades.points import point_columns
from projections.grades.sums import Ceiling, Interval, Sums
from projections.policy import Policy
from projections.subjects.fold import Naming, Stated
from projections.tables import act_columns, parts_of_rooms
from schemas.logged import LoggedEvent


@cache
def subject_folds() -> tuple[tuple[str, SubjectFold], ...]:
    """(room, how it folds a subject), found by looking."""
    return tuple((room, part.SUBJECT) for room, part in parts_of_rooms("table") if hasattr(part, "SUBJECT"))


class EvaluatedAct(NamedTuple):
    """The facts of an act, and its row of ``act_rows``."""

    facts: ActFacts
    row: Row


def evaluate_act(subject_id: str, act_id: str, events: Sequence[LoggedEvent], policy: Policy) -> EvaluatedAct:
    """An act from the statements about it, in any order and repetition."""
    said = said_act(subject_id, act_id, events, rules_of(policy))
    facts = facts_of(said, policy)
    row: list[Any] = [subject_id, act_id, facts.events, facts.to_text()]
    for _, added in act_columns():
        row += added.values(said, policy)
    return EvaluatedAct(facts, tuple(row))


def facts_of(said: SaidAct, policy: Policy) -> ActFacts:
    """What the subject needs of an act."""
    act, events = said.act, len(said.events)
    if not isinstance(act, Act):
        stated = tuple(_stated(event) for event in said.events)
        return ActFacts(act.act_id, events, False, False, False, None, stated, (), _more(said, policy))
    header = act.content["header"]
    occurred_on: date = header["occurred_on"]
    named = (Stated(True, occurred_on, act.act_id, header["subject_name"], header["subject_kind"]),)
    begins, points = begins_grades(act, policy), point_columns(said, policy).sums
    return ActFacts(act.act_id, events, True, act.void, begins, occurred_on, named, points, _more(said, policy))


def _more(said: SaidAct, policy: Policy) -> Mapping[str, Any]:
    found: Mapping[str, Any] = NOTHING
    for room, fold in subject_folds():
        if (facts := fold.facts(said, policy)) is not None:
            found = {**found, room: facts}
    return found


def _stated(event: LoggedEvent) -> Stated:
    header = event.header
    return Stated(False, header["occurred_on"], event.event_id, header["subject_name"], header["subject_kind"])


class SubjectState:
    """The facts of one subject's acts and the sums over them: a function of the facts put in, in whatever order.

    ``written`` says that the rows which follow of ``facts`` stand already: then ``changed_rows`` gives only those that
    differ by what is put in later. Without it all rows are given the first time.
    """

    __slots__ = (
        "_facts", "_given", "_graded_anew", "_kept", "_named_anew", "_naming", "_rooms_anew", "_sums", "events", "subject_id",
    )  # fmt: skip

    def __init__(self, subject_id: str, policy: Policy, facts: Iterable[ActFacts] = (), *, written: bool = False) -> None:
        self.subject_id = subject_id
        self.events = 0
        """Distinct events of the subject: the version of its rows."""
        self._facts: dict[str, ActFacts] = {}
        self._naming = Naming(subject_id)
        self._sums = Sums(grades_policy(policy))
        self._kept: dict[str, Kept] = {room: fold.state(subject_id, policy) for room, fold in subject_folds()}
        self._rooms_anew: set[str] = set()
        self._given: dict[tuple[Any, ...], int] = {}
        self._graded_anew = self._named_anew = False
        for one in facts:
            self.put(one)
        self._graded_anew = self._named_anew = not (written and self._facts)
        self._rooms_anew = set(self._kept) if self._named_anew else set()

    @property
    def acts(self) -> int:
        """How many acts it knows."""
        return len(self._facts)

    def facts_of(self, act_id: str) -> ActFacts | None:
        """The facts of an act, None of one that nothing was said of."""
        return self._facts.get(act_id)

    def put(self, facts: ActFacts) -> None:
        """Adds one act's facts, or replaces them."""
        before = self._facts.get(facts.act_id)
        self._facts[facts.act_id] = facts
        self.events += facts.events
        if before is None:
            named, graded = self._naming.add(facts.stated), self._count(facts, 1)
        else:
            self.events -= before.events
            named = graded = False
            if before.stated != facts.stated:
                named = self._naming.remove(before.stated) | self._naming.add(facts.stated)
            if before[4:6] != facts[4:6] or before.points != facts.points:
                graded = self._count(before, -1) | self._count(facts, 1)
        for room, kept in self._kept.items():
            if kept.put(facts, facts.more.get(room)):
                self._rooms_anew.add(room)
                graded = True  # it may cap the grade
        if named:
            self._named_anew = graded = True
            self._rooms_anew.update(self._kept)
        self._graded_anew |= graded

    def _count(self, facts: ActFacts, sign: int) -> bool:
        if facts.occurred_on is None or not (facts.begins or facts.points):
            return False
        return self._sums.add(facts.occurred_on, facts.begins, facts.points, sign)

    def rows(self) -> Rows:
        """Every row that the subject has beside its acts'."""
        subject = self._subject()
        rows = {"subject_rows": [self._subject_row(subject)], **self._grade_rows(subject)}
        for kept in self._kept.values():
            rows |= kept.rows(subject)
        return rows

    def changed_rows(self) -> Rows:
        """The rows whose values differ from those that were given last; all of them the first time."""
        if not (self._named_anew or self._graded_anew or self._rooms_anew):
            return {}
        rows: Rows = {}
        subject = self._subject()
        if self._named_anew:
            rows["subject_rows"] = [self._subject_row(subject)]
        if self._graded_anew:
            rows |= self._grade_rows(subject)
        for room in self._rooms_anew:
            rows |= self._kept[room].rows(subject)
        self._graded_anew = self._named_anew = False
        self._rooms_anew.clear()
        return {table: changed for table, some in rows.items() if (changed := [one for one in some if self._is_new(table, one)])}

    def _is_new(self, table: str, row: Row) -> bool:
        """Whether this row was not the last one given of its key: the version aside."""
        keys = row.index(self.events)
        key, values = (table, *row[:keys]), hash(row[keys + 1 :])
        if self._given.get(key) == values:
            return False
        self._given[key] = values
        return True

    def _subject(self) -> Subject:
        return Subject(self.subject_id, self.events, self._naming.kind, self._naming.names)

    def _subject_row(self, subject: Subject) -> Row:
        names = subject.names
        since, called = zip(*names, strict=True) if names else ((), ())
        return (self.subject_id, self.events, names[-1][1] if names else "", subject.kind, since, called)

    def _grade_rows(self, subject: Subject) -> Rows:
        """A natural person has no grades, and no row."""
        if self.subject_id.startswith("person:"):
            return {}
        person = subject.kind == "natural_person"
        columns = ((),) * len(Interval._fields) if person else self._sums.columns(self._ceilings())
        return {"grade_rows": [(self.subject_id, self.events, *columns)]}

    def _ceilings(self) -> list[Ceiling]:
        return [one for kept in self._kept.values() for one in kept.ceilings()]
