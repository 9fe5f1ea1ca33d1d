"""Who may do what on the embedded engine, tried as a hostile user of the same machine would."""

from __future__ import annotations

import base64
import http.client
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, inspect, text

from console.embedded.access import Access, Limits, Role, Views
from console.keys import make_secret
from tests.deadline import until

from .conftest import Front, start_front

pytestmark = pytest.mark.stack
SECRET = "only-the-owner-knows"
VIEWS = Views("trial", ())


@dataclass(frozen=True)
class Caller:
    """Somebody who sends statements; ``user`` None: without credentials."""

    port: int
    user: str | None = None
    password: str = SECRET

    def ask(self, sql: str, method: str = "POST", **settings: str) -> tuple[int, str]:
        headers = {}
        if self.user is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, "/?" + urlencode(settings), body=sql.encode(), headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def begin(self, sql: str) -> http.client.HTTPConnection:
        """Sends a statement and does not wait for its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        secret = f"{self.user}:{self.password}" if self.user is not None else ":"
        headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
        connection.request("POST", "/", body=sql.encode(), headers=headers)
        return connection

    def denied(self, sql: str, **settings: str) -> bool:
        status, text = self.ask(sql, **settings)
        return status == 403 and ("ACCESS_DENIED" in text or "READONLY" in text)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    front = start_front(tmp_path_factory.mktemp("guarded") / "engine", secret=SECRET)
    owner = Caller(front.port, "owner")
    for statement in (
        "CREATE DATABASE trial",
        "CREATE TABLE trial.log (a Int64, secret String) ENGINE = MergeTree ORDER BY a",
        "INSERT INTO trial.log VALUES (1, 'hidden'), (2, 'hidden')",
        "CREATE TABLE trial.work (a Int64) ENGINE = MergeTree ORDER BY a",
        "CREATE VIEW trial.shown DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT a FROM trial.log",
        "CREATE VIEW trial.shown_as_of DEFINER = CURRENT_USER SQL SECURITY DEFINER AS SELECT a FROM trial.log WHERE a = {d:Int64}",
    ):
        assert owner.ask(statement) == (200, "")
    yield front
    assert front.stop() == 0


@pytest.fixture
def reader(guarded: Front) -> Caller:
    return Caller(guarded.port)


@pytest.fixture
def owner(guarded: Front) -> Caller:
    return Caller(guarded.port, "owner")


def test_readers_see_the_views_and_nothing_else(reader: Caller) -> None:
    assert reader.ask("SELECT a FROM trial.shown ORDER BY a") == (200, "1\n2\n")
    assert reader.ask("SELECT * FROM trial.shown_as_of(d = 2)") == (200, "2\n")
    assert reader.ask("SELECT name FROM system.tables WHERE database = 'trial' ORDER BY name") == (200, "shown\nshown_as_of\n")
    assert reader.ask("SELECT max(a) FROM shown") == reader.ask("SELECT max(a) FROM shown", database="trial") == (200, "2\n")
    for statement in (
        "SELECT * FROM trial.log",
        "SELECT * FROM merge('trial', 'log')",
        "SELECT * FROM mergeTreeIndex('trial', 'log')",
    ):
        status, text = reader.ask(statement)
        assert status != 200, text
        assert "hidden" not in text


def test_superset_and_grafana_read_the_views(guarded: Front, reader: Caller) -> None:
    """By the SQLAlchemy dialect that Superset uses, and by what the client of Grafana's plugin sends."""
    made = create_engine(f"clickhousedb://127.0.0.1:{guarded.port}/trial")
    with made.connect() as connection:
        assert connection.execute(text("SELECT a FROM shown ORDER BY a")).fetchall() == [(1,), (2,)]
        seen = inspect(made)
        assert seen.get_schema_names() == ["trial"]
        assert "log" not in seen.get_table_names("trial")
        assert "shown" in seen.get_table_names("trial")
        assert [one["name"] for one in seen.get_columns("shown", "trial")] == ["a"]
    made.dispose()
    sent = {
        "default_format": "Native",
        "client_protocol_version": "54460",
        "max_execution_time": "30",
        "enable_http_compression": "1",
    }
    for query in (
        "SELECT displayName(), version(), revision(), timezone()",
        "SELECT a FROM shown",
        "SELECT name FROM system.tables",
    ):
        assert reader.ask(query, database="trial", **sent)[0] == 200


