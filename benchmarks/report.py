"""The results as one table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.alone import Cost, Stages
from benchmarks.measure import Pipeline, Rate, Times

RESULTS: Final = Path(__file__).parent / "results"
_COLUMNS: Final = (
    ("环境", "stack"),
    ("已有行为", "prior acts"),
    ("推送至投影 行为/秒", "push to projection, acts/s"),
    ("占上限", "of ceiling"),
    ("重放 行为/秒", "replayed acts/s"),
    ("占上限", "of ceiling"),
    ("上限 行为/秒", "ceiling, acts/s"),
    ("推送至可见 毫秒 p50/p99", "push to visible, ms"),
    ("主体记录 毫秒 p50/p99", "record, ms"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that was measured on one stack with so many prior acts. ``loading``: seconds to load them beforehand."""

    stack: str
    prior: int
    loading: float
    pipeline: Pipeline
    replay: Rate
    ceiling: Rate
    visible: Times
    record: Times
    stages: Stages

    @property
    def limit(self) -> str:
        """What limits the pipeline, in one line."""
        each, busy = self.stages, self.pipeline.busy
        used = ", ".join(f"{name} {part:.0%}" for name, part in sorted(busy.items(), key=lambda one: -one[1]))
        share = sum(busy.values()) / (os.cpu_count() or 1)
        cores = f"; of a core while it ran: {used}, together {share:.0%} of the machine" if busy else ""
        return (
            f"{self.stack}, {self.prior:,}: {each.limit} limits. Alone, ms per 1,000 acts (own processor time): "
            f"gate {_shown(each.gate)} | projector: landing {_shown(each.landing)} + evaluation {_shown(each.evaluation)}; "
            f"all together {1000 / self.pipeline.rate * 1000:.0f}{cores}"
        )


def _shown(cost: Cost) -> str:
    return f"{cost.wall:.0f} ({cost.cpu:.0f})"


def show(cases: Sequence[Case], batch: int, console: Console) -> None:
    """The table, what limits each line, and how to read them."""
    table = Table(title="信迹 Xinji", show_lines=False)
    for zh, en in _COLUMNS:
        table.add_column(f"{zh}\n{en}", justify="right" if en != "stack" else "left")
    for one in cases:
        table.add_row(
            one.stack, f"{one.prior:,}", f"{one.pipeline.rate:,.0f}", f"{one.pipeline.rate / one.ceiling.rate:.1%}",
            f"{one.replay.rate:,.0f}", f"{one.replay.rate / one.ceiling.rate:.1%}", f"{one.ceiling.rate:,.0f}",
            f"{one.visible.p50:.0f} / {one.visible.p99:.0f}", f"{one.record.p50:.1f} / {one.record.p99:.1f}",
        )  # fmt: skip
    console.print(table)
    for one in cases:
        console.print(f"限制 / limit: {one.limit}", markup=False, highlight=False, soft_wrap=True)
    first = cases[0]
    for line in (
        f"acts in submissions of {batch}, about subjects drawn from those with prior acts (10 each); acts pushed: "
        f"{first.pipeline.acts:,}; single acts at low load: {len(first.visible.samples)}; records: {len(first.record.samples)}",
        "ceiling: confluent-kafka's consumer and fastavro's decoder on the same topic, one process, the same run",
        "prior acts did not come through the gate: their records were built directly, landed and evaluated in big blocks with "
        "the projector's functions, and the bus was filled from act_log; ClickHouse is the embedded engine in both stacks",
        "kafka: one broker of Apache Kafka, replication 1, on this machine; data made up and seeded",
    ):
        console.print(line, style="dim", highlight=False, soft_wrap=True)


def write(cases: Sequence[Case], options: dict[str, Any]) -> Path:
    """Writes everything measured, samples included; returns the file."""
    RESULTS.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    told = {
        "measured_at": now.isoformat(timespec="seconds"), "options": options,
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
        "cases": [
            {
                **asdict(one), "limit": one.limit, "acts_per_second": one.pipeline.rate, "replayed_per_second": one.replay.rate,
                "ceiling_per_second": one.ceiling.rate, "visible_ms": {"p50": one.visible.p50, "p99": one.visible.p99},
                "record_ms": {"p50": one.record.p50, "p99": one.record.p99},
            }
            for one in cases
        ],
    }  # fmt: skip
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
