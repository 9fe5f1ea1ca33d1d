"""The command ``xinji``. Subcommands are loaded when they are called, so that a small one starts fast."""

from __future__ import annotations

import logging
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

import click

from console import commands
from console.options import GLOBAL, Group, equipped
from console.refusals import tell

_HIDDEN: Final = "_"
"""Files whose names begin so are commands that people do not call."""


def _files() -> set[str]:
    return {one.name for one in pkgutil.iter_modules(commands.__path__)}


class _Commands(Group):
    """A command is a file in console/commands; its name is the command's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(name for name in _files() if not name.startswith(_HIDDEN))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            for file in (cmd_name, _HIDDEN + cmd_name):
                if file in _files():
                    self.commands[cmd_name] = equipped(import_module(f"console.commands.{file}").command)
        return self.commands.get(cmd_name)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """As click's, but what click refuses is said as our errors are; with --json it is an object on standard output."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode, **extra)
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except (click.ClickException, click.Abort) as problem:
            code = tell(problem, _wants_json(sys.argv[1:] if args is None else args))
        except BrokenPipeError:  # who read it has enough
            sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
            code = 1
        sys.exit(code if isinstance(code, int) else 0)


def _wants_json(arguments: Sequence[str]) -> bool:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]}, params=[make() for make in GLOBAL])
@click.version_option(package_name="xinji")
def main() -> None:
    """信迹 Xinji：信用监管的事件日志 / the event log that credit-based regulation stands on.

    Settings come from options, from the environment (XINJI_*) and from a config file, in this order; `xinji settings` shows them.
    """
    # what it would print of a failed request, our own errors say better
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
