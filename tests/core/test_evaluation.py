"""The two levels of folds: whatever way acts come in, the rows are those of a fold from scratch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projections.acts.fold import Act, fold_act, said_act
from projections.admission.rules import rules_of
from projections.duties import table as duties
from projections.evaluation import SubjectState, evaluate_act
from projections.facts import ActFacts
from projections.grades import points
from projections.record import fold
from projections.tables import table
from schemas.logged import LoggedEvent
from tests.core import builders as make
from tests.core.adapter import policy
from tests.core.strategies import History, histories
from tests.core.test_against_oracle import brief

Rows = dict[tuple[str, ...], tuple[Any, ...]]


def by_act(events: Sequence[LoggedEvent]) -> dict[str, list[LoggedEvent]]:
    found: dict[str, list[LoggedEvent]] = {}
    for event in events:
        found.setdefault(event.header["act_id"], []).append(event)
    return found


def facts_by_statement(events: Sequence[LoggedEvent]) -> list[ActFacts]:
    """The facts of the act of each event, as known when the event came."""
    subject = events[0].header["subject_id"]
    known: dict[str, list[LoggedEvent]] = {}
    found = []
    for event in events:
        about = known.setdefault(event.header["act_id"], [])
        about.append(event)
        found.append(evaluate_act(subject, event.header["act_id"], about, policy()).facts)
    return found


def plain(rows: dict[str, list[tuple[Any, ...]]], versions: bool = True) -> Rows:
    """Rows by table and key, without their versions where these do not matter."""
    found: Rows = {}
    for name, some in rows.items():
        keys = len(table(name).key)
        for row in some:
            assert table(name).column_names[keys] == "version"
            found[name, *row[:keys]] = row[keys if versions else keys + 1 :]
    return found


@brief
@given(histories(), st.randoms(use_true_random=False))
def test_a_state_is_a_function_of_the_facts_put_in(history: History, dice: random.Random) -> None:
    events = history.log()
    subject, said = events[0].header["subject_id"], facts_by_statement(events)
    last = {one.act_id: one for one in said}
    whole = SubjectState(subject, policy(), last.values())
    gradual = SubjectState(subject, policy())
    for one in said:
        gradual.put(one)
        if dice.random() < 0.5:
            gradual.rows()
    shuffled = list(last.values())
    dice.shuffle(shuffled)
    assert plain(gradual.rows()) == plain(whole.rows()) == plain(SubjectState(subject, policy(), shuffled).rows())
    assert (gradual.events, gradual.acts) == (whole.events, whole.acts) == (len({event.event_id for event in events}), len(last))


@brief
@given(histories(), st.integers(min_value=0, max_value=12), st.booleans())
def test_what_changed_is_given_and_nothing_else(history: History, stored: int, written: bool) -> None:
    events = history.log()
    subject, said = events[0].header["subject_id"], facts_by_statement(events)
    before = {one.act_id: one for one in said[:stored]}
    state = SubjectState(subject, policy(), before.values(), written=written)
    stand: Rows = plain(state.rows(), versions=False) if written and before else {}
    if not stand:
        stand = plain(state.changed_rows(), versions=False)
        assert stand == plain(state.rows(), versions=False)
    for one in said[stored:]:
        state.put(one)
        stand |= plain(state.changed_rows(), versions=False)
        assert state.changed_rows() == {}
        wanted = plain(SubjectState(subject, policy(), state._facts.values()).rows(), versions=False)
        assert {key: stand[key] for key in wanted} == wanted


@brief
@given(histories(), st.randoms(use_true_random=False))
def test_an_act_is_a_function_of_the_set_of_its_events(history: History, dice: random.Random) -> None:
    for act_id, about in by_act(history.log()).items():
        subject = about[0].header["subject_id"]
        told = [*about, dice.choice(about)]
        dice.shuffle(told)
        assert evaluate_act(subject, act_id, told, policy()) == evaluate_act(subject, act_id, about, policy())


@brief
@given(histories())
def test_facts_come_back_from_their_text(history: History) -> None:
    for one in facts_by_statement(history.log()):
        assert ActFacts.from_text(one.act_id, one.events, one.to_text()) == one


def test_an_act_that_was_only_made_is_the_one_that_the_whole_fold_gives() -> None:
    for said in make.one_of_each("watch"):
        (event,) = make.log_of(said).events
        act_id = said.act_id or "penalty/x/1"
        fast = evaluate_act(make.SUBJECT, act_id, [event], policy())
        twice = evaluate_act(make.SUBJECT, act_id, [event, event], policy())
        assert fast == twice
        assert fold_act(act_id, [event], rules_of(policy())).evidence == (event.event_id,)


@brief
@given(histories())
def test_rows_say_what_the_record_says(history: History) -> None:
    events = history.log()
    subject = events[0].header["subject_id"]
    record = fold(subject, events, policy())
    acts = [evaluate_act(subject, act_id, about, policy()) for act_id, about in by_act(events).items()]
    rows = SubjectState(subject, policy(), [one.facts for one in acts]).rows()
    (row,) = rows["subject_rows"]
    assert row[3:] == (record.kind, *(tuple(zip(*record.names, strict=True)) or ((), ())))
    shown = rows.get("grade_rows", [(subject, 0, *((),) * 7)])[0][2:]
    assert list(zip(*shown, strict=True)) == [
        (one.grade, one.grade_name, one.score, one.ceiling, one.valid_from, one.valid_to, one.policy_version)
        for one in record.grades
    ]
    entries = rows["list_rows"][0][2] if "list_rows" in rows else ()
    assert entries == tuple(one.entry_id for one in record.entries)
    names = table("act_rows").column_names
    duties = {
        (row[1], *duty)
        for one in acts
        if (row := one.row)
        for duty in zip(row[names.index("duties.duty")], row[names.index("duties.due_on")], strict=True)
    }
    assert duties == {(one.act_id, one.duty, one.due_on) for one in record.duties}
    assert all(len(one.row) == len(names) for one in acts)


def many(count: int, dice: random.Random) -> list[ActFacts]:
    """Penalties of one subject on days of many years."""
    found = []
    for number in range(count):
        on = date(2012, 1, 1) + timedelta(days=dice.randrange(5000))
        said = make.penalty(on, number, severity=dice.choice(["minor", "general", "serious"]))
        found.append(evaluate_act(make.SUBJECT, said.act_id, make.log_of(said).events, policy()).facts)
    return found


def test_a_long_timeline_kept_from_sweep_to_sweep_is_that_of_one_sweep() -> None:
    dice = random.Random(7)
    facts = many(400, dice)
    state = SubjectState(make.SUBJECT, policy(), facts[:200])
    for number, one in enumerate(facts[200:]):
        state.put(one)
        if dice.random() < 0.3:  # taken out again, as by a revocation from the start
            gone = dice.choice(facts[: 200 + number])
            state.put(replace_facts(gone))
        if number % 10 == 0:
            fresh = SubjectState(make.SUBJECT, policy(), state._facts.values())
            assert state.rows()["grade_rows"] == fresh.rows()["grade_rows"]
    assert len(state.rows()["grade_rows"][0][2]) > 200


def replace_facts(one: ActFacts) -> ActFacts:
    return one._replace(events=one.events + 1, void=True, begins=False, points=())


def test_rows_of_one_subject_grow_with_its_acts_and_not_with_their_square() -> None:
    def size(count: int) -> int:
        facts = many(count, random.Random(3))
        state = SubjectState(make.SUBJECT, policy(), facts)
        return sum(len(one.to_text()) for one in facts) + len(repr(state.rows()))

    assert size(800) < 2.2 * size(400)


def test_repeats_of_an_event_are_counted_once() -> None:
    said = make.penalty("2020-03-02")
    events = make.log_of(said).events
    later = replace(events[0], offset=9, recorded_at=events[0].recorded_at + timedelta(days=1))
    assert evaluate_act(make.SUBJECT, said.act_id, [later, *events], policy()).facts.events == 1


@brief
@given(histories())
def test_duties_and_points_that_are_remembered_are_those_that_follow(history: History) -> None:
    """Of acts of which nothing else was said they are worked out once for all that are alike."""
    for act_id, about in by_act(history.log()).items():
        said = said_act(make.SUBJECT, act_id, about[:1], rules_of(policy()))
        if isinstance(said.act, Act):
            assert duties._as_made(said.act, policy()) == duties._columns(said.act, policy())
            assert points._as_made(said.act, policy()) == points._kept(points._points_of(said.act, policy()))
