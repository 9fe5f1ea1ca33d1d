"""The log in ClickHouse: landing events, and the questions that gate, projector, rebuild and refill ask of it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import merge
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any, Final

from connectors.clickhouse.engine import Engine, chunks
from schemas.instants import moment
from schemas.log_record import LogRecord, LogRow, placeholder
from schemas.records import Hole, LandedEvent, StoredEvent

_LANDED: Final = LandedEvent._fields
_HEADERS: Final = _LANDED.index("headers")
_COUNT: Final = struct.Struct(">H")
_MENTIONED: Final = ("mentioned_id", "subject_id", "act_id")
_BY_SOURCE: Final = (
    "source_id", "source_event_id", "subject_id", "act_id", "event", "event_id", "content_digest", "topic_partition",
    "topic_offset", "recorded_at", "value_sha256",
)  # fmt: skip
_by_source: Final = attrgetter(*_BY_SOURCE)

_STORED: Final = (
    "event_id, subject_id, topic_partition, topic_offset, toUnixTimestamp64Milli(recorded_at) AS recorded, fingerprint, "
    "mentions, value"
)
_KEY_ORDER: Final = "subject_id, topic_partition, topic_offset"
_BYTES: Final = {"value": "bytes"}
_SORT_BYTES: Final = 256 * 1024 * 1024
_SAMPLE: Final = 20_000


class Log:
    """``act_log`` and its indexes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._log = engine.table("act_log")
        place = "topic_partition, topic_offset"
        strays = engine.table("stray_records")
        # a place that a receipt names as admitted had an event: a stray there is no excuse for its loss
        self._taken = (
            f"(SELECT {place} FROM {self._log} UNION ALL SELECT {place} FROM {strays} WHERE ({place}) NOT IN "
            f"(SELECT assumeNotNull(topic_partition), assumeNotNull(topic_offset) FROM {engine.table('receipts')} "
            f"WHERE outcome = 'admitted' AND (assumeNotNull(topic_partition), assumeNotNull(topic_offset)) IN "
            f"(SELECT {place} FROM {strays})))"
        )
        self._mentions = engine.table("act_mentions")
        self._by_source = engine.table("source_statements")

    def land(self, events: Sequence[LandedEvent]) -> None:
        """Adds events, their indexes first: what stands in ``act_log`` is found by every index. Landing the same offset
        again is harmless: every question counts it once."""
        if not events:
            return
        self._index(events)
        columns: list[Sequence[Any]] = list(zip(*events, strict=True))
        columns[_HEADERS] = [packed(one) for one in columns[_HEADERS]]
        self._engine.insert("act_log", _LANDED, columns)

    def _index(self, events: Sequence[LandedEvent]) -> None:
        named = [
            (other, one.subject_id, one.act_id)
            for one in events
            if len(one.mentions) > 1
            for other in one.mentions
            if other != one.subject_id
        ]
        self._engine.insert("act_mentions", _MENTIONED, list(zip(*named, strict=True)))
        with_id = [_by_source(one) for one in events if one.source_event_id]
        self._engine.insert("source_statements", _BY_SOURCE, list(zip(*with_id, strict=True)))

    def events_mentioning(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        """Every event that mentions any of the ids: about one of them, or about an act of which any statement names one.
        Each once (at its lowest offset)."""
        wanted = list(dict.fromkeys(subject_ids))
        own = set(wanted)
        yield from self.events_of(wanted)
        acts: set[tuple[str, str]] = set()
        for some in chunks(wanted):
            rows = self._engine.query(
                f"SELECT DISTINCT subject_id, act_id FROM {self._mentions} WHERE mentioned_id IN {{ids:Array(String)}}",
                {"ids": some},
            )
            acts.update((subject_id, act_id) for subject_id, act_id in rows if subject_id not in own)
        yield from self.events_of_acts(acts)

    def events_of_acts(self, acts: Iterable[tuple[str, str]]) -> Iterator[StoredEvent]:
        """Every event about these (subject_id, act_id), each once, one subject after the other."""
        wanted: dict[str, set[str]] = {}
        for subject_id, act_id in acts:
            wanted.setdefault(subject_id, set()).add(act_id)
        for subjects in chunks(wanted):
            for some in chunks({act for subject in subjects for act in wanted[subject]}):
                rows = self._engine.query(
                    f"SELECT {_STORED}, act_id FROM {self._log} WHERE subject_id IN {{ids:Array(String)}} "
                    f"AND act_id IN {{acts:Array(String)}} ORDER BY {_KEY_ORDER}",
                    {"ids": subjects, "acts": some},
                    _BYTES,
                )
                yield from _once(_stored(row[:-1]) for row in rows if row[-1] in wanted[row[1]])

    def events_of(self, subject_ids: Iterable[str]) -> Iterator[StoredEvent]:
        """Every event whose own subject is one of the ids, each once, one subject after the other."""
        for some in chunks(subject_ids):
            rows = self._engine.query(
                f"SELECT {_STORED} FROM {self._log} WHERE subject_id IN {{ids:Array(String)}} ORDER BY {_KEY_ORDER}",
                {"ids": some},
                _BYTES,
            )
            yield from _once(map(_stored, rows))

    def landed_rows(self, subject_ids: Iterable[str]) -> Iterator[LandedEvent]:
        """Every row about these subjects as it stands in ``act_log``, one that landed twice as often as it did."""
        names = ", ".join(_LANDED).replace("recorded_at", "toUnixTimestamp64Milli(recorded_at) AS recorded")
        for some in chunks(subject_ids):
            rows = self._engine.stream(
                f"SELECT {names} FROM {self._log} WHERE subject_id IN {{ids:Array(String)}} ORDER BY {_KEY_ORDER}",
                {"ids": some},
                _BYTES | {"headers": "bytes"},
            )
            for row in rows:
                given = dict(zip(_LANDED, row, strict=True))
                given |= {"recorded_at": moment(given["recorded_at"]), "headers": unpacked(given["headers"])}
                yield LandedEvent(**given | {"mentions": tuple(given["mentions"])})

    def all_events(
        self,
        after: Mapping[int, int] | None = None,
        before: Mapping[int, int] | None = None,
        subjects: tuple[str, str | None] | None = None,
    ) -> Iterator[StoredEvent]:
        """The log, one subject after the other, each event once; in the table's own order, so nothing is sorted.

        Positions are next offsets per partition: offsets from ``after`` (absent: from the first) up to, not including,
        ``before`` (None: to the end; a partition absent from a given ``before`` has nothing). ``subjects``: only ids from
        the first to before the second (None: to the end).
        """
        lower, upper = dict(after or {}), dict(before or {})
        conditions, parameters = ["true"], dict[str, Any]()
        if lower:
            conditions.append("topic_offset >= transform(topic_partition, {after_p:Array(Int32)}, {after_o:Array(Int64)}, 0)")
            parameters |= {"after_p": list(lower), "after_o": list(lower.values())}
        if before is not None:
            conditions.append("topic_offset < transform(topic_partition, {before_p:Array(Int32)}, {before_o:Array(Int64)}, 0)")
            parameters |= {"before_p": [-1, *upper], "before_o": [0, *upper.values()]}
        if subjects is not None:
            conditions.append("subject_id >= {first:String}")
            parameters["first"] = subjects[0]
            if subjects[1] is not None:
                conditions.append("subject_id < {last:String}")
                parameters["last"] = subjects[1]
        rows = self._engine.stream(
            f"SELECT {_STORED} FROM {self._log} WHERE {' AND '.join(conditions)} ORDER BY {_KEY_ORDER}",
            parameters,
            _BYTES,
            settings={"optimize_read_in_order": 1},
        )
        return _once(map(_stored, rows))

    def subject_ranges(self, count: int) -> list[tuple[str, str | None]]:
        """At most ``count`` ranges of subject ids, from the first of each to before the second, with about as many events
        each: drawn from a sample."""
        rows = self._engine.query(f"SELECT arraySort(groupArraySample({_SAMPLE}, 1)(subject_id)) FROM {self._log}")
        sample: list[str] = list(rows[0][0])
        cuts = sorted({sample[len(sample) * part // count] for part in range(1, count)}) if sample else []
        return list(zip(["", *cuts], [*cuts, None], strict=True))

    def holes(self) -> list[Hole]:
        """Places of the log of which the rows are missing, in its order: gaps, and a tail that some stage had reached.

        One statement reads places and positions and finds what is contiguous, so nothing moves between two looks; receipts
        are counted afterwards, of each hole that there is. Ten million records take two to four seconds."""
        rows = self._engine.query(
            "SELECT topic_partition, end, if(bitmapCardinality(places) = toUInt64(end), [], "
            "arrayConcat([toInt64(-1)], arraySort(arrayMap(place -> toInt64(place), bitmapToArray(places))), [end])) AS marks, "
            "arrayFilter((place, step) -> step > 1, marks, arrayDifference(marks)) AS after, "
            "arrayFilter(step -> step > 1, arrayDifference(marks)) AS steps FROM ("
            "SELECT topic_partition, groupBitmapStateIf(toUInt64(place), stands) AS places, max(next) AS end FROM ("
            f"SELECT topic_partition, topic_offset AS place, topic_offset + 1 AS next, true AS stands FROM {self._taken} UNION ALL "
            f"SELECT topic_partition, 0, next_offset, false FROM {self._engine.table('progress')}) GROUP BY topic_partition) "
            "WHERE notEmpty(marks) ORDER BY topic_partition"
        )
        return [
            Hole(partition, place - step + 1, place - 1, self._receipts_of(partition, place - step + 1, place - 1))
            for partition, _, _, places, steps in rows
            for place, step in zip(places, steps, strict=True)
        ]

    def _receipts_of(self, partition: int, first: int, last: int) -> int:
        told = self._engine.query(
            f"SELECT uniqExact(event_id) FROM {self._engine.table('receipts')} WHERE outcome = 'admitted' "
            "AND topic_partition = {partition:Int32} AND topic_offset BETWEEN {first:Int64} AND {last:Int64}",
            {"partition": partition, "first": first, "last": last},
        )
        return int(told[0][0])

    def log_records(self) -> Iterator[LogRecord]:
        """Every offset of the log once, by partition and offset: what a refill produces again (double events stay; a stray has
        its placeholder)."""
        found = {(partition, offset): moment(at) for partition, offset, _, at in self._stray_places()}
        for one in self.log_rows():
            yield one.record if one.event_id else one.record._replace(recorded_at=found.get(_place_of(one), moment(1)))

    def log_rows(self, after: Mapping[int, int] | None = None) -> Iterator[LogRow]:
        """Every offset of the log once, by partition and offset, from next offsets on (absent: from the first); with the id
        and the digest that its row names. A stray has no id, and the first millisecond for its time.

        Sorting spills to disk beyond 256 MiB.
        """
        lower = dict(after or {})
        strays = [
            LogRow(placeholder(partition, offset, digest, moment(0)), "", digest)
            for partition, offset, digest, _ in self._stray_places()
            if offset >= lower.get(partition, 0)
        ]
        rows = self._engine.stream(
            "SELECT topic_partition, topic_offset, subject_id, value, headers, toUnixTimestamp64Milli(recorded_at), event_id, "
            f"value_sha256 FROM {self._log} "
            "WHERE topic_offset >= transform(topic_partition, {p:Array(Int32)}, {o:Array(Int64)}, toInt64(0)) "
            "ORDER BY topic_partition, topic_offset",
            {"p": [-1, *lower], "o": [0, *lower.values()]},
            types={"String": "bytes"},
            settings={"max_bytes_before_external_sort": _SORT_BYTES},
        )
        events = (
            LogRow(
                LogRecord(partition, offset, key, value, unpacked(headers), moment(recorded)), event_id.decode(), digest.decode()
            )
            for partition, offset, key, value, headers, recorded, event_id, digest in rows
        )
        last = None
        for one in merge(events, strays, key=_place_of):
            if (place := _place_of(one)) != last:
                last = place
                yield one

    def _stray_places(self) -> list[tuple[int, int, str, int]]:
        """(partition, offset, SHA-256 of the bytes, when it was found in milliseconds since 1970)."""
        rows = self._engine.query(
            "SELECT topic_partition, topic_offset, value_sha256, toUnixTimestamp64Milli(found_at) "
            f"FROM {self._engine.table('stray_records')} FINAL ORDER BY topic_partition, topic_offset"
        )
        return [(int(partition), int(offset), str(digest), int(found)) for partition, offset, digest, found in rows]


def _place_of(row: LogRow) -> tuple[int, int]:
    return row.record.partition, row.record.offset


def _stored(row: Sequence[Any]) -> StoredEvent:
    event_id, subject_id, partition, offset, recorded, fingerprint, mentions, value = row
    return StoredEvent(event_id, subject_id, partition, offset, moment(recorded), fingerprint, tuple(mentions), value)


def _once(events: Iterable[StoredEvent]) -> Iterator[StoredEvent]:
    """Leaves out double events; an event and its double have one subject, so one subject's ids are enough to know."""
    subject: str | None = None
    seen: set[str] = set()
    for one in events:
        if one.subject_id != subject:
            subject, seen = one.subject_id, set()
        if one.event_id not in seen:
            seen.add(one.event_id)
            yield one


def packed(headers: Sequence[tuple[str, bytes]]) -> bytes:
    """Headers as one text: their number (2 bytes), the lengths of each name and value (4 bytes each), all names and values."""
    parts = [part for name, value in headers for part in (_encoded(name), value)]
    return struct.pack(f">H{len(parts)}I", len(headers), *map(len, parts)) + b"".join(parts)


@lru_cache(maxsize=1_000)
def _encoded(name: str) -> bytes:
    return name.encode()


def unpacked(text: bytes) -> tuple[tuple[str, bytes], ...]:
    """The headers in what ``packed`` made."""
    (count,) = _COUNT.unpack_from(text)
    lengths = struct.unpack_from(f">{2 * count}I", text, _COUNT.size)
    ends = list(accumulate(lengths, initial=_COUNT.size + 8 * count))
    parts = [text[start:end] for start, end in pairwise(ends)]
    return tuple((name.decode(), value) for name, value in zip(parts[::2], parts[1::2], strict=True))
