"""同一文件反复更正：每次都是一次更正 / a file restated five times over by `xinji push`, and once more unchanged"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.bench import Bench
from benchmarks.data import Said, json_line, penalties, restated
from benchmarks.feeding import projected
from benchmarks.figures import work
from benchmarks.processes import used
from benchmarks.scenarios.history import wait
from benchmarks.stacks import Running

ORDER: Final = 6
_TIMES: Final = 5
_FINES: Final = "SELECT count(), uniqExact(act_id) FROM act_states WHERE kind = 'penalty'"


def run(bench: Bench) -> None:
    """One row a time that the file is pushed, on one embedded stack."""
    sheet = bench.sheet(
        "反复更正的文件", "one file, pushed again and again",
        ("次", "time"), ("行", "rows"), ("收录", "admitted"), ("重复", "duplicates"), ("拒绝", "rejected"), ("行/秒", "rows/s"),
        ("客户端 微秒/行", "client, us/row"), ("闸口+投影+引擎 微秒/行", "gate + projector + engine, us/row"),
        ("行为数", "acts in the view"),
    )  # fmt: skip
    said = penalties(0, bench.scale.file_rows)
    path = bench.directory / "again.jsonl"
    with bench.stack("embedded") as stack:
        for time in (*range(_TIMES + 1), _TIMES):
            bench.tell(f"file-again: time {len(sheet.rows) + 1}")
            sheet.add(len(sheet.rows) + 1, *_pushed(bench, stack, path, restated(said, time)))
    path.unlink()
    sheet.notes.append(
        "every row is a penalty of another subject; times 2 to 6 change every amount; the last is the sixth once more"
    )


def _pushed(bench: Bench, stack: Running, path: Path, said: list[Said]) -> list[Any]:
    path.write_text("".join(f"{json_line(one)}\n" for one in said), encoding="utf-8")
    before, there = stack.cpu(), projected(stack)
    ran = stack.run("push", str(path), "--profile", "events", "--json", patience=bench.patience, codes=(0, 3))
    told = ran.json
    wait(lambda: projected(stack) >= there + told["admitted"], bench, stack, there + told["admitted"])
    spent = work(used(stack.cpu(), before)).per(len(said)).total
    acts = int(stack.query(_FINES)[0][1])
    counts = [told["rows"], told["admitted"], told["duplicates"], len(told["rejected"])]
    return [*counts, len(said) / ran.seconds, ran.cpu.per(len(said)).total, spent, acts]
