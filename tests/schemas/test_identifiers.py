"""Codes of organisations: real forms are read, wrong ones are never repaired, and the first valid one names the subject.

The codes below have the forms that companies' codes have, and their check digits are right by stdnum or by the standard's
own text (``org_code``); no register was asked. The identity numbers are specimens of GB 11643-1999.
"""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

from schemas.identifiers import (
    KIND_BY_PREFIX,
    Identified,
    Unidentified,
    identify,
    is_identity_number,
    is_organisation_code,
    is_registration_number,
    is_subject_id,
    is_uscc,
    normalise,
    party_id,
    subject_kind,
)

USCC, OTHER_USCC = "91440300708461136T", "91110000802100433B"
ORG, OTHER_ORG = "708461136", "802100433"
REGNO = "440301103097413"
OTHER_REGNO = "440301103448669"
IDENTITY = "11010519491231002X"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def org_code(body: str) -> str:
    """An organisation code by the text of GB 11714: C9 = 11 - MOD(sum of Ci times Wi, 11), X for 10 and 0 for 11."""
    rest = 11 - sum(weight * int(char, 36) for weight, char in zip(ORG_WEIGHTS, body, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(rest, str(rest))


@st.composite
def usccs(draw: st.DrawFn) -> str:
    body = draw(st.text(USCC_ALPHABET, min_size=8, max_size=8))
    region = draw(st.text("0123456789", min_size=6, max_size=6))
    first = draw(st.sampled_from(sorted(KIND_BY_PREFIX))) + region + org_code(body)
    return first + uscc.calc_check_digit(first)


REGNOS = st.text("0123456789", min_size=14, max_size=14).map(lambda body: body + mod_11_10.calc_check_digit(body))
NUMERIC_ORGS = st.text("0123456789", min_size=8, max_size=8).map(org_code)


@pytest.mark.parametrize("code", [USCC, OTHER_USCC, "91330100799655058B"])
def test_real_usccs(code: str) -> None:
    assert is_uscc(code)
    assert uscc.is_valid(code)
    assert is_organisation_code(code[8:17])


@pytest.mark.parametrize(
    "code",
    [
        "",
        USCC[:-1],
        USCC + "0",
        USCC.lower(),
        f" {USCC}",
        f"{USCC}\n",
        USCC.replace("T", "0"),
        USCC.replace("9144", "9144"[::-1]),
        "914403007O8461136T",
        "９１440300708461136T",
    ],
)
def test_wrong_usccs(code: str) -> None:
    assert not is_uscc(code)


def test_a_uscc_needs_a_valid_organisation_code_inside() -> None:
    first = USCC[:8] + "708461137"
    code = first + uscc.calc_check_digit(first)
    assert uscc.is_valid(code)
    assert not is_uscc(code)


def test_a_uscc_needs_a_known_prefix() -> None:
    first = "99" + USCC[2:17]
    assert not is_uscc(first + uscc.calc_check_digit(first))


@given(usccs())
def test_usccs_agree_with_stdnum(code: str) -> None:
    assert is_uscc(code)
    assert uscc.is_valid(code) or not code[:2].isdigit()


@given(usccs(), st.integers(0, 17), st.sampled_from(USCC_ALPHABET))
def test_one_changed_character_of_a_uscc_is_seen(code: str, at: int, char: str) -> None:
    assume(code[at] != char)
    assert not is_uscc(code[:at] + char + code[at + 1 :])


@given(st.text(USCC_ALPHABET + "IOSVZ", min_size=18, max_size=18))
def test_a_code_that_is_read_is_one_of_stdnums(code: str) -> None:
    assert not is_uscc(code) or uscc.calc_check_digit(code[:-1]) == code[-1]


@pytest.mark.parametrize("code", [ORG, OTHER_ORG, "71092841X", "D2143569X"])
def test_real_organisation_codes(code: str) -> None:
    assert is_organisation_code(code)


@pytest.mark.parametrize("code", ["", "708461137", "70846113", "7084611366", "70846113x", "708461136\n", "７08461136", "70846-113"])
def test_wrong_organisation_codes(code: str) -> None:
    assert not is_organisation_code(code)


@given(NUMERIC_ORGS, st.integers(0, 8), st.sampled_from("0123456789"))
def test_one_changed_digit_of_an_organisation_code_is_seen(code: str, at: int, char: str) -> None:
    """Only of digits: two letters can differ by 11, which MOD 11 cannot see."""
    assume(code[at] != char)
    assert is_organisation_code(code)
    assert not is_organisation_code(code[:at] + char + code[at + 1 :])


@pytest.mark.parametrize("code", [REGNO, OTHER_REGNO, "110000450227054"])
def test_real_registration_numbers(code: str) -> None:
    assert is_registration_number(code)


@pytest.mark.parametrize("code", ["", "440301103097414", "4403011030974", REGNO + "0", REGNO + "\n", "44030110309741X"])
def test_wrong_registration_numbers(code: str) -> None:
    assert not is_registration_number(code)


@given(REGNOS, st.integers(0, 14), st.sampled_from("0123456789"))
def test_one_changed_digit_of_a_registration_number_is_seen(code: str, at: int, char: str) -> None:
    assume(code[at] != char)
    assert is_registration_number(code)
    assert not is_registration_number(code[:at] + char + code[at + 1 :])


def test_identity_numbers() -> None:
    assert is_identity_number(IDENTITY)
    assert is_identity_number("440524188001010014")
    assert ric.is_valid(IDENTITY)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "110105194912310021",
        "11010519491231002x",
        "110105194913310025",
        "110105491231002",
        IDENTITY + "\n",
        "01010519491231002X",
    ],
)
def test_wrong_identity_numbers(code: str) -> None:
    assert not is_identity_number(code)


