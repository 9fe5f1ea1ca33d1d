"""One subject's record as people and programs read it, as of a day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from projections.acts.fold import Act
from projections.lists.fold import Entry
from projections.record import SubjectRecord
from schemas.content import content_json
from schemas.logged import LoggedEvent


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


def show_record(record: dict[str, Any], out: Console) -> None:
    """Prints a plain record for people."""
    out.print(f"[bold]{record['subject_id']}[/]  {record['name']}  ({record['kind']})")
    grade = record["grade"]
    if grade:
        out.print(
            f"等级 / grade {grade['grade']}  分数 / score {grade['score']:g}  自 / since {grade['valid_from']}  "
            f"政策 / policy {grade['policy_version']}"
        )
        for reason in grade["reasons"]:
            out.print(
                f"  {reason['points']:+g}  {reason['rule_id']}  {reason['valid_from']} … {reason['valid_to'] or '—'}  "
                f"{reason['event_id']}",
                markup=False,
            )
    else:
        out.print("当日无等级 / no grade on that day")
    _table(out, "行政行为 / acts", record["acts"], ("act_id", "occurred_on", "state", "disclosed_on", "irregularities"))
    _table(out, "期限义务 / duties", record["duties"], ("act_id", "duty", "due_on", "fulfilled_on", "status", "days_overdue"))
    _table(
        out,
        "名单 / listings",
        record["listings"],
        ("list", "subject_id", "role", "listed_from", "listed_to", "end_reason", "open", "irregularities"),
    )
    _table(out, "等待 / waiting", record["waiting"], ("act_id", "event_ids"))
    _table(out, "证据 / evidence", record["evidence"], ("event_id", "event", "recorded_at", "topic_partition", "topic_offset"))


def _table(out: Console, title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if not rows:
        return
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row[column]) for column in columns))
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if hasattr(value, "astimezone"):
        return str(value.isoformat(timespec="milliseconds"))
    return str(value)
