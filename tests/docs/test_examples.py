"""The worked examples do what the pages say: the profile, the line of JSON, the Kafka client, the files of settings."""

from __future__ import annotations

import runpy
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import confluent_kafka
import pytest

from connectors.files import Mapped, Refused, context_for, load_profile, map_row, read_rows
from projections.admission import judge
from projections.admission.rules import rules_of
from projections.policy import load as load_policy
from schemas import registry, wire
from streams.sources import parse_sources
from tests.docs.pages import DOCS, ROOT, blocks, labelled, page
from tests.screen import SCREEN

DEPARTMENTS = DOCS / "departments.md"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("ledger.csv", "ledger.toml", "client.py"):
        (tmp_path / name).write_text(labelled(DEPARTMENTS, name), encoding="utf-8")
    return tmp_path


def test_the_ledger_becomes_what_the_page_says(files: Path) -> None:
    profile = load_profile(files / "ledger.toml")
    context = context_for(profile, screen=SCREEN, source_id="local", source_name="本机", now=NOW)
    good, bad = (map_row(profile, row, context) for row in read_rows(files / "ledger.csv", profile))
    assert isinstance(good, Mapped)
    (name, penalty), (other, disclosed) = good.events
    assert (name, other) == ("PenaltyImposed", "ActDisclosed")
    assert penalty["fine_amount"] == Decimal(500)
    assert penalty["extra"] == {"经办人": "李*", "片区": "东片"}
    assert disclosed["disclosed_on"] == date(2020, 5, 20)
    source = parse_sources('[[source]]\nid = "local"\nname = "本机"\nkinds = ["*"]\nauthorities = ["*"]', "here")["local"]
    assert [judge(one, event, source, rules_of(load_policy({})), date(2026, 1, 5)) for one, event in good.events] == [None, None]
    assert isinstance(bad, Refused)
    assert (bad.reason, bad.field) == ("out_of_catalogue", "penalty_categories")
    assert bad.sentence.zh in page("departments")


def test_the_line_of_json_is_an_event(tmp_path: Path) -> None:
    (block,) = blocks(DEPARTMENTS, "json")
    path = tmp_path / "events.jsonl"
    path.write_text(block.text, encoding="utf-8")
    profile = load_profile("events")
    (row,) = read_rows(path, profile)
    mapped = map_row(profile, row, context_for(profile, screen=SCREEN, source_id="local", source_name="本机", now=NOW))
    assert isinstance(mapped, Mapped)
    assert mapped.events[0][1]["revoked_on"] == date(2020, 6, 1)


def test_the_kafka_client_sends_an_event_of_this_product(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, bytes, dict[str, str]]] = []

    class Producer:
        def __init__(self, settings: dict[str, Any]) -> None:
            assert settings["acks"] == "all"

        def produce(self, topic: str, value: bytes, headers: dict[str, str]) -> None:
            sent.append((topic, value, headers))

        def flush(self, _: float) -> int:
            return 0

    monkeypatch.setattr(confluent_kafka, "Producer", Producer)
    monkeypatch.setattr(sys, "argv", ["client.py", str(ROOT / "schemas"), "127.0.0.1:9092", "11370400XJ9000006A"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(files / "client.py"))
    assert ended.value.code == 0
    ((topic, value, headers),) = sent
    assert topic == "submissions.11370400XJ9000006A"
    name, event = wire.decode(value, headers[wire.FINGERPRINT_HEADER])
    assert name == "ActDisclosed"
    assert headers[wire.FINGERPRINT_HEADER] == registry.fingerprint_of(name)
    assert wire.decode(value) == (name, event)
    sources = parse_sources(labelled(DEPARTMENTS, "sources.toml"), "sources.toml")
    assert judge(name, event, sources["11370400XJ9000006A"], rules_of(load_policy({})), date(2026, 1, 5)) is None


def test_the_calendar_example_is_a_policy_table() -> None:
    calendar = load_policy({"calendar": labelled(DOCS / "policies.md", "calendar.toml")}).calendar
    assert calendar.last == date(2027, 12, 31)
    assert not calendar.is_working_day(date(2027, 1, 1))
    assert calendar.is_working_day(date(2027, 2, 20))
