"""The store: everything that gate, projector, rebuild and verify ask of ClickHouse. Threads may share one over HTTP."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from connectors.clickhouse.engine import Engine
from connectors.clickhouse.generations import Generations
from connectors.clickhouse.log import Log
from connectors.clickhouse.overview import Overview
from connectors.clickhouse.progress import Progress
from connectors.clickhouse.projected import Projected
from connectors.clickhouse.refusals import Refusals
from connectors.clickhouse.strays import Strays
from connectors.clickhouse.verifications import Verifications
from connectors.clickhouse.work import Work


class Store(Log, Progress, Generations, Work, Refusals, Overview, Strays, Verifications):
    """The log, what became of submissions, and how far the workers are (schemas.ports.Store).

    Raises the errors of connectors.clickhouse.errors; those with ``transient`` true are worth another try.
    """

    def __init__(self, client: Client, database: str) -> None:
        engine = Engine(client, database)
        for part in (Log, Progress, Generations, Work, Refusals, Overview, Strays, Verifications):
            part.__init__(self, engine)
        self.database = database

    def projections(self, generation: int) -> Projected:
        """The projection tables of one generation, in their own database."""
        return Projected(Engine(self._engine.client, rows_database(self.database, generation)))


def rows_database(database: str, generation: int) -> str:
    """The name of a generation's database."""
    return f"{database}_g{generation}"
