"""What counts as a number of a person, and what must not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from projections.admission import holds_personal_number
from schemas.identifiers import is_identity_number, is_uscc
from tests.gate.fakes import OTHER, SUBJECT

PERSONAL = [
    "11010519491231002X", "11010519491231002x", "身份证号11010519491231002X。", "110105 19491231 002X", "110105-19491231-002X",
    "１１０１０５１９４９１２３１００２Ｘ", "１１０１０５１９４９１２３１００２ｘ", "id11010519491231002X", "(11010519491231002X)",
    "330102199001011007、330102199001011015", "key:local:330102199001011007",
    "13812345678", "手机13812345678",
    "tel13812345678", "tel: 138-1234-5678", "138 1234 5678", "１３８１２３４５６７８", "+8613812345678",
    "+86 13812345678", "008613812345678", "张三13912345678李四", "0571-88888888,19912345678",
]  # fmt: skip
CLEAN = [
    SUBJECT, OTHER, f"penalty/{SUBJECT}/1", SUBJECT[8:17], "32010020230217000011", "31203202112017070001", "JY33202810257113",
    "JY13812345678", "110105194912310021", "11010519491331002X", "99010519491231002X", "A11010519491231002X", "11010519491231002XA",
    "1101051949123100211", "12345678901", "12812345678", "1381234567", "138123456789", "2013812345678",
    "罚款13812345678元", "13812345678.50",
    "浙税罚〔2023〕13812345678号", "135-2021-0045", "2023-02-17 10:00:00", "0571-88888888", "550e8400-e29b-41d4-a716-446655440000",
    "(2023)浙0102执13812号", "330102000012345", "913301087245678901", "",
]  # fmt: skip


@pytest.mark.parametrize("text", PERSONAL)
def test_personal(text: str) -> None:
    assert holds_personal_number(text)


@pytest.mark.parametrize("text", CLEAN)
def test_clean(text: str) -> None:
    assert not holds_personal_number(text)


@given(
    st.sampled_from(["110105", "330102", "440304", "650104"]),
    st.dates(date(1930, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
    st.sampled_from(["", " ", "号", "：", "(", "\n"]),
    st.sampled_from(["", "。", "，", " ", ")"]),
)
def test_every_valid_number_is_found(region: str, born: date, serial: int, before: str, after: str) -> None:
    body = f"{region}{born:%Y%m%d}{serial:03}"
    number = next(body + last for last in "0123456789X" if (int(body, 13) * 2 + (10 if last == "X" else int(last))) % 11 == 1)
    assume(not is_uscc(number))  # one of some thousands is an organisation's code too
    assert holds_personal_number(f"{before}{number}{after}")
    assert holds_personal_number(f"{before}{number[:6]} {number[6:14]} {number[14:]}{after}")
    assert not holds_personal_number(f"{before}{number}0{after}")


@given(st.text(alphabet="0123456789X ", max_size=40))
def test_what_the_standard_library_of_numbers_calls_valid_is_found(text: str) -> None:
    for at in range(len(text) - 17):
        alone = (at == 0 or not text[at - 1].isalnum()) and (at + 18 == len(text) or not text[at + 18].isalnum())
        if alone and text[at : at + 18].isalnum() and is_identity_number(text[at : at + 18]):
            assert holds_personal_number(text)


def test_long_texts_take_no_time() -> None:
    """Nothing is worse than linear by much: texts come from strangers."""
    for text in ("1 " * 50_000, "1" * 100_000, "13" * 50_000, "1-" * 50_000, "330102 " * 15_000):
        assert not holds_personal_number(text)
