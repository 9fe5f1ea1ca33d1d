"""``xinji find``: subjects by name."""

from __future__ import annotations

import sys
from typing import Final

import click

from connectors.clickhouse.client import connect
from connectors.clickhouse.finding import FoundSubject, find_subjects
from console.configuration import configured
from console.environment import address_of, as_auditor, resolved
from console.output import NOT_FOUND, OK, json_option, out, print_json, say, told
from console.tables import Column, show_rows, wide_option
from schemas.sentence import Sentence
from streams.generations import demand_live

_COLUMNS: Final = (
    Column(Sentence("主体", "subject_id"), whole=True),
    Column(Sentence("名称", "name")),
    Column(Sentence("类别", "kind"), whole=True),
    Column(Sentence("行政区划", "region"), whole=True),
    Column(Sentence("曾用名", "former names")),
)
_NOBODY: Final = Sentence(
    "没有名称含“{name}”的主体（自然人不按名称查找）", 'no subject has "{name}" in a name (persons are not found by name)'
)
_MORE: Final = Sentence(
    "仅显示前 {n} 个，请写得更具体，或加大 --limit", "only the first {n}: write more of the name, or raise --limit"
)


@click.command(help="按名称查找主体 / find subjects by name or a part of it, former names too; persons are not found by name")
@click.argument("name")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="最多个数 / at most so many")
@wide_option
@json_option
@told
def command(name: str, limit: int, wide: bool, as_json_: bool) -> None:
    """Spaces, capitals and the width of letters and brackets make no difference. Exit 6 when nobody is found."""
    settings = resolved(configured())
    store = address_of(settings).open()
    rows = store.projections(demand_live(store).number).database
    client = connect(as_auditor(settings.clickhouse), settings.database)
    try:
        found = find_subjects(client, rows, name, limit + 1) if name.strip() else []
    finally:
        client.close()
    shown = found[:limit]
    if as_json_:
        print_json({"subjects": [{**one._asdict(), "former_names": _former(one)} for one in shown], "more": len(found) > limit})
    elif not shown:
        say(_NOBODY.of(name=name))
    else:
        show_rows(out, _COLUMNS, [(one.subject_id, one.name, one.kind, one.jurisdiction, _former(one)) for one in shown], wide=wide)
        if len(found) > limit:
            say(_MORE.of(n=limit))
    sys.exit(OK if shown else NOT_FOUND)


def _former(one: FoundSubject) -> list[str]:
    return [name for name in dict.fromkeys(one.names) if name != one.name]