WRITES = (
    "INSERT INTO trial.log VALUES (3, 'x')",
    "INSERT INTO trial.log FORMAT CSV\n3,x\n",
    "ALTER TABLE trial.log DELETE WHERE 1",
    "TRUNCATE TABLE trial.log",
    "DROP VIEW trial.shown",
    "CREATE TABLE trial.mine (a Int8) ENGINE = MergeTree ORDER BY a",
    "CREATE OR REPLACE VIEW trial.shown AS SELECT 1 AS a",
    "SYSTEM STOP MERGES",
    "KILL QUERY WHERE 1",
    "SET ROLE owner",
    "SET max_execution_time = 0",
    "OPTIMIZE TABLE trial.log FINAL",
    "/* a */ -- b\n DROP TABLE trial.log",
)


@pytest.mark.parametrize("statement", WRITES)
def test_readers_and_auditors_change_nothing(reader: Caller, owner: Caller, statement: str) -> None:
    before = owner.ask("SELECT groupArray(tuple(*)) FROM trial.log")
    assert reader.denied(statement)
    assert Caller(reader.port, "auditor").denied(statement)
    assert owner.ask("SELECT groupArray(tuple(*)) FROM trial.log") == before


def test_auditors_read_every_table(reader: Caller) -> None:
    auditor = Caller(reader.port, "auditor")
    assert auditor.ask("SELECT secret FROM trial.log LIMIT 1") == (200, "hidden\n")


@pytest.mark.parametrize("user", ["owner", "auditor", "default", "", "x"])
def test_a_wrong_password_is_no_reader(reader: Caller, user: str) -> None:
    status, text = Caller(reader.port, user, "guessed").ask("SELECT 1")
    assert (status, "AUTHENTICATION_FAILED" in text) == (403, True)
    assert SECRET not in text


FILES = (
    "SELECT * FROM file('{path}', 'LineAsString', 's String')",
    "SELECT file('{path}')",
    "SELECT `file`('{path}')",
    "SELECT \"fi\\x6ce\"('{path}')",
    "SELECT arrayMap(file, ['{path}'])",
    "SELECT (SELECT /* ' */ file('{path}'))",
    "SELECT x FROM (SELECT file('{path}') AS x)",
    "WITH f AS (SELECT file('{path}')) SELECT * FROM f",
    "EXPLAIN SELECT file('{path}')",
    "SELECT 1 INTO OUTFILE '{path}.out'",
    "SELECT 1 INTO /* x */ OUTFILE '{path}.out' FORMAT CSV",
    "INSERT INTO FUNCTION file('{path}.out', 'CSV', 's String') VALUES ('x')",
    "INSERT INTO FUNCTION file('{path}.out', 'CSV', 's String') FORMAT CSV\nx\n",
    "INSERT INTO trial.log FROM INFILE '{path}' FORMAT CSV",
    "INSERT INTO trial.log SELECT 1, file('{path}')",
    "CREATE VIEW trial.v AS SELECT file('{path}')",
    "CREATE TABLE trial.t (s String) ENGINE = File(CSV, '{path}')",
    "CREATE DATABASE d ENGINE = Filesystem('/')",
    "CREATE DICTIONARY trial.d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '{path}' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 's String')",
    "SELECT * FROM remote('127.0.0.1:1', 'system', 'one')",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'CSV', 's String')",
    "SELECT * FROM executable('cat', 'TSV', 's String')",
    "SELECT * FROM sqlite('{path}', 't')",
    "SELECT * FROM icebergLocal('{path}')",
    "SELECT * FROM filesystem('/')",
    "BACKUP TABLE trial.log TO File('{path}.out')",
    "SELECT 1; SELECT file('{path}')",
)


