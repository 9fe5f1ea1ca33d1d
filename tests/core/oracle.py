"""An independent, slow reading of the meaning: every answer for one day, found by walking days.

Written from the definition of the record alone, not from the folds, and with none of their helpers: the default policy
stands here as literals, working days are counted one day at a time, a month is found by walking to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

import chinese_calendar

from schemas.catalogue import BY_NAME
from schemas.logged import LoggedEvent
from schemas.registry import fields_of, header_fields

DAY: Final = timedelta(days=1)
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

# --- the default policy, as literals --------------------------------------------------------------------------------

LISTS_FROM: Final = date(2016, 5, 30)
NOTICE_FROM: Final = date(2020, 12, 18)
_UNRESTRICTED_SERIOUS: Final = (
    "ecommerce-serious",
    "transport-serious",
    "financial-serious",
    "culture-tourism-serious",
    "statistics-serious",
    "construction-serious",
    "overload-transport-serious",
    "intellectual-property-serious",
    "national-defence-serious",
)
LISTS: Final[dict[str, tuple[str, int | None, str | None]]] = {
    **dict.fromkeys(_UNRESTRICTED_SERIOUS, ("serious", 36, None)),
    "judgment-defaulter": ("serious", 36, "法院"),
    "market-regulation-serious": ("serious", 36, "市场监督管理|市场监管"),
    "tax-serious": ("serious", 36, "税务"),
    "wage-arrears": ("serious", 36, "人力资源|人社|社会保障"),
    "work-safety-serious": ("serious", 36, "应急"),
    "customs-serious": ("serious", 36, "海关"),
    "government-procurement": ("serious", 36, "财政"),
    "social-organisation-serious": ("serious", 36, "民政"),
    "watch": ("watch", 12, None),
    "honour-taxpayer-a": ("honour", 12, None),
    "honour-customs-aeo": ("honour", 36, None),
}
"""List id -> (effect, longest term in months, pattern in the name of who may decide, or None)."""

MARKET_REGULATION: Final = re.compile("市场监督管理|市场监管")
GRADES_FROM: Final = date(2019, 7, 9)
SECOND_VERSION: Final = date(2026, 4, 1)
CAPS: Final = {"penalties": 80, "inspections": 20, "commitments": 40}
BASE: Final = 80
SERIOUS_CATEGORIES: Final = {"revoke_licence", "suspend_licence", "order_closure", "stop_business", "ban_from_practice"}
MINOR_CATEGORIES: Final = {"warning", "public_criticism", "fine"}

CANNOT_BE_CORRECTED: Final = {"act_id", "subject_id", "subject_kind", "authority_id", "authority_name", "document_number"}
IDENTIFYING: Final = ("subject_kind", "authority_id", "authority_name", "document_number")
"""What identifies an act beside its subject and kind: a restatement changes nothing there."""
BEGIN_NO_GRADES: Final = {
    "identification", "complaint", "third_party_record", "relation", "education", "objection", "interview", "credit_measure",
    "listing_removal", "inspection_plan", "draw", "report",
}  # fmt: skip
"""Kinds of acts with which grades do not begin."""
GRADE_NAMES: Final = (
    {"A": "优", "B": "良", "C": "中", "D": "差"},
    {"A": "诚信优良", "B": "基本诚信", "C": "失信观察", "D": "严重失信"},
)
"""By version."""
ADDED_BY_PUSH: Final = ("source_id", "source_name", "source_event_id", "submitted_at", "sequence", "imported")


# --- days -----------------------------------------------------------------------------------------------------------


@cache
def add_months(start: date, months: int) -> date:
    """The same day ``months`` later, or that month's last day: by walking there."""
    if months == 0:
        return start
    here, left = start, months
    while left:
        here += DAY
        if here.day == 1:
            left -= 1
    while here.day < start.day and (here + DAY).day != 1:
        here += DAY
    return here


