"""Lists, rule by rule."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from projections.record import fold
from tests.core import builders as make
from tests.core.adapter import policy
from tests.core.builders import COURT, MARKET, PERSON, SPORT, Statement, day, log_of
from tests.core.meaning import Reading
from tests.core.oracle import LISTS, Entry

LIST = "market-regulation-serious"
FINE = make.penalty("2020-01-02", by=MARKET)


def decided(on: str = "2020-03-02", number: int = 1, **changes: Any) -> Statement:
    return make.listing(on, changes.pop("list", LIST), number, **{"by": MARKET, "basis_act_ids": [FINE.act_id], **changes})


ENTRY = decided()


def entries(read: Reading, *said: Statement) -> dict[str, Entry]:
    return read(log_of(FINE, *said).events).entries()


def entry(read: Reading, *said: Statement) -> Entry:
    return entries(read, *said)[ENTRY.act_id]


def end(read: Reading, *said: Statement) -> tuple[str | None, str | None]:
    found = entry(read, *said)
    return (found.listed_to.isoformat() if found.listed_to else None), found.end_reason


def test_a_decision_opens_an_entry_on_its_day(read: Reading) -> None:
    found = entry(read, ENTRY)
    assert (found.entry_id, found.list, found.listed_from) == (ENTRY.act_id, LIST, date(2020, 3, 2))
    assert found.irregularities == frozenset()


def test_it_ends_after_its_own_term(read: Reading) -> None:
    assert end(read, decided(term_months=6)) == ("2020-09-02", "term")


@pytest.mark.parametrize(
    ("list_id", "until"),
    [
        (LIST, "2023-03-02"),
        ("judgment-defaulter", "2023-03-02"),
        ("watch", "2021-03-02"),
        ("honour-taxpayer-a", "2021-03-02"),
        ("honour-customs-aeo", "2023-03-02"),
    ],
)
def test_without_a_term_it_ends_after_the_lists_longest(read: Reading, list_id: str, until: str) -> None:
    assert end(read, decided(list=list_id)) == (until, "term")


@pytest.mark.parametrize(
    ("on", "months", "until"),
    [
        ("2020-01-31", 1, "2020-02-29"),
        ("2021-01-31", 1, "2021-02-28"),
        ("2020-02-29", 12, "2021-02-28"),
        ("2020-08-31", 6, "2021-02-28"),
        ("2021-02-28", 12, "2022-02-28"),
    ],
)
def test_months_are_the_same_day_or_the_last_of_the_month(read: Reading, on: str, months: int, until: str) -> None:
    assert end(read, decided(on, term_months=months)) == (until, "term")


def test_intervals_are_half_open(read: Reading) -> None:
    meaning = read(log_of(decided(term_months=6)).events)
    asked = ["2020-03-01", "2020-03-02", "2020-09-01", "2020-09-02"]
    assert [meaning.listed(day(one), "serious") for one in asked] == [False, True, True, False]


def test_a_removal_that_names_the_entry_ends_it(read: Reading) -> None:
    assert end(read, ENTRY, make.removal("2020-06-01", LIST, 1, ENTRY)) == ("2020-06-01", "removed")


def test_a_revocation_ends_it(read: Reading) -> None:
    assert end(read, ENTRY, make.revoked(ENTRY, "2020-06-01")) == ("2020-06-01", "revoked")


def test_the_first_end_counts(read: Reading) -> None:
    removed = make.removal("2020-06-01", LIST, 1, ENTRY)
    assert end(read, ENTRY, removed, make.revoked(ENTRY, "2020-05-01")) == ("2020-05-01", "revoked")
    assert end(read, decided(term_months=1), removed) == ("2020-04-02", "term")


def test_on_a_tie_removed_before_revoked_before_term(read: Reading) -> None:
    short = decided(term_months=3)
    removed, revoked = make.removal("2020-06-02", LIST, 1, ENTRY), make.revoked(ENTRY, "2020-06-02")
    assert end(read, short, removed, revoked) == ("2020-06-02", "removed")
    assert end(read, short, revoked) == ("2020-06-02", "revoked")


def test_a_removal_that_names_only_the_list_ends_every_entry_open_that_day(read: Reading) -> None:
    found = entries(
        read,
        decided(term_months=3),
        decided("2020-04-01", 2),
        decided("2020-07-01", 3),
        decided("2020-04-01", 4, list="watch"),
        make.removal("2020-06-10", LIST),
    )
    assert {one.listed_from.isoformat() + one.list: one.end_reason for one in found.values()} == {
        f"2020-03-02{LIST}": "term",
        f"2020-04-01{LIST}": "removed",
        f"2020-07-01{LIST}": "term",
        "2020-04-01watch": "term",
    }


def test_open_that_day_means_but_for_other_removals(read: Reading) -> None:
    said = (ENTRY, make.removal("2020-05-01", LIST, 1, ENTRY), make.removal("2020-06-01", LIST, 2))
    assert end(read, *said) == ("2020-06-01", "removed")


def test_an_entry_that_ends_on_the_day_is_not_open_that_day(read: Reading) -> None:
    assert end(read, decided(term_months=3), make.removal("2020-06-02", LIST)) == ("2020-06-02", "term")


def test_an_entry_that_begins_on_the_day_is_open_that_day(read: Reading) -> None:
    found = entry(read, ENTRY, make.removal("2020-03-02", LIST))
    assert (found.listed_to, found.end_reason) == (date(2020, 3, 2), "removed")
    assert "ends_before_start" not in found.irregularities


def test_of_several_removals_of_one_entry_the_later_recorded_replaces_the_earlier(read: Reading) -> None:
    first, second = make.removal("2020-06-01", LIST, 1, ENTRY), make.removal("2020-08-01", LIST, 2, ENTRY)
    assert end(read, ENTRY, first, second) == ("2020-08-01", "removed")
    assert end(read, ENTRY, second, first) == ("2020-06-01", "removed")


@pytest.mark.parametrize("void", [True, False])
def test_a_revoked_removal_never_was(read: Reading, void: bool) -> None:
    removed = make.removal("2020-06-01", LIST, 1, ENTRY)
    assert end(read, ENTRY, removed, make.revoked(removed, "2020-09-01", void)) == ("2023-03-02", "term")


def test_without_the_later_removal_the_earlier_holds_again(read: Reading) -> None:
    first, second = make.removal("2020-06-01", LIST, 1, ENTRY), make.removal("2020-08-01", LIST, 2, ENTRY)
    assert end(read, ENTRY, first, second, make.revoked(second, "2020-09-01")) == ("2020-06-01", "removed")


def test_a_removal_recorded_before_the_decision_counts(read: Reading) -> None:
    assert end(read, make.removal("2020-06-01", LIST, 1, ENTRY), ENTRY) == ("2020-06-01", "removed")


def test_a_corrected_removal_moves_the_end(read: Reading) -> None:
    removed = make.removal("2020-06-01", LIST, 1, ENTRY)
    moved = make.corrected(removed, "2020-07-01", {"removed_on": '"2020-05-01"'})
    assert end(read, ENTRY, removed, moved) == ("2020-05-01", "removed")


def test_an_entry_never_ends_before_it_starts_and_is_then_empty(read: Reading) -> None:
    found = entry(read, ENTRY, make.removal("2020-02-01", LIST, 1, ENTRY))
    assert (found.listed_from, found.listed_to) == (date(2020, 3, 2), date(2020, 3, 2))
    assert found.irregularities == {"ends_before_start"}


def test_an_empty_entry_lists_nobody(read: Reading) -> None:
    meaning = read(log_of(ENTRY, make.removal("2020-02-01", LIST, 1, ENTRY)).events)
    assert not any(meaning.listed(date(2020, 3, number), "serious") for number in (1, 2, 3))


def test_a_voided_entry_is_not_shown_at_all(read: Reading) -> None:
    assert entries(read, ENTRY, make.revoked(ENTRY, "2020-06-01", void=True)) == {}


def test_entries_may_overlap_and_the_subject_is_listed_while_any_is_open(read: Reading) -> None:
    meaning = read(log_of(decided(term_months=3), decided("2020-05-01", 2, term_months=3)).events)
    asked = ["2020-06-01", "2020-06-02", "2020-07-31", "2020-08-01"]
    assert [meaning.listed(day(one), "serious") for one in asked] == [True, True, True, False]


def test_a_corrected_term_moves_the_end(read: Reading) -> None:
    assert end(read, ENTRY, make.corrected(ENTRY, "2020-07-01", {"term_months": "6"})) == ("2020-09-02", "term")


# --- irregularities -------------------------------------------------------------------------------------------------


def irregularities(read: Reading, *said: Statement) -> frozenset[str]:
    return entry(read, *said).irregularities


def test_a_decision_from_2020_12_18_needs_a_notice(read: Reading) -> None:
    assert irregularities(read, decided("2020-12-17")) == frozenset()
    assert irregularities(read, decided("2020-12-18")) == {"no_prior_notice"}


def test_a_notice_is_due_on_serious_and_watch_lists_only(read: Reading) -> None:
    assert irregularities(read, decided("2021-03-02", list="watch")) == {"no_prior_notice"}
    assert irregularities(read, decided("2021-03-02", list="honour-taxpayer-a")) == frozenset()


@pytest.mark.parametrize(("on", "missing"), [("2021-02-01", False), ("2021-03-01", False), ("2021-03-02", True)])
def test_the_notice_is_dated_before_the_decision_day(read: Reading, on: str, missing: bool) -> None:
    assert ("no_prior_notice" in irregularities(read, decided("2021-03-02"), make.noticed(on, LIST))) == missing


def test_the_notice_is_about_the_same_list(read: Reading) -> None:
    assert irregularities(read, decided("2021-03-02"), make.noticed("2021-02-01", "watch")) == {"no_prior_notice"}


@pytest.mark.parametrize(("on", "missing"), [("2021-01-31", True), ("2021-02-01", True), ("2021-02-02", False)])
def test_the_notice_is_dated_after_the_previous_decision_on_that_list(read: Reading, on: str, missing: bool) -> None:
    found = irregularities(read, decided("2021-03-02"), decided("2021-02-01", 2), make.noticed(on, LIST))
    assert ("no_prior_notice" in found) == missing


@pytest.mark.parametrize(("on", "missing"), [("2021-01-15", True), ("2021-02-15", False)])
def test_of_several_earlier_decisions_the_last_is_the_previous(read: Reading, on: str, missing: bool) -> None:
    said = (decided("2021-03-02"), decided("2021-01-04", 2), decided("2021-02-01", 3), make.noticed(on, LIST))
    assert ("no_prior_notice" in irregularities(read, *said)) == missing


def test_a_decision_on_another_list_uses_up_no_notice(read: Reading) -> None:
    other = decided("2021-02-01", 2, list="watch")
    assert irregularities(read, decided("2021-03-02"), other, make.noticed("2021-01-04", LIST)) == frozenset()


def test_a_notice_that_was_revoked_by_then_is_none(read: Reading) -> None:
    notice = make.noticed("2021-02-01", LIST)
    said = (decided("2021-03-02"), notice)
    assert irregularities(read, *said, make.revoked(notice, "2021-03-01")) == {"no_prior_notice"}
    assert irregularities(read, *said, make.revoked(notice, "2021-03-02")) == {"no_prior_notice"}


def test_a_notice_that_was_revoked_after_the_decision_was_there_in_time(read: Reading) -> None:
    notice = make.noticed("2021-02-01", LIST)
    assert irregularities(read, decided("2021-03-02"), notice, make.revoked(notice, "2021-03-03")) == frozenset()


def test_no_basis_act_that_the_log_knows_as_made(read: Reading) -> None:
    waiting = make.penalty("2020-01-02", 7, by=MARKET)
    assert irregularities(read, decided(basis_act_ids=[])) == {"no_known_basis"}
    assert irregularities(read, decided(basis_act_ids=["penalty/x/y"])) == {"no_known_basis"}
    assert irregularities(read, decided(basis_act_ids=[waiting.act_id]), make.disclosed(waiting, "2020-01-03")) == {
        "no_known_basis"
    }
    assert irregularities(read, decided(basis_act_ids=["penalty/x/y", FINE.act_id])) == frozenset()


def test_a_basis_of_another_subject_is_no_known_basis(read: Reading) -> None:
    theirs = make.penalty("2020-01-02", 7, by=MARKET, subject_id=make.OTHER_SUBJECT)
    log = log_of(decided(basis_act_ids=[theirs.act_id]))
    assert read(log.events).entries()[ENTRY.act_id].irregularities == {"no_known_basis"}


def test_a_listing_that_rests_only_on_void_acts_stays_and_says_so(read: Reading) -> None:
    gone = make.revoked(FINE, "2020-06-01", void=True)
    assert irregularities(read, ENTRY, gone) == {"basis_void"}
    assert irregularities(read, decided(basis_act_ids=[FINE.act_id, "penalty/x/y"]), gone) == {"basis_void"}
    assert end(read, ENTRY, gone) == ("2023-03-02", "term")


def test_one_known_basis_that_is_not_void_is_enough(read: Reading) -> None:
    second = make.penalty("2020-01-02", 7, by=MARKET)
    both = decided(basis_act_ids=[FINE.act_id, second.act_id])
    assert irregularities(read, both, second, make.revoked(FINE, "2020-06-01", void=True)) == frozenset()


def test_a_basis_revoked_but_not_void_is_still_a_basis(read: Reading) -> None:
    assert irregularities(read, ENTRY, make.revoked(FINE, "2020-06-01")) == frozenset()


def test_irregularities_of_the_act_are_shown_on_its_entry(read: Reading) -> None:
    bad = make.corrected(ENTRY, "2020-06-01", {"term_months": "37"})
    other = ENTRY.but(source_id=COURT[0], reason="另有事由")
    assert irregularities(read, ENTRY, bad, other) == {"invalid_correction", "conflicting_sources"}


@pytest.mark.parametrize(
    ("list_id", "by", "competent"),
    [
        (LIST, MARKET, True),
        (LIST, COURT, False),
        ("judgment-defaulter", COURT, True),
        ("judgment-defaulter", MARKET, False),
        ("ecommerce-serious", SPORT, True),
        ("watch", SPORT, True),
        ("honour-taxpayer-a", SPORT, True),
    ],
)
def test_who_may_decide(read: Reading, list_id: str, by: tuple[str, str], competent: bool) -> None:
    act = make.listing("2020-03-02", list_id, by=by, basis_act_ids=[FINE.act_id])
    (found,) = read(log_of(FINE, act).events).entries().values()
    assert ("not_competent" not in found.irregularities) == competent


# --- responsible persons and the catalogue --------------------------------------------------------------------------


def test_a_responsible_person_is_named_by_the_entry_but_not_listed_and_under_no_ceiling() -> None:
    act = decided(responsible_persons=[PERSON], responsible_person_masks=["张*"])
    own = make.penalty("2020-01-02", 9, subject_id=PERSON, subject_kind="natural_person", severity="minor")
    events = log_of(own, act).events
    (found,) = fold(make.SUBJECT, events, policy()).entries
    assert [one[0] for one in found.responsible] == [PERSON]
    person = fold(PERSON, events, policy())
    assert person.entries == ()
    assert {one.grade for one in person.grades} == {"B"}


def test_the_catalogue_has_the_lists_with_their_effects_and_longest_terms() -> None:
    for list_id, (effect, longest, _) in LISTS.items():
        (found,) = (one for one in policy().lists.rules if one.id == list_id)
        assert (found.effect, found.longest_term_months) == (effect, longest)