@pytest.mark.parametrize("statement", FILES)
@pytest.mark.parametrize("user", [None, "auditor", "owner"])
def test_nobody_reaches_files_or_the_network(guarded: Front, tmp_path: Path, user: str | None, statement: str) -> None:
    path = tmp_path / "key"
    path.write_text("s3cr3t,1\n")
    status, text = Caller(guarded.port, user).ask(statement.format(path=path))
    assert status != 200, text
    assert "s3cr3t" not in text
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("user", [None, "auditor", "owner"])
@pytest.mark.parametrize("name", ["file", " file", "`file`", "fi\\x6ce"])
def test_no_parameter_names_the_function(guarded: Front, user: str | None, name: str) -> None:
    caller = Caller(guarded.port, user)
    assert caller.denied("SELECT arrayMap({f:Identifier}, ['/etc/hostname'])", param_f=name)
    assert caller.ask("SELECT {c:Identifier} FROM (SELECT 1 AS a)", param_c="a") == (200, "1\n")
    assert caller.ask("SELECT {text:String}", param_text=name)[0] == 200


@pytest.mark.parametrize("user", [None, "auditor"])
@pytest.mark.parametrize(
    ("setting", "query"),
    [
        ("output_format_schema", "SELECT 1 AS a FORMAT Protobuf"),
        ("format_template_row", "SELECT 1 AS a FORMAT Template"),
        ("format_template_resultset", "SELECT 1 AS a FORMAT Template"),
        ("input_format_record_errors_file_path", "SELECT 1"),
        ("format_schema", "SELECT 1 AS a FORMAT Protobuf"),
        ("format_avro_schema_registry_url", "SELECT 1"),
        ("rename_files_after_processing", "SELECT 1"),
    ],
)
def test_no_setting_names_a_file(guarded: Front, tmp_path: Path, user: str | None, setting: str, query: str) -> None:
    (tmp_path / "key").write_text("s3cr3t")
    for path in (tmp_path / "key", tmp_path / "new"):
        caller = Caller(guarded.port, user)
        assert caller.denied(query, **{setting: str(path)})
        assert "READONLY" in caller.ask(f"{query} SETTINGS {setting} = '{path}'")[1]
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_settings_that_tools_send_are_taken(guarded: Front) -> None:
    sent = {
        "output_format_json_quote_64bit_integers": "1",
        "max_result_rows": "10",
        "extremes": "0",
        "session_timezone": "Asia/Shanghai",
    }
    assert Caller(guarded.port).ask("SELECT timezone()", **sent) == (200, "Asia/Shanghai\n")


def test_words_that_only_look_like_files_are_answered(owner: Caller) -> None:
    for value in (
        "SELECT 'file(x)'",
        "SELECT 1 AS `my file`",
        "SELECT 'it is \\'file\\''",
        "SELECT t.file FROM (SELECT 1 AS `file `, 2 AS f) t",
    ):
        status, text = owner.ask(value)
        assert status == 200 or "UNKNOWN_IDENTIFIER" in text, text


def test_readers_are_bounded(reader: Caller, owner: Caller) -> None:
    for settings in ({}, {"max_execution_time": "0"}, {"max_execution_time": "1000"}):
        began = time.monotonic()
        status, text = reader.ask("SELECT sleepEachRow(1) FROM numbers(60) SETTINGS max_block_size = 1", **settings)
        assert status != 200
        status, text = reader.ask("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", **settings)
        assert (status, "TIMEOUT_EXCEEDED" in text) == (408, True)
        assert time.monotonic() - began < 20
    assert "READONLY" in reader.ask("SELECT 1 SETTINGS max_execution_time = 1000")[1]
    assert "MEMORY_LIMIT" in reader.ask("SELECT length(range(100000000 + number)) FROM numbers(1)")[1]
    assert reader.denied("SELECT query FROM system.processes")
    assert reader.denied("SHOW PROCESSLIST")


def seconds_of_work(owner: Caller, times: int) -> float:
    """The median of what a worker's insert and look-up take together."""
    taken = []
    for _ in range(times):
        began = time.monotonic()
        assert owner.ask("INSERT INTO trial.work VALUES (1)")[0] == 200
        assert owner.ask("SELECT count() FROM trial.work")[0] == 200
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


SLOW = (
    "numbers(100000000000) WHERE sipHash64(number) = 1",
    "numbers(1000) WHERE sleepEachRow(0.1) = 0 SETTINGS max_block_size = 10",
)


