"""What must hold whatever happened: nothing acknowledged is lost, nothing is there twice, ClickHouse says what the log says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from connectors.clickhouse.client import connect
from connectors.clickhouse.errors import ClickHouseProblem
from connectors.kafka import end_offsets
from projections.tables import registered
from streams.generations import demand_live
from streams.topics import ACTS, ACTS_PARTITIONS
from tests.deadline import until
from tests.integration.stacks import Stack


def digests(stack: Stack) -> dict[str, str]:
    """A digest of every table of the live generation as it answers. Versions are left out: a subject's row is written only
    when its values change, so they depend on the batches in which its events came."""
    rows = live_rows(stack)
    return {
        table.name: hashlib.sha256(
            stack.client.raw_query(f"SELECT * EXCEPT version FROM {rows}.{table.name} FINAL ORDER BY ALL", fmt="RowBinary")
        ).hexdigest()
        for table in registered()
    }


def live_rows(stack: Stack) -> str:
    """The database of the live generation."""
    return f"xinji_g{demand_live(stack.store).number}"


def clean(stack: Stack) -> dict[str, Any]:
    """``xinji verify`` finds no difference; returns what it says."""
    found: dict[str, Any] = stack.run("verify", "--json").json
    assert found["clean"] is True
    assert found["unsettled"] == []
    assert all(
        not verdict["differing"] and verdict["digest_replayed"] == verdict["digest_live"]
        for verdict in found["projections"].values()
    )
    return found


def settled(stack: Stack) -> None:
    """Everything on the log has landed and is projected: on a cluster, receipts do not wait for that."""
    ends = end_offsets(stack.bootstrap, ACTS, range(ACTS_PARTITIONS))

    def reached() -> bool:
        done = stack.store.progress("projected", demand_live(stack.store).number)
        return all(done[partition][0] >= end for partition, end in ends.items() if end)

    until(lambda: until_answered(reached), what="everything projected")


def until_answered(question: Callable[[], bool]) -> bool:
    """The answer, False while ClickHouse is away."""
    try:
        return question()
    except (ClickHouseProblem, KeyError):
        return False


def nothing_lost_or_doubled(stack: Stack, receipts: Path | None = None) -> None:
    """Every ``admitted`` receipt stands in act_log at its place with its bytes, and every statement has one event id.

    ``receipts``: a file of ``push --receipts``, what the client itself holds.
    """
    settled(stack)
    ((lost,),) = stack.rows(
        "SELECT count() FROM xinji.receipts FINAL WHERE outcome = 'admitted' AND "
        "(ifNull(topic_partition, -1), ifNull(topic_offset, -1), event_id, value_sha256) NOT IN "
        "(SELECT topic_partition, topic_offset, event_id, value_sha256 FROM xinji.act_log)"
    )
    assert lost == 0, f"{lost} admitted statements do not stand in act_log at the place of their receipt"
    assert stack.value("SELECT count() FROM xinji.act_log WHERE lower(hex(SHA256(value))) != value_sha256") == 0
    assert (
        stack.value(
            "SELECT count() FROM (SELECT event_id FROM xinji.receipts FINAL WHERE outcome = 'admitted' "
            "GROUP BY event_id HAVING count() > 1)"
        )
        == 0
    ), "a statement was admitted twice"
    ((events, statements, shown),) = stack.rows(
        "SELECT uniqExact(event_id), uniqExact(source_id, subject_id, act_id, event, content_digest), "
        "(SELECT count() FROM xinji.acts) FROM xinji.act_log"
    )
    assert events == statements == shown
    ((places, distinct),) = stack.rows(
        "SELECT uniqExact(topic_partition, topic_offset), uniqExact(topic_partition, topic_offset, event_id) FROM xinji.act_log"
    )
    assert places == distinct, "two events have one place"
    if receipts is not None:
        assert _held(receipts) <= set(stack.rows("SELECT topic_partition, topic_offset, event_id, value_sha256 FROM xinji.act_log"))


def _held(receipts: Path) -> set[tuple[int, int, str, str]]:
    told = [json.loads(line) for line in receipts.read_text(encoding="utf-8").splitlines()]
    return {
        (one["topic_partition"], one["topic_offset"], one["event_id"], one["value_sha256"])
        for one in told
        if one["outcome"] != "rejected"
    }


SHOWN = ("act_states", "subjects", "disclosures", "grades", "list_entries")


@contextmanager
def never_fewer(stack: Stack) -> Iterator[None]:
    """While the block runs, a reader asks the views again and again: none of them ever shows fewer rows than before."""
    done, seen, fewer = Event(), dict.fromkeys(SHOWN, 0), list[str]()

    def ask() -> None:
        client = connect(stack.clickhouse, "xinji")
        while not done.is_set():
            for view in SHOWN:
                count = int(client.query(f"SELECT count() FROM xinji.{view}").result_rows[0][0])
                if count < seen[view]:
                    fewer.append(f"{view}: {count} after {seen[view]}")
                seen[view] = count
        client.close()

    reader = Thread(target=ask)
    reader.start()
    try:
        yield
    finally:
        done.set()
        reader.join(60)
    assert not fewer
    assert all(seen.values()), seen
