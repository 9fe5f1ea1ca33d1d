"""Where two readings of the same events differ, and the days on which to ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from schemas.logged import LoggedEvent
from tests.core import oracle
from tests.core.meaning import Meaning, OracleMeaning
from tests.core.strategies import History

EFFECTS = ("serious", "watch", "honour")


def probe_days(events: Sequence[LoggedEvent]) -> list[date]:
    """Every day on which something may change, with its neighbours."""
    reading = OracleMeaning(events)
    days = {date(2019, 7, 9), date(2026, 4, 1), date(2027, 6, 1)}
    for act in reading.acts().values():
        own = {act.content["occurred_on"], *({act.revoked_on} if act.revoked_on else ())}
        days |= own | {oracle.add_months(day, months) for day in own for months in (3, 12, 24, 36)}
    for event in events:
        days |= {event.header["occurred_on"], oracle.shanghai_date(event.recorded_at)}
    for duty in reading.duties(date(2100, 1, 1)):
        days |= {duty.started_on, duty.due_on, *([duty.fulfilled_on] if duty.fulfilled_on else [])}
    for entry in reading.entries().values():
        days |= {entry.listed_from, *([entry.listed_to] if entry.listed_to else [])}
    one = timedelta(days=1)
    return sorted({day + step for day in days for step in (-one, timedelta(), one)})


def differences(left: Meaning, right: Meaning, days: Sequence[date]) -> Iterator[str]:
    """What the two say differently, in words."""
    ours, theirs = left.acts(), right.acts()
    for act_id in ours.keys() | theirs.keys():
        yield from _differs(f"act {act_id}", ours.get(act_id), theirs.get(act_id))
    shown, others = left.entries(), right.entries()
    for entry_id in shown.keys() | others.keys():
        yield from _differs(f"entry {entry_id}", shown.get(entry_id), others.get(entry_id))
    for day in days:
        mine, yours = left.duties(day), right.duties(day)
        if mine != yours:
            yield f"duties on {day}: {mine - yours} is not {yours - mine}"
        for effect in EFFECTS:
            yield from _differs(f"{effect} on {day}", left.listed(day, effect), right.listed(day, effect))
        yield from _differs(f"grade on {day}", left.grade(day), right.grade(day))


def _differs(what: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{what}: {one} is not {other}"


def smallest(history: History, fails: Callable[[History], bool]) -> History:
    """The history with every statement left out that is not needed for ``fails``."""
    for index in range(len(history.said)):
        less = replace(history, said=history.said[:index] + history.said[index + 1 :])
        if less.said and fails(less):
            return smallest(less, fails)
    return history
