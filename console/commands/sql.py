"""``xinji sql``: asks the projections."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.client import connect
from connectors.clickhouse.errors import ClickHouseProblem
from connectors.settings import Settings
from console.configuration import configured
from console.environment import as_auditor, resolved
from console.language import here
from console.output import USAGE, fail, out, print_json, say, table, told
from console.query.asked import BadQuery, Query, query_text, read_parameters, read_query
from console.query.result import as_table, asked
from console.query.writing import BINARY, WRITERS, written_whole
from projections.views import View, catalogue_of_views
from schemas.sentence import Sentence, plain

TABLE: Final = "table"
_NONE: Final = Sentence("没有结果", "no rows")


@click.command(
    help="查询投影 / ask the projections, e.g. xinji sql \"SELECT * FROM blacklist_as_of(d = '2018-06-30')\"; "
    "「-」为标准输入，不给语句则逐条输入 / - is standard input; without a query a prompt"
)
@click.argument("query", required=False)
@click.option("-f", "--file", type=click.Path(path_type=Path), help="查询语句所在文件 / the query is in this file")
@click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="{名称:类型} 的值 / the value of {name:Type}")
@click.option("--format", "format_", type=click.Choice([TABLE, *WRITERS]), help="输出形式 / form of the output  [table]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="写入文件，形式依后缀 / write to a file; its ending says the form"
)
@click.option("--views", is_flag=True, help="列出视图 / list the views")
@click.option("--columns", metavar="VIEW", help="列出视图的列 / list the columns of a view")
@click.option("--json", "as_json_", is_flag=True, help="同 --format json / the same as --format json")
@told
def command(
    query: str | None,
    file: Path | None,
    params: tuple[str, ...],
    format_: str | None,
    output: Path | None,
    views: bool,
    columns: str | None,
    as_json_: bool,
) -> None:
    """Runs one reading query and writes its rows; JSON is one array of objects."""
    if views or columns is not None:
        _describe(columns or "", as_json_)
        return
    form = "json" if as_json_ else format_ or _form_of(output)
    if form in BINARY and output is None:
        raise BadQuery(Sentence("{form} 请写入文件：-o 文件.{form}", "{form} goes into a file: -o FILE.{form}").of(form=form))
    text, parameters = query_text(query, file, sys.stdin), read_parameters(params)
    if text is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadQuery(
            Sentence(
                "没有查询语句；请写在命令后，或用 -f 文件，或用 - 从标准输入读入",
                "there is no query; write it behind the command, or give -f FILE, or - for standard input",
            )
        )
    asking = None if text is None else read_query(text, parameters)
    settings = resolved(configured())
    client = connect(as_auditor(settings.clickhouse), settings.database)
    try:
        if asking is None:
            _talk(settings, client, parameters, form, output)
        else:
            _answer(client, asking, form, output)
    finally:
        client.close()


def _form_of(output: Path | None) -> str:
    if output is None:
        return TABLE
    ending = output.suffix.lower().removeprefix(".")
    if ending not in WRITERS:
        raise BadQuery(
            Sentence(
                "由 {output} 的后缀看不出形式；请以 {known} 为后缀，或加 --format",
                "the ending of {output} says no form; end it with {known}, or add --format",
            ).of(output=output, known=", ".join(f".{one}" for one in WRITERS))
        )
    return ending


def _answer(client: Client, query: Query, form: str, output: Path | None) -> None:
    if form == TABLE:
        drawn = as_table(client, query, out.width if out.is_terminal else None)
        if output is None:
            click.echo(drawn, nl=False)
        else:
            with written_whole(output, form) as file:
                file.write(drawn.encode())
        if not drawn.strip():
            click.echo(here(_NONE), err=True)
        return
    with asked(client, query) as result:
        if output is None:
            WRITERS[form](result, sys.stdout.buffer)
            sys.stdout.flush()
            return
        with written_whole(output, form) as file:
            rows = WRITERS[form](result, file)
    say(Sentence("{rows} 行，已写入 {output}", "{rows} rows written to {output}").of(rows=rows, output=output))


def _talk(settings: Settings, client: Client, parameters: dict[str, str], form: str, output: Path | None) -> None:
    from console.query.prompt import talk  # here: it takes a tenth of a second, which a query on the line need not wait

    if output is not None:
        raise BadQuery(Sentence("逐条输入时不能用 -o；请给出查询语句", "-o does not go with the prompt; give a query"))
    talk(settings.data, partial(_one_of_many, client, parameters, form), partial(_describe, as_json_=False, ends=False))


def _one_of_many(client: Client, parameters: dict[str, str], form: str, text: str) -> None:
    try:
        used = {name: value for name, value in parameters.items() if f"{{{name}:" in text.replace(" ", "")}
        _answer(client, read_query(text, used), form, None)
    except KeyboardInterrupt:
        say(Sentence("已停止", "stopped"))
    except BadQuery as problem:
        say(problem.sentence)
    except ClickHouseProblem as problem:
        say(getattr(problem, "sentence", plain(problem)))


def _describe(view: str, as_json_: bool, ends: bool = True) -> None:
    """The views, or the columns of one of them."""
    known = {name: one for one in catalogue_of_views() for name in (one.name, one.twin) if name}
    if view and view not in known:
        unknown = Sentence("没有视图 {view}；有：{known}", "there is no view {view}; there are: {known}")
        sentence = unknown.of(view=view, known=", ".join(known))
        if ends:
            fail(sentence, USAGE, as_json_)
        say(sentence)
    elif view:
        _show(_columns(known[view]), as_json_, Sentence("列", "column"), Sentence("类型", "type"))
    else:
        _show(_views(), as_json_, Sentence("视图", "view"), Sentence("任一日", "any day"))


def _views() -> list[dict[str, Any]]:
    return [
        {"view": one.name, "any_day": f"{one.twin}(d = '2020-06-30')" if one.twin else "", "what": one.comment}
        for one in catalogue_of_views()
    ]


def _columns(view: View) -> list[dict[str, Any]]:
    return [{"column": one.name, "type": one.type, "what": one.comment} for one in view.columns]


def _show(rows: list[dict[str, Any]], as_json_: bool, *heads: Sentence) -> None:
    if as_json_:
        print_json(rows)
        return
    shown = table(*heads, Sentence("说明", "what"))
    for row in rows:
        shown.add_row(*map(str, row.values()))
    out.print(shown)
