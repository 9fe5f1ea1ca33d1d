"""难例：补录旧行为、反复更正、同一毫秒 / hard cases: backdated acts, one act restated, many events in one millisecond"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks.bench import Bench
from benchmarks.data import Said, acts_of, backdated, penalties, restated, subject_id
from benchmarks.feeding import BATCH, Feeder, NotDone, messages
from benchmarks.figures import work
from benchmarks.processes import used
from benchmarks.stacks import Running

ORDER: Final = 5
_PARTS: Final = 5
_BACKDATED, _RESTATED, _AT_ONCE, _ANOTHER = 1, 2, 3, 4
_DISTINCT: Final = "SELECT uniqExact(act_id) FROM act_states WHERE subject_id = {subject:String}"
_LOGGED: Final = "SELECT uniqExact(topic_partition, topic_offset) FROM act_log WHERE subject_id = {subject:String}"
_SAME_INSTANT: Final = (
    "SELECT max(events) FROM (SELECT recorded_at, uniqExact(topic_partition, topic_offset) AS events FROM act_log "
    "WHERE subject_id = {subject:String} GROUP BY recorded_at)"
)
_ROWS: Final = "SELECT sum(total_bytes), sum(total_rows) FROM system.tables WHERE engine LIKE '%MergeTree%'"


def run(bench: Bench) -> None:
    """Every case in an empty embedded stack of its own, pushed in fifths: where a fifth costs more, cost is not flat."""
    sheet = bench.sheet(
        "难例", "hard cases",
        ("情形", "case"), ("事件", "events"), ("行为/秒", "events/s"),
        *((f"第{one}部分", f"us/event, part {one}") for one in range(1, _PARTS + 1)), ("主体行为数", "acts of the subject"),
        ("同一毫秒", "most in one ms"), ("库 MB", "tables, MB"), ("核对", "verified"),
    )  # fmt: skip
    scale = bench.scale
    cases: list[tuple[str, int, Callable[[], list[Said]], int]] = [
        ("backdated acts of one subject", _BACKDATED, lambda: backdated(_BACKDATED, scale.backdated), BATCH),
        ("one act restated", _RESTATED, lambda: _one_restated(scale.restatements), BATCH),
        ("one subject, a thousand a message", _AT_ONCE, lambda: acts_of(_AT_ONCE, scale.at_once), 1_000),
    ]
    for name, subject, said, size in cases:
        bench.tell(f"hard-cases: {name}")
        with bench.stack("embedded") as stack:
            sheet.add(name, *_measured(bench, stack, subject_id(subject), said(), size))
    sheet.notes += [
        "gate, projector and engine together, for each fifth of the events; a fifth is pushed when the one before is projected",
        "a case that does not end in --patience seconds shows how far it came; verified: `xinji verify --subject` is clean",
    ]


def _one_restated(times: int) -> list[Said]:
    first = penalties(_RESTATED, 1)
    return [one for time in range(times) for one in restated(first, time)]


def _measured(bench: Bench, stack: Running, subject: str, said: Sequence[Said], size: int) -> list[object]:
    feeder = Feeder(stack, bench.patience)
    feeder.one(penalties(_ANOTHER, 1)[0], "warm")  # the start of the workers is none of the first fifth's cost
    costs: list[object] = []
    began, done = time.perf_counter(), 0
    for part in _parts(said):
        before = stack.cpu()
        feeder.push(messages(part, f"hard-{done}", size))
        try:
            feeder.settle()
        except NotDone as late:
            costs += [f"{late.done:,} of {late.wanted:,} in {late.seconds:.0f} s"]
            return [len(said), "—", *costs, *["—"] * (_PARTS - len(costs)), *_answers(stack, subject), "—"]
        costs.append(work(used(stack.cpu(), before)).per(len(part)).total)
        done += len(part)
    rate = len(said) / (time.perf_counter() - began)
    verified = stack.run("verify", "--subject", subject, "--json", patience=bench.patience, codes=(0, 1)).json["clean"]
    whole = int(stack.query(_LOGGED, subject=subject)[0][0]) == len(said)
    return [len(said), rate, *costs, *_answers(stack, subject), verified and whole]


def _answers(stack: Running, subject: str) -> list[object]:
    acts, instant = stack.query(_DISTINCT, subject=subject)[0][0], stack.query(_SAME_INSTANT, subject=subject)[0][0]
    return [int(acts), int(instant or 0), int(stack.query(_ROWS)[0][0] or 0) / 1e6]


def _parts(said: Sequence[Said]) -> list[Sequence[Said]]:
    size = -(-len(said) // _PARTS)
    return [said[start : start + size] for start in range(0, len(said), size)]
