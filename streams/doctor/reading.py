"""Reading what the doctor judges: tables, log, receipts and rows out of ClickHouse, the end of the bus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from connectors.clickhouse.client import connect
from connectors.clickhouse.declared import Tables, declared
from connectors.clickhouse.engine import Engine
from connectors.clickhouse.examination import Examination
from connectors.clickhouse.migrations import migrations
from connectors.clickhouse.store import Store, rows_database
from connectors.clickhouse.tables import columns_of_database, views_of_database
from connectors.kafka import end_offsets
from projections.tables import code_digest, registered
from projections.views import names_of_views
from schemas.records import Generation
from streams.doctor.judge import Database, Evidence, FileMode, LogState
from streams.generations import live
from streams.rebuild import Address
from streams.topics import ACTS, ACTS_PARTITIONS

_OF_THE_LOG = frozenset({"act_log", "receipts", "progress", "source_statements", "stray_records"})
_BUS_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined. ``bootstrap`` is empty where no bus runs; ``backup``: next offsets that a backup has, None without one."""

    address: Address
    bootstrap: str = ""
    backup: Mapping[int, int] | None = None
    files: Sequence[FileMode] = ()


def read(patient: Patient) -> Evidence:
    """Everything that is judged. Raises what the store raises, and EndOffsetUnknown."""
    address = patient.address
    client = connect(address.clickhouse, address.database, cluster=address.cluster)
    try:
        log = _log_tables(client, address)
        generation = live(Store(client, address.database)) if "generations" in log.found else None
        databases = [log]
        if generation is not None:
            databases.append(_rows_tables(client, address, generation))
        readable = log.found.keys() >= _OF_THE_LOG
        examination = Examination(Engine(client, address.database))
        state = _log_state(client, patient, examination) if readable else None
        rows, unexplained = "", []
        if readable and generation is not None:
            rows = rows_database(address.database, generation.number)
            keys = {
                one.name: tuple(dict.fromkeys(("subject_id", *one.key))) for one in registered() if one.name in databases[1].found
            }
            unexplained = examination.unexplained(Engine(client, rows), keys)
        return Evidence(databases, state, rows, unexplained, patient.files)
    finally:
        client.close()


def _log_tables(client: Client, address: Address) -> Database:
    wanted: Tables = {one.name: one.columns for one in declared(migrations(address.database, address.cluster))}
    found, views = columns_of_database(client, address.database), views_of_database(client, address.database)
    return Database(address.database, "log", wanted, found, frozenset(names_of_views()), frozenset(views))


def _rows_tables(client: Client, address: Address, generation: Generation) -> Database:
    """Tables of a generation that another version made are not this version's to judge."""
    name = rows_database(address.database, generation.number)
    found = columns_of_database(client, name)
    own = generation.code_digest == code_digest()
    wanted: Tables = {one.name: {each.name: each.type for each in one.columns} for one in registered()} if own else {}
    return Database(name, "projection", wanted, found)


def _log_state(client: Client, patient: Patient, examination: Examination) -> LogState:
    """Receipts are read before the log's end and the bus's: what is written meanwhile lies behind all that was read."""
    astray = examination.astray()
    holes = Store(client, patient.address.database).holes()
    ends = examination.ends()
    bus = end_offsets(patient.bootstrap, ACTS, range(ACTS_PARTITIONS), seconds=_BUS_SECONDS) if patient.bootstrap else None
    return LogState(ends, holes, astray, bus, patient.backup)
