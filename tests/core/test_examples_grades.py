"""Grades and severity, rule by rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from tests.core import builders as make
from tests.core import oracle
from tests.core.adapter import FoldMeaning
from tests.core.builders import Log, Statement, day, log_of
from tests.core.meaning import Reading

LIST = "ecommerce-serious"
ON = "2020-03-02"
EARLY = make.registered("2018-01-02")


def score(read: Reading, asked: str, *said: Statement) -> Any:
    found = read(log_of(EARLY, *said).events).grade(day(asked))
    assert found is not None
    return found.score


def letter(read: Reading, asked: str, *said: Statement) -> str:
    found = read(log_of(EARLY, *said).events).grade(day(asked))
    assert found is not None
    return found.grade


# --- when -----------------------------------------------------------------------------------------------------------


def test_grades_begin_with_the_first_version(read: Reading) -> None:
    meaning = read(log_of(EARLY).events)
    assert meaning.grade(date(2019, 7, 8)) is None
    found = meaning.grade(date(2019, 7, 9))
    assert found is not None
    assert found.score == 80
    assert found.grade == "B"
    assert not found.reasons


def test_or_with_the_first_act_where_that_is_later(read: Reading) -> None:
    meaning = read(log_of(make.licence(ON)).events)
    assert meaning.grade(date(2020, 3, 1)) is None
    assert meaning.grade(date(2020, 3, 2)) is not None


def test_the_first_act_as_corrected(read: Reading) -> None:
    act = make.licence(ON)
    meaning = read(log_of(act, make.corrected(act, "2020-06-01", {"occurred_on": '"2020-02-03"'})).events)
    assert meaning.grade(date(2020, 2, 3)) is not None


def test_an_act_counts_from_its_own_day_on(read: Reading) -> None:
    act = make.penalty(ON, severity="general")
    assert (score(read, "2020-03-01", act), score(read, ON, act)) == (80, 70)


def test_acts_before_the_first_version_count_by_their_age(read: Reading) -> None:
    act = make.penalty("2018-07-09", severity="general")
    assert score(read, "2019-07-09", act) == 75


# --- points ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "points"),
    [
        (make.penalty(ON, severity="minor"), [("2020-03-02", -3), ("2021-03-01", -3), ("2021-03-02", 0)]),
        (
            make.penalty(ON, severity="general"),
            [("2020-03-02", -10), ("2021-03-01", -10), ("2021-03-02", -5), ("2023-03-01", -5), ("2023-03-02", 0)],
        ),
        (make.penalty(ON, severity="serious"), [("2020-03-02", -30), ("2023-03-01", -30), ("2023-03-02", 0)]),
        (make.inspection(ON, result="failed_corrected"), [("2020-03-02", -2), ("2021-03-01", -2), ("2021-03-02", 0)]),
        (make.inspection(ON, result="failed"), [("2020-03-02", -6), ("2021-03-01", -6), ("2021-03-02", 0)]),
        (make.inspection(ON, result="passed"), [("2020-03-02", 0)]),
        (make.inspection(ON), [("2020-03-02", 0)]),
        (make.breached(ON, kind="breach"), [("2020-03-02", -10), ("2023-03-01", -10), ("2023-03-02", 0)]),
        (make.breached(ON, kind="false"), [("2020-03-02", -20), ("2023-03-01", -20), ("2023-03-02", 0)]),
        (make.licence(ON), [("2020-03-02", 0)]),
        (make.commitment(ON), [("2020-03-02", 0)]),
        (make.listing(ON, "honour-taxpayer-a"), [("2020-03-02", 0)]),
    ],
)
def test_a_rule_gives_points_in_steps_by_age(read: Reading, said: Statement, points: list[tuple[str, int]]) -> None:
    assert [(asked, score(read, asked, said) - 80) for asked, _ in points] == points


def test_a_month_ends_on_its_last_day(read: Reading) -> None:
    act = make.penalty("2020-02-29", severity="minor")
    assert (score(read, "2021-02-27", act), score(read, "2021-02-28", act)) == (77, 80)


def test_a_fulfilled_commitment_gives_points_from_its_own_day(read: Reading) -> None:
    act = make.commitment(ON)
    said = (act, make.fulfilled(act, "2020-09-01"))
    asked = ["2020-08-31", "2020-09-01", "2022-08-31", "2022-09-01"]
    assert [score(read, one, *said) for one in asked] == [80, 82, 82, 80]


def test_only_acts_dated_on_or_before_the_day_count(read: Reading) -> None:
    act = make.commitment(ON)
    said = (act, make.fulfilled(act, "2020-02-03"))
    assert [score(read, one, *said) for one in ("2020-02-03", "2020-03-01", ON)] == [80, 80, 82]


def test_an_act_gives_the_points_of_a_rule_once_and_the_later_recorded_statement_wins(read: Reading) -> None:
    act = make.commitment(ON)
    said = (act, make.fulfilled(act, "2020-04-01"), make.fulfilled(act, "2020-06-01"))
    assert [score(read, one, *said) for one in ("2020-05-01", "2020-06-01", "2022-05-01")] == [80, 82, 82]


def test_points_stop_when_the_act_is_revoked(read: Reading) -> None:
    act = make.commitment(ON)
    said = (act, make.fulfilled(act, "2020-04-01"), make.revoked(act, "2020-05-01"))
    assert [score(read, one, *said) for one in ("2020-04-30", "2020-05-01")] == [82, 80]


def test_an_act_revoked_before_its_day_gives_no_points(read: Reading) -> None:
    act = make.penalty(ON, severity="general")
    assert score(read, ON, act, make.revoked(act, "2020-02-03")) == 80


def test_conditions_are_tested_on_the_corrected_act(read: Reading) -> None:
    act = make.inspection(ON, result="failed")
    assert score(read, ON, act, make.corrected(act, "2020-06-01", {"result": '"passed"'})) == 80


# --- groups and the score -------------------------------------------------------------------------------------------


def many(count: int, build: Any, **fields: Any) -> list[Statement]:
    return [build(ON, number, **fields) for number in range(count)]


def test_contributions_of_a_group_add_up_to_its_cap(read: Reading) -> None:
    assert score(read, ON, *many(3, make.inspection, result="failed")) == 62
    assert score(read, ON, *many(4, make.inspection, result="failed")) == 60
    assert score(read, ON, *many(3, make.breached, kind="false")) == 40


def test_the_score_is_never_below_0(read: Reading) -> None:
    said = [*many(3, make.penalty, severity="serious"), *many(4, make.inspection, result="failed")]
    assert score(read, ON, *said) == 0


def test_groups_are_capped_upwards_too(read: Reading) -> None:
    promises = many(25, make.commitment)
    assert score(read, ON, *promises, *(make.fulfilled(one, ON) for one in promises)) == 100


def test_within_a_group_good_and_bad_add_up_before_the_cap(read: Reading) -> None:
    promise = make.commitment(ON)
    said = [*many(3, make.breached, kind="false"), promise, make.fulfilled(promise, ON)]
    assert score(read, ON, *said) == 40


@pytest.mark.parametrize(
    ("count", "points", "grade"),
    [
        (0, 80, "B"),
        (1, 70, "B"),
        (2, 60, "C"),
        (3, 50, "C"),
        (4, 40, "D"),
    ],
)
def test_the_first_threshold_not_above_the_score_names_the_grade(read: Reading, count: int, points: int, grade: str) -> None:
    said = many(count, make.penalty, severity="general")
    assert (score(read, ON, *said), letter(read, ON, *said)) == (points, grade)


def test_a_from_90(read: Reading) -> None:
    promises = many(5, make.commitment)
    done = [make.fulfilled(one, ON) for one in promises]
    assert letter(read, ON, *promises, *done[:4]) == "B"
    assert letter(read, ON, *promises, *done) == "A"


# --- ceilings -------------------------------------------------------------------------------------------------------


def test_on_a_serious_list_the_lowest_grade(read: Reading) -> None:
    said = make.listing(ON, LIST, term_months=3)
    asked = ["2020-03-01", ON, "2020-06-01", "2020-06-02"]
    assert [letter(read, one, said) for one in asked] == ["B", "D", "D", "B"]
    assert score(read, ON, said) == 80


def test_on_the_watch_list_at_most_the_last_but_one(read: Reading) -> None:
    said = make.listing(ON, "watch", term_months=3)
    assert letter(read, ON, said) == "C"
    assert letter(read, ON, said, *many(4, make.penalty, severity="general")) == "D"


def test_the_serious_ceiling_holds_where_both_are_open(read: Reading) -> None:
    assert letter(read, ON, make.listing(ON, LIST, 1), make.listing(ON, "watch", 2)) == "D"


def test_an_honour_changes_no_grade(read: Reading) -> None:
    assert letter(read, ON, make.listing(ON, "honour-customs-aeo")) == "B"


def test_a_voided_listing_puts_no_ceiling(read: Reading) -> None:
    act = make.listing(ON, LIST)
    assert letter(read, ON, act, make.revoked(act, "2020-06-01", void=True)) == "B"


# --- the version of 2026-04-01 --------------------------------------------------------------------------------------


def test_the_version_in_force_on_the_day_applies_to_all_acts(read: Reading) -> None:
    act = make.penalty("2025-03-02", severity="general")
    asked = ["2026-03-01", "2026-03-02", "2026-03-31", "2026-04-01"]
    assert [score(read, one, act) for one in asked] == [70, 75, 75, 80]


def test_from_2026_04_01_minor_penalties_count_for_3_months(read: Reading) -> None:
    act = make.penalty("2025-12-31", severity="minor")
    assert [score(read, one, act) for one in ("2026-03-31", "2026-04-01")] == [77, 80]
    act = make.penalty("2026-01-15", severity="minor")
    assert [score(read, one, act) for one in ("2026-04-14", "2026-04-15")] == [77, 80]


def test_from_2026_04_01_serious_penalties_and_breaches_count_as_before(read: Reading) -> None:
    said = (make.penalty("2025-03-02", severity="serious"), make.breached("2025-03-02"))
    assert [score(read, one, *said) for one in ("2026-03-31", "2026-04-01", "2028-03-01", "2028-03-02")] == [40, 40, 40, 80]


# --- severity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({}, -10),
        ({"penalty_categories": ["warning"]}, -3),
        ({"penalty_categories": ["public_criticism"]}, -3),
        ({"penalty_categories": ["fine"], "fine_amount": Decimal("9999.99")}, -3),
        ({"penalty_categories": ["fine"], "fine_amount": Decimal("10000.00")}, -10),
        ({"penalty_categories": ["fine"], "fine_amount": Decimal("999999.99")}, -10),
        ({"penalty_categories": ["fine"], "fine_amount": Decimal("1000000.00")}, -30),
        ({"penalty_categories": ["warning", "fine"], "fine_amount": Decimal("500.00")}, -3),
        ({"penalty_categories": ["fine"]}, -10),
        ({"fine_amount": Decimal("500.00")}, -3),
        ({"penalty_categories": ["fine", "confiscate_gains"], "fine_amount": Decimal("500.00")}, -10),
        ({"penalty_categories": ["fine"], "fine_amount": Decimal("500.00"), "confiscated_amount": Decimal("1.00")}, -10),
        ({"penalty_categories": ["other"]}, -10),
        ({"penalty_categories": ["detention"]}, -10),
        ({"penalty_categories": ["restrict_business"]}, -10),
        ({"penalty_categories": ["revoke_licence"]}, -30),
        ({"penalty_categories": ["suspend_licence"]}, -30),
        ({"penalty_categories": ["order_closure"]}, -30),
        ({"penalty_categories": ["stop_business"]}, -30),
        ({"penalty_categories": ["warning", "ban_from_practice"]}, -30),
        ({"penalty_categories": ["revoke_licence"], "severity": "minor"}, -3),
        ({"penalty_categories": ["warning"], "severity": "serious"}, -30),
    ],
)
def test_severity_is_decided_by_what_is_imposed_where_it_is_not_stated(read: Reading, fields: dict[str, Any], points: int) -> None:
    assert score(read, ON, make.penalty(ON, **fields)) - 80 == points


@pytest.mark.parametrize(("amount", "points"), [("999.99", -3), ("1000.00", -10)])
def test_a_natural_persons_fine_is_minor_below_1000(read: Reading, amount: str, points: int) -> None:
    act = make.penalty(
        ON, penalty_categories=["fine"], fine_amount=Decimal(amount), subject_id=make.PERSON, subject_kind="natural_person"
    )
    found = read(log_of(act).events).grade(day(ON))
    assert found is not None
    assert found.score - 80 == points


# --- reasons --------------------------------------------------------------------------------------------------------


def test_reasons_name_the_event_its_points_and_when_they_count(read: Reading) -> None:
    log = Log()
    fine = log.push(make.penalty(ON, severity="general"))
    promise = make.commitment(ON)
    log.push(promise)
    done = log.push(make.fulfilled(promise, ON))
    found = read(log.events).grade(day("2021-06-01"))
    assert found is not None
    assert sorted(found.reasons, key=lambda reason: reason[1]) == [
        (fine, Fraction(-5), date(2021, 3, 2), date(2023, 3, 2)),
        (done, Fraction(2), date(2020, 3, 2), date(2022, 3, 2)),
    ]


def test_reasons_are_clipped_by_revocation(read: Reading) -> None:
    act = make.penalty(ON, severity="general")
    found = read(log_of(act, make.revoked(act, "2020-06-01")).events).grade(day(ON))
    assert found is not None
    assert [reason[2:] for reason in found.reasons] == [(date(2020, 3, 2), date(2020, 6, 1))]


def test_adjacent_days_with_the_same_score_grade_and_reasons_are_one_interval() -> None:
    grades = FoldMeaning(log_of(make.penalty("2020-03-02", severity="minor")).events).record.grades
    assert [(one.score, one.valid_from, one.valid_to) for one in grades] == [
        (77, date(2020, 3, 2), date(2021, 3, 2)),
        (80, date(2021, 3, 2), None),
    ]


def test_the_oracle_walks_to_the_same_day_of_a_later_month() -> None:
    assert oracle.add_months(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert oracle.add_months(date(2020, 2, 29), 12) == date(2021, 2, 28)
    assert oracle.add_months(date(2019, 12, 1), 3) == date(2020, 3, 1)
