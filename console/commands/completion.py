"""``xinji completion``: what a shell needs to complete our commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from console.output import json_option, print_json, told

_SHELLS = ("bash", "zsh", "fish")


@click.command(help='命令行补全，如写入 ~/.bashrc：eval "$(xinji completion bash)" / print the shell completion script')
@click.argument("shell", type=click.Choice(_SHELLS))
@json_option
@click.pass_context
@told
def command(context: click.Context, shell: str, as_json_: bool) -> None:
    """The script asks the command itself, so it stays right when commands are added."""
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(context.find_root().command, {}, "xinji", "_XINJI_COMPLETE").source()
    if as_json_:
        print_json({"shell": shell, "script": script})
    else:
        click.echo(script, nl=False)
