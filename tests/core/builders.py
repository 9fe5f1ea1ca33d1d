"""Events for tests: made-up organisations with valid codes, the smallest valid content, and a log to push them to."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from stdnum.cn import uscc

from schemas import wire
from schemas.act_id import act_id
from schemas.catalogue import BY_NAME
from schemas.logged import LoggedEvent
from schemas.registry import fields_of, header_fields
from schemas.release import full

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def valid_uscc(prefix: str, serial: str) -> str:
    """A valid USCC: ``prefix`` is the 8 characters before the organisation code, ``serial`` its 8 characters."""
    total = sum(weight * int(char, 36) for weight, char in zip(_ORG_WEIGHTS, serial, strict=True))
    body = prefix + serial + "0123456789X0"[11 - total % 11]
    return body + uscc.calc_check_digit(body)


SUBJECT: Final = valid_uscc("91370400", "MA3TEXT1")
OTHER_SUBJECT: Final = valid_uscc("91370400", "MA3TEXT2")
PERSON: Final = "person:3f9c2a7be1d04c55"
MARKET: Final = (valid_uscc("11370400", "10000001"), "枣庄市市场监督管理局")
SPORT: Final = (valid_uscc("11370900", "10000002"), "泰安市体育局")
COURT: Final = (valid_uscc("11370400", "10000003"), "枣庄市市中区人民法院")
TAX: Final = (valid_uscc("11370400", "10000004"), "国家税务总局枣庄市税务局稽查局")
CREDIT_OFFICE: Final = (valid_uscc("11370400", "10000005"), "枣庄市公共信用信息中心")


def day(text: str | date) -> date:
    """A civil date, from ISO text where it is text."""
    return text if isinstance(text, date) else date.fromisoformat(text)


@dataclass(frozen=True)
class Statement:
    """What a source says, before it has a place on the log."""

    name: str
    value: dict[str, Any] = field(hash=False)

    @property
    def act_id(self) -> str:
        found: str = self.value["header"]["act_id"]
        return found

    def but(self, **changes: Any) -> Statement:
        """The same statement with other values; the act id stays."""
        return Statement(self.name, _changed(self.name, copy.deepcopy(self.value), changes))


def _changed(name: str, value: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for key, given in changes.items():
        place = value["header"] if key in header_fields() else value
        if key not in header_fields() and key not in fields_of(name):
            raise KeyError(f"{name} has no field {key}")
        place[key] = given
    return value


def _blank(name: str) -> dict[str, Any]:
    own = {key: copy.deepcopy(schema["default"]) for key, schema in fields_of(name).items() if "default" in schema}
    header = {key: copy.deepcopy(schema["default"]) for key, schema in header_fields().items() if "default" in schema}
    return {"header": header, **own}


def statement(name: str, on: str | date, by: tuple[str, str] = SPORT, **changes: Any) -> Statement:
    """An event of any name: schema defaults, ``occurred_on`` (and the own date) ``on``, decided and pushed by ``by``."""
    value = _blank(name)
    value["header"] |= {
        "subject_id": SUBJECT,
        "subject_name": "枣庄测试商贸有限公司",
        "subject_kind": "enterprise",
        "authority_id": by[0],
        "authority_name": by[1],
        "source_id": by[0],
        "source_name": by[1],
        "occurred_on": day(on),
    }
    own_date = BY_NAME[name].own_date
    if own_date:
        value[own_date] = day(on)
    _changed(name, value, changes)
    if BY_NAME[name].makes_act and not value["header"]["act_id"]:
        value["header"]["act_id"] = act_id(name, value)
    return Statement(name, value)


def _number(word: str, number: int | str) -> str:
    return f"测{word}〔2020〕{number}号"


def registered(on: str | date, number: int | str = 1, **changes: Any) -> Statement:
    return statement("SubjectRegistered", on, **{"document_number": _number("登", number), **changes})


def licence(on: str | date, number: int | str = 1, **changes: Any) -> Statement:
    return statement("LicenceGranted", on, **{"document_number": _number("许", number), **changes})


def penalty(on: str | date, number: int | str = 1, **changes: Any) -> Statement:
    return statement("PenaltyImposed", on, **{"document_number": _number("罚", number), **changes})


def inspection(on: str | date, number: int | str = 1, **changes: Any) -> Statement:
    return statement("InspectionConducted", on, **{"document_number": _number("检", number), **changes})


def commitment(on: str | date, number: int | str = 1, **changes: Any) -> Statement:
    return statement("CommitmentMade", on, **{"document_number": _number("诺", number), **changes})


def breached(on: str | date, number: int | str = 1, **changes: Any) -> Statement:
    return statement("CommitmentBreached", on, **{"document_number": _number("违", number), **changes})


def noticed(on: str | date, list_id: str, number: int | str = 1, **changes: Any) -> Statement:
    return statement("ListingNoticed", on, **{"document_number": _number("告", number), "list": list_id, **changes})


def listing(on: str | date, list_id: str, number: int | str = 1, **changes: Any) -> Statement:
    return statement("ListingDecided", on, **{"document_number": _number("列", number), "list": list_id, **changes})


def removal(on: str | date, list_id: str, number: int | str = 1, entry: Statement | None = None, **changes: Any) -> Statement:
    named = {"entry_act_id": entry.act_id} if entry else {}
    return statement("ListingRemoved", on, **{"document_number": _number("移", number), "list": list_id, **named, **changes})


def about(name: str, act: Statement, on: str | date, **changes: Any) -> Statement:
    header = act.value["header"]
    kept = {
        key: header[key]
        for key in (
            "act_id",
            "subject_id",
            "subject_name",
            "subject_kind",
            "authority_id",
            "authority_name",
            "source_id",
            "source_name",
        )
    }
    return statement(name, on, **{**kept, **changes})


def disclosed(act: Statement, on: str | date, **changes: Any) -> Statement:
    return about("ActDisclosed", act, on, **changes)


def withdrawn(act: Statement, on: str | date, **changes: Any) -> Statement:
    return about("DisclosureWithdrawn", act, on, **changes)


def fulfilled(act: Statement, on: str | date, **changes: Any) -> Statement:
    return about("CommitmentFulfilled", act, on, **changes)


def corrected(act: Statement, on: str | date, fields: dict[str, str], target: str | None = None, **changes: Any) -> Statement:
    """``fields`` holds JSON text."""
    return about("ActCorrected", act, on, **{"fields": fields, "target_event_id": target, **changes})


def revoked(act: Statement, on: str | date, void: bool = False, target: str | None = None, **changes: Any) -> Statement:
    return about("ActRevoked", act, on, **{"void_from_start": void, "target_event_id": target, **changes})


def one_of_each(list_id: str) -> Iterator[Statement]:
    """A valid statement of every event in the catalogue."""
    act = penalty("2020-03-02", fine_amount=Decimal("100.00"), penalty_categories=["fine"])
    promise = commitment("2020-03-02")
    yield from (act, promise, registered("2020-03-02"), licence("2020-03-02"), inspection("2020-03-02"))
    yield from (breached("2020-03-03"), noticed("2020-03-03", list_id), listing("2020-03-04", list_id))
    yield from (removal("2020-03-05", list_id), disclosed(act, "2020-03-05"), withdrawn(act, "2020-03-06"))
    yield from (fulfilled(promise, "2020-03-06"), corrected(act, "2020-03-06", {"remark": '"x"'}))
    yield revoked(act, "2020-03-07")
    yield from (sampled(name) for name in BY_NAME if name not in _BUILT)


def sampled(name: str) -> Statement:
    """The sample of an event's folder, about the subject of these tests."""
    return Statement(name, copy.deepcopy(full(name))).but(subject_id=SUBJECT, subject_name="枣庄测试商贸有限公司")


