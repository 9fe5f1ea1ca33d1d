"""``xinji rejected``: what was not admitted, and why."""

from __future__ import annotations

from dataclasses import asdict

import click

from console.configuration import configured
from console.environment import open_store, resolved
from console.output import explained, json_option, out, print_json, say, table, told
from schemas.sentence import Sentence


@click.command(help="列出被拒绝的提交 / list rejections, the newest first")
@click.option("--source", help="信息提供单位 / only of this source")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="最多条数 / at most so many")
@json_option
@told
def command(source: str | None, limit: int, as_json_: bool) -> None:
    """Shows reason, field and message; the original bytes stay encrypted in the table rejection_log."""
    found = open_store(resolved(configured())).list_rejections(source, limit)
    if as_json_:
        print_json([{key: value for key, value in asdict(one).items() if key != "bytes"} for one in found])
        return
    rows = table(
        Sentence("时间（UTC）", "received (UTC)"),
        Sentence("单位", "source"),
        Sentence("位置", "origin"),
        Sentence("原因", "reason"),
        Sentence("字段", "field"),
        Sentence("说明", "message"),
    )
    for one in found:
        origin = one.origin or f"{one.topic}/{one.topic_partition}/{one.topic_offset}"
        rows.add_row(one.received_at.isoformat(timespec="seconds"), one.source_id, origin, one.reason, one.field, explained(one))
    out.print(rows)
    say(Sentence("共 {n} 条", "{n} rejections").of(n=len(found)))
