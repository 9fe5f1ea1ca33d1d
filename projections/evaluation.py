"""Two levels of folds, as the projector runs them: one act from the statements about it, and a subject from its acts' facts.

One more statement costs the fold of one act, and of its subject only what the act's facts change. What a subject's folds
need of an act is kept as ``ActFacts``: in the projector's memory, and as text in ``act_rows``. Rows come out complete, in
the order of their tables' columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import orjson

from projections.acts.fold import Act, SaidAct, said_act
from projections.grades.fold import begins_grades, ceilings_of
from projections.grades.grades import grades_policy
from projections.grades.points import counting, points_of
from projections.grades.sums import Counting, Interval, Sums
from projections.lists.facts import ListFacts, from_plain, list_facts, to_plain
from projections.lists.fold import Entry
from projections.lists.lists import lists_of
from projections.lists.rows import list_rows
from projections.lists.state import Listed
from projections.policy import Policy
from projections.subjects.fold import Naming, Stated
from projections.tables import act_columns
from schemas.logged import LoggedEvent

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
_date: Final = date.fromisoformat


class ActFacts(NamedTuple):
    """What the folds of a subject need of one act. ``events``: distinct statements about it, the version of its row."""

    act_id: str
    events: int
    made: bool
    void: bool
    begins: bool
    occurred_on: date | None
    stated: tuple[Stated, ...]
    points: tuple[Counting, ...]
    listing: ListFacts | None

    def to_text(self) -> str:
        """Compact JSON of everything but act_id and events."""
        stated = self.stated[0][3:] if self.made else [one[1:] for one in self.stated]
        listing = None if self.listing is None else to_plain(self.listing)
        return orjson.dumps((self.void, self.begins, self.occurred_on, stated, self.points, listing)).decode()

    @classmethod
    def from_text(cls, act_id: str, events: int, text: str) -> ActFacts:
        """The facts that ``to_text`` wrote."""
        void, begins, day, stated, plain, listed = orjson.loads(text)
        listing = None if listed is None else from_plain(listed)
        if day is None:
            waiting = tuple(Stated(False, _date(on), ref, name, kind) for on, ref, name, kind in stated)
            return cls(act_id, events, False, void, begins, None, waiting, (), listing)
        points = tuple([(version, group, value, _date(since), _date(until)) for version, group, value, since, until in plain])
        occurred_on, (name, kind) = _date(day), stated
        return cls(
            act_id, events, True, void, begins, occurred_on, (Stated(True, occurred_on, act_id, name, kind),), points, listing
        )


class EvaluatedAct(NamedTuple):
    """The facts of an act, and its row of ``act_rows``."""

    facts: ActFacts
    row: Row


def evaluate_act(subject_id: str, act_id: str, events: Sequence[LoggedEvent], policy: Policy) -> EvaluatedAct:
    """An act from the statements about it, in any order and repetition."""
    said = said_act(subject_id, act_id, events, lists_of(policy))
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
        return ActFacts(act.act_id, events, False, False, False, None, stated, (), list_facts(said))
    header = act.content["header"]
    occurred_on: date = header["occurred_on"]
    named = (Stated(True, occurred_on, act.act_id, header["subject_name"], header["subject_kind"]),)
    begins, points = begins_grades(act, policy), counting(points_of(said, policy))
    return ActFacts(act.act_id, events, True, act.void, begins, occurred_on, named, points, list_facts(said))


def _stated(event: LoggedEvent) -> Stated:
    header = event.header
    return Stated(False, header["occurred_on"], event.event_id, header["subject_name"], header["subject_kind"])


class SubjectState:
    """The facts of one subject's acts and the sums over them: a function of the facts put in, in whatever order.

    ``written`` says that the rows which follow of ``facts`` stand already: then ``changed_rows`` gives only those that
    differ by what is put in later. Without it all rows are given the first time.
    """

    __slots__ = (
        "_facts", "_given", "_graded_anew", "_listed", "_listed_anew", "_named_anew", "_naming", "_sums", "events", "subject_id",
    )  # fmt: skip

    def __init__(self, subject_id: str, policy: Policy, facts: Iterable[ActFacts] = (), *, written: bool = False) -> None:
        self.subject_id = subject_id
        self.events = 0
        """Distinct events of the subject: the version of its rows."""
        self._facts: dict[str, ActFacts] = {}
        self._naming = Naming(subject_id)
        self._sums = Sums(grades_policy(policy))
        self._listed = Listed(policy)
        self._given: dict[tuple[Any, ...], int] = {}
        self._graded_anew = self._named_anew = self._listed_anew = False
        for one in facts:
            self.put(one)
        self._graded_anew = self._named_anew = self._listed_anew = not (written and self._facts)

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
        listed = self._listed.put(facts.act_id, facts.made, facts.void, facts.listing)
        if named or graded or listed:
            self._named_anew |= named
            self._listed_anew |= listed or named
            self._graded_anew |= graded or listed or named

    def _count(self, facts: ActFacts, sign: int) -> bool:
        if facts.occurred_on is None or not (facts.begins or facts.points):
            return False
        return self._sums.add(facts.occurred_on, facts.begins, facts.points, sign)

    def rows(self) -> Rows:
        """Every row that the subject has beside its acts'."""
        entries = self._listed.entries()
        return {"subject_rows": [self._subject_row()], **self._grade_rows(entries), **self._list_rows(entries)}

    def changed_rows(self) -> Rows:
        """The rows whose values differ from those that were given last; all of them the first time."""
        if not (self._named_anew or self._graded_anew or self._listed_anew):
            return {}
        rows: Rows = {}
        entries = self._listed.entries()
        if self._named_anew:
            rows["subject_rows"] = [self._subject_row()]
        if self._graded_anew:
            rows |= self._grade_rows(entries)
        if self._listed_anew:
            rows |= self._list_rows(entries)
        self._graded_anew = self._named_anew = self._listed_anew = False
        return {table: changed for table, some in rows.items() if (changed := [one for one in some if self._is_new(table, one)])}

    def _is_new(self, table: str, row: Row) -> bool:
        """Whether this row was not the last one given of its key: the version aside."""
        keys = row.index(self.events)
        key, values = (table, *row[:keys]), hash(row[keys + 1 :])
        if self._given.get(key) == values:
            return False
        self._given[key] = values
        return True

    def _subject_row(self) -> Row:
        names = self._naming.names
        since, called = zip(*names, strict=True) if names else ((), ())
        return (self.subject_id, self.events, names[-1][1] if names else "", self._naming.kind, since, called)

    def _grade_rows(self, entries: list[Entry]) -> Rows:
        """A natural person has no grades, and no row."""
        if self.subject_id.startswith("person:"):
            return {}
        person = self._naming.kind == "natural_person"
        columns = ((),) * len(Interval._fields) if person else self._sums.columns(ceilings_of(entries))
        return {"grade_rows": [(self.subject_id, self.events, *columns)]}

    def _list_rows(self, entries: list[Entry]) -> Rows:
        if not self._listed.decisions:
            return {}
        return list_rows(self.subject_id, self.events, entries, self._listed.named_ever, self._naming.names)
