"""Connecting: what the reader is told when it does not work, and what may be tried again."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from connectors.clickhouse.client import BadAddress, connect, shown
from connectors.clickhouse.engine import Engine
from connectors.clickhouse.errors import ClickHouseAway, ClickHouseBusy, ClickHouseRefused, translated
from connectors.clickhouse.migrations import migrations
from connectors.clickhouse.store import Store
from projections.tables import create_table, registered


def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://user:secret@127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(ClickHouseAway, match="XINJI_CLICKHOUSE") as caught:
        connect(url, "xinji")
    assert caught.value.transient
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "localhost:8123", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port"])
def test_no_address(url: str) -> None:
    with pytest.raises(BadAddress, match="http://user:password@host:8123"):
        connect(url, "xinji")


def test_an_address_is_shown_without_password() -> None:
    assert shown("http://user:secret@127.0.0.1:8123") == "http://127.0.0.1:8123"


def test_a_missing_table_is_permanent_and_says_what_to_do(http_client: Client) -> None:
    with pytest.raises(ClickHouseRefused, match="xinji migrate") as caught:
        Store(http_client, "nowhere").counts()
    assert not caught.value.transient


def test_load_passes_and_a_broken_statement_does_not() -> None:
    with pytest.raises(ClickHouseBusy), translated("http://127.0.0.1"):
        raise DatabaseError("too many parts", code=252)
    with pytest.raises(ClickHouseAway), translated("http://127.0.0.1"):
        raise OperationalError("connection reset")
    with pytest.raises(ClickHouseRefused), translated("http://127.0.0.1"):
        raise OperationalError("syntax", code=62)


def test_threads_share_a_client(http_client: Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda number: http_client.query(f"SELECT {number}", use_none=True).result_rows, range(40))
    assert [rows[0][0] for rows in found] == list(range(40))


def test_what_a_server_may_have_otherwise_is_sent_with_every_request(http_client: Client) -> None:
    pinned = {
        "async_insert": False,
        "insert_deduplicate": False,
        "deduplicate_insert": "disable",
        "deduplicate_insert_select": "disable",
        "max_threads": 1,
    }
    for name, value in pinned.items():
        assert http_client.query(f"SELECT getSetting('{name}')").result_rows == [(value,)], name


def test_on_replicas_inserts_have_a_quorum_and_reads_see_them(http_client: Client) -> None:
    replicated = connect(str(http_client.uri), "default", cluster="main")
    try:
        asked = "SELECT toString(getSetting('insert_quorum')), getSetting('insert_quorum_parallel'), "
        found = replicated.query(f"{asked} getSetting('select_sequential_consistency')").result_rows
        assert found == [("auto", False, True)]
    finally:
        replicated.close()


def test_a_block_that_is_inserted_again_after_a_delete_stands(http_client: Client) -> None:
    database = f"again_{uuid4().hex}"
    http_client.command(f"CREATE DATABASE {database}", use_database=False)
    engine = Engine(http_client, database)
    http_client.command(
        f"CREATE TABLE {database}.t (a String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100",
        use_database=False,
    )
    engine.insert("t", ["a"], [["x"]])
    http_client.command(f"ALTER TABLE {database}.t DELETE WHERE true SETTINGS mutations_sync = 2", use_database=False)
    engine.insert("t", ["a"], [["x"]])
    assert engine.query(f"SELECT a FROM {database}.t") == [("x",)]
    http_client.command(f"DROP DATABASE {database}", use_database=False)


def test_no_column_takes_the_time_of_the_server() -> None:
    made = [statement for one in migrations("x") for statement in one.statements] + [create_table(one, "x") for one in registered()]
    assert not [one for one in made if re.search(r"\bDEFAULT\b|\bnow\(|MATERIALIZED", one)]


def test_tables_without_replicas_are_synced() -> None:
    assert all("fsync_after_insert = 1" in create_table(one, "x") for one in registered())
    assert not any("fsync" in create_table(one, "x", cluster="main") for one in registered())
    assert all("ReplicatedReplacingMergeTree" in create_table(one, "x", cluster="main") for one in registered())
