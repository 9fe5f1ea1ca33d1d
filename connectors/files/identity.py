"""What a refused row was about, as far as it can be read: by it a later statement about the same act is known to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.files.context import Context
from connectors.files.outcome import Event, RowRefused
from connectors.files.subject import subject_of
from connectors.files.view import View
from schemas.about import NOTHING, About
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME
from schemas.identifiers import party_id

_NEEDED: Final = ("act_id", "authority_id", "authority_name", "document_number", "source_event_id")


def authority_of(values: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[str, str]:
    """Id and name of who decided, of a row's values; ``--set`` wins."""
    code, name = values["authority_id"] or "", values["authority_name"] or ""
    if "authority_id" in given:
        return code, given.get("authority_name") or name or code
    return party_id(code, name), name


def about_row(view: View, name: str, constants: Mapping[str, Any], context: Context) -> About:
    """Of a row that made no event. A natural person's id is never among it, and no text that says something of a person."""
    given = context.given.get(name, {})
    values = {field: given.get(field) or _text(view, field) or constants.get(field) or "" for field in _NEEDED}
    header = {"authority_id": authority_of(values, given)[0], "source_id": context.source_id, **_own_id(values)}
    event = {"header": header, "document_number": values["document_number"]}
    told = values["act_id"] or _act_id(name, event)
    return About((), name, told if told == view.secrets.scrub(told) else "", _subject_id(view, given))


def about_event(name: str, event: Event) -> About:
    """Of an event that may not leave as it is, or of an object that was to be one."""
    header = event.get("header")
    if not isinstance(header, Mapping):
        return About((), name)
    texts = {field: one if isinstance(one := header.get(field), str) else "" for field in ("act_id", "subject_id", "authority_id")}
    number = event.get("document_number")
    own = {"source_id": header.get("source_id") or "", **_own_id(header)}
    told = texts["act_id"] or _act_id(name, {"header": texts | own, "document_number": number if isinstance(number, str) else ""})
    return About((), name, told, "" if texts["subject_id"].startswith("person:") else texts["subject_id"])


def screened(about: About, holds_number: Any) -> About:
    """The same without ids that hold a person's number."""
    if about == NOTHING:
        return about
    act, subject = ("" if holds_number(one) else one for one in (about.act_id, about.subject_id))
    return About(about.answers, about.event, act, subject)


def _own_id(values: Mapping[str, Any]) -> dict[str, str]:
    own = values.get("source_event_id")
    return {"source_event_id": own if isinstance(own, str) else ""}


def _act_id(name: str, event: Event) -> str:
    """Of an act with a number of its own; a digest would change with what is corrected."""
    stated = event["document_number"] or event["header"]["source_event_id"]
    return act_id(name, event) if stated and BY_NAME[name].makes_act and event["header"]["authority_id"] else ""


def _text(view: View, field: str) -> str:
    plan = view.plan.by_name.get(field)
    return view.first(source.header for source in plan.sources) if plan else ""


def _subject_id(view: View, given: Mapping[str, Any]) -> str:
    try:
        found = subject_of(view, given).subject_id
    except RowRefused:
        return ""
    return "" if found.startswith("person:") else found
