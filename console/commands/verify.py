"""``xinji verify``: is what ClickHouse shows what the log says?"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import Final

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.clickhouse.errors import ClickHouseRefused
from console.configuration import configured
from console.environment import address_of, open_store, resolved
from console.language import here
from console.output import DIFFERENT, NOT_FOUND, OK, err, fail, json_option, out, print_json, say, told, workers_option
from console.stray_view import place_of, tell_passed
from console.tables import Column, show_rows
from schemas.identifiers import normalise
from schemas.ports import Store
from schemas.records import VerificationRow
from schemas.sentence import Sentence
from streams.comparison import Verdict
from streams.verify import ACT_LOG, Verification, verify

_NOT_NOTED: Final = Sentence(
    "未能记下本次核对（{problem}），status 不会显示它", "this verification could not be noted ({problem}); status will not show it"
)
_UNKNOWN: Final = Sentence("日志中没有 {ids} 的任何记录；请核对代码", "the log says nothing of {ids}; check the code")


@click.command(help="重放日志并与 ClickHouse 核对 / replay the log up to a fixed position and compare; exit 1 on a difference")
@click.option("--subject", "subjects", multiple=True, help="只核对这些主体 / only these subjects")
@workers_option
@json_option
@told
def command(subjects: tuple[str, ...], workers: int, as_json_: bool) -> None:
    """Names every key that differs, by table."""
    settings = resolved(configured())
    wanted = {_subject_id(one) for one in subjects}
    began = time.monotonic()
    with _progress(as_json_ or bool(wanted)) as progress:
        task = progress.add_task("", total=None, rate=0)

        def tell(more: int, records: int) -> None:
            done = progress.tasks[0].completed + more
            progress.update(task, advance=more, total=records, rate=int(done / max(time.monotonic() - began, 0.001)))

        result = verify(address_of(settings), settings.bootstrap, wanted or None, workers, tell)
    seconds = round(time.monotonic() - began, 3)
    if not wanted:
        _note(open_store(settings), result, as_json_)
    if unknown := sorted(wanted - result.compared - result.unsettled):
        fail(_UNKNOWN.of(ids=", ".join(unknown)), NOT_FOUND, as_json_)
    if as_json_:
        print_json(
            {
                "clean": result.clean,
                "generation": result.generation,
                "positions": result.positions,
                **_looked_at(result),
                "seconds": seconds,
                "unsettled": sorted(result.unsettled),
                "strays": [*map(place_of, sorted(result.strays))],
                "projections": {name: _plain(verdict) for name, verdict in result.verdicts.items()},
            }
        )
    else:
        _show(result, seconds)
    sys.exit(OK if result.clean else DIFFERENT)


def _note(store: Store, result: Verification, quiet: bool) -> None:
    """Status and metrics show when the whole log was last verified. Who may only read verifies all the same."""
    differing = len(result.unsettled) + sum(len(verdict.differing) for verdict in result.verdicts.values())
    one = VerificationRow(datetime.now(UTC), result.generation, sum(result.positions.values()), differing)
    try:
        store.write_verification(one)
    except ClickHouseRefused as problem:
        if not quiet:
            say(_NOT_NOTED.of(problem=problem))


def _looked_at(result: Verification) -> dict[str, int]:
    """How many subjects, events, tables and rows of tables were compared."""
    tables = [verdict for name, verdict in result.verdicts.items() if name != ACT_LOG]
    rows = sum(max(one.replayed, one.live) for one in tables)
    return {"subjects": len(result.compared), "events": result.verdicts[ACT_LOG].replayed, "tables": len(tables), "rows": rows}


def _progress(quiet: bool) -> Progress:
    """On a terminal: records done and all, the rate, the time left."""
    rate = here(Sentence("条/秒", "records/s"))
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} " + rate),
        TimeRemainingColumn(),
        console=err,
        disable=quiet or not err.is_terminal,
        transient=True,
    )


def _subject_id(given: str) -> str:
    return given if ":" in given else normalise(given)


def _plain(verdict: Verdict) -> dict[str, object]:
    return {
        "replayed": verdict.replayed,
        "live": verdict.live,
        "digest_replayed": verdict.digest("replayed"),
        "digest_live": verdict.digest("live"),
        "differing": verdict.differing,
    }


_TABLES: Final = (
    Column(Sentence("投影", "projection"), whole=True),
    Column(Sentence("重放", "replayed")),
    Column(Sentence("现有", "live")),
    Column(Sentence("摘要", "digest"), whole=True),
    Column(Sentence("差异", "differing")),
)
_LOOKED_AT: Final = Sentence(
    "核对了 {subjects} 个主体：{events} 个事件的字节与各列，{tables} 张表中的 {rows} 行；{seconds} 秒",
    "compared {subjects} subjects: bytes and columns of {events} events, {rows} rows of {tables} tables; {seconds} s",
)


def _show(result: Verification, seconds: float) -> None:
    rows = [
        (name, one.replayed, one.live, one.digest("replayed")[:16], len(one.differing)) for name, one in result.verdicts.items()
    ]
    show_rows(out, _TABLES, rows)
    for name, verdict in result.verdicts.items():
        for key, detail in sorted(verdict.differing.items()):
            out.print(f"{name}  {key}  {detail}", markup=False)
    for subject_id in sorted(result.unsettled):
        say(Sentence("仍在变化，未能核对：{id}", "still changing, not compared: {id}").of(id=subject_id))
    tell_passed([*map(place_of, sorted(result.strays))])
    say(_LOOKED_AT.of(seconds=seconds, **_looked_at(result)))
    records = sum(result.positions.values())
    equal = Sentence("一致", "equal") if result.clean else Sentence("不一致", "NOT equal")
    summary = Sentence("日志 {records} 条；重放与现有：{equal}", "{records} records of the log; replayed and live: {equal}")
    say(summary.of(records=records, equal=equal))
