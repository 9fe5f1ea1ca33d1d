"""Twins of the gate's surroundings: a store and a log in memory, with faults on demand."""

from __future__ import annotations

import copy
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from connectors.clickhouse.errors import ClickHouseAway
from schemas import registry, wire
from schemas.act_id import act_id
from schemas.records import ClosingRow, Found, ReceiptRow, RejectionRow, Statement
from streams.gate.port import Record
from streams.gate.submissions import Submission
from streams.topics import ACTS

NOW = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
SUBJECT = "91350100M000100Y43"
OTHER = "91110000MA00000X75"


class Crash(RuntimeError):
    """Stands for the death of the process."""


class FakeBus:
    """The log and the store behind it. ``lands``: acts land as soon as they stand on the log."""

    def __init__(self, lands: bool = True) -> None:
        self.lands = lands
        self.records: defaultdict[int, list[Record]] = defaultdict(list)
        self.others: list[Record] = []
        self.landed: dict[int, int] = {}
        self.receipts: dict[tuple[str | int, ...], ReceiptRow] = {}
        self.remembered: list[Statement] = []
        self.looked_up = 0
        self.rejections: dict[tuple[str, int], RejectionRow] = {}
        self.closings: list[ClosingRow] = []
        self.crash_at: str = ""
        self.away = 0
        self.free = 10**12

    # the log
    def deliver(self, records: Sequence[Record]) -> Mapping[str, int]:
        acts = [one for one in records if one.topic == ACTS]
        if acts:
            self._crash("before producing")
        offsets = {}
        for one in records:
            if one.topic != ACTS:
                self.others.append(one)
                offsets[one.tag] = len(self.others)
                continue
            assert one.partition is not None
            self.records[one.partition].append(one)
            offsets[one.tag] = len(self.records[one.partition]) - 1
            self._crash("while producing")
        if self.lands:
            self.land()
        if acts:
            self._crash("after producing")
        return offsets

    def _crash(self, moment: str) -> None:
        if self.crash_at == moment:
            self.crash_at = ""
            raise Crash(moment)

    def land(self) -> None:
        self.landed = {partition: len(records) for partition, records in self.records.items()}

    @property
    def acts(self) -> list[Record]:
        return [one for records in self.records.values() for one in records]

    def ends(self, partitions: Iterable[int] = range(12)) -> dict[int, int]:
        return {partition: len(self.records.get(partition, ())) for partition in partitions}

    # the store
    def free_space(self) -> int:
        return self.free

    def progress(self, stage: str) -> dict[int, tuple[int, datetime]]:
        assert stage == "landed"
        if self.away:
            self.away -= 1
            raise ClickHouseAway("http://127.0.0.1:1", "refused")
        return {partition: (offset, self._last_moment(partition, offset)) for partition, offset in self.landed.items() if offset}

    def _last_moment(self, partition: int, offset: int) -> datetime:
        records = self.records[partition]
        return _moment(records[min(offset, len(records)) - 1])  # the tail of the log may be lost

    def _statements(self) -> list[Statement]:
        return [
            statement_of(record, partition, offset)
            for partition, records in self.records.items()
            for offset, record in enumerate(records[: self.landed.get(partition, 0)])
        ]

    def look_up(
        self, acts: Iterable[tuple[str, str]], ids: Iterable[tuple[str, str]], batches: Iterable[tuple[str, str]], *, progress: bool
    ) -> Found:
        about, with_id, asked = set(acts), set(ids), set(batches)
        said = [
            one
            for one in (*self._statements(), *self.remembered)
            if (one.subject_id, one.act_id) in about or (one.source_id, one.source_event_id) in with_id
        ]
        answered = [row for key, row in self.receipts.items() if key[:2] in asked and row.outcome != "rejected"]
        self.looked_up += 1
        return Found(said, answered, self.progress("landed") if progress else {})

    def read_receipts(self, batch_id: str, sender: str = "local") -> list[ReceiptRow]:
        return [row for key, row in sorted(self.receipts.items()) if key[:2] == (sender, batch_id)]

    def unanswered(self, since: Mapping[int, datetime]) -> list[Statement]:
        answered = {row.event_id for row in self.receipts.values() if row.outcome == "admitted"}
        late = [one for one in self._statements() if one.partition in since and one.recorded_at >= since[one.partition]]
        return [one for one in late if one.event_id not in answered]

    def remember_ids(self, statements: Sequence[Statement]) -> None:
        self._crash("before remembering")
        self.remembered += statements

    def write_receipts(self, receipts: Sequence[ReceiptRow]) -> None:
        self._crash("before receipts")
        self.receipts.update({(row.source_id, row.batch_id, row.index, *filter(None, [row.bus])): row for row in receipts})
        self._crash("after receipts")

    def write_rejections(self, rejections: Sequence[RejectionRow]) -> None:
        self.rejections.update({(row.batch_id, row.index): row for row in rejections})

    def write_closings(self, closings: Sequence[ClosingRow]) -> None:
        self.closings += closings


