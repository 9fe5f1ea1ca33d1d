"""Options that every command takes, before or after its name: the settings, and what else holds everywhere.

Commands are plain click commands; ``equipped`` gives them these options and shows them in a group of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import click
from pydantic.fields import FieldInfo

from connectors.settings import Settings
from console.configuration import CONFIG_NAME, CONFIG_VARIABLE, META, flag


class GlobalOption(click.Option):
    """An option of every command. It is no parameter of the command's function: who needs it asks the context."""

    def __init__(self, *names: str, **more: Any) -> None:
        super().__init__([*names], expose_value=False, **more)


def _setting(name: str, field: FieldInfo) -> GlobalOption:
    default = "" if field.default in (None, "") else f" [{field.default}]"
    kept: dict[str, Any] = {"callback": _keep, "help": f"{field.description}{default}", "default": None}
    if field.annotation is bool:
        return GlobalOption(f"{flag(name)}/--no-{flag(name)[2:]}", name, **kept)
    return GlobalOption(flag(name), name, type=_type(field), **kept)


def _type(field: FieldInfo) -> click.ParamType | None:
    bounds = {key: getattr(one, key) for one in field.metadata for key in ("ge", "gt", "le") if hasattr(one, key)}
    least, most = bounds.get("ge", bounds.get("gt")), bounds.get("le")
    if field.annotation is int:
        return click.IntRange(least, most)
    if field.annotation is float:
        return click.FloatRange(least, most, min_open="gt" in bounds)
    if get_origin(field.annotation) is Literal:
        return click.Choice([one for one in get_args(field.annotation) if one])
    return None if field.annotation is str else click.Path(path_type=Path)


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value is not None:
        context.meta.setdefault(META, {})[parameter.name] = value


def _config() -> GlobalOption:
    words = (
        f"配置文件，默认为数据目录中的 {CONFIG_NAME} / config file (TOML) [{CONFIG_VARIABLE}; {CONFIG_NAME} in the data directory]"
    )
    return GlobalOption("--config", type=click.Path(path_type=Path, dir_okay=False), callback=_keep, help=words)


GLOBAL: Final[tuple[Callable[[], GlobalOption], ...]] = (
    _config,
    *(partial(_setting, name, field) for name, field in Settings.model_fields.items()),
)
"""What makes the options of every command, in the order in which they are shown."""


class Command(click.Command):
    """A command with the options that every command takes, which its help shows in a group of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write(self, ctx, formatter, everywhere=False)
        _write(self, ctx, formatter, everywhere=True)


class Group(click.Group):
    """A group of such commands."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write(self, ctx, formatter, everywhere=False)
        self.format_commands(ctx, formatter)
        _write(self, ctx, formatter, everywhere=True)


def _write(command: click.Command, context: click.Context, formatter: click.HelpFormatter, *, everywhere: bool) -> None:
    chosen = [one for one in command.get_params(context) if isinstance(one, GlobalOption) is everywhere]
    if records := [record for one in chosen if (record := one.get_help_record(context)) is not None]:
        with formatter.section("设置，每个命令都可用 / settings, before or after any command" if everywhere else "Options"):
            formatter.write_dl(records)


def equipped(command: click.Command) -> click.Command:
    """The same command with the options of every command; those below it as well. What a command has of its own stays."""
    own = {name for one in command.params for name in one.opts}
    more = [one for make in GLOBAL if not own.intersection((one := make()).opts)]
    kept: dict[str, Any] = {
        "name": command.name,
        "callback": command.callback,
        "params": [*command.params, *more],
        "help": command.help,
        "short_help": command.short_help,
        "epilog": command.epilog,
        "hidden": command.hidden,
        "context_settings": command.context_settings,
        "no_args_is_help": command.no_args_is_help,
    }
    if isinstance(command, click.Group):
        below = {name: equipped(one) for name, one in command.commands.items()}
        return Group(commands=below, invoke_without_command=command.invoke_without_command, **kept)
    return Command(**kept)
