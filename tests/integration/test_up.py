"""``xinji up``: one directory, one stack; it stops cleanly, and everything is there when it is started again."""

from __future__ import annotations

import json
import os
import signal
import time
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from connectors.sealing import Sealer
from schemas.wire import value_digest
from tests.deadline import until
from tests.integration.checks import clean, digests, nothing_lost_or_doubled
from tests.integration.made_up import penalties, write_csv
from tests.integration.stacks import EmbeddedStack, alive, ended
from tests.integration.test_garbage import event, produce

pytestmark = pytest.mark.stack
LISTENING = Path("/proc/net/tcp")
TABLES = ("receipts", "rejection_log", "generations", "act_log")


def kept(stack: EmbeddedStack) -> dict[str, object]:
    return {"projections": digests(stack), **{one: stack.rows(f"SELECT * FROM xinji.{one} FINAL ORDER BY ALL") for one in TABLES}}


@pytest.mark.crash
def test_everything_is_there_after_every_kind_of_end(tmp_path: Path) -> None:
    stack = EmbeddedStack(tmp_path).start()
    try:
        file = write_csv(tmp_path / "acts.csv", [*penalties(300, 0), {**next(penalties(1, 99)), "处罚决定日期": "2021-02-30"}])
        told = stack.push(file, "penalty-2018", code=3)
        assert (told["admitted"], len(told["rejected"])) == (300, 1)
        clean(stack)
        before, keys = (
            kept(stack),
            {one: (stack.data / one).read_bytes() for one in ("vault.key", "rejections.key", "sources.toml")},
        )
        ports = stack.bootstrap, stack.clickhouse
        for end, code in ((signal.SIGINT, 0), (signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)):
            children = [stack.running(part) for part in stack.parts]
            assert stack.signal(end) == code
            until(lambda children=children: not any(map(alive, children)), 10, "children gone")
            assert stack.run("status", code=4).err.startswith("error: no running stack")
            stack.start()
            assert (stack.bootstrap, stack.clickhouse) == ports
            assert kept(stack) == before
            assert {one: (stack.data / one).read_bytes() for one in keys} == keys
            clean(stack)
        again = stack.push(file, "penalty-2018", code=3)
        assert (again["admitted"], again["duplicates"], len(again["rejected"])) == (0, 300, 1)
        nothing_lost_or_doubled(stack)
        assert stack.value("SELECT count() FROM xinji.act_log") == sum(stack.run("verify", "--json").json["positions"].values())
    finally:
        stack.stop()


@pytest.mark.crash
def test_every_process_of_the_stack_is_killed_at_once(embedded: EmbeddedStack, tmp_path: Path) -> None:
    embedded.push(write_csv(tmp_path / "acts.csv", penalties(50, 500)), "penalty-2018")
    before, children = digests(embedded), [embedded.running(part) for part in embedded.parts]
    assert embedded.process is not None
    for pid in (*children, embedded.process.pid):
        os.kill(pid, signal.SIGKILL)
    embedded.signal(signal.SIGKILL)
    until(lambda: not any(map(alive, children)), 10, "children gone")
    embedded.start()
    assert digests(embedded) == before
    clean(embedded)


def test_a_directory_in_use_is_refused(embedded: EmbeddedStack) -> None:
    assert embedded.process is not None
    ran = embedded.run("up", "--data", str(embedded.data), code=4)
    assert str(embedded.process.pid) in ran.err
    assert "in use" in ran.err
    assert "Traceback" not in ran.err
    assert embedded.run("up", "--data", str(embedded.data), "--json", code=4).json["error"] == "DataDirInUse"
    assert embedded.run("status", "--json").json["healthy"] is True


def test_in_the_background_it_says_why_it_did_not_start(embedded: EmbeddedStack) -> None:
    assert embedded.process is not None
    told = embedded.run("up", "--detach", "--json", code=4).json
    assert told["error"] == "NotUp"
    assert f"in use by process {embedded.process.pid}" in told["message"]
    assert embedded.run("status", "--json").json["healthy"] is True


