"""What the gate knows of earlier statements: what the store holds, and what it produced itself but has not landed yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from schemas.records import Statement

ActKey = tuple[str, str, str]
"""(source_id, subject_id, act_id)"""
IdKey = tuple[str, str]
"""(source_id, source_event_id)"""


class Memory:
    """Statements, found by the act that they are about and by their source's own id."""

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self._by_act: defaultdict[ActKey, list[Statement]] = defaultdict(list)
        self._by_id: defaultdict[IdKey, list[Statement]] = defaultdict(list)
        self.add(statements)

    def add(self, statements: Iterable[Statement]) -> None:
        for one in statements:
            self._by_act[one.source_id, one.subject_id, one.act_id].append(one)
            if one.source_event_id:
                self._by_id[one.source_id, one.source_event_id].append(one)

    def about(self, key: ActKey) -> list[Statement]:
        """The source's statements about an act of a subject."""
        return self._by_act.get(key, [])

    def with_id(self, key: IdKey) -> list[Statement]:
        """The statements for which the source used an id."""
        return self._by_id.get(key, []) if key[1] else []


class Window:
    """Statements produced but perhaps not landed. A statement leaves it once a look-up is sure to find it in the store:
    landed progress must be read before the look-up, and ``evict`` called with it."""

    def __init__(self) -> None:
        self._statements: dict[tuple[int, int], Statement] = {}

    def __len__(self) -> int:
        return len(self._statements)

    def add(self, statements: Iterable[Statement]) -> None:
        self._statements.update({(one.partition, one.offset): one for one in statements})

    def evict(self, landed: Mapping[int, int]) -> None:
        """Forgets what lies before the next offset to land of its partition."""
        self._statements = {place: one for place, one in self._statements.items() if place[1] >= landed.get(place[0], 0)}

    def statements(self) -> list[Statement]:
        return list(self._statements.values())


class RecordedClock:
    """Gives recorded_at: UTC, milliseconds, never before what the partition was given last, whatever the clock says."""

    def __init__(self, last: Mapping[int, datetime] | None = None) -> None:
        self._last = dict(last or {})

    def at(self, partition: int, now: datetime) -> datetime:
        """recorded_at of a statement that is admitted to a partition now; ``now`` is UTC."""
        whole = now - timedelta(microseconds=now.microsecond % 1000)
        given = max(whole, self._last.get(partition, whole))
        self._last[partition] = given
        return given

    def raise_to(self, last: Mapping[int, datetime]) -> None:
        """Takes note of what the log holds."""
        for partition, moment in last.items():
            self._last[partition] = max(moment, self._last.get(partition, moment))
