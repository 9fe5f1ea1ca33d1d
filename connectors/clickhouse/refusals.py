"""What became of what was sent, for those who ask about it: rejections by what they were, and the answers to a batch or a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from connectors.clickhouse.engine import Engine
from schemas.about import Place
from schemas.instants import milliseconds, moment

_MOST_UNSETTLED: Final = 100_000
_LARGEST_BATCH: Final = 100_000
"""Statements; an index beyond is a stranger's invention."""
_REFUSAL: Final = (
    "batch_id", "index", "reason", "field", "message", "message_zh", "source_id", "event", "act_id", "subject_id", "origin",
    "received_at", "topic", "topic_partition", "topic_offset", "state", "closed_at", "closed_by",
)  # fmt: skip
_ANSWER: Final = (
    "source_id", "batch_id", "index", "origin", "outcome", "event_id", "act_id", "topic", "topic_partition", "topic_offset",
    "recorded_at", "value_sha256", "reason", "field", "message", "message_zh", "received_at", "closed_at", "closed_by",
)  # fmt: skip
_JOINED: Final = {"act_id": "l", "closed_at": "x", "closed_by": "x"}
_TIMES: Final = frozenset({"received_at", "closed_at", "recorded_at"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejections: of a ``source``, a ``batch``, a ``file`` (its name), received from ``since`` to before ``before``
    (aware), of these ``reasons`` (empty: all), ``state`` open or closed (empty: both)."""

    source: str = ""
    batch: str = ""
    file: str = ""
    since: datetime | None = None
    before: datetime | None = None
    reasons: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row of the view ``rejections``. ``closed_at`` is None and ``closed_by`` empty while it is open; times are UTC."""

    batch_id: str
    index: int
    reason: str
    field: str
    message: str
    message_zh: str
    source_id: str
    event: str
    act_id: str
    subject_id: str
    origin: str
    received_at: datetime
    topic: str
    topic_partition: int
    topic_offset: int
    state: str
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt with the act that it is about; ``closed_at`` and ``closed_by`` say which later event settled a rejection."""

    source_id: str
    batch_id: str
    index: int
    origin: str
    outcome: str
    event_id: str
    act_id: str
    topic: str
    topic_partition: int | None
    topic_offset: int | None
    recorded_at: datetime | None
    value_sha256: str
    reason: str
    field: str
    message: str
    message_zh: str
    received_at: datetime
    closed_at: datetime | None
    closed_by: str


class Refusals:
    """Questions to receipts, rejections and the view of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refusals(self, wanted: Wanted, limit: int) -> list[Refusal]:
        """The newest rejections that are wanted."""
        conditions, parameters = _conditions(wanted)
        rows = self._engine.query(
            f"SELECT {_selected(_REFUSAL)} FROM {self._engine.table('rejections')} WHERE {' AND '.join(conditions)} "
            "ORDER BY rejections.received_at DESC, topic, topic_partition, topic_offset, batch_id, index LIMIT {limit:UInt32}",
            parameters | {"limit": limit},
        )
        return [Refusal(*_read(_REFUSAL, row)) for row in rows]

    def count_refusals(self) -> tuple[int, int]:
        """How many rejections there are, and how many of them are open."""
        ((everything, unsettled),) = self._engine.query(
            f"SELECT count(), countIf(state = 'open') FROM {self._engine.table('rejections')}"
        )
        return everything, unsettled

    def unsettled(self, source_id: str, files: Iterable[str]) -> dict[tuple[str, str], tuple[Place, ...]]:
        """Rejections of rows whose act could be read but not whom it is about, by origin and act id: rows of files by these
        names. The newest, if they are very many."""
        rows = self._engine.query(
            f"SELECT origin, act_id, batch_id, index FROM {self._engine.table('rejection_log')} "
            "WHERE source_id = {source:String} AND subject_id = '' AND act_id != '' "
            "AND arrayExists(name -> startsWith(origin, name), {names:Array(String)}) "
            "ORDER BY received_at DESC, batch_id, index LIMIT {limit:UInt32}",
            {"source": source_id, "names": [f"{one}:" for one in files], "limit": _MOST_UNSETTLED},
        )
        found: dict[tuple[str, str], tuple[Place, ...]] = {}
        for origin, act_id, batch_id, index in rows:
            found[origin, act_id] = (*found.get((origin, act_id), ()), Place(batch_id, index))
        return found

    def answers(self, *, batch: str = "", file: str = "", source: str = "") -> list[Answer]:
        """The receipts of a batch, or of all statements that came from a file of this name, by place."""
        receipts = self._engine.table("receipts")
        where = "batch_id = {batch:String}" if batch else "startsWith(origin, {prefix:String})"
        given = {"batch": batch, "prefix": f"{file}:", "source": source}
        of_source = " AND source_id = {source:String}" if source else ""
        columns = ", ".join(
            _milliseconds(_JOINED.get(name, "r"), name) if name in _TIMES else f"{_JOINED.get(name, 'r')}.{name}"
            for name in _ANSWER
        )
        rows = self._engine.query(
            f"SELECT {columns} FROM (SELECT * FROM {receipts} FINAL WHERE {where}{of_source}) AS r "
            f"LEFT JOIN (SELECT event_id, any(act_id) AS act_id FROM {self._engine.table('act_log')} WHERE event_id IN "
            f"(SELECT event_id FROM {receipts} WHERE {where}{of_source}) GROUP BY event_id) AS l ON r.event_id = l.event_id "
            "LEFT JOIN (SELECT source_id, batch_id, index, any(closed_at) AS closed_at, any(closed_by) AS closed_by "
            f"FROM {self._engine.table('rejections')} WHERE {where}{of_source} GROUP BY source_id, batch_id, index) AS x "
            "ON r.source_id = x.source_id AND r.batch_id = x.batch_id AND r.index = x.index "
            "ORDER BY r.received_at, r.batch_id, r.index",
            given,
        )
        return [Answer(*_read(_ANSWER, row)) for row in rows]

    def missing(self, *, batch: str = "", file: str = "", source: str = "") -> list[tuple[str, str, int]]:
        """Statements without a receipt between others of their batch, by (source, batch, index); of a file: those of the batches
        in which its statements came. What comes behind the last receipt of a batch cannot be known."""
        receipts = self._engine.table("receipts")
        where = "batch_id = {batch:String}" if batch else "startsWith(origin, {prefix:String})"
        of_source = " AND source_id = {source:String}" if source else ""
        rows = self._engine.query(
            "SELECT source_id, batch_id, arrayJoin(arrayFilter(one -> NOT has(there, one), range(last + 1))) AS one FROM ("
            f"SELECT source_id, batch_id, groupUniqArray(index) AS there, max(index) AS last FROM {receipts} "
            f"WHERE (source_id, batch_id) IN (SELECT source_id, batch_id FROM {receipts} WHERE {where}{of_source}) "
            "GROUP BY source_id, batch_id HAVING length(there) <= last AND last < {most:UInt32}) ORDER BY source_id, batch_id, one",
            {"batch": batch, "prefix": f"{file}:", "source": source, "most": _LARGEST_BATCH},
        )
        return [(source_id, batch_id, index) for source_id, batch_id, index in rows]


def _conditions(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    told = {
        "source": ("source_id = {source:String}", wanted.source),
        "batch": ("batch_id = {batch:String}", wanted.batch),
        "prefix": ("startsWith(origin, {prefix:String})", wanted.file and f"{wanted.file}:"),
        "since": ("rejections.received_at >= fromUnixTimestamp64Milli({since:Int64})", _or_none(wanted.since)),
        "before": ("rejections.received_at < fromUnixTimestamp64Milli({before:Int64})", _or_none(wanted.before)),
        "reasons": ("reason IN {reasons:Array(String)}", list(wanted.reasons)),
        "state": ("state = {state:String}", wanted.state),
    }
    asked = {name: one for name, one in told.items() if one[1] not in ("", None, [])}
    return [condition for condition, _ in asked.values()] or ["1"], {name: value for name, (_, value) in asked.items()}


def _or_none(instant: datetime | None) -> int | None:
    return None if instant is None else milliseconds(instant)


def _milliseconds(table: str, name: str) -> str:
    return f"toUnixTimestamp64Milli({table}.{name})"


def _selected(names: Iterable[str]) -> str:
    return ", ".join(_milliseconds("rejections", name) if name in _TIMES else f"`{name}`" for name in names)


def _read(names: Sequence[str], row: Sequence[Any]) -> list[Any]:
    return [moment(value) if name in _TIMES and value is not None else value for name, value in zip(names, row, strict=True)]
