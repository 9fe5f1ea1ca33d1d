"""``xinji settings``: each setting, its value, and where it came from."""

from __future__ import annotations

from typing import Any, Final

import click

from connectors.clickhouse.client import shown
from connectors.settings import Settings
from console.configuration import Configuration, Origin, chosen
from console.environment import NoStack, resolved
from console.language import here
from console.output import json_option, out, print_json, say, table, told
from schemas.sentence import Sentence

_STACK: Final = "stack"
_ORIGINS: Final = {
    Origin.OPTION: Sentence("选项", "option"),
    Origin.ENVIRONMENT: Sentence("环境变量", "environment"),
    Origin.FILE: Sentence("配置文件", "config file"),
    Origin.DEFAULT: Sentence("默认", "default"),
    _STACK: Sentence("运行中的环境", "running stack"),
}


@click.command(help="列出设置、取值及来源 / each setting, its value and where it came from; passwords are left out")
@json_option
@told
def command(as_json_: bool) -> None:
    """What a running embedded stack fills in is shown as its own."""
    found = chosen()
    rows = _rows(found)
    if as_json_:
        print_json({"file": found.file, "settings": rows})
        return
    say(Sentence("配置文件：{file}", "config file: {file}").of(file=found.file or "—"))
    shown_rows = table(Sentence("设置", "setting"), Sentence("取值", "value"), Sentence("来源", "from"))
    for one in rows:
        shown_rows.add_row(one["name"], "—" if one["value"] in (None, "") else str(one["value"]), here(_ORIGINS[one["from"]]))
    out.print(shown_rows)


def _rows(found: Configuration) -> list[dict[str, Any]]:
    filled = _filled(found.settings)
    return [
        {
            "name": name,
            "value": shown(value) if name == "clickhouse" else value,
            "from": str(found.origins[name]) if value == before else _STACK,
        }
        for (name, value), (_, before) in zip(filled, found.settings, strict=True)
    ]


def _filled(settings: Settings) -> Settings:
    try:
        return resolved(settings)
    except NoStack:
        return settings
