"""Who may push what: the entry of a registered source, and the rule that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from projections.admission.reasons import Rejection
from schemas.catalogue import BY_NAME
from schemas.sentence import Sentence, names

ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Source:
    """A registered source (信息提供单位). ``kinds``: kinds of acts, or ``*``. ``authorities``: ids of authorities, or
    patterns of their names in the manner of file names (``*市场监督管理局``), or ``*``. ``on_behalf``: it may push
    statements whose header names another source."""

    id: str
    name: str
    kinds: frozenset[str] = frozenset({ANY})
    authorities: tuple[str, ...] = (ANY,)
    on_behalf: bool = False


NOT_REGISTERED: Final = Rejection(
    "unknown_source",
    "header.source_id",
    Sentence(
        "信息提供单位未登记：请运维人员将其加入登记表", "this source is not registered: the operator adds it to the file of sources"
    ),
)


def split_act_id(act_id: str) -> tuple[str, str]:
    """Kind and the rest (authority id / number) of an act id; empty strings where a part is missing."""
    kind, _, rest = act_id.partition("/")
    return kind, rest


def entitlement_problem(name: str, header: Mapping[str, Any], source: Source | None) -> Rejection | None:
    """Whether the source of the topic may push this statement. A follow-up is entitled by the kind, and by the
    authority, of the act that its act id names. An empty field is left to ``missing_field``."""
    if source is None:
        return NOT_REGISTERED
    stated = header["source_id"]
    if not stated.strip():
        return Rejection(
            "unknown_source",
            "header.source_id",
            Sentence(
                "请写明信息提供单位：header.source_id 应为登记的标识 {source}",
                "state who pushes: header.source_id is the source's registered id, {source}",
            ).of(source=source.id),
        )
    if stated != source.id and not source.on_behalf:
        return Rejection(
            "not_entitled",
            "header.source_id",
            Sentence(
                "{source} 不得代其他单位报送：请将 header.source_id 改为 {source}，或请运维人员授权代报（on_behalf）",
                "{source} may not push on behalf of another source: set header.source_id to {source}, "
                "or ask the operator for on_behalf",
            ).of(source=source.id),
        )
    return _kind_problem(name, header["act_id"], source) or _authority_problem(header, source)


def _kind_problem(name: str, act_id: str, source: Source) -> Rejection | None:
    if ANY in source.kinds:
        return None
    of_act = split_act_id(act_id)[0]
    for kind in (BY_NAME[name].kind, of_act if act_id else None):
        if kind is not None and kind not in source.kinds:
            return Rejection(
                "not_entitled",
                "header.act_id",
                Sentence(
                    "按登记表，{source} 只能报送这些类别的行为：{kinds}",
                    "{source} may push acts of these kinds only: {kinds}; the operator's file of sources says so",
                ).of(source=source.id, kinds=names(sorted(source.kinds))),
            )
    return None


def _authority_problem(header: Mapping[str, Any], source: Source) -> Rejection | None:
    if ANY in source.authorities:
        return None
    authority_id, name = header["authority_id"], header["authority_name"]
    if authority_id and not _covers(source.authorities, authority_id, name):
        return Rejection(
            "not_entitled",
            "header.authority_id",
            Sentence(
                "{source} 不得报送该机关的行为；可报送的机关见登记表，如有遗漏请联系运维人员",
                "{source} may not push for this authority; the operator's file of sources lists those it may push for",
            ).of(source=source.id),
        )
    _, of_act = split_act_id(header["act_id"])
    if not of_act or of_act.startswith(f"{authority_id}/") or _covers_act(source.authorities, of_act):
        return None
    return Rejection(
        "not_entitled",
        "header.act_id",
        Sentence(
            "{source} 不得报送该机关行为的后续事项；请核对行政行为标识，或联系运维人员",
            "{source} may not push about acts of this authority; check the act id, or ask the operator",
        ).of(source=source.id),
    )


def _covers(authorities: tuple[str, ...], authority_id: str, name: str) -> bool:
    """An id covers itself; a pattern covers the name that the id carries, else (a USCC) the stated name."""
    own = authority_id.removeprefix("name:") if authority_id.startswith("name:") else name
    return any(one == authority_id or fnmatchcase(own, one) for one in authorities)


def _covers_act(authorities: tuple[str, ...], rest: str) -> bool:
    """The rest of an act id is ``authority id / number``; names may themselves hold a slash."""
    named = rest.removeprefix("name:") if rest.startswith("name:") else None
    return any(rest.startswith(f"{one}/") or (named is not None and fnmatchcase(named, f"{one}/*")) for one in authorities)
