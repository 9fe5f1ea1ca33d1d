"""The store: everything that gate, projector, rebuild and verify ask of ClickHouse. Threads may share one over HTTP."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from connectors.clickhouse.engine import Engine
from connectors.clickhouse.log import Log
from connectors.clickhouse.overview import Overview
from connectors.clickhouse.projected import Projected
from connectors.clickhouse.work import Work


class Store(Log, Work, Projected, Overview):
    """The log, the workers' memory and the projections of one database (schemas.ports.Store).

    Raises the errors of connectors.clickhouse.errors; those with ``transient`` true are worth another try.
    """

    def __init__(self, client: Client, database: str) -> None:
        engine = Engine(client, database)
        Log.__init__(self, engine)
        Work.__init__(self, engine)
        Projected.__init__(self, engine)
        Overview.__init__(self, engine)
