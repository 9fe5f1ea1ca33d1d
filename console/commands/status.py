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
from streams.evaluation import policy_digest
from streams.policies import load_policy
from streams.ports import Store
from streams.topics import ACTS, ACTS_PARTITIONS


@click.command(help="延迟、计数、健康 / lag in records and seconds, counts, health; exit 1 when something is not healthy")
@json_option
@told
def command(as_json_: bool) -> None:
    """Healthy: everything on the log is projected or on its way for less than a minute, and no rebuild is due."""
    settings = resolved(Settings())
    store = open_store(settings)
    found = _status(settings, store, datetime.now(UTC))
    if as_json_:
        print_json(found)
    else:
        _show(found)
    sys.exit(OK if found["healthy"] else DIFFERENT)


def _status(settings: Settings, store: Store, now: datetime) -> dict[str, Any]:
    ends = end_offsets(settings.bootstrap, ACTS, range(ACTS_PARTITIONS))
    stages = {stage: _lag(store, stage, ends, now) for stage in ("landed", "projected")}
    policy = load_policy(settings.policy)
    digests = store.policy_digests()
    current = policy_digest(policy)
    stale = sum(count for digest, count in digests.items() if digest != current)
    return {
        "log_records": sum(ends.values()), **stages, "counts": store.counts(), "policy": current,
        "rows_of_another_policy": stale, "rebuild_due": stale > 0,
        "healthy": stages["projected"]["seconds"] < 60 and not stale,
    }


def _lag(store: Store, stage: str, ends: dict[int, int], now: datetime) -> dict[str, float]:
    """Records behind the end of the log, and seconds since the last one dealt with where there are any behind."""
    done = store.progress(stage)
    behind = {partition: end - (done[partition][0] if partition in done else 0) for partition, end in ends.items()}
    oldest = [done[p][1] for p, records in behind.items() if records > 0 and p in done]
    seconds = max(((now - moment).total_seconds() for moment in oldest), default=0.0)
    return {"records": sum(max(0, records) for records in behind.values()), "seconds": round(seconds, 3)}


def _show(found: dict[str, Any]) -> None:
    out.print(f"日志 / log            {found['log_records']} records")
    for stage, label in (("landed", "落库 / landed"), ("projected", "投影 / projected")):
        out.print(f"{label:<20}  {found[stage]['records']} records, {found[stage]['seconds']} s behind")
    for name, count in found["counts"].items():
        out.print(f"{name:<20}  {count}")
    out.print(f"政策 / policy         {found['policy']}")
    if found["rebuild_due"]:
        out.print(f"{found['rows_of_another_policy']} 行按旧政策计算 / rows of another policy: run `xinji rebuild`")
    out.print("健康 / healthy" if found["healthy"] else "不健康 / NOT healthy")
