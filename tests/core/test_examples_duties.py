"""Duties and deadlines, rule by rule. 2 March 2020 was a Monday; its seventh working day after is 11 March."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.core import builders as make
from tests.core.builders import MARKET, Log, Statement, day, log_of
from tests.core.meaning import Reading
from tests.core.oracle import Duty

ON = "2020-03-02"
DUE = date(2020, 3, 11)
FINE = make.penalty(ON)


def on_day(read: Reading, asked: str, *said: Statement, duty: str = "disclose") -> Duty:
    (found,) = (one for one in read(log_of(*said).events).duties(day(asked)) if one.duty == duty)
    return found


def status(read: Reading, asked: str, *said: Statement, duty: str = "disclose") -> tuple[str, int]:
    found = on_day(read, asked, *said, duty=duty)
    return found.status, found.days_overdue


# --- disclose -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("built", [make.licence, make.penalty, make.inspection])
def test_licence_penalty_and_inspection_are_disclosed_within_7_working_days(read: Reading, built: Callable[..., Statement]) -> None:
    act = built(ON)
    duty = on_day(read, ON, act)
    assert (duty.duty, duty.started_on, duty.due_on, duty.status) == ("disclose", date(2020, 3, 2), DUE, "pending")


@pytest.mark.parametrize(
    "built",
    [
        make.registered,
        make.commitment,
        make.breached,
        lambda on: make.noticed(on, "watch"),
        lambda on: make.listing(on, "watch"),
        lambda on: make.removal(on, "watch"),
    ],
)
def test_other_kinds_have_no_disclose_duty(read: Reading, built: Callable[[str], Statement]) -> None:
    found = read(log_of(built(ON)).events).duties(date(2021, 1, 1))
    assert "disclose" not in {one.duty for one in found}


@pytest.mark.parametrize("name", ["枣庄市市场监督管理局", "某县市场监管局"])
def test_penalties_of_market_regulation_within_20(read: Reading, name: str) -> None:
    assert on_day(read, ON, make.penalty(ON, by=(MARKET[0], name))).due_on == date(2020, 3, 30)


def test_only_penalties_of_market_regulation_have_the_longer_limit(read: Reading) -> None:
    assert on_day(read, ON, make.licence(ON, by=MARKET)).due_on == DUE


def test_fulfilled_by_the_earliest_disclosure(read: Reading) -> None:
    act = on_day(read, "2020-12-01", FINE, make.disclosed(FINE, "2020-03-20"), make.disclosed(FINE, "2020-03-10"))
    assert (act.fulfilled_on, act.status) == (date(2020, 3, 10), "met")


def test_null_before_the_starting_date(read: Reading) -> None:
    assert read(log_of(FINE).events).duties(date(2020, 3, 1)) == set()


def test_pending_until_the_due_date_then_overdue(read: Reading) -> None:
    assert status(read, "2020-03-11", FINE) == ("pending", 0)
    assert status(read, "2020-03-12", FINE) == ("overdue", 1)
    assert status(read, "2020-04-11", FINE) == ("overdue", 31)


def test_met_from_the_day_of_fulfilment_on(read: Reading) -> None:
    said = (FINE, make.disclosed(FINE, "2020-03-11"))
    assert status(read, "2020-03-10", *said) == ("pending", 0)
    assert status(read, "2020-03-11", *said) == ("met", 0)


def test_met_late_with_the_days_that_it_was_late(read: Reading) -> None:
    said = (FINE, make.disclosed(FINE, "2020-03-16"))
    assert status(read, "2020-03-15", *said) == ("overdue", 4)
    assert status(read, "2020-03-16", *said) == ("met_late", 5)
    assert status(read, "2022-03-16", *said) == ("met_late", 5)


@pytest.mark.parametrize("void", [True, False])
def test_a_fulfilled_duty_never_becomes_anything_else(read: Reading, void: bool) -> None:
    said = (FINE, make.disclosed(FINE, "2020-03-05"), make.revoked(FINE, "2020-03-09", void))
    assert status(read, "2021-01-01", *said) == ("met", 0)


def test_unfulfilled_and_revoked_on_the_due_date_it_is_void_from_then(read: Reading) -> None:
    said = (FINE, make.revoked(FINE, "2020-03-11"))
    assert status(read, "2020-03-10", *said) == ("pending", 0)
    assert status(read, "2020-03-11", *said) == ("void", 0)
    assert status(read, "2021-03-11", *said) == ("void", 0)


def test_revoked_later_it_is_overdue_until_then_and_lapsed_from_then(read: Reading) -> None:
    said = (FINE, make.revoked(FINE, "2020-03-12"))
    assert status(read, "2020-03-11", *said) == ("pending", 0)
    assert status(read, "2020-03-12", *said) == ("lapsed", 1)
    said = (FINE, make.revoked(FINE, "2020-03-20"))
    assert status(read, "2020-03-19", *said) == ("overdue", 8)
    assert status(read, "2020-03-20", *said) == ("lapsed", 9)


def test_lapsed_stays_so_until_fulfilled(read: Reading) -> None:
    said = (FINE, make.revoked(FINE, "2020-03-20"), make.disclosed(FINE, "2020-03-25"))
    assert status(read, "2020-03-24", *said) == ("lapsed", 13)
    assert status(read, "2020-03-25", *said) == ("met_late", 14)


def test_void_stays_so_until_fulfilled(read: Reading) -> None:
    said = (FINE, make.revoked(FINE, "2020-03-05"), make.disclosed(FINE, "2020-03-06"))
    assert status(read, "2020-03-05", *said) == ("void", 0)
    assert status(read, "2020-03-06", *said) == ("met", 0)


def test_an_exempt_act_has_a_duty_that_is_exempt_from_its_start_and_stays_so(read: Reading) -> None:
    act = make.penalty(ON, disclosure_exempt_basis="政府信息公开条例 §14")
    said = (act, make.disclosed(act, "2020-09-01"), make.revoked(act, "2020-10-01"))
    for asked in (ON, "2020-05-01", "2020-09-01", "2021-01-01"):
        assert status(read, asked, *said) == ("exempt", 0)


def test_an_imported_act_without_a_known_disclosure_is_unknown_not_pending_or_overdue(read: Reading) -> None:
    act = make.penalty(ON, imported=True)
    assert status(read, ON, act) == ("unknown", 0)
    assert status(read, "2021-01-01", act) == ("unknown", 0)


def test_an_imported_act_with_a_known_disclosure_is_like_any_other(read: Reading) -> None:
    act = make.penalty(ON, imported=True)
    said = (act, make.disclosed(act, "2020-03-16"))
    assert status(read, "2020-03-15", *said) == ("overdue", 4)
    assert status(read, "2020-03-16", *said) == ("met_late", 5)


def test_an_imported_act_that_is_revoked_is_void_or_lapsed(read: Reading) -> None:
    act = make.penalty(ON, imported=True)
    assert status(read, "2020-03-05", act, make.revoked(act, "2020-03-05")) == ("void", 0)
    said = (act, make.revoked(act, "2020-03-20"))
    assert status(read, "2020-03-19", *said) == ("unknown", 0)
    assert status(read, "2020-03-20", *said) == ("lapsed", 9)


def test_a_duty_that_counts_a_day_beyond_the_calendar_is_provisional(read: Reading) -> None:
    assert not on_day(read, "2026-12-22", make.licence("2026-12-22")).provisional
    assert on_day(read, "2026-12-23", make.licence("2026-12-23")).provisional


# --- report ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("built", [make.commitment, make.breached])
def test_commitments_and_breaches_are_reported_within_7_working_days(read: Reading, built: Callable[..., Statement]) -> None:
    log = Log()
    log.push(built(ON), "2020-03-16")
    (duty,) = read(log.events).duties(date(2020, 3, 15))
    assert (duty.duty, duty.due_on, duty.status, duty.days_overdue) == ("report", DUE, "overdue", 4)
    (duty,) = read(log.events).duties(date(2020, 3, 16))
    assert (duty.fulfilled_on, duty.status) == (date(2020, 3, 16), "met_late")


def test_a_restatement_does_not_make_the_report_later(read: Reading) -> None:
    log = Log()
    log.push(make.commitment(ON), "2020-03-03")
    log.push(make.commitment(ON, remark="又报"), "2020-06-01")
    (duty,) = read(log.events).duties(date(2021, 1, 1))
    assert (duty.fulfilled_on, duty.status) == (date(2020, 3, 3), "met")


def test_an_imported_act_has_no_report_duty(read: Reading) -> None:
    assert read(log_of(make.commitment(ON, imported=True)).events).duties(date(2021, 1, 1)) == set()


# --- withdraw -------------------------------------------------------------------------------------------------------

SHOWN = make.disclosed(FINE, "2020-03-05")
ENDED = make.revoked(FINE, "2020-04-07")


def test_a_disclosed_act_that_was_revoked_is_withdrawn_within_3_working_days(read: Reading) -> None:
    duty = on_day(read, "2020-04-07", FINE, SHOWN, ENDED, duty="withdraw")
    assert (duty.started_on, duty.due_on, duty.status) == (date(2020, 4, 7), date(2020, 4, 10), "pending")
    assert status(read, "2020-04-12", FINE, SHOWN, ENDED, duty="withdraw") == ("overdue", 2)


def test_a_withdrawal_fulfils_it_from_the_very_day(read: Reading) -> None:
    said = (FINE, SHOWN, ENDED, make.withdrawn(FINE, "2020-04-07"))
    assert status(read, "2020-04-07", *said, duty="withdraw") == ("met", 0)


def withdraw_duties(read: Reading, *said: Statement) -> list[Duty]:
    found = read(log_of(*said).events).duties(date(2022, 1, 1))
    return sorted((one for one in found if one.duty == "withdraw"), key=lambda one: one.started_on)


def test_there_is_nothing_to_withdraw_where_it_was_not_disclosed(read: Reading) -> None:
    assert withdraw_duties(read, FINE, ENDED) == []
    assert withdraw_duties(read, FINE, make.disclosed(FINE, "2020-04-08"), ENDED) == []


def test_disclosed_that_day_is_public_that_day(read: Reading) -> None:
    assert len(withdraw_duties(read, FINE, make.disclosed(FINE, "2020-04-07"), ENDED)) == 1


def test_withdrawn_by_the_day_before_it_is_not_public(read: Reading) -> None:
    assert withdraw_duties(read, FINE, SHOWN, make.withdrawn(FINE, "2020-04-06"), ENDED) == []
    assert len(withdraw_duties(read, FINE, SHOWN, make.withdrawn(FINE, "2020-04-07"), ENDED)) == 1


def test_withdrawn_and_disclosed_again_it_is_public(read: Reading) -> None:
    said = (FINE, SHOWN, make.withdrawn(FINE, "2020-03-10"), make.disclosed(FINE, "2020-03-12"), ENDED)
    assert len(withdraw_duties(read, *said)) == 1


CHANGED = make.corrected(FINE, "2020-04-07", {"remark": '"改"'})


def test_a_correction_of_a_disclosed_act_is_met_by_withdrawal_or_later_disclosure(read: Reading) -> None:
    (duty,) = withdraw_duties(read, FINE, SHOWN, CHANGED, make.disclosed(FINE, "2020-04-09"))
    assert (duty.fulfilled_on, duty.status) == (date(2020, 4, 9), "met")
    (duty,) = withdraw_duties(read, FINE, SHOWN, CHANGED, make.withdrawn(FINE, "2020-04-08"), make.disclosed(FINE, "2020-04-09"))
    assert duty.fulfilled_on == date(2020, 4, 8)


def test_a_later_disclosure_is_one_after_the_day_of_the_correction(read: Reading) -> None:
    (duty,) = withdraw_duties(read, FINE, SHOWN, CHANGED, make.disclosed(FINE, "2020-04-07"))
    assert duty.status == "overdue"


def test_a_later_disclosure_does_not_fulfil_the_duty_after_a_revocation(read: Reading) -> None:
    (duty,) = withdraw_duties(read, FINE, SHOWN, ENDED, make.disclosed(FINE, "2020-04-08"))
    assert duty.status == "overdue"


def test_each_correction_has_a_duty_of_its_own(read: Reading) -> None:
    second = make.corrected(FINE, "2020-04-20", {"remark": '"再改"'})
    assert [one.started_on for one in withdraw_duties(read, FINE, SHOWN, CHANGED, second)] == [date(2020, 4, 7), date(2020, 4, 20)]


def test_a_restatement_causes_no_withdraw_duty(read: Reading) -> None:
    assert withdraw_duties(read, FINE, SHOWN, FINE.but(remark="改")) == []


def test_correcting_a_follow_up_causes_no_withdraw_duty(read: Reading) -> None:
    log = log_of(FINE)
    shown = log.push(SHOWN)
    log.push(make.corrected(FINE, "2020-04-07", {"channel": '"网站"'}, target=shown))
    assert {one.duty for one in read(log.events).duties(date(2022, 1, 1))} == {"disclose"}


def test_unsaying_a_statement_causes_no_withdraw_duty(read: Reading) -> None:
    log = log_of(FINE, SHOWN)
    again = log.push(make.disclosed(FINE, "2020-03-09"))
    log.push(make.revoked(FINE, "2020-04-07", target=again))
    assert {one.duty for one in read(log.events).duties(date(2022, 1, 1))} == {"disclose"}


def test_a_correction_without_effect_causes_no_withdraw_duty(read: Reading) -> None:
    assert withdraw_duties(read, FINE, SHOWN, make.corrected(FINE, "2020-04-07", {"fine_amount": '"-1.00"'})) == []


def test_a_replaced_revocation_causes_no_duty_the_replacing_one_does(read: Reading) -> None:
    (duty,) = withdraw_duties(read, FINE, SHOWN, ENDED, make.revoked(FINE, "2020-04-20"))
    assert duty.started_on == date(2020, 4, 20)


def test_void_and_lapsed_do_not_apply_to_withdraw(read: Reading) -> None:
    duties = withdraw_duties(read, FINE, SHOWN, CHANGED, make.revoked(FINE, "2020-04-08"))
    assert [one.status for one in duties] == ["overdue", "overdue"]


def test_any_disclosed_kind_is_withdrawn(read: Reading) -> None:
    act = make.commitment(ON)
    assert len(withdraw_duties(read, act, make.disclosed(act, "2020-03-05"), make.revoked(act, "2020-04-07"))) == 1