_BUILT: Final = frozenset(
    {
        "ActCorrected", "ActDisclosed", "ActRevoked", "CommitmentBreached", "CommitmentFulfilled", "CommitmentMade",
        "DisclosureWithdrawn", "InspectionConducted", "LicenceGranted", "ListingDecided", "ListingNoticed", "ListingRemoved",
        "PenaltyImposed", "SubjectRegistered",
    }
)  # fmt: skip
"""Events with a builder of their own."""


@dataclass
class Log:
    """Partition 0 of a log. Each push is admitted at 10:00 Asia/Shanghai of its day, never before an earlier one."""

    events: list[LoggedEvent] = field(default_factory=list)

    def push(self, said: Statement, recorded: str | date | None = None, event_id: str | None = None) -> str:
        """Admit a statement on ``recorded`` (its own day where none is given); the event id."""
        wanted = day(recorded) if recorded is not None else said.value["header"]["occurred_on"]
        at = datetime.combine(wanted, time(10), SHANGHAI).astimezone(UTC)
        if self.events:
            after = self.events[-1].recorded_at + timedelta(milliseconds=1)
            if recorded is not None and after.astimezone(SHANGHAI).date() > wanted:
                raise ValueError(f"the log is already at {after.isoformat()}: recorded time never falls")
            at = max(at, after)
        number = len(self.events)
        event_id = event_id or str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number}"))
        _, value = wire.decode(wire.encode(said.name, said.value))
        self.events.append(LoggedEvent(event_id, said.name, 0, number, at, value))
        return event_id

    def repeat(self, index: int) -> None:
        """The same event once more at the end of the log, as after a crash between writing and remembering."""
        last = self.events[-1]
        again = replace(self.events[index], offset=last.offset + 1, recorded_at=last.recorded_at + timedelta(milliseconds=1))
        self.events.append(again)


def log_of(*said: Statement) -> Log:
    """A log with these statements in this order, each recorded on its own day or as soon as order allows."""
    log = Log()
    for one in said:
        log.push(one)
    return log


def rerecorded(events: list[LoggedEvent], at: datetime) -> list[LoggedEvent]:
    """The same events, ids kept, recorded in the order of the list a millisecond apart from ``at`` (UTC) on."""
    return [replace(event, offset=offset, recorded_at=at + timedelta(milliseconds=offset)) for offset, event in enumerate(events)]
