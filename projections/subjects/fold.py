"""The names of a subject over time and its kind, from the acts that state them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from schemas.identifiers import KIND_BY_PREFIX, subject_kind

Names = tuple[tuple[date, str], ...]
_USCC_LENGTH: Final = 18


class Stated(NamedTuple):
    """What a statement says of its subject: the day, the id of the act (or of the event, where nobody made its act), the
    name, the kind. ``made``: it is an act's; only acts count where there is one."""

    made: bool
    day: date
    ref: str
    name: str
    kind: str


class Naming:
    """What was stated of one subject, kept in order."""

    __slots__ = ("_fixed_kind", "_names", "_stated", "_subject_id")

    def __init__(self, subject_id: str) -> None:
        self._subject_id = subject_id
        self._fixed_kind = _kind_of_id(subject_id)
        self._stated: list[Stated] = []
        self._names: dict[str, int] = {}

    def add(self, stated: Iterable[Stated]) -> bool:
        """Takes statements in. Whether names or kind may be others now."""
        changed = False
        for one in stated:
            at = bisect_left(self._stated, one)
            changed |= self._tells(at, one)
            self._stated.insert(at, one)
            self._names[one.name] = self._names.get(one.name, 0) + 1
        return changed

    def remove(self, stated: Iterable[Stated]) -> bool:
        """Takes statements out again. Whether names or kind may be others now."""
        changed = False
        for one in stated:
            at = bisect_left(self._stated, one)
            del self._stated[at]
            changed |= self._tells(at, one)
            self._names[one.name] -= 1
            if not self._names[one.name]:
                del self._names[one.name]
        return changed

    def _tells(self, at: int, one: Stated) -> bool:
        """Whether a statement at this place among the others says anything that the one before it does not say."""
        if self._fixed_kind is None or not at:
            return True
        before = self._stated[at - 1]
        return before.name != one.name or not one.name or before.made != one.made

    @property
    def names(self) -> Names:
        """(since, name), ascending: of one day the later act's, adjacent equal ones once."""
        counting = self._counting()
        if len(self._names) == 1 and "" not in self._names:
            return ((counting[0].day, counting[0].name),) if counting else ()
        names: list[tuple[date, str]] = []
        for one in counting:
            if one.name and (not names or names[-1][1] != one.name):
                if names and names[-1][0] == one.day:
                    names.pop()
                if not names or names[-1][1] != one.name:
                    names.append((one.day, one.name))
        return tuple(names)

    @property
    def kind(self) -> str:
        """The kind that the id says, else the latest stated one that is known."""
        if self._fixed_kind is not None:
            return self._fixed_kind
        acts = (one for one in reversed(self._stated) if one.made)
        return subject_kind(self._subject_id, next((one.kind for one in acts if one.kind != "unknown"), "unknown"))

    def _counting(self) -> list[Stated]:
        """Those that count: the acts', in order; statements about acts that nobody made only where there is no act."""
        return self._stated[bisect_left(self._stated, (True,)) :] or self._stated


def _kind_of_id(subject_id: str) -> str | None:
    """The kind that an id says: on the log it is a valid one, so that its first characters tell; None where they don't."""
    if subject_id.startswith("person:"):
        return "natural_person"
    return KIND_BY_PREFIX.get(subject_id[:2]) if len(subject_id) == _USCC_LENGTH else None


def name_on(names: Names, day: date) -> str:
    """The name in use on a day: of the latest act dated by then, else the first known."""
    known = [name for since, name in names if since <= day]
    return known[-1] if known else (names[0][1] if names else "")
