"""Status and days of a duty in SQL against a plain reading of section 6 of the semantics, over a grid of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

import pytest
from clickhouse_connect.driver.client import Client

from connectors.clickhouse.store import Store

STARTED = date(2018, 6, 1)
DUE = STARTED + timedelta(days=4)
OFFSETS = (None, -1, 0, 3, 4, 5, 8)  # days from the start: before it, at it, at and after the due day
DAYS = tuple(STARTED + timedelta(days=number) for number in range(-1, 11))


@dataclass(frozen=True)
class Duty:
    fulfilled_on: date | None
    revoked_on: date | None
    exempt: bool
    unknown: bool


def day(offset: int | None) -> date | None:
    return None if offset is None else STARTED + timedelta(days=offset)


DUTIES = {
    f"{number:03}": Duty(day(fulfilled), day(revoked), exempt, unknown)
    for number, (fulfilled, revoked, exempt, unknown) in enumerate(product(OFFSETS, OFFSETS, (False, True), (False, True)))
}


def status(duty: Duty, on: date) -> str | None:
    if on < STARTED:
        return None
    if duty.exempt:
        return "exempt"
    if duty.fulfilled_on is not None and duty.fulfilled_on <= on:
        return "met" if duty.fulfilled_on <= DUE else "met_late"
    if duty.revoked_on is not None and duty.revoked_on <= on:
        return "void" if duty.revoked_on <= DUE else "lapsed"
    if duty.unknown:
        return "unknown"
    return "pending" if on <= DUE else "overdue"


def shown(duty: Duty, on: date) -> tuple[str, date | None, int] | None:
    found = status(duty, on)
    if found is None:
        return None
    done = duty.fulfilled_on if duty.fulfilled_on is not None and duty.fulfilled_on <= on else None
    late = ((done or on) - DUE).days if found in {"overdue", "met_late", "lapsed"} else 0
    return found, done, late


COLUMNS = (
    "subject_id",
    "act_id",
    "version",
    "made",
    "duties.duty",
    "duties.started_on",
    "duties.due_on",
    "duties.fulfilled_on",
    "duties.ended_on",
    "duties.exempt",
    "duties.unknown",
)


@pytest.fixture
def filled(engine: Client, database: str) -> str:
    rows = [
        ("a", act_id, 1, True, ["disclose"], [STARTED], [DUE], [one.fulfilled_on], [one.revoked_on], [one.exempt], [one.unknown])
        for act_id, one in DUTIES.items()
    ]
    Store(engine, database).projections(1).write_rows("act_rows", COLUMNS, rows)
    return database


def test_every_status_on_every_day(engine: Client, filled: str) -> None:
    seen = set()
    for on in DAYS:
        rows = engine.query(
            f"SELECT act_id, status, fulfilled_on, days_overdue, due_on FROM {filled}.disclosures_as_of(d = '{on}')"
        ).result_rows
        expected = {act: answer for act, duty in DUTIES.items() if (answer := shown(duty, on)) is not None}
        assert {act: tuple(answer) for act, *answer, _ in rows} == expected, on
        assert {due for *_, due in rows} <= {DUE}
        overdue = engine.query(f"SELECT act_id FROM {filled}.overdue_disclosures_as_of(d = '{on}')").result_rows
        assert {act for (act,) in overdue} == {act for act, answer in expected.items() if answer[0] == "overdue"}
        seen |= {answer[0] for answer in expected.values()}
    assert seen == {"exempt", "met", "met_late", "void", "lapsed", "unknown", "pending", "overdue"}


def test_the_plain_view_is_the_twin_of_today_in_shanghai(engine: Client, filled: str) -> None:
    today = engine.query("SELECT toString(toDate32(now('Asia/Shanghai')))").result_rows[0][0]
    query = "SELECT * FROM {} ORDER BY act_id"
    plain = engine.query(query.format(f"{filled}.disclosures")).result_rows
    assert plain == engine.query(query.format(f"{filled}.disclosures_as_of(d = '{today}')")).result_rows
    definitions = engine.query(
        f"SELECT name, create_table_query FROM system.tables WHERE database = '{filled}' AND engine = 'View'"
    ).result_rows
    for name, text in definitions:
        assert "today(" not in text
        assert ("now('Asia/Shanghai')" in text) == (not name.endswith("_as_of") and name != "rejections"), name


def test_only_the_disclose_duty_is_an_overdue_disclosure(engine: Client, database: str) -> None:
    row = ("a", "1", 1, True, ["report", "disclose"], [STARTED] * 2, [DUE] * 2, [None] * 2, [None] * 2, [False] * 2, [False] * 2)
    Store(engine, database).projections(1).write_rows("act_rows", COLUMNS, [row])
    assert engine.query(f"SELECT duty FROM {database}.overdue_disclosures").result_rows == [("disclose",)]