@pytest.mark.parametrize("user", [None, "auditor"])
def test_fifty_slow_queries_delay_no_worker(guarded: Front, owner: Caller, user: str | None) -> None:
    alone = seconds_of_work(owner, 10)
    crowd = [Caller(guarded.port, user).begin(f"SELECT count() FROM {SLOW[number % 2]}") for number in range(50)]
    running = "SELECT count() FROM system.processes WHERE query LIKE 'SELECT count() FROM numbers%'"
    until(lambda: owner.ask(running) == (200, "2\n"), 10, "two of them run")
    beside = seconds_of_work(owner, 10)
    for one in crowd:
        one.close()
    assert beside < 10 * alone + 0.3, f"{beside:.3f} s beside them, {alone:.3f} s alone"
    until(lambda: owner.ask(running) == (200, "0\n"), 5, "none of them runs")


@pytest.mark.parametrize("format", ["JSON", "TabSeparated"])
@pytest.mark.parametrize("user", [None, "auditor", "owner"])
def test_a_query_ends_when_its_client_goes(guarded: Front, owner: Caller, user: str | None, format: str) -> None:
    """Whole answers and streams. As many as there are lanes: one that is left in a lane would be waited for."""
    name = f"gone_{user}_{format}"
    query = f"SELECT number AS {name} FROM numbers(100000000000) WHERE sipHash64(number) = 1 FORMAT {format}"
    running = f"SELECT count() FROM system.processes WHERE position(query, '{name}') > 0 AND position(query, 'processes') = 0"
    gone = [Caller(guarded.port, user).begin(query) for _ in range(2)]
    until(lambda: owner.ask(running) == (200, "2\n"), 5, "the queries run")
    for connection in gone:
        connection.close()
    until(lambda: owner.ask(running) == (200, "0\n"), 1.5, "the queries have ended")
    assert Caller(guarded.port, user).ask("SELECT a FROM trial.shown ORDER BY a LIMIT 1") == (200, "1\n")


@pytest.mark.parametrize("format", ["JSONCompact", "TabSeparated"])
def test_the_query_after_a_killed_one_is_answered(owner: Caller, format: str) -> None:
    with ThreadPoolExecutor(1) as asking:
        killed = asking.submit(
            owner.ask, f"SELECT number AS to_kill FROM numbers(100000000000) WHERE sipHash64(number) = 1 FORMAT {format}"
        )
        until(lambda: owner.ask("KILL QUERY WHERE position(query, 'to_' || 'kill') > 0 SYNC FORMAT TabSeparated")[1], 10, "it runs")
        assert "QUERY_WAS_CANCELLED" in killed.result()[1]
    assert [owner.ask("SELECT 1 FORMAT TabSeparated") for _ in range(8)] == [(200, "1\n")] * 8


def test_what_writes_is_finished_though_its_client_goes(guarded: Front, owner: Caller) -> None:
    table = "CREATE TABLE trial.slow (a UInt64) ENGINE = MergeTree ORDER BY a"
    assert owner.ask(table) == (200, "")
    rows = "INSERT INTO trial.slow SELECT number + sleepEachRow(0.2) FROM numbers(5) SETTINGS max_block_size = 1"
    gone = owner.begin(rows)
    until(lambda: owner.ask("SELECT count() FROM system.processes WHERE query LIKE 'INSERT INTO trial.slow%'")[1] == "1\n", 5)
    gone.close()
    until(lambda: owner.ask("SELECT count() FROM trial.slow") == (200, "5\n"), 10, "every row is there")


def test_limits_only_tighten() -> None:
    limits = Limits(60, 2)
    assert dict(limits.bound({"max_execution_time": "5", "x": "y", "readonly": "0"})) == {
        "max_execution_time": "5", "max_memory_usage": "2000000", "readonly": "1", "x": "y",
    }  # fmt: skip
    for given in ("0", "61", "-1", "", "1e9", "６"):
        assert dict(limits.bound({"max_execution_time": given}))["max_execution_time"] == "60"


def test_roles_by_secret() -> None:
    access = Access("abc", Limits(), VIEWS)
    assert [access.role_of(*one) for one in (("", ""), ("owner", ""), ("owner", "abc"), ("auditor", "abc"), ("owner", "ab"))] == [
        Role.READER, Role.READER, Role.OWNER, Role.AUDITOR, None,
    ]  # fmt: skip
    assert Access("", Limits(), VIEWS).role_of("", "") is Role.OWNER


def test_the_secret_is_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "engine.secret"
    make_secret(path)
    first = path.read_text()
    make_secret(path)
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(first.strip()) >= 32
