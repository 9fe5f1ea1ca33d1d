"""``xinji migrate``: tables of the log, the first generation of projections, and the views, brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import click

from connectors.clickhouse.client import connect
from connectors.clickhouse.migrating import migrate, run_statements
from connectors.clickhouse.migrations import migrations
from connectors.clickhouse.tables import demand_columns, recreate
from connectors.settings import Settings
from console.configuration import configured
from console.environment import address_of, resolved
from console.output import json_option, print_json, say, told
from projections.tables import code_digest
from projections.views import views
from schemas.records import Generation
from schemas.sentence import Sentence
from streams.generations import lacking, live
from streams.policies import load_made
from streams.rebuild import bring_up, renew


@dataclass(frozen=True, slots=True)
class Migrated:
    """What was done: numbers of migrations applied now, tables of the log that were missing and made again, tables of the
    projections that were (the generation was made anew for them), the live generation, whether this program's code makes it."""

    applied: tuple[int, ...]
    recreated: tuple[str, ...]
    renewed: tuple[str, ...]
    generation: int
    own_code: bool


@click.command(help="创建或更新表和视图 / create tables and views, or bring them up to date; running it again is harmless")
@json_option
@told
def command(as_json_: bool) -> None:
    """Applies the migrations that are not applied yet, makes missing tables again, makes the first generation of projections
    where there is none, and creates the views anew where this version makes the live generation."""
    settings = resolved(configured())
    done = migrate_database(settings)
    if as_json_:
        print_json({"database": settings.database, **asdict(done)})
        return
    applied = Sentence("{database}：执行了 {n} 个迁移", "{database}: {n} migrations applied")
    say(applied.of(database=settings.database, n=len(done.applied)))
    for table in done.recreated:
        say(Sentence("{table}：缺失，已重建", "{table}: it was missing and is made again").of(table=table))
    for table in done.renewed:
        anew = Sentence(
            "{table}：缺失或与声明不符，投影已重算", "{table}: missing or not as declared: the projections were made anew"
        )
        say(anew.of(table=table))
    say(Sentence("投影第 {n} 代", "generation {n}").of(n=done.generation))
    if not done.own_code:
        other = Sentence(
            "在用投影由其他版本生成，视图未改：请运行 `xinji rebuild`",
            "another version makes it, views left alone: run `xinji rebuild`",
        )
        say(other)


def migrate_database(settings: Settings) -> Migrated:
    """Brings the settings' database up to date. Raises TablesDiffer where a table of the log has not the declared columns."""
    applied, recreated = migrate_log(settings)
    current, renewed = _generation(settings)
    return Migrated(applied, recreated, renewed, current.number, current.code_digest == code_digest())


def migrate_log(settings: Settings) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Brings the tables of log and outcomes up to date: the migrations applied now, and the tables that were missing."""
    numbered = migrations(settings.database, settings.cluster)
    client = connect(settings.clickhouse, settings.database, cluster=settings.cluster)
    try:
        recreated = recreate(client, settings.database, numbered)
        applied = migrate(client, settings.database, numbered, settings.cluster)
        demand_columns(client, settings.database, numbered)
    finally:
        client.close()
    return applied, recreated


def _generation(settings: Settings) -> tuple[Generation, tuple[str, ...]]:
    """The live generation with its views, and which of its tables were missing or wrong, so that it was made anew."""
    address, show, acts = address_of(settings), show_views(settings), settings.projector_acts
    store = address.open()
    current = live(store)
    if current is None:
        return bring_up(address, load_made(settings.policy), show, _now, 1, acts), ()
    if current.code_digest != code_digest():
        return current, ()
    if wrong := lacking(store, current.number):
        return renew(address, current, show, _now, acts), wrong
    show(current.number)
    return current, ()


def _now() -> datetime:
    return datetime.now(UTC)


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
