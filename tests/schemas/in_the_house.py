"""What the product says of the made-up event GuaranteeGiven, as JSON; run where that event has a folder (tests/house.py)."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from projections.admission import Rejection, Source, judge
from projections.admission.rules import rules_of
from projections.policy import load
from schemas import registry, release, wire
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME, BY_NUMBER, KINDS
from schemas.logged import mentions
from tests.connectors.files.builders import AUTHORITY, FIRM, FakeVault, event, identity
from tests.connectors.files.test_people import everything
from tests.docs.generated import TABLES

NAME: Final = "GuaranteeGiven"
NAMES: Final = ("欧阳若兰", "诸葛明远", "司马青")
NUMBERS: Final = tuple(map(identity, (1, 22, 333)))
COLUMNS: Final = """
title = "made up"
event = "GuaranteeGiven"
[fields]
subject_name = ["企业名称"]
authority_name = ["机关"]
occurred_on = ["日期"]
form = ["方式"]
remark = ["备注"]
[codes]
code = ["代码"]
[persons]
guarantor = ["担保人", "第二担保人"]
guarantor_document_type = ["担保人证件类型"]
guarantor_number = ["担保人证件号"]
witness_names = ["见证人"]
witness_numbers = ["见证人证件号"]
"""
ROW: Final = {
    "企业名称": "甲公司", "代码": FIRM, "机关": "某局", "日期": "2021-03-05", "方式": "surety",
    "担保人": NAMES[0], "担保人证件类型": "身份证", "担保人证件号": NUMBERS[0],
    "见证人": "、".join(NAMES[1:]), "见证人证件号": "、".join(NUMBERS[1:]), "备注": f"{NAMES[0]}、{NAMES[2]}到场",
}  # fmt: skip
LINE: Final = {
    "event": NAME,
    "header": {"subject_id": FIRM, "subject_kind": "enterprise", "authority_id": AUTHORITY, "occurred_on": "2021-03-05"},
    "form": "surety",
    "guarantor_id": NUMBERS[0],
    "guarantor_mask": NAMES[0],
    "witness_persons": list(NUMBERS[1:]),
    "witness_person_masks": list(NAMES[1:]),
    "remark": f"{NAMES[0]}、{NAMES[2]}到场",
}
CORRECTION: Final = {
    "event": "ActCorrected",
    "header": {**LINE["header"], "act_id": f"guarantee/{AUTHORITY}/1"},
    "fields": {
        "guarantor_mask": json.dumps(NAMES[0]),
        "guarantor_id": json.dumps(NUMBERS[0]),
        "witness_persons": json.dumps(NUMBERS[1:]),
        "witness_person_masks": json.dumps(NAMES[1:], ensure_ascii=False),
    },
    "reason": f"{NAMES[0]}更名",
}
BAD_DAY: Final = {"header": {**LINE["header"], "occurred_on": "2021-02-30"}}


def found() -> dict[str, Any]:
    entry = BY_NAME[NAME]
    return {
        "number": BY_NUMBER[900].name,
        "kind": entry.kind in KINDS,
        "told_apart_by": entry.told_apart_by,
        "released": list(registry.released(NAME)) == [registry.fingerprint_of(NAME)],
        "loads": load({}).digest == load({}).digest,
    }


def encoded() -> dict[str, Any]:
    sample = release.full(NAME)
    value = wire.encode(NAME, sample)
    return {
        "reads": wire.decode(value, registry.fingerprint_of(NAME)) == (NAME, sample),
        "act_id": act_id(NAME, sample),
        "digest": wire.content_digest(NAME, sample),
        "mentions": mentions(NAME, sample)[1:],
        "same_id_without_amount": act_id(NAME, _unnumbered(sample)) == act_id(NAME, _unnumbered(sample | {"amount": None})),
        "other_id_with_witness": act_id(NAME, _unnumbered(sample)) != act_id(NAME, _unnumbered(sample | {"witness_persons": []})),
    }


def _unnumbered(sample: dict[str, Any]) -> dict[str, Any]:
    return sample | {"document_number": None, "header": sample["header"] | {"source_event_id": None}}


def judged() -> dict[str, str]:
    sample = release.full(NAME)
    changes: dict[str, dict[str, Any]] = {
        "as it is": {},
        "due before": {"due_on": date(2018, 6, 3)},
        "another form": {"form": "promise"},
        "unmasked": {"guarantor_mask": "张三"},
        "unmasked in a list": {"witness_person_masks": ["李四"]},
        "a number for a pseudonym": {"guarantor_id": f"person:{NUMBERS[0]}"},
        "a name for a pseudonym": {"witness_persons": ["李四"]},
    }
    answers = {case: _judged(NAME, sample | change) for case, change in changes.items()}
    corrected = release.full("ActCorrected")
    for case, text in (("unmasked", '"张三"'), ("hidden", '"\\u5f20\\u4e09"'), ("masked", '"张*"')):
        answers[f"corrected, {case}"] = _judged("ActCorrected", corrected | {"fields": {"guarantor_mask": text}})
    return answers


def _judged(name: str, value: dict[str, Any]) -> str:
    anyone = Source(value["header"]["source_id"], "甲", on_behalf=True)
    answer = judge(name, value, anyone, rules_of(load({})), date(2026, 1, 1))
    return f"{answer.reason} {answer.field}" if isinstance(answer, Rejection) else "admitted"


def at_the_edge() -> dict[str, Any]:
    """What rows leave behind, and what stands in them where they are taken."""
    profile = Path("made-up.toml")
    profile.write_text(COLUMNS, encoding="utf-8")
    other = Path("other-event.toml")
    other.write_text(COLUMNS.replace(NAME, "PenaltyImposed").replace('form = ["方式"]\n', ""), encoding="utf-8")
    rows: dict[str, tuple[str, dict[str, Any]]] = {
        "line": ("events", LINE),
        "refused line": ("events", LINE | BAD_DAY),
        "correction": ("events", CORRECTION),
        "refused correction": ("events", CORRECTION | BAD_DAY),
        "row": (str(profile), ROW),
        "refused row": (str(profile), ROW | {"日期": "2021-02-30"}),
        "row of an event without them": (str(other), ROW),
    }
    left = {case: everything(name, cells, FakeVault()) for case, (name, cells) in rows.items()}
    taken = {case: event(*rows[case], vault=FakeVault()) for case in ("line", "correction", "row", "row of an event without them")}
    return {
        "leaks": [f"{case}: {secret}" for case, text in left.items() for secret in (*NAMES, *NUMBERS) if secret in text],
        "taken": json.loads(json.dumps(taken, default=str)),
    }


def documented() -> str:
    return TABLES["events"]().split(f"### {NAME}\n", 1)[1].split("\n### ", 1)[0]


if __name__ == "__main__":
    parts = (found, encoded, judged, at_the_edge, documented)
    print(json.dumps({part.__name__: part() for part in parts}, ensure_ascii=False))
