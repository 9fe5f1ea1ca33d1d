"""各环节：每个进程的 CPU 用在哪些模块 / stages: which modules the processor time of each process goes to, by sampling"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from threading import Event
from typing import Final

from benchmarks.bench import Bench
from benchmarks.feeding import Feeder, made
from benchmarks.processes import used

ORDER: Final = 7
SAMPLING: Final = Path(__file__).resolve().parent.parent / "sampling"
_WARM_UP: Final = 2_000
_MOST_SHOWN: Final = 14
_WRITTEN_SECONDS: Final = 1.0


def run(bench: Bench) -> None:
    """On the embedded stack with the smallest number of prior acts. Sampling costs something: totals are those of whole-job."""
    sheet = bench.sheet(
        "各环节的 CPU（微秒/行为）", "CPU us/act by stage and process",
        ("进程", "process"), ("模块", "module"), ("微秒/行为", "us/act"), ("占该进程", "of the process"),
    )  # fmt: skip
    prior = bench.scale.prior[0]
    acts = min(prior * 2, 20_000)
    samples = bench.directory / "samples"
    samples.mkdir()
    told = {"XINJI_BENCH_SAMPLES": str(samples), "PYTHONPATH": str(SAMPLING)}
    with bench.stack("embedded", bench.prepared(prior), told) as stack:
        feeder, pause = Feeder(stack, bench.patience), Event()
        feeder.push(made(prior, min(acts, _WARM_UP), 0))
        feeder.settle()
        waiting = made(prior, acts, _WARM_UP)
        pause.wait(_WRITTEN_SECONDS)
        bench.tell("stages: embedded")
        before, spent = read_samples(samples), stack.cpu()
        feeder.push(waiting)
        feeder.settle()
        pause.wait(_WRITTEN_SECONDS)
        after, whole = read_samples(samples), used(stack.cpu(), spent)
    for part, places in after.items():
        added = Counter(places)
        added.subtract(before.get(part, Counter()))
        total = whole[part].total * 1e6 / acts
        told_of = [(place, seconds * 1e6 / acts) for place, seconds in added.most_common(_MOST_SHOWN) if seconds > 0]
        for place, each in told_of:
            sheet.add(part, place, each, f"{each / total:.0%}" if total else "—")
        sheet.add(part, "其余 / the rest", max(0.0, total - sum(each for _, each in told_of)), "")
    sheet.notes += [
        f"{acts:,} acts, {prior:,} prior acts; sampled every 5 ms, each thread by its processor time since the sample before; "
        "a module's line is the time in which it was the product's innermost on the stack, with what it calls in libraries",
        "(threads outside Python): Kafka's client library, in the engine ClickHouse; (package): none of the product's code runs",
    ]


def read_samples(directory: Path) -> dict[str, Counter[str]]:
    """Seconds by place for each part, its processes together."""
    found: dict[str, Counter[str]] = {}
    for path in sorted(directory.glob("*.json")):
        found.setdefault(path.name.partition("-")[0], Counter()).update(json.loads(path.read_text(encoding="utf-8")))
    return found
