"""The command line: what each command prints, in text and JSON, and with which code it ends."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import openpyxl
import pytest
from click.testing import CliRunner

from console.main import main
from projections.dates import shanghai_date
from tests.deadline import until
from tests.integration.checks import clean, digests, live_rows, settled
from tests.integration.made_up import listing, organisation, penalties, penalty, write_csv
from tests.integration.stacks import XINJI, EmbeddedStack, Stack, ended

pytestmark = pytest.mark.stack
COUNT = "SELECT list, count() AS n FROM blacklist_as_of(d = '2021-06-01') GROUP BY list"


@pytest.fixture(scope="module")
def stack(embedded: EmbeddedStack) -> Stack:
    """The embedded one: the commands are the same on both, and the other tests use them on both."""
    return embedded


@pytest.fixture(scope="module")
def filled(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files; ``good.csv`` and ``listing.csv`` are pushed."""
    folder = tmp_path_factory.mktemp("files")
    stack.push(write_csv(folder / "good.csv", penalties(100, 0)), "penalty-2018")
    stack.push(write_csv(folder / "listing.csv", [listing(one) for one in range(3)]), "listing")
    write_csv(
        folder / "mixed.csv",
        [
            penalty(50, 1),
            penalty(51, 1, **{"行政相对人代码_1(统一社会信用代码)": "91370900MA0000000X"}),
            penalty(0, 1),
            penalty(52, 1, **{"罚款金额（万元）": "-1"}),
            penalty(53, 1, 处罚决定日期="2098-01-01"),
        ],
    )
    (folder / "other.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    settled(stack)
    return folder


def test_push_names_the_rows_that_were_refused(stack: Stack, filled: Path) -> None:
    path = filled / "mixed.csv"
    told = stack.push(path, "penalty-2018", code=3)
    rejected = told.pop("rejected")
    assert told == {"rows": 5, "admitted": 1, "duplicates": 1}
    assert sorted((one["file"], one["row"], one["reason"], one["field"]) for one in rejected) == [
        (str(path), 3, "bad_identifier", "subject_id"),
        (str(path), 5, "bad_amount", "fine_amount"),
        (str(path), 6, "bad_date", "header.occurred_on"),
    ]
    text = stack.run("push", str(path), "--profile", "penalty-2018", code=3).out
    assert "5 rows: 0 admitted, 2 duplicates, 3 rejected" in text
    assert all(one["message"][:40] in text.replace("\n", "") for one in rejected)


def test_a_trial_says_what_a_push_would_and_leaves_nothing(stack: Stack, filled: Path) -> None:
    rows = [penalty(180 + at, 1) for at in range(4)]
    rows[1]["罚款金额（万元）"] = "-1"
    path = write_csv(filled / "trial.csv", [*rows, rows[0]])
    counts = "SELECT " + " || ',' || ".join(
        f"toString((SELECT count() FROM xinji.{one}))" for one in ("act_log", "receipts", "rejection_log")
    )
    before = stack.value(counts)
    tried = stack.push(path, "penalty-2018", "--dry-run", code=3)
    assert stack.value(counts) == before
    assert (tried.pop("dry_run"), tried.pop("compared_with_log")) == (True, True)
    pushed = stack.push(path, "penalty-2018", code=3)
    for told in (tried, pushed):
        told["rejected"] = [(one["row"], one["reason"], one["field"], one["message"]) for one in told["rejected"]]
    assert tried == pushed
    again = stack.push(path, "penalty-2018", "--dry-run", code=3)
    assert (again["admitted"], again["duplicates"]) == (0, 4)


def test_refused_rows_come_back_as_a_form_that_settles_them(stack: Stack, filled: Path) -> None:
    rows = [penalty(60 + at, 1) for at in range(4)]
    rows[0]["行政相对人代码_1(统一社会信用代码)"] = "91370900MA0000000X"
    rows[1]["罚款金额（万元）"] = "-1"
    rows[2]["处罚决定日期"] = "2022-09-31"
    path, form = write_csv(filled / "form.csv", rows), filled / "form.refused.xlsx"
    assert stack.push(path, "penalty-2018", "--refused", str(form), code=3)["refused_form"] == {"rows": 3, "left": 0}
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    for number, (column, value) in enumerate([("C", organisation(60)), ("J", "1"), ("K", "2022-09-30")], 2):
        sheet[f"{column}{number}"] = value
    book.save(form)
    opened = "SELECT countIf(state = 'open'), countIf(closed_by != '') FROM rejections WHERE startsWith(origin, {f:String})"
    assert stack.rows(opened, f="form.csv:") == [(3, 0)]
    assert stack.run_here("batch", str(path), "--json", code=3).json["rows"]["closed"] == 0
    text = stack.run("push", str(form), "--profile", "penalty-2018", "--refused", str(filled / "none.xlsx")).out
    assert "none.xlsx" in text
    assert not (filled / "none.xlsx").exists()
    assert stack.rows(opened, f="form.csv:") == [(0, 3)]
    assert stack.value("SELECT count() FROM acts WHERE content LIKE '%信迹%'") == 0
    told = stack.run_here("batch", str(path), "--json").json
    assert told["rows"] == {"received": 4, "admitted": 1, "duplicate": 0, "rejected": 3, "unanswered": 0, "closed": 3}
    assert [(one["place"], one["state"]) for one in told["fates"]] == [
        ("form.csv:2", "rejected"), ("form.csv:3", "rejected"), ("form.csv:4", "rejected"), ("form.csv:5", "admitted"),
    ]  # fmt: skip
    (last,) = told["fates"][3]["statements"]
    assert stack.value("SELECT topic_offset FROM acts WHERE event_id = {e:String}", e=last["event_id"]) == last["topic_offset"]
    one_batch = stack.run_here("batch", last["batch_id"], "--json", code=0).json
    assert last in [each for one in one_batch["fates"] for each in one["statements"]]
    assert (
        "4 rows received: 1 admitted, 0 duplicates, 3 rejected (3 of them closed since)" in stack.run_here("batch", "form.csv").out
    )
    assert "form.csv" not in stack.run_here("batch", "nothing.csv", code=6).out


def test_the_whole_file_corrected_settles_them_too(stack: Stack, filled: Path) -> None:
    """By file, row and act where nothing else says whom a row was about, else by the act."""
    rows = [penalty(70, 1), penalty(71, 1, **{"行政相对人代码_1(统一社会信用代码)": "9"}), penalty(72, 1, 处罚决定日期="x")]
    stack.push(write_csv(filled / "whole.csv", rows), "penalty-2018", code=3)
    stack.push(write_csv(filled / "whole.csv", [penalty(one, 1) for one in (70, 71, 72)]), "penalty-2018")
    assert stack.rows("SELECT state, count() FROM rejections WHERE startsWith(origin, 'whole.csv:') GROUP BY state") == [
        ("closed", 2)
    ]


def test_of_rows_that_state_one_act_the_last_is_pushed(stack: Stack, filled: Path) -> None:
    spellings = [penalty(160, 1, 违法事实=text) for text in ("甲", "乙", "甲", "丙")]
    path = write_csv(filled / "spellings.csv", [*spellings, penalty(160, 2), penalty(160, 2)])
    told = stack.push(path, "penalty-2018")
    assert [(one["row"], one["by"]) for one in told.pop("superseded_rows")] == [(2, 5), (3, 5), (4, 5)]
    assert told == {"rows": 6, "admitted": 2, "duplicates": 1, "rejected": [], "superseded": 3}
    events = stack.landed()
    again = stack.push(path, "penalty-2018", "--refuse-superseded", code=3)
    assert (again["admitted"], again["duplicates"], stack.landed()) == (0, 3, events)
    assert [(one["row"], one["reason"]) for one in again["rejected"]] == [(2, "superseded"), (3, "superseded"), (4, "superseded")]
    text = stack.run("push", str(write_csv(filled / "restated.csv", [penalty(160, 1, 违法事实="丁")])), "--profile", "penalty-2018")
    assert "(restated)" in text.out


def test_files_are_told_one_by_one_and_one_that_cannot_be_read_hides_none(stack: Stack, filled: Path) -> None:
    folder = filled / "several"
    (folder / "below").mkdir(parents=True)
    write_csv(folder / "a.csv", [penalty(161, 1), penalty(161, 2, 违法事实="甲")])
    (folder / "b.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    write_csv(folder / "c.csv", [penalty(161, 2, 违法事实="乙"), penalty(161, 3, 处罚决定日期="2021-02-30")])
    write_csv(folder / "d.csv", [{name: text for name, text in penalty(161, 4).items() if name != "处罚决定日期"}])
    (folder / "notes.md").write_text("x", encoding="utf-8")
    told = stack.run("push", str(folder), "--profile", "penalty-2018", "--json", code=2).json
    assert (told["rows"], told["admitted"], told["restated"], len(told["rejected"])) == (4, 3, 1, 1)
    assert [Path(one["file"]).name for one in told["files_left_out"]] == ["below", "notes.md"]
    of = {Path(one["file"]).name: one for one in told["files"]}
    assert [(name, one.get("rows"), one.get("error")) for name, one in of.items()] == [
        ("a.csv", 2, None), ("b.csv", None, "NoHeader"), ("c.csv", 2, None), ("d.csv", None, "FieldLacking"),
    ]  # fmt: skip
    assert "--set occurred_on=" in of["d.csv"]["message"]
    text = stack.run("push", str(folder / "[ab].csv"), "--profile", "penalty-2018", code=2).out
    assert "a.csv" in text
    assert "b.csv" in text


def test_the_standard_input_is_a_file(stack: Stack, filled: Path) -> None:
    rows = write_csv(filled / "piped.csv", [penalty(162, 1)]).read_bytes()
    asked = ["push", "-", "--profile", "penalty-2018", "--json"]
    ran = CliRunner().invoke(main, asked, env=stack.env, input=rows, catch_exceptions=False)
    assert json.loads(ran.stdout)["admitted"] == 1
    assert stack.value("SELECT count() FROM xinji.act_log WHERE act_id LIKE '%162-1号'") == 1
    line = json.dumps({"event": "SubjectRegistered", "header": {"subject_id": organisation(162), "occurred_on": "2021-01-01"}})
    ran = CliRunner().invoke(
        main, ["push", "-", "--profile", "events", "--json"], env=stack.env, input=line, catch_exceptions=False
    )
    assert [one["reason"] for one in json.loads(ran.stdout)["rejected"]] == ["missing_field"]  # it was read as a line of JSON


@contextmanager
def interruptible() -> Iterator[None]:
    """What is started meanwhile takes SIGINT, also where these tests were started in the background, by a shell that has such jobs
    ignore it: a handler of ours is the default for a child."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupted_push_says_what_was_sent(stack: Stack, filled: Path) -> None:
    """The second file is a pipe that nobody writes to, so the push is at work for as long as the test wants."""
    first, second = write_csv(filled / "first.csv", [penalty(163, one) for one in range(9)]), filled / "second.csv"
    os.mkfifo(second)
    ours = f"subject_id = '{organisation(163)}'"
    answered = f"SELECT uniqExact(event_id) FROM xinji.receipts WHERE event_id IN (SELECT event_id FROM xinji.act_log WHERE {ours})"
    with interruptible():
        process = stack.start_command("push", str(first), str(second), "--profile", "penalty-2018", XINJI_BATCH_ROWS="1")
    until(lambda: stack.value(answered) == 9, what="receipts of seven rows; a batch goes when the next one begins")
    process.send_signal(signal.SIGINT)
    ran = ended(process, 130)
    assert "7 rows: 7 admitted" in ran.out
    assert "interrupted: 7 rows were sent so far, 0 of them have no receipt yet" in ran.out
    assert "pushing the same files again is safe" in ran.out
    assert "Traceback" not in ran.err
    assert stack.push(first, "penalty-2018")["rows"] == 9


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("push", "absent.csv", "--profile", "registry"), 2, "absent.csv"),
        (("push", "other.csv"), 2, "--profile"),
        (("push", "good.csv", "--profile", "nothing"), 2, "penalty-2018"),
        (("push", "other.csv", "--profile", "penalty-2018"), 2, "other.csv"),
        (("push", "good.csv", "--profile", "penalty-2018", "--set", "nonsense"), 2, "field=value"),
        (("push", "good.csv", "--profile", "penalty-2018", "--set", "nonsense=1"), 2, "nonsense"),
        (("push", "good.csv", "--profile", "penalty-2018", "--set", "occurred_on=soon"), 2, "occurred_on"),
        (("sql", "DROP TABLE act_log"), 2, "SELECT"),
        (("sql", "INSERT INTO act_log SELECT * FROM act_log"), 2, "SELECT"),
        (("sql", "SELECT nothing FROM nowhere"), 2, "nowhere"),
        (("record", organisation(999_999)), 6, organisation(999_999)),
        (("record", organisation(0), "--as-of", "soon"), 2, "2018-06-30"),
        (("record", organisation(0), "--known-at", "soon"), 2, "2024-01-31"),
        (("rejected", "--limit", "0"), 2, "--limit"),
        (("worker", "nothing"), 2, "nothing"),
        (("nothing",), 2, "nothing"),
    ],
)
def test_what_is_wrong_is_told_and_has_its_code(
    stack: Stack, filled: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    here = tuple(str(filled / one) if one.endswith(".csv") else one for one in arguments)
    ran = stack.run_here(*here, code=code)
    assert told in ran.err
    assert "Traceback" not in ran.err
    asked = stack.run_here(*here, "--json", code=code)
    assert asked.json.keys() == {"error", "message", "message_zh", "exit_code"}
    assert asked.json["exit_code"] == code
    assert told in asked.json["message"]
    assert asked.err == ""


def test_sql_in_three_forms(stack: Stack, filled: Path) -> None:
    query = f"{COUNT};"
    assert stack.run_here("sql", query, "--format", "json").json == [{"list": "ecommerce-serious", "n": 3}]
    assert stack.run_here("sql", query, "--json").json == [{"list": "ecommerce-serious", "n": 3}]
    assert list(csv.reader(io.StringIO(stack.run_here("sql", query, "--format", "csv").out))) == [
        ["list", "n"],
        ["ecommerce-serious", "3"],
    ]
    table = stack.run_here("sql", query).out
    assert "ecommerce-serious" in table
    assert "│" in table
    assert stack.run_here("sql", "SELECT 1 WHERE 0", "--json").json == []
    many = stack.run_here("sql", "SELECT number, '甲\n乙' AS text FROM system.numbers LIMIT 3", "--json").json
    assert [one["text"] for one in many] == ["甲\n乙"] * 3


def test_sql_into_files_from_files(stack: Stack, filled: Path) -> None:
    query = filled / "q.sql"
    query.write_text(
        "SELECT subject_id, sum(fine_amount) AS yuan FROM act_states WHERE occurred_on >= {d:Date} GROUP BY 1", "utf-8"
    )
    for form in ("csv", "parquet", "xlsx", "jsonl"):
        path = filled / f"answer.{form}"
        told = stack.run_here("sql", "-f", str(query), "--param", "d=2000-01-01", "-o", str(path)).out
        assert str(path) in told
        assert path.stat().st_size > 0
    assert "--param" in stack.run_here("sql", "-f", str(query), code=2).err
    assert "fine_amount" in stack.run_here("sql", "--columns", "act_states").out
    assert {one["view"] for one in stack.run_here("sql", "--views", "--json").json} >= {"acts", "act_states"}
    assert stack.run_here("sql", "SELECT 1 WHERE 0").out == ""


MEASURED = """
import os, subprocess, sys
_, status, used = os.wait4(subprocess.Popen(sys.argv[1:]).pid, 0)
print(used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A program that runs another and tells its largest memory in kB. A child begins with what its parent had at the most, so the
tests' own process must not be that."""


def test_sql_holds_no_more_than_a_part_of_a_large_answer(stack: Stack, filled: Path) -> None:
    with (filled / "large.csv").open("wb") as file:
        query = "SELECT number, toString(number) AS text FROM numbers(1000000)"
        asked = [sys.executable, "-c", MEASURED, XINJI, "sql", query, "--format", "csv"]
        command = subprocess.run(
            asked, env=os.environ | stack.env, cwd=stack.directory, stdout=file, stderr=subprocess.PIPE, text=True, check=False
        )
    used = int(command.stderr.split()[-1])
    assert command.returncode == 0
    with (filled / "large.csv").open() as lines:
        assert sum(1 for _ in lines) == 1_000_001
    assert used < 260_000, f"{used} kB"


def test_record_in_text_and_json(stack: Stack, filled: Path) -> None:
    code = organisation(1)
    text = stack.run_here("record", f" {code[:9]}-{code[9:].lower()} ", "--as-of", "2022-01-01", "--full").out
    assert code in text
    assert "equal to the log" in text
    assert stack.run_here("record", code, "--as-of", "2022年1月1日", "--full").out.split("\n", 1)[1] == text.split("\n", 1)[1]
    acts = stack.run_here("record", code, "--as-of", "2022/1/1", "--json").json["acts"]
    fined = [one for one in acts if "fine_amount" in one["amounts"]]
    assert fined
    assert all(one["document_number"] in text for one in acts)
    assert all(f"{float(one['amounts']['fine_amount']):,.2f}" in text for one in fined)
    record = stack.run_here("record", code, "--as-of", "2022-01-01", "--json").json
    assert record.keys() == {
        "as_of",
        "known_at",
        "settled",
        "subject_id",
        "kind",
        "name",
        "names",
        "acts",
        "duties",
        "listings",
        "grade",
        "waiting",
        "evidence",
    }
    assert len(record["acts"]) == 11
    assert stack.run_here("record", code, "--as-of", "2020-01-01", "--json").json["acts"] == []
    unsettled = stack.run_here("record", code, "--known-at", "2999-01-01", "--json")
    assert unsettled.json["settled"] is False
    assert "not settled" in unsettled.err


LOOKED_AT = {"subjects", "events", "tables", "rows", "seconds"}


def test_verify_of_one_subject_says_what_it_looked_at(stack: Stack, filled: Path) -> None:
    code = organisation(1)
    told = stack.run("verify", "--subject", code, "--json").json
    events = stack.value("SELECT count() FROM xinji.acts WHERE subject_id = {one:String}", one=code)
    assert told.keys() >= LOOKED_AT
    assert (told["subjects"], told["events"]) == (1, events)
    assert told["tables"] == len(told["projections"]) - 1
    assert told["rows"] == sum(one["live"] for name, one in told["projections"].items() if name != "act_log")
    ran = stack.run("verify", "--subject", code)
    assert f"compared 1 subjects: bytes and columns of {events} events, {told['rows']} rows" in ran.out
    assert ran.err == ""


def test_find(stack: Stack, filled: Path) -> None:
    name = stack.run_here("record", organisation(1), "--json").json["name"]
    found = stack.run_here("find", name[:-1], "--json").json
    assert (organisation(1), name) in [(one["subject_id"], one["name"]) for one in found["subjects"]]
    assert organisation(1) in stack.run_here("find", name).out
    assert stack.run_here("find", "查无此名", "--json", code=6).json == {"subjects": [], "more": False}
    assert "查无此名" in stack.run_here("find", "查无此名", code=6).out


@pytest.mark.long
def test_verify_names_what_differs_and_rebuild_mends_it(stack: Stack, filled: Path) -> None:
    good = digests(stack)
    wrong, stranger, lost = organisation(4), organisation(888), organisation(5)
    live = live_rows(stack)
    stack.client.command(
        f"INSERT INTO {live}.grade_rows SELECT * REPLACE (['A'] AS `intervals.grade`, [100] AS `intervals.score`, "
        "[''] AS `intervals.grade_name`, [NULL] AS `intervals.ceiling`, [toDate32('2021-01-01')] AS `intervals.valid_from`, "
        f"[NULL] AS `intervals.valid_to`, ['x'] AS `intervals.policy_version`) FROM {live}.grade_rows FINAL "
        "WHERE subject_id = {wrong:String}",
        parameters={"wrong": wrong},
    )
    stack.client.command(
        f"INSERT INTO {live}.subject_rows (subject_id, version, name) SELECT {{one:String}}, 1, ''", parameters={"one": stranger}
    )
    acts = {act_id for (act_id,) in stack.rows(f"SELECT act_id FROM {live}.act_rows WHERE subject_id = {{one:String}}", one=lost)}
    stack.client.command(f"DELETE FROM {live}.act_rows WHERE subject_id = {{one:String}}", parameters={"one": lost})
    found = stack.run("verify", "--json", code=1).json
    assert found.keys() == LOOKED_AT | {
        "clean",
        "generation",
        "positions",
        "unsettled",
        "strays",
        "projections",
    }
    assert found["clean"] is False
    differing = {table: set(verdict["differing"]) for table, verdict in found["projections"].items() if verdict["differing"]}
    assert acts
    assert differing == {"grade_rows": {wrong}, "subject_rows": {stranger}, "act_rows": {f"{lost} {one}" for one in acts}}
    text = stack.run("verify", code=1).out
    assert all(key in text for key in (wrong, stranger, lost, "NOT equal"))
    assert stack.run("verify", "--subject", organisation(1), "--json").json["clean"] is True
    assert stack.run("verify", "--subject", wrong, "--json", code=1).json["clean"] is False
    told = stack.run("rebuild", "--json").json
    assert told.keys() == {"subjects", "events", "generation", "live", "strays"}
    clean(stack)
    assert digests(stack) == good
    assert "; live" in stack.run("rebuild").out
    assert ": equal" in stack.run("verify").out


@pytest.mark.long
def test_generations_are_listed_switched_to_and_dropped(stack: Stack, filled: Path) -> None:
    first = next(one["number"] for one in stack.run("generations", "list", "--json").json if one["live"])
    beside = stack.run("rebuild", "--keep-live", "--workers", "1", "--json").json
    assert beside["live"] is False
    assert [one["number"] for one in stack.run("generations", "list", "--json").json if one["live"]] == [first]
    before = digests(stack)
    assert stack.run("generations", "switch", str(beside["generation"]), "--json").json == {"generation": beside["generation"]}
    assert digests(stack) == before
    clean(stack)
    stack.run("generations", "switch", str(first))
    assert stack.run("generations", "drop", str(first), "--json", code=2).json["error"] == "LiveOne"
    stack.run("generations", "drop", str(beside["generation"]))
    assert "dropped" in stack.run("generations", "list").out
    clean(stack)


def test_status(stack: Stack, filled: Path) -> None:
    told = stack.run_here("status", "--json").json
    assert told.keys() == {
        "log_records",
        "landed",
        "projected",
        "counts",
        "generation",
        "digest",
        "own_policy",
        "own_code",
        "rebuild_due",
        "healthy",
        "submissions_waiting",
        "free_space",
        "disk_nearly_full",
        "strays",
        "holes",
        "last_verification",
        "parts",
        "troubles",
    }
    assert {one["name"]: one["state"] for one in told["parts"]} == (
        dict.fromkeys(("engine", "bus", "projector", "gate"), "ready") if stack.kind == "embedded" else {}
    )
    assert told["healthy"] is True
    assert told["log_records"] == told["counts"]["act_log"] == stack.value("SELECT count() FROM xinji.acts")
    assert (told["landed"], told["projected"]) == ({"records": 0, "seconds": 0.0},) * 2
    assert "healthy" in stack.run_here("status").out


def test_the_workers_tell_prometheus(stack: Stack, filled: Path) -> None:
    def told(worker: str) -> dict[str, float]:
        with urlopen(f"http://127.0.0.1:{stack.env[f'XINJI_{worker}_METRICS_PORT']}/metrics", timeout=30) as answer:
            lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    stack.run("verify", "--json")
    noted = stack.run_here("status", "--json").json["last_verification"]
    gate, projector = told("GATE"), told("PROJECTOR")
    assert gate['xinji_gate_statements_total{outcome="admitted"}'] >= 100
    assert projector["xinji_projector_events_total"] == projector["xinji_projector_end_to_end_delay_seconds_count"] >= 100
    assert projector['xinji_projector_rows_written_total{table="act_rows"}'] >= 100
    assert projector["xinji_log_up"] == 1
    assert projector["xinji_log_records"] == stack.value("SELECT count() FROM xinji.act_log")
    assert projector['xinji_log_lag_records{stage="projected"}'] == projector["xinji_log_missing_records"] == 0
    assert projector["xinji_verification_differences"] == noted["differing"] == 0
    ended = datetime.fromisoformat(noted["ended_at"]).timestamp()
    assert abs(projector["xinji_verification_ended_timestamp_seconds"] - ended) < 0.01
    assert projector["xinji_store_free_bytes"] > 0


def test_rejected(stack: Stack, filled: Path) -> None:
    stack.push(filled / "mixed.csv", "penalty-2018", code=3)
    told = stack.run_here("rejected", "--source", "local", "--limit", "3", "--json").json
    assert {one["reason"] for one in told} == {"bad_identifier", "bad_amount", "bad_date"}
    assert {"reason", "field", "message", "source_id", "received_at", "topic_partition", "topic_offset"} <= told[0].keys()
    assert "bytes" not in told[0]
    assert stack.run_here("rejected", "--source", "nobody", "--json").json == []
    assert "mixed.csv" in stack.run_here("rejected").out
    day = shanghai_date(datetime.now(UTC))
    such = ("--file", "mixed.csv", "--reason", "bad_amount", "--day", f"{day:%Y/%m/%d}", "--open")
    ours = stack.run_here("rejected", *such, "--json").json
    assert {(one["reason"], one["state"], one["origin"]) for one in ours} == {("bad_amount", "open", "mixed.csv:5")}
    batch = ours[0]["batch_id"]
    assert {one["batch_id"] for one in stack.run_here("rejected", "--batch", batch, "--json").json} == {batch}
    empty = stack.run_here("rejected", "--file", "mixed.csv", "--day", "2020年1月2日").out
    assert "no rejection is such" in empty
    stack.run_here("rejected", "--file", "mixed.csv", "-o", str(filled / "r.xlsx"))
    rows = list(openpyxl.load_workbook(filled / "r.xlsx").worksheets[0].iter_rows(values_only=True))
    assert len(rows) - 1 == len(stack.run_here("rejected", "--file", "mixed.csv", "--json").json)
    assert "xlsx" in stack.run_here("rejected", "-o", "r.doc", code=2).err


def test_a_source_that_nobody_registered_is_refused(stack: Stack, filled: Path) -> None:
    told = stack.push(filled / "listing.csv", "listing", "--source", "unheard-of", code=3)
    assert [one["reason"] for one in told["rejected"]] == ["unknown_source"] * 3


def test_topics_and_migrate_may_be_run_again(stack: Stack, filled: Path) -> None:
    assert stack.run("topics", "create", "--json").json == {
        "acts": 12,
        "receipts": 1,
        "rejections": 1,
        "submissions.local": 12,
        "submissions.unregistered": 12,
    }
    told = stack.run("migrate", "--json").json
    assert (told["database"], told["applied"], told["own_code"]) == ("xinji", [], True)
    clean(stack)


def test_without_a_stack_commands_say_what_to_do(stack: Stack, tmp_path: Path) -> None:
    nowhere = {"XINJI_DATA": str(tmp_path), "XINJI_BOOTSTRAP": "", "XINJI_CLICKHOUSE": ""}
    for arguments in (
        ("status",),
        ("verify",),
        ("sql", "SELECT 1"),
        ("rejected",),
        ("record", organisation(1)),
        ("rebuild",),
        ("worker", "gate"),
    ):
        ran = stack.run_here(*arguments, code=4, **nowhere)
        assert "xinji up" in ran.err, arguments
    assert json.loads(stack.run_here("status", "--json", code=4, **nowhere).out)["error"] == "NoStack"
    away = nowhere | {"XINJI_BOOTSTRAP": stack.bootstrap, "XINJI_CLICKHOUSE": "http://127.0.0.1:9"}
    assert "does not answer" in stack.run("verify", code=4, **away).err