def _moment(record: Record) -> datetime:
    assert record.timestamp_ms is not None
    return datetime.fromtimestamp(record.timestamp_ms // 1000, UTC).replace(microsecond=record.timestamp_ms % 1000 * 1000)


def statement_of(record: Record, partition: int, offset: int) -> Statement:
    headers = dict(record.headers)
    name, event = wire.decode(record.value, headers[wire.FINGERPRINT_HEADER].decode())
    header = event["header"]
    return Statement(
        source_id=header["source_id"],
        act_id=header["act_id"],
        subject_id=header["subject_id"],
        event=name,
        content_digest=wire.content_digest(name, event),
        source_event_id=header["source_event_id"] or "",
        event_id=headers["ce_id"].decode(),
        partition=partition,
        offset=offset,
        recorded_at=_moment(record),
        value_sha256=wire.value_digest(record.value),
    )


def header(**fields: Any) -> dict[str, Any]:
    defaults = {field: copy.copy(schema.get("default")) for field, schema in registry.header_fields().items()}
    return (
        defaults
        | {
            "subject_id": SUBJECT,
            "subject_name": "某某有限公司",
            "subject_kind": "enterprise",
            "authority_id": "name:某市市场监督管理局",
            "authority_name": "某市市场监督管理局",
            "source_id": "local",
            "source_name": "本机",
            "occurred_on": date(2024, 5, 1),
        }
        | fields
    )


def event(name: str, header_fields: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An event as wire.decode gives it: every field there, defaults filled in."""
    made = {"header": header(**(header_fields or {}))} | {
        field: schema.get("default") for field, schema in registry.fields_of(name).items()
    }
    made |= fields
    if not made["header"]["act_id"]:
        made["header"]["act_id"] = f"penalty/{made['header']['authority_id']}/1"
        if registry.BY_NAME[name].makes_act:
            made["header"]["act_id"] = act_id(name, made)
    return made


def penalty(number: str = "某市监罚〔2024〕1号", header_fields: Mapping[str, Any] | None = None, **fields: Any) -> bytes:
    return wire.encode("PenaltyImposed", event("PenaltyImposed", header_fields, document_number=number, **fields))


def batch(values: Iterable[bytes], batch_id: str | None = None, *, one_row: bool = False) -> bytes:
    items = [
        {"value": value, "fingerprint": None, "origin": f"f.csv:{2 if one_row else row}", "refused": None}
        for row, value in enumerate(values, 2)
    ]
    return wire.encode_batch({"batch_id": batch_id or str(uuid.uuid4()), "source_id": "local", "items": items})


def message(value: bytes, offset: int = 0, source: str = "local", partition: int = 0) -> Submission:
    return Submission(source, f"submissions.{source}", partition, offset, value)
