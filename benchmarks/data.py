"""Made-up acts for measuring: seeded, so that every run works on the same bytes.

Subjects have valid codes that no registration office gives out (organisation codes XJ and six digits); every name says
示例 (example). A subject's first ten events are a small life: licences, inspections, a penalty, a commitment, with their
disclosures, and for one subject in fifty a listing. Later ones are licences, penalties and inspections.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, Final

from console.demo.cast import credit_code
from schemas import wire
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME
from schemas.registry import fields_of, header_fields

SOURCE: Final = "local"
ACTS_OF_A_SUBJECT: Final = 10
_SEED: Final = "信迹"
_FIRST_DAY: Final = date(2021, 1, 4)
_DAYS: Final = 900
_LAST_DAY: Final = date(2025, 6, 30)
_ON_ONE_DAY: Final = 60
_APART: Final = 1_000_000
"""Numbers of documents that no other act of the subject has."""
_NAMES: Final = ("枣庄市示例市场监督管理局", "枣庄市示例应急管理局", "枣庄市示例行政审批服务局", "枣庄市示例生态环境局")
_OFFICES: Final = tuple((credit_code("11", "370400", 800_000 + at), name) for at, name in enumerate(_NAMES))
_LIFE: Final = (
    "LicenceGranted", "ActDisclosed", "InspectionConducted", "PenaltyImposed", "ActDisclosed",
    "LicenceGranted", "CommitmentMade", "CommitmentFulfilled", "InspectionConducted", "LicenceGranted",
)  # fmt: skip
_LISTED_LIFE: Final = (*_LIFE[:8], "ListingNoticed", "ListingDecided")
_LATER: Final = ("LicenceGranted", "PenaltyImposed", "InspectionConducted")
_LISTED_ONE_IN: Final = 50
_WORDS: Final = {
    "LicenceGranted": "许", "PenaltyImposed": "罚", "InspectionConducted": "检", "CommitmentMade": "诺", "ListingNoticed": "告",
    "ListingDecided": "列",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One statement: the event's name, the decoded event and its framed bytes."""

    name: str
    event: dict[str, Any]
    value: bytes

    @property
    def subject_id(self) -> str:
        subject: str = self.event["header"]["subject_id"]
        return subject

    @property
    def act_id(self) -> str:
        act: str = self.event["header"]["act_id"]
        return act


