"""The fields that columns fill, by the plan: values, what an enumeration leaves over, and the map ``extra``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from connectors.files.outcome import RowRefused
from connectors.files.plan import FieldPlan, Source
from connectors.files.profile import CODE_FIELDS, Profile, field_types
from connectors.files.read_field import read_cell, read_code, read_text_value
from connectors.files.values import BadValue, split
from connectors.files.view import View, is_code
from connectors.persons import is_personal_number, mask
from schemas.identifiers import is_uscc, normalise
from schemas.sentence import Sentence

_QUOTED = 40


@cache
def _defaults(event: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    found = {name: kind.default for name, kind in field_types(event).items() if not kind.required}
    return found, tuple(name for name, value in found.items() if isinstance(value, list | dict))


def blank(event: str) -> dict[str, Any]:
    """All fields of an event (and header, and disclosure) that have a default, each at it."""
    found, growing = _defaults(event)
    return found | {name: found[name].copy() for name in growing}


def column_values(view: View, given: Mapping[str, Any], natural: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields that columns fill (None is left out), and what of those columns belongs to ``extra``. Raises RowRefused.

    ``given`` wins over a column, whose text is then kept in ``extra``; ``natural``: the subject's names are a person's.
    """
    values: dict[str, Any] = {}
    left: dict[str, str] = {}
    for plan in view.plan.fields:
        name = plan.spec.name
        if plan.spec.unless_set and not plan.spec.unless_set.isdisjoint(given):
            left |= _unused(view, plan.sources)
        elif name == "subject_name":
            left |= _names_left(view, plan.sources, given, natural)
        elif name in given:
            left |= _unused(view, plan.sources, _text(given[name]))
        else:
            value = _list(view, plan, left) if plan.spec.type.base == "list" else _single(view, plan, left)
            if value is not None:
                values[name] = value
    return values, left


def _names_left(view: View, sources: tuple[Source, ...], given: Mapping[str, Any], natural: bool) -> dict[str, str]:
    if not view.subject_names:
        return {}
    left = _unused(view, sources, _text(given["subject_name"]) if "subject_name" in given else view.subject_names[0][1])
    representative = view.person("legal_representative")
    return {header: mask(text) if natural or text == representative else text for header, text in left.items()}


def _text(given: Any) -> str:
    return given if isinstance(given, str) else ""


def _single(view: View, plan: FieldPlan, left: dict[str, str]) -> Any:
    for at, source in enumerate(plan.sources):
        text = view.text(source.header)
        if not text:
            continue
        if len(plan.sources) > 1:
            left.update(_unused(view, plan.sources[at + 1 :], text))
        try:
            if plan.spec.type.values:
                code, more = read_code(text, plan.spec, plan.values)
                if more:
                    left[source.header] = text
                return code or None
            value = read_cell(view.row.cells[source.header], plan.spec, view.profile.dates, source.unit)
        except BadValue as problem:
            raise _refused(plan, source, text, problem) from None
        if value is None and not plan.spec.type.nullable:
            open_day = Sentence(
                "2099 年表示长期，而该日期不能为长期，请填写日期", "2099 means open, and this day cannot be open; give the day"
            )
            raise _refused(plan, source, text, BadValue("bad_date", open_day))
        return value
    return None


def _list(view: View, plan: FieldPlan, left: dict[str, str]) -> list[str] | None:
    found: list[str] = []
    for source in plan.sources:
        text = view.text(source.header)
        free_text = False  # what follows 其他-… belongs to its words, separators and all
        for part in split(text, plan.spec.separators) if text else ():
            try:
                code, more = read_code(part, plan.spec, plan.values) if plan.spec.type.values else (part, False)
            except BadValue as problem:
                if free_text:
                    continue
                raise _refused(plan, source, part, problem) from None
            if more:
                left[source.header] = text
                free_text = True
            if code and code not in found:
                found.append(code)
    return found or None


def _refused(plan: FieldPlan, source: Source, text: str, problem: BadValue) -> RowRefused:
    shown = text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
    cell = Sentence("{column}“{shown}”：{problem}", "{column} “{shown}”: {problem}")
    return RowRefused(problem.reason, plan.spec.name, cell.of(column=source.header, shown=shown, problem=problem.problem))


def _unused(view: View, sources: tuple[Source, ...], used: str = "") -> dict[str, str]:
    """Columns that no field took: kept in ``extra`` unless they say the same or have another place."""
    texts = {source.header: view.text(source.header) for source in sources if source.header not in view.plan.shared}
    return {header: text for header, text in texts.items() if text and text != used}


def authority_code_left(view: View) -> dict[str, str]:
    """The authority's code where it is not valid, so that only the authority's name makes its id; never a person's number."""
    plan = view.plan.by_name.get("authority_id")
    header = next((source.header for source in plan.sources if view.text(source.header)), None) if plan else None
    if header is None or header in view.plan.shared:
        return {}
    text, plain = view.text(header), normalise(view.text(header))
    return {} if is_uscc(plain) or is_personal_number(plain) else {header: text}


def code_values(view: View, subject_id: str, event: str, given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The row's other codes: in the event's own code fields where it has them, else for ``extra``.

    The subject's own USCC is not repeated wherever it stood; a person's identity number is never kept.
    """
    types, left = field_types(event), dict[str, str]()
    own = {name: _text(given[name]) for name in CODE_FIELDS if name in given}
    bare = subject_id.removeprefix("regno:").removeprefix("org:")
    for role, header, text, plain in view.code_cells:
        if plain == subject_id or text in view.identity_numbers or (view.natural and not is_code(plain)):
            continue
        place = role
        if role == "code" and plain == bare:
            place = "registration_number" if subject_id.startswith("regno:") else "organisation_code"
        if place in CODE_FIELDS and place in types and place not in own:
            own[place] = text
        elif plain != bare and text != own.get(place):
            left[header] = text
    return own, left


def free_values(view: View) -> dict[str, str]:
    """Columns without a place, and person columns of names: masked."""
    found = {header: text for header in view.plan.free if (text := view.text(header))}
    masked = {header: names for header in view.plan.persons["masked"] if (names := view.masked_names(header))}
    return found | masked


@cache
def constants_of(profile: Profile) -> dict[str, Any]:
    """A profile's constants, read by their fields' types (the loader has checked that they can be)."""
    return {name: read_text_value(text, profile.fields[name], profile.dates) for name, text in profile.constants.items()}
