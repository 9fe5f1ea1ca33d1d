"""What the gate knows of earlier statements: what the store holds, and what it produced itself but has not landed yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from schemas.records import Statement

ActKey = tuple[str, str, str]
"""(source_id, subject_id, act_id)"""
IdKey = tuple[str, str]
"""(source_id, source_event_id)"""


class Window:
    """Statements produced but perhaps not landed. A statement leaves it once every look-up is sure to find it in the
    store: ``evict`` takes progress that was read before the look-up began. Its cost is that of what comes and goes."""

    def __init__(self) -> None:
        self._in_order: dict[int, deque[Statement]] = {}
        self._by_act: dict[ActKey, list[Statement]] = {}
        self._by_id: dict[IdKey, list[Statement]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, statements: Iterable[Statement]) -> None:
        """In the order of their offsets, per partition."""
        for one in statements:
            self._in_order.setdefault(one.partition, deque()).append(one)
            self._by_act.setdefault(_act_key(one), []).append(one)
            if one.source_event_id:
                self._by_id.setdefault(_id_key(one), []).append(one)
            self._size += 1

    def evict(self, landed: Mapping[int, int]) -> None:
        """Forgets what lies before the next offset to land of its partition."""
        for partition, queue in self._in_order.items():
            before = landed.get(partition, 0)
            while queue and queue[0].offset < before:
                self._forget(queue.popleft())

    def drop(self, partition: int) -> None:
        """Forgets a partition."""
        for one in self._in_order.pop(partition, ()):
            self._forget(one)

    def about(self, key: ActKey) -> list[Statement]:
        return self._by_act.get(key, [])

    def with_id(self, key: IdKey) -> list[Statement]:
        return self._by_id.get(key, [])

    def _forget(self, one: Statement) -> None:
        _remove(self._by_act, _act_key(one), one)
        if one.source_event_id:
            _remove(self._by_id, _id_key(one), one)
        self._size -= 1


class Memory:
    """Statements, found by the act that they are about and by their source's own id: those that a look-up found, those
    of the window, and those of the take itself."""

    def __init__(self, statements: Iterable[Statement] = (), window: Window | None = None) -> None:
        self._window = window or Window()
        self._by_act: dict[ActKey, list[Statement]] = {}
        self._by_id: dict[IdKey, list[Statement]] = {}
        for one in statements:
            self.add(one)

    def add(self, one: Statement) -> None:
        self._by_act.setdefault(_act_key(one), []).append(one)
        if one.source_event_id:
            self._by_id.setdefault(_id_key(one), []).append(one)

    def about(self, key: ActKey) -> list[Statement]:
        """The source's statements about an act of a subject."""
        return self._window.about(key) + self._by_act.get(key, [])

    def with_id(self, key: IdKey) -> list[Statement]:
        """The statements for which the source used an id."""
        return self._window.with_id(key) + self._by_id.get(key, []) if key[1] else []


class RecordedClock:
    """Gives recorded_at: UTC, milliseconds, never before what the partition was given last, whatever the clock says."""

    def __init__(self, last: Mapping[int, datetime] | None = None) -> None:
        self._last = dict(last or {})

    def at(self, partition: int, now: datetime) -> datetime:
        """recorded_at of a statement that is admitted to a partition now; ``now`` is ``whole_milliseconds``."""
        given = self._last.get(partition)
        if given is None or given < now:
            self._last[partition] = given = now
        return given

    def raise_to(self, last: Mapping[int, datetime]) -> None:
        """Takes note of what the log holds."""
        for partition, moment in last.items():
            self._last[partition] = max(moment, self._last.get(partition, moment))


def whole_milliseconds(now: datetime) -> datetime:
    """A time without what the log cannot hold."""
    return now - timedelta(microseconds=now.microsecond % 1000)


def _act_key(one: Statement) -> ActKey:
    return one.source_id, one.subject_id, one.act_id


def _id_key(one: Statement) -> IdKey:
    return one.source_id, one.source_event_id


def _remove(index: dict[ActKey, list[Statement]] | dict[IdKey, list[Statement]], key: ActKey | IdKey, one: Statement) -> None:
    kept = index[key]  # type: ignore[index]
    kept.remove(one)
    if not kept:
        del index[key]  # type: ignore[arg-type]