def test_an_identity_number_needs_a_day_that_exists() -> None:
    checks = [f"11010519490230002{last}" for last in "0123456789X"]
    assert not any(map(is_identity_number, checks))


def test_an_identity_number_outlives_its_region() -> None:
    """512501 (涪陵地区) was dissolved long ago, and nothing of it stands in today's tables."""
    assert any(is_identity_number(f"51250119700101123{last}") for last in "0123456789X")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("９１４４０３００７０８４６１１３６Ｔ", USCC),
        ("91440300708461136t", USCC),
        (" 9144 0300\u30007084 6113 6T\t", USCC),
        ("70846113-6", ORG),
        ("70846113－6", ORG),
        ("70846113—6", ORG),
        ("70846113\u20106", ORG),
        ("70846113\u22126", ORG),
        ("70846113\u00a0-\u00a06", ORG),
        ("71092841-x", "71092841X"),
        ("", ""),
        ("- -", ""),
    ],
)
def test_how_codes_are_read(written: str, read: str) -> None:
    assert normalise(written) == read


@given(usccs())
def test_full_width_is_read_as_half_width(code: str) -> None:
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code)
    assert unicodedata.normalize("NFKC", wide) == code
    assert identify([wide]) == Identified(code)
    assert identify(["-".join(wide)]) == Identified(code)


@pytest.mark.parametrize(
    ("codes", "subject_id"),
    [
        ([USCC], USCC),
        ([None, "", USCC], USCC),
        ([REGNO, ORG, USCC], USCC),
        ([ORG, REGNO], f"regno:{REGNO}"),
        ([ORG], f"org:{ORG}"),
        ([REGNO, USCC], USCC),
        (["不详", ORG], f"org:{ORG}"),
        ([USCC, USCC.lower()], USCC),
        ([USCC, "70846113-6"], USCC),
        (["440301103097414", ORG], f"org:{ORG}"),
        ([REGNO, OTHER_REGNO], f"regno:{REGNO}"),
    ],
)
def test_the_order_of_preference(codes: list[str | None], subject_id: str) -> None:
    assert identify(codes) == Identified(subject_id)
    assert is_subject_id(subject_id)


@given(usccs(), REGNOS, st.permutations(range(3)))
def test_wherever_a_code_stands(code: str, regno: str, order: list[int]) -> None:
    codes = [code, regno, code[8:17]]
    assert identify(codes[at] for at in order) == Identified(code)


@pytest.mark.parametrize(
    "codes",
    [
        [USCC, OTHER_USCC],
        [USCC, OTHER_ORG],
        [ORG, OTHER_ORG],
        [REGNO, ORG, OTHER_ORG],
        [USCC, ORG, OTHER_USCC],
    ],
)
def test_two_codes_that_contradict_each_other(codes: list[str]) -> None:
    found = identify(codes)
    assert isinstance(found, Unidentified)
    assert found.reason == "bad_identifier"
    assert "two different organisations" in found.message
    assert found.code.split() == [code for code in codes if code not in (REGNO, ORG if USCC in codes else "")]


@pytest.mark.parametrize("codes", [[], [None], ["", " ", "-"]])
def test_no_code_at_all(codes: list[str | None]) -> None:
    found = identify(codes)
    assert isinstance(found, Unidentified)
    assert (found.reason, found.code) == ("unidentified_subject", "")
    assert "统一社会信用代码" in found.message


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("914403007O8461136T", f"did you mean {USCC}"),
        ("44O301103097413", f"did you mean {REGNO}"),
        ("4403011030974", "13-digit"),
        ("91440300708461136X", "not a valid 统一社会信用代码"),
        ("无", "not a valid"),
    ],
)
def test_bad_codes_are_explained_not_repaired(code: str, advice: str) -> None:
    found = identify([code])
    assert isinstance(found, Unidentified)
    assert (found.reason, found.code) == ("bad_identifier", code)
    assert advice in found.message


@pytest.mark.parametrize(
    ("subject_id", "valid"),
    [
        (USCC, True),
        (f"regno:{REGNO}", True),
        (f"org:{ORG}", True),
        ("person:Zk3v9QmT2xLr7aBc", True),
        ("", False),
        (REGNO, False),
        (ORG, False),
        (f"regno:{ORG}", False),
        (f"org:{REGNO}", False),
        ("person:", False),
        ("person:short", False),
        (f"person:{'a' * 65}", False),
        ("person:a b c d e f", False),
        (f"uscc:{USCC}", False),
        (USCC.lower(), False),
        ("regno", False),
        (f"regno:{REGNO}\n", False),
        ("name:某公司", False),
    ],
)
def test_subject_ids(subject_id: str, valid: bool) -> None:
    assert is_subject_id(subject_id) is valid


@pytest.mark.parametrize(
    ("subject_id", "stated", "kind"),
    [
        (USCC, "unknown", "enterprise"),
        (USCC, "state_organ", "enterprise"),
        (f"regno:{REGNO}", "enterprise", "enterprise"),
        (f"org:{ORG}", "unknown", "unknown"),
        ("person:Zk3v9QmT2xLr7aBc", "enterprise", "natural_person"),
    ],
)
def test_the_kind_comes_from_the_prefix(subject_id: str, stated: str, kind: str) -> None:
    assert subject_kind(subject_id, stated) == kind


@pytest.mark.parametrize(
    ("code", "name", "found"),
    [
        (USCC, "某局", USCC),
        (f" {USCC.lower()}", None, USCC),
        ("无效", " 某局（津门） ", "name:某局(津门)"),
        (None, "Ａ局", "name:A局"),
        (ORG, "某局", "name:某局"),
        (None, None, ""),
        ("", "  ", ""),
    ],
)
def test_parties(code: str | None, name: str | None, found: str) -> None:
    assert party_id(code, name) == found
