"""What click refuses of a command line, in both languages."""

from __future__ import annotations

import click

from connectors.files.errors import did_you_mean
from console.language import here
from console.output import DIFFERENT, print_error
from schemas.sentence import Sentence, plain


def refusal(problem: click.ClickException) -> Sentence:
    """What is wrong with the command line. What click alone can say stays in its words."""
    match problem:
        case click.NoSuchOption():
            unknown = Sentence("没有选项 {name}{hint}", "no such option {name}{hint}")
            return unknown.of(name=problem.option_name, hint=did_you_mean(tuple(problem.possibilities or ())))
        case click.MissingParameter(param=click.Parameter() as one):
            return Sentence("缺少 {name}", "{name} is missing").of(name=one.get_error_hint(problem.ctx))  # type: ignore[arg-type]
        case click.BadParameter(param=click.Parameter() as one):
            wrong = Sentence("{name} 的值有误：{detail}", "the value of {name} is wrong: {detail}")
            return wrong.of(name=one.get_error_hint(problem.ctx), detail=problem.message)  # type: ignore[arg-type]
    return plain(problem.format_message())


def tell(problem: click.ClickException | click.Abort, in_json: bool) -> int:
    """Says what click refuses, or that it was interrupted, to a program or to who sits there; gives the exit code."""
    aborted = isinstance(problem, click.Abort)
    said = Sentence("已中断", "aborted") if isinstance(problem, click.Abort) else refusal(problem)
    code = DIFFERENT if isinstance(problem, click.Abort) else problem.exit_code
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    if in_json:
        print_error("Aborted" if aborted else type(problem).__name__, said, code)
    elif context is None:
        _say(said)
    else:
        with context.scope(cleanup=False):  # where the language stands
            click.echo(context.get_usage(), err=True)
            help_ = Sentence("用法说明：`{command} --help`", "what it takes: `{command} --help`")
            click.echo(here(help_.of(command=context.command_path)), err=True)
            _say(said)
    return code


def _say(said: Sentence) -> None:
    click.echo(here(Sentence("错误：{message}", "error: {message}").of(message=said)), err=True)
