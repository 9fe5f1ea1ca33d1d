"""Persons: nothing that stands in a declared column leaves, wherever else it also stands (semantics, section 9)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import Mapped, Row, items_of, load_profile, map_row
from connectors.persons import Secrets, document_type, is_personal_number, mask
from schemas import wire
from tests.connectors.files.builders import (
    FIRM,
    LICENCE,
    NOW,
    PENALTY,
    FakeVault,
    context,
    event,
    identity,
    organisation,
    refused,
    registration,
)

NUMBER, OTHER = identity(1), identity(22)
PERSON = {
    **{key: value for key, value in PENALTY.items() if "代码_" not in key},
    "行政相对人名称": "欧阳若兰",
    "行政相对人类别": "自然人",
    "证件类型 (自然人)": "居民身份证",
    "证件号码 (自然人)": NUMBER,
}


def everything(profile: str, cells: dict[str, Any], vault: FakeVault | None = None, given: dict[str, str] | None = None) -> str:
    """Every byte and text that a row leaves behind."""
    loaded = load_profile(profile)
    ctx = context(loaded, given, vault=vault)
    row = Row(7, cells)
    found = map_row(loaded, row, ctx)
    parts = [repr(found if not isinstance(found, Mapped) else ""), repr(row), repr(ctx)]
    for one in items_of("f.csv", loaded, [row], ctx):
        value = one.item["value"]
        parts += [
            repr(one),
            one.item["origin"],
            str(one.item["refused"]),
            value.decode("utf-8", "replace"),
            value.decode("latin-1"),
        ]
        if not one.refused:
            parts.append(json.dumps(wire.decode(value, one.item["fingerprint"])[1], ensure_ascii=False, default=str))
        else:
            parts.append(json.dumps(json.loads(value), ensure_ascii=False))
    return "\n".join(parts)


def test_a_natural_person_becomes_pseudonym_and_mask() -> None:
    vault = FakeVault()
    found = event("penalty-2018", PERSON, vault=vault)
    header = found["header"]
    assert (
        header["subject_id"].startswith("person:")
        and header["subject_name"] == "欧*"
        and header["subject_kind"] == "natural_person"
    )
    assert found["subject_document_type"] == "身份证"
    assert vault.asked == [("身份证", NUMBER, "欧阳若兰")]
    assert event("penalty-2018", PERSON, vault=vault)["header"]["subject_id"] == header["subject_id"]


def test_a_representative_with_number_gets_both_and_a_bare_name_only_the_mask() -> None:
    vault = FakeVault()
    row = {**LICENCE, "法定代表人": "诸葛明远", "法定代表人证件类型": "身份证", "法定代表人证件号码": NUMBER}
    found = event("licence-2018", row, vault=vault)
    assert found["legal_representative"] == "诸*" and found["legal_representative_id"].startswith("person:")
    bare = event("licence-2018", {**LICENCE, "法定代表人": "诸葛明远", "负责人": "司马青"})
    assert (bare["legal_representative"], bare["legal_representative_id"], bare["extra"]) == ("诸*", None, {"负责人": "司*"})
    starred = event("licence-2018", {**row, "法定代表人证件号码": NUMBER[:6] + "********" + NUMBER[-4:]})
    assert starred["legal_representative_id"] is None


@pytest.mark.parametrize("wrong", [NUMBER[:-1] + "Q", NUMBER[:15], NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "E12345678"])
@pytest.mark.parametrize("with_vault", [True, False])
def test_a_wrong_number_of_a_representative_is_dropped(wrong: str, with_vault: bool) -> None:
    row = {**LICENCE, "法定代表人": "诸葛明远", "法定代表人证件号码": wrong}
    vault = FakeVault() if with_vault else None
    found = event("licence-2018", row, vault=vault)
    assert (found["legal_representative"], found["legal_representative_id"], found["extra"]) == ("诸*", None, {})
    assert wrong not in everything("licence-2018", row, vault) and not (vault and vault.asked)
    assert refused("licence-2018", {**row, "备注": f"证号{wrong}"}, vault=vault).reason == "personal_data"


def test_the_name_that_a_setting_replaces_is_masked_for_a_person() -> None:
    person = {**PERSON, "行政相对人名称": "王行"}  # ends like an organisation's name
    found = event("penalty-2018", person, {"subject_name": "李四"}, vault=FakeVault())
    assert found["header"]["subject_name"] == "李*" and found["extra"] == {"行政相对人名称": "王*"}
    operator = {**PENALTY, "行政相对人名称": "王行", "经营者": "王行"}
    assert event("penalty-2018", operator, {"subject_name": "某店"})["extra"] == {"行政相对人名称": "王*"}
    typed = event("penalty-2018", {**PENALTY, "行政相对人名称": "王行"}, {"subject_kind": "natural_person", "subject_name": "李四"})
    assert typed["extra"]["行政相对人名称"] == "王*"


def test_without_a_vault_the_row_is_refused() -> None:
    for profile, row in (
        ("penalty-2018", PERSON),
        ("licence-2018", {**LICENCE, "法定代表人": "诸葛明远", "法定代表人证件号码": NUMBER}),
    ):
        found = refused(profile, row)
        assert found.reason == "personal_data" and "XINJI_VAULT" in found.message and "XINJI_VAULT_KEY" in found.message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"证件号码 (自然人)": ""}, "unidentified_subject"),
        ({"证件号码 (自然人)": NUMBER[:-1] + "?"}, "bad_identifier"),
        ({"证件号码 (自然人)": NUMBER[:15]}, "bad_identifier"),
        ({"证件号码 (自然人)": "3709021980****001X"}, "bad_identifier"),
    ],
)
def test_natural_persons_without_a_good_number(change: dict[str, str], reason: str) -> None:
    vault = FakeVault()
    assert refused("penalty-2018", {**PERSON, **change}, vault=vault).reason == reason
    assert vault.asked == []


def test_a_refused_row_asks_no_pseudonym() -> None:
    vault = FakeVault()
    assert refused("penalty-2018", {**PERSON, "处罚决定日期": "2022-09-31"}, vault=vault).reason == "bad_date"
    assert vault.asked == []


def test_a_number_in_a_code_column() -> None:
    code = "行政相对人代码_1(统一社会信用代码)"
    person = {key: value for key, value in PERSON.items() if "证件" not in key}
    vault = FakeVault()
    assert event("penalty-2018", {**person, code: f" {NUMBER.lower()}"}, vault=vault)["header"]["subject_id"].startswith("person:")
    assert vault.asked == [("身份证", f"{NUMBER.lower()}", "欧阳若兰")] or vault.asked == [("身份证", NUMBER, "欧阳若兰")]
    shop = {**PENALTY, "行政相对人类别": "个体工商户", code: NUMBER}
    alone = refused("penalty-2018", shop)
    assert alone.reason == "bad_identifier" and NUMBER not in alone.message
    beside = event("penalty-2018", {**shop, "行政相对人代码_2(工商注册号)": registration()})
    assert beside["header"]["subject_id"] == f"regno:{registration()}" and beside["extra"] == {}
    assert beside["header"]["subject_kind"] == "individual_business"


def test_a_valid_code_wins_but_the_persons_name_stays_hidden() -> None:
    found = event("penalty-2018", {**PERSON, "行政相对人代码_1": organisation("22223333", "92")})
    assert found["header"]["subject_kind"] == "individual_business" and found["header"]["subject_name"] == "欧*"


def test_an_operator_whose_shop_has_no_other_name() -> None:
    found = event("penalty-2018", {**PENALTY, "行政相对人名称": "欧阳若兰", "经营者": "欧阳若兰"})
    assert found["header"]["subject_name"] == "欧*" and found["legal_representative"] == "欧*"
    company = event("penalty-2018", {**PENALTY, "法定代表人": "东岳投资有限公司"})
    assert company["legal_representative"] == "东*" and company["header"]["subject_name"] == "东岳体育器材有限公司"


def test_responsible_persons_of_a_listing() -> None:
    given = {"list": "x", "occurred_on": "2020-01-01"}
    row = {"企业名称": "甲", "统一社会信用代码": FIRM, "责任人员": "诸葛明远、司马青", "责任人员证件号码": f"{NUMBER}、{OTHER}"}
    found = event("listing", row, given, vault=FakeVault())
    assert len(set(found["responsible_persons"])) == 2 and found["responsible_person_masks"] == ["诸*", "司*"]
    only_names = event("listing", {**row, "责任人员证件号码": ""}, given)
    assert only_names["responsible_persons"] == [] and only_names["extra"] == {"责任人员": "诸*、司*"}
    assert refused("listing", {**row, "责任人员证件号码": NUMBER}, given, vault=FakeVault()).field == "responsible_persons"


def test_a_commitment_has_no_place_for_a_representative() -> None:
    row = {
        "承诺主体": "甲公司",
        "统一社会信用代码": FIRM,
        "承诺类型": "主动型",
        "做出承诺日期": "2021-09-08",
        "法定代表人": "诸葛明远",
        "法定代表人身份证号": NUMBER,
    }
    assert event("commitment", row)["extra"] == {"法定代表人": "诸*"}


def test_the_file_of_2016_and_lists_of_persons() -> None:
    row = {"CF_WSH": "1", "CF_XDR_MC": "欧阳若兰", "CF_XDR_SFZ": NUMBER, "CF_SXQ": "2016-05-01", "CF_XZJG": "某局"}
    assert event("penalty-2018", row, vault=FakeVault())["header"]["subject_name"] == "欧*"
    listed = {"被执行人姓名/名称": "欧阳若兰", "身份证号": NUMBER, "案号": "(2016)鲁01执1号"}
    found = event("listing", listed, {"list": "x", "occurred_on": "2020-01-01"}, vault=FakeVault())
    assert found["header"]["subject_kind"] == "natural_person" and found["document_number"] == "(2016)鲁01执1号"


NAMES, NUMBERS = ("欧阳若兰", "诸葛明远", "司马青"), (NUMBER, OTHER, "E12345678")
LEAKY = {
    "备注": "联系欧阳若兰，诸葛明远在场",
    "经办人": "司马青",
    "联系人姓名": "诸葛明远",
    "联系电话": "13800138000",
    "手机": "13900139000",
    "法定代表人": "诸葛明远",
    "法定代表人证件号码": OTHER,
    "法定代表人证件号码#2": OTHER,
    "自然人证件号码（护照）": "E12345678",
    "家庭住址": "某街1号",
    "行政相对人代码_5（居民身份证号码）": NUMBER,
    "处罚事由": "欧阳若兰无照经营",
    "负责人": "司马青、欧阳若兰",
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"处罚决定日期": "2022-09-31"},
        {"处罚决定日期": ""},
        {"证件号码 (自然人)": "", "行政相对人代码_1": NUMBER},
        {"证件号码 (自然人)": NUMBER[:-1] + "Q"},
        {"备注": f"身份证{NUMBER}"},
        {"违法事实": f"证号 {OTHER.lower()} 一事"},
        {"违法事实": " ".join(NUMBER)},
        {"罚款金额（万元）": "欧阳若兰"},
        {"处罚类别": "司马青"},
        {"行政相对人类别": "个体工商户"},
        {"行政相对人类别": "法人及非法人组织", "行政相对人代码_1": NUMBER},
        {"行政相对人类别": "", "证件号码 (自然人)": ""},
        {"行政相对人类别": "个体工商户", "行政相对人代码_1": FIRM, "行政相对人代码_2": NUMBER},
        {"法定代表人证件号码": OTHER[:-1] + "Q"},
        {"行政处罚决定书文号": NUMBER},
        {"证件号码 (自然人)": f"{NUMBER[:6]} {NUMBER[6:]}"},
    ],
)
@pytest.mark.parametrize("with_vault", [True, False])
def test_no_declared_name_or_number_leaves(change: dict[str, str], with_vault: bool) -> None:
    row = {**PERSON, **LEAKY, **change}
    left = everything("penalty-2018", row, FakeVault() if with_vault else None)
    hidden = [
        *NAMES[1:],
        *NUMBERS,
        "13800138000",
        "13900139000",
        "某街1号",
        *(row[key] for key in row if "证件号码" in key and row[key]),
    ]
    if row["行政相对人类别"] == "自然人":
        hidden.append(NAMES[0])
    assert [secret for secret in hidden if secret in left] == []


letters = st.sampled_from("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨")


@settings(max_examples=200, deadline=None)
@given(
    st.text(letters, min_size=3, max_size=4),
    st.integers(0, 999),
    st.sampled_from(["", "自然人", "个体工商户", "法人及非法人组织"]),
    st.sampled_from(["证件号码", "行政相对人代码_1", "行政相对人代码_2", "组织机构代码", "法定代表人证件号码", "居民身份证号"]),
    st.sampled_from(["2021-04-06", "2022-09-31", ""]),
    st.booleans(),
    st.booleans(),
)
def test_no_arrangement_of_columns_leaks(
    name: str, serial: int, kind: str, column: str, day: str, coded: bool, with_vault: bool
) -> None:
    number = identity(serial, "19751130")
    row = {
        "行政相对人名称": "某店" if coded else name,
        "行政相对人类别": kind,
        "法定代表人": name,
        "处罚决定日期": day,
        "处罚机关": "某局",
        column: number,
    }
    if coded:
        row["统一社会信用代码"] = FIRM
    left = everything("penalty-2018", row, FakeVault() if with_vault else None)
    assert number not in left and name not in left


def test_masks_types_and_patterns() -> None:
    assert [mask(name) for name in ("张三", "张*", " 李四 ", "", "John Smith")] == ["张*", "张*", "李*", "", "J*"]
    assert document_type("居民身份证", "X") == document_type("", "X") == document_type("护照号", NUMBER) == "身份证"
    assert document_type("护照号", "E12345678") == "护照" and document_type("外国人永久居留身份证", "E1") == "外国人永久居留身份证"
    assert is_personal_number(NUMBER) and not is_personal_number(FIRM) and not is_personal_number(registration())
    old = "370902800101001"
    assert is_personal_number(old, natural=True)
    secrets = Secrets.of(["张三", "东岳公司", "李"], [NUMBER, "12"])
    assert (
        secrets.hide_names("张三与东岳公司李") == "张*与东岳公司李" and "张三" not in repr(secrets) and NUMBER not in repr(secrets)
    )
    assert secrets.scrub("电话 13800138000 证 370902199001010011") == "电话 *** 证 ***"
    assert NOW.tzinfo is not None


def test_what_stands_in_a_persons_code_columns_is_not_kept() -> None:
    found = event("penalty-2018", {**PERSON, "行政相对人代码_2": NUMBER[:17], "行政相对人代码_3": "无效代码"}, vault=FakeVault())
    assert found["registration_number"] is None and found["organisation_code"] is None and found["extra"] == {}
