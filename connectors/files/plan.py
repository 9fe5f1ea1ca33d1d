"""Which column of a file goes where: worked out once for a file's headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from connectors.files.profile import FieldSpec, Profile, normal_header

_NUMBER_HEADER: Final = re.compile(
    r"身份证|证件号|护照|通行证号|居留证|手机|移动电话|联系电话|联系方式|家庭住址|家庭地址|银行账号|银行卡"
)
_NOT_PERSONAL: Final = re.compile(r"许可|证照|单位|机关|类型|类别|种类")
_NAME_HEADER: Final = re.compile(
    r"姓名|联系人|经办人|法人代表|法定代表人|负责人|经营者|执法人员|责任人|实际控制人|检查人员|自然人股东"
)
_NOT_A_NAME: Final = re.compile(r"类型|类别|种类|单位|机关|性别|国籍|职务|名称|人数|数量")
_NOTE: Final = re.compile(r"\([^()]*\)$")
_UNIT_NOTE: Final = {
    "(万元)": "wan_yuan",
    "(元)": "yuan",
    "(人民币元)": "yuan",
    "(人民币万元)": "wan_yuan",
    "(单位:万元)": "wan_yuan",
    "(单位:元)": "yuan",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A column that fills a field; ``unit`` is what the header itself says of amounts."""

    header: str
    unit: str | None


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """A field, the columns that fill it (first wins), and the values of its enumeration in this file."""

    spec: FieldSpec
    sources: tuple[Source, ...]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """A file's columns by their place; only fields that some column fills.

    ``free`` columns go to extra; ``shared`` ones fill more than one place, so nothing of them is left over.
    """

    fields: tuple[FieldPlan, ...]
    codes: tuple[tuple[str, str], ...]
    persons: Mapping[str, tuple[str, ...]]
    free: tuple[str, ...]
    shared: frozenset[str]
    by_name: Mapping[str, FieldPlan]


@lru_cache(maxsize=256)
def plan_for(profile: Profile, headers: tuple[str, ...]) -> Plan:
    """The plan of a file with these headers under a profile.

    A header is compared exactly first; a header that names a person's number or name is a person's column though no
    profile says so; only then a trailing note in brackets is overlooked, where no other column claims the name.
    """
    normal = {header: normal_header(header) for header in headers}
    claims = _claims(profile)
    placed: dict[str, list[tuple[str, str]]] = {}
    for header, plain in normal.items():
        if plain in claims:
            placed[header] = claims[plain]
        elif plain in profile.ignored:
            placed[header] = []
        elif role := _personal(plain):
            placed[header] = [("persons", role)]
    taken = {claim for found in placed.values() for claim in found}
    for header, plain in normal.items():
        base = _NOTE.sub("", plain)
        if header not in placed and base != plain and base in claims and not taken.intersection(claims[base]):
            placed[header] = claims[base]
            taken.update(claims[base])
    return _plan(profile, headers, placed, frozenset(normal.values()))


def _claims(profile: Profile) -> dict[str, list[tuple[str, str]]]:
    claims: dict[str, list[tuple[str, str]]] = {}
    for group, table in (("persons", profile.persons), ("codes", profile.codes)):
        for role, columns in table.items():
            for column in columns:
                claims.setdefault(column, []).append((group, role))
    for name, spec in profile.fields.items():
        for column in spec.columns:
            found = claims.setdefault(column, [])
            if not any(group == "persons" for group, _ in found) and ("fields", name) not in found:
                found.append(("fields", name))
    return claims


def _personal(plain: str) -> str | None:
    if _NUMBER_HEADER.search(plain) and not _NOT_PERSONAL.search(plain):
        return "dropped"
    return "masked" if _NAME_HEADER.search(plain) and not _NOT_A_NAME.search(plain) else None


def _plan(profile: Profile, headers: tuple[str, ...], placed: Mapping[str, list[tuple[str, str]]], present: frozenset[str]) -> Plan:
    def having(group: str, name: str, columns: tuple[str, ...]) -> list[str]:
        found = [header for header in headers if (group, name) in placed.get(header, ())]
        order = {column: at for at, column in enumerate(columns)}
        return sorted(found, key=lambda header: order.get(normal_header(header), len(order)))

    fields = []
    for name, spec in profile.fields.items():
        found = having("fields", name, spec.columns)
        sources = tuple(Source(header, _unit(header)) for header in found)
        if sources:
            fields.append(FieldPlan(spec, sources, _values(spec, present)))
    codes = tuple((role, header) for role, columns in profile.codes.items() for header in having("codes", role, columns))
    persons = {role: tuple(having("persons", role, columns)) for role, columns in profile.persons.items()}
    return Plan(
        tuple(fields),
        codes,
        persons,
        free=tuple(header for header in headers if header not in placed),
        shared=frozenset(header for header, claims in placed.items() if len(claims) > 1),
        by_name={plan.spec.name: plan for plan in fields},
    )


def _unit(header: str) -> str | None:
    note = _NOTE.search(normal_header(header))
    return _UNIT_NOTE.get(note[0]) if note else None


def _values(spec: FieldSpec, present: frozenset[str]) -> Mapping[str, str]:
    for variant in spec.variants:
        if variant.when_any & present:
            return variant.values
    return spec.values