def test_up_in_the_background_and_down(tmp_path: Path) -> None:
    stack = EmbeddedStack(tmp_path)
    assert stack.run_here("down", "--json").json == {"data": str(stack.data), "stopped": None}
    try:
        told = stack.run("up", "--detach", "--json").json
        assert told["state"] == "ready"
        assert told["bootstrap"] == f"127.0.0.1:{stack.env['XINJI_KAFKA_PORT']}"
        assert stack.run("status", "--json").json["healthy"] is True
        lines = [json.loads(line) for line in stack.run("logs", "stack", "-n", "2", "--json").out.splitlines()]
        assert [one["part"] for one in lines] == ["stack"] * 2
        assert "is ready" in lines[-1]["line"]
        children = [stack.running(part) for part in stack.parts]
    finally:
        stopped = stack.run("down", "--json").json["stopped"]
    assert stopped is not None
    until(lambda: not any(map(alive, [stopped, *children])), 10, "all of it gone")
    assert "no running stack" in stack.run_here("status", "--lang", "en", code=4).err


@pytest.mark.skipif(not LISTENING.exists() and not os.environ.get("CI"), reason=f"no {LISTENING} on this system")
def test_the_stack_listens_on_the_loopback_only(embedded: EmbeddedStack) -> None:
    ports = {int(address.rpartition(":")[2]) for address in (embedded.bootstrap, embedded.clickhouse)}
    rows = [line.split() for line in LISTENING.read_text().splitlines()[1:]]
    found = {(row[1].split(":")[0], int(row[1].split(":")[1], 16)) for row in rows if row[3] == "0A"}
    assert {address for address, port in found if port in ports} == {"0100007F"}


def test_a_log_with_a_gap_is_named_on_the_terminal(tmp_path: Path) -> None:
    """Nothing is made of it, and nobody waits two minutes to read of it in a log file."""
    stack = EmbeddedStack(tmp_path)
    try:
        stack.start()
        said = stack.push(write_csv(tmp_path / "acts.csv", penalties(30, 1)), "penalty-2018")
        assert said["admitted"] == 30
        ((partition, offset, event_id),) = stack.rows(
            "SELECT topic_partition, topic_offset, event_id FROM xinji.act_log ORDER BY topic_offset DESC, topic_partition LIMIT 1"
        )
        stack.client.command(f"ALTER TABLE xinji.act_log DELETE WHERE event_id = '{event_id}' SETTINGS mutations_sync = 2")
        ran = stack.run("rebuild", code=4)
        assert f"acts/{partition}/{offset}-{offset}" in ran.err
        stack.stop()
        began = time.monotonic()
        ran = ended(stack.start_command("up", "--data", str(stack.data)), 4)
        assert time.monotonic() - began < 60
        assert f"acts/{partition}/{offset}-{offset}" in ran.err
        assert "1 receipts name events" in ran.err
    finally:
        stack.stop()


GARBAGE: tuple[dict[str, Any], ...] = (
    {"value": b"\xff\x00 garbage", "key": b"\xff\xfe"},
    {"value": None, "key": None},
    {"value": b"\0\0\0\xff\xff and more", "headers": [("ce_id", b"1"), ("xinji_schema", None)]},
    {"value": b"x", "timestamp": 2**62},
)


def plainly_pushed(stack: EmbeddedStack, subject: int) -> list[str]:
    """Events and garbage, as a Kafka client sends them without a batch; their places, which name them in receipts."""
    sent = [one for number in range(subject, subject + 3) for one in (event(number), b"garbage %d" % number)]
    places, digests_sent = produce(stack, [(one, []) for one in sent]), set(map(value_digest, sent))
    until(
        lambda: digests_sent <= {one.value_sha256 for place in places for one in stack.store.read_receipts("local", place)},
        what="answers",
    )
    return places


