"""The command ``xinji``. Subcommands are loaded when they are called, so that a small one starts fast."""

from __future__ import annotations

import logging
import pkgutil
from importlib import import_module
from typing import Final

import click

from console import commands
from console.language import with_lang

_HIDDEN: Final = "_"
"""Files whose names begin so are commands that people do not call."""


def _files() -> set[str]:
    return {one.name for one in pkgutil.iter_modules(commands.__path__)}


class _Commands(click.Group):
    """A command is a file in console/commands; its name is the command's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for name in _files() if not name.startswith(_HIDDEN))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        for file in (cmd_name, _HIDDEN + cmd_name):
            if file in _files():
                command: click.Command = import_module(f"console.commands.{file}").command
                return with_lang(command)
        return None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xinji")
def main() -> None:
    """信迹 Xinji：信用监管的事件日志 / the event log that credit-based regulation stands on.

    Settings come from the environment (XINJI_*) and from options; options win.
    """
    # what it would print of a failed request, our own errors say better
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())


with_lang(main)
