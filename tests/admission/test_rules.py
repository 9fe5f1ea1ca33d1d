"""The rules of admission, one by one and in their order."""

from __future__ import annotations

import re
import timeit
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.admission import REASONS, Rejection, Source, decode, judge, kind_problem
from projections.admission.rules import rules_of
from projections.policy import load, packaged_texts
from schemas import wire
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of
from schemas.release import full
from tests.gate.fakes import OTHER, SUBJECT, event

RULES = rules_of(load({}))
TODAY = date(2024, 5, 6)
ANYONE = Source("local", "本机", on_behalf=True)
LIST = next(rule for rule in RULES.lists.rules if rule.effect == "serious" and rule.longest_term_months)


def reason(name: str, header: Mapping[str, Any] | None = None, source: Source | None = ANYONE, **fields: Any) -> str:
    problem = judge(name, event(name, header, **_needed(name, header or {}) | fields), source, RULES, TODAY)
    if problem is None:
        return ""
    assert problem.message and re.search("[一-鿿]", problem.sentence.zh)
    return f"{problem.reason} {problem.field}"


def _needed(name: str, header: Mapping[str, Any]) -> dict[str, Any]:
    """What an event of this name must state besides its header: its sample's values, on the day on which it occurred."""
    needed = {field: full(name)[field] for field, schema in fields_of(name).items() if "default" not in schema}
    needed |= {field: header.get("occurred_on", date(2024, 5, 1)) for field, value in needed.items() if type(value) is date}
    if name.startswith("Listing"):
        needed["list"] = LIST.id
    return needed | ({"fields": {"remark": '"x"'}} if name == "ActCorrected" else {})


@pytest.mark.parametrize("name", BY_NAME)
def test_every_event_can_be_admitted(name: str) -> None:
    assert reason(name) == ""
    made = event(name, **_needed(name, {}))
    assert decode(wire.encode(name, made)).event == made  # type: ignore[union-attr]


