"""历史导入：用 xinji push 推送事件文件 / history: files of events by `xinji push`; client cost, memory of every process"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import Event
from typing import Final

from benchmarks.bench import Bench
from benchmarks.data import ACTS_OF_A_SUBJECT, json_line, life
from benchmarks.feeding import NotDone, outcomes, projected
from benchmarks.figures import WORK, work
from benchmarks.processes import used
from benchmarks.stacks import Running

ORDER: Final = 2
_SUBJECTS_IN_A_FILE: Final = 5_000


def run(bench: Bench) -> None:
    """An empty stack is given files of whole lives, the acts of many subjects mixed as they come in time."""
    sheet = bench.sheet(
        "历史导入", "history by `xinji push`",
        ("环境", "stack"), ("行为", "acts"), ("行为/秒", "acts/s, first byte to projected"), ("客户端 微秒/行为", "client, us/act"),
        *((one, f"{one}, us/act") for one in WORK), ("合计", "whole job, us/act"), ("收录", "all admitted"),
        ("内存峰值 MB", "peak MB: client"), *((one, f"peak MB: {one}") for one in WORK),
    )  # fmt: skip
    bench.tell(f"history: writing {bench.scale.history:,} acts to files")
    files = write_files(bench.directory / "history", bench.scale.history)
    for name in bench.stacks:
        bench.tell(f"history: {name}")
        with bench.stack(name) as stack:
            sheet.add(name, *_imported(bench, stack, files))
    for file in files:
        file.unlink()
    sheet.notes.append("one `xinji push FILE ... --profile events --history`; its start is in its seconds and in its cost")


def _imported(bench: Bench, stack: Running, files: list[Path]) -> list[object]:
    acts = bench.scale.history // ACTS_OF_A_SUBJECT * ACTS_OF_A_SUBJECT
    before, began = stack.cpu(), time.perf_counter()
    ran = stack.run("push", *map(str, files), "--profile", "events", "--history", "--json", patience=bench.patience)
    wait(lambda: projected(stack) >= acts, bench, stack, acts)
    seconds, spent, peaks = time.perf_counter() - began, used(stack.cpu(), before), stack.peaks()
    each = [spent[one].per(acts).total if one in spent else "—" for one in WORK]
    memory = [ran.peak / 1e6, *(peaks.get(one, 0) / 1e6 for one in WORK)]
    admitted = outcomes(stack) == {"admitted": acts}
    return [acts, acts / seconds, ran.cpu.per(acts).total, *each, work(spent).per(acts).total, admitted, *memory]


def wait(condition: Callable[[], bool], bench: Bench, stack: Running, wanted: int) -> None:
    """Returns once a condition holds. Raises NotDone."""
    deadline, pause = time.monotonic() + bench.patience, Event()
    while not condition():
        if time.monotonic() > deadline:
            raise NotDone(stack.name, projected(stack), wanted, bench.patience)
        pause.wait(0.1)


def write_files(directory: Path, acts: int) -> list[Path]:
    """Files of events, by one process a core."""
    directory.mkdir()
    subjects = acts // ACTS_OF_A_SUBJECT
    starts = range(0, subjects, _SUBJECTS_IN_A_FILE)
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [
            pool.submit(_write_file, directory / f"{start:08d}.jsonl", start, min(start + _SUBJECTS_IN_A_FILE, subjects))
            for start in starts
        ]
        return [one.result() for one in waiting]


def _write_file(path: Path, first: int, end: int) -> Path:
    lives = [life(number) for number in range(first, end)]
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json_line(one)}\n" for of_all in zip(*lives, strict=True) for one in of_all)
    return path
