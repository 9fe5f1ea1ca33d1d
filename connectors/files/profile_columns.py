"""What a profile reads, column by column, for people: names, meaning, what must be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from connectors.files.profile import Profile
from connectors.files.required import lacking
from connectors.files.roles import NAME_ROLES, NUMBER_ROLES
from schemas.registry import fields_of, header_fields
from schemas.sentence import Sentence, literal

CODE: Final = "code"
_ALL_CODES: Final = "SubjectRegistered"
"""The event that has every code of a subject as a field; others keep them in ``extra``."""
_CODE: Final = Sentence("统一社会信用代码（主体标识）", "unified social credit code: whom the act is about")
_DISCLOSED: Final = {
    "disclosed_on": Sentence("公示日期（另成一个公示事件）", "day of disclosure: makes an event of its own"),
    "disclosed_channel": Sentence("公示渠道", "channel of the disclosure"),
}
_NUMBER: Final = Sentence(
    "证件号码（只进保险库，日志里只有化名）", "document number: goes to the vault only, the log has a pseudonym"
)
_NAME: Final = Sentence("姓名（日志里只有化名和掩码）", "name of a person: the log has a pseudonym and a mask")
_DOCUMENT: Final = Sentence("证件类型", "type of the document")
_DROPPED: Final = Sentence("不保留的号码", "numbers that are not kept")


@dataclass(frozen=True, slots=True)
class ProfileColumn:
    """A column: its ``names`` (the first is the form's), the event's ``field`` or the role, whether a file must have it, what it
    means, and the ``texts`` that it takes where they are listed."""

    names: tuple[str, ...]
    field: str
    needed: bool
    what: Sentence
    texts: tuple[str, ...]


def columns_of(profile: Profile) -> tuple[ProfileColumn, ...]:
    """The columns of a profile, the subject's codes first; none of a profile whose lines are events."""
    return () if profile.holds_events else tuple(_columns(profile))


def heads_of(columns: Iterable[ProfileColumn]) -> dict[str, ProfileColumn]:
    """The columns of a form by the name that each has in it: the first that no other has; one whose names are all taken is
    filled by that other."""
    found: dict[str, ProfileColumn] = {}
    for column in columns:
        name = next((one for one in column.names if one not in found), None)
        if name is not None:
            found[name] = column
    return found


def _columns(profile: Profile) -> Iterator[ProfileColumn]:
    needed = {*lacking(profile, ()), CODE}
    order = ("codes", "fields", "persons")
    for key, names in sorted(profile.written.items(), key=lambda one: order.index(one[0].partition(".")[0])):
        table, _, name = key.partition(".")
        if names:
            spec = profile.fields.get(name) if table == "fields" else None
            texts = tuple(text for text, code in spec.values.items() if code) if spec else ()
            yield ProfileColumn(names, name, name in needed, _meaning(profile, table, name), texts)


def _meaning(profile: Profile, table: str, name: str) -> Sentence:
    if table == "persons":
        return _of_person(name)
    if name == CODE or name in _DISCLOSED:
        return _DISCLOSED.get(name, _CODE)
    assert profile.event is not None
    schema = next(fields[name] for fields in (fields_of(profile.event), header_fields(), fields_of(_ALL_CODES)) if name in fields)
    zh, _, en = schema["doc"].partition(" / ")
    return literal(zh, en)


def _of_person(role: str) -> Sentence:
    if role in NUMBER_ROLES:
        return _NUMBER
    if role in NAME_ROLES:
        return _NAME
    return _DROPPED if role == "dropped" else _DOCUMENT
