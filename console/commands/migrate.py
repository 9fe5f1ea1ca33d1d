"""``xinji migrate``: tables of the log, the first generation of projections, and the views, brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from connectors.clickhouse.client import connect
from connectors.clickhouse.migrating import migrate, run_statements
from connectors.clickhouse.migrations import migrations
from connectors.settings import Settings
from console.environment import address_of, resolved
from console.output import json_option, out, print_json, told
from projections.tables import code_digest
from projections.views import views
from streams.generations import live
from streams.policies import load_made
from streams.rebuild import bring_up


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done: numbers of migrations applied now, the live generation, and whether this program's code makes it."""

    applied: tuple[int, ...]
    generation: int
    own_code: bool


@click.command(help="创建或更新表和视图 / create tables and views, or bring them up to date; running it again is harmless")
@json_option
@told
def command(as_json_: bool) -> None:
    """Applies the migrations that are not applied yet, makes the first generation of projections where there is none, and
    creates the views anew where this version makes the live generation."""
    settings = resolved(Settings())
    done = migrate_database(settings)
    if as_json_:
        print_json(
            {"database": settings.database, "applied": list(done.applied), "generation": done.generation, "own_code": done.own_code}
        )
        return
    out.print(f"{settings.database}: {len(done.applied)} migrations applied / 已执行 {len(done.applied)} 个迁移")
    out.print(f"投影代次 / generation {done.generation}")
    if not done.own_code:
        out.print("在用投影由其他版本生成，视图未改 / another version makes it, views left alone: run `xinji rebuild`")


def migrate_database(settings: Settings) -> Migrated:
    """Brings the settings' database up to date."""
    client = connect(settings.clickhouse, settings.database, cluster=settings.cluster)
    try:
        applied = migrate(client, settings.database, migrations(settings.database, settings.cluster), settings.cluster)
    finally:
        client.close()
    address = address_of(settings)
    current = live(address.open())
    if current is None:
        current = bring_up(
            address, load_made(settings.policy), show_views(settings), lambda: datetime.now(UTC), 1, settings.projector_acts
        )
    elif current.code_digest == code_digest():
        show_views(settings)(current.number)
    return Migrated(applied, current.number, current.code_digest == code_digest())


def show_views(settings: Settings) -> Callable[[int], None]:
    """A function that points every view at a generation."""

    def show(number: int) -> None:
        client = connect(settings.clickhouse, settings.database, cluster=settings.cluster)
        try:
            rows = address_of(settings).open().projections(number).database
            run_statements(client, views(rows, settings.database, cluster=settings.cluster))
        finally:
            client.close()

    return show
