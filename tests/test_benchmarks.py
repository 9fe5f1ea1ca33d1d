"""The benchmarks' made-up acts are acts that the gate admits, the same in every run; and the percentile is one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.data import ACTS_OF_A_SUBJECT, SOURCE, Recorder, batches, life, new_acts, subject_ids, submissions
from benchmarks.measure import percentile
from projections.admission import judge
from projections.record import fold
from schemas.partition import partition_of
from streams.gate.submissions import items_of
from streams.policies import load_policy
from streams.sources import load_sources
from streams.topics import ACTS_PARTITIONS

TODAY = date(2026, 1, 1)


def test_every_act_is_admissible() -> None:
    policy, source = load_policy(None), load_sources(None)[SOURCE]
    for one in (*(said for number in range(55) for said in life(number)), *new_acts(500, 60)):
        assert judge(one.name, one.event, source, policy.lists, TODAY) is None


def test_the_same_bytes_in_every_run() -> None:
    assert [one.value for one in life(7)] == [one.value for one in life(7)]
    assert [one.value for one in new_acts(500, 20)] == [one.value for one in new_acts(500, 20)]
    assert {one.value for one in new_acts(500, 20)}.isdisjoint(one.value for one in new_acts(500, 20, 20))


def test_new_acts_are_about_known_subjects() -> None:
    known = set(subject_ids(500))
    assert len(known) == 500 // ACTS_OF_A_SUBJECT
    assert {one.subject_id for one in new_acts(500, 100)} <= known


def test_a_listed_life_gives_a_record_with_an_entry() -> None:
    said = life(0)
    events = [record.decoded() for record in Recorder({}).records(said)]
    record = fold(said[0].subject_id, events, load_policy(None))
    assert len(record.events) == ACTS_OF_A_SUBJECT
    assert len(record.entries) == 1
    assert not record.waiting


def test_records_have_the_offsets_of_their_partitions() -> None:
    offsets: dict[int, int] = {}
    for record in Recorder({}).records(said for number in range(30) for said in life(number)):
        assert record.partition == partition_of(record.key.decode(), ACTS_PARTITIONS)
        assert record.offset == offsets.get(record.partition, 0)
        offsets[record.partition] = record.offset + 1


def test_batches_hold_every_statement_once() -> None:
    said = new_acts(500, 25)
    messages = batches(said, 10, "test")
    assert len({batch_id for batch_id, _ in messages}) == 3
    assert [item.value for message in submissions(messages) for item in items_of(message)] == [one.value for one in said]


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