PENALTY = "PenaltyImposed"
CASES = [
    # who pushes
    (PENALTY, {}, {}, None, "unknown_source header.source_id"),
    (PENALTY, {"source_id": " "}, {}, ANYONE, "unknown_source header.source_id"),
    (PENALTY, {}, {}, Source("a", "甲"), "not_entitled header.source_id"),
    (PENALTY, {"source_id": "a"}, {}, Source("a", "甲"), ""),
    (PENALTY, {"source_id": "b"}, {}, Source("a", "甲", on_behalf=True), ""),
    (PENALTY, {"source_id": "a"}, {}, Source("a", "甲", frozenset({"licence"})), "not_entitled header.act_id"),
    ("ActRevoked", {"source_id": "a"}, {}, Source("a", "甲", frozenset({"licence"})), "not_entitled header.act_id"),
    ("ActRevoked", {"source_id": "a"}, {}, Source("a", "甲", frozenset({"penalty"})), ""),
    (PENALTY, {"source_id": "a"}, {}, Source("a", "甲", authorities=("*市场监督管理局",)), ""),
    (PENALTY, {"source_id": "a"}, {}, Source("a", "甲", authorities=("name:某市市场监督管理局",)), ""),
    (PENALTY, {"source_id": "a"}, {}, Source("a", "甲", authorities=("*税务局",)), "not_entitled header.authority_id"),
    ("ActRevoked", {"source_id": "a", "act_id": "penalty/name:某市税务局/1"}, {},
     Source("a", "甲", authorities=("*市场监督管理局",)), "not_entitled header.act_id"),
    ("ActRevoked", {"source_id": "a", "act_id": "penalty/name:某市税务局/1"}, {},
     Source("a", "甲", authorities=("*市场监督管理局", "*税务局")), ""),
    (PENALTY, {"authority_id": OTHER, "authority_name": "某局", "source_id": "a"}, {}, Source("a", "甲", authorities=(OTHER,)), ""),
    # about whom
    (PENALTY, {"subject_id": ""}, {}, ANYONE, "unidentified_subject header.subject_id"),
    (PENALTY, {"subject_id": SUBJECT[:-1] + "4"}, {}, ANYONE, "bad_identifier header.subject_id"),
    (PENALTY, {"subject_id": SUBJECT.lower()}, {}, ANYONE, "bad_identifier header.subject_id"),
    (PENALTY, {"subject_id": "person:张三"}, {}, ANYONE, "bad_identifier header.subject_id"),
    (PENALTY, {}, {"organisation_code": OTHER[8:17]}, ANYONE, "bad_identifier organisation_code"),
    (PENALTY, {}, {"organisation_code": f"{SUBJECT[8:16]}-{SUBJECT[16]}"}, ANYONE, ""),
    (PENALTY, {}, {"organisation_code": "not one"}, ANYONE, ""),
    (PENALTY, {}, {"legal_representative_id": "张三"}, ANYONE, "bad_identifier legal_representative_id"),
    # what is there
    (PENALTY, {"act_id": " "}, {}, ANYONE, "missing_field header.act_id"),
    (PENALTY, {"authority_id": ""}, {}, ANYONE, "missing_field header.authority_id"),
    (PENALTY, {"authority_name": ""}, {}, ANYONE, ""),
    ("ListingDecided", {}, {"list": " "}, ANYONE, "missing_field list"),
    ("MarketBanImposed", {}, {"scope": "sector"}, ANYONE, "missing_field sector"),
    ("MarketBanImposed", {}, {"scope": "sector", "sector": "食品经营"}, ANYONE, ""),
    ("MarketBanImposed", {}, {"scope": "market"}, ANYONE, ""),
    ("ActCorrected", {}, {"fields": {}}, ANYONE, "missing_field fields"),
    ("ActCorrected", {}, {"fields": {"fine_amount": "1e"}}, ANYONE, "undecodable fields.fine_amount"),
    ("ActCorrected", {}, {"fields": {"remark": "[" * 100_000}}, ANYONE, "undecodable fields.remark"),
    ("ActCorrected", {}, {"fields": {"fine_amount": "-1", "nonsense": "{}"}}, ANYONE, ""),
    # when
    (PENALTY, {"occurred_on": TODAY}, {}, ANYONE, ""),
    (PENALTY, {"occurred_on": TODAY + timedelta(1)}, {}, ANYONE, "bad_date header.occurred_on"),
    (PENALTY, {"occurred_on": date(1899, 12, 31)}, {}, ANYONE, "bad_date header.occurred_on"),
    (PENALTY, {}, {"publicity_until": date(2300, 1, 1)}, ANYONE, "bad_date publicity_until"),
    (PENALTY, {}, {"valid_to": date(2024, 4, 30)}, ANYONE, "bad_date valid_to"),
    ("LicenceGranted", {}, {"valid_from": date(2024, 5, 2), "valid_to": date(2024, 5, 1)}, ANYONE, "bad_date valid_to"),
    ("LicenceGranted", {}, {"valid_from": date(2020, 5, 2), "valid_to": date(2021, 5, 1)}, ANYONE, ""),
    ("ActDisclosed", {}, {"disclosed_on": date(2024, 5, 2)}, ANYONE, "bad_date disclosed_on"),
    ("RectificationOrdered", {}, {"due_on": date(2024, 4, 30)}, ANYONE, "bad_date due_on"),
    ("LevyImposed", {}, {"period_from": date(2024, 2, 1), "period_to": date(2024, 1, 31)}, ANYONE, "bad_date period_to"),
    ("CompulsoryMeasureTaken", {}, {"valid_from": date(2024, 6, 2), "valid_to": date(2024, 6, 1)}, ANYONE, "bad_date valid_to"),
    # how much
    (PENALTY, {}, {"fine_amount": Decimal(-1)}, ANYONE, "bad_amount fine_amount"),
    (PENALTY, {}, {"fine_amount": Decimal(0)}, ANYONE, ""),
    (PENALTY, {}, {"confiscated_amount": Decimal(10) ** 18}, ANYONE, "bad_amount confiscated_amount"),
    (PENALTY, {}, {"fine_amount": Decimal("18228000000.00")}, ANYONE, ""),
    (PENALTY, {}, {"fine_amount": Decimal("182280000000000.00")}, ANYONE, "bad_amount fine_amount"),
    (PENALTY, {}, {"confiscated_amount": RULES.amounts.lowest + 1}, ANYONE, "bad_amount confiscated_amount"),
    ("RelationDeclared", {}, {"share": Decimal("100.00")}, ANYONE, ""),
    ("RelationDeclared", {}, {"share": Decimal("100.01")}, ANYONE, "bad_amount share"),
    ("RelationDeclared", {}, {"share": Decimal("-0.01")}, ANYONE, "bad_amount share"),
    # of the catalogue
    (PENALTY, {"openness": "secret"}, {}, ANYONE, "out_of_catalogue header.openness"),
    (PENALTY, {"openness": "government"}, {}, ANYONE, ""),
    ("RatingPublished", {}, {"level": "E"}, ANYONE, "out_of_catalogue level"),
    (PENALTY, {"subject_kind": "company"}, {}, ANYONE, "out_of_catalogue header.subject_kind"),
    (PENALTY, {"jurisdiction": "3301"}, {}, ANYONE, "out_of_catalogue header.jurisdiction"),
    (PENALTY, {"jurisdiction": "330100"}, {}, ANYONE, ""),
    (PENALTY, {"act_id": "licence/name:某市市场监督管理局/1"}, {}, ANYONE, "out_of_catalogue header.act_id"),
    (PENALTY, {"act_id": "penalty/" + "x" * 1000}, {}, ANYONE, "out_of_catalogue header.act_id"),
    (PENALTY, {"source_event_id": "a\nb", "act_id": "penalty/x/1"}, {}, ANYONE, "out_of_catalogue header.source_event_id"),
    (PENALTY, {}, {"severity": "grave"}, ANYONE, "out_of_catalogue severity"),
    (PENALTY, {}, {"severity": "other:x"}, ANYONE, "out_of_catalogue severity"),
    (PENALTY, {}, {"penalty_categories": ["fine", "other", "other:通报"]}, ANYONE, ""),
    (PENALTY, {}, {"penalty_categories": ["fine", "other: "]}, ANYONE, "out_of_catalogue penalty_categories"),
    (PENALTY, {}, {"penalty_categories": ["罚款"]}, ANYONE, "out_of_catalogue penalty_categories"),
    ("ListingDecided", {}, {"list": "no-such-list"}, ANYONE, "out_of_catalogue list"),
    ("ListingDecided", {"occurred_on": date(1990, 1, 1)}, {}, ANYONE, "out_of_catalogue list"),
    ("ListingDecided", {}, {"term_months": 0}, ANYONE, "out_of_catalogue term_months"),
    ("ListingDecided", {}, {"term_months": LIST.longest_term_months}, ANYONE, ""),
    ("ListingDecided", {}, {"term_months": (LIST.longest_term_months or 0) + 1}, ANYONE, "out_of_catalogue term_months"),
    # of persons
    (PENALTY, {}, {"extra": {"联系电话": "13812345678"}}, ANYONE, "personal_data extra.联系电话"),
    (PENALTY, {}, {"extra": {"13812345678": "x"}}, ANYONE, "personal_data extra"),
    (PENALTY, {"legal_basis": ["x", "11010519491231002X"]}, {}, ANYONE, "personal_data header.legal_basis"),
    (PENALTY, {"subject_id": "person:11010519491231002X", "subject_kind": "natural_person"}, {}, ANYONE,
     "personal_data header.subject_id"),
    (PENALTY, {"subject_id": "person:abcdefgh1", "subject_name": "张三"}, {}, ANYONE, "personal_data header.subject_name"),
    (PENALTY, {"subject_id": "person:abcdefgh1", "subject_name": "张*"}, {}, ANYONE, ""),
    (PENALTY, {}, {"legal_representative": "张三"}, ANYONE, "personal_data legal_representative"),
    (PENALTY, {}, {"legal_representative": "张*"}, ANYONE, ""),
    ("ListingDecided", {}, {"responsible_person_masks": ["李*", "张三"]}, ANYONE, "personal_data responsible_person_masks"),
    ("ActCorrected", {}, {"fields": {"remark": '"\\u00313812345678"'}}, ANYONE, "personal_data fields.remark"),
    # the first that fails wins
    (PENALTY, {"subject_id": "", "act_id": "", "authority_id": ""}, {}, Source("a", "甲"), "not_entitled header.source_id"),
    (PENALTY, {"subject_id": ""}, {"severity": "x", "remark": "13812345678"}, ANYONE, "unidentified_subject header.subject_id"),
    (PENALTY, {}, {"severity": "x", "remark": "13812345678"}, ANYONE, "out_of_catalogue severity"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "header", "fields", "source", "expected"), CASES)
