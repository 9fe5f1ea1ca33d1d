"""What the caller says of a whole file: the source, ``--set`` values, whether it is history, the vault, the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from connectors.files.errors import BadSetting, UnknownSetting
from connectors.files.profile import FieldSpec, Profile, field_types
from connectors.files.read_field import read_text_value
from connectors.files.screen import Screen
from connectors.files.values import ALL_DATES, BadValue
from connectors.persons import Pseudonyms, mask
from schemas.about import Place
from schemas.catalogue import BY_NAME
from schemas.identifiers import is_subject_id, normalise, party_id
from schemas.persons import person_fields
from schemas.sentence import Sentence

_NOT_SET: Final = frozenset({"extra", "fields"})


@dataclass(frozen=True, slots=True)
class Context:
    """Made by ``context_for``. ``given`` has the ``--set`` values by event and field; ``now`` is aware (for the vault's log);
    ``screen`` says what must not leave; ``unsettled``: earlier rejections by origin and act id, which the same row answers."""

    source_id: str
    source_name: str
    now: datetime
    screen: Screen
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    imported: bool = False
    vault: Pseudonyms | None = field(default=None, repr=False)
    unsettled: Mapping[tuple[str, str], tuple[Place, ...]] = field(default_factory=dict)


def context_for(
    profile: Profile,
    *,
    source_id: str,
    source_name: str,
    now: datetime,
    screen: Screen,
    settings: Mapping[str, str] | None = None,
    imported: bool = False,
    vault: Pseudonyms | None = None,
) -> Context:
    """The context of one push. ``settings`` are the ``--set`` texts by field; amounts in them are yuan.

    Raises UnknownSetting, BadSetting (neither quotes a value), and ValueError for a ``now`` without a zone.
    """
    if now.tzinfo is None:
        raise ValueError("the time has no zone: pass an aware datetime")
    texts = settings or {}
    events = [profile.event] if profile.event else list(BY_NAME)
    known = {name for event in events for name in field_types(event)} - _NOT_SET
    for name in texts:
        if name not in known:
            raise UnknownSetting(name, known)
    given = {event: _given(profile, event, texts) for event in events}
    return Context(source_id, source_name, now, screen, given, imported, vault)


def _given(profile: Profile, event: str, texts: Mapping[str, str]) -> dict[str, Any]:
    types = field_types(event)
    values = {name: _value(profile, event, name, text.strip()) for name, text in texts.items() if name in types}
    if "authority_id" in values:
        values |= _authority(values["authority_id"], values.get("authority_name"))
    own_date = BY_NAME[event].own_date
    if own_date and ("occurred_on" in values) != (own_date in values):
        both = values.get("occurred_on", values.get(own_date))
        values |= {"occurred_on": both, own_date: both}
    return values


def _value(profile: Profile, event: str, name: str, text: str) -> Any:
    kind = field_types(event)[name]
    spec = profile.fields.get(name) or FieldSpec(name, kind, ())
    if not text and (kind.nullable or kind.base == "list"):
        return None if kind.nullable else []
    try:
        value = read_text_value(text, spec, profile.dates or ALL_DATES)
    except BadValue as problem:
        raise BadSetting(name, problem.problem) from problem
    if value is None and not kind.nullable:
        open_day = Sentence(
            "2099 年表示长期，而该日期不能为长期，请填写日期", "2099 means open, and this date cannot be open; give the day"
        )
        raise BadSetting(name, open_day)
    return _checked(event, name, value)


def _checked(event: str, name: str, value: Any) -> Any:
    if name == "subject_id":
        plain = normalise(value) if ":" not in value else value
        if not is_subject_id(plain):
            no_id = Sentence(
                "不是有效的统一社会信用代码或 regno:、org:、person: 标识，请更正，或留给文件中的列",
                "not a valid USCC, regno:, org: or person: id; correct it, or leave it to the file's columns",
            )
            raise BadSetting(name, no_id)
        return plain
    for person in person_fields(event):
        if name == person.mask:
            return [mask(one) for one in value] if person.many else mask(value) or None
        if name == person.pseudonym:
            ids = [value] if isinstance(value, str) else value or []
            if not all(one.startswith("person:") and is_subject_id(one) for one in ids):
                no_pseudonym = Sentence(
                    "此处只能是化名（person:…）；证件号码所在的列请在映射方案中声明",
                    "only pseudonyms (person:…) may stand here; declare the column of numbers in a profile",
                )
                raise BadSetting(name, no_pseudonym)
    return value


def _authority(text: str, name: str | None) -> dict[str, Any]:
    """A USCC as it is (its name may stand in a column); anything else is a name."""
    stated = text.removeprefix("name:").strip()
    found = party_id(None if text.startswith("name:") else text, stated)
    shown = name or (stated if found.startswith("name:") else "")
    return {"authority_id": found} | ({"authority_name": shown} if shown else {})
