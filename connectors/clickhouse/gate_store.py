"""The store as the gate needs it: one look-up for everything that may be known of some submissions, and what it writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from clickhouse_connect.driver.binding import format_bind_value, must_escape

from connectors.clickhouse.engine import chunks
from connectors.clickhouse.store import Store
from schemas.instants import milliseconds, moment
from schemas.records import Found, ReceiptRow, Statement

_STATEMENT: Final = (
    "source_id, act_id, subject_id, event, content_digest, source_event_id, event_id, toInt32(topic_partition), topic_offset, "
    "toUnixTimestamp64Milli(recorded_at), value_sha256"
)
_IDS: Final = (*Statement._fields[:7], "topic_partition", "topic_offset", "recorded_at", "value_sha256")
_LANDED, _SAID, _ANSWERED = 0, 1, 2
_FEW: Final = 500
"""Up to so many keys are asked for in one statement, which saves the engine's cost per statement; more go in chunks."""


class GateStore(Store):
    """The store with what only the gate asks."""

    def look_up(
        self,
        acts: Iterable[tuple[str, str]],
        ids: Iterable[tuple[str, str]],
        batches: Iterable[tuple[str, str]],
        *,
        progress: bool,
    ) -> Found:
        """Statements about these (subject_id, act_id) or with these (source_id, source_event_id), receipts of these
        (sender, batch_id) that name an event, and, if wanted, how far the log has landed. Statements may stand there twice.

        Nothing is asked FINAL, which costs more than sorting out here what was replaced."""
        wanted = set(acts)
        parts = [*self._about(wanted), *self._with_ids(ids), *self._answered(batches)]
        if progress:
            parts.append(self._progress_part())
        rows: list[Sequence[Any]] = []
        for sql, parameters in _together(parts):
            rows += self._engine.query(sql, parameters)
        return _found(rows, wanted)

    def _progress_part(self) -> tuple[str, dict[str, Any], int]:
        return (
            f"SELECT {_LANDED}, '', '', '', '', '', '', '', topic_partition, next_offset, "
            "toUnixTimestamp64Milli(recorded_at), '', toUInt32(0), toInt64(0) "
            f"FROM {self._engine.table('progress')} WHERE stage = 'landed'",
            {},
            0,
        )

    def _about(self, wanted: set[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any], int]]:
        by_subject: dict[str, list[str]] = {}
        for subject_id, act_id in wanted:
            by_subject.setdefault(subject_id, []).append(act_id)
        for subjects in chunks(by_subject):
            for acts in chunks(act for subject in subjects for act in by_subject[subject]):
                yield (
                    f"SELECT {_SAID}, {_STATEMENT}, toUInt32(1), toInt64(0) FROM {self._log} "
                    "WHERE subject_id IN {subjects:Array(String)} AND act_id IN {acts:Array(String)}",
                    {"subjects": _Texts(subjects), "acts": _Texts(acts)},
                    len(subjects) + len(acts),
                )

    def _with_ids(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any], int]]:
        for source_id, own in _grouped(pairs):
            for some in chunks(own):
                yield (
                    f"SELECT {_SAID}, {_STATEMENT}, toUInt32(0), toInt64(0) FROM {self._by_source} "
                    "WHERE source_id = {source:String} AND source_event_id IN {ids:Array(String)}",
                    {"source": source_id, "ids": _Texts(some)},
                    len(some),
                )

    def _answered(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, dict[str, Any], int]]:
        for sender, batches in _grouped(pairs):
            for some in chunks(batches):
                yield (
                    f"SELECT {_ANSWERED}, source_id, batch_id, outcome, topic, bus, '', event_id, "
                    "assumeNotNull(topic_partition), assumeNotNull(topic_offset), "
                    "toUnixTimestamp64Milli(assumeNotNull(recorded_at)), value_sha256, index, toUnixTimestamp64Milli(received_at) "
                    f"FROM {self._engine.table('receipts')} "
                    "WHERE source_id = {sender:String} AND batch_id IN {batches:Array(String)} AND outcome != 'rejected'",
                    {"sender": sender, "batches": _Texts(some)},
                    len(some),
                )

    def unanswered(self, since: Mapping[int, datetime]) -> list[Statement]:
        """Statements on the log, per partition recorded at or after a time (UTC), for which no receipt says ``admitted``:
        a gate produced them and died before it answered. Each once, in the order of the log."""
        if not since:
            return []
        log, receipts = self._engine.table("act_log"), self._engine.table("receipts")
        first_of = "transform(topic_partition, {p:Array(Int32)}, {since:Array(Int64)}, {never:Int64})"
        rows = self._engine.query(
            f"SELECT {_STATEMENT} FROM {log} WHERE toUnixTimestamp64Milli(recorded_at) >= {first_of} AND event_id NOT IN ("
            f"SELECT event_id FROM {receipts} WHERE outcome = 'admitted' "
            "AND toUnixTimestamp64Milli(assumeNotNull(receipts.recorded_at)) >= {first:Int64}) "
            "ORDER BY topic_partition, topic_offset LIMIT 1 BY event_id",
            {
                "p": list(since),
                "since": [milliseconds(one) for one in since.values()],
                "never": 2**62,
                "first": min(milliseconds(one) for one in since.values()),
            },
        )
        return [_statement(row) for row in rows]

    def remember_ids(self, statements: Sequence[Statement]) -> None:
        """Keeps source_event_ids that came only in duplicates: rows of ``source_statements`` with the place of the first
        statement. Landing writes the others."""
        self._engine.insert("source_statements", _IDS, list(zip(*statements, strict=True)))


