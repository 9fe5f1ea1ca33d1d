"""Licences and penalties of the made-up sample, as rows of the 双公示 templates (2018 version) and 公示日期."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Final

from console.demo.cast import Authority, Person, Subject, person

Row = dict[str, str]
REMARK: Final = "虚构示例数据"
FIRST_DAY: Final = date(2019, 1, 7)
LAST_DAY: Final = date(2026, 10, 30)
OPEN_END: Final = date(2099, 12, 31)

_SUBJECT_COLUMNS: Final = (
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
    "证件类型",
    "证件号码",
)
LICENCE_COLUMNS: Final = (
    *_SUBJECT_COLUMNS,
    "行政许可决定文书名称",
    "行政许可决定文书号",
    "许可类别",
    "许可证书名称",
    "许可编号",
    "许可内容",
    "许可决定日期",
    "有效期自",
    "有效期至",
    "许可机关",
    "许可机关统一社会信用代码",
    "当前状态",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
    "公示日期",
)
PENALTY_COLUMNS: Final = (
    *_SUBJECT_COLUMNS,
    "行政处罚决定书文号",
    "违法行为类型",
    "违法事实",
    "处罚依据",
    "处罚类别",
    "处罚内容",
    "罚款金额（万元）",
    "没收违法所得、没收非法财物的金额（万元）",
    "暂扣或吊销证照名称及编号",
    "处罚决定日期",
    "处罚有效期",
    "公示截止期",
    "处罚机关",
    "处罚机关统一社会信用代码",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
    "公示日期",
)
CODE, REGNO, ORGANISATION = _SUBJECT_COLUMNS[2:5]
FINE: Final = "罚款金额（万元）"

_LICENCES: Final = (
    ("approval", "食品经营许可证", "普通", "食品销售（预包装食品、散装食品）", 5),
    ("approval", "排污许可证", "普通", "大气污染物、水污染物排放", 5),
    ("approval", "道路运输经营许可证", "普通", "道路普通货物运输", 4),
    ("approval", "药品经营许可证", "普通", "处方药、非处方药零售", 5),
    ("approval", "", "核准", "建设项目环境影响报告表批复", 0),
    ("approval", "公共场所卫生许可证", "普通", "理发、住宿", 4),
    ("emergency", "危险化学品经营许可证", "普通", "危险化学品经营（无储存设施）", 3),
    ("transport", "", "普通", "超限运输车辆行驶公路许可", 1),
    ("market", "特种设备使用登记证", "登记", "叉车使用登记", 0),
)
# authority, violation, facts, basis, categories, what it orders, fine in 万元 from and to, confiscates, licence
_PENALTIES: Final = (
    (
        "market",
        "经营超过保质期食品",
        "销售的预包装食品已超过保质期",
        "《中华人民共和国食品安全法》第一百二十四条第一款",
        "警告",
        "给予警告",
        0,
        0,
    ),
    (
        "market",
        "发布虚假广告",
        "在店堂内发布与实际不符的广告",
        "《中华人民共和国广告法》第五十五条第一款",
        "罚款",
        "处以罚款",
        1,
        20,
    ),
    ("market", "未按规定明码标价", "部分商品没有标明价格", "《中华人民共和国价格法》第四十二条", "罚款", "处以罚款", 0.02, 0.5),
    (
        "market",
        "生产不合格产品",
        "抽样检验不符合国家标准",
        "《中华人民共和国产品质量法》第四十九条",
        "罚款;没收违法所得",
        "没收违法所得并处罚款",
        2,
        30,
    ),
    (
        "emergency",
        "未对从业人员进行安全生产教育",
        "新员工上岗前没有安全培训记录",
        "《中华人民共和国安全生产法》第九十七条",
        "罚款",
        "处以罚款",
        0.5,
        9,
    ),
    (
        "emergency",
        "未及时消除事故隐患",
        "危险作业场所没有按要求整改",
        "《中华人民共和国安全生产法》第一百零二条",
        "责令停产停业;罚款",
        "责令停产停业整顿并处罚款",
        5,
        20,
    ),
    (
        "environment",
        "超标排放大气污染物",
        "监测结果超过排放标准",
        "《中华人民共和国大气污染防治法》第九十九条",
        "罚款",
        "处以罚款",
        10,
        160,
    ),
    (
        "environment",
        "未经验收投入生产",
        "配套环保设施未经验收即投入生产",
        "《建设项目环境保护管理条例》第二十三条",
        "罚款",
        "处以罚款",
        20,
        100,
    ),
    ("transport", "超限运输", "货运车辆总质量超过限定标准", "《公路安全保护条例》第六十四条", "罚款", "处以罚款", 0.05, 3),
    (
        "transport",
        "未取得许可从事道路货运经营",
        "没有道路运输经营许可证从事经营",
        "《中华人民共和国道路运输条例》第六十三条",
        "罚款;暂扣或者吊销许可证",
        "吊销道路运输证并处罚款",
        1,
        5,
    ),
    ("labour", "拖欠劳动报酬", "拖欠多名劳动者工资", "《劳动保障监察条例》第二十六条", "罚款", "处以罚款", 0.2, 2),
    (
        "tax",
        "未按期办理纳税申报",
        "没有在规定期限内办理纳税申报",
        "《中华人民共和国税收征收管理法》第六十二条",
        "罚款",
        "处以罚款",
        0.01,
        0.2,
    ),
)


def text(day: date) -> str:
    """A day as the templates write it."""
    return f"{day:%Y/%m/%d}"


def working(day: date) -> date:
    """The day, or the Monday after it: decisions are not dated on weekends."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def some_day(random: Random, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
    return min(working(first + timedelta(days=random.randrange((last - first).days))), last)


