"""The benchmarks' made-up acts are acts that the gate admits, the same in every run; what they measure, they measure right;
and one small stack is started, fed and watched as in a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import data, report
from benchmarks.bench import TINY, Bench
from benchmarks.data import ACTS_OF_A_SUBJECT, SOURCE, Said, json_line, life, new_acts, penalties, restated, subject_id, subject_ids
from benchmarks.feeding import PARTITIONS, Feeder, is_visible, messages, outcomes, projected
from benchmarks.figures import WORK, Sheet, percentile, work
from benchmarks.inside import Recorder, share_of_subjects
from benchmarks.peers.job import STATE, fines
from benchmarks.peers.topic import write_schemas
from benchmarks.processes import Cpu, cpu, load, own_cpu, pace, peak_bytes, used
from benchmarks.scenarios import scenarios, summaries
from benchmarks.scenarios.history import write_files
from benchmarks.scenarios.stages import SAMPLING, read_samples
from connectors.files import context_for, load_profile, submissions
from projections.admission import judge
from projections.admission.rules import rules_of
from projections.policy import packaged
from projections.record import fold
from schemas import wire
from schemas.partition import partition_of
from streams.sources import load_sources
from streams.topics import ACTS_PARTITIONS
from tests.deadline import until
from tests.screen import SCREEN

TODAY = date(2026, 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_act_is_admissible() -> None:
    policy, source = packaged(), load_sources(None)[SOURCE]
    of_one = (*data.acts_of(1, 30), *data.backdated(2, 30), *restated(penalties(3, 5), 1))
    for one in (*(said for number in range(55) for said in life(number)), *new_acts(500, 60), *of_one):
        assert judge(one.name, one.event, source, rules_of(policy), TODAY) is None


def test_the_same_bytes_in_every_run() -> None:
    assert [one.value for one in life(7)] == [one.value for one in life(7)]
    assert [one.value for one in new_acts(500, 20)] == [one.value for one in new_acts(500, 20)]
    assert {one.value for one in new_acts(500, 20)}.isdisjoint(one.value for one in new_acts(500, 20, 20))


def test_new_acts_are_about_known_subjects() -> None:
    known = set(subject_ids(500))
    assert len(known) == 500 // ACTS_OF_A_SUBJECT
    assert {one.subject_id for one in new_acts(500, 100)} <= known


def test_acts_of_one_subject_are_different_acts_and_backdated_ones_go_back() -> None:
    first, later = data.acts_of(4, 30), data.acts_of(4, 30, 30)
    assert {one.subject_id for one in (*first, *later)} == {subject_id(4)}
    assert len({one.act_id for one in (*first, *later)}) == 60
    days = [one.event["header"]["occurred_on"] for one in data.backdated(4, 200)]
    assert days == sorted(days, reverse=True)
    assert days[0] > days[-1]


def test_a_restatement_is_the_same_act_with_other_content() -> None:
    first = penalties(0, 3)
    again = [restated(first, time) for time in range(4)]
    assert {tuple(one.act_id for one in said) for said in again} == {tuple(one.act_id for one in first)}
    assert len({one.value for said in again for one in said}) == 12


def test_a_listed_life_gives_a_record_with_an_entry() -> None:
    said = life(0)
    events = [record.decoded() for record in Recorder({}).records(said)]
    record = fold(said[0].subject_id, events, packaged())
    assert len(record.events) == ACTS_OF_A_SUBJECT
    assert len(record.entries) == 1
    assert not record.waiting


def test_records_have_the_offsets_of_their_partitions() -> None:
    offsets: dict[int, int] = {}
    for record in Recorder({}).records(said for number in range(30) for said in life(number)):
        assert record.partition == partition_of(record.key.decode(), ACTS_PARTITIONS)
        assert record.offset == offsets.get(record.partition, 0)
        offsets[record.partition] = record.offset + 1


def test_shares_part_the_subjects_by_partition() -> None:
    shares = [share_of_subjects(100, share, 3) for share in range(3)]
    assert sorted(number for share in shares for number in share) == list(range(100))
    places = [{partition_of(subject_id(number), ACTS_PARTITIONS) for number in share} for share in shares]
    assert not places[0] & places[1] | places[1] & places[2] | places[0] & places[2]


def test_messages_hold_every_statement_once_and_one_partition_each() -> None:
    said = new_acts(500, 250)
    made = messages(said, "test", 10)
    assert len({one.batch_id for one in made}) == len(made)
    found: list[bytes] = []
    for message in made:
        batch = wire.decode_batch(message.value)
        assert batch is not None
        values = [item["value"] for item in batch["items"]]
        assert 0 < len(values) == message.acts <= 10
        subjects = {wire.decode(value)[1]["header"]["subject_id"] for value in values}
        assert {partition_of(one, PARTITIONS) for one in subjects} == {message.partition}
        found += values
    assert sorted(found) == sorted(one.value for one in said)


def test_a_file_of_events_holds_the_very_acts(tmp_path: Path) -> None:
    (path,) = write_files(tmp_path / "files", 100)
    said = [one for of_all in zip(*map(life, range(10)), strict=True) for one in of_all]
    assert path.read_text(encoding="utf-8").splitlines() == [json_line(one) for one in said]
    profile = load_profile("events")
    context = context_for(profile, screen=SCREEN, source_id=SOURCE, source_name="", now=NOW)
    assert [_content(one.item["value"]) for one in submissions(path, profile, context)] == [_content(one.value) for one in said]


def _content(value: bytes) -> str:
    return wire.content_digest(*wire.decode(value))


def test_percentile_by_nearest_rank() -> None:
    assert percentile([30, 10, 20, 40], 50) == 20
    assert percentile(range(1, 101), 99) == 99
    assert percentile([5], 99) == 5


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.001, 100))
def test_so_many_percent_do_not_exceed_the_percentile(samples: list[float], percent: float) -> None:
    found = percentile(samples, percent)
    assert found in samples
    assert sum(one <= found for one in samples) >= percent / 100 * len(samples) - 1e-9
    assert sum(one < found for one in samples) < percent / 100 * len(samples) + 1e-9


@pytest.mark.parametrize(("samples", "percent"), [([], 50), ([1.0], 0), ([1.0], 101)])
def test_no_percentile(samples: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentile"):
        percentile(samples, percent)


def test_processor_time_of_children_counts() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    through = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    with subprocess.Popen([sys.executable, "-c", through], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        assert cpu(process.pid).total >= 0.25 + own_cpu(process.pid).total
        assert peak_bytes(process.pid) > 1_000_000
        process.communicate(b"\n")
    assert peak_bytes(process.pid) == 0


def test_the_pace_is_that_of_the_same_work() -> None:
    assert 0 < min(pace() for _ in range(3)) < 5_000
    assert load() >= 0


def test_the_broker_and_the_client_are_not_the_products_work() -> None:
    spent = used({"gate": Cpu(3, 1), "engine": Cpu(2, 1), "broker": Cpu(9, 9), "up": Cpu(9, 9)}, {"gate": Cpu(1, 1)})
    assert work(spent) == Cpu(4, 1)


def test_a_sheet_is_written_by_its_english_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    sheet = Sheet("title", (("环境", "stack"), ("行为", "acts")))
    sheet.add("embedded", 7)
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        sheet.add("embedded")
    told = json.loads(report.write([sheet], {}).read_text(encoding="utf-8"))
    assert told["sheets"][0]["rows"] == [{"stack": "embedded", "acts": 7}]


def test_every_scenario_says_what_it_measures() -> None:
    assert list(scenarios()) == list(summaries())
    assert {"whole-job", "history", "hot-subject", "hard-cases", "file-again", "low-load", "stages"} == set(scenarios())
    assert all(" / " in summary for summary in summaries().values())


def test_samples_name_the_module_that_runs(tmp_path: Path) -> None:
    busy = "from schemas.identifiers import normalise\nwhile True: normalise('９１３７０４０２XJ000000XE' * 50)"
    told = {"XINJI_BENCH_SAMPLES": str(tmp_path), "PYTHONPATH": os.pathsep.join((str(SAMPLING), *sys.path))}
    with subprocess.Popen([sys.executable, "-c", busy, "gate"], env=os.environ | told) as process:
        until(lambda: read_samples(tmp_path).get("gate", {}).get("schemas.identifiers", 0) > 0.05, what="samples")
        process.kill()


def test_the_peers_job_finds_the_fines(tmp_path: Path) -> None:
    write_schemas(tmp_path / "schemas.json")
    fine = fines(tmp_path / "schemas.json")
    said: list[Said] = [one for number in range(3) for one in life(number)]
    assert [fine(one.value) for one in said] == [int((one.event.get("fine_amount") or 0) * 100) for one in said]
    assert sum(fine(one.value) for one in said) > 0
    assert STATE.size == 16


@pytest.mark.stack
@pytest.mark.long
def test_a_stack_is_started_fed_and_watched(tmp_path: Path) -> None:
    bench = Bench(tmp_path, TINY, ["embedded"], 60.0, lambda text: None)
    with bench.stack("embedded") as stack:
        before, feeder, said = stack.cpu(), Feeder(stack, 60.0), penalties(0, 25)
        assert feeder.push(messages(said[1:], "test", 5)) == 24
        feeder.settle()
        assert feeder.one(said[0], "single") > 0
        feeder.settle()
        assert projected(stack) == 25
        until(lambda: outcomes(stack) == {"admitted": 25}, what="receipts, which follow what is projected")
        assert all(is_visible(stack, one) for one in said)
        spent, peaks = used(stack.cpu(), before), stack.peaks()
        assert all(spent[role].total > 0 and peaks[role] > 10_000_000 for role in WORK)
        assert {"broker", "up"} < set(spent)
        ran = stack.run("verify", "--json", patience=60.0)
        assert ran.json["clean"] is True
        assert ran.cpu.total > 0
    assert not list(tmp_path.iterdir())
