"""What must hold whatever happened: nothing acknowledged is lost, nothing is there twice, ClickHouse says what the log says."""

from __future__ import annotations

import hashlib
from typing import Any

from projections.sql import REBUILT_TABLES
from tests.integration.stacks import Stack


def digests(stack: Stack) -> dict[str, str]:
    """A digest of every projection table as it answers, versions included."""
    return {
        table: hashlib.sha256(stack.client.raw_query(f"SELECT * FROM xinji.{table} FINAL ORDER BY ALL", fmt="RowBinary")).hexdigest()
        for table in REBUILT_TABLES
    }


def clean(stack: Stack) -> dict[str, Any]:
    """``xinji verify`` finds no difference; returns what it says."""
    found: dict[str, Any] = stack.run("verify", "--json").json
    assert found["clean"] is True
    assert found["unsettled"] == []
    assert all(not verdict["differing"] and verdict["digest_replayed"] == verdict["digest_live"] for verdict in found["projections"].values())
    return found


def nothing_lost_or_doubled(stack: Stack) -> None:
    """Every ``admitted`` receipt stands in act_log at its place with its bytes, and every statement has one event id."""
    place = "topic_partition, topic_offset, event_id, value_sha256"
    assert stack.value(
        f"SELECT count() FROM xinji.receipts FINAL WHERE outcome != 'rejected' AND topic = 'acts' AND "
        f"(assumeNotNull(topic_partition) AS topic_partition, assumeNotNull(topic_offset) AS topic_offset, event_id, value_sha256) "
        f"NOT IN (SELECT {place} FROM xinji.act_log) AND outcome = 'admitted'"
    ) == 0
    assert stack.value("SELECT count() FROM xinji.act_log WHERE lower(hex(SHA256(value))) != value_sha256") == 0
    ((events, statements, shown),) = stack.rows(
        "SELECT uniqExact(event_id), uniqExact(source_id, subject_id, act_id, event, content_digest), "
        "(SELECT count() FROM xinji.acts) FROM xinji.act_log"
    )
    assert events == statements == shown
    ((places, distinct),) = stack.rows(
        "SELECT uniqExact(topic_partition, topic_offset), uniqExact(topic_partition, topic_offset, event_id) FROM xinji.act_log"
    )
    assert places == distinct
    assert stack.value("SELECT count() FROM (SELECT event_id FROM xinji.receipts FINAL WHERE outcome = 'admitted' "
                       "GROUP BY event_id HAVING count() > 1)") == 0
