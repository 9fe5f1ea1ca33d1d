"""What is kept of one act for the folds of its subject, and what a room keeps of a subject.

A room that has rows of a subject declares in its table.py ``SUBJECT = SubjectFold(facts, state)``: ``facts`` says what it needs
of an act, ``state`` makes what it keeps of a subject. Nobody else has to be told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import orjson

from projections.acts.fold import SaidAct
from projections.grades.sums import Ceiling, Counting
from projections.policy import Policy
from projections.subjects.fold import Names, Stated

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
NOTHING: Final[Mapping[str, Any]] = {}
_date: Final = date.fromisoformat


class ActFacts(NamedTuple):
    """What the folds of a subject need of one act. ``events``: distinct statements about it, the version of its row.
    ``more`` is what rooms need of it beside, by room, as JSON has it: lists and texts."""

    act_id: str
    events: int
    made: bool
    void: bool
    begins: bool
    occurred_on: date | None
    stated: tuple[Stated, ...]
    points: tuple[Counting, ...]
    more: Mapping[str, Any]

    def to_text(self) -> str:
        """Compact JSON of everything but act_id and events."""
        stated = self.stated[0][3:] if self.made else [one[1:] for one in self.stated]
        return orjson.dumps((self.void, self.begins, self.occurred_on, stated, self.points, self.more or None)).decode()

    @classmethod
    def from_text(cls, act_id: str, events: int, text: str) -> ActFacts:
        """The facts that ``to_text`` wrote."""
        void, begins, day, stated, plain, more = orjson.loads(text)
        if day is None:
            waiting = tuple(Stated(False, _date(on), ref, name, kind) for on, ref, name, kind in stated)
            return cls(act_id, events, False, void, begins, None, waiting, (), more or NOTHING)
        points = tuple([(version, group, value, _date(since), _date(until)) for version, group, value, since, until in plain])
        occurred_on, (name, kind) = _date(day), stated
        named = (Stated(True, occurred_on, act_id, name, kind),)
        return cls(act_id, events, True, void, begins, occurred_on, named, points, more or NOTHING)


class Subject(NamedTuple):
    """What is known of a subject when its rows are made; ``version`` is that of the rows."""

    subject_id: str
    version: int
    kind: str
    names: Names


class Kept(ABC):
    """What a room keeps of one subject: a function of the facts put in, in whatever order."""

    __slots__ = ()

    @abstractmethod
    def put(self, act: ActFacts, facts: Any) -> bool:
        """Adds or replaces an act with what the room needs of it, None for nothing; called for every act of the subject.
        Whether the room's rows, or ceilings, may be others now."""

    @abstractmethod
    def rows(self, subject: Subject) -> Rows:
        """The room's rows of the subject, complete, by table; none where it has nothing to say and never had."""

    def ceilings(self) -> Sequence[Ceiling]:
        """The days on which the grade is capped."""
        return ()


@dataclass(frozen=True, slots=True)
class SubjectFold:
    """How a room folds a subject: what it needs of an act (as JSON has it, None for nothing), and what it keeps."""

    facts: Callable[[SaidAct, Policy], Any]
    state: Callable[[str, Policy], Kept]
