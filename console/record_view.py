"""One subject's record as people and programs read it, as of a day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from console.act_summary import facts, heading, summary
from console.dates import local
from console.language import here
from console.output import say
from console.tables import Column, Line, show_block, show_rows
from projections.acts.fold import Act
from projections.lists.fold import Entry
from projections.record import SubjectRecord
from schemas.catalogue import BY_NAME
from schemas.content import content_json
from schemas.logged import LoggedEvent
from schemas.sentence import Sentence, literal


def plain_record(
    record: SubjectRecord, named_in: Sequence[tuple[str, Entry]], events: Sequence[LoggedEvent], evidence: dict[str, str], day: date
) -> dict[str, Any]:
    """The record on a day as plain data: what began by then, each fact with the ids of its events.

    ``events`` are those about the subject and those that name it; ``evidence`` the digests of their bytes by event id.
    """
    grade = record.grade_on(day)
    return {
        "subject_id": record.subject_id,
        "kind": record.kind,
        "name": record.name_on(day) or _mask(record.subject_id, named_in),
        "names": [{"since": since, "name": name} for since, name in record.names if since <= day],
        "acts": [_act(act, day) for act in record.acts if act.occurred_on <= day],
        "duties": [
            {
                "act_id": duty.act_id,
                "duty": duty.duty,
                "started_on": duty.started_on,
                "due_on": duty.due_on,
                "fulfilled_on": duty.fulfilled_on if duty.fulfilled_on and duty.fulfilled_on <= day else None,
                "status": duty.status_on(day),
                "days_overdue": duty.days_overdue_on(day),
                "provisional": duty.provisional,
                "rule_id": duty.rule_id,
                "legal_basis": duty.legal_basis,
                "cause_event_id": duty.cause_event_id,
            }
            for duty in record.duties
            if duty.started_on <= day
        ],
        "listings": [_entry(entry, record.subject_id, "subject", day) for entry in record.entries if entry.listed_from <= day]
        + [_entry(entry, listed, "responsible", day) for listed, entry in named_in if entry.listed_from <= day],
        "grade": None
        if grade is None
        else {
            "grade": grade.grade,
            "score": grade.score,
            "valid_from": grade.valid_from,
            "valid_to": grade.valid_to,
            "policy_version": grade.policy_version,
            "reasons": [
                {
                    "event_id": one.event_id,
                    "rule_id": one.rule_id,
                    "points": one.points,
                    "valid_from": one.valid_from,
                    "valid_to": one.valid_to,
                }
                for one in grade.reasons
            ],
        },
        "waiting": [{"act_id": one.act_id, "event_ids": list(one.evidence)} for one in record.waiting],
        "evidence": [
            {
                "event_id": event.event_id,
                "event": event.name,
                "act_id": event.header["act_id"],
                "recorded_at": event.recorded_at,
                "topic_partition": event.partition,
                "topic_offset": event.offset,
                "value_sha256": evidence.get(event.event_id, ""),
            }
            for event in events
        ],
    }


def _mask(subject_id: str, named_in: Sequence[tuple[str, Entry]]) -> str:
    """The masked name under which others' listings name a person."""
    return next((mask for _, entry in named_in for person, mask in entry.responsible if person == subject_id), "")


def _act(act: Act, day: date) -> dict[str, Any]:
    return {
        "act_id": act.act_id,
        "kind": act.kind,
        **summary(act),
        "occurred_on": act.occurred_on,
        "state": _state(act, day),
        "authority_id": act.header["authority_id"],
        "authority_name": act.authority_name,
        "disclosed_on": act.disclosed_on if act.disclosed_on and act.disclosed_on <= day else None,
        "revoked_on": act.revoked_on if act.revoked_on and act.revoked_on <= day else None,
        "irregularities": list(act.irregularities),
        "evidence": list(act.evidence),
        "content": json.loads(content_json({name: value for name, value in act.content.items() if name != "header"})),
    }


def _state(act: Act, day: date) -> str:
    if act.void:
        return "void"
    return "revoked" if act.revoked_on and act.revoked_on <= day else "in_effect"


def _entry(entry: Entry, listed: str, role: str, day: date) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "list": entry.list,
        "list_name": entry.list_name,
        "effect": entry.effect,
        "subject_id": listed,
        "role": role,
        "listed_from": entry.listed_from,
        "listed_to": entry.listed_to,
        "end_reason": entry.end_reason,
        "open": entry.open_on(day),
        "irregularities": list(entry.irregularities),
        "evidence": list(entry.evidence),
    }


