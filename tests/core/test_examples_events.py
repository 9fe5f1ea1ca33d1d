"""What the log's statements mean together: making, correcting, restating, revoking. Each name is the rule."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from schemas import wire
from schemas.catalogue import BY_NAME
from schemas.identifiers import is_uscc
from tests.core import builders as make
from tests.core.builders import CREDIT_OFFICE, MARKET, SPORT, Log, Statement, log_of
from tests.core.meaning import Meaning, PlainAct, Reading

OTHER_SOURCE = {"source_id": CREDIT_OFFICE[0], "source_name": CREDIT_OFFICE[1]}
LIST = "market-regulation-serious"
FINE = make.penalty("2020-03-02", fine_amount=Decimal("100.00"), penalty_categories=["fine"])
PERMIT = make.licence("2020-03-02", valid_from=date(2020, 5, 1), valid_to=date(2020, 6, 1))


def only(meaning: Meaning) -> PlainAct:
    (act,) = meaning.acts().values()
    return act


def after(read: Reading, *said: Statement) -> PlainAct:
    return only(read(log_of(*said).events))


def amount(act: PlainAct) -> Any:
    return act.content["fine_amount"]


def test_the_made_up_organisations_have_valid_codes() -> None:
    for code in (make.SUBJECT, make.OTHER_SUBJECT, MARKET[0], SPORT[0], CREDIT_OFFICE[0]):
        assert is_uscc(code)


def test_every_event_has_a_builder_whose_statement_fits_its_schema() -> None:
    names = set()
    for said in make.one_of_each(LIST):
        assert wire.decode(wire.encode(said.name, said.value)) == (said.name, said.value)
        names.add(said.name)
    assert names == set(BY_NAME)


# --- making ---------------------------------------------------------------------------------------------------------


def test_an_event_that_names_an_act_not_yet_seen_waits(read: Reading) -> None:
    log = log_of(make.disclosed(FINE, "2020-03-05"), make.revoked(FINE, "2020-03-09"))
    meaning = read(log.events)
    assert meaning.acts() == {}
    assert meaning.duties(date(2021, 1, 1)) == set()
    assert meaning.grade(date(2021, 1, 1)) is None


def test_what_waited_applies_once_the_act_is_made(read: Reading) -> None:
    act = after(read, make.corrected(FINE, "2020-03-05", {"fine_amount": '"150.00"'}), make.revoked(FINE, "2020-03-09"), FINE)
    assert (amount(act), act.revoked_on) == (Decimal("150.00"), date(2020, 3, 9))


def test_the_making_event_counts_first_whenever_it_was_recorded(read: Reading) -> None:
    correction = make.corrected(FINE, "2020-03-05", {"fine_amount": '"150.00"'})
    assert after(read, correction, FINE).content == after(read, FINE, correction).content


def test_a_correction_recorded_before_the_act_was_dated_takes_effect_like_any_other(read: Reading) -> None:
    log = Log()
    log.push(make.corrected(FINE, "2020-02-20", {"fine_amount": '"150.00"'}), "2020-02-20")
    log.push(FINE, "2020-03-03")
    act = only(read(log.events))
    assert (amount(act), act.irregularities) == (Decimal("150.00"), frozenset())


def test_an_event_that_stands_twice_on_the_log_counts_once(read: Reading) -> None:
    log = log_of(FINE, FINE.but(fine_amount=Decimal("200.00")))
    log.repeat(0)
    assert amount(only(read(log.events))) == Decimal("200.00")


# --- corrections ----------------------------------------------------------------------------------------------------


def test_a_correction_holds_for_all_valid_dates(read: Reading) -> None:
    log = log_of(make.penalty("2020-03-02", severity="minor"))
    log.push(make.corrected(make.penalty("2020-03-02"), "2020-06-01", {"severity": '"serious"'}))
    grade = read(log.events).grade(date(2020, 3, 2))
    assert grade is not None
    assert grade.score == 50


def test_a_correction_is_known_from_its_recording_on(read: Reading) -> None:
    log = log_of(FINE, make.corrected(FINE, "2020-06-01", {"fine_amount": '"150.00"'}))
    assert amount(only(read(log.events[:1]))) == Decimal("100.00")
    assert amount(only(read(log.events))) == Decimal("150.00")


def test_the_later_recorded_correction_wins_over_the_later_dated(read: Reading) -> None:
    act = after(
        read,
        FINE,
        make.corrected(FINE, "2020-09-01", {"fine_amount": '"150.00"'}),
        make.corrected(FINE, "2020-06-01", {"fine_amount": '"120.00"'}),
    )
    assert amount(act) == Decimal("120.00")


def test_a_correction_can_take_a_value_away(read: Reading) -> None:
    assert amount(after(read, FINE, make.corrected(FINE, "2020-06-01", {"fine_amount": "null"}))) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"subject_id": f'"{make.OTHER_SUBJECT}"'},
        {"authority_id": f'"{MARKET[0]}"'},
        {"document_number": '"另〔2020〕9号"'},
        {"act_id": '"penalty/x/y"'},
        {"document_number": '"另〔2020〕9号"', "fine_amount": '"150.00"'},
    ],
)
def test_subject_kind_authority_and_number_cannot_be_corrected(read: Reading, fields: dict[str, str]) -> None:
    act = after(read, FINE, make.corrected(FINE, "2020-06-01", fields))
    assert (amount(act), act.irregularities) == (Decimal("100.00"), frozenset({"invalid_correction"}))
    assert act.content["document_number"] == FINE.value["document_number"]


@pytest.mark.parametrize(
    "fields",
    [
        {"fine_amount": '"-1.00"'},
        {"severity": '"grave"'},
        {"occurred_on": '"2020-02-30"'},
        {"fine_amount": "not JSON"},
        {"no_such_field": '"x"'},
        {"occurred_on": "null"},
        {"occurred_on": '"2020-06-02"'},
        {"penalty_categories": '["fine", "flogging"]'},
        {"remark": "7"},
        {"extra": '{"a": 1}'},
        {"extra": "7"},
        {"fine_amount": '"1.005"'},
        {"fine_amount": '"NaN"'},
        {"jurisdiction": '"37"'},
        {"valid_to": '"2020-03-01"'},
    ],
)
def test_a_correction_that_leaves_the_act_invalid_has_no_effect_and_is_shown(read: Reading, fields: dict[str, str]) -> None:
    act = after(read, FINE, make.corrected(FINE, "2020-06-01", fields))
    assert act.content == after(read, FINE).content
    assert act.irregularities == {"invalid_correction"}


def test_dates_in_the_wrong_order_leave_the_act_invalid(read: Reading) -> None:
    act = after(read, PERMIT, make.corrected(PERMIT, "2020-06-01", {"valid_from": '"2020-07-01"'}))
    assert (act.content["valid_from"], act.irregularities) == (date(2020, 5, 1), frozenset({"invalid_correction"}))


def test_an_ineffective_correction_stays_ineffective_when_a_later_one_would_have_made_room(read: Reading) -> None:
    act = after(
        read,
        PERMIT,
        make.corrected(PERMIT, "2020-06-01", {"valid_from": '"2020-07-01"'}),
        make.corrected(PERMIT, "2020-06-02", {"valid_to": '"2020-12-31"'}),
    )
    assert (act.content["valid_from"], act.content["valid_to"]) == (date(2020, 5, 1), date(2020, 12, 31))


@pytest.mark.parametrize(
    "fields", [{"term_months": "37"}, {"term_months": "0"}, {"list": '"none-such"'}, {"occurred_on": '"2016-05-29"'}]
)
def test_a_term_over_the_longest_or_a_list_outside_the_catalogue_leaves_a_listing_invalid(
    read: Reading, fields: dict[str, str]
) -> None:
    entry = make.listing("2020-03-02", LIST, term_months=12)
    act = after(read, entry, make.corrected(entry, "2020-06-01", fields))
    assert (act.content["term_months"], act.irregularities) == (12, frozenset({"invalid_correction"}))


def test_with_a_target_it_corrects_that_one_statement_instead(read: Reading) -> None:
    log = log_of(FINE)
    shown = log.push(make.disclosed(FINE, "2020-03-20"))
    log.push(make.corrected(FINE, "2020-04-01", {"disclosed_on": '"2020-03-05"'}, target=shown))
    (duty,) = read(log.events).duties(date(2020, 5, 1))
    assert (duty.fulfilled_on, duty.status) == (date(2020, 3, 5), "met")
    assert only(read(log.events)).content["occurred_on"] == date(2020, 3, 2)


@pytest.mark.parametrize("field", ["disclosed_on", "occurred_on"])
def test_the_own_date_of_a_follow_up_and_occurred_on_move_together(read: Reading, field: str) -> None:
    log = log_of(FINE)
    shown = log.push(make.disclosed(FINE, "2020-03-20"))
    log.push(make.corrected(FINE, "2020-04-01", {field: '"2020-03-05"'}, target=shown))
    (duty,) = read(log.events).duties(date(2020, 5, 1))
    assert duty.fulfilled_on == date(2020, 3, 5)
    assert only(read(log.events)).irregularities == frozenset()


def test_an_own_date_corrected_apart_from_occurred_on_is_invalid(read: Reading) -> None:
    log = log_of(FINE)
    shown = log.push(make.disclosed(FINE, "2020-03-20"))
    log.push(make.corrected(FINE, "2020-04-01", {"disclosed_on": '"2020-03-05"', "occurred_on": '"2020-03-06"'}, target=shown))
    (duty,) = read(log.events).duties(date(2020, 5, 1))
    assert duty.fulfilled_on == date(2020, 3, 20)
    assert only(read(log.events)).irregularities == {"invalid_correction"}


def test_a_correction_can_itself_be_corrected(read: Reading) -> None:
    log = log_of(FINE)
    first = log.push(make.corrected(FINE, "2020-04-01", {"fine_amount": '"150.00"'}))
    log.push(make.corrected(FINE, "2020-04-02", {"fields": '{"fine_amount": "\\"170.00\\""}'}, target=first))
    assert amount(only(read(log.events))) == Decimal("170.00")


def test_naming_the_making_event_as_the_target_is_the_same_as_naming_none(read: Reading) -> None:
    log = Log()
    making = log.push(FINE)
    log.push(make.corrected(FINE, "2020-04-01", {"fine_amount": '"150.00"'}, target=making))
    log.push(FINE.but(remark="又报"))
    assert amount(only(read(log.events))) == Decimal("150.00")


# --- restatements ---------------------------------------------------------------------------------------------------


def test_the_same_act_stated_again_by_its_source_corrects_the_fields_that_differ(read: Reading) -> None:
    act = after(read, FINE, FINE.but(fine_amount=Decimal("200.00"), remark="改"))
    assert (amount(act), act.content["remark"]) == (Decimal("200.00"), "改")


def test_a_restatement_takes_away_what_it_no_longer_says(read: Reading) -> None:
    act = after(read, FINE.but(remark="旧"), FINE.but(remark=None))
    assert act.content["remark"] is None


def test_a_restatement_leaves_alone_what_the_source_says_as_before(read: Reading) -> None:
    act = after(read, FINE, make.corrected(FINE, "2020-04-01", {"fine_amount": '"150.00"'}), FINE.but(remark="又报"))
    assert (amount(act), act.content["remark"]) == (Decimal("150.00"), "又报")


def test_a_restatement_is_compared_with_the_statement_before_it(read: Reading) -> None:
    again = FINE.but(fine_amount=Decimal("200.00"))
    act = after(read, FINE, again, make.corrected(FINE, "2020-04-01", {"fine_amount": '"150.00"'}), again.but(remark="又报"))
    assert amount(act) == Decimal("150.00")


def test_a_source_that_says_a_then_b_then_a_ends_with_a(read: Reading) -> None:
    assert amount(after(read, FINE, FINE.but(fine_amount=Decimal("200.00")), FINE)) == Decimal("100.00")


def test_a_restatement_never_undoes_a_revocation(read: Reading) -> None:
    act = after(read, FINE, make.revoked(FINE, "2020-04-01"), FINE.but(remark="又报"))
    assert (act.revoked_on, act.content["remark"]) == (date(2020, 4, 1), "又报")


def test_a_restatement_that_leaves_the_act_invalid_has_no_effect_and_is_shown(read: Reading) -> None:
    moved = make.corrected(PERMIT, "2020-06-01", {"valid_to": '"2020-05-15"'})
    act = after(read, PERMIT, moved, PERMIT.but(valid_from=date(2020, 5, 20)))
    assert (act.content["valid_from"], act.irregularities) == (date(2020, 5, 1), frozenset({"invalid_correction"}))


def test_another_sources_making_event_changes_nothing(read: Reading) -> None:
    other = FINE.but(fine_amount=Decimal("300.00"), **OTHER_SOURCE)
    assert amount(after(read, FINE, other)) == Decimal("100.00")
    assert amount(after(read, FINE, other, other.but(remark="再报"))) == Decimal("100.00")


def test_the_making_event_is_the_first_recorded_one(read: Reading) -> None:
    other = FINE.but(fine_amount=Decimal("300.00"), **OTHER_SOURCE)
    assert amount(after(read, other, FINE)) == Decimal("300.00")


def test_sources_that_differ_are_shown(read: Reading) -> None:
    other = FINE.but(fine_amount=Decimal("300.00"), **OTHER_SOURCE)
    assert after(read, FINE, other).irregularities == {"conflicting_sources"}


def test_what_the_push_adds_makes_no_conflict(read: Reading) -> None:
    other = FINE.but(imported=True, source_event_id="x-1", sequence=7, **OTHER_SOURCE)
    assert after(read, FINE, other).irregularities == frozenset()


def test_the_other_sources_latest_statement_is_the_one_compared(read: Reading) -> None:
    other = FINE.but(fine_amount=Decimal("300.00"), **OTHER_SOURCE)
    assert after(read, FINE, other, FINE.but(**OTHER_SOURCE)).irregularities == frozenset()


def test_the_act_as_corrected_is_the_one_compared(read: Reading) -> None:
    correction = make.corrected(FINE, "2020-04-01", {"fine_amount": '"150.00"'})
    assert after(read, FINE, FINE.but(**OTHER_SOURCE), correction).irregularities == {"conflicting_sources"}


# --- revocations ----------------------------------------------------------------------------------------------------


def test_a_revocation_ends_the_effects_from_its_day(read: Reading) -> None:
    act = make.penalty("2020-03-02", severity="general")
    meaning = read(log_of(act, make.revoked(act, "2020-06-01")).events)
    before, then = meaning.grade(date(2020, 5, 31)), meaning.grade(date(2020, 6, 1))
    assert before is not None
    assert then is not None
    assert [before.score, then.score] == [70, 80]


def test_void_from_start_points_never_were(read: Reading) -> None:
    act = make.penalty("2020-03-02", severity="general")
    log = log_of(act, make.revoked(act, "2020-06-01", void=True))
    grade = read(log.events).grade(date(2020, 5, 31))
    assert grade is not None
    assert grade.score == 80
    assert not grade.reasons


def test_a_voided_act_counted_for_those_who_ask_with_an_earlier_known_at(read: Reading) -> None:
    act = make.penalty("2020-03-02", severity="general")
    log = log_of(act, make.revoked(act, "2020-06-01", void=True))
    grade = read(log.events[:1]).grade(date(2020, 5, 31))
    assert grade is not None
    assert grade.score == 70


def test_of_several_revocations_the_later_recorded_replaces_the_earlier(read: Reading) -> None:
    act = after(read, FINE, make.revoked(FINE, "2020-06-01", void=True), make.revoked(FINE, "2020-05-01"))
    assert (act.revoked_on, act.void) == (date(2020, 5, 1), False)


def test_a_targeted_revocation_means_that_statement_was_never_said(read: Reading) -> None:
    log = log_of(FINE)
    shown = log.push(make.disclosed(FINE, "2020-03-05"))
    log.push(make.revoked(FINE, "2020-04-01", target=shown))
    (duty,) = read(log.events).duties(date(2020, 5, 1))
    assert (duty.status, only(read(log.events)).revoked_on) == ("overdue", None)


def test_a_correction_can_be_unsaid(read: Reading) -> None:
    log = log_of(FINE)
    correction = log.push(make.corrected(FINE, "2020-04-01", {"fine_amount": '"-1.00"'}))
    log.push(make.revoked(FINE, "2020-04-02", target=correction))
    act = only(read(log.events))
    assert (amount(act), act.irregularities) == (Decimal("100.00"), frozenset())


def test_a_revocation_can_be_unsaid_and_that_too(read: Reading) -> None:
    log = log_of(FINE)
    first = log.push(make.revoked(FINE, "2020-04-01"))
    second = log.push(make.revoked(FINE, "2020-04-02", target=first))
    assert only(read(log.events)).revoked_on is None
    log.push(make.revoked(FINE, "2020-04-03", target=second))
    assert only(read(log.events)).revoked_on == date(2020, 4, 1)


def test_without_the_later_revocation_the_earlier_holds_again(read: Reading) -> None:
    log = log_of(FINE, make.revoked(FINE, "2020-06-01"))
    later = log.push(make.revoked(FINE, "2020-06-02", void=True))
    log.push(make.revoked(FINE, "2020-06-03", target=later))
    act = only(read(log.events))
    assert (act.revoked_on, act.void) == (date(2020, 6, 1), False)


def test_an_act_whose_only_making_event_was_unsaid_was_never_made(read: Reading) -> None:
    log = Log()
    making = log.push(FINE)
    log.push(make.revoked(FINE, "2020-04-01", target=making))
    assert read(log.events).acts() == {}


def test_a_revocations_own_date_can_be_corrected(read: Reading) -> None:
    log = log_of(FINE)
    end = log.push(make.revoked(FINE, "2020-06-01"))
    log.push(make.corrected(FINE, "2020-06-05", {"revoked_on": '"2020-05-01"', "void_from_start": "true"}, target=end))
    act = only(read(log.events))
    assert (act.revoked_on, act.void) == (date(2020, 5, 1), True)


def test_a_correction_may_move_the_day_of_the_act(read: Reading) -> None:
    log = log_of(FINE, make.corrected(FINE, "2020-04-01", {"occurred_on": '"2020-03-09"'}))
    (duty,) = read(log.events).duties(date(2020, 5, 1))
    assert duty.started_on == date(2020, 3, 9)
    assert read(log.events).duties(date(2020, 3, 9) - timedelta(days=1)) == set()
