"""The embedded stack: engine, bus, gate and projector as child processes on one data directory, loopback only."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from clickhouse_connect.driver.binding import quote_identifier

from connectors.clickhouse.client import connect
from connectors.clickhouse.errors import translated
from connectors.clickhouse.store import Store
from connectors.kafka import create_topics
from connectors.settings import Settings
from console.commands.migrate import migrate_database, show_views
from console.embedded.access import SECRET, Role
from console.embedded.bus import bus_argv, bus_is_ready, create_topics_anew, refill
from console.embedded.child import ChildSpec
from console.embedded.health import PartState, write_health
from console.embedded.kafka import READY_SECONDS, STOP_SECONDS, kafka
from console.embedded.ports import HOST
from console.embedded.process import own_command
from console.embedded.supervisor import Supervisor
from console.environment import Endpoints, address_of, embedded_files
from console.keys import make_files, make_secret
from console.ports import Ports
from schemas.sentence import Sentence
from streams.holes import demand_whole
from streams.policies import load_made
from streams.readiness import READY_FILE, is_told
from streams.rebuild import bring_up
from streams.sources import load_sources
from streams.topics import ACTS, ACTS_PARTITIONS, configuration, partitions

START_SECONDS = 120.0
SESSION_TIMEOUT = 6.0
"""Consumer session timeout of the embedded workers, seconds: the first group join waits half of it."""


class Stack:
    """The parts on one data directory, whose lock the caller holds. ``start`` returns when every part is ready: gate and
    projector have joined, own their partitions, and read. ``alarm`` is given what people are to know at once."""

    def __init__(self, settings: Settings, ports: Ports, alarm: Callable[[Sentence], None]) -> None:
        bootstrap = f"{HOST}:{ports.bus}"
        make_secret(settings.data / SECRET)
        secret = (settings.data / SECRET).read_text("ascii").strip()
        clickhouse = f"http://{Role.OWNER}:{secret}@{HOST}:{ports.engine}"
        self._kafka = kafka(settings.kafka_home, settings.data / "kafka", ports.bus) if settings.bus == "kafka" else None
        self.settings = embedded_files(
            settings.model_copy(
                update={
                    "bootstrap": bootstrap,
                    "clickhouse": clickhouse,
                    "receipts_after_landing": self._kafka is None,  # what Kafka has acknowledged is on disk
                    "session_timeout": SESSION_TIMEOUT,
                    "gate_host": settings.gate_host if "gate_host" in settings.model_fields_set else "plain",
                    "projector_partitions": settings.projector_partitions or f"0-{ACTS_PARTITIONS - 1}",
                }
            )
        )
        self.endpoints = Endpoints(bootstrap, clickhouse, settings.database, os.getpid(), str(self.settings.sources), ports.taken)
        self._ports = ports
        make_files(self.settings)
        self.supervisor = Supervisor(self._specs(), self._fill, watch=self._write_health, alarm=alarm)

    def start(self) -> None:
        """Raises ChildNotReady, NotFilled."""
        self.supervisor.start(START_SECONDS if self._kafka is None else START_SECONDS + READY_SECONDS)

    def _specs(self) -> list[ChildSpec]:
        data, logs = self.settings.data, self.settings.data / "logs"
        engine = own_command(
            "engine", "--path", str(data / "engine"), "--port", str(self._ports.engine), "--secret", str(data / SECRET)
        )
        environment = _as_environment(self.settings)
        return [
            ChildSpec("engine", engine, logs / "engine.log", environment, ready=self._engine_answers),
            self._bus(logs / "bus.log"),
            *(
                ChildSpec(
                    worker,
                    own_command("worker", worker),
                    logs / f"{worker}.log",
                    environment | {READY_FILE: str(self._ready_file(worker))},
                    ready=partial(self._answers, worker),
                    depends_on=("engine", "bus"),
                )
                for worker in ("projector", "gate")
            ),
        ]

    def _bus(self, log: Path) -> ChildSpec:
        if (made := self._kafka) is not None:
            return ChildSpec("bus", made.argv, log, ready=made.is_ready, ready_seconds=READY_SECONDS, stop_seconds=STOP_SECONDS)
        port = self._ports.bus
        return ChildSpec("bus", partial(bus_argv, port), log, ready=partial(bus_is_ready, port), stop_seconds=0)

    def _ready_file(self, worker: str) -> Path:
        return self.settings.data / "logs" / f"{worker}.ready"

    def _answers(self, worker: str) -> bool:
        return is_told(self._ready_file(worker), self.supervisor.child_pids().get(worker))

    def _write_health(self, parts: Sequence[PartState]) -> None:
        write_health(self.settings.data, os.getpid(), parts)

    def _engine_answers(self) -> bool:
        with urllib.request.urlopen(f"http://{HOST}:{self._ports.engine}/ping", timeout=1.0) as answer:
            return bool(answer.status == 200)

    def _fill(self) -> None:
        """Topics, tables, and on the bus in memory the log as it stands in act_log: before any producer or consumer starts."""
        settings = self.settings
        self._create_topics(list(load_sources(settings.sources)))  # before clients ask for them
        migrate_database(settings)
        bring_up(
            address_of(settings),
            load_made(settings.policy),
            show_views(settings),
            lambda: datetime.now(UTC),
            min(2, os.cpu_count() or 1),
            settings.projector_acts,
        )
        _write_through(settings)
        client = connect(settings.clickhouse, settings.database)
        try:
            store = Store(client, settings.database)
            demand_whole(store)
            if self._kafka is None:
                refill(settings.bootstrap, ACTS, store.log_records())
        finally:
            client.close()

    def _create_topics(self, source_ids: list[str]) -> None:
        bootstrap, wanted = self.settings.bootstrap, partitions(source_ids)
        if self._kafka is None:
            create_topics_anew(bootstrap, wanted)
        else:
            create_topics(bootstrap, wanted, config=configuration(source_ids, 1))


def _write_through(settings: Settings) -> None:
    """What is acknowledged, and how far the projections are, must outlive a loss of power here, where no other copy exists."""
    client = connect(settings.clickhouse, settings.database)
    try:
        with translated(client.uri):
            tables = client.query(
                "SELECT name FROM system.tables WHERE database = {one:String} AND engine LIKE '%MergeTree' "
                "AND NOT create_table_query LIKE '%fsync_after_insert%'",
                parameters={"one": settings.database},
            )
            for (table,) in tables.result_rows:
                named = f"{quote_identifier(settings.database)}.{quote_identifier(table)}"
                client.command(f"ALTER TABLE {named} MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1")
    finally:
        client.close()


def _as_environment(settings: Settings) -> dict[str, str]:
    """Settings as a child reads them; paths absolute."""
    values = {
        name: str(value.absolute()) if isinstance(value, Path) else str(value)
        for name, value in settings.model_dump().items()
        if value is not None
    }
    return {f"XINJI_{name.upper()}": value for name, value in values.items()} | {"XINJI_CHILD_OF_STACK": "1"}
