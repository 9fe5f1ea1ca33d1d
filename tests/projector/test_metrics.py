"""What the workers tell Prometheus: counted once a batch, asked of the log when somebody scrapes."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from console.embedded.ports import free_port
from schemas.records import StrayRecord, VerificationRow
from streams.metrics import serving
from streams.metrics.log import LogMetrics, Where
from streams.metrics.workers import Delays, GateMetrics, ProjectorMetrics
from streams.projector.subjects import Subjects
from tests.core import builders as make
from tests.docs.generated import metrics, told_name
from tests.memory_store import MemoryStore

NOW = datetime(2026, 1, 2, tzinfo=UTC)
UNITS = ("_seconds", "_bytes", "_total", "_records", "_acts", "_up", "_kept", "_strays", "_differences")


def shown(registry: CollectorRegistry) -> dict[str, float]:
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_gate_tells_outcomes_by_reason() -> None:
    registry = CollectorRegistry()
    gate = GateMetrics(registry, lambda: 7)
    gate.took({"admitted": 3, "bad_date": 1}, 2)
    gate.took({"admitted": 1}, 1)
    found = shown(registry)
    assert found['xinji_gate_statements_total{outcome="admitted"}'] == 4
    assert found['xinji_gate_statements_total{outcome="bad_date"}'] == 1
    assert (found["xinji_gate_messages_total"], found["xinji_gate_window_acts"]) == (3, 7)


def test_a_projector_tells_rows_delays_and_what_it_remembers() -> None:
    registry, subjects = CollectorRegistry(), Subjects(10)
    projector = ProjectorMetrics(registry, subjects)
    assert subjects.take("x") is None
    events = make.log_of(make.penalty("2020-03-02"), make.penalty("2020-03-02", 2)).events
    projector.projected(events, {"act_rows": [(1,), (2,)], "grade_rows": [(1,)]}, events[-1].recorded_at + timedelta(seconds=3))
    found = shown(registry)
    assert found['xinji_projector_rows_written_total{table="act_rows"}'] == found["xinji_projector_events_total"] == 2
    assert found['xinji_projector_subject_lookups_total{result="miss"}'] == 1
    assert found['xinji_projector_end_to_end_delay_seconds_bucket{le="2.0"}'] == 0
    assert found['xinji_projector_end_to_end_delay_seconds_bucket{le="5.0"}'] == 2
    assert found["xinji_projector_end_to_end_delay_seconds_count"] == 2
    assert 6 <= found["xinji_projector_end_to_end_delay_seconds_sum"] < 6.1


def where(store: MemoryStore) -> Where:
    return Where(store, 1, "nowhere", lambda: {0: 5}, lambda: NOW)


def test_the_log_is_asked_when_somebody_scrapes() -> None:
    store, registry = MemoryStore(), CollectorRegistry()
    registry.register(LogMetrics(where(store)))
    store.advance({("landed", 0): {0: (5, NOW)}, ("projected", 1): {0: (5, NOW)}})
    store.write_strays([StrayRecord(0, 3, NOW, "x", "", 0, b"")])
    found = shown(registry)
    assert "xinji_verification_ended_timestamp_seconds" not in found
    store.write_verification(VerificationRow(NOW, 1, 5, 2))
    found = shown(registry)
    assert found["xinji_log_up"] == 1
    assert found['xinji_log_lag_records{stage="projected"}'] == found['xinji_log_lag_seconds{stage="landed"}'] == 0
    assert found['xinji_log_strays{state="new"}'] == 1
    assert found["xinji_store_free_bytes"] > 0
    assert found["xinji_verification_ended_timestamp_seconds"] == NOW.timestamp()
    assert found["xinji_verification_differences"] == 2


def test_a_store_that_does_not_answer_is_told() -> None:
    registry = CollectorRegistry()

    class Away(MemoryStore):
        def free_space(self) -> int:
            raise ConnectionError

    registry.register(LogMetrics(where(Away())))
    assert shown(registry) == {"xinji_log_up": 0}


def test_names_are_told_apart_and_end_with_their_unit() -> None:
    names = [told_name(one) for _, one, _ in metrics()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"xinji_[a-z_]+", name) and name.endswith(UNITS) for name in names)
    assert all(re.fullmatch(r".*[一-鿿].* / .*[a-z].*", one.documentation) for _, one, _ in metrics())


def test_a_batch_costs_next_to_nothing() -> None:
    """An act costs a projector some 200 us."""
    delays, recorded = Delays(), [NOW - timedelta(milliseconds=one) for one in range(5000)]
    took = min(_seconds(delays, recorded) for _ in range(5))
    assert took / len(recorded) < 4e-6


def _seconds(delays: Delays, recorded: list[datetime]) -> float:
    began = time.process_time()
    delays.add(recorded, NOW)
    return time.process_time() - began


def test_metrics_are_served_on_loopback_and_a_taken_port_is_said() -> None:
    registry, port = CollectorRegistry(), free_port()
    GateMetrics(registry, lambda: 7)
    serving.serve(registry, "127.0.0.1", port)
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    assert b"xinji_gate_window_acts 7.0" in connection.getresponse().read()
    connection.close()
    with pytest.raises(serving.NoMetricsPort, match=str(port)):
        serving.serve(registry, "127.0.0.1", port)
