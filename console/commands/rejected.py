"""``xinji rejected``: what was not admitted, and why."""

from __future__ import annotations

from dataclasses import asdict

import click
from rich.table import Table

from console.configuration import configured
from console.environment import open_store, resolved
from console.output import json_option, out, print_json, told


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
    table = Table("时间 / received (UTC)", "单位 / source", "位置 / origin", "原因 / reason", "字段 / field", "说明 / message")
    for one in found:
        origin = one.origin or f"{one.topic}/{one.topic_partition}/{one.topic_offset}"
        table.add_row(one.received_at.isoformat(timespec="seconds"), one.source_id, origin, one.reason, one.field, one.message)
    out.print(table)
    out.print(f"{len(found)} 条 / rejections")