def disclosed(random: Random, decided: date) -> str:
    """In time for most, late for some, never (or not known) for the rest."""
    luck = random.random()
    days = random.randrange(1, 6) if luck < 0.7 else random.randrange(15, 80)
    day = decided + timedelta(days=days)
    return "" if luck > 0.88 or day > LAST_DAY else text(day)


def _of_subject(subject: Subject) -> Row:
    number = subject.head.number if len(subject.name) % 2 else ""
    return {
        "行政相对人名称": subject.name,
        "行政相对人类别": subject.category,
        CODE: subject.code,
        REGNO: subject.regno,
        "法定代表人": subject.head.name,
        "法定代表人证件类型": "身份证" if number else "",
        "法定代表人证件号码": number,
    }


def _of_person(who: Person) -> Row:
    return {"行政相对人名称": who.name, "行政相对人类别": "自然人", "证件类型": "身份证", "证件号码": who.number}


def _by(authority: Authority, office: str) -> Row:
    return {
        office: authority.name,
        f"{office}统一社会信用代码": authority.code,
        "数据来源单位": authority.name,
        "数据来源单位统一社会信用代码": authority.code,
        "备注": REMARK,
    }


def licences(random: Random, subjects: list[Subject], by: dict[str, Authority]) -> list[Row]:
    """120 licences in the order of their days."""
    days = sorted(some_day(random) for _ in range(120))
    return [_licence(random, at, day, random.choice(subjects), by) for at, day in enumerate(days, 1)]


def _licence(random: Random, at: int, day: date, subject: Subject, by: dict[str, Authority]) -> Row:
    office, certificate, category, content, years = random.choice(_LICENCES)
    authority = by[office]
    until = date(day.year + years, day.month, min(day.day, 28)) if years else OPEN_END
    mark = authority.mark if office == "approval" else f"{authority.mark.removesuffix('处罚').removesuffix('罚')}许"
    return (
        _of_subject(subject)
        | _by(authority, "许可机关")
        | {
            "行政许可决定文书名称": "准予行政许可决定书",
            "行政许可决定文书号": f"{mark}〔{day.year}〕{at:04d}号",
            "许可类别": category,
            "许可证书名称": certificate,
            "许可编号": f"SL{day.year}{at:06d}" if certificate else "",
            "许可内容": content,
            "许可决定日期": text(day),
            "有效期自": text(day),
            "有效期至": text(until),
            "当前状态": "1" if until > LAST_DAY else "2",
            "公示日期": disclosed(random, day),
        }
    )


def penalties(random: Random, subjects: list[Subject], by: dict[str, Authority]) -> list[Row]:
    """114 penalties in the order of their days: of organisations, eight of natural persons, a few with older codes."""
    days = sorted(some_day(random) for _ in range(114))
    # offenders repeat: a third of the organisations get all penalties
    offenders = random.sample(subjects, 34)
    rows = [_penalty(random, at, day, _of_subject(random.choice(offenders)), by) for at, day in enumerate(days, 1)]
    for at in range(8):
        rows[7 + 13 * at] |= dict.fromkeys(_SUBJECT_COLUMNS, "") | _of_person(person(200 + at))
    with_regno = [row for row in rows if row.get(REGNO)]
    with_regno[0] |= {CODE: "", "备注": f"{REMARK}；来源只有15位注册号"}
    rows[20] |= {ORGANISATION: rows[20][CODE][8:17], CODE: "", REGNO: "", "备注": f"{REMARK}；来源只有组织机构代码"}
    rows[30] |= {ORGANISATION: rows[30][CODE], CODE: "", "备注": f"{REMARK}；统一社会信用代码填在组织机构代码一列"}
    code = rows[40][CODE].lower()
    rows[40] |= {CODE: f" {code[:8]}-{code[8:]} ", "备注": f"{REMARK}；代码有空格、连字符和小写字母"}
    return rows


def _penalty(random: Random, at: int, day: date, whom: Row, by: dict[str, Authority]) -> Row:
    office, violation, facts, basis, categories, orders, least, most = random.choice(_PENALTIES)
    authority = by[office]
    fine = round(random.uniform(least, most), 2 if most > 1 else 4) if most else None
    gains = round(random.uniform(0.1, 3), 4) if "没收" in categories else None
    amount = f"{fine:f}".rstrip("0").rstrip(".") if fine is not None else ""
    return (
        whom
        | _by(authority, "处罚机关")
        | {
            "行政处罚决定书文号": f"{authority.mark}〔{day.year}〕{at:04d}号",
            "违法行为类型": violation,
            "违法事实": f"当事人{facts}。",
            "处罚依据": basis,
            "处罚类别": categories,
            "处罚内容": orders + (f"{amount}万元" if amount else ""),
            FINE: amount,
            "没收违法所得、没收非法财物的金额（万元）": "" if gains is None else f"{gains:.4f}",
            "暂扣或吊销证照名称及编号": f"道路运输证 SL{at:06d}" if "吊销" in categories else "",
            "处罚决定日期": text(day),
            "处罚有效期": text(OPEN_END),
            "公示截止期": text(date(day.year + (3 if most > 100 else 1), day.month, min(day.day, 28))),
            "公示日期": disclosed(random, day),
        }
    )
