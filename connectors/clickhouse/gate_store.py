"""The store as the gate needs it: one question more, asked after a start."""

from __future__ import annotations

from datetime import datetime

from connectors.clickhouse.engine import milliseconds, moment
from connectors.clickhouse.store import Store
from schemas.records import Statement


class GateStore(Store):
    """The store with ``unanswered``."""

    def unanswered(self, since: datetime) -> list[Statement]:
        """Statements on the log, recorded at or after ``since`` (UTC), for which no receipt says ``admitted``: the gate
        produced them and died before it answered. Each once, in the order of the log."""
        log, receipts = self._engine.table("act_log"), self._engine.table("receipts")
        rows = self._engine.query(
            "SELECT source_id, act_id, subject_id, event, content_digest, source_event_id, event_id, topic_partition, "
            f"topic_offset, toUnixTimestamp64Milli(recorded_at), value_sha256 FROM {log} "
            "WHERE toUnixTimestamp64Milli(recorded_at) >= {since:Int64} AND event_id NOT IN ("
            f"SELECT event_id FROM {receipts} WHERE outcome = 'admitted' "
            "AND toUnixTimestamp64Milli(assumeNotNull(receipts.recorded_at)) >= {since:Int64}) "
            "ORDER BY topic_partition, topic_offset LIMIT 1 BY event_id",
            {"since": milliseconds(since)},
        )
        return [_statement(*row) for row in rows]


def _statement(
    source_id: str,
    act_id: str,
    subject_id: str,
    event: str,
    content_digest: str,
    source_event_id: str,
    event_id: str,
    partition: int,
    offset: int,
    recorded: int,
    value_sha256: str,
) -> Statement:
    return Statement(
        source_id,
        act_id,
        subject_id,
        event,
        content_digest,
        source_event_id,
        event_id,
        partition,
        offset,
        moment(recorded),
        value_sha256,
    )
