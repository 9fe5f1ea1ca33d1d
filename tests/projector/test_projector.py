"""The projector without a broker: what lands is evaluated, once or again, together or apart, with the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.data import life
from benchmarks.inside import Recorder
from connectors.clickhouse.errors import ClickHouseAway, ClickHouseRefused
from projections import tables
from projections.evaluation import SubjectState, evaluate_act
from projections.facts import ActFacts
from projections.policy import packaged
from schemas.log_record import LogRecord
from schemas.logged import LoggedEvent
from streams.patience import Stopped, patiently
from streams.projector.core import Batch, Projector, whole_subject, write_rows
from streams.projector.loop import Evaluating
from tests.deadline import until
from tests.memory_store import MemoryRows, MemoryStore
from tests.projector.landing import land

RECORDS = list(Recorder({}).records(said for number in range(6) for said in life(number)))
EVENTS = [record.decoded() for record in RECORDS]
GENERATION = 1
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def projector(store: MemoryStore, most_acts: int = 1_000) -> Projector:
    return Projector(store, GENERATION, packaged(), most_acts)


def evaluate(store: MemoryStore, by: Projector, batch: Batch) -> None:
    by.write(by.evaluate(batch.events))
    store.advance({("projected", GENERATION): batch.reached})


def rows(target: MemoryRows) -> dict[str, list[tuple[object, ...]]]:
    return {one.name: list(target.read_rows(one.name, one.column_names, one.key)) for one in tables.registered()}


def values(target: MemoryRows) -> dict[str, list[tuple[object, ...]]]:
    """Rows without their versions: a subject's row is written only when its values change."""
    found = {}
    for one in tables.registered():
        at = one.column_names.index("version")
        found[one.name] = [(*row[:at], *row[at + 1 :]) for row in rows(target)[one.name]]
    return found


def projected(batches: Sequence[Sequence[LogRecord]], most_acts: int = 1_000) -> dict[str, list[tuple[object, ...]]]:
    store = MemoryStore()
    one = projector(store, most_acts)
    for batch in batches:
        evaluate(store, one, land(store, batch))
    return values(store.projections(GENERATION))


def replayed() -> dict[str, list[tuple[object, ...]]]:
    target, by_subject = MemoryRows("replayed"), dict[str, list[LoggedEvent]]()
    for event in EVENTS:
        by_subject.setdefault(event.header["subject_id"], []).append(event)
    for subject_id, about in by_subject.items():
        write_rows(target, whole_subject(subject_id, about, packaged()))
    return values(target)


def test_batches_of_any_size_give_the_rows_of_a_replay() -> None:
    whole = replayed()
    assert len(whole["subject_rows"]) == 6
    assert projected([RECORDS]) == whole
    assert projected([[record] for record in RECORDS]) == whole
    assert projected([RECORDS[:25], RECORDS[25:]]) == whole


def test_a_projector_that_remembers_nothing_gives_the_same_rows() -> None:
    assert projected([[record] for record in RECORDS], most_acts=1) == replayed()


def test_a_batch_that_comes_again_changes_nothing() -> None:
    assert projected([RECORDS, RECORDS[10:40], RECORDS]) == replayed()


def test_another_projector_goes_on_where_one_died() -> None:
    store = MemoryStore()
    evaluate(store, projector(store), land(store, RECORDS[:30]))
    died = projector(store)
    died.write(died.evaluate(land(store, RECORDS[30:45]).events))  # and never said how far it was
    evaluate(store, projector(store), land(store, RECORDS[30:]))
    assert values(store.projections(GENERATION)) == replayed()


def test_one_that_was_thought_dead_does_no_harm() -> None:
    store = MemoryStore()
    slow, quick = projector(store), projector(store)
    evaluate(store, slow, land(store, RECORDS[:30]))
    late = slow.evaluate(land(store, RECORDS[30:40]).events)
    evaluate(store, quick, land(store, RECORDS[30:]))
    slow.write(late)
    assert values(store.projections(GENERATION)) == replayed()


def test_a_row_says_how_many_statements_it_knows() -> None:
    store = MemoryStore()
    evaluate(store, projector(store), land(store, RECORDS))
    found = {(row[0], row[1]): row[2] for row in store.projections(GENERATION).read_rows("act_rows", NAMED, NAMED[:2])}
    counted: dict[tuple[object, object], int] = {}
    for event in EVENTS:
        act = event.header["subject_id"], event.header["act_id"]
        counted[act] = counted.get(act, 0) + 1
    assert found == counted


NAMED = ("subject_id", "act_id", "version")


def test_what_landed_is_marked_as_landed_at_once_or_with_its_projection() -> None:
    store = MemoryStore()
    batch = land(store, RECORDS)
    assert store.progress("landed") == batch.reached
    assert store.progress("projected", GENERATION) == {}
    untold = land(MemoryStore(), RECORDS, tell=False)
    assert untold.untold
    assert untold.reached == batch.reached


def test_evaluating_beside_landing_gives_the_same_rows() -> None:
    store, stop = MemoryStore(), Event()
    evaluating = Evaluating(store, projector(store), stop, lambda _: None)
    evaluating.start()
    for record in RECORDS:
        evaluating.give(land(store, [record], tell=False))
    evaluating.drain()
    assert store.progress("projected", GENERATION) == store.progress("landed")
    stop.set()
    evaluating.join(10)
    assert evaluating.problem is None
    assert values(store.projections(GENERATION)) == replayed()


def test_a_stop_wakes_whoever_waits_to_hand_over() -> None:
    store, stop, held = MemoryStore(), Event(), Event()
    evaluating = Evaluating(store, projector(store), stop, lambda _: held.wait(30) and None)
    evaluating.start()
    evaluating.give(land(store, RECORDS))
    until(lambda: not evaluating.idle, what="a round under way")
    stop.set()
    with pytest.raises(Stopped):
        evaluating.drain()
    held.set()
    evaluating.join(10)
    assert not evaluating.is_alive()


def test_what_ends_a_round_ends_the_projector() -> None:
    def refuses(_: Batch) -> None:
        raise ClickHouseRefused("http://127.0.0.1", 60, "no such table")

    store = MemoryStore()
    evaluating = Evaluating(store, projector(store), Event(), refuses)
    evaluating.start()
    evaluating.give(land(store, RECORDS))
    evaluating.join(10)
    assert isinstance(evaluating.problem, ClickHouseRefused)
    with pytest.raises(Stopped):
        evaluating.give(land(store, RECORDS))


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


FACTS = [
    evaluate_act(event.header["subject_id"], event.header["act_id"], [event, *others], packaged()).facts
    for event in EVENTS[:10]
    for others in ([], [one for one in EVENTS[:10] if one.header["act_id"] == event.header["act_id"]])
]


@given(st.lists(st.sampled_from(FACTS), min_size=1, max_size=40))
@settings(deadline=None, max_examples=60)
def test_sums_kept_while_facts_come_and_go_are_those_counted_at_once(told: list[ActFacts]) -> None:
    kept, latest = SubjectState("9", packaged()), dict[str, ActFacts]()
    for facts in told:
        kept.put(facts)
        latest[facts.act_id] = facts
    assert kept.rows() == SubjectState("9", packaged(), latest.values()).rows()
    assert kept.events == sum(one.events for one in latest.values())


def test_facts_come_back_from_their_text() -> None:
    for facts in FACTS:
        assert ActFacts.from_text(facts.act_id, facts.events, facts.to_text()) == facts
