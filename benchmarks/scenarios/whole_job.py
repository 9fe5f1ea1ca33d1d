"""整个作业：各进程每条行为的 CPU，持续推送至投影 / the whole job, sustained: CPU per act by process, acts/s, with ceilings"""

from __future__ import annotations

import time
from typing import Final

from benchmarks.bench import Bench
from benchmarks.ceilings import Ceiling, ceilings
from benchmarks.feeding import Feeder, made, outcomes
from benchmarks.figures import WORK, work
from benchmarks.processes import used
from benchmarks.stacks import Running

ORDER: Final = 1
_WARM_UP: Final = 2_000
_PROBE: Final = 5_000
_MORE: Final = 1.3
"""So much more is made ready than the probe's rate would push in the time."""


def run(bench: Bench) -> None:
    """One row a stack and number of prior acts."""
    _rebuilds(bench)
    cost = bench.sheet(
        "每条行为的 CPU（微秒）：用户+系统", "CPU us/act by process, user + system",
        ("环境", "stack"), ("已有行为", "prior acts"), ("推送", "acts pushed"), *((one, one) for one in WORK),
        ("合计", "whole job"), ("中间件", "broker"), ("推送至投影 行为/秒", "push to projected, acts/s"),
        ("收录", "all admitted"), ("一致", "verified"), ("核对 行为/秒", "verify, acts/s"), ("核对 微秒/行为", "verify, us/act"),
    )  # fmt: skip
    best = bench.sheet(
        "同一数据上普通客户端的上限", "ceilings: plain clients on the same acts",
        ("环境", "stack"), ("已有行为", "prior acts"), ("做什么", "what"), ("行为/秒", "acts/s"), ("微秒/行为", "us/act"),
    )  # fmt: skip
    for prior in bench.scale.prior:
        prepared = bench.prepared(prior)
        for name in bench.stacks:
            bench.tell(f"whole-job: {name}, {prior:,} prior acts")
            with bench.stack(name, prepared) as stack:
                cost.add(name, prepared.acts, *_measured(bench, stack, prior), *_verified(bench, stack))
                for one in ceilings(stack):
                    best.add(name, prepared.acts, *_shown(one))
    cost.notes += [
        f"batches of one partition, up to 200 acts; pushed for {bench.scale.seconds:.0f} s by a plain Kafka client, whose cost is "
        "left out; acts/s: from the first byte until everything is projected; acts are about subjects drawn from those with prior "
        "acts (10 each); all gates are counted together, and all projectors",
        "prior acts were put into act_log directly and projected by `xinji rebuild`; ClickHouse is the embedded engine in both "
        "stacks; kafka: one broker of Apache Kafka, replication 1, on this machine",
    ]


def _measured(bench: Bench, stack: Running, prior: int) -> list[object]:
    feeder = Feeder(stack, bench.patience)
    seconds = bench.scale.seconds
    small = min(_PROBE, max(100, prior))
    feeder.push(made(prior, min(_WARM_UP, small), 0))
    feeder.settle()
    began = time.perf_counter()
    feeder.push(made(prior, small, _WARM_UP))
    feeder.settle()
    rate = small / (time.perf_counter() - began)
    waiting = made(prior, max(small, int(rate * seconds * _MORE)), _WARM_UP + small)
    before, began = stack.cpu(), time.perf_counter()
    sent = feeder.push(waiting, seconds)
    feeder.settle()
    took, spent = time.perf_counter() - began, used(stack.cpu(), before)
    each = {role: one.per(sent) for role, one in spent.items()}
    whole = work(spent).per(sent)
    shown = [f"{each[role].total:.0f} ({each[role].user:.0f}+{each[role].system:.0f})" if role in each else "—" for role in WORK]
    answered = outcomes(stack)
    admitted = answered == {"admitted": min(_WARM_UP, small) + small + sent}
    return [sent, *shown, whole.total, each["broker"].total if "broker" in each else "—", sent / took, admitted]


def _verified(bench: Bench, stack: Running) -> list[object]:
    """Whether `xinji verify` finds no difference, and what it takes over everything."""
    before = stack.cpu().get("engine")
    ran = stack.run("verify", "--json", patience=bench.patience, codes=(0, 1))
    acts = sum(ran.json["positions"].values())
    engine = stack.cpu()["engine"] - before if before else ran.cpu - ran.cpu
    return [ran.json["clean"], acts / ran.seconds, f"{ran.cpu.per(acts).total:.0f} + {engine.per(acts).total:.0f} (engine)"]


def _shown(one: Ceiling) -> list[object]:
    return [one.what, one.acts / one.seconds, one.cpu.per(one.acts).total]


def _rebuilds(bench: Bench) -> None:
    sheet = bench.sheet(
        "重建", "xinji rebuild",
        ("行为", "acts"), ("行为/秒", "acts/s"), ("微秒/行为：命令", "us/act, the command"), ("引擎", "engine"),
        ("命令内存峰值 MB", "peak of the command, MB"), ("引擎内存峰值 MB", "peak of the engine, MB"),
    )  # fmt: skip
    for prior in bench.scale.prior:
        one = bench.prepared(prior)
        engine = one.spent.get("engine")
        sheet.add(
            one.acts,
            one.acts / one.rebuild.seconds,
            one.rebuild.cpu.per(one.acts).total,
            engine.per(one.acts).total if engine else "—",
            one.rebuild.peak / 1e6,
            one.peaks.get("engine", 0) / 1e6,
        )
    sheet.notes.append("with --workers 2 where the command has it; seconds are those of the whole command, its start included")
