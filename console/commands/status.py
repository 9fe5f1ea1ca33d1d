"""``xinji status``: lag in records and seconds, counts, health."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click

from connectors.kafka import end_offsets
from connectors.settings import Settings
from console.environment import open_store, resolved
from console.output import DIFFERENT, OK, json_option, out, print_json, told
from schemas.ports import Store
from streams.evaluation import policy_digest
from streams.log import read_until
from streams.policies import load_policy
from streams.sources import load_sources
from streams.topics import ACTS, ACTS_PARTITIONS
from streams.waiting import waiting_submissions


@click.command(help="延迟、计数、健康 / lag in records and seconds, counts, health; exit 1 when something is not healthy")
@json_option
@told
def command(as_json_: bool) -> None:
    """Healthy: everything on the log is projected or on its way for less than a minute, and no rebuild is due.

    Submission messages that wait for the gate are counted as it last committed; it commits about twice a second.
    """
    settings = resolved(Settings())
    store = open_store(settings)
    found = _status(settings, store, datetime.now(UTC))
    if as_json_:
        print_json(found)
    else:
        _show(found)
    sys.exit(OK if found["healthy"] else DIFFERENT)


def _status(settings: Settings, store: Store, now: datetime) -> dict[str, Any]:
    ends = end_offsets(settings.bootstrap, ACTS, range(ACTS_PARTITIONS), seconds=10)
    stages = {stage: _lag(settings.bootstrap, store, stage, ends, now) for stage in ("landed", "projected")}
    waiting = waiting_submissions(settings.bootstrap, list(load_sources(settings.sources)))
    policy = load_policy(settings.policy)
    digests = store.policy_digests()
    current = policy_digest(policy)
    stale = sum(count for digest, count in digests.items() if digest != current)
    return {
        "submissions_waiting": waiting,
        "log_records": sum(ends.values()),
        **stages,
        "counts": store.counts(),
        "policy": current,
        "rows_of_another_policy": stale,
        "rebuild_due": stale > 0,
        "healthy": stages["projected"]["seconds"] < 60 and not stale,
    }


def _lag(bootstrap: str, store: Store, stage: str, ends: dict[int, int], now: datetime) -> dict[str, float]:
    """Records behind the end of the log, and how many seconds ago the oldest of them was admitted."""
    done = store.progress(stage)
    at = {partition: done[partition][0] if partition in done else 0 for partition in ends}
    behind = {partition: end - at[partition] for partition, end in ends.items() if end > at[partition]}
    oldest = [next(read_until(bootstrap, {p: at[p] + 1}, {p: at[p]})).recorded_at for p in behind]
    seconds = max(((now - moment).total_seconds() for moment in oldest), default=0.0)
    return {"records": sum(behind.values()), "seconds": round(max(0.0, seconds), 3)}


def _show(found: dict[str, Any]) -> None:
    out.print(f"等待接收 / waiting    {found['submissions_waiting']} submission messages")
    out.print(f"日志 / log            {found['log_records']} records")
    for stage, label in (("landed", "落库 / landed"), ("projected", "投影 / projected")):
        out.print(f"{label:<20}  {found[stage]['records']} records, {found[stage]['seconds']} s behind")
    for name, count in found["counts"].items():
        out.print(f"{name:<20}  {count}")
    out.print(f"政策 / policy         {found['policy']}")
    if found["rebuild_due"]:
        out.print(f"{found['rows_of_another_policy']} 行按旧政策计算 / rows of another policy: run `xinji rebuild`")
    out.print("健康 / healthy" if found["healthy"] else "不健康 / NOT healthy")
