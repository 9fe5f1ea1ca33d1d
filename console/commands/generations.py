"""``xinji generations list|switch|drop``: which projections there are, and which the views show."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import click

from console.commands.migrate import show_views
from console.configuration import configured
from console.dates import local
from console.environment import address_of, resolved
from console.output import json_option, out, print_json, say, told
from console.tables import Column, show_rows, wide_option
from projections.tables import code_digest
from schemas.sentence import Sentence
from streams.generations import drop, live
from streams.rebuild import switch

_COLUMNS: Final = (
    Column(Sentence("代次", "number")),
    Column(Sentence("状态", "state")),
    Column(Sentence("自（上海时间）", "since (Shanghai time, UTC+8)")),
    Column(Sentence("摘要", "digest"), whole=True),
    Column(Sentence("本程序", "this code")),
    Column(Sentence("已投影", "projected")),
)
_YES, _NO = Sentence("是", "yes"), Sentence("否", "no")


@click.group(help="投影的代次：查看、切换、删除 / generations of the projections: list, switch, drop")
def command() -> None:
    """Generations."""


@command.command("list", help="列出 / list them")
@wide_option
@json_option
@told
def list_command(wide: bool, as_json_: bool) -> None:
    """Number, state, since when, by which policy and code."""
    store = address_of(resolved(configured())).open()
    current, own = live(store), code_digest()
    found: list[dict[str, Any]] = [
        {
            "number": one.number,
            "state": one.state,
            "since": one.changed_at,
            "live": current is not None and one.number == current.number,
            "digest": one.digest,
            "code_digest": one.code_digest,
            "own_code": one.code_digest == own,
            "projected": sum(offset for offset, _ in store.progress("projected", one.number).values()),
        }
        for one in store.generations()
    ]
    if as_json_:
        print_json(found)
        return
    rows = [
        (
            one["number"],
            "live" if one["live"] else one["state"],
            local(one["since"]),
            str(one["digest"])[:12],
            _YES if one["own_code"] else _NO,
            one["projected"],
        )
        for one in found
    ]
    show_rows(out, _COLUMNS, rows, wide=wide)


@command.command("switch", help="补齐并切换到某代 / bring one up and switch to it; going back is the same command")
@click.argument("number", type=int)
@json_option
@told
def switch_command(number: int, as_json_: bool) -> None:
    """Only the version that makes a generation can bring it up."""
    settings = resolved(configured())
    store = address_of(settings).open()
    one = switch(store, number, show_views(settings), lambda: datetime.now(UTC), settings.projector_acts)
    if as_json_:
        print_json({"generation": one.number})
    else:
        say(Sentence("在用：第 {n} 代", "live: generation {n}").of(n=one.number))


@command.command("drop", help="删除某代的表 / remove the tables of one that is not live")
@click.argument("number", type=int)
@json_option
@told
def drop_command(number: int, as_json_: bool) -> None:
    """The log is not touched; a generation can always be built again."""
    settings = resolved(configured())
    drop(address_of(settings).open(), number, datetime.now(UTC), settings.cluster)
    if as_json_:
        print_json({"dropped": number})
    else:
        say(Sentence("已删除：第 {n} 代", "dropped: generation {n}").of(n=number))