def subject_ids(prior: int) -> list[str]:
    """The subjects that ``prior`` acts are about, ten of each."""
    return [subject_id(number) for number in range(-(-prior // ACTS_OF_A_SUBJECT))]


def life(number: int) -> list[Said]:
    """The first ten events of a subject, in the order in which they were recorded."""
    random = Random(f"{_SEED}/{number}")
    names = _LISTED_LIFE if number % _LISTED_ONE_IN == 0 else _LIFE
    said: list[Said] = []
    made: dict[str, Said] = {}
    for at, name in enumerate(names):
        one = _follow_up(name, said[-1], random) if not BY_NAME[name].makes_act else _act(name, number, at, made, random)
        said.append(one)
        made[one.name] = one
    return said


def new_acts(prior: int, count: int, first: int = 0) -> list[Said]:
    """Acts about subjects drawn at random from those with prior acts; another ``first`` gives other acts."""
    random = Random(f"{_SEED}/new/{prior}/{first}")
    subjects = -(-prior // ACTS_OF_A_SUBJECT)
    return [
        _act(random.choice(_LATER), random.randrange(subjects), ACTS_OF_A_SUBJECT + number, {}, random)
        for number in range(first, first + count)
    ]


def acts_of(number: int, count: int, first: int = 0) -> list[Said]:
    """So many acts about one subject; another ``first`` gives other acts."""
    random = Random(f"{_SEED}/of/{number}/{first}")
    return [_act(_LATER[at % len(_LATER)], number, _APART + at, {}, random) for at in range(first, first + count)]


def backdated(number: int, count: int) -> list[Said]:
    """Acts about one subject, each on or before the day of the one before it."""
    random = Random(f"{_SEED}/backdated/{number}")
    days = [_LAST_DAY - timedelta(days=at // _ON_ONE_DAY) for at in range(count)]
    return [_act(_LATER[at % len(_LATER)], number, _APART + at, {}, random, day) for at, day in enumerate(days)]


def restated(said: Sequence[Said], time: int) -> list[Said]:
    """The same acts stated again, with other content each time; 0 is the first statement."""
    return [_again(one, time) for one in said]


def penalties(first: int, count: int) -> list[Said]:
    """One penalty of each of so many subjects."""
    return [
        _act("PenaltyImposed", number, _APART, {}, Random(f"{_SEED}/penalty/{number}")) for number in range(first, first + count)
    ]


def json_line(one: Said) -> str:
    """A statement as a line of a file of events, without the fields that are at their defaults."""
    header = {field: value for field, value in one.event["header"].items() if value != _defaults("").get(field)}
    fields = {field: value for field, value in one.event.items() if field != "header" and value != _defaults(one.name).get(field)}
    return json.dumps({"event": one.name, "header": header, **fields}, ensure_ascii=False, default=str)


@cache
def subject_id(number: int) -> str:
    """The valid code of a made-up subject."""
    return credit_code("91", "370402", number)


def _act(name: str, number: int, at: int, made: dict[str, Said], random: Random, day: date | None = None) -> Said:
    office_id, office = random.choice(_OFFICES)
    day = day or _FIRST_DAY + timedelta(days=random.randrange(_DAYS))
    event = _blank(name, number, day, office_id, office)
    event["document_number"] = f"示例{_WORDS[name]}〔{day.year}〕{number % 1_000_000:06d}-{at}号"
    if name == "LicenceGranted":
        event |= {
            "document_name": "准予行政许可决定书",
            "licence_category": "ordinary",
            "certificate_name": "食品经营许可证",
            "certificate_number": f"SL{number:09d}{at}",
            "content": "食品销售（预包装食品、散装食品）",
            "valid_from": day,
            "valid_to": day + timedelta(days=1825),
            "licence_state": "valid",
        }
    elif name == "PenaltyImposed":
        event |= {
            "violation_type": "经营超过保质期食品",
            "violation_facts": "当事人销售的预包装食品已超过保质期。",
            "penalty_basis": "《中华人民共和国食品安全法》第一百二十四条第一款",
            "penalty_categories": ["fine"],
            "penalty_content": "处以罚款",
            "fine_amount": Decimal(random.randrange(100, 9_000_000)) / 100,
        }
    elif name == "InspectionConducted":
        event |= {
            "plan": "示例年度双随机抽查",
            "items": ["食品经营", "明码标价"],
            "method": "on_site",
            "result": random.choice(("passed", "failed_corrected", "failed")),
        }
    elif name == "CommitmentMade":
        event |= {"commitment_type": "repair", "matter": "信用修复", "content": "不再发生同类违法行为"}
    else:
        event |= {"list": "market-regulation-serious", "reason": "示例事由"}
        if name == "ListingDecided":
            event["basis_act_ids"] = [made["PenaltyImposed"].act_id]
    event["header"]["act_id"] = act_id(name, event)
    return Said(name, event, wire.encode(name, event))


def _again(one: Said, time: int) -> Said:
    if not time:
        return one
    event = {**one.event, "fine_amount": Decimal(100_000 + time) / 100}
    return Said(one.name, event, wire.encode(one.name, event))


def _follow_up(name: str, about: Said, random: Random) -> Said:
    header = about.event["header"]
    day = header["occurred_on"] + timedelta(days=random.randrange(1, 30))
    event = _blank(name, 0, day, header["authority_id"], header["authority_name"])
    event["header"] |= {field: header[field] for field in ("subject_id", "subject_name", "act_id")}
    own_date = BY_NAME[name].own_date
    assert own_date is not None
    event[own_date] = day
    return Said(name, event, wire.encode(name, event))


def _blank(name: str, number: int, day: date, office_id: str, office: str) -> dict[str, Any]:
    header = {key: _fresh(value) for key, value in _defaults("").items()} | {
        "subject_id": subject_id(number),
        "subject_name": f"枣庄示例{number:06d}商贸有限公司",
        "subject_kind": "enterprise",
        "authority_id": office_id,
        "authority_name": office,
        "source_id": office_id,
        "source_name": office,
        "occurred_on": day,
        "jurisdiction": "370402",
    }
    return {"header": header} | {key: _fresh(value) for key, value in _defaults(name).items()}


@cache
def _defaults(name: str) -> dict[str, Any]:
    fields = fields_of(name) if name else header_fields()
    return {field: schema["default"] for field, schema in fields.items() if "default" in schema}


def _fresh(value: Any) -> Any:
    return value.copy() if isinstance(value, list | dict) else value
