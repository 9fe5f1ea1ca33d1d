"""Who acts in the made-up sample: subjects, persons and authorities that don't exist, with codes that pass every check.

Organisation codes begin with XJ, which no registration office gives out; birth dates in identity numbers lie in 1900 to
1909; every name says 示例 (example) or 示. Nobody and nothing real is meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

from schemas.identifiers import is_organisation_code

REGIONS: Final = {
    "370402": "市中区",
    "370403": "薛城区",
    "370404": "峄城区",
    "370405": "台儿庄区",
    "370406": "山亭区",
    "370481": "滕州市",
}
_TRADES: Final = (
    "机械",
    "食品",
    "建材",
    "化工",
    "物流",
    "纺织",
    "电子",
    "粮油",
    "包装",
    "印务",
    "家具",
    "塑胶",
    "金属",
    "石膏",
    "水泥",
    "煤业",
    "运输",
    "园林",
    "装饰",
    "玻璃",
    "环保",
    "生物",
)
_FORMS: Final = ("有限公司", "商贸有限公司", "科技有限公司", "实业有限公司")
_SHOPS: Final = ("超市", "饭店", "烟酒店", "理发店", "药店", "五金店", "早餐店", "水果店", "汽修厂", "服装店")
_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN: Final = "甲乙丙丁戊己庚辛壬癸"
_BIRTH_PLACE: Final = "370421"
"""滕县, which ended in 1988: the checks accept it with birth dates that no one living has."""


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up natural person."""

    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A made-up organisation. ``category`` is the template's 行政相对人类别."""

    name: str
    code: str
    category: str
    regno: str
    head: Person
    registered_on: date
    district: str

    @property
    def organisation_code(self) -> str:
        return self.code[8:17]


@dataclass(frozen=True, slots=True)
class Authority:
    """A made-up authority. ``mark`` is the word of its document numbers."""

    name: str
    code: str
    mark: str


def organisation_code(number: int) -> str:
    """XJ, six digits and the check digit (GB 11714)."""
    body = f"XJ{number:06d}"
    return next(body + last for last in "0123456789X" if is_organisation_code(body + last))


def credit_code(prefix: str, region: str, number: int) -> str:
    """A 统一社会信用代码 that passes its checks (GB 32100)."""
    body = prefix + region + organisation_code(number)
    return str(body + uscc.calc_check_digit(body))


def person(number: int) -> Person:
    """The same person for the same number; born in 1900 to 1909."""
    name = _SURNAMES[number % len(_SURNAMES)] + "示" + _GIVEN[number // len(_SURNAMES) % len(_GIVEN)]
    born = date(1900, 1, 1) + timedelta(days=number * 37 % 3600)
    body = f"{_BIRTH_PLACE}{born:%Y%m%d}{number % 1000:03d}"
    return Person(name, str(body + ric.calc_check_digit(body + "0")))


def authorities() -> dict[str, Authority]:
    """The authorities by a short name; each is also a source."""
    named = (
        ("market", "枣庄市示例区市场监督管理局", "枣示市监处罚"),
        ("approval", "枣庄市示例区行政审批服务局", "枣示行审许"),
        ("emergency", "枣庄市示例区应急管理局", "枣示应急罚"),
        ("transport", "枣庄市示例区交通运输局", "枣示交罚"),
        ("environment", "枣庄市生态环境局示例分局", "枣示环罚"),
        ("labour", "枣庄市示例区人力资源和社会保障局", "枣示人社罚"),
        ("tax", "国家税务总局枣庄市示例区税务局", "枣示税罚"),
        ("court", "枣庄市示例区人民法院", "枣示执"),
    )
    return {key: Authority(name, credit_code("11", "370400", 900_000 + at), mark) for at, (key, name, mark) in enumerate(named)}


def subjects() -> list[Subject]:
    """About a hundred organisations; always the same."""
    random = Random("信迹示例主体")
    towns = ("枣庄", "滕州", "薛城", "台儿庄", "山亭")
    names = [
        ("91", f"{towns[at % len(towns)]}示例{trade}{form}")
        for at, (form, trade) in enumerate((form, trade) for form in _FORMS for trade in _TRADES)
    ][:84]
    names += [("92", f"示例区示例{shop}") for shop in _SHOPS]
    names += [("93", f"山亭示例{crop}种植专业合作社") for crop in ("樱桃", "花生", "地瓜", "石榴")]
    names += [("52", "枣庄示例职业培训学校"), ("12", "枣庄示例文化馆")]
    return [_subject(random, at, prefix, name) for at, (prefix, name) in enumerate(names)]


def _subject(random: Random, at: int, prefix: str, name: str) -> Subject:
    region = random.choice(list(REGIONS))
    regno = f"{region}2{at:07d}"
    return Subject(
        name,
        credit_code(prefix, region, 100_000 + at),
        "个体工商户" if prefix == "92" else "法人及非法人组织",
        str(regno + mod_11_10.calc_check_digit(regno)) if prefix in {"91", "92"} and at % 5 == 0 else "",
        person(at),
        date(2006, 1, 4) + timedelta(days=random.randrange(4500)),
        REGIONS[region],
    )
