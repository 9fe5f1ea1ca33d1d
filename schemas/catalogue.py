"""The catalogue of events: what each schema says of its event as a whole, read from the folders under ``events/``.

The attributes stand on the record of ``schema.avsc``, beside its name: ``number``, ``zh``, and ``kind``, ``own_date``,
``told_apart_by`` and ``about`` where they apply. Nothing of this is in Avro's canonical form, so no fingerprint depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from schemas import folders
from schemas.folders import BadContract, Schema

_TELLS_NOTHING: Final = frozenset({"header", "document_number", "remark", "extra"})


@dataclass(frozen=True, slots=True)
class EventType:
    """What the product knows of one event, beyond its fields.

    ``number`` is the schema id in the Confluent wire format where no registry is used; it is never reused. ``kind`` is
    the kind of act that the event makes, None for a follow-up event, which carries the act id of the act that it
    changes. ``own_date`` names the field that equals ``header.occurred_on``. ``told_apart_by`` are the fields that tell
    two acts of one subject, authority and day apart where there is no document number; ``by_rule`` says that the schema
    names none, so that every field but amounts, remark and extra tells, as far as it is filled. ``about``: the kinds of acts
    that take this follow-up, ``not_about`` those that do not; both empty: all take it.
    """

    number: int
    name: str
    zh: str
    kind: str | None = None
    own_date: str | None = None
    told_apart_by: tuple[str, ...] = ()
    by_rule: bool = False
    about: frozenset[str] = frozenset()
    not_about: frozenset[str] = frozenset()

    @property
    def makes_act(self) -> bool:
        return self.kind is not None

    def taken_by(self, kind: str) -> bool:
        """Whether acts of a kind take this follow-up."""
        return kind in self.about if self.about else kind not in self.not_about


def described(schema: Schema) -> EventType:
    """The catalogue entry that a schema file gives. Raises BadContract where it lacks its number or Chinese name."""
    name = str(schema.get("name", ""))
    for attribute, wanted in (("number", int), ("zh", str)):
        if not isinstance(schema.get(attribute), wanted):
            raise BadContract(name, f'{folders.SCHEMA} does not say its "{attribute}": write it on the record, beside its name')
    named = schema.get("told_apart_by")
    by_rule = named is None and "kind" in schema
    return EventType(
        number=schema["number"],
        name=name,
        zh=schema["zh"],
        kind=schema.get("kind"),
        own_date=schema.get("own_date"),
        told_apart_by=tuple(_telling(schema)) if by_rule else tuple(named or ()),
        by_rule=by_rule,
        about=frozenset(schema.get("about", ())),
        not_about=frozenset(schema.get("not_about", ())),
    )


def _telling(schema: Schema) -> Iterable[str]:
    for field in schema["fields"]:
        if field["name"] not in _TELLS_NOTHING and not is_amount(field):
            yield field["name"]


def is_amount(field: Schema) -> bool:
    """Whether a field is an amount of money: a decimal without another unit."""
    branches = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return "unit" not in field and any(isinstance(one, dict) and one.get("logicalType") == "decimal" for one in branches)


def _found() -> dict[str, EventType]:
    events = [_of_folder(name) for name in folders.event_names()]
    for attribute in ("number", "zh", "kind"):
        owners: dict[Any, str] = {}
        for event in events:
            value = getattr(event, attribute)
            if value is not None and owners.setdefault(value, event.name) != event.name:
                raise BadContract(event.name, f"{attribute} {value} is that of {owners[value]} already: choose another")
    return {event.name: event for event in sorted(events, key=lambda event: event.number)}


def _of_folder(name: str) -> EventType:
    schema = folders.read_schema(name)
    if schema.get("name") != name:
        raise BadContract(name, f"the record is named {schema.get('name')}: folder and record have one name")
    return described(schema)


BY_NAME: Final[dict[str, EventType]] = _found()
BY_NUMBER: Final[dict[int, EventType]] = {event.number: event for event in BY_NAME.values()}
KINDS: Final[frozenset[str]] = frozenset(event.kind for event in BY_NAME.values() if event.kind is not None)


def event_type(name: str) -> EventType:
    """The catalogue entry of an event name; raises KeyError for a name that is not an event of this product."""
    return BY_NAME[name]
