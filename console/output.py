"""What people and programs read: text on a terminal or JSON, exit codes with a meaning, errors that say what to do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from pathlib import Path
from typing import Any, Final, NoReturn, ParamSpec, Protocol, TypeVar

import click
from confluent_kafka import KafkaException
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.language import here
from schemas.sentence import Sentence, Told, literal

OK: Final = 0
DIFFERENT: Final = 1
"""A check found what it looks for: a difference, an unhealthy part."""
USAGE: Final = 2
SOME_REJECTED: Final = 3
UNAVAILABLE: Final = 4
"""A part that is needed is not there, or refuses."""
UNACKNOWLEDGED: Final = 5
"""Some statements got no receipt in time; pushing them again is safe."""

NOT_FOUND: Final = 6
"""The log says nothing of what was asked for."""

INTERRUPTED: Final = 130
"""Ctrl-C, as shells count it."""

EXIT_CODES: Final = {
    OK: Sentence("成功", "done"),
    DIFFERENT: Sentence("发现差异，或有部件不健康", "a difference was found, or a part is not healthy"),
    USAGE: Sentence("命令、选项或文件有误", "the command, an option or a file is wrong"),
    SOME_REJECTED: Sentence("部分行被退回", "some rows were rejected"),
    UNAVAILABLE: Sentence("所需部件不可用", "a part that is needed is not available"),
    UNACKNOWLEDGED: Sentence("部分行未得到回执，可放心重推", "some rows got no receipt in time; push them again, it is safe"),
    NOT_FOUND: Sentence("日志中没有所问的主体", "the log says nothing of what was asked for"),
    INTERRUPTED: Sentence("被 Ctrl-C 中断，可放心重推", "interrupted by Ctrl-C; pushing again is safe"),
}
_NO_KAFKA: Final = Sentence(
    "Kafka 出错：{problem}；请检查地址，并确认消息服务已启动", "Kafka: {problem}; check the address and that the broker runs"
)

Parameters = ParamSpec("Parameters")
Returned = TypeVar("Returned")

_WIDE: Final = 240
"""Columns where there is no terminal: nothing is cut in a file or a pipe."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def as_json(value: Any) -> str:
    """JSON for programs: dates and times in ISO form, decimals as text, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def print_json(value: Any) -> None:
    click.echo(as_json(value))


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal | Path):
        return str(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def json_option(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """The option that every subcommand has."""
    return click.option("--json", "as_json_", is_flag=True, help="输出 JSON / print JSON")(command)


def workers_option(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """The option of commands that share their work out."""
    most = min(2, os.cpu_count() or 1)
    option = click.option(
        "--workers", type=click.IntRange(1, 64), default=most, show_default=True, help="进程数 / processes that share the work"
    )
    return option(command)


def exit_code_of(error: type[Told]) -> int:
    """With which code a command ends that this error stops."""
    if error.exit_code is not None:
        return error.exit_code
    return USAGE if issubclass(error, ValueError) else UNAVAILABLE


def told(command: Callable[Parameters, Returned]) -> Callable[Parameters, Returned]:
    """Turns our own errors into a message and an exit code; an error that is a bug keeps its traceback."""

    @wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Returned:
        in_json = bool(kwargs.get("as_json_"))
        try:
            return command(*args, **kwargs)
        except KafkaException as problem:
            fail(_NO_KAFKA.of(problem=problem.args[0]), UNAVAILABLE, in_json)
        except Told as problem:
            fail(problem.sentence, exit_code_of(type(problem)), in_json, type(problem).__name__)

    return run


def fail(message: Sentence, code: int, in_json: bool, kind: str = "Error") -> NoReturn:
    """Says what went wrong and ends with an exit code."""
    if in_json:
        print_error(kind, message, code)
    else:
        click.echo(here(Sentence("错误：{message}", "error: {message}").of(message=message)), err=True)
    sys.exit(code)


def say(sentence: Sentence, to: Console = out) -> None:
    """A line for who reads, in his language."""
    to.print(here(sentence), markup=False)


def table(*heads: Sentence) -> Table:
    """An empty table with its heads in the language of who reads."""
    return Table(*map(here, heads))


def facts(rows: Iterable[tuple[Sentence, object]]) -> None:
    """One line for each, what it is and its value, the values below each other."""
    shown = [(here(name), value) for name, value in rows]
    width = max((cell_len(name) for name, _ in shown), default=0)
    for name, value in shown:
        text = here(value) if isinstance(value, Sentence) else str(value)
        out.print(f"{set_cell_size(name, width)}  {text}", markup=False)


class Explained(Protocol):
    """What was rejected, explained; older rows are in English only."""

    @property
    def message(self) -> str: ...
    @property
    def message_zh(self) -> str: ...


def explained(one: Explained) -> str:
    """The explanation in the language of who reads, for a cell of a table."""
    return escape(here(literal(one.message_zh or one.message, one.message)))


def print_error(kind: str, message: Sentence, code: int) -> None:
    """An error as programs read it."""
    print_json({"error": kind, "message": message.en, "message_zh": message.zh, "exit_code": code})
