"""``xinji strays``: what stands on the log and was not written by the gate."""

from __future__ import annotations

import click

from console.configuration import configured
from console.environment import open_store, resolved
from console.language import here
from console.output import json_option, out, print_json, say, table, told
from console.stray_view import place, plain
from schemas.sentence import Sentence

_HEADS = (
    Sentence("位置", "place"),
    Sentence("发现时间（UTC）", "found (UTC)"),
    Sentence("原因", "why"),
    Sentence("字节", "bytes"),
    Sentence("摘要", "SHA-256"),
    Sentence("已知悉", "noted"),
)
_YES = Sentence("是", "yes")


@click.command(help="列出日志中并非闸口所写的记录 / list records of the log that the gate did not write")
@click.option(
    "--acknowledge", is_flag=True, help="全部标为已知悉，解除警报 / take note of all: the alarm ends, the records stay set aside"
)
@json_option
@told
def command(acknowledge: bool, as_json_: bool) -> None:
    """Place, why, size and digest of each; the bytes stay encrypted in the table stray_records."""
    store = open_store(resolved(configured()))
    noted = store.acknowledge_strays() if acknowledge else 0
    found = store.strays()
    if as_json_:
        print_json({"strays": [plain(one) for one in found], "acknowledged": noted})
        return
    shown = table(*_HEADS)
    for one in found:
        when = one.found_at.isoformat(timespec="seconds")
        yes = here(_YES) if one.acknowledged else ""
        shown.add_row(place(one), when, one.detail, str(one.size), one.value_sha256[:16], yes)
    out.print(shown)
    say(Sentence("共 {n} 条，本次知悉 {noted} 条", "{n} records, {noted} noted now").of(n=len(found), noted=noted))
