"""The real folds against the oracle: equal on every day that matters, whatever the order and however often told."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.record import fold, known
from schemas.logged import LoggedEvent
from tests.core.adapter import FoldMeaning, policy
from tests.core.comparing import differences, probe_days, smallest
from tests.core.meaning import OracleMeaning
from tests.core.strategies import History, histories, history_from

pytestmark = pytest.mark.no_cover  # what they run the cases run too, and to count lines takes as long as the folds
thorough = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
brief = settings(thorough, max_examples=80)


def first_differences(ours: Sequence[LoggedEvent], theirs: Sequence[LoggedEvent]) -> list[str]:
    """What the oracle on ``ours`` and the folds on ``theirs`` say differently: the first three."""
    return list(itertools.islice(differences(OracleMeaning(ours), FoldMeaning(theirs), probe_days(ours)), 3))


@thorough
@given(histories())
def test_the_folds_say_what_the_oracle_says_on_every_day(history: History) -> None:
    events = history.log()
    assert first_differences(events, events) == []


def differs(history: History) -> bool:
    events = history.log()
    return bool(first_differences(events, events))


def test_the_folds_say_what_the_oracle_says_on_a_fixed_thousand_of_histories() -> None:
    for seed in range(1000):
        history = history_from(random.Random(seed), 3 + seed % 10)
        if differs(history):
            least = smallest(history, differs)
            events = least.log()
            told = "\n".join(f"{event.event_id} {event.name} {dict(event.value)}" for event in events)
            raise AssertionError(f"history {seed}, least form:\n{told}\n" + "\n".join(first_differences(events, events)))


@brief
@given(histories(8))
def test_what_was_known_then_is_the_fold_of_what_was_recorded_by_then(history: History) -> None:
    events = history.log()
    for number, event in enumerate(events, start=1):
        prefix = events[:number]
        assert known(events, event.recorded_at) == prefix
        assert first_differences(prefix, known(events, event.recorded_at)) == []


def chains(events: Sequence[LoggedEvent]) -> list[list[LoggedEvent]]:
    """Events whose order among themselves tells: those about one act, and all that concern removals."""
    found: dict[str, list[LoggedEvent]] = {}
    for event in events:
        act_id = event.header["act_id"]
        found.setdefault("removals" if act_id.startswith("listing_removal/") else act_id, []).append(event)
    return list(found.values())


def shuffled(events: Sequence[LoggedEvent], dice: random.Random) -> list[LoggedEvent]:
    """Another order that keeps the order within each chain."""
    left = [list(chain) for chain in chains(events)]
    order: list[LoggedEvent] = []
    while left:
        chain = dice.choice(left)
        order.append(chain.pop(0))
        left = [one for one in left if one]
    return order


def told_again(events: Sequence[LoggedEvent], order: Sequence[LoggedEvent]) -> list[LoggedEvent]:
    """The events in another order, recorded at the same times."""
    return [replace(event, recorded_at=place.recorded_at, offset=place.offset) for event, place in zip(order, events, strict=True)]


def whole(events: Sequence[LoggedEvent]) -> dict[str, object]:
    """All that a record says but for where its events stand on the log."""
    subject = events[0].header["subject_id"]
    record = fold(subject, events, policy())
    return {
        "acts": {
            act.act_id: (
                act.event_id,
                act.content,
                act.revocation,
                act.disclosed,
                act.withdrawn,
                act.fulfilled,
                act.corrections,
                act.irregularities,
                act.evidence,
            )
            for act in record.acts
        },
        "waiting": {(one.act_id, one.evidence) for one in record.waiting},
        "duties": set(record.duties),
        "entries": {one.entry_id: one for one in record.entries},
        "grades": record.grades,
        "names": record.names,
        "kind": record.kind,
    }


@brief
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_between_different_acts_changes_nothing(history: History, dice: random.Random) -> None:
    events = replace(history, repeats=()).log_of_one_day()
    assert whole(told_again(events, shuffled(events, dice))) == whole(events)


@brief
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_the_events_are_read_changes_nothing(history: History, dice: random.Random) -> None:
    events = history.log()
    jumbled = list(events)
    dice.shuffle(jumbled)
    assert whole(jumbled) == whole(events)


@brief
@given(histories(), st.lists(st.integers(min_value=0, max_value=11), min_size=1, max_size=4))
def test_an_event_that_stands_twice_on_the_log_counts_once(history: History, again: list[int]) -> None:
    once = replace(history, repeats=())
    assert whole(replace(history, repeats=tuple(again)).log()) == whole(once.log())


@brief
@given(histories())
def test_timelines_have_no_gaps_and_no_overlaps(history: History) -> None:
    events = history.log()
    reading = OracleMeaning(events)
    grades = FoldMeaning(events).record.grades
    assert bool(grades) == (reading.grade(date(2100, 1, 1)) is not None)
    if grades:
        assert reading.grade(grades[0].valid_from) is not None
        assert reading.grade(grades[0].valid_from - timedelta(days=1)) is None
        assert grades[-1].valid_to is None
    for one, after in itertools.pairwise(grades):
        assert one.valid_from < after.valid_from == one.valid_to
        shown = [(each.grade, each.score, each.ceiling, each.policy_version, each.reasons) for each in (one, after)]
        assert shown[0] != shown[1]
    for entry in FoldMeaning(events).entries().values():
        assert entry.listed_to is None or entry.listed_from <= entry.listed_to
        assert (entry.listed_to is None) == (entry.end_reason is None)


def every_day(events: Sequence[LoggedEvent]) -> Iterator[date]:
    first = min(event.header["occurred_on"] for event in events) - timedelta(days=2)
    yield from (first + timedelta(days=number) for number in range(5 * 365))


@settings(thorough, max_examples=8)
@given(histories(6))
def test_a_few_histories_are_equal_on_every_single_day(history: History) -> None:
    events = history.log()
    found = differences(OracleMeaning(events), FoldMeaning(events), list(every_day(events)))
    assert list(itertools.islice(found, 3)) == []
