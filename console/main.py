"""The command ``xinji``. Subcommands are loaded when they are called, so that a small one starts fast."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Final

import click

_COMMANDS: Final = (
    "up",
    "push",
    "sql",
    "record",
    "verify",
    "rebuild",
    "rejected",
    "status",
    "topics",
    "migrate",
    "worker",
)
_HIDDEN: Final = frozenset({"engine"})


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS and cmd_name not in _HIDDEN:
            return None
        command: click.Command = import_module(f"console.commands.{cmd_name}").command
        return command


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="xinji")
def main() -> None:
    """信迹 Xinji：信用监管的事件日志 / the event log that credit-based regulation stands on.

    Settings come from the environment (XINJI_*) and from options; options win.
    """
    # what it would print of a failed request, our own errors say better
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
