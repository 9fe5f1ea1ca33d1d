"""The made-up organisations and statements of the tests are valid; what the oracle stands on; what no case can say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from projections.grades.severity import severity_of
from projections.lists.lists import lists_of
from projections.record import fold
from schemas import wire
from schemas.catalogue import BY_NAME
from schemas.identifiers import is_uscc
from tests.core import builders as make
from tests.core import oracle
from tests.core.adapter import policy
from tests.core.builders import CREDIT_OFFICE, MARKET, PERSON, SPORT, log_of

LIST = "market-regulation-serious"


def test_the_made_up_organisations_have_valid_codes() -> None:
    for code in (make.SUBJECT, make.OTHER_SUBJECT, MARKET[0], SPORT[0], CREDIT_OFFICE[0]):
        assert is_uscc(code)


def test_every_event_has_a_builder_whose_statement_fits_its_schema() -> None:
    names = set()
    for said in make.one_of_each(LIST):
        assert wire.decode(wire.encode(said.name, said.value)) == (said.name, said.value)
        names.add(said.name)
    assert names == set(BY_NAME)


def test_the_oracle_walks_to_the_same_day_of_a_later_month() -> None:
    assert oracle.add_months(date(2020, 1, 31), 1) == date(2020, 2, 29)
    assert oracle.add_months(date(2020, 2, 29), 12) == date(2021, 2, 28)
    assert oracle.add_months(date(2019, 12, 1), 3) == date(2020, 3, 1)


def test_a_natural_persons_fine_is_minor_below_1000() -> None:
    def of(amount: str, person: bool) -> str:
        content = make.penalty("2020-03-02", penalty_categories=["fine"], fine_amount=Decimal(amount)).value
        return severity_of(policy()).of(content, date(2020, 3, 2), person=person)

    assert [of("999.99", True), of("1000.00", True), of("1000.00", False)] == ["minor", "general", "minor"]


@pytest.mark.parametrize(
    ("day", "changes", "expected"),
    [
        ("2019-06-30", {"penalty_categories": ["stop_business"], "area": "food"}, "serious"),
        ("2019-07-01", {"penalty_categories": ["stop_business"], "area": "food"}, "special"),
        ("2023-04-30", {"penalty_categories": ["stop_business"], "area": "food"}, "special"),
        ("2023-05-01", {"penalty_categories": ["stop_business"], "area": "food"}, "serious"),
        ("2020-03-02", {"penalty_categories": ["stop_business"], "area": "special_equipment"}, "serious"),
        ("2020-03-02", {"penalty_categories": ["suspend_licence"], "area": "food"}, "serious"),
        ("2020-03-02", {"penalty_categories": ["revoke_licence"], "violation_type": "销售假疫苗"}, "special"),
        ("2020-03-02", {"penalty_categories": ["revoke_licence"], "penalty_basis": "《消防法》第六十条"}, "special"),
        ("2020-03-02", {"penalty_categories": ["revoke_licence"], "violation_type": "特种设备消防"}, "serious"),
        ("2020-03-02", {"penalty_categories": ["revoke_licence"], "area": "food", "severity": "minor"}, "minor"),
        ("2020-03-02", {"penalty_categories": ["no_penalty"], "severity": "serious"}, "none"),
        ("2020-03-02", {"penalty_categories": ["no_penalty"], "fine_amount": Decimal("1.00")}, "general"),
        ("2020-03-02", {"penalty_categories": ["no_penalty", "warning"]}, "general"),
    ],
)
def test_how_grave_a_penalty_is(day: str, changes: dict[str, Any], expected: str) -> None:
    content = make.penalty(day, **changes).value
    assert severity_of(policy()).of(content, date.fromisoformat(day), person=False) == expected
    assert oracle.severity({**content, **content["header"]}) == expected


def test_a_responsible_person_is_named_by_the_entry_but_not_listed_and_under_no_ceiling() -> None:
    act = make.listing("2020-03-02", LIST, by=MARKET, responsible_persons=[PERSON], responsible_person_masks=["张*"])
    own = make.penalty("2020-01-02", 9, subject_id=PERSON, subject_kind="natural_person", severity="minor")
    events = log_of(own, act).events
    (found,) = fold(make.SUBJECT, events, policy()).entries
    assert found.responsible == ((PERSON, "张*"),)
    person = fold(PERSON, events, policy())
    assert (person.entries, person.grades) == ((), ())


def test_the_catalogue_has_the_lists_with_their_effects_and_longest_terms() -> None:
    for list_id, (effect, longest, _) in oracle.LISTS.items():
        (found,) = (one for one in lists_of(policy()).rules if one.id == list_id)
        assert (found.effect, found.longest_term_months) == (effect, longest)
