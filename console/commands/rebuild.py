"""``xinji rebuild``: the projections anew, beside the live ones, then exchanged."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from clickhouse_connect.driver.binding import quote_identifier

from connectors.clickhouse.client import connect
from connectors.clickhouse.errors import translated
from connectors.settings import Settings
from console.commands.migrate import migrate_database
from console.environment import open_store, resolved
from console.output import err, json_option, out, print_json, told
from streams.evaluation import Evaluator
from streams.policies import load_policy
from streams.rebuild import rebuild


@click.command(help="另建投影后交换；政策变化后也用它 / build the projections anew and exchange them; after a policy change too")
@json_option
@told
def command(as_json_: bool) -> None:
    """The live projections answer all the while; a projector of another policy generation starts itself anew."""
    settings = resolved(Settings())
    policy, live = load_policy(settings.policy), open_store(settings)
    evaluator = Evaluator(policy, live.current_generation(policy.digest, policy.calendar.digest, datetime.now(UTC)))
    beside = settings.model_copy(update={"database": f"{settings.database}_rebuild"})
    _drop(beside)
    migrate_database(beside)
    with err.status("重建 / rebuilding") as shown:
        done = rebuild(
            live,
            open_store(beside),
            beside.database,
            evaluator,
            lambda subjects: shown.update(f"重建 / rebuilding: {subjects} subjects"),
        )
    _drop(beside)
    if as_json_:
        print_json({"subjects": done.subjects, "events": done.events, "again": done.again, "generation": evaluator.generation})
    else:
        out.print(
            f"已重建 {done.subjects} 个主体、{done.events} 个事件 / "
            f"rebuilt {done.subjects} subjects from {done.events} events; "
            f"{done.again} moved on meanwhile; policy generation {evaluator.generation}"
        )


def _drop(settings: Settings) -> None:
    client = connect(settings.clickhouse, settings.database)
    with translated(client.uri):
        client.command(f"DROP DATABASE IF EXISTS {quote_identifier(settings.database)} SYNC", use_database=False)
    client.close()
