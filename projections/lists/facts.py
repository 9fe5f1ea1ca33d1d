"""What the entries of a subject need of an act about lists: of a decision to list, of a removal, of a notice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

from projections.acts.fold import Act, SaidAct
from projections.policy import Policy
from schemas.instants import milliseconds
from schemas.logged import LoggedEvent
from schemas.persons import all_person_fields, person_fields

_PERSON: Final = re.compile(r"person:[A-Za-z0-9_-]+")


class Listing(NamedTuple):
    """A decision to list. ``responsible`` are (person, mask); ``ever`` every person whom any statement about it named."""

    act_id: str
    occurred_on: date
    void: bool
    revoked_on: date | None
    list: str
    term_months: int | None
    reason: str
    basis_act_ids: tuple[str, ...]
    responsible: tuple[tuple[str, str], ...]
    ever: tuple[str, ...]
    irregularities: tuple[str, ...]
    evidence: tuple[str, ...]
    authority_id: str
    authority_name: str
    source_id: str
    legal_basis: str


class Removal(NamedTuple):
    """A decision to take off. ``order`` is the recorded order of its making event (milliseconds, partition, offset)."""

    act_id: str
    order: tuple[int, int, int]
    revoked: bool
    list: str
    entry_act_id: str | None
    removed_on: date
    irregularities: tuple[str, ...]
    evidence: tuple[str, ...]


class Notice(NamedTuple):
    """A notice before a decision."""

    act_id: str
    occurred_on: date
    void: bool
    revoked_on: date | None
    list: str


class Unsaid(NamedTuple):
    """A decision to list whose statement was taken back: no entry, but persons whom it named have rows that must say so."""

    act_id: str
    ever: tuple[str, ...]


ListFacts = Listing | Removal | Notice | Unsaid
_FORMS: Final[dict[str, type[Any]]] = {one.__name__: one for one in (Listing, Removal, Notice, Unsaid)}
_DAYS: Final = ("occurred_on", "revoked_on", "removed_on")


def list_facts(said: SaidAct) -> ListFacts | None:
    """The facts of an act about lists, None of any other."""
    act = said.act
    if not isinstance(act, Act):
        listed = any(event.name == "ListingDecided" for event in said.events)
        return Unsaid(act.act_id, _ever(said.events)) if listed else None
    match act.name:
        case "ListingDecided":
            return _listing(act, said.events)
        case "ListingRemoved":
            recorded, partition, offset = act.recorded_order
            order = (milliseconds(recorded), partition, offset)
            content = act.content
            return Removal(
                act.act_id, order, act.revocation is not None, content["list"], content["entry_act_id"], content["removed_on"],
                act.irregularities, act.evidence,
            )  # fmt: skip
        case "ListingNoticed":
            return Notice(act.act_id, act.occurred_on, act.void, act.revoked_on, act.content["list"])
        case _:
            return None


def _listing(act: Act, events: Iterable[LoggedEvent]) -> Listing:
    content, header = act.content, act.header
    return Listing(
        act.act_id, act.occurred_on, act.void, act.revoked_on, content["list"], content["term_months"], content["reason"] or "",
        tuple(content["basis_act_ids"]), _responsible(act), _ever(events), act.irregularities, act.evidence,
        header["authority_id"], act.authority_name, header["source_id"], "；".join(header["legal_basis"]),
    )  # fmt: skip


def _responsible(act: Act) -> tuple[tuple[str, str], ...]:
    """The persons with their masked names. Names count only where there is one for each person: a correction of the one
    list leaves the other, and nobody is to bear another's name."""
    persons, masks = act.content["responsible_persons"], act.content["responsible_person_masks"]
    paired = dict(zip(persons, masks, strict=True)) if len(persons) == len(masks) else dict.fromkeys(persons, "")
    return tuple(paired.items())


def _ever(events: Iterable[LoggedEvent]) -> tuple[str, ...]:
    """Every person whom a statement about the listing, or a correction of one, named: who may have to be un-named."""
    found: set[str] = set()
    for event in events:
        for person in person_fields(event.name):
            found.update(person.pseudonyms(event.value) if person.many else ())
        if event.name == "ActCorrected":
            named = (event.value["fields"].get(person.pseudonym, "") for person in all_person_fields() if person.many)
            found.update(one for text in named for one in _PERSON.findall(text))
    return tuple(sorted(found))


def plain_facts(said: SaidAct, _: Policy) -> list[Any] | None:
    """The facts of an act about lists as JSON has them, None of any other."""
    facts = list_facts(said)
    return None if facts is None else to_plain(facts)


def to_plain(facts: ListFacts) -> list[Any]:
    """The facts as JSON has them."""
    plain = [value.isoformat() if isinstance(value, date) else value for value in facts]
    return [type(facts).__name__, *(_lists(value) for value in plain)]


def from_plain(plain: list[Any]) -> ListFacts:
    """The facts that ``to_plain`` shows so."""
    form = _FORMS[plain[0]]
    values = [
        date.fromisoformat(value) if name in _DAYS and value is not None else _tuples(value)
        for name, value in zip(form._fields, plain[1:], strict=True)
    ]
    made: ListFacts = form(*values)
    return made


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