_GRADE: Final = Sentence(
    "等级 {grade}  分数 {score:g}  自 {since}  政策 {policy}", "grade {grade}  score {score:g}  since {since}  policy {policy}"
)
_NO_GRADE: Final = Sentence("当日无等级", "no grade on that day")
_ACTS: Final = Sentence("行政行为（{n}）", "acts ({n})")
_NO_ACTS: Final = Sentence("当日尚无行政行为", "no acts by that day")
_ACT, _EVENT = Sentence("行为编号", "act_id"), Sentence("事件编号", "event_id")
_DUTIES: Final = (
    (Column(_ACT, whole=True), "act_id"),
    (Column(Sentence("义务", "duty")), "duty"),
    (Column(Sentence("期限", "due"), whole=True), "due_on"),
    (Column(Sentence("履行", "fulfilled"), whole=True), "fulfilled_on"),
    (Column(Sentence("状态", "status")), "status"),
    (Column(Sentence("逾期天数", "days overdue")), "days_overdue"),
)
_LISTINGS: Final = (
    (Column(Sentence("名单", "list")), "list_name"),
    (Column(Sentence("主体", "subject"), whole=True), "subject_id"),
    (Column(Sentence("身份", "role")), "role"),
    (Column(Sentence("列入", "from"), whole=True), "listed_from"),
    (Column(Sentence("移出", "to"), whole=True), "listed_to"),
    (Column(Sentence("终止原因", "ended by")), "end_reason"),
    (Column(Sentence("在列", "open")), "open"),
    (Column(Sentence("异常", "irregular")), "irregularities"),
)
_WAITING: Final = ((Column(_ACT, whole=True), "act_id"), (Column(_EVENT, whole=True), "event_ids"))
_EVIDENCE: Final = (
    (Column(_EVENT, whole=True), "event_id"),
    (Column(Sentence("事件", "event")), "event"),
    (Column(Sentence("入日志时间", "recorded")), "recorded_at"),
    (Column(Sentence("分区/位移", "place"), whole=True), "place"),
)


def show_record(record: dict[str, Any], out: Console, *, wide: bool = False) -> None:
    """Prints a plain record for people."""
    out.print(Text.assemble((record["subject_id"], "bold"), f"  {record['name']}  ({record['kind']})"))
    for one in record["names"][:-1]:
        out.print(Text(here(Sentence("  曾用名 {name}，自 {since}", "  formerly {name}, since {since}").of(**one))))
    _show_grade(record["grade"], out)
    out.print(Text(here(_ACTS.of(n=len(record["acts"]))), style="bold") if record["acts"] else Text(here(_NO_ACTS)))
    for act in record["acts"]:
        out.print(Text(here(heading(act))))
        lines = [Line(here(_ACT), act["act_id"], whole=True), *(Line(here(name), here(value)) for name, value in facts(act))]
        show_block(out, lines, indent=4, wide=wide)
    evidence = [_with_names(one) for one in record["evidence"]]
    for title, columns, rows in (
        (Sentence("期限义务", "duties"), _DUTIES, record["duties"]),
        (Sentence("名单", "listings"), _LISTINGS, record["listings"]),
        (Sentence("等待（行为尚无人作出）", "waiting (nobody has made the act yet)"), _WAITING, record["waiting"]),
        (Sentence("证据", "evidence"), _EVIDENCE, evidence),
    ):
        if rows or columns is not _WAITING:
            cells = [[_cell(row[name]) for _, name in columns] for row in rows]
            show_rows(out, [column for column, _ in columns], cells, title=title, wide=wide)


def _with_names(evidence: dict[str, Any]) -> dict[str, Any]:
    event = literal(BY_NAME[evidence["event"]].zh, evidence["event"])
    return {**evidence, "event": event, "place": f"{evidence['topic_partition']}/{evidence['topic_offset']}"}


def _show_grade(grade: dict[str, Any] | None, out: Console) -> None:
    if grade is None:
        say(_NO_GRADE, out)
        return
    say(_GRADE.of(grade=grade["grade"], score=grade["score"], since=grade["valid_from"], policy=grade["policy_version"]), out)
    for reason in grade["reasons"]:
        until = reason["valid_to"] or "—"
        line = f"  {reason['points']:+g}  {reason['rule_id']}  {reason['valid_from']} … {until}"
        apart = "\n       " if out.is_terminal and len(line) + 2 + len(reason["event_id"]) > out.width else "  "
        out.print(f"{line}{apart}{reason['event_id']}", markup=False)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return Sentence("是", "yes") if value else Sentence("否", "no")
    return local(value) if isinstance(value, datetime) else value