def test_garbage_on_the_log_is_set_aside_and_everything_else_goes_on(embedded: EmbeddedStack, tmp_path: Path) -> None:
    """Whoever is on the machine can write to the bus in memory."""
    embedded.push(write_csv(tmp_path / "before.csv", penalties(40, 7_000)), "penalty-2018")
    projector, places = embedded.running("projector"), []
    stranger = Producer({"bootstrap.servers": embedded.bootstrap})
    copy = next(embedded.store.log_records())  # what the gate wrote, once more and at another time
    for one in (*GARBAGE, {"value": copy.value, "key": copy.key, "headers": list(copy.headers), "partition": copy.partition}):
        stranger.produce(
            "acts", on_delivery=lambda _, message: places.append((message.partition(), message.offset())), **{"partition": 3, **one}
        )
        stranger.flush(30)
    assert len(places) == len(GARBAGE) + 1
    embedded.push(write_csv(tmp_path / "after.csv", penalties(40, 7_100)), "penalty-2018")
    assert embedded.running("projector") == projector
    told = embedded.run("status", "--json", code=1).json
    assert (told["healthy"], told["strays"]["new"]) == (False, len(places))
    named = [f"acts/{partition}/{offset}" for partition, offset in sorted(places)]
    assert [one["place"] for one in told["strays"]["places"]] == named
    sealer = Sealer.from_file(embedded.rejections_key)
    sealed = embedded.value(
        "SELECT bytes FROM xinji.stray_records FINAL WHERE (topic_partition, topic_offset) = ({p:Int32}, {o:Int64})",
        **dict(zip("po", places[0], strict=True)),
    )
    assert b64decode(json.loads(sealer.unseal(sealed.encode()))["value"]) == GARBAGE[0]["value"]
    first = plainly_pushed(embedded, 30)
    before = digests(embedded)

    embedded.stop()
    embedded.start()  # refilled: every offset is where it was
    assert digests(embedded) == before
    again = set(first) & set(plainly_pushed(embedded, 40))  # places begin again with the bus
    assert again
    rejections = [one.batch_id for one in embedded.store.list_rejections("local")]
    for place in again:
        receipts = embedded.store.read_receipts("local", place)
        assert len({one.bus for one in receipts}) == len(receipts) == 2
        assert rejections.count(place) == sum(one.outcome == "rejected" for one in receipts)
    assert clean(embedded)["strays"] == named
    nothing_lost_or_doubled(embedded)
    (subject_id,) = embedded.rows("SELECT subject_id FROM xinji.act_log LIMIT 1")[0]
    assert embedded.run("record", subject_id, "--full", "--json").json["strays"] == named
    assert all(f"projector: {place} was not written by the gate" in embedded.said for place in named)
    assert "xinji strays --acknowledge" in embedded.said
    assert embedded.run("strays", "--acknowledge", "--json").json["acknowledged"] == len(places)
    assert embedded.run("status", "--json").json["healthy"] is True


def test_a_worker_that_ends_again_and_again_is_named_and_so_is_why(embedded: EmbeddedStack) -> None:
    sources = embedded.data / "sources.toml"
    good = sources.read_text()
    assert int((embedded.data / "logs" / "gate.ready").read_text()) == embedded.running("gate")
    try:
        sources.write_text("[[source]]\nid = ")
        embedded.kill("gate")
        until(lambda: embedded.run_here("status", "--json", code=None).json.get("troubles"), what="status knows")
        told = embedded.run("status", "--json", code=1).json
        (gate,) = (one for one in told["parts"] if one["name"] == "gate")
        assert gate["failures"] >= 3
        assert "sources.toml" in gate["reason"]
        assert gate["failing_since"]
        assert "gate" in told["troubles"][0]
        assert "sources.toml" in embedded.run("status", code=1).out
        assert "sources.toml" in embedded.said
    finally:
        sources.write_text(good)
    until(lambda: embedded.run_here("status", "--json", code=None).json.get("healthy"), what="healthy again")


@pytest.mark.long
def test_what_never_answers_is_named_and_nothing_is_called_ready(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "rejections.key").write_text("no key")
    stack = EmbeddedStack(tmp_path)
    try:
        ran = ended(stack.start_command("up", "--data", str(data), "--lang", "en"), 4)
        assert "did not become ready" in ran.err
        assert "rejections.key" in ran.err
        assert "ready" not in ran.out.split()
    finally:
        stack.stop()
