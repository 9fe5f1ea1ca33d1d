"""Commitments and listings (rows), inspections, notices and follow-ups (events) of the made-up sample."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any, Final

from console.demo.acts import CODE, FINE, LAST_DAY, REMARK, Row, some_day, text, working
from console.demo.cast import Authority, Subject, person
from schemas.act_id import normalise_document_number

Event = dict[str, Any]
COMMITMENT_COLUMNS: Final = (
    "承诺主体",
    "统一社会信用代码",
    "承诺类型",
    "承诺编码",
    "承诺事由",
    "承诺内容",
    "做出承诺日期",
    "履约期限",
    "承诺受理单位",
    "承诺受理单位统一社会信用代码",
    "承诺履约状态",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
)
LISTING_COLUMNS: Final = (
    "主体名称",
    "统一社会信用代码",
    "名单标识",
    "名单名称",
    "列入决定书文号",
    "列入日期",
    "期限（月）",
    "列入事由",
    "basis_act_ids",
    "责任人员",
    "责任人员证件类型",
    "责任人员证件号码",
    "列入机关",
    "列入机关统一社会信用代码",
    "备注",
)
_COMMITMENTS: Final = (
    ("审批替代型", "申请办理食品经营许可证", "具备法定经营条件，所提交材料真实有效"),
    ("证明事项告知承诺", "免于提交经营场所证明", "经营场所产权清晰，不属于违法建设"),
    ("主动公示型", "依法诚信经营", "守法经营，自觉接受社会监督"),
    ("行业自律型", "遵守行业公约", "不哄抬价格，不虚假宣传"),
    ("信用修复型", "申请修复行政处罚信息", "已履行处罚决定，今后依法经营"),
)
# list id, its name, authority, term in months, reason, whether it was noticed beforehand
_LISTINGS: Final = (
    ("market-regulation-serious", "市场监督管理严重违法失信名单", "market", 36, "生产不符合安全标准的食品，受到较重处罚", True),
    ("market-regulation-serious", "市场监督管理严重违法失信名单", "market", 36, "两年内受到三次以上较重行政处罚", False),
    ("work-safety-serious", "安全生产严重失信主体名单", "emergency", 12, "拒不执行停产停业整顿决定", True),
    ("wage-arrears", "拖欠农民工工资失信联合惩戒对象名单", "labour", 36, "克扣、无故拖欠农民工工资", True),
    ("tax-serious", "重大税收违法失信主体名单", "tax", 36, "虚开发票", True),
    ("judgment-defaulter", "失信被执行人名单", "court", 24, "有履行能力而拒不履行生效法律文书确定的义务", True),
    ("watch", "重点关注名单", "market", 12, "一年内多次受到行政处罚", True),
    ("watch", "重点关注名单", "transport", 6, "多次超限运输", False),
    ("honour-taxpayer-a", "A级纳税人", "tax", 12, "年度纳税信用评价为A级", False),
)
_INSPECTIONS: Final = (
    ("passed", "none", None),
    ("passed", "none", None),
    ("passed", "none", None),
    ("failed_corrected", "order_correction", "台账不完整，当场改正"),
    ("failed", "order_correction", "消防通道堆放杂物"),
    ("failed", "transfer_case", "销售超过保质期食品，移送办案机构"),
    ("not_engaged", "none", None),
)


def commitments(random: Random, subjects: list[Subject], by: dict[str, Authority]) -> list[Row]:
    """40 commitments in the order of their days."""
    days = sorted(some_day(random) for _ in range(40))
    office = by["approval"]
    rows = []
    for at, day in enumerate(days, 1):
        subject, (kind, matter, content) = random.choice(subjects), random.choice(_COMMITMENTS)
        due = working(day + timedelta(days=180))
        rows.append(
            {
                "承诺主体": subject.name,
                "统一社会信用代码": subject.code,
                "承诺类型": kind,
                "承诺编码": f"370499{day:%Y%m%d}{at:06d}",
                "承诺事由": matter,
                "承诺内容": content,
                "做出承诺日期": text(day),
                "履约期限": text(due) if at % 3 else "",
                "承诺受理单位": office.name,
                "承诺受理单位统一社会信用代码": office.code,
                "承诺履约状态": "— —" if at % 4 else "履约中",
                "数据来源单位": office.name,
                "数据来源单位统一社会信用代码": office.code,
                "备注": REMARK,
            }
        )
    return rows


def listings(random: Random, subjects: list[Subject], by: dict[str, Authority], penalties: list[Row]) -> list[Row]:
    """18 listings; those of the market regulator rest on a penalty of the sample. Some have responsible persons."""
    punished = [row for row in penalties if row.get(CODE) in {subject.code for subject in subjects}]
    rows = []
    for at in range(18):
        list_id, name, office, months, reason, _ = _LISTINGS[at % len(_LISTINGS)]
        authority, penalty = by[office], punished[(7 * at) % len(punished)]
        decided = date.fromisoformat(penalty["处罚决定日期"].replace("/", "-"))
        day = min(working(decided + timedelta(days=random.randrange(30, 120))), LAST_DAY)
        persons = [person(240 + at)] if at % 3 == 0 else [person(240 + at), person(270 + at)] if at % 7 == 1 else []
        basis = act("penalty", penalty["处罚机关统一社会信用代码"], penalty["行政处罚决定书文号"])
        honoured = office == "tax" and "A级" in name
        rows.append(
            {
                "主体名称": penalty["行政相对人名称"],
                "统一社会信用代码": penalty[CODE],
                "名单标识": list_id,
                "名单名称": name,
                "列入决定书文号": f"{authority.mark.removesuffix('处罚').removesuffix('罚')}列〔{day.year}〕{at + 1:03d}号",
                "列入日期": text(day),
                "期限（月）": str(months) if at % 4 else "",
                "列入事由": reason,
                "basis_act_ids": "" if honoured or at % 5 == 4 else basis,
                "责任人员": "" if honoured else "；".join(one.name for one in persons),
                "责任人员证件类型": "" if honoured else "；".join("身份证" for _ in persons),
                "责任人员证件号码": "" if honoured else "；".join(one.number for one in persons),
                "列入机关": authority.name,
                "列入机关统一社会信用代码": authority.code,
                "备注": REMARK,
            }
        )
    return rows


def act(kind: str, authority_id: str, number: str) -> str:
    """An act id, as the product makes it."""
    return f"{kind}/{authority_id}/{normalise_document_number(number)}"


def notices(rows: list[Row]) -> list[Event]:
    """Prior notices of the listings that have one, 30 days before the decision."""
    events = []
    for at, row in enumerate(rows):
        list_id, _, _, _, reason, noticed = _LISTINGS[at % len(_LISTINGS)]
        if noticed:
            day = working(_day(row, "列入日期") - timedelta(days=30))
            events.append(
                _event("ListingNoticed", row, day, office="列入机关")
                | {
                    "document_number": row["列入决定书文号"].replace("列〔", "告〔"),
                    "list": list_id,
                    "reason": reason,
                    "remark": REMARK,
                }
            )
    return events


def inspections(random: Random, subjects: list[Subject], by: dict[str, Authority]) -> list[Event]:
    """45 inspections in the order of their days, a third of them joint ones."""
    days = sorted(some_day(random) for _ in range(45))
    events = []
    for at, day in enumerate(days, 1):
        office = by[("market", "emergency", "environment")[at % 3]]
        subject, (result, follow_up, problems) = random.choice(subjects), random.choice(_INSPECTIONS)
        row = {"主体名称": subject.name, "统一社会信用代码": subject.code, "机关": office.name, "机关统一社会信用代码": office.code}
        events.append(
            _event("InspectionConducted", row, day, office="机关")
            | {
                "document_number": f"枣示检〔{day.year}〕{at:04d}号",
                "plan": f"{day.year}年度双随机抽查计划",
                "items": ["经营资质", "现场管理"],
                "method": "on_site",
                "result": result,
                "problems": problems,
                "follow_up": follow_up,
                "joint": at % 3 == 0,
                "remark": REMARK,
            }
        )
    return events


def follow_ups(penalties: list[Row], commitments_made: list[Row], listed: list[Row], licences: list[Row]) -> list[Event]:
    """What came afterwards: corrections, revocations, withdrawals, late disclosures, performance, breaches, removals."""
    usual = [row for row in penalties if row["备注"] == REMARK and row.get(CODE) and row["公示日期"]]
    events = [
        _about(row, "ActCorrected", 40) | {"fields": {"fine_amount": '"5000.00"'}, "reason": "金额录入有误"}
        for row in [one for one in usual if one[FINE]][:4]
    ]
    for at, row in enumerate(usual[-16:-10]):
        revoked_on, withdrawn_on = _later(row, 60), _later(row, 62)
        events.append(
            _about(row, "ActRevoked", 60)
            | {"revoked_on": f"{revoked_on}", "void_from_start": at % 2 == 0, "reason": "行政复议决定撤销"}
        )
        if at % 3:
            events.append(
                _about(row, "DisclosureWithdrawn", 62) | {"withdrawn_on": f"{withdrawn_on}", "reason": "行政处罚决定已撤销"}
            )
    silent = [one for one in licences if not one["公示日期"]][:4]
    events += [
        _about(row, "ActDisclosed", 25, "许可") | {"disclosed_on": f"{_later(row, 25, '许可')}", "channel": "信用中国（示例）"}
        for row in silent
    ]
    events += [event for at, row in enumerate(commitments_made[:30]) for event in _performance(at, row)]
    events += [_removal(at, row) for at, row in enumerate(listed[:12]) if at % 2 == 0]
    return sorted(events, key=lambda event: str(event["header"]["occurred_on"]))


def _performance(at: int, row: Row) -> list[Event]:
    """One commitment in three is fulfilled, some others are breached or were false."""
    made, office = _day(row, "做出承诺日期"), "承诺受理单位"
    own = act("commitment", row[f"{office}统一社会信用代码"], row["承诺编码"])
    if at % 3 == 0:
        day = working(made + timedelta(days=150))
        return [_event("CommitmentFulfilled", row, day, office, own) | {"fulfilled_on": f"{day}", "remark": REMARK}]
    if at % 5 == 1:
        day = working(made + timedelta(days=200))
        return [
            _event("CommitmentBreached", row, day, office)
            | {
                "document_number": f"枣示违诺〔{day.year}〕{at:03d}号",
                "commitment_act_id": own,
                "kind": "false" if at % 2 else "breach",
                "facts": "核查发现与承诺内容不符",
                "remark": REMARK,
            }
        ]
    return []


def _removal(at: int, row: Row) -> Event:
    """Every other removal names its entry, the rest only the list."""
    day = min(working(_day(row, "列入日期") + timedelta(days=400)), LAST_DAY)
    entry = act("listing", row["列入机关统一社会信用代码"], row["列入决定书文号"])
    return _event("ListingRemoved", row, day, "列入机关") | {
        "document_number": row["列入决定书文号"].replace("列〔", "移〔"),
        "list": _LISTINGS[at % len(_LISTINGS)][0],
        "entry_act_id": entry if at % 4 else None,
        "removed_on": f"{day}",
        "reason": "已履行义务，信用修复",
        "remark": REMARK,
    }


def _about(row: Row, name: str, days: int, office: str = "处罚") -> Event:
    """A follow-up of a licence or penalty."""
    kind, number = ("penalty", "行政处罚决定书文号") if office == "处罚" else ("licence", "行政许可决定文书号")
    own = act(kind, row[f"{office}机关统一社会信用代码"], row[number])
    return _event(name, row, _later(row, days, office), f"{office}机关", own)


def _later(row: Row, days: int, office: str = "处罚") -> date:
    return min(working(_day(row, f"{office}决定日期") + timedelta(days=days)), LAST_DAY)


def _day(row: Row, column: str) -> date:
    return date.fromisoformat(row[column].replace("/", "-"))


def _event(name: str, row: Row, day: date, office: str, act_id: str = "") -> Event:
    subject = next(row[column] for column in ("行政相对人名称", "承诺主体", "主体名称") if column in row)
    code = row[CODE] if CODE in row else row["统一社会信用代码"]
    authority = {"authority_id": row[f"{office}统一社会信用代码"], "authority_name": row[office]}
    header = {
        "act_id": act_id,
        "subject_id": code,
        "subject_name": subject,
        **authority,
        "occurred_on": f"{day}",
        "source_id": authority["authority_id"],
        "source_name": authority["authority_name"],
    }
    return {"event": name, "header": header}
