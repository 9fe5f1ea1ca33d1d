"""低负载：单条行为多久可见、耗多少 CPU，主体记录多快 / low load: a single act's way to the view, its CPU, and records"""

from __future__ import annotations

from random import Random
from typing import Final

from benchmarks.bench import Bench
from benchmarks.data import new_acts, subject_ids
from benchmarks.feeding import Feeder
from benchmarks.figures import percentile
from benchmarks.inside import record_seconds
from benchmarks.singles import each_costs
from benchmarks.stacks import Running

ORDER: Final = 3
_WARM_UP: Final = 3


def run(bench: Bench) -> None:
    """On the smallest number of prior acts, each stack."""
    sheet = bench.sheet(
        "低负载", "low load",
        ("环境", "stack"), ("推送至可见 毫秒 p50", "push to visible, ms, p50"), ("p99", "p99"),
        ("CPU 毫秒/条", "CPU ms per single act"), ("其中闸口", "gate"), ("投影器", "projector"), ("引擎", "engine"),
        ("空闲占一核", "idle, of one core"), ("主体记录 毫秒 p50", "record, ms, p50"), ("p99", "record, p99"),
    )  # fmt: skip
    prepared = bench.prepared(bench.scale.prior[0])
    for name in bench.stacks:
        bench.tell(f"low-load: {name}")
        with bench.stack(name, prepared) as stack:
            sheet.add(name, *_measured(bench, stack, prepared.acts))
    sheet.notes += [
        f"{bench.scale.singles} single acts, one at a time, half for the time and half for the cost; "
        f"{bench.scale.records} records of subjects with about ten acts, replayed from original bytes in a "
        f"running process; {prepared.acts:,} prior acts",
        "processor time of all but broker and client, without what the processes use while nothing comes",
    ]


def _measured(bench: Bench, stack: Running, prior: int) -> list[object]:
    acts = new_acts(prior, bench.scale.singles + _WARM_UP)
    feeder = Feeder(stack, bench.patience)
    for at, said in enumerate(acts[:_WARM_UP]):
        feeder.one(said, f"warm-{at}")
    cost = each_costs(stack, feeder, acts[_WARM_UP:], "single")
    random, known = Random(prior), subject_ids(prior)
    records = record_seconds(stack.clickhouse, [random.choice(known) for _ in range(bench.scale.records + _WARM_UP)])[_WARM_UP:]
    shares = [cost.milliseconds(role) for role in ("", "gate", "projector", "engine")]
    return [*_percentiles(cost.visible), *shares, f"{cost.idle_share:.0%}", *_percentiles(records)]


def _percentiles(seconds: tuple[float, ...] | list[float]) -> list[float]:
    return [percentile(seconds, 50) * 1000, percentile(seconds, 99) * 1000]
