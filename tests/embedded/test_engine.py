"""The engine front as clickhouse-connect and plain HTTP see it."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError, StreamFailureError
from clickhouse_connect.driver.external import ExternalData

from .conftest import Front, start_front

pytestmark = pytest.mark.stack

DAY = dt.date(2018, 6, 30)
MOMENT = dt.datetime(2018, 6, 30, 8, 30, 0, 123_000, tzinfo=dt.UTC)
COLUMNS = ["id", "name", "day", "at", "maybe", "part.n", "part.text", "version"]


def row(number: int, version: int = 1) -> list[object]:
    return [number, f"名{number}", DAY, MOMENT, ["x", None], [1, 2], ["p", "q"], version]


def make_table(client: Client, name: str = "facts") -> None:
    client.command(
        f"CREATE TABLE {name} (id UInt64 COMMENT '编号 / number', name String, day Date32, at DateTime64(3, 'UTC'), "
        "maybe Array(Nullable(String)), part Nested(n UInt8, text String), version UInt64) "
        "ENGINE = ReplacingMergeTree(version) ORDER BY id"
    )


def post(front: Front, body: bytes, path: str = "/", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    return send(front, "POST", path, body, headers)


def send(
    front: Front, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=30)
    try:
        connection.request(method, path, body=body or None, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.headers)
    finally:
        connection.close()


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip", False])
def test_inserts_in_every_compression_come_back(front: Front, client: Client, compression: str | bool) -> None:
    make_table(client)
    rows = [row(number) for number in range(3_000)]
    # several blocks, so that the body has several frames
    with front.client(database="trial", compress=compression) as other:
        context = other.create_insert_context("facts", column_names=COLUMNS, data=rows)
        context.block_row_count = 1_000
        assert other.data_insert(context).written_rows == 3_000
    found = client.query("SELECT * FROM facts ORDER BY id", query_tz="UTC", tz_mode="aware")
    assert list(found.column_names) == COLUMNS
    assert [list(one) for one in found.result_rows] == rows


def test_replacing_rows_are_final(client: Client) -> None:
    make_table(client)
    client.insert("facts", [row(1, 1)], column_names=COLUMNS)
    client.insert("facts", [row(1, 7)], column_names=COLUMNS)
    assert client.query("SELECT version FROM facts FINAL").result_rows == [(7,)]


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("deflate", lambda data: __import__("zlib").compress(data)),
        ("gzip", lambda data: __import__("gzip").compress(data[:4]) + __import__("gzip").compress(data[4:])),
    ],
)
def test_raw_inserts(client: Client, encoding: str, encode: Callable[[bytes], bytes]) -> None:
    client.command("CREATE TABLE raws (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.raw_insert("raws", ["a", "b"], encode(b"1,x\n2,y\n"), fmt="CSV", compression=encoding)
    client.raw_insert("raws", ["a", "b"], b'{"a":3,"b":"z;"}', fmt="JSONEachRow")
    client.command("INSERT INTO raws FORMAT TabSeparated", data="4\tw\n")
    client.command("INSERT INTO raws VALUES (5, 'v;'), (6, 'it''s')")
    client.command("INSERT INTO raws SELECT a + 6, b FROM raws WHERE a = 1")
    rows = [(1, "x"), (2, "y"), (3, "z;"), (4, "w"), (5, "v;"), (6, "it's"), (7, "x")]
    assert client.query("SELECT * FROM raws ORDER BY a").result_rows == rows


def test_a_cut_off_body_lands_nothing(front: Front, client: Client) -> None:
    import lz4.frame  # type: ignore[import-untyped]

    client.command("CREATE TABLE cut (a UInt64) ENGINE = MergeTree ORDER BY a")
    body = lz4.frame.compress(b"INSERT INTO trial.cut FORMAT TSV\n" + b"".join(b"%d\n" % n for n in range(1_000)))
    status, answer, _ = post(front, body[: len(body) // 2], **{"Content-Encoding": "lz4"})
    assert (status, answer[:9]) == (400, b"Code: 117")
    assert client.command("SELECT count() FROM cut") == 0


def test_frames_and_arrow(client: Client) -> None:
    client.command("CREATE TABLE flat (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
    client.insert_df("flat", pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))
    client.insert_arrow("flat", pa.table({"a": pa.array([3], pa.uint64()), "b": ["z"]}))
    assert client.query_df("SELECT * FROM flat ORDER BY a")["b"].tolist() == ["x", "y", "z"]
    assert client.query_arrow("SELECT a FROM flat ORDER BY a").column("a").to_pylist() == [1, 2, 3]


def test_a_result_without_rows_has_its_columns(client: Client) -> None:
    make_table(client)
    found = client.query("SELECT id, day FROM facts WHERE id = {id:UInt64}", parameters={"id": 5})
    assert (found.column_names, found.result_rows) == (("id", "day"), [])
    assert [str(kind.name) for kind in found.column_types] == ["UInt64", "Date32"]
    assert client.query("SHOW TABLES LIKE 'nothing'").column_names == ("name",)
    assert client.query("SELECT id FROM facts LIMIT 0").column_names == ("id",)


def test_streams(client: Client) -> None:
    with client.query_row_block_stream("SELECT number FROM numbers(300000)") as blocks:
        assert sum(len(block) for block in blocks) == 300_000
    with client.query_rows_stream("SELECT number FROM numbers(0)") as rows:
        assert list(rows) == []
    with client.raw_stream("SELECT number FROM numbers(100000)", fmt="CSV") as raw:
        assert raw.read().count(b"\n") == 100_000
    # left early: the lane's connection must serve the next query
    for _ in range(5):
        with client.query_row_block_stream("SELECT number FROM numbers(3000000)") as blocks:
            next(iter(blocks))
        assert client.command("SELECT 1") == 1


@pytest.mark.filterwarnings("default")
def test_an_error_within_a_stream_is_raised(client: Client) -> None:
    query = "SELECT throwIf(number = 400000) FROM numbers(500000)"
    with pytest.raises(StreamFailureError, match="FUNCTION_THROW_IF"), client.query_row_block_stream(query) as blocks:
        for _ in blocks:
            pass


def test_parameters(client: Client) -> None:
    assert client.query("SELECT {t:String}, {d:Date32}", parameters={"t": "a'b\\\t名", "d": DAY}).result_rows == [
        ("a'b\\\t名", DAY)
    ]
    # too long for a URL: the client sends a form
    many = list(range(60_000))
    assert client.query("SELECT length({n:Array(UInt64)})", parameters={"n": many}).result_rows == [(60_000,)]


def test_settings_last_for_their_query(client: Client) -> None:
    ask = "SELECT getSetting('max_block_size')"
    usual = client.command(ask)
    assert client.command(ask, settings={"max_block_size": 1234}) == 1234
    client.command("SET max_block_size = 4321")
    assert [client.command(ask) for _ in range(8)] == [usual] * 8


def test_temporary_tables_and_use_do_not_leak(front: Front, client: Client) -> None:
    client.command("CREATE TEMPORARY TABLE mine (a Int8)")
    client.command("USE system")
    for _ in range(8):
        assert client.command("SELECT currentDatabase()") == "trial"
        with pytest.raises(DatabaseError, match="UNKNOWN_TABLE"):
            client.query("SELECT * FROM mine")


@pytest.mark.parametrize(
    ("sql", "path", "status", "code"),
    [
        (b"SELEC 1", "/", 400, 62),
        (b"SELECT 1; SELECT 2", "/", 400, 62),
        (b"SELECT * FROM system.nothing", "/", 404, 60),
        (b"SELECT nothing", "/", 404, 47),
        (b"SELECT 1", "/?database=nothing", 404, 81),
        (b"SELECT 1", "/?no_such_setting=1", 404, 115),
        (b"SELECT 1", "/?compress=1", 501, 48),
        (b"", "/", 400, 62),
        (b"INSERT INTO t SELECT a FROM input('a Int8') FORMAT CSV\n1", "/", 501, 48),
        (b"SELECT throwIf(1)", "/?wait_end_of_query=1", 500, 395),
    ],
)
def test_errors_are_clickhouses(front: Front, sql: bytes, path: str, status: int, code: int) -> None:
    found = post(front, sql, path)
    assert (found[0], found[2]["X-ClickHouse-Exception-Code"]) == (status, str(code))
    assert found[1].startswith(b"Code: %d. DB::Exception: " % code)


def test_external_data_is_refused(client: Client) -> None:
    data = ExternalData(file_name="d", data=b"1\n", fmt="CSV", structure="a Int8")
    with pytest.raises(DatabaseError, match="external data"):
        client.query("SELECT * FROM d", external_data=data)


def test_plain_http(front: Front) -> None:
    assert send(front, "GET", "/") == (200, b"Ok.\n", send(front, "GET", "/")[2])
    status, body, headers = send(front, "GET", "/?query=" + quote("SELECT 'a;b' AS x -- ; c\n;"), b"")
    assert (status, body, headers["X-ClickHouse-Format"]) == (200, b"a;b\n", "TabSeparated")
    status, body, headers = post(front, b"SELECT 1 AS x FORMAT JSON", "/?query_id=q1&session_id=s&user=u&password=p")
    assert (json.loads(body)["data"], headers["X-ClickHouse-Query-Id"]) == ([{"x": 1}], "q1")
    status, body, headers = post(front, b"SELECT 1 AS x", "/?default_format=CSVWithNames&wait_end_of_query=1")
    assert (body, json.loads(headers["X-ClickHouse-Summary"])["read_rows"]) == (b'"x"\n1\n', "1")
    assert post(front, b"SELECT 1", "/", **{"X-ClickHouse-Format": "CSV"})[1] == b"1\n"


def test_a_link_changes_nothing(front: Front, client: Client) -> None:
    client.command("CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a")
    status, body, _ = send(front, "GET", "/?query=" + quote("DROP TABLE trial.kept"))
    assert (status, b"READONLY" in body) == (403, True)
    assert client.command("EXISTS TABLE kept") == 1


@pytest.mark.parametrize("headers", [{"Origin": "http://example.org"}, {"Host": "example.org"}, {"Sec-Fetch-Site": "cross-site"}])
def test_web_pages_are_refused(front: Front, headers: dict[str, str]) -> None:
    assert post(front, b"SELECT 1", "/", **headers)[0] == 403


def test_exchange_across_databases_and_views(client: Client) -> None:
    client.command("DROP DATABASE IF EXISTS other")
    client.command("CREATE DATABASE other")
    for database, value in (("trial", 1), ("other", 2)):
        client.command(f"CREATE TABLE {database}.swap (a UInt64, day Date32) ENGINE = MergeTree ORDER BY a")
        client.insert(f"{database}.swap", [[value, DAY]], column_names=["a", "day"])
    client.command("CREATE TABLE seen (a UInt64) ENGINE = MergeTree ORDER BY a")
    client.command("CREATE MATERIALIZED VIEW sees TO seen AS SELECT a FROM trial.swap")
    client.command("CREATE VIEW on_day AS SELECT a FROM trial.swap WHERE day <= {d:Date32}")
    client.command("EXCHANGE TABLES trial.swap AND other.swap")
    assert client.query("SELECT a FROM trial.swap").result_rows == [(2,)]
    assert client.insert("swap", [[3, DAY]], column_names=["a", "day"]).written_rows >= 1
    assert client.query("SELECT a FROM seen").result_rows == [(3,)]
    assert client.query("SELECT a FROM on_day(d = '2018-06-30') ORDER BY a").result_rows == [(2,), (3,)]
    assert client.query("SELECT a FROM on_day(d = {d:Date32})", parameters={"d": dt.date(2018, 6, 29)}).row_count == 0
    client.command("DROP DATABASE other")


def test_comments_and_nested_columns(client: Client) -> None:
    make_table(client)
    found = client.query("SELECT name, type, comment FROM system.columns WHERE database = 'trial' AND table = 'facts'")
    columns = {name: (kind, comment) for name, kind, comment in found.result_rows}
    assert columns["id"] == ("UInt64", "编号 / number")
    assert columns["part.text"] == ("Array(String)", "")


def test_slow_queries_leave_the_others_alone(front: Front, client: Client) -> None:
    make_table(client)
    slow = "SELECT sum(sipHash64(number)) FROM numbers(2000000000) SETTINGS max_execution_time = 2, max_threads = 1"

    def ask() -> float:
        with front.client() as other, pytest.raises(DatabaseError, match="TIMEOUT_EXCEEDED"):
            other.query(slow)
        return time.monotonic()

    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(ask) for _ in range(3)]
        done = 0
        while not any(one.done() for one in asked) and done < 100:
            client.insert("facts", [row(done)], column_names=COLUMNS)
            assert client.command("SELECT count() FROM facts") == done + 1
            done += 1
        finished = time.monotonic()
        assert done >= 5
        assert all(one.result() > finished - 2.0 for one in asked)


def test_concurrent_inserts_all_arrive(front: Front, client: Client) -> None:
    make_table(client)

    def fill(worker: int) -> None:
        with front.client(database="trial") as own:
            for step in range(10):
                own.insert("facts", [row(worker * 1_000 + step * 50 + n) for n in range(50)], column_names=COLUMNS)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(fill, range(6)))
    assert client.command("SELECT count() FROM facts") == 3_000


@pytest.mark.crash
def test_what_was_answered_survives_sigkill(tmp_path: Path) -> None:
    front = start_front(tmp_path)
    answered: list[int] = []

    def insert() -> None:
        try:
            for number in range(10_000):
                client.insert("kept.facts", [row(number)], column_names=COLUMNS)
                answered.append(number)
        except Exception:  # the front was killed below
            return

    with front.client() as client:
        client.command("CREATE DATABASE kept")
        make_table(client, "kept.facts")
        writer = threading.Thread(target=insert)
        writer.start()
        while len(answered) < 30 and writer.is_alive():
            time.sleep(0.01)
        front.process.send_signal(signal.SIGKILL)
        front.process.wait(10)
        writer.join(30)
    again = start_front(tmp_path)
    with again.client() as client:
        found = {number for (number,) in client.query("SELECT id FROM kept.facts").result_rows}
    assert len(answered) >= 30
    assert set(answered) <= found
    assert again.stop() == 0


def test_a_second_front_on_the_same_data_says_so(front: Front) -> None:
    with pytest.raises(AssertionError, match="the front ended"):
        start_front(front.path)
    assert "EngineNotOpened" in front.log.read_text()


def test_sigterm_cancels_what_still_runs(tmp_path: Path) -> None:
    front = start_front(tmp_path, stop_seconds=0.5)
    answers: list[int] = []
    query = b"SELECT sum(sipHash64(number)) FROM numbers(900000000000) SETTINGS max_threads = 1"
    asking = threading.Thread(target=lambda: answers.append(post(front, query)[0]))
    asking.start()
    with front.client() as client:
        ask = "SELECT countIf(query NOT LIKE '%processes%') FROM system.processes WHERE query LIKE '%900000000000%'"
        while client.command(ask) == 0:
            time.sleep(0.02)
    began = time.monotonic()
    assert front.stop() == 0
    assert time.monotonic() - began < 5
    asking.join(10)
    assert answers == [500]
