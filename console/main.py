"""The command ``xinji``. Subcommands are loaded when they are called, so that a small one starts fast."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

_COMMANDS: Final = {
    "up": "embedded stack in the foreground / 启动嵌入式环境",
    "push": "push files / 推送文件",
    "sql": "ask the projections / 查询投影",
    "record": "replay one subject's record / 重放一个主体的信用记录",
    "verify": "replay the log and compare / 重放日志并核对投影",
    "rebuild": "build the projections anew / 重建投影",
    "rejected": "list rejections / 列出被拒绝的提交",
    "status": "lag, counts, health / 延迟、计数、健康",
    "topics": "create the topics / 创建主题",
    "migrate": "create tables and views / 创建表和视图",
    "worker": "run a worker / 运行一个工作进程",
}
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
