"""``xinji logs``: what the parts of the embedded stack write."""

from __future__ import annotations

import json
from collections.abc import Iterable
from threading import Event
from typing import Final

import click

from console.configuration import configured
from console.detached import LOG
from console.logs import follow, last_lines
from console.output import NOT_FOUND, fail, json_option, told
from schemas.sentence import Sentence

_PARTS: Final = ("engine", "bus", "gate", "projector", "stack", LOG.removesuffix(".log"))
_LOOK_SECONDS: Final = 0.2
_NONE: Final = Sentence(
    "{folder} 中没有日志；请用 --data 指明数据目录，或先用 `xinji up` 启动",
    "there are no logs in {folder}; name the data directory with --data, or start with `xinji up`",
)


@click.command(help="显示嵌入式环境各部分的日志 / show the logs of the embedded stack's parts")
@click.argument("part", required=False, type=click.Choice(_PARTS))
@click.option("--follow", "-f", "following", is_flag=True, help="继续显示新增的行，Ctrl-C 结束 / go on with what is added")
@click.option("-n", "--lines", "count", type=click.IntRange(0), default=50, show_default=True, help="最后几行 / so many last lines")
@json_option
@told
def command(part: str | None, following: bool, count: int, as_json_: bool) -> None:
    """Without a part: all of them, one after the other, each line behind the name of its part. JSON: an object a line."""
    folder = configured().data.absolute() / "logs"
    paths = {one: folder / f"{one}.log" for one in ((part,) if part else _PARTS)}
    if not folder.is_dir():
        fail(_NONE.of(folder=folder), NOT_FOUND, as_json_)
    if not following:
        _print(((name, line) for name, path in paths.items() for line in last_lines(path, count)), part is None, as_json_)
        return
    try:
        _print(follow(paths, count, lambda: Event().wait(_LOOK_SECONDS)), part is None, as_json_)
    except KeyboardInterrupt:
        return


def _print(lines: Iterable[tuple[str, str]], named: bool, as_json_: bool) -> None:
    for name, line in lines:
        if as_json_:
            click.echo(json.dumps({"part": name, "line": line}, ensure_ascii=False))
        else:
            click.echo(f"{name:<9} │ {line}" if named else line)
