"""Rows of the made-up sample that are wrong on purpose. Each says so in its remark, with the reason it must be refused for."""

from __future__ import annotations

from datetime import date

from console.demo.acts import CODE, FINE, ORGANISATION, REMARK, Row
from console.demo.cast import Subject, credit_code, person


def _remark(reason: str, what: str) -> Row:
    return {"备注": f"{REMARK}；故意出错（{reason}）：{what}"}


def bad_penalties(good: list[Row], subjects: list[Subject]) -> list[Row]:
    """Each is a good penalty with one thing wrong, under a document number of its own."""
    wrong = [
        {CODE: _mistyped()} | _remark("bad_identifier", "统一社会信用代码中一个 1 误录为字母 l"),
        {CODE: subjects[3].code[:-1] + ("0" if subjects[3].code[-1] != "0" else "1")} | _remark("bad_identifier", "校验码不对"),
        {CODE: subjects[4].code, ORGANISATION: subjects[5].organisation_code}
        | _remark("bad_identifier", "两个有效代码指向两个主体"),
        {CODE: ""} | _remark("unidentified_subject", "没有任何代码"),
        {"处罚决定日期": "2022-09-31"} | _remark("bad_date", "没有 9 月 31 日"),
        {"处罚决定日期": "2031/06/02"} | _remark("bad_date", "决定日期在将来"),
        {"处罚决定日期": ""} | _remark("missing_field", "没有决定日期"),
        {FINE: "-0.5"} | _remark("bad_amount", "金额为负"),
        {FINE: "伍仟元整"} | _remark("bad_amount", "金额不是数字"),
        {"违法事实": f"经营者{person(290).name}（身份证号 {person(290).number}）销售过期食品。"}
        | _remark("personal_data", "自由文本里有身份证号（虚构）"),
    ]
    plain = [row for row in good if row.get(CODE) and not row.get(ORGANISATION) and row["备注"] == REMARK]
    return [
        plain[3 * at] | {"行政处罚决定书文号": f"枣示错罚〔2024〕{at:04d}号", "公示日期": ""} | change
        for at, change in enumerate(wrong, 1)
    ]


def _mistyped() -> str:
    """A valid code in which a 1 was typed as l."""
    code = next(one for one in (credit_code("91", "370403", at) for at in range(180_000, 180_100)) if "1" in one[9:17])
    at = code.index("1", 9)
    return f"{code[:at]}l{code[at + 1 :]}"


def bad_licences(good: list[Row]) -> list[Row]:
    """Two licences that end before they begin, or name a day that doesn't exist, and one row that stands twice."""
    return [
        good[11]
        | {"行政许可决定文书号": "枣示错许〔2023〕0001号", "有效期至": "2017/01/01"}
        | _remark("bad_date", "有效期至早于有效期自"),
        good[12]
        | {"行政许可决定文书号": "枣示错许〔2023〕0002号", "许可决定日期": "2023/02/30"}
        | _remark("bad_date", "没有 2 月 30 日"),
        dict(good[20]),
    ]


def bad_listings(good: list[Row]) -> list[Row]:
    """Listings beyond the catalogue: 严禁超越法律法规权限."""
    return [
        good[0]
        | {"列入决定书文号": "枣示错列〔2024〕0001号", "名单标识": "shili-blacklist", "名单名称": "示例区诚信黑榜"}
        | _remark("out_of_catalogue", "目录中没有这个名单"),
        good[1]
        | {"列入决定书文号": "枣示错列〔2024〕0002号", "名单标识": "watch", "名单名称": "重点关注名单", "期限（月）": "60"}
        | _remark("out_of_catalogue", "期限超过该名单的最长期限"),
        good[2]
        | {"列入决定书文号": "枣示错列〔2024〕0003号", "列入日期": f"{date(2015, 3, 2):%Y/%m/%d}"}
        | _remark("out_of_catalogue", "当日没有这个名单"),
    ]
