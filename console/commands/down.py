"""``xinji down``: stops the embedded stack of the data directory."""

from __future__ import annotations

import click

from console.configuration import configured
from console.detached import stop
from console.output import json_option, print_json, say, told
from schemas.sentence import Sentence


@click.command(help="停止嵌入式环境并等待其结束 / stop the embedded stack and wait until it has ended")
@click.option(
    "--wait",
    "seconds",
    type=click.FloatRange(1),
    default=60.0,
    show_default=True,
    help="最多等多少秒 / wait at most so many seconds",
)
@json_option
@told
def command(seconds: float, as_json_: bool) -> None:
    """In order, as Ctrl-C does where it runs: everything stays in the data directory. Harmless where none runs."""
    data = configured().data.absolute()
    pid = stop(data, seconds)
    if as_json_:
        print_json({"data": data, "stopped": pid})
    elif pid is None:
        say(Sentence("{data} 中没有运行的环境", "no stack runs in {data}").of(data=data))
    else:
        say(Sentence("已停止 {data} 中的环境", "stopped the stack in {data}").of(data=data))
