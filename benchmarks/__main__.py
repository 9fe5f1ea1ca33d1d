"""``python -m benchmarks``, which ``make bench`` runs."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from benchmarks.alone import ceiling, stages
from benchmarks.measure import opened
from benchmarks.preload import Preloaded, preload
from benchmarks.report import Case, show, write
from benchmarks.stacks import STACKS
from streams.verify import verify

_WARM_UP: Final = 400
_REPLAYED: Final = 200_000
_ALONE: Final = 5_000
_VERIFIED: Final = 100_000
"""Up to so many prior acts the log is verified afterwards: what was measured is what the product does."""
_err = Console(stderr=True)


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--prior", default="10000,1000000", show_default=True, help="已有行为数 / acts that are there before")
@click.option("--acts", default=20_000, show_default=True, type=click.IntRange(1), help="推送行为数 / acts pushed")
@click.option("--stacks", default="embedded,kafka", show_default=True, help="环境 / stacks to measure")
@click.option("--batch", default=200, show_default=True, type=click.IntRange(1, 1000), help="每次提交条数 / statements each time")
@click.option("--quick", is_flag=True, help="只测一万条已有行为，约一分钟 / 10,000 prior acts only, about a minute")
@click.option("--keep", is_flag=True, help="保留数据目录 / keep the data directory")
def main(prior: str, acts: int, stacks: str, batch: int, quick: bool, keep: bool) -> None:
    """Measures the whole pipeline and its stages on this machine; about twenty minutes on two cores."""
    sizes = [10_000] if quick else [int(one) for one in _listed(prior)]
    chosen = _listed(stacks)
    if unknown := sorted(set(chosen) - set(STACKS)):
        raise click.UsageError(f"unknown stack {unknown[0]}; use {', '.join(STACKS)}")
    pushed, samples = (min(acts, 5_000), 30) if quick else (acts, 100)
    directory = Path(tempfile.mkdtemp(prefix="xinji-bench-"))
    cases: list[Case] = []
    try:
        for size in sizes:
            _err.print(f"{size:,} prior acts: loading", highlight=False)
            loaded = preload(directory / f"{size}", size)
            for name in chosen:
                _err.print(f"{size:,} prior acts: {name} (loaded in {loaded.seconds:.0f} s)", highlight=False)
                cases.append(_measured(name, directory / f"{size}-{name}", loaded, pushed, batch, samples))
                if not keep:
                    shutil.rmtree(directory / f"{size}-{name}")
    finally:
        if keep:
            _err.print(f"data kept in {directory}", highlight=False)
        else:
            shutil.rmtree(directory, ignore_errors=True)
        if cases:  # what was measured is shown, also when a later case failed (no Java, say)
            show(cases, batch, Console(width=max(Console().width, 160)))
            options = {"prior": sizes, "acts": pushed, "stacks": chosen, "batch": batch}
            _err.print(f"written to {write(cases, options)}", highlight=False)


def _measured(name: str, data: Path, loaded: Preloaded, acts: int, batch: int, samples: int) -> Case:
    with STACKS[name](data, loaded) as stack, opened(stack, loaded.acts) as bench:
        bench.pipeline(_WARM_UP, batch)
        pipeline = bench.pipeline(acts, batch)
        visible, record = bench.push_to_visible(samples), bench.record(2 * samples)
        replay = bench.replay(_REPLAYED)
        at_best = ceiling(bench, _REPLAYED)
        if loaded.acts <= _VERIFIED and (found := verify(stack.settings.bootstrap, bench.store, bench.evaluator)).clean is False:
            raise click.ClickException(f"{name}: the log and ClickHouse differ after the run: {found.verdicts}")
        alone = stages(bench, min(acts, _ALONE), batch)
    return Case(name, loaded.acts, loaded.seconds, pipeline, replay, at_best, visible, record, alone)


if __name__ == "__main__":
    main()
