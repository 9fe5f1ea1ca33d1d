"""Real engines, one in this process (one path, never forked) and one behind HTTP, and a fresh database for each store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.client import connect
from connectors.clickhouse.migrating import migrate, run_statements
from connectors.clickhouse.migrations import migrations
from connectors.clickhouse.store import Store, rows_database
from projections.views import views
from schemas.ports import Store as StorePort
from streams.generations import begin
from streams.policies import load_made
from tests.embedded.conftest import start_front
from tests.memory_store import MemoryStore

_numbers = count(1)


@pytest.fixture(scope="session")
def engine() -> Iterator[Client]:
    client = clickhouse_connect.get_client(interface="chdb", path=":memory:", tz_mode="aware")
    yield client
    client.close()


@pytest.fixture(scope="session")
def http_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    front = start_front(tmp_path_factory.mktemp("engine"))
    client = connect(front.url, "not_there_yet")
    yield client
    client.close()
    front.stop()


@pytest.fixture
def new_database(engine: Client) -> Iterator[Callable[[], str]]:
    made: list[str] = []

    def make() -> str:
        made.append(migrated(engine))
        return made[-1]

    yield make
    for name in made:
        dropped(engine, name)


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture(params=["clickhouse", "http", "memory"])
def store(request: pytest.FixtureRequest) -> Iterator[StorePort]:
    if request.param == "memory":
        yield MemoryStore()
        return
    client: Client = request.getfixturevalue("engine" if request.param == "clickhouse" else "http_client")
    name = migrated(client, with_views=False)
    yield Store(client, name)
    dropped(client, name)


def migrated(client: Client, with_views: bool = True) -> str:
    """The name of a new database with all tables, and a generation 1 of projections."""
    name = f"trial_{next(_numbers)}"
    migrate(client, name, migrations(name))
    begin(Store(client, name), load_made(None), datetime.now(UTC))
    if with_views:
        run_statements(client, views(rows_database(name, 1), name))
    return name


def dropped(client: Client, name: str) -> None:
    for database in (name, rows_database(name, 1)):
        client.command(f"DROP DATABASE {database}", use_database=False)
