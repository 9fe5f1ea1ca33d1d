"""``xinji up --bus kafka``: Apache Kafka's own broker on one machine, whose log stands on its own."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.deadline import until
from tests.integration.checks import clean, nothing_lost_or_doubled
from tests.integration.made_up import penalties, write_csv
from tests.integration.stacks import EmbeddedStack, alive, ended
from tests.kafka.jars import JARS, class_path

pytestmark = pytest.mark.kafka


def test_the_log_outlives_everything_and_verify_compares_two_copies(tmp_path: Path) -> None:
    class_path()  # fetches the jars once
    home = tmp_path / "kafka-home"
    home.mkdir()
    (home / "libs").symlink_to(JARS)
    stack = EmbeddedStack(tmp_path)
    stack.env |= {"XINJI_BUS": "kafka", "XINJI_KAFKA_HOME": str(home)}
    try:
        stack.start()
        stack.push(write_csv(tmp_path / "acts.csv", penalties(60, 0)), "penalty-2018")
        nothing_lost_or_doubled(stack)
        before = stack.value("SELECT count() FROM xinji.act_log")
        children = [stack.running(part) for part in stack.parts]
        assert stack.process is not None
        for pid in (*children, stack.process.pid):
            os.kill(pid, signal.SIGKILL)
        stack.signal(signal.SIGKILL)
        until(lambda: not any(map(alive, children)), 10, "children gone")

        stack.start()
        stack.push(write_csv(tmp_path / "more.csv", penalties(20, 500)), "penalty-2018")
        nothing_lost_or_doubled(stack)
        assert sum(clean(stack)["positions"].values()) == stack.value("SELECT count() FROM xinji.act_log") > before > 60
        event_id = stack.value("SELECT event_id FROM xinji.act_log ORDER BY topic_partition, topic_offset LIMIT 1")
        stack.client.command(
            f"INSERT INTO xinji.act_log SELECT * REPLACE ('x' AS value) FROM xinji.act_log WHERE event_id = '{event_id}' LIMIT 1"
        )
        found = stack.run("verify", "--json", code=1).json["projections"]["act_log"]
        assert list(found["differing"]) == [event_id]  # the log has not been filled from there
    finally:
        stack.stop()
    refused = ended(stack.start_command("up", "--bus", "memory", "--lang", "en"), 2)
    assert "was made with --bus kafka" in refused.err
