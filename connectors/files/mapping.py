"""A row to events: ``map_row``. Pure but for the vault, which is asked last, once the row is known to be good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from connectors.files import people
from connectors.files.context import Context
from connectors.files.disclosure import disclosure
from connectors.files.events import map_object
from connectors.files.fields import authority_code_left, blank, code_values, column_values, constants_of, free_values
from connectors.files.identity import about_row, authority_of
from connectors.files.outcome import Event, Mapped, MappedRow, Refused, RowRefused
from connectors.files.profile import Profile, required_fields
from connectors.files.rows import BrokenRow, Row
from connectors.files.subject import Subject, kind_of, pseudonym, shown_name, subject_of
from connectors.files.view import View
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME
from schemas.labels import label
from schemas.persons import person_fields
from schemas.registry import fields_of, header_fields
from schemas.sentence import Sentence

_AUTHORITY_CODE: Final = "authority_id"


def map_row(profile: Profile, row: Row | BrokenRow, context: Context) -> MappedRow:
    """The events of a row under a profile, or why there are none. Never raises for what a row holds."""
    if isinstance(row, BrokenRow):
        return Refused("undecodable", "", row.problem, json.dumps({"row": row.place}).encode())
    if profile.event is None:
        return map_object(row, context, profile.name)
    view = View(profile, row)
    try:
        return Mapped(_events(view, profile.event, context))
    except RowRefused as refusal:
        about = about_row(view, profile.event, constants_of(profile), context)
        return Refused(refusal.reason, refusal.field, refusal.sentence.changed(view.secrets.scrub), view.raw(), about)


def _events(view: View, name: str, context: Context) -> tuple[tuple[str, Event], ...]:
    given = context.given.get(name, {})
    subject = subject_of(view, given)
    columns, left = column_values(view, given, subject.natural)
    own_codes, codes_left = code_values(view, subject.subject_id, name, given)
    values = blank(name) | constants_of(view.profile) | own_codes | columns | dict(given)
    values["extra"] = free_values(view) | left | codes_left
    if _AUTHORITY_CODE not in given:
        values["extra"] |= authority_code_left(view)
    _dates(view, name, values)
    people.check_lists(name, values)
    numbers = people.people_of(view, name, values)
    _header(view, subject, values, given, context)
    people.hide(view, name, values)
    _ask_vault(view, subject, name, numbers, values, context)
    return _assembled(name, values)


def _header(view: View, subject: Subject, values: dict[str, Any], given: Mapping[str, Any], context: Context) -> None:
    """Header fields that are worked out from several columns."""
    name = given.get("subject_name")
    representative = view.person("legal_representative")
    values["subject_id"] = subject.subject_id
    values["subject_name"] = shown_name(view, subject, representative) if name is None else people.given_name(name, subject)
    values["subject_kind"] = kind_of(subject.subject_id, values["subject_kind"])
    values["authority_id"], values["authority_name"] = authority_of(values, given)
    told = {"source_id": context.source_id, "source_name": context.source_name, "imported": context.imported}
    values |= {field: value for field, value in told.items() if field not in given}


def _dates(view: View, name: str, values: dict[str, Any]) -> None:
    """occurred_on and a follow-up's own date fill each other; one of them must be there."""
    own = BY_NAME[name].own_date
    if own:
        occurred, stated = values.get("occurred_on"), values.get(own)
        values["occurred_on"], values[own] = occurred or stated, stated or occurred
    if values.get("occurred_on") is None:
        raise RowRefused(
            "missing_field",
            "occurred_on",
            Sentence(
                "该行没有决定或发生日期：请填写{column}，或用 --set occurred_on=2018-07-01 指定",
                "the row has no date of decision or occurrence: fill {column}, or give --set occurred_on=2018-07-01",
            ).of(column=_column(view, own or "occurred_on")),
        )
    for field in required_fields(name):
        if values.get(field) is None:
            none = Sentence(
                "该行缺少“{label}”：请填写{column}，或用 --set {field}=… 指定",
                "the row has no {label}: fill {column}, or give --set {field}=…",
            )
            raise RowRefused("missing_field", field, none.of(label=label(name, field), field=field, column=_column(view, field)))


def _column(view: View, field: str) -> Sentence:
    headers = next(([source.header for source in plan.sources] for plan in view.plan.fields if plan.spec.name == field), [])
    return Sentence("“{header}”列", "the column {header}").of(header=headers[0]) if headers else Sentence("相应的列", "its column")


def _ask_vault(view: View, subject: Subject, name: str, numbers: people.Numbers, values: dict[str, Any], context: Context) -> None:
    purpose = f"file connector, profile {view.profile.name}"
    if subject.number:
        values["subject_id"] = pseudonym(subject.number, "subject_id", purpose, context)
        values["subject_kind"] = "natural_person"
    for person in person_fields(name):
        given = [pseudonym(one, person.pseudonym, purpose, context) for one in numbers.get(person.pseudonym, ())]
        if given:
            values[person.pseudonym] = given if person.many else given[0]


def _assembled(name: str, values: dict[str, Any]) -> tuple[tuple[str, Event], ...]:
    header = {field: values[field] for field in header_fields()}
    event: Event = {"header": header} | {field: values[field] for field in fields_of(name)}
    if "extra" in event:
        event["extra"] = dict(sorted(values["extra"].items()))
    if BY_NAME[name].makes_act and not header["act_id"]:
        header["act_id"] = act_id(name, event)
    return (name, event), *disclosure(name, event, values["disclosed_on"], values["disclosed_channel"])