class _Texts:
    """An array of texts as a parameter. The driver looks at every character of every text to escape it, which costs the gate
    10 us an act; where nothing is to be escaped the array is put together at once."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def __str__(self) -> str:
        joined = "', '".join(self._texts)
        quotes = 2 * (len(self._texts) - 1)
        plain = joined.count("'") == quotes and not any(one in joined for one in must_escape if one != "'")
        return f"['{joined}']" if plain else str(format_bind_value(self._texts))


def _grouped(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for first, second in pairs:
        found.setdefault(first, []).append(second)
    return sorted(found.items())


def _together(parts: list[tuple[str, dict[str, Any], int]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Joins small questions into one statement, their parameters numbered apart."""
    joined: list[str] = []
    parameters: dict[str, Any] = {}
    size = 0
    for number, (sql, given, length) in enumerate(parts):
        if joined and size + length > _FEW:
            yield " UNION ALL ".join(joined), parameters
            joined, parameters, size = [], {}, 0
        for name, value in given.items():
            sql = sql.replace(f"{{{name}:", f"{{{name}{number}:")
            parameters[f"{name}{number}"] = value
        joined.append(sql)
        size += length
    if joined:
        yield " UNION ALL ".join(joined), parameters


def _found(rows: Iterable[Sequence[Any]], wanted: set[tuple[str, str]]) -> Found:
    found = Found([], [], {})
    receipts: list[ReceiptRow] = []
    for what, *row in rows:
        if what == _SAID:
            if _asked(said := _statement(row), wanted):
                found.statements.append(said)
        elif what == _ANSWERED:
            receipts.append(_receipt(row))
        elif row[8] >= found.landed.get(row[7], (0,))[0]:
            found.landed[row[7]] = (row[8], moment(row[9]))
    latest = {(one.source_id, one.batch_id, one.index, one.bus): one for one in sorted(receipts, key=attrgetter("received_at"))}
    found.receipts.extend(latest.values())
    return found


def _receipt(row: Sequence[Any]) -> ReceiptRow:
    sender, batch_id, outcome, topic, bus, _, event_id, partition, offset, recorded, digest, index, received = row
    said = event_id, topic, partition, offset, moment(recorded), digest
    return ReceiptRow(sender, batch_id, index, outcome, *said, "", "", "", moment(received), bus=bus)


def _statement(row: Sequence[Any]) -> Statement:
    return Statement._make((*row[:9], moment(row[9]), row[10]))


def _asked(one: Statement, wanted: set[tuple[str, str]]) -> bool:
    """Subjects and acts are asked for apart, so a question may find what nobody asked; by id everything is asked for."""
    return bool(one.source_event_id) or (one.subject_id, one.act_id) in wanted
