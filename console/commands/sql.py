"""``xinji sql``: asks the projections."""

from __future__ import annotations

import re
from typing import Final

import click
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.client import connect
from connectors.clickhouse.errors import ClickHouseRefused, translated
from console.configuration import configured
from console.environment import as_auditor, resolved
from console.output import USAGE, fail, told
from schemas.sentence import Sentence

_FORMATS: Final = {"table": "PrettyCompactMonoBlock", "csv": "CSVWithNames", "json": "JSONEachRow"}
_READS: Final = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(select|with|show|describe|desc|explain|exists)\b", re.IGNORECASE | re.DOTALL
)

_OWN_FORMAT: Final = re.compile(r"\bFORMAT\s+\w+\s*;?\s*$", re.IGNORECASE)
_SAID: Final = re.compile(r"DB::Exception: (.*?)(?: \([A-Z_]+\))? ?\(for url [^)]*\)?", re.DOTALL)


def _said(detail: str) -> str:
    """What the engine said of the query, without the driver's wrapping."""
    found = _SAID.search(detail)
    return found.group(1) if found else detail


def _read_only(client: Client) -> dict[str, int]:
    """Nothing, where the server lets this user only read already."""
    known = client.server_settings.get("readonly")
    return {} if known is not None and known.readonly else {"readonly": 2}


@click.command(help="查询投影 / ask the projections, e.g. xinji sql \"SELECT * FROM blacklist_as_of(d = '2018-06-30')\"")
@click.argument("query")
@click.option("--format", "format_", type=click.Choice(list(_FORMATS)), default="table", show_default=True)
@click.option("--json", "as_json_", is_flag=True, help="同 --format json / the same as --format json")
@told
def command(query: str, format_: str, as_json_: bool) -> None:
    """Runs one reading query and prints its rows; JSON is one array of objects."""
    chosen = "json" if as_json_ else format_
    if not _READS.match(query):
        fail(
            Sentence(
                "此处只能查询（SELECT、WITH、SHOW、DESCRIBE、EXPLAIN）；投影由工作进程写入",
                "only reading queries are allowed here (SELECT, WITH, SHOW, DESCRIBE, EXPLAIN); projections are written by workers",
            ),
            USAGE,
            chosen == "json",
        )
    if _OWN_FORMAT.search(query):
        own = Sentence(
            "查询语句自带 FORMAT，请删去，改用 --format table、json 或 csv",
            "the query names a FORMAT of its own; leave it out and write --format table, json or csv",
        )
        fail(own, USAGE, chosen == "json")
    settings = resolved(configured())
    client = connect(as_auditor(settings.clickhouse), settings.database)
    try:
        with translated(client.uri):
            text = client.raw_query(query.rstrip().rstrip(";"), settings=_read_only(client), fmt=_FORMATS[chosen]).decode()
    except ClickHouseRefused as problem:
        refused = Sentence(
            '{said}\n有哪些视图和列：见 docs/analysts.md，或运行 xinji sql "SHOW TABLES"',
            '{said}\nviews and columns: docs/analysts.md, or xinji sql "SHOW TABLES"',
        )
        fail(refused.of(said=_said(problem.detail)), USAGE, chosen == "json")
    finally:
        client.close()
    click.echo("[" + ",\n".join(text.rstrip("\n").split("\n")) + "]" if chosen == "json" else text, nl=chosen == "json")
