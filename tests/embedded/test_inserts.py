"""An insert that is answered has been stored: whatever hinders it is an error, and what was there before stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.small_disk import Ballast

from .conftest import Front, start_front

pytestmark = pytest.mark.stack

ROWS = [[number, "x" * 100] for number in range(20_000)]


def make_table(client: Client, name: str = "kept", more: str = "") -> None:
    client.command(f"CREATE TABLE {name} (a Int64, s String{more}) ENGINE = MergeTree ORDER BY a")


def count(client: Client, table: str = "kept") -> int:
    return int(client.command(f"SELECT count() FROM {table}"))


def test_a_violated_constraint_is_an_error(client: Client) -> None:
    make_table(client, more=", CONSTRAINT positive CHECK a >= 0")
    with pytest.raises(DatabaseError, match="positive"):
        client.insert("kept", [[1, "x"], [-1, "y"]], column_names=["a", "s"])
    assert count(client) == 0


def test_a_view_that_throws_is_an_error(client: Client) -> None:
    make_table(client)
    client.command("CREATE TABLE seen (a Int64) ENGINE = MergeTree ORDER BY a")
    client.command("CREATE MATERIALIZED VIEW sees TO seen AS SELECT throwIf(a = 3)::Int64 AS a FROM kept")
    with pytest.raises(DatabaseError, match="throwIf"):
        client.insert("kept", [[3, "x"]], column_names=["a", "s"])


def test_rows_that_cannot_be_read_are_an_error(client: Client) -> None:
    make_table(client)
    with pytest.raises(DatabaseError):
        client.raw_insert("kept", column_names=["a", "s"], insert_block=b"no arrow", fmt="ArrowStream")
    assert count(client) == 0


@pytest.mark.parametrize(
    "statement", ["kept SETTINGS max_insert_threads = 1", "kept (s, a) SETTINGS max_threads=1,max_insert_threads=1", "kept"]
)
def test_settings_of_an_insert_stay_its_settings(client: Client, statement: str) -> None:
    make_table(client)
    own = "kept,7" if "(s, a)" in statement else "7,kept"
    client.command(f"INSERT INTO {statement} FORMAT CSV\n{own}\n")
    assert client.query("SELECT a, s FROM kept").result_rows == [(7, "kept")]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Front]:
    running = start_front(tmp_path / "engine", megabytes=64)
    yield running
    assert running.stop() == 0


def test_a_full_disk_is_an_error_until_there_is_room(small: Front) -> None:
    with small.client() as client:
        client.command("CREATE DATABASE trial")
        client.database = "trial"
        make_table(client)
        client.insert("kept", [[-1, "first"]], column_names=["a", "s"])
        ballast = Ballast(small.process.pid, small.path, leave=300_000)
        with pytest.raises(DatabaseError) as refused:
            client.insert("kept", ROWS, column_names=["a", "s"])
        assert refused.value.code == 243
        assert count(client) == 1
        ballast.throw_off()
        client.insert("kept", ROWS, column_names=["a", "s"])
        assert count(client) == len(ROWS) + 1