@cache
def working_day(day: date) -> tuple[bool, bool]:
    """Whether a day is a working day, and whether that is only supposed."""
    if 2004 <= day.year <= 2026:
        return chinese_calendar.is_workday(day), False
    return day.weekday() < 5, True


@cache
def due(start: date, working_days: int) -> tuple[date, bool]:
    """The n-th working day after ``start``, and whether any day on the way was only supposed."""
    here, left, provisional = start, working_days, False
    while left:
        here += DAY
        works, supposed = working_day(here)
        provisional = provisional or (works and supposed)
        left -= works
    return here, provisional


def shanghai_date(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


# --- statements -----------------------------------------------------------------------------------------------------


@dataclass
class Said:
    """One event with header and fields in one dictionary."""

    event_id: str
    name: str
    at: datetime
    value: dict[str, Any]

    @property
    def makes(self) -> bool:
        return BY_NAME[self.name].makes_act


@dataclass
class Act:
    """A made act as all corrections leave it."""

    act_id: str
    name: str
    first: Said
    content: dict[str, Any]
    revoked_on: date | None = None
    void: bool = False
    revocation_id: str | None = None
    irregularities: set[str] = field(default_factory=set)
    followups: list[tuple[Said, dict[str, Any]]] = field(default_factory=list)
    """Follow-ups that were said, in recorded order, as corrected."""
    corrections: list[tuple[Said, dict[str, Any]]] = field(default_factory=list)
    """Corrections of the act itself that took effect."""

    @property
    def kind(self) -> str | None:
        return BY_NAME[self.name].kind

    @property
    def occurred_on(self) -> date:
        found: date = self.content["occurred_on"]
        return found

    def dates_of(self, name: str) -> list[date]:
        return [value["occurred_on"] for said, value in self.followups if said.name == name]


def _statements(events: Iterable[LoggedEvent]) -> list[Said]:
    once: dict[str, LoggedEvent] = {}
    for event in sorted(events, key=lambda event: (event.partition, event.offset)):
        once.setdefault(event.event_id, event)
    ordered = sorted(once.values(), key=lambda event: (event.recorded_at, event.partition, event.offset))
    return [
        Said(
            event.event_id,
            event.name,
            event.recorded_at,
            {**event.value["header"], **{k: v for k, v in event.value.items() if k != "header"}},
        )
        for event in ordered
    ]


def _never_said(one: Said, about: Sequence[Said], seen: tuple[str, ...] = ()) -> bool:
    for other in about:
        if (
            other.name == "ActRevoked"
            and other.value["target_event_id"] == one.event_id
            and other.event_id not in seen
            and not _never_said(other, about, (*seen, one.event_id))
        ):
            return True
    return False


def _as_corrected(one: Said, about: Sequence[Said], broken: set[str], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """A statement's value after the corrections that target it; ``broken`` gets the ids of those without effect."""
    value, seen = one.value, (*seen, one.event_id)
    for other in about:
        if other.name == "ActCorrected" and other.value["target_event_id"] == one.event_id and other.event_id not in seen:
            fields = _as_corrected(other, about, broken, seen)["fields"]
            changed = _with_fields(one.name, value, fields, shanghai_date(other.at))
            if changed is None:
                broken.add(other.event_id)
            else:
                value = changed
    return value


def _with_fields(name: str, value: dict[str, Any], fields: Mapping[str, str], admitted: date) -> dict[str, Any] | None:
    """The value with JSON texts put in, or None where that leaves the statement invalid."""
    if CANNOT_BE_CORRECTED & set(fields):
        return None
    schemas = {**header_fields(), **fields_of(name)}
    new = {}
    for key, text in fields.items():
        if key not in schemas:
            return None
        try:
            new[key] = _read(json.loads(text), schemas[key]["type"])
        except (ValueError, TypeError, InvalidOperation):
            return None
    return _changed(name, value, new, admitted)


def _changed(name: str, value: dict[str, Any], new: dict[str, Any], admitted: date) -> dict[str, Any] | None:
    own = BY_NAME[name].own_date
    if own and "occurred_on" in new and own not in new:
        new = {**new, own: new["occurred_on"]}
    if own and own in new and "occurred_on" not in new:
        new = {**new, "occurred_on": new[own]}
    if new.get("occurred_on", value["occurred_on"]) != value["occurred_on"] and new["occurred_on"] > admitted:
        return None
    changed = {**value, **new}
    return changed if _valid(name, changed) else None


def _read(given: Any, avro: Any) -> Any:
    if isinstance(avro, list):
        if given is None and "null" in avro:
            return None
        return _read(given, next(one for one in avro if one != "null"))
    kind, logical = (avro["type"], avro.get("logicalType")) if isinstance(avro, dict) else (avro, None)
    if logical == "date":
        return date.fromisoformat(given)
    if logical == "decimal":
        return _amount(given)
    if kind == "array" and isinstance(given, list):
        return [_read(one, avro["items"]) for one in given]
    if kind == "map" and isinstance(given, dict):
        return {key: _read(one, avro["values"]) for key, one in given.items()}
    wanted = {"string": str, "boolean": bool, "int": int, "long": int}.get(kind)
    if wanted is None or not isinstance(given, wanted) or (wanted is int and isinstance(given, bool)):
        raise ValueError(given)
    return given


def _amount(given: Any) -> Decimal:
    """An amount of at most two decimal places, as the schema holds it."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise TypeError(given)
    found = Decimal(str(given))
    if not found.is_finite() or found != found.quantize(Decimal("0.01")):
        raise ValueError(given)
    return found


def _valid(name: str, value: dict[str, Any]) -> bool:
    for key, schema in {**header_fields(), **fields_of(name)}.items():
        allowed, given = schema.get("values"), value[key]
        if allowed and given is not None and not set(given if isinstance(given, list) else [given]) <= set(allowed):
            return False
        if isinstance(given, Decimal) and given < 0:
            return False
    own = BY_NAME[name].own_date
    if own and value[own] != value["occurred_on"]:
        return False
    if value["jurisdiction"] is not None and not re.fullmatch("[0-9]{6}", value["jurisdiction"]):
        return False
    if value.get("valid_from") and value.get("valid_to") and value["valid_to"] < value["valid_from"]:
        return False
    if name in ("PenaltyImposed", "CommitmentMade"):
        ends = [value["valid_to"], value.get("publicity_until")]
        if any(end is not None and end < value["occurred_on"] for end in ends):
            return False
    if "list" in value:
        if value["list"] not in LISTS or value["occurred_on"] < LISTS_FROM:
            return False
        longest = LISTS[value["list"]][1]
        term = value.get("term_months")
        if term is not None and (term < 1 or (longest is not None and term > longest)):
            return False
    return True


# --- acts -----------------------------------------------------------------------------------------------------------


def acts(events: Iterable[LoggedEvent]) -> dict[str, Act]:
    """Every made act by its id, as all that was recorded leaves it."""
    grouped: dict[str, list[Said]] = {}
    for one in _statements(events):
        grouped.setdefault(one.value["act_id"], []).append(one)
    found = {act_id: _act(act_id, everything) for act_id, everything in grouped.items()}
    return {act_id: act for act_id, act in found.items() if act is not None}


def _act(act_id: str, everything: list[Said]) -> Act | None:
    about = [one for one in everything if not _never_said(one, everything)]
    makings = [one for one in about if one.makes]
    if not makings:
        return None
    first = makings[0]
    act = Act(act_id, first.name, first, first.value)
    broken: set[str] = set()
    untargeted: list[dict[str, Any]] = []
    said_by: dict[str, dict[str, Any]] = {first.value["source_id"]: first.value}
    for one in about:
        if one is first:
            continue
        if one.makes:
            value, source = _as_corrected(one, about, broken), one.value["source_id"]
            if source == first.value["source_id"]:
                _restate(act, one, value, said_by[source], broken)
            said_by[source] = value
        elif one.name == "ActCorrected" and one.value["target_event_id"] in (None, first.event_id):
            value = _as_corrected(one, about, broken)
            changed = _with_fields(act.name, act.content, value["fields"], shanghai_date(one.at))
            if changed is None:
                broken.add(one.event_id)
            else:
                act.content = changed
                act.corrections.append((one, value))
            untargeted += [value] if one.value["target_event_id"] is None else []
        elif not _takes(act.kind, one.name):
            act.irregularities.add("not_applicable")
            _as_corrected(one, about, broken)  # a correction of it can be without effect all the same
        else:
            act.followups.append((one, _as_corrected(one, about, broken)))
            if one.name == "ActRevoked" and one.value["target_event_id"] is None:
                value = act.followups[-1][1]
                act.revoked_on, act.void = value["revoked_on"], value["void_from_start"]
                act.revocation_id = one.event_id
    untargeted += [value for _, value in act.followups if value.get("target_event_id") is None]
    if any(value["occurred_on"] < act.occurred_on for value in untargeted):
        act.irregularities.add("before_act")
    if broken:
        act.irregularities.add("invalid_correction")
    others = [value for source, value in said_by.items() if source != first.value["source_id"]]
    if any(_differs(value, act.content) for value in others):
        act.irregularities.add("conflicting_sources")
    return act


def _restate(act: Act, one: Said, value: dict[str, Any], before: dict[str, Any], broken: set[str]) -> None:
    difference = {key: given for key, given in value.items() if before[key] != given}
    if difference.keys() & set(IDENTIFYING):
        act.irregularities.add("identity_restated")
    difference = {key: given for key, given in difference.items() if key not in (*IDENTIFYING, "imported")}
    changed = _changed(act.name, act.content, difference, shanghai_date(one.at))
    if changed is None:
        broken.add(one.event_id)
    else:
        act.content = changed


def _differs(value: dict[str, Any], content: dict[str, Any]) -> bool:
    return any(value[key] != content[key] for key in content if key not in ADDED_BY_PUSH)


# --- disclosure and duties ------------------------------------------------------------------------------------------


def public_on(act: Act, day: date) -> bool:
    """Disclosed on or before the day, and not withdrawn between that disclosure and the day before it."""
    for shown in act.dates_of("ActDisclosed"):
        if shown <= day:
            here, taken_down = shown, False
            while here < day:
                taken_down = taken_down or here in act.dates_of("DisclosureWithdrawn")
                here += DAY
            if not taken_down:
                return True
    return False


@dataclass(frozen=True)
class Duty:
    """A duty as it stands on one day."""

    act_id: str
    duty: str
    cause_event_id: str
    started_on: date
    due_on: date
    fulfilled_on: date | None
    status: str
    days_overdue: int
    provisional: bool


def duties(made: Mapping[str, Act], day: date) -> set[Duty]:
    """Every duty that began by ``day``, as it stands on that day; a fulfilment after it is not shown."""
    return {duty for act in made.values() for duty in _duties_of(act, day) if duty.started_on <= day}


def _duties_of(act: Act, day: date) -> Iterable[Duty]:
    if act.kind in ("licence", "penalty", "inspection"):
        long = act.kind == "penalty" and MARKET_REGULATION.search(act.content["authority_name"])
        shown = min(act.dates_of("ActDisclosed"), default=None)
        exempt = act.content["disclosure_exempt_basis"] is not None
        unknown = act.content["imported"] and shown is None
        yield _duty(
            act, "disclose", act.first.event_id, act.occurred_on, 20 if long else 7, shown, day, exempt=exempt, unknown=unknown
        )
    if act.kind in ("commitment", "breach") and not act.content["imported"]:
        yield _duty(act, "report", act.first.event_id, act.occurred_on, 7, shanghai_date(act.first.at), day)
    if act.revoked_on and act.revocation_id and public_on(act, act.revoked_on):
        yield _duty(act, "withdraw", act.revocation_id, act.revoked_on, 3, _withdrawal(act, act.revoked_on), day)
    for said, value in act.corrections:
        start = value["occurred_on"]
        if public_on(act, start):
            again = [shown for shown in act.dates_of("ActDisclosed") if shown > start]
            ends = [one for one in (_withdrawal(act, start), *again) if one]
            yield _duty(act, "withdraw", said.event_id, start, 3, min(ends, default=None), day)


def _withdrawal(act: Act, start: date) -> date | None:
    return min((one for one in act.dates_of("DisclosureWithdrawn") if one >= start), default=None)


def _duty(
    act: Act,
    duty: str,
    cause: str,
    start: date,
    limit: int,
    fulfilled: date | None,
    day: date,
    *,
    exempt: bool = False,
    unknown: bool = False,
) -> Duty:
    due_on, provisional = due(start, limit)
    done = fulfilled if fulfilled is not None and fulfilled <= day else None
    revoked = act.revoked_on if duty != "withdraw" else None
    if exempt:
        status = "exempt"
    elif done is not None:
        status = "met" if done <= due_on else "met_late"
    elif revoked is not None and revoked <= day:
        status = "void" if revoked <= due_on else "lapsed"
    elif unknown:
        status = "unknown"
    else:
        status = "pending" if day <= due_on else "overdue"
    late = ((done or day) - due_on).days if status in ("overdue", "met_late", "lapsed") else 0
    return Duty(act.act_id, duty, cause, start, due_on, done, status, late, provisional)


# --- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A listing of the subject."""

    entry_id: str
    list: str
    listed_from: date
    listed_to: date | None
    end_reason: str | None
    irregularities: frozenset[str]


def entries(made: Mapping[str, Act]) -> dict[str, Entry]:
    """Every entry that is not voided, by its id."""
    decisions = [act for act in made.values() if act.kind == "listing" and not act.void]
    return {act.act_id: _entry(act, made, decisions) for act in decisions}


def _entry(act: Act, made: Mapping[str, Act], decisions: list[Act]) -> Entry:
    list_id, start = act.content["list"], act.occurred_on
    term = act.content["term_months"] or LISTS[list_id][1]
    ends: list[tuple[date, str]] = []
    if act.revoked_on:
        ends.append((act.revoked_on, "revoked"))
    if term is not None:
        ends.append((add_months(start, term), "term"))
    but_for_removals = min((end for end, _ in ends), default=None)
    removal = _removal(act, made, but_for_removals)
    if removal:
        ends.append((removal.content["removed_on"], "removed"))
    irregularities = act.irregularities | _irregularities(act, made, decisions)
    if removal:  # it decides the entry's end, and the entry is where its irregular facts can be seen ("never hidden")
        irregularities |= removal.irregularities
    end, why = min(ends, key=lambda one: (one[0], ["removed", "revoked", "term"].index(one[1])), default=(None, None))
    if end is not None and end < start:
        irregularities.add("ends_before_start")
        end = start
    return Entry(act.act_id, list_id, start, end, why, frozenset(irregularities))


def _removal(act: Act, made: Mapping[str, Act], but_for_removals: date | None) -> Act | None:
    """The later recorded of the removals that name the entry, or its list while it is open but for removals."""
    removals = [one for one in made.values() if one.kind == "listing_removal" and one.revoked_on is None]
    found = None
    for one in sorted(removals, key=lambda one: one.first.at):
        on = one.content["removed_on"]
        if one.content["entry_act_id"] is not None:
            hits = one.content["entry_act_id"] == act.act_id
        else:
            open_then = act.occurred_on <= on and (but_for_removals is None or on < but_for_removals)
            hits = one.content["list"] == act.content["list"] and open_then
        if hits:
            found = one
    return found


def _irregularities(act: Act, made: Mapping[str, Act], decisions: list[Act]) -> set[str]:
    found: set[str] = set()
    list_id, start = act.content["list"], act.occurred_on
    effect, _, who = LISTS[list_id]
    if effect in ("serious", "watch") and start >= NOTICE_FROM:
        before = [one.occurred_on for one in decisions if one.content["list"] == list_id and one.occurred_on < start]
        notices = [
            one.occurred_on
            for one in made.values()
            if one.kind == "listing_notice"
            and one.content["list"] == list_id
            and not one.void
            and (one.revoked_on is None or start < one.revoked_on)
        ]
        if not any(on < start and all(on > earlier for earlier in before) for on in notices):
            found.add("no_prior_notice")
    basis = [made[one] for one in act.content["basis_act_ids"] if one in made]
    if not basis:
        found |= {"no_known_basis"} if effect in ("serious", "watch") else set()
    elif all(one.void for one in basis):
        found.add("basis_void")
    if who is not None and not re.search(who, act.content["authority_name"]):
        found.add("not_competent")
    return found


def listed(shown: Mapping[str, Entry], day: date, effect: str) -> bool:
    """Whether an entry on a list of this effect is open on the day."""
    return any(
        LISTS[one.list][0] == effect and one.listed_from <= day and (one.listed_to is None or day < one.listed_to)
        for one in shown.values()
    )


# --- grades ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grade:
    """Score and grade on one day, with the contributions live on it (event id, points, from, to)."""

    score: Fraction
    grade: str
    name: str
    ceiling: str | None
    version: str
    reasons: frozenset[tuple[str, Fraction, date, date]]


REPAIRED = "penalty breach listing judgment_defaulter market_ban"
TAKEN_BY = {
    "ActPerformed": "penalty compulsory_measure levy judgment_defaulter rectification government_default arrears contract "
    "commitment",
    "SuperiorNotified": "penalty breach listing government_default",
    "CommitmentFulfilled": "commitment",
    "DeclarationVerified": "declaration",
    "DeclarationRefuted": "declaration",
    "ComplaintHandled": "complaint",
    "ContractStageReached": "contract",
    "MeasureReported": "credit_measure",
    "ObjectionDecided": "objection",
    "ExplanationSubmitted": "government_default",
    **dict.fromkeys(("RepairNotified", "RepairApplied", "RepairStepDone", "RepairDecided"), REPAIRED),
}


def _takes(kind: str, follow_up: str) -> bool:
    if follow_up == "ActEnded":
        return kind not in ("listing", "judgment_defaulter")
    return kind in TAKEN_BY.get(follow_up, kind).split()


AREAS = (
    ("食品", "food"), ("药品|疫苗", "drug"), ("特种设备", "special_equipment"), ("消防", "fire"), ("安全生产", "work_safety"),
    ("环境保护|污染", "environment"), ("工程质量|建设工程", "construction_quality"), ("强制性产品认证", "certification"),
)  # fmt: skip
SPECIAL_AREAS = {"food", "drug", "environment", "construction_quality", "work_safety", "fire", "certification"}


def _area(content: Mapping[str, Any]) -> str | None:
    if content["area"] is not None:
        stated: str = content["area"]
        return stated
    for words, area in AREAS:
        for text in (content["violation_type"], content["penalty_basis"]):
            if text and any(word in text for word in words.split("|")):
                return area
    return None


def severity(content: Mapping[str, Any]) -> str:
    """Severity of a penalty: as stated, else by what it imposes."""
    categories, fine = set(content["penalty_categories"]), content["fine_amount"]
    if categories == {"no_penalty"} and not fine and not content["confiscated_amount"] and not content["licence_affected"]:
        return "none"
    if content["severity"] is not None:
        stated: str = content["severity"]
        return stated
    in_force = date(2019, 7, 1) <= content["occurred_on"] <= date(2023, 4, 30)
    if in_force and categories & {"stop_business", "revoke_licence"} and _area(content) in SPECIAL_AREAS:
        return "special"
    if categories & SERIOUS_CATEGORIES or content["licence_affected"] or (fine is not None and fine >= 1_000_000):
        return "serious"
    person = content["subject_kind"] == "natural_person" or content["subject_id"].startswith("person:")
    small = 1_000 if person else 10_000
    imposed = bool(categories) or bool(fine)
    fine_is_small = fine < small if fine is not None else "fine" not in categories
    only_small = categories <= MINOR_CATEGORIES and not content["confiscated_amount"] and fine_is_small
    return "minor" if imposed and only_small else "general"


def _steps(act: Act, second: bool) -> Iterable[tuple[str, str, date, int, int, int]]:
    """(group, event id, counted from, points, after months, until months)."""
    made, on, content = act.first.event_id, act.occurred_on, act.content
    if act.kind == "penalty":
        match severity(content):
            case "minor":
                yield "penalties", made, on, -3, 0, 3 if second else 12
            case "serious" | "special":
                yield "penalties", made, on, -30, 0, 36
            case "general":
                yield "penalties", made, on, -10, 0, 12
                if not second:
                    yield "penalties", made, on, -5, 12, 36
    if act.kind == "inspection" and content["result"] in ("failed", "failed_corrected"):
        yield "inspections", made, on, -6 if content["result"] == "failed" else -2, 0, 12
    if act.kind == "breach":
        yield "commitments", made, on, -20 if content["kind"] == "false" else -10, 0, 36
    done = [(said, value) for said, value in act.followups if said.name == "CommitmentFulfilled"]
    if act.kind == "commitment" and done:
        said, value = min(done, key=lambda one: (one[1]["occurred_on"], one[0].event_id))
        yield "commitments", said.event_id, value["occurred_on"], 2, 0, 24


def _natural_person(made: Iterable[Act]) -> bool:
    """An id ``person:`` is a person's always; of another id the stated kind counts only where the id does not tell."""
    latest = sorted(made, key=lambda act: (act.occurred_on, act.act_id))
    subject_id: str = latest[0].content["subject_id"]
    if subject_id.startswith("person:"):
        return True
    stated = [act.content["subject_kind"] for act in latest if act.content["subject_kind"] != "unknown"]
    return ":" in subject_id and bool(stated) and stated[-1] == "natural_person"


def grade(made: Mapping[str, Act], shown: Mapping[str, Entry], day: date) -> Grade | None:
    """The grade on one day; None before grades begin."""
    begins = [act.occurred_on for act in made.values() if not act.void and act.kind not in BEGIN_NO_GRADES]
    if not begins or day < GRADES_FROM or day < min(begins) or _natural_person(made.values()):
        return None
    live: dict[str, list[Fraction]] = {}
    reasons = set()
    for act in made.values():
        if act.void or day < act.occurred_on or (act.revoked_on is not None and day >= act.revoked_on):
            continue
        for group, event_id, on, points, after, until in _steps(act, day >= SECOND_VERSION):
            begins, ends = add_months(on, after), add_months(on, until)
            if begins <= day < ends:
                live.setdefault(group, []).append(Fraction(points))
                clipped = min(ends, act.revoked_on) if act.revoked_on else ends
                reasons.add((event_id, Fraction(points), begins, clipped))
    score = Fraction(BASE)
    for group, given in live.items():
        total, cap = sum(given, Fraction(0)), Fraction(CAPS[group])
        score += max(-cap, min(cap, total))
    score = max(Fraction(0), min(Fraction(100), score))
    named = "A" if score >= 90 else "B" if score >= 70 else "C" if score >= 50 else "D"
    ceiling = None
    if listed(shown, day, "watch"):
        named, ceiling = max(named, "C"), "watch"
    if listed(shown, day, "serious"):
        named, ceiling = "D", "serious"
    second = day >= SECOND_VERSION
    return Grade(score, named, GRADE_NAMES[second][named], ceiling, "2026-04-01" if second else "2019-07-09", frozenset(reasons))
