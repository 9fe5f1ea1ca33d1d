"""行为很多的主体：再来一条行为的代价 / one subject with many acts: what one more act costs, when it is visible, its record"""

from __future__ import annotations

from typing import Final

from benchmarks.bench import Bench
from benchmarks.data import acts_of, subject_id
from benchmarks.feeding import Feeder
from benchmarks.figures import percentile, shown
from benchmarks.inside import record_seconds
from benchmarks.singles import each_costs
from benchmarks.stacks import Running

ORDER: Final = 4
_RECORDS: Final = 3


def run(bench: Bench) -> None:
    """One row a subject: all of them stand in the same tables."""
    sheet = bench.sheet(
        "行为很多的主体", "a subject with many acts: one further act, and its record",
        ("已有行为", "acts before"), ("CPU 毫秒/再一条", "CPU ms per further act, all processes"), ("其中投影器", "projector"),
        ("其中引擎", "engine"), ("可见 毫秒 p50", "visible, ms, p50"), ("最长", "longest"),
        ("xinji record 秒", "`xinji record`, s"), ("运行中 毫秒", "record in a running process, ms"),
        ("核对", "verified"),
    )  # fmt: skip
    sizes = bench.scale.hot
    prepared = bench.prepared_with("hot-subject", lambda: [one for at, size in enumerate(sizes) for one in acts_of(at, size)])
    with bench.stack("embedded", prepared) as stack:
        feeder = Feeder(stack, bench.patience)
        for at, size in enumerate(sizes):
            bench.tell(f"hot-subject: {size:,} acts")
            sheet.add(size, *_measured(bench, stack, feeder, at, size))
    sheet.notes += [
        f"{bench.scale.further} further acts one after the other, half for the time and half for the cost; processor time without "
        "what the processes use while nothing comes; embedded stack",
        "`xinji record`: the whole command, its start (about half a second) included; verified: `xinji verify --subject` is clean",
    ]


def _measured(bench: Bench, stack: Running, feeder: Feeder, at: int, size: int) -> list[object]:
    first, *further = acts_of(at, bench.scale.further + 1, size)
    feeder.one(first, f"warm-{at}")
    cost = each_costs(stack, feeder, further, f"hot-{at}")
    record = stack.run("record", subject_id(at), "--json", patience=bench.patience)
    running = record_seconds(stack.clickhouse, [subject_id(at)] * _RECORDS)
    verified = stack.run("verify", "--subject", subject_id(at), "--json", patience=bench.patience, codes=(0, 1)).json["clean"]
    milliseconds = [seconds * 1000 for seconds in cost.visible]
    return [
        cost.milliseconds(),
        cost.milliseconds("projector"),
        cost.milliseconds("engine"),
        percentile(milliseconds, 50),
        max(milliseconds),
        f"{record.seconds:.2f}",
        shown([seconds * 1000 for seconds in running]),
        verified,
    ]