def test_case(name: str, header: dict[str, Any], fields: dict[str, Any], source: Source | None, expected: str) -> None:
    assert reason(name, header, source, **fields) == expected


def test_a_message_quotes_no_stranger_but_helps_with_an_organisations_code() -> None:
    person = judge(PENALTY, event(PENALTY, {"subject_id": "11010519491231002X"}), ANYONE, RULES, TODAY)
    assert person is not None
    assert "1949" not in person.message
    typo = judge(PENALTY, event(PENALTY, {"subject_id": SUBJECT.replace("0", "O", 1)}), ANYONE, RULES, TODAY)
    assert typo is not None
    assert f"did you mean {SUBJECT}" in typo.message


def test_reasons_are_closed() -> None:
    with pytest.raises(ValueError, match="not a reason"):
        Rejection("because", "", "")
    assert all(meaning.zh and meaning.en for meaning in REASONS.values())


def test_today_may_be_left_out() -> None:
    later = event(PENALTY, {"occurred_on": TODAY + timedelta(1)})
    assert kind_problem(PENALTY, later, RULES, None) is None
    assert kind_problem(PENALTY, later, RULES, TODAY) is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"fine_amount": "5"}, {"fine_amount": Decimal("NaN")}, {"valid_to": "2024-05-01"}, {"severity": ["minor"]},
        {"penalty_categories": [{}]}, {"penalty_categories": {"fine": 1}},
    ],
)  # fmt: skip
def test_values_of_wrong_types_are_problems_and_not_errors(fields: dict[str, Any]) -> None:
    """A correction may put anything into a field."""
    assert kind_problem(PENALTY, event(PENALTY, **fields), RULES, None) is not None


