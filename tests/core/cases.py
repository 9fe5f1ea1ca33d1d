"""Cases of the rules as a lawyer writes them (tests/cases/*.yaml): what was said, and what holds on a day.

``given`` are statements in the order of their recording. ``say`` names the event, ``day`` its day, ``act`` the document number
of the act that it makes (the same number again: the act is stated again), ``about`` that of the act that a follow-up is about;
``by`` is who decided and pushed it, ``source`` another one who pushed it, ``recorded`` the day of recording where it is
another; other keys are fields. ``id`` names a statement, for ``target``, ``cause`` and ``event``; ``repeat`` puts it on the log
once more. ``corrects`` are new values, ``fields`` the same as JSON text. Ids of other acts are document numbers too.

``expect`` are questions: on a ``day`` its ``duties`` (all of them), ``grade`` (with its score, and what else is given), ``listed``
(effects); at any time ``acts`` (what differs from the statement that made them), ``entries`` and ``intervals`` of grades.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from schemas.logged import LoggedEvent
from schemas.registry import fields_of, header_fields
from tests.core import builders as make
from tests.core.builders import Log, Statement

FOLDER: Final = Path(__file__).parent.parent / "cases"
OFFICES: Final = {name: (code, name) for code, name in (make.SPORT, make.MARKET, make.COURT, make.TAX, make.CREDIT_OFFICE)}
_ACT_FIELDS: Final = ("entry_act_id", "commitment_act_id")
_OWN_KEYS: Final = frozenset({"say", "act", "about", "id", "by", "source", "recorded", "day", "corrects", "target", "subject"})


@dataclass(frozen=True)
class Case:
    """One case; ``variants`` are (given, expect)."""

    file: str
    title: str
    variants: tuple[tuple[list[dict[str, Any]], list[dict[str, Any]]], ...]


def cases() -> Iterator[Case]:
    """Every case of every file."""
    for path in sorted(FOLDER.glob("*.yaml")):
        for one in yaml.safe_load(path.read_text("utf-8"))["cases"]:
            variants = one.get("variants") or [one]
            yield Case(path.stem, one["title"], tuple((each["given"], each["expect"]) for each in variants))


class Story:
    """The log of a case, and its names of acts and statements."""

    def __init__(self, given: list[dict[str, Any]]) -> None:
        self.acts: dict[str, Statement] = {}
        self.events: dict[str, str] = {}
        self._log = Log()
        for item in given:  # follow-ups may be recorded before the act that they are about
            if "act" in item:
                self.acts.setdefault(item["act"], self._making(item))
        for number, item in enumerate(given):
            self._say(number, item)

    @property
    def log(self) -> list[LoggedEvent]:
        return self._log.events

    def act_id(self, label: str) -> str:
        """The act id of a document number; what is none of the case's is an act id itself."""
        return self.acts[label].act_id if label in self.acts else label

    def label(self, act_id: str) -> str:
        """The document number of an act id."""
        return next((label for label, said in self.acts.items() if said.act_id == act_id), act_id)

    def event_label(self, event_id: str) -> str:
        return next((label for label, known in self.events.items() if known == event_id), event_id)

    def _say(self, number: int, item: Mapping[str, Any]) -> None:
        if "repeat" in item:
            self._log.repeat(next(at for at, one in enumerate(self.log) if one.event_id == self.events[item["repeat"]]))
            return
        said = self._making(item) if "act" in item else self._follow_up(item)
        label = item.get("id") or item.get("act") or f"{item['say']} {item['day']}"
        event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}"))
        self.events.setdefault(label, event_id)
        self._log.push(said, item.get("recorded"), event_id)

    def _making(self, item: Mapping[str, Any]) -> Statement:
        by = OFFICES[item.get("by", make.SPORT[1])]
        fields = {"document_number": item["act"], **_subject(item)}
        said = make.statement(item["say"], item["day"], by, **fields)
        return said.but(**self._source(item), **self._fields(item))

    def _follow_up(self, item: Mapping[str, Any]) -> Statement:
        about = self.acts.get(item["about"]) or make.penalty(item["day"]).but(act_id=item["about"])
        fields = self._fields(item)
        if "corrects" in item:
            fields["fields"] = {name: json.dumps(_plain(value), ensure_ascii=False) for name, value in item["corrects"].items()}
        if "target" in item:
            fields["target_event_id"] = self.events[item["target"]]
        said = make.about(item["say"], about, item["day"])
        return said.but(**self._source(item), **fields)

    def _source(self, item: Mapping[str, Any]) -> dict[str, str]:
        if "source" not in item:
            return {}
        code, name = OFFICES[item["source"]]
        return {"source_id": code, "source_name": name}

    def _fields(self, item: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: typed(item["say"], name, value) for name, value in item.items() if name not in _OWN_KEYS}
        for name in _ACT_FIELDS:
            if found.get(name) is not None:
                found[name] = self.act_id(found[name])
        if "basis_act_ids" in found:
            found["basis_act_ids"] = [self.act_id(one) for one in found["basis_act_ids"]]
        return found


def typed(name: str, field: str, value: Any) -> Any:
    """A value as Avro has it."""
    schema = fields_of(name).get(field) or header_fields()[field]
    return Decimal(value) if value is not None and "decimal" in json.dumps(schema["type"]) else value


def stated(said: Statement) -> dict[str, Any]:
    """Header and fields of a statement in one dictionary."""
    return {**said.value["header"], **{key: value for key, value in said.value.items() if key != "header"}}


def _subject(item: Mapping[str, Any]) -> dict[str, str]:
    return {"subject_id": make.PERSON, "subject_kind": "natural_person"} if item.get("subject") == "person" else {}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
