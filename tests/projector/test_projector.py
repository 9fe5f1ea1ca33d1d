"""The projector without a broker: what lands is evaluated, once or again, together or apart, with the same rows."""

from __future__ import annotations

from threading import Event

import pytest

from benchmarks.data import Recorder, life
from connectors.clickhouse.errors import ClickHouseAway, ClickHouseRefused
from projections.policy import packaged
from projections.rows import GENERATION_STEP, TABLES
from streams.evaluation import Evaluator
from streams.log import LogRecord
from streams.patience import Stopped, patiently
from streams.projector.core import Landed, evaluate, land
from streams.projector.loop import Evaluating, GenerationChanged
from tests.deadline import until
from tests.memory_store import MemoryStore

RECORDS = list(Recorder({}).records(said for number in range(6) for said in life(number)))


def store_and_evaluator() -> tuple[MemoryStore, Evaluator]:
    store = MemoryStore()
    return store, Evaluator(packaged(), store.current_generation("policy", "calendar", RECORDS[0].recorded_at))


def rows(store: MemoryStore) -> dict[str, list[tuple[object, ...]]]:
    return {one.name: list(store.read_rows(one.name, ("subject_id", "version", *one.columns))) for one in TABLES}


def projected(batches: list[list[LogRecord]]) -> dict[str, list[tuple[object, ...]]]:
    store, evaluator = store_and_evaluator()
    for batch in batches:
        evaluate(store, evaluator, land(store, batch))
    return rows(store)


def test_batches_of_any_size_give_the_same_rows() -> None:
    whole = projected([RECORDS])
    assert len(whole["subject_rows"]) == 6
    assert projected([[record] for record in RECORDS]) == whole
    assert projected([RECORDS[:25], RECORDS[25:]]) == whole


def test_a_batch_that_comes_again_changes_nothing() -> None:
    assert projected([RECORDS, RECORDS[10:40], RECORDS]) == projected([RECORDS])


def test_a_row_carries_its_generation_and_how_many_events_it_knows() -> None:
    store, evaluator = store_and_evaluator()
    evaluate(store, evaluator, land(store, RECORDS))
    assert {version for _, version, *_ in rows(store)["subject_rows"]} == {evaluator.generation * GENERATION_STEP + 10}


def test_what_landed_is_marked_as_landed_before_it_is_projected() -> None:
    store, evaluator = store_and_evaluator()
    batch = land(store, RECORDS)
    assert store.progress("landed") == batch.reached
    assert store.progress("projected") == {}
    evaluate(store, evaluator, batch)
    assert store.progress("projected") == batch.reached


def test_two_batches_together_reach_as_far_as_the_later_one() -> None:
    store, _ = store_and_evaluator()
    first, second = land(store, RECORDS[:30]), land(store, RECORDS[30:])
    both = first.and_then(second)
    assert both == Landed(first.touched | second.touched, {**first.reached, **second.reached})


def test_evaluating_beside_landing_gives_the_same_rows() -> None:
    store, evaluator = store_and_evaluator()
    stop = Event()
    evaluating = Evaluating(store, evaluator, stop)
    evaluating.start()
    for record in RECORDS:
        evaluating.give(land(store, [record]))
    until(lambda: store.progress("projected") == store.progress("landed"), what="everything that landed is projected")
    stop.set()
    evaluating.join(10)
    assert evaluating.problem is None
    assert rows(store) == projected([RECORDS])


def test_another_generation_ends_the_projector() -> None:
    store, evaluator = store_and_evaluator()
    store.current_generation("another policy", "calendar", RECORDS[0].recorded_at)
    evaluating = Evaluating(store, evaluator, Event())
    evaluating.start()
    evaluating.give(land(store, RECORDS))
    evaluating.join(10)
    assert isinstance(evaluating.problem, GenerationChanged)
    evaluating.give(land(store, RECORDS))  # does not wait for a thread that has ended


def test_clickhouse_away_is_waited_out_and_a_refusal_is_not() -> None:
    tries: list[int] = []

    def away_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ClickHouseAway("http://127.0.0.1", "gone")

    patiently(away_once, Event())
    assert len(tries) == 2

    def refused() -> None:
        raise ClickHouseRefused("http://127.0.0.1", 60, "no such table")

    with pytest.raises(ClickHouseRefused):
        patiently(refused, Event())

    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        patiently(away_once, stop)
