"""One way to connect to ClickHouse over HTTP, the same for a cluster and for the embedded engine's front."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.errors import translated
from schemas.sentence import Sentence, Told

_CONNECT_SECONDS: Final = 10
_ANSWER_SECONDS: Final = 300
_PORTS: Final = {"http": 8123, "https": 8443}


class BadAddress(Told, ValueError):
    """Not an address of ClickHouse; ``url`` is what was given, without a password."""

    says = Sentence(
        "“{url}”不是 ClickHouse 的地址；请写成 http://user:password@host:8123",
        "{url!r} is no address of ClickHouse; write http://user:password@host:8123",
    )

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url=url)


_WORK: Final = {
    "async_insert": 0,
    "insert_deduplicate": 0,
    "deduplicate_insert": "disable",
    "deduplicate_insert_select": "disable",
    "max_threads": 1,
    "max_insert_threads": 1,
}
"""An insert is answered when it stands, and a block that is inserted again stands again: versions and offsets absorb repeats,
and a server that drops a block because it knew its like before a delete would lose it without an error. Our statements are
many and small: one thread each costs half the processor time of several."""
_REPLICATED: Final = {"insert_quorum": "auto", "insert_quorum_parallel": 0, "select_sequential_consistency": 1}
"""What is acknowledged stands on a majority of replicas, and whoever asks for progress or rows sees it."""


def connect(url: str, database: str, *, cluster: str = "") -> Client:
    """A client that threads may share (no session), with aware UTC times; closes with ``client.close()``.

    The database need not exist yet; where it does, it is the client's default. ``cluster``: its tables are replicated, so
    inserts have a quorum and reads see them. Settings that a server may have otherwise by its version or set-up are sent
    with every request, as far as the server knows them. Raises BadAddress, and the errors of
    connectors.clickhouse.errors: ClickHouseAway when nothing answers.
    """
    address = _read(url)
    with translated(shown(url)):
        client = clickhouse_connect.get_client(
            interface=address.scheme,
            host=address.hostname,
            port=address.port or _PORTS[address.scheme],
            username=unquote(address.username or "default"),
            password=unquote(address.password or ""),
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=_ANSWER_SECONDS,
            autogenerate_session_id=False,
            tz_mode="aware",
        )
        # A server refuses every request of a client whose database is not there, even the one that would create it.
        exists = "SELECT count() FROM system.databases WHERE name = {database:String}"
        if client.query(exists, parameters={"database": database}).result_rows[0][0]:
            client.database = database
        for name, value in {**_WORK, **(_REPLICATED if cluster else {})}.items():
            if name in client.server_settings and not client.server_settings[name].readonly:
                client.set_client_setting(name, value)
    return client


def shown(url: str) -> str:
    """An address as people may see it: without user and password."""
    address = urlsplit(url)
    host = address.netloc.rpartition("@")[2]
    return f"{address.scheme}://{host}" if host else url


def _read(url: str) -> SplitResult:
    address = urlsplit(url)
    try:
        valid = address.scheme in _PORTS and bool(address.hostname) and (address.port or 1) > 0
    except ValueError:  # a port that is no number
        valid = False
    if not valid:
        raise BadAddress(shown(url))
    return address
