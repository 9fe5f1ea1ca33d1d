"""Rows to events: the shipped profiles on made-up rows with the dirt of real files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.files import Mapped, Refused, Row, load_profile, map_row, shipped
from schemas import wire
from tests.connectors.files.builders import (
    AUTHORITY,
    FIRM,
    LICENCE,
    PENALTY,
    context,
    event,
    identity,
    mapped,
    organisation,
    organisation_code,
    refused,
    registration,
)


def test_a_licence_of_the_2018_form() -> None:
    found = event("licence-2018", LICENCE)
    header = found["header"]
    assert header["act_id"] == f"licence/{AUTHORITY}/泰体许字〔2021〕3号"
    assert (header["subject_id"], header["subject_name"], header["subject_kind"]) == (FIRM, "东岳体育器材有限公司", "enterprise")
    assert (header["authority_id"], header["authority_name"]) == (AUTHORITY, "泰安市体育局")
    assert (header["source_id"], header["source_name"], header["imported"]) == ("local", "本机", False)
    assert header["occurred_on"] == found["valid_from"] == date(2021, 3, 5)
    assert found["valid_to"] is None  # 2099 means open
    assert (found["licence_category"], found["licence_state"], found["data_source_id"]) == ("ordinary", "valid", AUTHORITY)
    assert found["extra"] == {}
    wire.encode("LicenceGranted", found)


def test_a_penalty_of_the_2018_form() -> None:
    found = event("penalty-2018", PENALTY, imported=True)
    assert found["fine_amount"] == Decimal("15000.00") and found["confiscated_amount"] == Decimal("200.00")
    assert found["penalty_categories"] == ["fine", "confiscate_gains"]
    assert (found["valid_to"], found["publicity_until"], found["remark"]) == (None, date(2022, 4, 6), None)
    assert found["header"]["imported"] is True
    wire.encode("PenaltyImposed", found)


def test_field_codes_and_the_2016_form() -> None:
    row = {
        "CF_WSH": "罚〔2016〕1号",
        "CF_CFMC": "某案",
        "CF_CFLB1": "罚款",
        "CF_CFLB2": "其他-责令改正",
        "CF_SY": "事由",
        "CF_YJ": "依据",
        "CF_XDR_MC": "甲公司",
        "CF_XDR_SHXYM": FIRM,
        "CF_XDR_ZDM": FIRM[8:17],
        "CF_JG": "结果",
        "CF_SXQ": "20160501",
        "CF_XZJG": "某局",
        "CF_ZT": "1",
        "DFBM": "370900",
    }
    found = event("penalty-2018", row)
    assert found["penalty_state"] == "invalid"  # in the 2016 form 1 is 撤销
    assert found["penalty_categories"] == ["fine", "other"]
    assert found["extra"] == {"CF_CFLB2": "其他-责令改正", "DFBM": "370900"}
    assert (found["document_name"], found["violation_facts"], found["penalty_content"]) == ("某案", "事由", "结果")
    assert found["header"]["authority_id"] == "name:某局"


def test_words_after_other_may_hold_separators() -> None:
    found = event("penalty-2018", {**PENALTY, "处罚类别": "罚款；其他-责令改正、补办手续"})
    assert found["penalty_categories"] == ["fine", "other"] and found["extra"] == {"处罚类别": "罚款；其他-责令改正、补办手续"}


@pytest.mark.parametrize(
    ("state", "columns", "code"),
    [
        ("0", {"地方编码": "370900"}, "valid"),
        ("2", {"地方编码": "370900"}, "objection"),
        ("3", {"审批类别": "普通"}, "other"),
        ("2", {}, "invalid"),
        ("有效", {}, "valid"),
        ("其他-注销中", {}, "other"),
    ],
)
def test_states_of_both_versions(state: str, columns: dict[str, str], code: str) -> None:
    found = event("licence-2018", {**LICENCE, "当前状态": state, **columns})
    assert found["licence_state"] == code
    assert ("当前状态" in found["extra"]) == state.startswith("其他")


def test_without_a_document_number_the_licence_number_is_taken() -> None:
    found = event("licence-2018", {**LICENCE, "行政许可决定文书号": "无", "许可编号": "JY1"})
    assert found["document_number"] == found["certificate_number"] == "JY1" and found["extra"] == {}


def test_identity_is_read_wherever_it_stands() -> None:
    cells = {
        "企业名称": "甲",
        "工商注册号": registration(),
        "组织机构代码": FIRM.lower(),
        "统一信用代码": "",
        "失信领域": "失信被执行人名单",
    }
    given = {"list": "ecommerce-serious", "occurred_on": "2017-11-01", "term_months": "36", "authority_id": "国家公共信用信息中心"}
    found = event("listing", cells, given)
    assert found["header"]["subject_id"] == FIRM
    assert (found["registration_number"], found["organisation_code"], found["extra"]) == (registration(), None, {})
    assert (
        found["header"]["authority_id"] == "name:国家公共信用信息中心"
        and found["header"]["authority_name"] == "国家公共信用信息中心"
    )
    assert (found["list"], found["term_months"], found["reason"]) == ("ecommerce-serious", 36, "失信被执行人名单")
    only_number = event("listing", {**cells, "组织机构代码": organisation_code()}, given)
    assert only_number["header"]["subject_id"] == f"regno:{registration()}"
    assert only_number["organisation_code"] == organisation_code() and only_number["registration_number"] == registration()


def test_a_bad_code_beside_a_good_one_is_kept_in_extra() -> None:
    bad = FIRM[:-1] + "？"
    found = event(
        "listing",
        {"企业名称": "甲", "统一社会信用代码": bad, "组织机构代码": organisation_code()},
        {"list": "x", "occurred_on": "2020-01-01"},
    )
    assert found["header"]["subject_id"] == f"org:{organisation_code()}" and found["extra"] == {"统一社会信用代码": bad}


def test_refusals_of_identity() -> None:
    given = {"list": "x", "occurred_on": "2020-01-01"}
    assert refused("listing", {"企业名称": "甲", "统一社会信用代码": "/"}, given).reason == "unidentified_subject"
    assert refused("listing", {"企业名称": "甲", "统一社会信用代码": "3304022504667"}, given).reason == "bad_identifier"
    two = refused("listing", {"企业名称": "甲", "统一社会信用代码": FIRM, "组织机构代码": organisation_code("87654321")}, given)
    assert (two.reason, two.field) == ("bad_identifier", "subject_id") and FIRM in two.message


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"处罚决定日期": "2022-09-31"}, "bad_date", "occurred_on"),
        ({"处罚决定日期": "2099-12-31"}, "bad_date", "occurred_on"),
        ({"处罚决定日期": "— —"}, "missing_field", "occurred_on"),
        ({"罚款金额（万元）": "abc"}, "bad_amount", "fine_amount"),
        ({"severity": "很重"}, "out_of_catalogue", "severity"),
        ({"处罚有效期": "浙江省行政权力运行系统-2"}, "bad_date", "valid_to"),
    ],
)
def test_refusals_of_fields_say_where_and_what_to_do(change: dict[str, str], reason: str, field: str) -> None:
    found = refused("penalty-2018", {**PENALTY, **change})
    assert (found.reason, found.field) == (reason, field)
    assert next(iter(change)) in found.message and "东岳" in found.raw.decode()


def test_what_can_be_encoded_is_left_to_the_gate() -> None:
    found = event("penalty-2018", {**PENALTY, "罚款金额（万元）": "-1", "处罚决定日期": "2098-01-01"})
    assert found["fine_amount"] == Decimal("-10000.00") and found["header"]["occurred_on"] == date(2098, 1, 1)


def test_the_unit_in_the_header_or_the_cell_wins() -> None:
    cells = {key: value for key, value in PENALTY.items() if not key.startswith("罚款金额")}
    assert event("penalty-2018", {**cells, "罚款金额(元)": "300"})["fine_amount"] == Decimal(300)
    assert event("penalty-2018", {**cells, "罚款金额（万元，保留六位）": "3"})["fine_amount"] == Decimal(30000)
    assert event("penalty-2018", {**PENALTY, "罚款金额（万元）": "300元"})["fine_amount"] == Decimal(300)


def test_settings_win_over_columns_and_disclosure_stands_beside() -> None:
    found = mapped(
        "penalty-2018",
        {**PENALTY, "source_event_id": "k1"},
        {
            "occurred_on": "2021-04-07",
            "disclosed_on": "2021-04-15",
            "disclosed_channel": "信用中国",
            "jurisdiction": "370900",
            "legal_basis": "《体育法》第十条；《全民健身条例》第三十六条",
            "fine_amount": "8万元",
        },
    )
    assert isinstance(found, Mapped)
    (name, act), (beside, disclosed) = found.events
    assert (name, beside) == ("PenaltyImposed", "ActDisclosed")
    assert act["header"]["occurred_on"] == date(2021, 4, 7) and act["fine_amount"] == Decimal(80000)
    assert (
        act["header"]["legal_basis"] == ["《体育法》第十条", "《全民健身条例》第三十六条"]
        and act["header"]["source_event_id"] == "k1"
    )
    same = ("act_id", "subject_id", "authority_id", "source_id", "jurisdiction")
    assert [disclosed["header"][field] for field in same] == [act["header"][field] for field in same]
    assert disclosed["header"]["occurred_on"] == disclosed["disclosed_on"] == date(2021, 4, 15)
    assert (disclosed["channel"], disclosed["header"]["source_event_id"]) == ("信用中国", None)
    wire.encode(beside, disclosed)
    by_column = mapped("penalty-2018", {**PENALTY, "公示日期": "2021/4/9"})
    assert isinstance(by_column, Mapped) and by_column.events[1][1]["disclosed_on"] == date(2021, 4, 9)
    assert len(found.events) == 2 and isinstance(mapped("penalty-2018", {**PENALTY, "公示日期": "无"}), Mapped)


REGISTRY = {
    "list_no": "check01",
    "企业名称": "甲",
    "注册号/统一社会信用代码": FIRM,
    "登记机关": "某市市场监督管理局",
    "管辖单位": "某所",
    "code_kind": "uscc",
}


@pytest.mark.parametrize(
    ("given", "authority"),
    [
        ({}, ("name:某市市场监督管理局", "某市市场监督管理局")),
        ({"authority_id": "name:省局"}, ("name:省局", "省局")),
        ({"authority_id": "省局"}, ("name:省局", "省局")),
        ({"authority_id": AUTHORITY}, (AUTHORITY, AUTHORITY)),
        ({"authority_id": AUTHORITY, "authority_name": "省局"}, (AUTHORITY, "省局")),
        ({"authority_name": "省局"}, ("name:省局", "省局")),
    ],
)
def test_the_authority_of_a_registration(given: dict[str, str], authority: tuple[str, str]) -> None:
    found = event("registry", REGISTRY, {"occurred_on": "2017-12-31", **given})
    assert (found["header"]["authority_id"], found["header"]["authority_name"]) == authority
    assert (found["registration_authority"], found["supervising_office"]) == ("某市市场监督管理局", "某所")
    assert found["extra"] == {"code_kind": "uscc", "list_no": "check01"}


def test_an_authority_given_by_code_keeps_the_name_in_the_file() -> None:
    header = event("penalty-2018", {**PENALTY, "处罚机关统一社会信用代码": ""}, {"authority_id": AUTHORITY})["header"]
    assert (header["authority_id"], header["authority_name"]) == (AUTHORITY, "泰安市体育局")


def test_commitments() -> None:
    row = {
        "承诺主体": "甲公司",
        "统一社会信用代码": FIRM,
        "承诺类型": "主动型",
        "承诺编码": "",
        "做出承诺日期": "2021-09-08",
        "承诺受理单位": "某局",
        "承诺受理单位统一社会信用代码": "",
        "承诺事由/内容": "（通用）",
        "承诺履约状态": "— —",
    }
    found = event("commitment", row)
    assert (found["commitment_type"], found["matter"], found["performance_state"]) == ("voluntary_disclosure", "（通用）", None)
    assert found["header"]["authority_id"] == "name:某局" and "digest:" in found["header"]["act_id"]
    coded = event("commitment", {**row, "承诺类型": "审批替代型", "承诺编码": "3201", "承诺履约状态": "全部履行"})
    assert (coded["commitment_type"], coded["performance_state"]) == ("approval_replacing", "全部履行")
    assert coded["header"]["act_id"] == "commitment/name:某局/3201"


def test_a_listing_without_its_list_is_refused() -> None:
    found = refused("listing", {"企业名称": "甲", "统一社会信用代码": FIRM}, {"occurred_on": "2020-01-01"})
    assert (found.reason, found.field) == ("missing_field", "list") and "--set list=" in found.message


@pytest.mark.parametrize(
    ("profile", "row", "column", "field", "text", "code"),
    [
        ("licence-2018", LICENCE, "许可类别", "licence_category", "备案", "other"),
        ("licence-2018", LICENCE, "当前状态", "licence_state", "冻结", "other"),
        ("licence-2018", {**LICENCE, "地方编码": "370900"}, "当前状态", "licence_state", "冻结", "other"),
        ("penalty-2018", PENALTY, "处罚类别", "penalty_categories", "罚款;流放", ["fine", "other"]),
        ("penalty-2018", PENALTY, "当前状态", "penalty_state", "9", "other"),
        ("commitment", LICENCE, "承诺类型", "commitment_type", "口头型", "other"),
    ],
)
def test_an_unknown_word_of_an_open_enumeration_is_other_and_kept(
    profile: str, row: dict[str, str], column: str, field: str, text: str, code: object
) -> None:
    more = {"做出承诺日期": "2021-09-08", "承诺受理单位": "某局"} if profile == "commitment" else {}
    found = event(profile, {**row, **more, column: text})
    assert found[field] == code and found["extra"][column] == text


def test_shipped_profiles_read_unknown_words_as_other_exactly_where_there_is_one() -> None:
    specs = [spec for name in shipped() for spec in load_profile(name).fields.values() if spec.values]
    assert {spec.name for spec in specs if "other" in spec.type.values} >= {"licence_category", "penalty_categories"}
    assert [spec.name for spec in specs if (spec.unmatched == "other") != ("other" in spec.type.values)] == []


def test_a_column_whose_field_is_set_is_kept_in_extra() -> None:
    given = {
        "occurred_on": "2021-04-07",
        "subject_name": "东岳公司",
        "fine_amount": "8万元",
        "penalty_categories": "fine",
        "violation_type": "未经许可经营",
        "remark": "",
        "registration_number": registration("37090020009999"),
    }
    numbered = {**PENALTY, "备注": "原备注", "工商注册号": registration(), "名称": "东岳"}
    found = event("penalty-2018", numbered, given)
    assert found["header"]["subject_name"] == "东岳公司" and found["registration_number"] == registration("37090020009999")
    assert found["extra"] == {
        "处罚决定日期": "2021年4月6日",
        "行政相对人名称": "东岳体育器材有限公司",
        "名称": "东岳",
        "罚款金额（万元）": "1.500000",
        "处罚类别": "罚款;没收违法所得",
        "备注": "原备注",
        "工商注册号": registration(),
    }


def test_an_invalid_code_of_the_authority_is_kept_where_only_its_name_makes_the_id() -> None:
    column = "处罚机关统一社会信用代码"
    found = event("penalty-2018", {**PENALTY, column: "00431234"})
    assert found["header"]["authority_id"] == "name:泰安市体育局" and found["extra"] == {column: "00431234"}
    assert event("penalty-2018", {**PENALTY, column: f" {AUTHORITY.lower()}"})["extra"] == {}
    assert event("penalty-2018", {**PENALTY, column: identity()})["extra"] == {}  # a person's number is never kept
    given = event("penalty-2018", {**PENALTY, column: "00431234"}, {"authority_id": "省局"})
    assert given["extra"] == {column: "00431234", "处罚机关": "泰安市体育局"}


@pytest.mark.parametrize("column", ["税务登记号", "事业单位证书号", "社会组织登记证号"])
def test_a_tax_or_certificate_number_names_the_subject_only_as_a_uscc(column: str) -> None:
    bare = {key: value for key, value in PENALTY.items() if "代码_" not in key}
    assert refused("penalty-2018", {**bare, column: registration()}).reason == "unidentified_subject"
    assert refused("penalty-2018", {**bare, column: organisation_code()}).reason == "unidentified_subject"
    assert event("penalty-2018", {**bare, column: FIRM})["header"]["subject_id"] == FIRM
    beside = event("penalty-2018", {**bare, column: registration(), "组织机构代码": organisation_code()})
    assert beside["header"]["subject_id"] == f"org:{organisation_code()}" and registration() in beside.values()


@pytest.mark.parametrize("cell", ["913709001234567000", 913709001234567890.0])
def test_a_code_that_excel_cut_gets_advice(cell: object) -> None:
    found = refused("penalty-2018", {**PENALTY, "行政相对人代码_1(统一社会信用代码)": cell})
    assert found.reason == "bad_identifier" and "15 digits" in found.message and "as text" in found.message


def test_kinds_stated_and_by_prefix() -> None:
    base = {"企业名称": "甲", "成立日期": "2020-01-01"}
    shop = event("registry", {**base, "注册号": registration(), "主体类型": "个体工商户"})
    assert shop["header"]["subject_kind"] == "individual_business"
    assert (
        event("registry", {**base, "统一社会信用代码": organisation("87654321", "93")})["header"]["subject_kind"] == "cooperative"
    )
    odd = event("registry", {**base, "注册号": registration(), "主体类型": "合资"})
    assert odd["header"]["subject_kind"] == "unknown" and odd["extra"] == {"主体类型": "合资"}


def test_the_order_of_columns_does_not_matter() -> None:
    row = {**PENALTY, "甲列": "1", "乙列": "2"}
    assert event("penalty-2018", row) == event("penalty-2018", dict(reversed(row.items())))
    one, two = (wire.content_digest("PenaltyImposed", event("penalty-2018", cells)) for cells in (row, dict(reversed(row.items()))))
    assert one == two


cells = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.integers(),
    st.floats(),
    st.dates(),
    st.booleans(),
    st.sampled_from([FIRM, registration(), organisation_code(), identity(), "2020-01-01", "罚款", "自然人", "1.5"]),
)
headers = st.sampled_from(
    sorted({column for name in shipped() if name != "events" for column in load_profile(name).known_headers()})
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([name for name in shipped() if name != "events"]),
    st.dictionaries(headers | st.text(max_size=5), cells, max_size=12),
)
def test_any_row_is_mapped_or_refused_and_what_is_mapped_can_be_encoded(profile: str, row: dict[str, Any]) -> None:
    loaded = load_profile(profile)
    base = {"统一社会信用代码": FIRM, **row}
    given = {"occurred_on": "2020-01-01"} | ({"list": "x"} if profile == "listing" else {})
    found = map_row(loaded, Row(2, base), context(loaded, given))
    if isinstance(found, Refused):
        assert found.reason in {
            "bad_identifier",
            "unidentified_subject",
            "missing_field",
            "bad_date",
            "bad_amount",
            "out_of_catalogue",
            "personal_data",
        }
    else:
        for name, one in found.events:
            try:
                value = wire.encode(name, one)
            except wire.Unencodable:  # only numbers beyond the schema's, and half a surrogate pair
                continue
            assert wire.decode(value)[1] == one
