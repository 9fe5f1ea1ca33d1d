"""What an auditor asks of an act first: what was done, on what ground, how much, by whom, when, under which number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from projections.acts.fold import Act
from schemas.catalogue import BY_NAME
from schemas.irregularities import IRREGULARITIES
from schemas.registry import fields_of
from schemas.sentence import Sentence, listed, literal, plain

_GROUND: Final = ("violation_type", "violation_facts", "facts", "problems", "behaviour", "dispute", "ground", "reason")
_BASIS: Final = ("penalty_basis",)
_ASIDE: Final = re.compile(
    r".*_(id|ids|sha256|document_type|document|state)|document_(name|number)|(registration|tax|institution_certificate|"
    r"social_organisation)_number|organisation_code|data_source_.*|remark|secret|beacon|beacon_value|strata|sha256|arises_from|inspectors"
)
"""Fields of text that say who, under which number, or how it may be checked, and not what was done."""
STATES: Final = {
    "in_effect": Sentence("有效", "in effect"),
    "revoked": Sentence("已撤销", "revoked"),
    "void": Sentence("自始无效", "void from the start"),
}
_AMOUNT: Final = Sentence("{what} {yuan} 元", "{what} {yuan} yuan")


def summary(act: Act) -> dict[str, Any]:
    """What is asked first of an act as corrected, as plain data. Amounts are yuan, by their fields."""
    content, fields = act.content, fields_of(act.name)
    done = [name for name, field in fields.items() if _is_text(field) and name not in (*_GROUND, *_BASIS)]
    return {
        "event": act.name,
        "document_number": content.get("document_number"),
        "done": _texts(content, done) or _texts(content, ["document_name"]),
        "ground": _texts(content, _GROUND),
        "legal_basis": list(dict.fromkeys((*_texts(content, _BASIS), *act.header["legal_basis"]))),
        "amounts": {name: content[name] for name in fields if isinstance(content.get(name), Decimal)},
    }


def _is_text(field: Mapping[str, Any]) -> bool:
    """Whether a field is words for anybody: no number of a thing, no person, nothing that is not for the public."""
    kind = field["type"]
    plain_kind = next((one for one in kind if one != "null"), kind) if isinstance(kind, list) else kind
    is_text = plain_kind == "string" or (isinstance(plain_kind, dict) and plain_kind.get("items") == "string")
    return is_text and not _ASIDE.fullmatch(field["name"]) and not {"person", "mention", "openness"} & field.keys()


def _texts(content: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    found = [content.get(name) for name in names]
    texts = [one for value in found for one in (value if isinstance(value, list | tuple) else [value])]
    return [str(one) for one in texts if one not in (None, "")]


def heading(act: Mapping[str, Any]) -> Sentence:
    """The line above an act: day, what it is, whether it holds, its number."""
    event = BY_NAME[act["event"]]
    line = Sentence("{day}  {kind}  {state}  {number}", "{day}  {kind}  {state}  {number}")
    return line.of(
        day=act["occurred_on"],
        kind=literal(event.zh, act["kind"]),
        state=STATES[act["state"]],
        number=act["document_number"] or Sentence("（无文号）", "(no document number)"),
    )


def facts(act: Mapping[str, Any]) -> list[tuple[Sentence, Sentence]]:
    """What is told of an act below its line and its id; what it does not have is left out, but for the day of disclosure."""
    told = [_AMOUNT.of(what=_called(act["event"], name), yuan=f"{yuan:,.2f}") for name, yuan in act["amounts"].items()]
    found = [
        (Sentence("机关", "by"), plain(act["authority_name"])),
        (Sentence("内容", "what"), _parts(act["done"])),
        (Sentence("金额", "amount"), listed(told)),
        (Sentence("事由", "ground"), _parts(act["ground"])),
        (Sentence("依据", "basis"), _parts(act["legal_basis"])),
        (Sentence("公示", "disclosed"), plain(act["disclosed_on"] or "—")),
        (Sentence("撤销", "revoked"), plain(act["revoked_on"] or "")),
        *((Sentence("异常", "irregular"), plain(f"{one}  {IRREGULARITIES[one]}")) for one in act["irregularities"]),
    ]
    return [(name, value) for name, value in found if value.zh]


def _parts(texts: Iterable[str]) -> Sentence:
    return listed(map(plain, texts))


def _called(event: str, field: str) -> Sentence:
    """A field's name as its schema says it, without the unit."""
    zh, _, en = str(fields_of(event)[field]["doc"]).partition(" / ")
    return literal(zh.removesuffix("（元）"), en.removesuffix(", yuan"))
