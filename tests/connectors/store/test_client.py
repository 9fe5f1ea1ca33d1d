"""Connecting: what the reader is told when it does not work, and what may be tried again."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from connectors.clickhouse.client import BadAddress, connect, shown
from connectors.clickhouse.errors import ClickHouseAway, ClickHouseBusy, ClickHouseRefused, translated
from connectors.clickhouse.store import Store


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
        Store(http_client, "nowhere").landed()
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
