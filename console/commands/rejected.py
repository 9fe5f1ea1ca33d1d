"""``xinji rejected``: what was not admitted, why, and whether it was corrected since."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import click

from connectors.clickhouse.refusals import Refusal, Wanted
from connectors.clickhouse.store import Store
from console.configuration import configured
from console.dates import DAY, ZONE, local
from console.environment import open_store, resolved
from console.language import here
from console.output import explained, json_option, out, print_json, say, table, told
from console.query.asked import BadQuery
from console.query.result import Result
from console.query.writing import WRITERS, written_whole
from projections.admission import REASONS
from projections.dates import SHANGHAI
from schemas.sentence import Sentence

_FORMS: Final = ("xlsx", "csv", "json")
_SHOWN: Final = 100
_WRITTEN: Final = 1_000_000
_STATES: Final = {"open": Sentence("未更正", "open"), "closed": Sentence("已更正", "closed")}
_NONE: Final = Sentence("没有任何退回记录", "nothing was ever rejected")
_NONE_SUCH: Final = Sentence(
    "没有符合条件的退回记录；不加条件共 {all} 条，其中未更正 {open} 条",
    "no rejection is such; without conditions there are {all}, {open} of them open",
)
_COUNTED: Final = Sentence("共 {n} 条，其中未更正 {open} 条", "{n} rejections, {open} of them open")
_MORE: Final = Sentence("只列出最新的 {n} 条；更多请加 --limit", "only the newest {n} are listed; --limit gives more")
_COLUMNS: Final = {
    "received_at": "DateTime64(3, 'UTC')",
    "source_id": "String",
    "origin": "String",
    "reason": "String",
    "field": "String",
    "message_zh": "String",
    "message": "String",
    "state": "String",
    "closed_at": "Nullable(DateTime64(3, 'UTC'))",
    "closed_by": "String",
    "act_id": "String",
    "subject_id": "String",
    "batch_id": "String",
    "index": "UInt32",
}
"""What a file gets, and the types by which it is written."""


@click.command(help="列出退回的提交，新的在前 / list rejections, the newest first")
@click.option("--source", default="", help="信息提供单位 / only of this source")
@click.option("--file", "file", default="", metavar="NAME", help="文件名 / only of files by this name")
@click.option("--batch", default="", metavar="ID", help="提交批次 / only of this batch")
@click.option("--day", type=DAY, help="收到日期（上海） / only of this day (Shanghai)")
@click.option("--reason", "reasons", multiple=True, type=click.Choice([*REASONS]), help="退回原因，可多次 / only for this reason")
@click.option("--open", "state", flag_value="open", default=None, help="只列未更正的 / only those that nothing answers yet")
@click.option("--closed", "state", flag_value="closed", help="只列已更正的 / only those that were answered")
@click.option("--limit", type=click.IntRange(1), help="最多条数，文件不限，否则 100 / at most so many; default 100, in a file all")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="写入 .xlsx、.csv 或 .json / write to a file")
@json_option
@told
def command(
    source: str,
    file: str,
    batch: str,
    day: date | None,
    reasons: tuple[str, ...],
    state: str | None,
    limit: int | None,
    output: Path | None,
    as_json_: bool,
) -> None:
    """Shows reason, field and message; the original bytes stay encrypted in the table rejection_log."""
    form = "" if output is None else _form(output)
    since, before = (None, None) if day is None else (_start(day), _start(day + timedelta(days=1)))
    wanted = Wanted(source, batch, Path(file).name, since, before, reasons, state or "")
    store = open_store(resolved(configured()))
    most = limit or (_SHOWN if output is None else _WRITTEN)
    found = store.refusals(wanted, most)
    if output is not None:
        with written_whole(output, form) as opened:
            WRITERS[form](_result(found), opened)
    if as_json_:
        print_json([asdict(one) for one in found])
    elif output is None:
        _show(store, found, most)
    else:
        say(Sentence("{n} 条，已写入 {output}", "{n} rejections written to {output}").of(n=len(found), output=output))


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _form(output: Path) -> str:
    form = output.suffix.lower().removeprefix(".")
    if form not in _FORMS:
        ending = Sentence("-o {output}：请以 {forms} 为后缀", "-o {output}: end it with {forms}")
        raise BadQuery(ending.of(output=output, forms=", ".join(f".{one}" for one in _FORMS)))
    return form


def _result(found: list[Refusal]) -> Result:
    rows = [[getattr(one, name) for name in _COLUMNS] for one in found]
    return Result(tuple(_COLUMNS), tuple(_COLUMNS.values()), iter([rows]))


def _show(store: Store, found: list[Refusal], limit: int) -> None:
    if not found:
        everything, unsettled = store.count_refusals()
        say(_NONE_SUCH.of(all=everything, open=unsettled) if everything else _NONE)
        return
    rows = table(
        Sentence("时间（{zone}）", "received ({zone})").of(zone=ZONE),
        Sentence("单位", "source"),
        Sentence("位置", "origin"),
        Sentence("原因", "reason"),
        Sentence("字段", "field"),
        Sentence("说明", "message"),
        Sentence("状态", "state"),
    )
    for one in found:
        origin = one.origin or f"{one.topic}/{one.topic_partition}/{one.topic_offset}"
        rows.add_row(local(one.received_at), one.source_id, origin, one.reason, one.field, explained(one), here(_STATES[one.state]))
    out.print(rows)
    say(_COUNTED.of(n=len(found), open=sum(one.state == "open" for one in found)))
    if len(found) == limit:
        say(_MORE.of(n=limit))
