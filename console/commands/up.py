"""``xinji up``: the embedded stack in the foreground."""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from typing import Final, NoReturn

import click

from connectors.clickhouse.client import shown
from connectors.settings import Settings
from console.buses import bus_of, remember_bus
from console.configuration import chosen, with_absolute_paths
from console.detached import start
from console.embedded.access import SECRET
from console.embedded.health import troubles
from console.embedded.lock import DataDirLock
from console.environment import Endpoints, embedded_files, open_store, write_endpoints
from console.language import here
from console.output import DIFFERENT, OK, err, facts, json_option, out, print_json, say, told
from console.ports import choose_ports
from console.stack import Stack
from console.stray_view import ALARM
from schemas.sentence import EMPTY, Sentence
from streams.logs import structured_logging
from streams.policies import load_made
from streams.sources import load_sources

_HOW_TO_STOP: Final = Sentence(
    "在后台运行：`xinji down` 停止，`xinji logs` 查看日志",
    "runs in the background: `xinji down` stops it, `xinji logs` shows its logs",
)

_TAKEN: Final = Sentence("端口 {ports} 已被占用，改用以上端口", "port {ports} is taken by others: those above are used")


@click.command(help="启动嵌入式环境（仅本机回环地址） / start the embedded stack (loopback only), in the foreground")
@click.option("--detach", "-d", is_flag=True, help="在后台运行，就绪后返回 / run it in the background, and return when it is ready")
@json_option
@told
def command(detach: bool, as_json_: bool) -> None:
    """Bus, engine with its HTTP front, gate and projector. Ctrl-C or SIGTERM stops; started again, everything is there."""
    found = chosen()
    settings = with_absolute_paths(found.settings)
    settings = settings.model_copy(update={"bus": bus_of(settings.data, settings.bus)})
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (settings.data / "logs").mkdir(exist_ok=True)
    load_made(settings.policy)
    if (registry := embedded_files(settings).sources) and (settings.sources or registry.exists()):
        load_sources(registry)
    if detach:
        _announce(start(settings, found.file), settings, as_json_)
        if not as_json_:
            say(_HOW_TO_STOP)
        return
    structured_logging(settings.data / "logs" / "stack.log")
    with DataDirLock(settings.data):
        _run(settings, as_json_)


def _run(settings: Settings, as_json_: bool) -> None:
    stack = Stack(settings, choose_ports(settings), _alarm)
    remember_bus(settings.data, settings.bus or "memory")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        stack.start()
        write_endpoints(settings.data, stack.endpoints)
        _announce(stack.endpoints, settings, as_json_)
        _tell_strays(stack)
        stack.supervisor.wait()
    except SystemExit:
        # who asked for the end learns by the code whether all was well until then
        down = [part for part in stack.supervisor.states() if part.state != "ready"]
        sys.exit(DIFFERENT if troubles(down, datetime.now(UTC)) else OK)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        stack.supervisor.stop()


def _alarm(sentence: Sentence) -> None:
    err.print(here(sentence), markup=False)


def _tell_strays(stack: Stack) -> None:
    """Those of earlier days: new ones are told when the projector finds them."""
    if new := sum(not one.acknowledged for one in open_store(stack.settings).strays()):
        _alarm(ALARM.of(n=new))


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)


def _announce(endpoints: Endpoints, settings: Settings, as_json_: bool) -> None:
    if as_json_:
        print_json(
            {
                "data": settings.data,
                "bootstrap": endpoints.bootstrap,
                "bus": settings.bus,
                "clickhouse": shown(endpoints.clickhouse),
                "secret": settings.data / SECRET,
                "database": endpoints.database,
                "ports_taken": endpoints.ports_taken,
                "state": "ready",
            }
        )
        return
    facts(
        [
            (Sentence("数据目录", "data"), settings.data),
            (Sentence("总线 Kafka", "Kafka"), f"{endpoints.bootstrap}  ({settings.bus})"),
            (
                EMPTY,
                Sentence("总线没有口令，本机用户都能读写", "it knows no users: everybody on this machine can read and write it"),
            ),
            (
                Sentence("查询 ClickHouse", "ClickHouse"),
                Sentence("{url}  （数据库 {database}，仅本机）", "{url}  (database {database}, loopback only)").of(
                    url=shown(endpoints.clickhouse), database=endpoints.database
                ),
            ),
            (
                EMPTY,
                Sentence("视图无需口令，其余凭 {secret}", "views need no password, all else the one in {secret}").of(secret=SECRET),
            ),
        ]
    )
    if endpoints.ports_taken:
        say(_TAKEN.of(ports=", ".join(map(str, endpoints.ports_taken))))
    out.print("ready")
