"""The id of an act, and document numbers in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.act_id import act_id, normalise_document_number
from schemas.catalogue import BY_NAME


@pytest.mark.parametrize(
    "written",
    [
        "津市监罚〔2018〕12号",
        "津市监罚（2018）12号",
        "津市监罚(2018)12号",
        "津市监罚[2018]12号",
        "津市监罚［2018］12号",
        "津市监罚【2018】12号",
        "津市监罚〖2018〗12号",
        "津市监罚{2018}12号",
        "津市监罚《2018》12号",
        "津市监罚〈2018〉12号",
        "津市监罚<2018>12号",
        "津市监罚〔2018)12号",
        "津市监罚﹝2018﹞12号",
        "津市监罚〔２０１８〕１２号",
        " 津市监罚 〔 2018 〕 12 号\n",
        "津市监罚\u3000〔2018〕12号",
        "津市监罚\u00a0〔2018〕\t12号",
    ],
)
def test_one_number_written_in_many_ways(written: str) -> None:
    assert normalise_document_number(written) == "津市监罚〔2018〕12号"


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("(津)食药监罚[2018]7号", "(津)食药监罚〔2018〕7号"),
        ("津罚(1234)号", "津罚(1234)号"),
        ("津罚(20180)号", "津罚(20180)号"),
        ("ＪＹ１２０１１６", "JY120116"),
        ("", ""),
        (" \u3000", ""),
    ],
)
def test_only_a_year_gets_the_brackets_of_a_year(written: str, normalised: str) -> None:
    assert normalise_document_number(written) == normalised


@given(st.text("〔［(（〕］)）【】 ２0189号罚字第Ａz-—/\u3000\u00a0", max_size=24))
def test_normalising_twice_is_normalising_once(written: str) -> None:
    once = normalise_document_number(written)
    assert normalise_document_number(once) == once


def penalty(own_key: str | None = None, **fields: Any) -> dict[str, Any]:
    header = {
        "subject_id": "S",
        "authority_id": "name:局",
        "source_id": "X",
        "source_event_id": own_key,
        "occurred_on": date(2018, 6, 30),
        **fields.pop("header", {}),
    }
    return {"header": header, **fields}


def test_the_document_number_comes_first() -> None:
    event = penalty("K1", document_number=" 罚[2018]1号 ")
    assert act_id("PenaltyImposed", event) == "penalty/name:局/罚〔2018〕1号"


@pytest.mark.parametrize("number", [None, "", "  "])
def test_without_one_the_sources_own_key(number: str | None) -> None:
    assert act_id("PenaltyImposed", penalty("K1", document_number=number)) == "penalty/name:局/key:X:K1"


def test_without_a_key_a_digest() -> None:
    found = act_id("PenaltyImposed", penalty(penalty_content="罚款"))
    assert found.startswith("penalty/name:局/digest:")
    assert act_id("PenaltyImposed", penalty(penalty_content="罚款", remark="别的", header={"source_id": "Y"})) == found


@pytest.mark.parametrize(
    "other",
    [
        {"penalty_content": "警告"},
        {"fine_amount": Decimal("5.00")},
        {"penalty_categories": ["fine"]},
        {"extra": {"案件编号": "1"}},
        {"header": {"subject_id": "T"}},
        {"header": {"occurred_on": date(2018, 7, 1)}},
    ],
)
def test_the_digest_tells_acts_apart(other: dict[str, Any]) -> None:
    assert act_id("PenaltyImposed", penalty(**other)) != act_id("PenaltyImposed", penalty())


def test_the_digest_does_not_see_the_order_of_columns() -> None:
    one, other = penalty(extra={"a": "1", "b": "2"}), penalty(extra={"b": "2", "a": "1"})
    assert act_id("PenaltyImposed", one) == act_id("PenaltyImposed", other)


def test_null_and_left_out_are_the_same_to_the_digest() -> None:
    empty = penalty(fine_amount=None, extra={}, penalty_categories=[])
    assert act_id("PenaltyImposed", empty) == act_id("PenaltyImposed", penalty())


@pytest.mark.parametrize("event", [event for event in BY_NAME.values() if not event.makes_act], ids=lambda event: event.name)
def test_a_follow_up_makes_no_act(event: Any) -> None:
    with pytest.raises(KeyError):
        act_id(event.name, penalty("K1"))


@pytest.mark.parametrize("event", [event for event in BY_NAME.values() if event.makes_act], ids=lambda event: event.name)
def test_every_kind_stands_in_front(event: Any) -> None:
    assert act_id(event.name, penalty("K1")) == f"{event.kind}/name:局/key:X:K1"
