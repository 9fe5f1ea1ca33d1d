"""The glance at raw bytes must suspect whatever the search of the decoded strings finds."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projections.admission import holds_personal_number
from projections.admission.glance import may_hold_number
from projections.admission.personal import personal_data_problem
from schemas import wire
from tests.admission.test_personal import PERSONAL
from tests.gate.fakes import event, penalty

GAPS = [
    "",
    " ",
    "\t",
    "-",
    "\u00a0",
    "\u2003",
    "\u200b",
    "\u200d",
    "\u3000",
    "\ufeff",
    "\u2010",
    "\u2014",
    "\u2212",
    "\uff0d",
    "  ",
    "-\u3000",
]
ZEROS = [0x30, 0xFF10, 0x0660, 0x06F0, 0x0966, 0x0E50, 0x1D7CE, 0x11066, 0xA620, 0x07C0]
NUMBERS = ["11010519491231002X", "330102199001011007", "13812345678", "19912345678"]


@st.composite
def written(draw: st.DrawFn) -> str:
    """A number of a person as somebody might write it: other digits, gaps, something around it."""
    zero, gap = draw(st.sampled_from(ZEROS)), draw(st.sampled_from(GAPS))
    each = [chr(zero + int(one)) if one.isdigit() and draw(st.booleans()) else one for one in draw(st.sampled_from(NUMBERS))]
    places = draw(st.sets(st.integers(1, len(each) - 1), max_size=len(each)))
    text = "".join((gap if at in places else "") + one for at, one in enumerate(each))
    return draw(st.sampled_from(["", "电话", "tel", "+86", "（"])) + text + draw(st.sampled_from(["", "。", "，", "\n", "）"]))


def both(name: str, made: dict[str, Any]) -> tuple[object, object]:
    value = wire.encode(name, made)
    _, decoded = wire.decode(value)
    return personal_data_problem(name, decoded), personal_data_problem(name, decoded, value)


@settings(max_examples=400, deadline=None)
@given(st.one_of(written(), st.text(max_size=60), st.text(alphabet="0123456789 -　１３８", max_size=40)))
@example("138\u20031234\u20035678")
def test_in_a_text(text: str) -> None:
    long, short = both("PenaltyImposed", event("PenaltyImposed", document_number="1", remark=text))
    assert long == short
    if holds_personal_number(text):
        assert long is not None


@settings(max_examples=200, deadline=None)
@given(written(), st.booleans(), st.sampled_from(["fields", "key", "nested"]))
def test_in_the_json_of_a_correction(text: str, escaped: bool, where: str) -> None:
    told = json.dumps(text if where != "nested" else {"a": [text]}, ensure_ascii=escaped)
    if escaped and where == "fields":  # every character as an escape, digits too
        told = '"' + "".join(f"\\u{ord(one):04x}" for one in text if ord(one) < 0x10000) + '"'
    fields = {text: '"x"'} if where == "key" else {"remark": told}
    long, short = both("ActCorrected", event("ActCorrected", {"act_id": "penalty/x/1"}, fields=fields))
    assert long == short


@pytest.mark.parametrize("text", PERSONAL)
def test_every_known_form(text: str) -> None:
    assert may_hold_number(text.encode())


def test_every_digit_and_every_gap_of_unicode() -> None:
    zeros = [one for one in range(0x110000) if unicodedata.category(chr(one)) == "Nd" and unicodedata.decimal(chr(one)) == 0]
    assert len(zeros) > 60
    for zero in zeros:
        assert may_hold_number("".join(chr(zero + int(one)) for one in "13812345678").encode())
        assert all(may_hold_number(f"1381234567{chr(zero + one)}".encode()) for one in range(10))
    assert all(may_hold_number(gap.join("330102199001011007").encode()) for gap in GAPS)


@given(st.sampled_from(NUMBERS), st.integers(0, 64), st.integers(0, 64))
def test_whatever_the_lengths_of_texts_look_like(number: str, before: int, behind: int) -> None:
    """The byte before a text is its length, that behind it the next one's: 24 looks like "0"."""
    for text in (number + "号" * (before // 3) + " " * (before % 3), " " * before + number):
        made = event("PenaltyImposed", document_number="1", violation_facts=text, penalty_basis="x" * behind)
        long, short = both("PenaltyImposed", made)
        assert long == short
        assert long is not None


def test_ordinary_acts_pass_at_a_glance() -> None:
    assert not may_hold_number("JY33202810257113 示例罚〔2024〕001234-12345号 SL00000092511".encode())
    assert not may_hold_number(penalty())
    assert not may_hold_number("罚款（2024）12345元，限期缴纳。“示例”：1/2、《办法》第3条".encode())