def test_an_amount_that_its_schema_has_no_room_for() -> None:
    """A stranger's bytes may hold one; it must not come to an error of ours."""
    value = wire.encode(PENALTY, event(PENALTY, fine_amount=Decimal("1.00")))
    assert value.count(b"\x02\x02\x64") == 1
    found = decode(value.replace(b"\x02\x02\x64", b"\x02\x1e" + b"\x7f" * 15))
    problem = found if isinstance(found, Rejection) else kind_problem(found.name, found.event, RULES, TODAY)
    assert problem is not None
    assert problem.reason in ("undecodable", "bad_amount")


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_undecodable(value: bytes) -> None:
    for framed in (value, b"\0\0\0\0\3" + value):
        found = decode(framed)
        assert not isinstance(found, Rejection) or found.reason == "undecodable"


@given(
    st.sampled_from(sorted(BY_NAME)),
    st.dictionaries(
        st.sampled_from(["act_id", "authority_id", "subject_id", "source_event_id", "subject_kind"]), st.text(max_size=30)
    ),
    st.dictionaries(st.sampled_from(["remark", "reason", "severity", "list", "document_number"]), st.text(max_size=30)),
)
def test_judging_never_fails(name: str, header: dict[str, Any], fields: dict[str, Any]) -> None:
    known = {field: value for field, value in fields.items() if field in event(name)}
    found = judge(name, event(name, header, **_needed(name, header) | known), ANYONE, RULES, TODAY)
    assert found is None or found.reason in REASONS


def test_an_amount_is_bounded_by_the_policy_in_force_on_its_day() -> None:
    text = packaged_texts()["amounts"]
    later = text.replace('"penalty-most"', '"later"').replace("100000000000", "200") + "effective_from = 2024-01-01\n"
    rules = rules_of(load({"amounts": f"{text}effective_to = 2024-01-01\n{later[later.index('[[') :]}"}))

    def fined(yuan: int, on: date) -> Rejection | None:
        return kind_problem(PENALTY, event(PENALTY, {"occurred_on": on}, fine_amount=Decimal(yuan)), rules, TODAY)

    assert fined(201, date(2023, 12, 31)) is None
    assert fined(200, date(2024, 1, 1)) is None
    problem = fined(201, date(2024, 1, 1))
    assert problem is not None
    assert problem.reason == "bad_amount"
    assert "万元" in problem.message


def test_kind_rules_are_fast() -> None:
    made = event(PENALTY, fine_amount=Decimal(5), penalty_categories=["fine"])
    best = min(timeit.repeat(lambda: kind_problem(PENALTY, made, RULES, TODAY), number=200, repeat=5)) / 200
    assert best < 100e-6, "about 3 microseconds on an idle machine"
