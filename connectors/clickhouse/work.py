"""What the workers remember: how far they are, receipts, rejections, and generations of the policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from connectors.clickhouse.engine import Engine, milliseconds, moment
from schemas.records import Generation, Positions, ReceiptRow, RejectionRow

_RECEIPT: Final = tuple(one.name for one in fields(ReceiptRow))
_REJECTION: Final = tuple(one.name for one in fields(RejectionRow))
_TIMES: Final = ("recorded_at", "received_at")
_TRIES: Final = 5


class GenerationContested(RuntimeError):
    """Several programs register different policies or calendars at once; carries the digests of this one."""

    def __init__(self, policy_digest: str, calendar_digest: str) -> None:
        self.policy_digest, self.calendar_digest = policy_digest, calendar_digest
        super().__init__(
            f"other programs register another policy than {policy_digest[:12]} / {calendar_digest[:12]} right now; "
            "give every projector the same policy tables and calendar, and start again"
        )


class Work:
    """The tables progress, receipts, rejection_log and policy_generations."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def progress(self, stage: str) -> Positions:
        """How far a stage ('landed', 'projected') is: partition -> (next offset, recorded_at of its last event)."""
        rows = self._engine.query(
            "SELECT topic_partition, next_offset, toUnixTimestamp64Milli(recorded_at) "
            f"FROM {self._engine.table('progress')} FINAL WHERE stage = {{stage:String}} ORDER BY topic_partition",
            {"stage": stage},
        )
        return {partition: (offset, moment(recorded)) for partition, offset, recorded in rows}

    def advance(self, stage: str, positions: Mapping[int, tuple[int, datetime]]) -> None:
        """Remembers positions; one that is behind what is known changes nothing."""
        self._engine.insert(
            "progress",
            ("stage", "topic_partition", "next_offset", "recorded_at"),
            [
                [stage] * len(positions),
                list(positions),
                [offset for offset, _ in positions.values()],
                [milliseconds(recorded) for _, recorded in positions.values()],
            ],
        )

    def write_receipts(self, receipts: Sequence[ReceiptRow]) -> None:
        """One row per (batch_id, index); writing one again replaces it."""
        self._engine.insert("receipts", _RECEIPT, _columns(_RECEIPT, receipts))

    def read_receipts(self, batch_id: str) -> list[ReceiptRow]:
        """The receipts of a batch by index; fewer than its statements while the gate is still at work."""
        rows = self._engine.query(
            f"SELECT {_selected(_RECEIPT)} FROM {self._engine.table('receipts')} FINAL "
            "WHERE batch_id = {batch:String} ORDER BY index",
            {"batch": batch_id},
        )
        return [ReceiptRow(*_read(_RECEIPT, row)) for row in rows]

    def write_rejections(self, rejections: Sequence[RejectionRow]) -> None:
        """One row per place and (batch_id, index); writing one again replaces it."""
        self._engine.insert("rejection_log", _REJECTION, _columns(_REJECTION, rejections))

    def list_rejections(self, source: str | None = None, limit: int = 100) -> list[RejectionRow]:
        """The newest rejections, of one source or of all."""
        rows = self._engine.query(
            f"SELECT {_selected(_REJECTION)} FROM {self._engine.table('rejection_log')} FINAL "
            "WHERE {any:Bool} OR source_id = {source:String} "
            "ORDER BY rejection_log.received_at DESC, topic, topic_partition, topic_offset, batch_id, index "
            "LIMIT {limit:UInt32}",
            {"any": source is None, "source": source or "", "limit": limit},
            {"bytes": "bytes"},
        )
        return [RejectionRow(*_read(_REJECTION, row)) for row in rows]

    def generations(self) -> list[Generation]:
        """Every generation, oldest first. Of two that were registered at once under one number the earlier counts."""
        rows = self._engine.query(
            "SELECT generation, policy_digest, calendar_digest, toUnixTimestamp64Milli(since) AS at "
            f"FROM {self._engine.table('policy_generations')} "
            "ORDER BY generation, at, policy_digest, calendar_digest LIMIT 1 BY generation"
        )
        return [Generation(number, policy, calendar, moment(since)) for number, policy, calendar, since in rows]

    def current_generation(self, policy_digest: str, calendar_digest: str, now: datetime) -> int:
        """The generation of a policy and calendar; registers a new one when they are not those of the latest.

        Going back to an earlier policy is a new generation too, so that its rows win over those in between. Raises
        GenerationContested when others keep registering different ones meanwhile.
        """
        for _ in range(_TRIES):
            known = self.generations()
            if known and (known[-1].policy_digest, known[-1].calendar_digest) == (policy_digest, calendar_digest):
                return known[-1].generation
            number = known[-1].generation + 1 if known else 1
            self._engine.insert(
                "policy_generations",
                ("generation", "policy_digest", "calendar_digest", "since"),
                [[number], [policy_digest], [calendar_digest], [milliseconds(now)]],
            )
        raise GenerationContested(policy_digest, calendar_digest)


def _selected(names: Iterable[str]) -> str:
    return ", ".join(f"toUnixTimestamp64Milli({name})" if name in _TIMES else f"`{name}`" for name in names)


def _columns(names: Sequence[str], rows: Sequence[Any]) -> list[list[Any]]:
    columns = [list(one) for one in zip(*map(attrgetter(*names), rows), strict=True)]
    for place, name in enumerate(names):
        if name in _TIMES and columns:
            columns[place] = [None if one is None else milliseconds(one) for one in columns[place]]
    return columns


def _read(names: Sequence[str], row: Sequence[Any]) -> list[Any]:
    return [moment(value) if name in _TIMES and value is not None else value for name, value in zip(names, row, strict=True)]
