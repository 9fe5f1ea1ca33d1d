"""``xinji up``: the embedded stack in the foreground."""

from __future__ import annotations

import signal
from typing import NoReturn

import click

from connectors.clickhouse.client import shown
from connectors.settings import Settings
from console.configuration import configured, with_absolute_paths
from console.embedded.access import SECRET
from console.embedded.lock import DataDirLock
from console.environment import Endpoints, embedded_files, write_endpoints
from console.output import json_option, out, print_json, told
from console.stack import Stack, choose_ports
from streams.logs import structured_logging
from streams.policies import load_made
from streams.sources import load_sources


@click.command(help="在前台启动嵌入式环境（仅本机回环地址） / start the embedded stack in the foreground (loopback only)")
@click.option("--kafka-port", type=click.IntRange(1, 65535), help="总线端口 / port of the bus")
@click.option("--http-port", type=click.IntRange(1, 65535), help="ClickHouse HTTP 端口 / port of the engine's HTTP front")
@json_option
@told
def command(kafka_port: int | None, http_port: int | None, as_json_: bool) -> None:
    """Bus, engine with its HTTP front, gate and projector. Ctrl-C or SIGTERM stops; started again, everything is there."""
    settings = with_absolute_paths(configured())
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.data / "logs").mkdir(exist_ok=True)
    load_made(settings.policy)
    if (registry := embedded_files(settings).sources) and (settings.sources or registry.exists()):
        load_sources(registry)
    structured_logging(settings.data / "logs" / "stack.log")
    with DataDirLock(settings.data):
        stack = Stack(settings, choose_ports(settings.data, kafka_port, http_port))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _stop)
        try:
            stack.start()
            write_endpoints(settings.data, stack.endpoints)
            _announce(stack.endpoints, settings, as_json_)
            stack.supervisor.wait()
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            stack.supervisor.stop()


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


def _announce(endpoints: Endpoints, settings: Settings, as_json_: bool) -> None:
    if as_json_:
        print_json(
            {
                "data": settings.data,
                "bootstrap": endpoints.bootstrap,
                "clickhouse": shown(endpoints.clickhouse),
                "secret": settings.data / SECRET,
                "database": endpoints.database,
                "state": "ready",
            }
        )
        return
    out.print(f"数据目录 / data      {settings.data}", markup=False)
    out.print(f"总线 / Kafka         {endpoints.bootstrap}", markup=False)
    out.print(f"查询 / ClickHouse    {shown(endpoints.clickhouse)}  (database {endpoints.database}, loopback only)", markup=False)
    out.print(f"                     视图无需口令，其余凭 / views need no password, all else the one in {SECRET}", markup=False)
    out.print("ready")
