"""``xinji migrate``: tables and views of ClickHouse, brought up to date."""

from __future__ import annotations

import click

from connectors.clickhouse.client import connect
from connectors.clickhouse.migrations import migrate
from connectors.settings import Settings
from console.environment import resolved
from console.output import json_option, out, print_json, told
from projections.sql import migrations, view_statements


@click.command(help="创建或更新表和视图 / create tables and views, or bring them up to date; running it again is harmless")
@click.option("--cluster", default="", help="ClickHouse 集群名（ON CLUSTER） / name of the ClickHouse cluster")
@json_option
@told
def command(cluster: str, as_json_: bool) -> None:
    """Applies the migrations that are not applied yet, and creates the views anew."""
    settings = resolved(Settings())
    applied = migrate_database(settings, cluster)
    if as_json_:
        print_json({"database": settings.database, "applied": list(applied)})
    else:
        out.print(f"{settings.database}: {len(applied)} migrations applied / 已执行 {len(applied)} 个迁移")


def migrate_database(settings: Settings, cluster: str = "") -> tuple[int, ...]:
    """Brings the settings' database up to date; returns the numbers applied now."""
    client = connect(settings.clickhouse, settings.database)
    try:
        return migrate(
            client, settings.database, migrations(settings.database, cluster), view_statements(settings.database, cluster), cluster
        )
    finally:
        client.close()
