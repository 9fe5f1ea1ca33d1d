"""Small histories of one subject that meet the awkward places often: few acts, few days around boundaries, two sources,
late and repeated statements, corrections of everything that can be corrected."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from schemas.catalogue import BY_NAME
from schemas.logged import LoggedEvent
from tests.core import builders as make
from tests.core.builders import COURT, CREDIT_OFFICE, MARKET, SHANGHAI, SPORT, Log, Statement

SERIOUS: Final = "market-regulation-serious"
WATCH: Final = "watch"
HONOUR: Final = "honour-taxpayer-a"

BASES: Final = tuple(
    map(
        date.fromisoformat,
        (
            "2017-01-31",
            "2019-07-09",
            "2019-12-31",
            "2020-01-23",
            "2020-02-29",
            "2020-12-18",
            "2021-02-10",
            "2023-03-31",
            "2024-02-29",
            "2025-01-31",
            "2025-04-01",
            "2026-01-01",
            "2026-04-01",
            "2026-12-28",
        ),
    )
)
OFFSETS: Final = (-1, 0, 0, 1, 2, 3, 7, 9, 10, 28, 31, 90, 365, 366, 731)
LAGS: Final = (0, 0, 0, 1, 8, 12, 40)


@dataclass(frozen=True)
class History:
    """Statements in the order of their recording with their event ids and lags (days between occurring and recording)."""

    said: tuple[tuple[Statement, str, int], ...]
    repeats: tuple[int, ...] = ()

    def log(self) -> list[LoggedEvent]:
        log = Log()
        for statement, event_id, lag in self.said:
            wanted = statement.value["header"]["occurred_on"] + timedelta(days=lag)
            if log.events:
                wanted = max(wanted, log.events[-1].recorded_at.astimezone(SHANGHAI).date())
            log.push(statement, wanted, event_id)
        for index in self.repeats:
            log.repeat(index % len(self.said))
        return log.events

    def log_of_one_day(self) -> list[LoggedEvent]:
        """All recorded on one day in the same order, so that admission days tell nothing apart."""
        last = max(statement.value["header"]["occurred_on"] for statement, _, _ in self.said)
        at = datetime.combine(max(last, date(2027, 6, 1)), time(2), UTC)
        return make.rerecorded(self.log(), at)


def _makings(days: Callable[[], date], pick: Callable[[Any], Any]) -> dict[str, Callable[[], Statement]]:
    def money() -> Any:
        return pick([None, *map(Decimal, ("500.00", "1000.00", "9999.99", "10000.00", "999999.99", "1000000.00"))])

    def fine(by: tuple[str, str], number: int) -> Statement:
        return make.penalty(
            days(),
            number,
            by=by,
            fine_amount=money(),
            severity=pick([None, None, None, "minor", "general", "serious", "special"]),
            penalty_categories=pick(
                [[], ["fine"], ["warning"], ["fine", "warning"], ["revoke_licence"], ["other"], ["no_penalty"], ["stop_business"]]
            ),
            area=pick([None, None, "food", "special_equipment"]),
            violation_type=pick([None, None, "食品安全", "建设工程消防", "特种设备"]),
            confiscated_amount=pick([None, None, Decimal("1.00")]),
            imported=pick([False, False, True]),
            disclosure_exempt_basis=pick([None, None, None, "国家秘密"]),
            remark=pick([None, "甲", "乙"]),
        )

    def basis() -> Any:
        return pick([[], [fine(MARKET, 1).act_id], [fine(MARKET, 1).act_id, fine(SPORT, 2).act_id], ["penalty/x/y"]])

    def put(list_id: str, number: int, by: tuple[str, str] = MARKET) -> Statement:
        return make.listing(
            days(),
            list_id,
            number,
            by=by,
            term_months=pick([None, None, 1, 3, 12]),
            basis_act_ids=basis(),
            reason=pick([None, "甲"]),
        )

    def off(number: int, entry: Statement | None) -> Statement:
        return make.removal(days(), pick([SERIOUS, SERIOUS, WATCH]) if entry is None else SERIOUS, number, entry, by=MARKET)

    return {
        "p1": lambda: fine(MARKET, 1),
        "p2": lambda: fine(SPORT, 2),
        "x1": lambda: make.licence(
            days(),
            1,
            valid_from=pick([None, date(2020, 5, 1)]),
            valid_to=pick([None, date(2020, 6, 1)]),
            imported=pick([False, False, True]),
        ),
        "i1": lambda: make.inspection(days(), 1, result=pick(["passed", "failed", "failed_corrected", None])),
        "c1": lambda: make.commitment(days(), 1, imported=pick([False, False, True])),
        "b1": lambda: make.breached(days(), 1, kind=pick(["breach", "false"])),
        "r1": lambda: make.registered(days(), 1),
        "n1": lambda: make.noticed(days(), SERIOUS, 1, by=MARKET),
        "e1": lambda: put(SERIOUS, 1),
        "e2": lambda: put(SERIOUS, 2),
        "e3": lambda: put(WATCH, 3),
        "e4": lambda: put(HONOUR, 4),
        "e5": lambda: put(SERIOUS, 5, COURT),
        "o1": lambda: off(1, None),
        "o2": lambda: off(2, None),
        "o3": lambda: off(3, make.listing("2020-01-01", SERIOUS, 1, by=MARKET)),
        "o4": lambda: off(4, make.listing("2020-01-01", SERIOUS, 2, by=MARKET)),
    }


def _fields(name: str, days: Callable[[], date], pick: Callable[[Any], Any]) -> dict[str, str]:
    """Fields of a correction as JSON text: now and then ones that cannot be."""
    on = f'"{days().isoformat()}"'
    choices: list[dict[str, str]] = [
        {"occurred_on": on},
        {"occurred_on": '"2099-01-01"'},
        {"occurred_on": '"2020-02-30"'},
        {"subject_id": f'"{make.OTHER_SUBJECT}"'},
        {"no_such_field": '"1"'},
    ]
    own = BY_NAME[name].own_date
    if own:
        choices += [{own: on}, {own: on, "occurred_on": '"2018-01-01"'}, {own: "null"}]
    match name:
        case "PenaltyImposed":
            choices += [
                {"valid_to": on},
                {"publicity_until": on},
                {"authority_name": '"某县市场监管局"'},
                {"jurisdiction": '"37"'},
                {"subject_kind": '"natural_person"'},
                {"imported": "true"},
                {"fine_amount": '"1.005"'},
                {"licence_affected": '"食品经营许可证"'},
                {"imported": "false"},
            ]
            choices += [
                {"fine_amount": '"120.00"'},
                {"fine_amount": '"2000000.00"'},
                {"fine_amount": '"-1.00"'},
                {"severity": '"serious"'},
                {"severity": "null"},
                {"severity": '"grave"'},
                {"fine_amount": "null"},
                {"disclosure_exempt_basis": '"国家秘密"'},
                {"penalty_categories": '["warning"]'},
                {"document_number": '"另〔2020〕1号"'},
                {"occurred_on": on, "severity": '"general"'},
            ]
        case "LicenceGranted":
            choices += [{"valid_from": '"2020-06-15"'}, {"valid_to": '"2020-04-15"'}, {"valid_to": "null"}]
        case "InspectionConducted":
            choices += [{"result": '"failed"'}, {"result": '"passed"'}]
        case "ListingDecided":
            choices += [
                {"term_months": "1"},
                {"term_months": "37"},
                {"term_months": "0"},
                {"term_months": "null"},
                {"list": f'"{WATCH}"'},
                {"list": '"none-such"'},
                {"basis_act_ids": "[]"},
                {"term_months": "13"},
            ]
        case "ListingRemoved":
            choices += [{"entry_act_id": "null"}, {"list": f'"{WATCH}"'}]
        case "ActRevoked":
            choices += [{"void_from_start": "true"}, {"void_from_start": "false"}]
        case "ActCorrected":
            choices += [{"fields": '{"remark": "\\"丙\\""}'}, {"fields": '{"occurred_on": "\\"2020-03-03\\""}'}]
        case _:
            choices += [{"remark": '"丙"'}]
    return pick(choices)  # type: ignore[no-any-return]


def histories(largest: int = 12) -> st.SearchStrategy[History]:
    """Histories of 3 to ``largest`` events of one subject."""
    dice = st.randoms(use_true_random=False, note_method_calls=False)
    return st.builds(history_from, dice, st.integers(min_value=3, max_value=largest))


def history_from(dice: random.Random, size: int) -> History:
    """One history, decided by the dice."""
    pick: Callable[[Any], Any] = dice.choice
    bases = dice.sample(BASES, dice.choice([1, 2]))

    def days() -> date:
        found: date = pick(bases) + timedelta(days=pick(OFFSETS))
        return found

    makings = _makings(days, pick)
    cast = dice.sample(sorted(makings), dice.choice([1, 2, 2, 3, 4]))
    if dice.random() < 0.3:
        cast = [*dice.sample(["e1", "e2", "e3", "n1"], 2), *dice.sample(["o1", "o2", "o3", "o4"], 1), "p1"]
    said: list[tuple[Statement, str, int]] = []
    for _ in range(size):
        key = pick(cast)
        act = makings[key]()
        event_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{dice.randrange(1000)}/{len(said)}"))
        said.append((_statement(act, said, days, pick, dice), event_id, pick(LAGS)))
    if dice.random() < 0.3:
        dice.shuffle(said)
    if dice.random() < 0.15:
        said = [(one.but(subject_id=make.PERSON, subject_kind="natural_person"), event_id, lag) for one, event_id, lag in said]
    repeats = tuple(dice.randrange(size) for _ in range(pick([0, 0, 0, 1, 2])))
    return History(tuple(said), repeats)


def _statement(
    act: Statement,
    said: list[tuple[Statement, str, int]],
    days: Callable[[], date],
    pick: Callable[[Any], Any],
    dice: random.Random,
) -> Statement:
    makings = [one for one, _, _ in said if one.act_id == act.act_id and BY_NAME[one.name].makes_act]
    roll = dice.random()
    if not makings and roll < 0.85:
        return act
    makings_too = dice.random() < 0.2
    others = [
        (one, event_id)
        for one, event_id, _ in said
        if one.act_id == act.act_id and (makings_too or not BY_NAME[one.name].makes_act)
    ]
    if roll < 0.15 or (roll < 0.2 and makings):
        return _again(act, makings, pick)
    if roll < 0.4:
        return make.disclosed(act, days())
    if roll < 0.5:
        return make.withdrawn(act, days())
    if roll < 0.6 and (act.name == "CommitmentMade" or dice.random() < 0.3):
        return make.fulfilled(act, days())
    if roll < 0.75:
        if others and dice.random() < 0.4:
            target, event_id = pick(others)
            return make.corrected(act, days(), _fields(target.name, days, pick), target=event_id)
        return make.corrected(act, days(), _fields(act.name, days, pick))
    if others and dice.random() < 0.5:
        return make.revoked(act, days(), target=pick(others)[1])
    return make.revoked(act, days(), void=dice.random() < 0.35)


_IDENTIFYING: Final[tuple[dict[str, Any], ...]] = (
    {"authority_name": "某县市场监管局"},
    {"subject_kind": "natural_person"},
    {"document_number": "另〔2020〕1号"},
    {"imported": True},
    {"imported": False},
)
"""What a restatement may not change."""


def _again(act: Statement, makings: list[Statement], pick: Callable[[Any], Any]) -> Statement:
    """The act stated again: by the same or another source, anew, the same, or with one field changed."""
    base = pick([act, pick(makings)]) if makings else act
    if BY_NAME[act.name].own_date is None and pick([True, False]):
        base = base.but(remark=pick([None, "甲", "丁"]))
    base = base.but(**pick([{}, {}, {}, *_IDENTIFYING]))
    if pick([True, False, False]):
        return base.but(source_id=CREDIT_OFFICE[0], source_name=CREDIT_OFFICE[1])
    return base
