"""The score of a subject on every day, from sums by day that each act adds to and can be taken out of again.

For each version of the evaluation and each day on which anything starts or ends: by group the points that change. One sweep
over the sorted days gives the timeline, whatever the number of acts. What a sweep found is kept, so that the next one begins
at the first day that has changed since: one more act of today costs the days after it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain
from typing import Any, Final, NamedTuple

from projections.grades.grades import Evaluated, Grades, Version

_WORTH_KEEPING: Final = 100
"""Days of a timeline from which on the totals by day are kept; a shorter one is swept from its beginning."""


class Interval(NamedTuple):
    """One grade on ``[valid_from, valid_to)`` by a version; ``ceiling``: the effect of a list that caps it then."""

    grade: str
    grade_name: str
    score: float
    ceiling: str | None
    valid_from: date
    valid_to: date | None
    policy_version: str


class Ceiling(NamedTuple):
    """While an entry of a list with this effect is open, the grade is capped."""

    effect: str
    valid_from: date
    valid_to: date | None


Counting = tuple[str, str, float, date, date]
"""Points that count: version, group, points, from, until."""


class Sums:
    """The points of one subject's acts, and the days of those of its acts that begin grades."""

    def __init__(self, grades: Grades) -> None:
        self._first_day = grades.first_day
        self._parts = {version.id: _Part(version, start, end) for version, start, end in grades.periods}
        self._beginning: dict[date, int] = {}
        self._first: date | None = None

    def add(self, occurred_on: date, begins: bool, points: Iterable[Counting], sign: int = 1) -> bool:
        """Puts an act in (``sign`` -1: takes it out). Whether the timeline may be another now."""
        before = self._first
        if begins:
            self._count(occurred_on, sign)
        changed = False
        for version, group, value, start, end in points:
            changed = True
            self._parts[version].add(group, value, start if start > occurred_on else occurred_on, end, sign)
        return changed or self._first != before

    def _count(self, day: date, sign: int) -> None:
        acts = self._beginning[day] = self._beginning.get(day, 0) + sign
        if not acts:
            del self._beginning[day]
        if sign > 0:
            self._first = day if self._first is None or day < self._first else self._first
        elif day == self._first and day not in self._beginning:
            self._first = min(self._beginning, default=None)

    def columns(self, ceilings: Sequence[Ceiling]) -> tuple[tuple[Any, ...], ...]:
        """The timeline, ascending, without gaps from the first graded day on, as columns in the order of Interval's fields;
        empty ones where no act begins grades."""
        if self._first is None:
            return ((),) * len(Interval._fields)
        start = max(self._first_day, self._first)
        parts = [
            part.columns(max(start, part.start), ceilings) for part in self._parts.values() if part.end is None or start < part.end
        ]
        return parts[0] if len(parts) == 1 else tuple(tuple(chain(*column)) for column in zip(*parts, strict=True))

    def intervals(self, ceilings: Sequence[Ceiling]) -> list[Interval]:
        """The same as intervals."""
        return list(map(Interval._make, zip(*self.columns(ceilings), strict=True)))


class _Part:
    """The time in which one version is in force. ``days`` are those on which points change; a change before the version
    begins counts as one of its first day. ``_totals`` and ``_groups`` are what holds from each day on, as far as it is known:
    the total, and the sum of each group."""

    __slots__ = ("_changes", "_groups", "_totals", "days", "end", "start", "version")

    def __init__(self, version: Version, start: date, end: date | None) -> None:
        self.version, self.start, self.end = version, start, end
        self._changes: dict[date, list[float]] = {}
        self._totals: list[float] = []
        self._groups: list[tuple[float, ...]] = []
        self.days: list[date] = []

    def add(self, group: str, points: float, start: date, end: date, sign: int) -> None:
        at = self.version.groups[group]
        self._change(start, at, points * sign, sign)
        if self.end is None or end < self.end:
            self._change(end, at, -points * sign, sign)

    def _change(self, day: date, group: int, points: float, sign: int) -> None:
        if day < self.start:
            day = self.start
        change = self._changes.get(day)
        if change is None:
            change = self._changes[day] = [0.0] * (len(self.version.caps) + 1)
            insort(self.days, day)
        change[group] += points
        change[-1] += sign
        if self._totals:
            at = bisect_left(self.days, day)
            del self._totals[at:], self._groups[at:]
        if not change[-1]:
            del self._changes[day], self.days[bisect_left(self.days, day)]

    def columns(self, begin: date, ceilings: Sequence[Ceiling]) -> tuple[tuple[Any, ...], ...]:
        """The intervals from ``begin`` on."""
        totals = self._swept()
        at = bisect_right(self.days, begin)
        days, now = [begin, *self.days[at:]], [totals[at - 1] if at else self.version.base, *totals[at:]]
        if ceilings:
            days, evaluated, capped = _capped(self.version, days, now, self._ceilings(ceilings), self.end)
        else:
            known, capped = self.version.under[None], [None] * len(days)
            evaluated = [known[total] for total in now]
        grades, names, scores = zip(*evaluated, strict=True)
        return grades, names, scores, tuple(capped), tuple(days), (*days[1:], self.end), (self.version.id,) * len(days)

    def _swept(self) -> list[float]:
        """The totals of all days; those of a long timeline are kept for the next time."""
        totals, groups, caps, changes = self._totals, self._groups, self.version.caps_in_order, self._changes
        sums = list(groups[-1]) if groups else [0.0] * len(caps)
        long = len(self.days) > _WORTH_KEEPING
        for day in self.days[len(totals) :]:
            total = self.version.base
            for number, (added, cap) in enumerate(zip(changes[day], caps, strict=False)):
                points = sums[number] = sums[number] + added
                total += -cap if points < -cap else cap if points > cap else points
            totals.append(total)
            if long:
                groups.append(tuple(sums))
        if not long:
            self._totals, self._groups = [], []
        return totals

    def _ceilings(self, ceilings: Sequence[Ceiling]) -> list[tuple[date, str | None]]:
        """(from, effect that caps), ascending, where it changes."""
        changes: dict[date, Counter[str]] = {}
        for effect, start, end in ceilings:
            changes.setdefault(start, Counter())[effect] += 1
            if end is not None:
                changes.setdefault(end, Counter())[effect] -= 1
        found: list[tuple[date, str | None]] = []
        open_ones: Counter[str] = Counter()
        last: str | None = None
        for day in sorted(changes):
            open_ones.update(changes[day])
            now = next((effect for effect in self.version.strictest_first if open_ones[effect] > 0), None)
            if now != last:
                found.append((day, now))
                last = now
        return found


def _capped(
    version: Version, days: list[date], totals: list[float], capped: list[tuple[date, str | None]], end: date | None
) -> tuple[list[date], list[Evaluated], list[Any]]:
    """Days, grades and ceilings of the intervals, split where the points change and where the ceiling does."""
    by_day, effects = dict(zip(days, totals, strict=True)), dict(capped)
    ceiling = next((effect for day, effect in reversed(capped) if day <= days[0]), None)
    total, found = totals[0], sorted(by_day.keys() | {day for day in effects if day > days[0] and (end is None or day < end)})
    evaluated, shown = [], []
    for day in found:
        total, ceiling = by_day.get(day, total), effects.get(day, ceiling)
        evaluated.append(version.under[ceiling][total])
        shown.append(ceiling)
    return found, evaluated, shown
