"""Profiles: the shipped ones load; errors of one's own name file, key and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files import BadProfile, BadSetting, UnknownProfile, UnknownSetting, UnreadableFile, load_profile, shipped
from connectors.files.profile import normal_header
from connectors.files.profile_loader import parse_profile
from tests.connectors.files.builders import context, event


def test_shipped_profiles_load() -> None:
    assert shipped() == ("commitment", "events", "licence-2018", "listing", "penalty-2018", "registry")
    assert {load_profile(name).event for name in shipped()} == {
        "CommitmentMade",
        None,
        "LicenceGranted",
        "ListingDecided",
        "PenaltyImposed",
        "SubjectRegistered",
    }


@pytest.mark.parametrize("profile", ["licence-2018", "penalty-2018"])
def test_all_columns_of_the_2018_form_have_a_place(profile: str) -> None:
    known = load_profile(profile).known_headers()
    common = [
        "行政相对人名称",
        "行政相对人类别",
        "行政相对人代码_1（统一社会信用代码）",
        "行政相对人代码_2（工商注册号）",
        "行政相对人代码_3（组织机构代码）",
        "行政相对人代码_4（税务登记号）",
        "行政相对人代码_5（事业单位证书号）",
        "行政相对人代码_6（社会组织登记证号）",
        "法定代表人",
        "法定代表人证件类型",
        "法定代表人证件号码",
        "法定代表人身份证号",
        "证件类型 (自然人)",
        "证件号码 (自然人)",
        "数据来源单位",
        "数据来源单位统一社会信用代码",
        "备注",
        "BZ",
        "行政相对人代码_5（居民身份证号）",
        "数据更新时间戳",
    ]
    own = {
        "licence-2018": "行政许可决定文书名称 行政许可决定文书号 许可类别 许可证书名称 "
        "许可编号 许可内容 许可决定日期 有效期自 有效期至 许可机关 "
        "许可机关统一社会信用代码 当前状态 XK_XDR_MC XK_XDR_LB XK_XDR_SHXYM "
        "XK_XDR_GSZC XK_XDR_ZZJG XK_XDR_SWDJ XK_XDR_SYDW XK_XDR_SHZZ "
        "XK_FRDB XK_FR_ZJLX XK_FR_ZJHM XK_FR_SFZH XK_XDR_ZJLX XK_XDR_ZJHM XK_XKWS "
        "XK_WSH XK_XKLB XK_XKZS XK_XKBH XK_NR XK_JDRQ XK_YXQZ "
        "XK_YXQZI XK_XKJG XK_XKJGDM XK_ZT XK_LYDW XK_LYDWDM",
        "penalty-2018": "行政处罚决定书文号 违法行为类型 违法事实 "
        "处罚依据 处罚类别 处罚内容 罚款金额（万元） 没收违法所得、没收非法财物的金额（万元） "
        "暂扣或吊销证照名称及编号 处罚决定日期 处罚有效期 公示截止期 处罚机关 "
        "处罚机关统一社会信用代码 CF_XDR_MC CF_XDR_LB CF_XDR_SHXYM CF_XDR_GSZC "
        "CF_XDR_ZZJG CF_XDR_SWDJ CF_XDR_SYDW CF_XDR_SHZZ CF_FRDB CF_FR_ZJLX "
        "CF_FR_ZJHM CF_FR_SFZH CF_XDR_ZJLX CF_XDR_ZJHM CF_WSH CF_WFXW CF_SY "
        "CF_YJ CF_CFLB CF_NR CF_NR_FK CF_NR_WFFF CF_NR_ZKDX CF_JDRQ CF_YXQ "
        "CF_GSJZQ CF_CFJG CF_CFJGDM CF_SJLY CF_SJLYDM 处罚名称 处罚事由 处罚结果 "
        "处罚类别1 处罚类别2",
    }[profile].split()
    assert {header for header in common + own if normal_header(header) not in known} == set()


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("x = ", "TOML", "quotes"),
        ('evnt = "PenaltyImposed"', "evnt", "event"),
        ("", "event", "PenaltyImposed"),
        ('event = "PenaltyImposd"', "event", "did you mean PenaltyImposed"),
        ('event = "PenaltyImposed"\n[fields]\nfine_amout = ["a"]', "fields.fine_amout", "did you mean fine_amount"),
        ('event = "PenaltyImposed"\n[fields]\nlegal_representative = ["a"]', "fields.legal_representative", "[persons]"),
        ('event = "PenaltyImposed"\n[fields]\ntax_number = ["a"]', "fields.tax_number", "[codes]"),
        ('event = "PenaltyImposed"\n[fields]\nremark = "a"', "fields.remark", "table"),
        ('event = "PenaltyImposed"\n[fields]\nremark = [1]', "fields.remark.columns", "list of texts"),
        ('event = "PenaltyImposed"\n[fields.fine_amount]\ncolumns = ["a"]\nunit = "wan"', "fields.fine_amount.unit", "wan_yuan"),
        ('event = "PenaltyImposed"\n[fields.remark]\ncolumns = ["a"]\nunit = "yuan"', "fields.remark.unit", "only amounts"),
        (
            'event = "PenaltyImposed"\n[fields.severity]\ncolumns = ["a"]\nvalues = {"重" = "grave"}',
            "fields.severity.values.重",
            "serious",
        ),
        ('event = "PenaltyImposed"\n[fields.severity]\ncolumns = ["a"]\nvalue = {}', "fields.severity.value", "values"),
        ('event = "PenaltyImposed"\ndates = ["2018-7-1"]', "dates", "2018-07-01"),
        ('event = "PenaltyImposed"\ndates = ["excel"]', "dates", "at least one"),
        ('event = "PenaltyImposed"\n[codes]\nuscc = ["a"]', "codes.uscc", "code"),
        ('event = "PenaltyImposed"\n[persons]\nname = ["a"]', "persons.name", "responsible_names"),
        ('event = "PenaltyImposed"\n[constants]\nvalid_to = "soon"', "constants.valid_to", "date"),
        ('event = "PenaltyImposed"\n[constants]\nvalid = "1"', "constants.valid", "valid_to"),
        ('event = "PenaltyImposed"\nformat = "lines"', "format", "events"),
        ('event = "PenaltyImposed"\n[[fields.severity.variants]]\nvalues = {}', "fields.severity.columns", "list"),
    ],
)
def test_errors_name_file_key_and_what_to_write(text: str, key: str, said: str) -> None:
    with pytest.raises(BadProfile) as caught:
        parse_profile("mine", text, "mine.toml")
    assert (caught.value.file, caught.value.key) == ("mine.toml", key)
    assert said in str(caught.value)


def test_profiles_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'event = "InspectionConducted"\n[fields]\noccurred_on = ["检查日期"]\nitems = ["检查事项"]\n'
        '[codes]\ncode = ["代码"]\n[constants]\njoint = "是"\nmethod = "on_site"\n',
        encoding="utf-8",
    )
    from tests.connectors.files.builders import FIRM

    found = event(
        load_profile(path), {"代码": FIRM, "检查日期": "2020-01-02", "检查事项": "登记；年报", "result": "passed", "其他列": "x"}
    )
    assert (found["joint"], found["method"], found["items"], found["result"]) == (True, "on_site", ["登记", "年报"], "passed")
    assert found["extra"] == {"其他列": "x"}
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UnreadableFile):
        load_profile(tmp_path / "bad.toml")
    with pytest.raises(UnknownProfile, match="did you mean penalty-2018"):
        load_profile("penalty-2017")


def test_settings_are_checked_before_the_first_row() -> None:
    with pytest.raises(UnknownSetting, match=r"did you mean .*term_months"):
        context("listing", {"term_month": "3"})
    for name, text in {
        "term_months": "long",
        "occurred_on": "2099-01-01",
        "disclosed_on": "soon",
        "subject_id": "123",
        "legal_representative_id": "张三",
        "subject_kind": "firm",
    }.items():
        with pytest.raises(BadSetting) as caught:
            context("listing", {name: text})
        assert caught.value.name == name and "张三" not in str(caught.value)
    assert context("events", {"list": "tax-serious"}).given["ListingDecided"]["list"] == "tax-serious"
    with pytest.raises(UnknownSetting):
        context("registry", {"list": "tax-serious"})
