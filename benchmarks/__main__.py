"""``python -m benchmarks``, which ``make bench`` runs."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from benchmarks.bench import FULL, QUICK, TINY, Bench, Scale
from benchmarks.figures import Sheet
from benchmarks.processes import load, pace
from benchmarks.report import show, write
from benchmarks.scenarios import scenarios, summaries
from benchmarks.stacks import STACKS

_SCALES: Final = {"full": FULL, "quick": QUICK, "tiny": TINY}
_err = Console(stderr=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", default="", metavar="NAME,...", help="只测这些 / only these scenarios; see --list")
@click.option("--list", "listed", is_flag=True, help="列出各项 / list the scenarios")
@click.option("--stacks", default="embedded,kafka", show_default=True, help="环境 / stacks to measure")
@click.option("--scale", default="full", type=click.Choice(list(_SCALES)), show_default=True, help="规模 / how much")
@click.option("--quick", is_flag=True, help="同 --scale quick / the same as --scale quick")
@click.option("--prior", default="", metavar="N,...", help="已有行为数 / acts that are there before, instead of the scale's")
@click.option("--seconds", type=click.FloatRange(0.1), help="持续推送多久 / how long to push, instead of the scale's")
@click.option("--history", type=click.IntRange(10), help="导入多少历史 / acts imported from files, instead of the scale's")
@click.option("--gates", default=1, show_default=True, type=click.IntRange(1), help="Kafka 环境的闸口数 / gates, on kafka")
@click.option("--projectors", default=1, show_default=True, type=click.IntRange(1), help="投影器数 / projectors, on kafka")
@click.option("--patience", default=1200.0, show_default=True, type=click.FloatRange(1), help="每次等待至多几秒 / longest wait, s")
@click.option("--keep", is_flag=True, help="保留数据目录 / keep the data directory")
def main(
    only: str,
    listed: bool,
    stacks: str,
    scale: str,
    quick: bool,
    prior: str,
    seconds: float | None,
    history: int | None,
    gates: int,
    projectors: int,
    patience: float,
    keep: bool,
) -> None:
    """Measures the product on this machine, through its commands, topics and SQL."""
    if listed:
        for name, summary in summaries().items():
            click.echo(f"{name:14} {summary}")
        return
    known = scenarios()
    chosen = _chosen(only, known, "scenario") or list(known)
    wanted = _scaled(_SCALES["quick" if quick else scale], prior, seconds, history)
    directory = Path(tempfile.mkdtemp(prefix="xinji-bench-"))
    names = _chosen(stacks, STACKS, "stack")
    bench = Bench(directory, wanted, names, patience, lambda text: _err.print(text, highlight=False), gates, projectors)
    failed: list[str] = []
    shown = Console(width=max(Console().width, 180))
    machine = Sheet(
        "机器 / the machine, before and after each scenario",
        (("情形", "scenario"), ("固定工作 CPU 毫秒：前", "fixed work, CPU ms: before"), ("后", "after"), ("负载", "load average")),
    )
    for name in chosen:
        before, paced = len(bench.sheets), pace()
        try:
            known[name](bench)
        except Exception as problem:  # the other scenarios are measured all the same
            traceback.print_exc()
            failed.append(f"{name}: {type(problem).__name__}: {str(problem).splitlines()[0]}")
        machine.add(name, paced, pace(), load())
        for sheet in bench.sheets[before:]:  # shown at once: a run takes long
            show(sheet, shown)
    machine.notes.append("the same loop of Python each time: where it costs twice as much, so does everything else")
    show(machine, shown)
    if bench.sheets:
        bench.sheets.append(machine)
        options = {"only": chosen, "stacks": list(bench.stacks), "scale": asdict(wanted), "gates": gates, "projectors": projectors}
        _err.print(f"written to {write(bench.sheets, options)}", highlight=False)
    if keep or failed:
        _err.print(f"data kept in {directory}", highlight=False)
    else:
        shutil.rmtree(directory, ignore_errors=True)
    if failed:
        raise click.ClickException("\n".join(failed))


def _scaled(scale: Scale, prior: str, seconds: float | None, history: int | None) -> Scale:
    if prior:
        scale = replace(scale, prior=tuple(int(one) for one in prior.split(",")))
    return replace(scale, seconds=seconds or scale.seconds, history=history or scale.history)


def _chosen(text: str, known: object, what: str) -> list[str]:
    names = [one.strip() for one in text.split(",") if one.strip()]
    assert isinstance(known, dict)
    if unknown := [one for one in names if one not in known]:
        raise click.UsageError(f"unknown {what} {unknown[0]}; use {', '.join(known)}")
    return names


if __name__ == "__main__":
    main()
